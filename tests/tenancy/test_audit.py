"""Audit logs: the list with its filters, one entry, and the file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from console.menus import MENUS
from directory import services as directory
from partners import services as partners
from tenancy import targets
from tenancy.models import Tenant
from tenancy.roles import GRANTS, Permission, Role
from tests.factories import (
    CLOCK_START,
    ConfigurationFactory,
    GroupFactory,
    JournalEntryFactory,
    ManagedDeviceFactory,
    MobilityApplicationFactory,
)


@pytest.fixture
def url(tenant):
    return reverse("tenancy:audit-list", args=[tenant.slug])


def shown(response) -> str:
    return unescape(response.content.decode())


def activities(response) -> list[str]:
    return [str(row["cells"][3]) for row in response.context["table"].display_rows]


def entry(tenant, activity: str, **values: object):
    return JournalEntryFactory(tenant=tenant, activity=activity, **values)


def rows(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_list_has_the_documents_columns_and_the_latest_first(portal, tenant, url):
    for hour, activity in ((1, "Old"), (3, "New"), (2, "Middle")):
        entry(tenant, activity, occurred_at=CLOCK_START + timedelta(hours=hour))

    response = portal.get(url)

    assert [head["label"] for head in response.context["table"].heads] == [
        "Date",
        "Initiated by (actor)",
        "Application",
        "Activity",
        "Target(s)",
        "Category",
    ]
    assert activities(response) == ["New", "Middle", "Old"]
    assert activities(portal.get(f"{url}?sort=date")) == ["Old", "Middle", "New"]


def test_list_sorts_by_actor_and_category(portal, tenant, url):
    entry(tenant, "B", actor_name="ben@kestrel.example", category="Device")
    entry(tenant, "A", actor_name="ana@kestrel.example", category="Role")

    assert activities(portal.get(f"{url}?sort=actor")) == ["A", "B"]
    assert activities(portal.get(f"{url}?sort=category")) == ["B", "A"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("category=Device", ["Wipe", "Sync"]),
        ("category=Device&category=Role", ["Assign role", "Wipe", "Sync"]),
        ("activity=Sync", ["Sync"]),
        ("category=Role&activity=Sync", []),
        ("actor=ana@kestrel.example", ["Assign role", "Sync"]),
        ("q=iphone", ["Sync"]),
        ("range=24h", ["Assign role"]),
        ("range=7d", ["Assign role", "Wipe"]),
        ("range=30d", ["Assign role", "Wipe", "Sync"]),
        ("from=2020-07-17", ["Assign role", "Wipe"]),
        ("to=2020-07-17", ["Wipe", "Sync"]),
        ("from=2020-07-17&to=2020-07-17", ["Wipe"]),
        ("range=24h&to=2020-07-17", []),
        ("from=2020-07-20&to=2020-07-01", []),
        ("from=yesterday&to=&range=year&target=x&actor=", ["Assign role", "Wipe", "Sync"]),
        ("to=9999-12-31", ["Assign role", "Wipe", "Sync"]),
    ],
)
def test_filters_narrow_the_list(portal, tenant, url, query, found):
    Tenant.objects.filter(pk=tenant.pk).update(created_at=timezone.now(), clock_start=CLOCK_START)
    ana, ben = "ana@kestrel.example", "ben@kestrel.example"
    for days, activity, category, actor, target in (
        (10, "Sync", "Device", ana, "Ana's iPhone"),
        (3, "Wipe", "Device", ben, "KL-WKS-1"),
        (0, "Assign role", "Role", ana, ben),
    ):
        moment = CLOCK_START - timedelta(days=days)
        entry(tenant, activity, category=category, actor_name=actor, target_name=target, occurred_at=moment)

    response = portal.get(f"{url}?{query}")

    assert activities(response) == found
    assert ("No activities match the filters." in shown(response)) == (not found)


def test_dates_are_relative_to_the_time_of_the_tenant(portal, tenant, url):
    entry(tenant, "Sync", occurred_at=CLOCK_START - timedelta(hours=20))
    Tenant.objects.filter(pk=tenant.pk).update(created_at=timezone.now(), clock_start=CLOCK_START)
    assert activities(portal.get(f"{url}?range=24h")) == ["Sync"]

    Tenant.objects.filter(pk=tenant.pk).update(clock_skipped=timedelta(hours=8))

    assert activities(portal.get(f"{url}?range=24h")) == []


def test_activities_on_offer_are_those_of_the_chosen_category(portal, tenant, url):
    entry(tenant, "Wipe", category="Device")
    entry(tenant, "Assign role", category="Role")

    (pill,) = [pill for pill in portal.get(f"{url}?category=Role").context["pills"]() if pill["name"] == "activity"]

    assert [value["label"] for value in pill["values"]] == ["Assign role"]


def test_filters_offer_every_activity_and_actor_once_however_many_entries_there_are(portal, tenant, url):
    offered = [("Device", "Wipe"), ("Device", "Sync"), ("Training", "Sync"), ("UserManagement", "Add user")]
    for number, (category, activity) in enumerate(offered * 3):
        entry(tenant, activity, category=category, actor_name=f"actor {number % 2}")
    JournalEntryFactory(activity="Elsewhere", actor_name="somebody else")

    pills = {pill["name"]: [value["value"] for value in pill["values"]] for pill in portal.get(url).context["pills"]()}

    assert pills["category"] == ["Device", "Training", "UserManagement"]
    assert pills["activity"] == ["Add user", "Sync", "Wipe"]
    assert pills["actor"] == ["actor 0", "actor 1"]


def test_filters_of_the_directory_center_offer_its_activities_alone(portal, tenant):
    entry(tenant, "Add group", category="GroupManagement")
    entry(tenant, "Update device", category="Device", target_type="device")
    entry(tenant, "Update device", category="Device", target_type="Azure AD device")
    entry(tenant, "Wipe", category="Device", target_type="device")

    response = portal.get(reverse("tenancy:directory-audit-list", args=[tenant.slug]))

    pills = {pill["name"]: [value["value"] for value in pill["values"]] for pill in response.context["pills"]()}
    assert pills["category"] == ["Device", "GroupManagement"]
    assert pills["activity"] == ["Add group", "Update device"]


def test_pills_say_what_is_chosen_and_keep_the_rest_when_removed(portal, tenant, url):
    entry(tenant, "Wipe", category="Device")

    page = shown(portal.get(f"{url}?range=7d&from=2020-07-01&category=Device&q=kl"))

    assert "Date range : <b>Last 7 days, from 7/1/2020</b>" in page
    assert 'href="?category=Device&q=kl" aria-label="Remove filter Date range"' in page
    assert 'type="date" id="filter-from" name="from" value="2020-07-01"' in page


@pytest.mark.parametrize(
    ("regional_format", "query", "words"),
    [
        ("en-US", "from=2020-07-01&to=2020-07-20", "7/1/2020 – 7/20/2020"),
        ("en-GB", "from=2020-07-01", "From 01/07/2020"),
        ("de-DE", "to=2020-07-20", "To 20.07.2020"),
        ("iso", "from=2020-07-01&to=2020-07-01", "2020-07-01 – 2020-07-01"),
    ],
)
def test_pill_writes_days_as_the_operator_reads_them(portal, operator, url, regional_format, query, words):
    operator.regional_format = regional_format
    operator.save()

    assert f"Date range : <b>{words}</b>" in shown(portal.get(f"{url}?{query}"))


def test_empty_journal_says_so(portal, url):
    assert "No activities to display" in shown(portal.get(url))


def test_fragment_is_the_list_alone(portal, tenant, url):
    entry(tenant, "Wipe")

    response = portal.get(url, headers={"HX-Request": "true"})

    assert "Wipe" in shown(response)
    assert "<html" not in shown(response)


def test_entries_of_other_tenants_are_not_shown(portal, url):
    JournalEntryFactory(activity="Elsewhere")

    assert activities(portal.get(url)) == []


def test_many_entries_come_in_pages_with_a_fixed_number_of_statements(
    portal, tenant, url, django_assert_max_num_queries
):
    JournalEntryFactory.create_batch(60, tenant=tenant)

    with django_assert_max_num_queries(7):
        response = portal.get(url)

    assert "Showing 1 to 50 of 60 records" in shown(response)
    following = portal.get(url + response.context["table"].pager.next_url)
    assert "Showing 51 to 60 of 60 records" in shown(following)


def test_directory_center_lists_what_belongs_to_azure_ad(portal, tenant):
    entry(tenant, "Add group", category="GroupManagement")
    entry(tenant, "Enable device", category="Device", target_type="Azure AD device")
    foreign = entry(tenant, "Wipe", category="Device", target_type="device")
    listed = reverse("tenancy:directory-audit-list", args=[tenant.slug])

    response = portal.get(listed)

    assert sorted(activities(response)) == ["Add group", "Enable device"]
    assert response.context["portal"].center.key == "directory"
    assert portal.get(f"{listed}{foreign.pk}/").status_code == 404
    own = response.context["table"].display_rows[0]["cells"][0]
    assert listed in own


def test_entry_shows_who_when_what_and_both_values_beside_each_other(portal, tenant, operator):
    written = entry(
        tenant,
        "Update compliance partner assignments",
        category="Device compliance partner",
        source="portal",
        request_id="f00d",
        actor_name=operator.email,
        recorded_at=CLOCK_START.replace(year=2026),
        target_type="compliance partner",
        target_name="Workspace ONE for iOS/iPadOS",
        old_values={"Included groups": ["Front desk"], "All users": False},
        new_values={"Included groups": ["Front desk", "Field engineers"], "Notes": "<b>x</b>"},
    )

    page = portal.get(reverse("tenancy:audit-entry", args=[tenant.slug, written.pk])).content.decode()

    for words in (
        "7/20/2020, 8:00:00 AM",
        "7/20/2026, 8:00:00 AM",
        operator.email,
        "Microsoft Intune portal extension",
        "Device compliance partner",
        "Portal",
        "f00d",
        "Workspace ONE for iOS/iPadOS",
        "<td>Included groups</td><td>Front desk</td><td>Front desk<br>Field engineers</td>",
        "<td>All users</td><td>No</td><td>--</td>",
        "&lt;b&gt;x&lt;/b&gt;",
    ):
        assert words in page


def test_entry_links_to_its_target_and_to_everything_about_it(portal, tenant, operator, url):
    configuration = ConfigurationFactory(tenant=tenant, groups=[GroupFactory(tenant=tenant)])
    partners.delete_configuration(configuration=ConfigurationFactory(tenant=tenant, platform="macos"), actor=operator)
    partners.update_assignments(configuration=configuration, actor=operator, all_users=True)
    changed, deleted = (
        portal.get(url).context["table"].display_rows[place]["cells"][0].split('"')[1] for place in (0, 1)
    )

    page = shown(portal.get(changed))
    about = f"{url}?target={configuration.pk}"
    assert reverse("partners:overview", args=[tenant.slug, configuration.pk]) in page
    assert about in page
    assert activities(portal.get(about)) == ["Update compliance partner assignments"]
    assert "Target : <b>VMware Workspace ONE mobile compliance for iOS/iPadOS</b>" in shown(portal.get(about))
    assert "/partner-compliance/" not in shown(portal.get(deleted)).partition('id="blade-title"')[2]


def test_entry_gives_no_link_to_what_the_role_may_not_open(portal_as, tenant):
    application = MobilityApplicationFactory(tenant=tenant)
    written = entry(tenant, "Add", target_type="mobility application", target_id=application.pk)
    url = reverse("tenancy:audit-entry", args=[tenant.slug, written.pk])
    there = reverse("mobility:application-configure", args=[tenant.slug, application.pk])

    assert there not in shown(portal_as(Role.HELP_DESK_OPERATOR).get(url))
    assert there in shown(portal_as(Role.GLOBAL_ADMINISTRATOR).get(url))


@pytest.mark.parametrize("kind", sorted(targets.registered()))
def test_every_kind_of_target_has_a_blade(tenant, kind):
    place = targets.registered()[kind]

    assert reverse(place.view, args=[tenant.slug, ManagedDeviceFactory(tenant=tenant).pk])


def test_file_has_the_filtered_list_with_all_that_is_known(portal, tenant):
    entry(tenant, "Wipe", category="Device", request_id="f00d", new_values={"Status": "Completed"})
    entry(tenant, "Assign role", category="Role")

    response = portal.get(reverse("tenancy:audit-export", args=[tenant.slug]) + "?category=Device")

    assert response["Content-Disposition"].startswith('attachment; filename="kestrel-audit-logs-2020-')
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = rows(response)
    assert (row["Activity"], row["Request ID"], row["Date"]) == ("Wipe", "f00d", "2020-07-20T08:00:00+00:00")
    assert row["New values"] == '{"Status": "Completed"}'


def test_file_keeps_the_order_of_the_list_and_is_harmless_to_open(portal, tenant):
    entry(tenant, "First", target_name="=HYPERLINK(1)", occurred_at=CLOCK_START)
    entry(tenant, "Second", occurred_at=CLOCK_START + timedelta(hours=1))
    url = reverse("tenancy:audit-export", args=[tenant.slug])

    found = rows(portal.get(f"{url}?sort=date"))

    assert [row["Activity"] for row in found] == ["First", "Second"]
    assert found[0]["Target(s)"] == "'=HYPERLINK(1)"
    assert [row["Activity"] for row in rows(portal.get(url))] == ["Second", "First"]


def test_file_of_the_directory_center_has_its_entries_alone(portal, tenant):
    entry(tenant, "Add group", category="GroupManagement")
    entry(tenant, "Wipe", category="Device")

    found = rows(portal.get(reverse("tenancy:directory-audit-export", args=[tenant.slug])))

    assert [row["Activity"] for row in found] == ["Add group"]


def test_statements_of_a_file_do_not_grow_with_its_rows(portal, tenant, django_assert_max_num_queries):
    JournalEntryFactory.create_batch(40, tenant=tenant)

    with django_assert_max_num_queries(5):
        assert len(rows(portal.get(reverse("tenancy:audit-export", args=[tenant.slug])))) == 40


@pytest.mark.parametrize("role", Role)
def test_role_without_audit_data_gets_neither_list_nor_entry_nor_file(portal_as, tenant, role):
    written = entry(tenant, "Wipe")
    client = portal_as(role)

    for view, arguments in (("audit-list", []), ("audit-entry", [written.pk]), ("audit-export", [])):
        response = client.get(reverse(f"tenancy:{view}", args=[tenant.slug, *arguments]))
        assert (response.status_code == 403) == (Permission.AUDIT_READ not in GRANTS[role])


def test_menu_of_both_centers_and_home_lead_to_the_audit_logs(portal, tenant, operator, url):
    directory.create_group(tenant=tenant, actor=operator, display_name="Front desk")

    assert f'<a href="{url}">More in audit logs</a>' in shown(portal.get(reverse("console:home", args=[tenant.slug])))
    views = {item.view for menu in MENUS.values() for group in menu.groups for item in group.items}
    assert {"tenancy:audit-list", "tenancy:directory-audit-list"} <= views
