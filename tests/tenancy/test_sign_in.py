"""The door: sign-in, sign-out, password, lockout, expiry, and the choice of a directory."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import MembershipFactory, OperatorFactory, TenantFactory

PASSWORD = "correct horse battery"
SIGN_IN = "/sign-in/"


@pytest.fixture
def visitor(operator):
    """A browser in which nobody has signed in; `operator` exists."""
    return Client()


def sign_in(client, email: str = "mara.lindqvist@kestrel.example", password: str = PASSWORD, **values: str):
    return client.post(SIGN_IN, {"username": email, "password": password, **values})


def shown(response) -> str:
    return unescape(response.content.decode())


def test_address_and_password_lead_home(visitor, tenant):
    sign_in(visitor)

    assert visitor.get("/", follow=True).redirect_chain[-1][0] == reverse("console:home", args=[tenant.slug])


def test_address_is_taken_whatever_its_case_and_blanks(visitor):
    assert sign_in(visitor, " Mara.Lindqvist@KESTREL.example ").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [("mara.lindqvist@kestrel.example", "wrong"), ("nobody@kestrel.example", PASSWORD)],
)
def test_wrong_password_and_unknown_address_are_refused_in_the_same_words(visitor, email, password):
    response = sign_in(visitor, email, password)

    assert response.status_code == 422
    assert "The e-mail address or the password is not correct." in shown(response)


def test_operator_who_is_not_active_is_refused_in_the_same_words(visitor, operator):
    operator.is_active = False
    operator.save()

    response = sign_in(visitor)

    assert response.status_code == 422
    assert "The e-mail address or the password is not correct." in shown(response)


def test_empty_form_says_what_to_enter(visitor):
    page = shown(sign_in(visitor, "", ""))

    assert "Enter an e-mail address." in page
    assert "Enter a password." in page


def test_page_says_what_it_is(visitor):
    page = shown(visitor.get(SIGN_IN))

    assert "Training environment. Not affiliated with or endorsed by Microsoft." in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_sign_in_leads_back_to_the_page_that_was_asked_for(visitor, tenant):
    wanted = reverse("console:tenant-status", args=[tenant.slug])
    door = visitor.get(wanted)

    assert f'value="{wanted}"' in shown(visitor.get(door.url))
    assert sign_in(visitor, next=wanted).url == wanted


def test_sign_in_leads_to_no_other_site(visitor):
    assert sign_in(visitor, next="https://evil.example/").url == "/"


def test_who_is_signed_in_already_goes_on(portal):
    assert portal.get(SIGN_IN).status_code == 302


def test_sign_in_asks_for_the_form_token(operator):
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


# Sign-out


def test_sign_out_ends_the_session(portal, tenant):
    home = reverse("console:home", args=[tenant.slug])

    portal.post(reverse("tenancy:sign-out"))

    assert portal.get(home).url == f"{SIGN_IN}?next={home}"


def test_sign_out_is_no_link(portal, tenant):
    assert portal.get(reverse("tenancy:sign-out")).status_code == 405
    assert portal.get(reverse("console:home", args=[tenant.slug])).status_code == 200


# Lockout


def test_fifth_failure_locks_out_even_with_the_right_password(visitor):
    answers = [sign_in(visitor, password="wrong").status_code for _ in range(5)]

    assert answers == [422, 422, 422, 422, 429]
    response = sign_in(visitor)
    assert response.status_code == 429
    assert "Wait 15 minutes" in shown(response)


def test_lockout_counts_an_address_whatever_its_case(visitor):
    for email in ("mara.lindqvist@kestrel.example", "Mara.Lindqvist@kestrel.example", "MARA.LINDQVIST@KESTREL.EXAMPLE"):
        sign_in(visitor, email, "wrong")
    sign_in(visitor, password="wrong")

    assert sign_in(visitor, password="wrong").status_code == 429


def test_lockout_ends_after_15_minutes(visitor):
    for _ in range(5):
        sign_in(visitor, password="wrong")

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(visitor).status_code == 302


def test_lockout_is_of_that_address_from_that_computer_alone(visitor):
    OperatorFactory(email="other@kestrel.example")
    for _ in range(5):
        sign_in(visitor, password="wrong")

    assert sign_in(Client(), "other@kestrel.example").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="192.0.2.9")).status_code == 302


def test_success_forgets_earlier_failures(visitor):
    for _ in range(4):
        sign_in(visitor, password="wrong")
    sign_in(visitor)
    visitor.post(reverse("tenancy:sign-out"))

    assert [sign_in(visitor, password="wrong").status_code for _ in range(4)] == [422] * 4


# Expiry


def test_session_that_has_expired_leads_to_sign_in_and_back(visitor, tenant):
    page = reverse("devices:security-list", args=[tenant.slug])
    sign_in(visitor)

    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)):
        door = visitor.get(page)
        assert door.url == f"{SIGN_IN}?next={page}"
        assert sign_in(visitor, next=page).url == page


def test_fragment_request_of_an_expired_session_leaves_for_sign_in_and_comes_back_to_the_page(visitor, tenant):
    page = reverse("devices:security-list", args=[tenant.slug])

    response = visitor.get(
        f"{page}?q=KL", headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}?os=20"}
    )

    assert response.headers["HX-Redirect"] == f"{SIGN_IN}?next={page}%3Fos%3D20"


def test_boosted_click_in_an_expired_session_leads_to_the_page_that_was_clicked_for(visitor, tenant):
    left, wanted = (reverse(view, args=[tenant.slug]) for view in ("console:home", "devices:security-list"))

    response = visitor.get(
        f"{wanted}?os=20",
        headers={"HX-Request": "true", "HX-Boosted": "true", "HX-Current-URL": f"http://testserver{left}"},
    )

    assert response.headers["HX-Redirect"] == f"{SIGN_IN}?next={wanted}%3Fos%3D20"


def test_form_posted_in_an_expired_session_leads_back_to_the_page_it_is_on(visitor, tenant):
    page = reverse("console:settings", args=[tenant.slug])

    response = visitor.post(
        reverse("console:dismiss", args=[tenant.slug]),
        headers={"HX-Request": "true", "HX-Boosted": "true", "HX-Current-URL": f"http://testserver{page}"},
    )

    assert response.headers["HX-Redirect"] == f"{SIGN_IN}?next={page}&unsaved=1"


@pytest.mark.parametrize(
    ("sent_from", "back"),
    [
        ("http://testserver/t/x/users/new/?pane=groups", "/t/x/users/new/%3Fpane%3Dgroups"),
        ("https://elsewhere.example/t/x/", "/t/x/users/delete/"),
        ("", "/t/x/users/delete/"),
    ],
    ids=["a page of ours", "another site's", "nowhere"],
)
def test_form_sent_after_the_session_has_ended_leads_back_to_its_page_and_says_what_was_lost(client, sent_from, back):
    response = client.post("/t/x/users/delete/", headers={"Referer": sent_from})

    assert response.url == f"{SIGN_IN}?next={back}&unsaved=1"
    assert "Your session has ended. What you sent was not saved." in client.get(response.url).content.decode()
    assert "has ended" not in client.get(f"{SIGN_IN}?next=/t/x/").content.decode()


# Password


def change(client, old: str = PASSWORD, new: str = "battery staple horse", again: str = ""):
    return client.post(
        reverse("tenancy:password"), {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


def test_new_password_counts_from_now_on_and_signs_other_browsers_out(visitor, tenant):
    sign_in(visitor)
    elsewhere = Client()
    sign_in(elsewhere)
    home = reverse("console:home", args=[tenant.slug])

    response = change(visitor)

    assert response.status_code == 302
    assert "Password changed" in shown(visitor.get(home))
    assert elsewhere.get(home).status_code == 302
    assert sign_in(Client()).status_code == 422
    assert sign_in(Client(), password="battery staple horse").status_code == 302


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"old": "wrong"}, "The current password is not correct."),
        ({"again": "battery staple mule"}, "The two new passwords are not the same."),
        ({"new": "short"}, "at least 10 characters"),
        ({"new": "1234567890123"}, "entirely numeric"),
        ({"new": "mara.lindqvist@kestrel"}, "too similar"),
    ],
)
def test_password_that_will_not_do_is_refused_with_the_reason(portal, values, sentence):
    response = change(portal, **values)

    assert response.status_code == 422
    assert sentence in shown(response)


def test_empty_password_form_says_what_to_enter(portal):
    page = shown(portal.post(reverse("tenancy:password"), {}))

    for label in ("current password", "new password", "new password again"):
        assert f"Enter the {label}." in page


# Choice of a directory


def test_operator_of_two_directories_chooses(portal, operator):
    MembershipFactory(operator=operator, tenant=TenantFactory(slug="second", display_name="Second Freight"))

    page = shown(portal.get("/"))

    for words in ("Select a directory", "Kestrel Logistics", "/t/second/", "Intune administrator"):
        assert words in page


def test_directories_of_others_are_not_offered(portal, operator):
    MembershipFactory(operator=operator, tenant=TenantFactory())
    TenantFactory(display_name="Somebody else's")

    assert "Somebody else's" not in shown(portal.get("/"))


def test_operator_without_a_directory_reads_what_to_do(client, db):
    client.force_login(OperatorFactory(), backend="django.contrib.auth.backends.ModelBackend")

    response = client.get("/")

    assert response.status_code == 200
    assert "no directory has been assigned to you" in shown(response)
    assert "Sign out" in shown(response)
