"""Members from a CSV file: what is read, which lines are followed, and the way through the blade."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from blades import sheets
from blades.models import Draft
from directory import member_import
from directory.member_import import Line
from directory.models import Group
from tests.factories import DirectoryUserFactory, GroupFactory, TenantFactory

TEMPLATE = "version:v1.0\nMember object ID or user principal name [memberObjectIdOrUpn] Required\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a@x.example\nb@x.example", [(1, "a@x.example"), (2, "b@x.example")]),
        ("\ufeffa@x.example\r\n\r\nb@x.example\r\n", [(1, "a@x.example"), (3, "b@x.example")]),
        (TEMPLATE + "a@x.example\n", [(3, "a@x.example")]),
        (TEMPLATE + "Example: 9832aad8-e4fe-496b-a604-95c6ef01ae75\na@x.example\n", [(4, "a@x.example")]),
        ("Name,User principal name\nAda,a@x.example\nBo,b@x.example\n", [(2, "a@x.example"), (3, "b@x.example")]),
        ("upn;Name\na@x.example;Ada\n", [(2, "a@x.example")]),
        ("UPN\tName\na@x.example\tAda\n", [(2, "a@x.example")]),
        ('"a@x.example" , Ada\n', [(1, "a@x.example")]),
        ("Name,UPN\nAda\n", [(2, "")]),
        ("a@x.example\nUPN\n", [(1, "a@x.example"), (2, "UPN")]),
        ("a@x.example\r\nb@x.example\r\n", [(1, "a@x.example"), (2, "b@x.example")]),
        ("a@x.example\rb@x.example", [(1, "a@x.example"), (2, "b@x.example")]),
        ('a@x.example\n\n"b@x.example\nc@x.example\n', [(1, "a@x.example"), (3, "b@x.example\nc@x.example")]),
    ],
)
def test_list_is_read_with_and_without_heading(text, lines):
    assert member_import.read(text) == [Line(*line) for line in lines]


def test_line_that_is_too_long_is_refused_with_its_number():
    with pytest.raises(ValidationError, match="Line 3 cannot be read: it is too long"):
        member_import.read("a@x.example\n\n" + "x" * 200_000)


@pytest.mark.parametrize("text", ["", " \n\n", "UPN\n", TEMPLATE])
def test_list_without_lines_is_refused(text):
    with pytest.raises(ValidationError, match="paste at least one line"):
        member_import.read(text)


def test_list_of_the_largest_size_is_read_and_one_line_more_is_refused():
    most = "\n".join(f"u{n}@x.example" for n in range(member_import.MOST_LINES))

    assert len(member_import.read(most)) == 20_000
    with pytest.raises(ValidationError, match="more than 20,000 lines"):
        member_import.read(most + "\none@x.example")


def test_file_that_is_no_text_is_refused():
    for content in (b"\xff\xfe\x00", b"a\x00b"):
        with pytest.raises(ValidationError, match="not text in UTF-8"):
            sheets.decode(content)
    with pytest.raises(ValidationError, match="larger than 2 MB"):
        sheets.decode(b"a" * 2_000_001)


@pytest.fixture
def ada(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Ada Lind", upn="ada@kestrel.example")


@pytest.fixture
def bo(tenant):
    return DirectoryUserFactory(tenant=tenant, display_name="Bo Berg", upn="bo@kestrel.example")


@pytest.fixture
def desk(tenant, bo):
    return GroupFactory(tenant=tenant, display_name="Front desk", members=[bo])


def test_each_line_is_followed_or_left_out_with_its_reason(tenant, desk, ada, bo):
    foreign = DirectoryUserFactory(tenant=TenantFactory(), upn="far@contoso.example")
    values = [
        "ADA@kestrel.example",
        str(ada.pk),
        "bo@kestrel.example",
        "nobody@kestrel.example",
        "far@contoso.example",
        str(foreign.pk),
        "Ada Lind",
        "",
    ]

    judged = member_import.judge(desk, [Line(n, value) for n, value in enumerate(values, start=1)])

    assert judged.users == [ada]
    assert [(problem.number, problem.reason) for problem in judged.problems] == [
        (2, "Duplicate: the user stands in line 1 already."),
        (3, "The user is a member already."),
        (4, "No user of this directory has this user name."),
        (5, "The user name belongs to another directory: this one is kestrel.example."),
        (6, "No user of this directory has this object ID."),
        (7, "Malformed: enter a user principal name or an object ID."),
        (8, "The line names nobody."),
    ]


# The blade


@pytest.fixture
def start(tenant, desk):
    return reverse("directory:group-import", args=[tenant.slug, desk.pk])


def test_pasted_lines_are_previewed_and_then_imported(portal, start, desk, ada):
    preview = portal.post(
        start, {"text": "ada@kestrel.example\nghost@kestrel.example\nbo@kestrel.example"}, follow=True
    )
    address = preview.redirect_chain[-1][0]
    before = desk.memberships.count()
    done = portal.post(address, follow=True)

    page = preview.content.decode()
    assert "1 user will be added to &#x27;Front desk&#x27;." in page
    assert "2 lines are left out." in page
    rows = BeautifulSoup(page, "html.parser").select(".grid tbody tr")
    assert [row.select("td")[0].get_text() for row in rows] == ["2", "3"]
    assert (before, desk.memberships.count()) == (1, 2)
    assert "1 member added to &#x27;Front desk&#x27;." in done.content.decode()


def test_uploaded_file_is_read(portal, start, ada):
    upload = SimpleUploadedFile("members.csv", (TEMPLATE + "ada@kestrel.example\n").encode("utf-8-sig"))

    preview = portal.post(start, {"file": upload}, follow=True)

    assert "1 user will be added" in preview.content.decode()


def test_second_click_on_import_adds_nobody_twice(portal, start, desk, ada):
    address = portal.post(start, {"text": "ada@kestrel.example"}).url

    portal.post(address)
    again = portal.post(address)

    assert again.status_code == 302
    assert desk.memberships.count() == 2
    assert Draft.objects.get().answers == {}


def test_preview_follows_what_has_changed_since(portal, start, desk, ada, tenant):
    address = portal.post(start, {"text": "ada@kestrel.example"}).url
    desk.memberships.create(tenant=tenant, user=ada)

    page = portal.get(address).content.decode()
    response = portal.post(address)

    assert "No line names a user who can be added." in page
    assert "The user is a member already." in page
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Select a file, or paste at least one line."),
        ({"text": "UPN"}, "Select a file, or paste at least one line."),
        ({"text": 'a@x.example\n"never closed'}, "No line names"),
        ({"text": 'a@x.example\n"never closed\nb@x.example'}, "A quotation mark in the line is not closed."),
        ({"file": SimpleUploadedFile("empty.csv", b"")}, "The file names nobody: it is empty"),
        ({"file": SimpleUploadedFile("heading.csv", b"\xef\xbb\xbfUPN\r\n")}, "The file names nobody: it is empty"),
    ],
)
def test_nothing_to_import_is_said_in_a_sentence(portal, start, data, sentence):
    response = portal.post(start, data, follow=True)

    assert sentence in response.content.decode()


def test_file_that_is_no_text_is_refused_beside_the_file(portal, start):
    response = portal.post(start, {"file": SimpleUploadedFile("members.xlsx", b"PK\x03\x04\xff\xfe")})

    assert response.status_code == 422
    assert "The file is not text in UTF-8." in response.content.decode()


def test_list_that_is_too_long_is_refused_in_one_sentence(portal, start):
    response = portal.post(start, {"text": "\n".join(f"u{n}@kestrel.example" for n in range(20_001))})

    assert response.status_code == 422
    assert "The list has more than 20,000 lines." in response.content.decode()


def test_many_bad_lines_come_in_pages(portal, start):
    address = portal.post(start, {"text": "\n".join(f"ghost{n}@kestrel.example" for n in range(250))}).url

    last = portal.get(f"{address}?page=3").content.decode()
    beyond = portal.get(f"{address}?page=99").content.decode()

    assert "Showing 201 to 250 of 250 lines" in last
    assert "Showing 201 to 250 of 250 lines" in beyond


def test_import_of_one_group_is_not_that_of_another(portal, start, tenant, ada):
    other = GroupFactory(tenant=tenant)
    draft = portal.post(start, {"text": "ada@kestrel.example"}).url.rstrip("/").rpartition("/")[2]

    response = portal.post(reverse("directory:group-import-review", args=[tenant.slug, other.pk, draft]))

    assert response.status_code == 404


def test_dynamic_group_imports_nobody(portal, tenant, ada):
    group = GroupFactory(tenant=tenant, kind=Group.Kind.DYNAMIC, rule="x")
    address = reverse("directory:group-import", args=[tenant.slug, group.pk])

    response = portal.post(address, {"text": "ada@kestrel.example"})

    assert response.status_code == 422
    assert "The members follow from the membership rule." in response.content.decode()
