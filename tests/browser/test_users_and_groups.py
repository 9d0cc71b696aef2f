"""The flows that script improves: choosing members in a pane, turning a group dynamic, deleting ticked users."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from directory.models import DirectoryUser, Group
from tests.browser.office import at, button, expect_blade, link, open_blade
from tests.factories import DirectoryUserFactory, GroupFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(tenant):
    return [
        DirectoryUserFactory(
            tenant=tenant,
            display_name=name,
            surname=name.split()[1],
            upn=f"{name.split()[0].lower()}@kestrel.example",
        )
        for name in ("Ada Lind", "Bo Berg", "Cleo Marsh")
    ]


@pytest.fixture
def signed_in(page, sign_in, operator) -> Page:
    sign_in(page, operator)
    return page


def test_group_is_created_with_members_chosen_over_two_searches(signed_in, tenant, people, axe):
    page = signed_in
    open_blade(page, at("directory:group-create", tenant))
    page.get_by_label("Group name", exact=True).fill("Pilot")

    page.locator("#members .selector").click()
    pane = page.get_by_role("dialog", name="Add members")
    pane.get_by_role("searchbox").fill("ada")
    expect(pane.locator(".pick")).to_have_count(1)
    pane.get_by_role("checkbox").check()
    pane.get_by_role("searchbox").fill("marsh")
    expect(pane.locator(".pick [data-name]")).to_have_text(["Cleo Marsh"])
    pane.get_by_role("checkbox").check()
    expect(pane.locator("[data-picker-count]")).to_have_text("2")
    axe(page)
    button(pane, "Select").click()

    expect(page.locator("#members")).to_contain_text("2 users selected")
    expect(page.get_by_label("Group name", exact=True)).to_have_value("Pilot")
    button(page, "Create").click()
    expect_blade(page, "Groups | All groups")
    expect(page.locator(".toast")).to_contain_text("Successfully created group 'Pilot'.")
    group = Group.objects.in_tenant(tenant).get()
    assert sorted(group.memberships.values_list("user__display_name", flat=True)) == ["Ada Lind", "Cleo Marsh"]


def test_cancel_in_the_pane_forgets_the_ticks_of_this_visit(signed_in, tenant, people):
    page = signed_in
    open_blade(page, at("directory:group-create", tenant))

    page.locator("#members .selector").click()
    pane = page.get_by_role("dialog", name="Add members")
    pane.get_by_role("checkbox").first.check()
    button(pane, "Cancel").click()
    page.locator("#members .selector").click()

    expect(pane.get_by_role("checkbox").first).not_to_be_checked()


def test_membership_type_brings_the_rule_and_keeps_what_is_typed(signed_in, tenant, people):
    page = signed_in
    open_blade(page, at("directory:group-create", tenant))
    page.get_by_label("Group name", exact=True).fill("Everybody")

    page.get_by_label("Membership type", exact=True).select_option("dynamic")
    page.get_by_label("Property").select_option("user.displayName")
    page.get_by_label("Operator").select_option("-startsWith")
    page.get_by_label("Value", exact=True).fill("ada")
    button(page, "Add expression").click()

    expect(page.get_by_role("textbox", name="Rule syntax")).to_have_value('(user.displayName -startsWith "ada")')
    expect(page.get_by_label("Group name", exact=True)).to_have_value("Everybody")
    button(page, "Create").click()
    expect_blade(page, "Groups | All groups")
    assert Group.objects.in_tenant(tenant).get().memberships.count() == 1


def test_ticked_users_are_deleted_after_a_question(signed_in, tenant, people):
    page = signed_in
    open_blade(page, at("directory:user-list", tenant))
    command = button(page, "Delete user")
    expect(command).to_have_attribute("aria-disabled", "true")

    page.get_by_label("Select Ada Lind").check()
    page.get_by_label("Select Bo Berg").check()
    command.click()
    dialog = page.get_by_role("dialog", name="Delete confirmation")
    expect(dialog).to_contain_text("permanently delete 2 users")
    button(dialog, "Delete").click()

    expect(page.locator(".toast")).to_contain_text("Successfully deleted 2 users.")
    expect(page.locator(".grid tbody tr")).to_have_count(1)
    assert DirectoryUser.objects.in_tenant(tenant).get().display_name == "Cleo Marsh"


def test_members_are_added_and_removed_without_script(no_script_page, sign_in, operator, tenant, people):
    page = no_script_page
    sign_in(page, operator)
    group = Group.objects.create(tenant=tenant, display_name="Pilot", created_at=tenant.now())
    page.goto(at("directory:group-members", tenant, group.pk))

    button(page, "Add members").click()
    pane = page.get_by_role("dialog", name="Add members")
    pane.get_by_role("checkbox", name="Ada Lind").check()
    pane.get_by_role("searchbox").fill("cleo")
    page.keyboard.press("Enter")
    expect(pane.locator(".pick [data-name]")).to_have_text(["Cleo Marsh"])
    expect(pane.locator(".chosen li [data-name]")).to_have_text(["Ada Lind"])
    pane.get_by_role("checkbox", name="Cleo Marsh").check()
    button(pane, "Select").click()
    expect(page.locator(".grid tbody tr")).to_have_count(2)

    page.get_by_label("Select Ada Lind").check()
    button(page, "Remove").click()
    expect(link(page, "Cleo Marsh")).to_be_visible()
    expect(page.locator(".grid tbody tr")).to_have_count(1)


def test_enter_in_a_field_creates_the_group_without_script(no_script_page, sign_in, operator, tenant):
    page = no_script_page
    sign_in(page, operator)
    page.goto(at("directory:group-create", tenant))

    page.get_by_label("Group name", exact=True).fill("Pilot")
    page.keyboard.press("Enter")

    expect(page.locator("#blade-title")).to_contain_text("Groups")
    assert Group.objects.in_tenant(tenant).get().display_name == "Pilot"


def test_members_come_from_a_file_after_a_preview_and_many_leave_at_once(signed_in, tenant, people, axe):
    page = signed_in
    group = GroupFactory(tenant=tenant, display_name="Pilot")
    open_blade(page, at("directory:group-members", tenant, group.pk))
    lines = [
        "\ufeffName;User principal name",
        "Ada;ada@kestrel.example",
        "Bo;BO@kestrel.example",
        "?;ghost@kestrel.example",
    ]

    link(page, "Import members").click()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "pilot.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode()}
    )
    button(page, "Next").click()
    expect(page.locator("main")).to_contain_text("2 users will be added to 'Pilot'.")
    expect(page.get_by_role("row", name="4 ghost@kestrel.example")).to_contain_text("has this user name")
    axe(page)
    page.reload()
    button(page, "Import").dblclick()
    expect(page.locator(".toast")).to_contain_text("2 members added to 'Pilot'.")
    expect(page.locator(".grid tbody tr")).to_have_count(2)
    assert group.memberships.count() == 2

    page.get_by_label("Select all members on this page").check()
    button(page, "Remove").click()
    expect(page.locator(".toast")).to_contain_text("2 members removed from 'Pilot'.")
    expect(page.locator("main")).to_contain_text("No members to display")


def test_file_that_is_no_list_is_refused_beside_the_field(signed_in, tenant, people):
    page = signed_in
    group = GroupFactory(tenant=tenant, display_name="Pilot")
    open_blade(page, at("directory:group-import", tenant, group.pk))

    page.get_by_label("File", exact=True).set_input_files(
        {"name": "pilot.xlsx", "mimeType": "text/csv", "buffer": b"PK\x03\x04\xff\xfe"}
    )
    button(page, "Next").click()

    expect(page.locator(".row", has=page.locator("#id_file"))).to_contain_text("The file is not text in UTF-8.")


def test_rule_with_a_mistake_keeps_its_text_and_names_the_character(signed_in, tenant, people):
    page = signed_in
    group = GroupFactory(
        tenant=tenant, display_name="Everybody", kind=Group.Kind.DYNAMIC, rule='user.displayName -eq "Ada Lind"'
    )
    open_blade(page, at("directory:group-rule", tenant, group.pk))
    rule = page.get_by_role("textbox", name="Rule syntax")

    rule.fill('user.displayName -startsWith "Ada')
    button(page, "Save").click()
    expect(page.locator("#id_rule_error")).to_have_text("The closing quotation mark is missing (character 30).")
    expect(rule).to_have_value('user.displayName -startsWith "Ada')
    rule.fill('user.displayName -startsWith "Bo"')
    button(page, "Save").click()

    expect(page.locator(".toast")).to_contain_text("Successfully updated the rule of 'Everybody'.")
    assert list(group.memberships.values_list("user__display_name", flat=True)) == ["Bo Berg"]


# What has gone meanwhile


def test_saving_a_user_who_has_been_deleted_meanwhile_says_so(signed_in, tenant, people):
    page = signed_in
    open_blade(page, at("directory:user-edit", tenant, people[0].pk))
    page.get_by_label("Job title").fill("Dispatcher")
    people[0].delete()

    button(page, "Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")


def test_back_to_a_deleted_user_says_that_the_page_is_gone(signed_in, tenant, people):
    page = signed_in
    open_blade(page, at("directory:user-list", tenant))
    link(page, "Ada Lind").click()
    expect_blade(page, "Ada Lind | Profile")
    link(page, "Delete").click()
    button(page.get_by_role("dialog", name="Delete confirmation"), "Delete").click()
    expect_blade(page, "Users | All users")

    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
