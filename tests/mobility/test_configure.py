from __future__ import annotations

import re
import uuid

import pytest
from django.utils.html import escape

from directory import services as directory
from mobility import queries, services
from mobility.models import MobilityApplication, UserScope
from tenancy.models import JournalEntry
from tests.factories import DirectoryUserFactory, GroupFactory, MobilityApplicationFactory, TenantFactory

NOTHING_CHOSEN = "<strong>Select groups</strong>None Selected"


def url(application):
    return f"/t/kestrel/azure-ad/mobility/{application.pk}/"


def posted(application, **changes):
    """What the browser sends when only `changes` were made to the page."""
    groups = queries.scope_groups(application)
    values = {}
    for scope in ("mdm", "mam") if services.entry_of(application).has_mam else ("mdm",):
        values[f"{scope}_user_scope"] = getattr(application, f"{scope}_user_scope")
        values[f"{scope}_groups"] = [str(group.pk) for group in groups[scope]]
    values |= {name: getattr(application, name) for name in services.entry_of(application).defaults}
    return {**values, **changes}


def some(application, *groups, **changes):
    return posted(application, mdm_user_scope="selected", mdm_groups=[str(group.pk) for group in groups], **changes)


def value(response, name):
    (tag,) = re.findall(rf'<input type="url" name="{name}"[^>]*>', response.text)
    found = re.search(r'value="([^"]*)"', tag)
    return found.group(1) if found else ""


def scope(response, name="mdm_user_scope"):
    for tag in re.findall(rf'<input type="radio" name="{name}"[^>]*>', response.text):
        if " checked" in tag:
            return re.search(r'value="(\w+)"', tag).group(1)
    return None


def dialog(response, kind="mdm"):
    return re.search(
        rf'<dialog class="pane[^"]*" id="pane-{kind}-groups".*?</dialog>', response.text, re.DOTALL
    ).group()


def is_open(response, kind="mdm"):
    return bool(re.match(r"<dialog[^>]* open[ >]", dialog(response, kind)))


def listed(response, kind="mdm"):
    pane = dialog(response, kind).split("data-picker-chosen")[0]
    return re.findall(r"<span data-name>([^<]*)</span>", pane)


def carried(response, name="mdm_groups"):
    """The groups that the page would send back: ticked in the list, or hidden beside it."""
    tags = re.findall(rf'<input [^>]*name="{name}"[^>]*>', response.text)
    return {re.search(r'value="([^"]*)"', tag).group(1) for tag in tags if 'type="hidden"' in tag or " checked" in tag}


def hidden(response, name):
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.text)
    return found.group(1) if found else None


def row(response, kind="mdm"):
    return re.search(rf'<div class="row" id="{kind}-groups".*?</div>\s*</div>', response.text, re.DOTALL).group()


def updates(tenant):
    return JournalEntry.objects.in_tenant(tenant).filter(activity=services.APPLICATION_UPDATED).count()


@pytest.fixture
def groups(tenant):
    names = ("Drivers", "Front desk", "Pilot")
    return {name: GroupFactory(tenant=tenant, display_name=name) for name in names}


# Who may look


def test_signed_out_leads_to_sign_in(client, airwatch):
    assert client.get(url(airwatch)).url.startswith("/sign-in/")


def test_another_tenants_operator_finds_nothing(stranger, airwatch):
    assert stranger.get(url(airwatch)).status_code == 404
    assert stranger.post(url(airwatch), posted(airwatch)).status_code == 404


def test_an_application_of_another_tenant_is_not_found(portal):
    foreign = MobilityApplicationFactory(tenant=TenantFactory())

    assert portal.get(url(foreign)).status_code == 404
    assert portal.post(url(foreign), {"mdm_user_scope": "all"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.mdm_user_scope == UserScope.NONE


def test_a_deleted_application_is_not_found(portal, airwatch):
    page = url(airwatch)
    values = posted(airwatch)
    airwatch.delete()

    assert portal.get(page).status_code == 404
    assert portal.post(page, values).status_code == 404


def test_an_application_that_is_deleted_during_the_save_is_not_found(portal, airwatch, monkeypatch):
    original = services.configure_application

    def after_a_delete(**values):
        MobilityApplication.unscoped.filter(pk=airwatch.pk).delete()
        original(**values)

    monkeypatch.setattr(services, "configure_application", after_a_delete)

    assert portal.post(url(airwatch), posted(airwatch)).status_code == 404


def test_a_reader_sees_values_and_disabled_commands(reader, portal, airwatch, groups):
    portal.post(url(airwatch), some(airwatch, groups["Pilot"]))

    page = reader.get(url(airwatch)).text

    assert page.count("This requires the permission &#x27;Mobility (MDM and MAM): Modify&#x27;.") >= 2
    assert "Pilot" in page
    assert 'id="pane-mdm-groups"' not in page
    assert len(re.findall(r"<input[^>]* disabled", page)) >= 5
    assert 'name="restore"' not in page


@pytest.mark.parametrize("press", [{}, {"pane": "mdm-groups"}, {"restore": "mdm"}])
def test_a_readers_post_is_refused_with_the_missing_permission(reader, airwatch, press):
    response = reader.post(url(airwatch), posted(airwatch, mdm_user_scope="all", **press))

    assert response.status_code == 403
    assert "Mobility (MDM and MAM): Modify" in response.text
    airwatch.refresh_from_db()
    assert airwatch.mdm_user_scope == UserScope.NONE


def test_help_desk_is_refused(helpdesk, airwatch):
    assert helpdesk.get(url(airwatch)).status_code == 403
    assert helpdesk.post(url(airwatch), posted(airwatch)).status_code == 403


# What the page shows


def test_microsoft_intune_has_every_label_of_the_portal_in_its_own_case(portal, intune):
    page = portal.get(url(intune)).text

    labels = re.findall(r"<(?:label for=[^>]*|span|span id=[^>]*)>((?:MDM|MAM|Groups)[^<]*)</", page)
    assert [label for label in labels if not label.startswith("MDM and")] == [
        "MDM user scope", "Groups", "MDM terms of use URL", "MDM discovery URL", "MDM compliance URL",
        "MAM User scope", "Groups", "MAM Terms of use URL", "MAM Discovery URL", "MAM Compliance URL",
    ]  # fmt: skip
    assert "Restore default MDM URLs" in page
    assert "Restore default MAM URLs" in page
    assert "Configure</h1>" in page
    assert '<p class="title__sub">Microsoft Intune</p>' in page


def test_every_field_explains_itself_in_a_balloon(portal, intune):
    page = portal.get(url(intune)).text

    assert page.count('aria-label="More information about M') == 8


def test_a_partner_has_the_fields_of_the_document_and_no_mam_block(portal, airwatch):
    page = portal.get(url(airwatch)).text

    for label in ("MDM user scope", "MDM terms of use URL", "MDM discovery URL"):
        assert label in page
    for label in ("MDM compliance URL", "MAM User scope", "Restore default MAM URLs"):
        assert label not in page


def test_an_on_premises_application_has_a_compliance_url(portal, tenant):
    application = MobilityApplicationFactory(tenant=tenant)

    assert "MDM compliance URL" in portal.get(url(application)).text


def test_delete_is_disabled_for_microsoft_intune_with_the_reason(portal, intune):
    page = portal.get(url(intune)).text

    assert "&#x27;Microsoft Intune&#x27; is part of every directory and cannot be deleted." in page
    assert 'id="confirm-delete"' not in page


def test_delete_leads_to_the_question(portal, airwatch):
    assert f'href="{url(airwatch)}delete/"' in portal.get(url(airwatch)).text


def test_discard_leads_back_to_what_is_saved(portal, airwatch):
    response = portal.post(
        url(airwatch), posted(airwatch, pane="mdm-groups", mdm_discovery_url="https://edited.example/")
    )

    assert value(response, "mdm_discovery_url") == "https://edited.example/"
    assert f'<a class="cmd" href="{url(airwatch)}">' in response.text
    assert value(portal.get(url(airwatch)), "mdm_discovery_url") == airwatch.mdm_discovery_url


def test_the_number_of_statements_does_not_grow(portal, tenant, intune, django_assert_max_num_queries):
    groups = [GroupFactory(tenant=tenant, members=[DirectoryUserFactory(tenant=tenant)]) for _ in range(30)]
    services.configure_application(
        application=intune,
        actor=None,
        mdm=services.ScopeSettings(user_scope="selected", groups=groups),
        mam=services.ScopeSettings(user_scope="selected", groups=groups),
    )
    MobilityApplicationFactory.create_batch(10, tenant=tenant, mdm_user_scope="all", mam_user_scope="all")

    with django_assert_max_num_queries(14):
        portal.get(url(intune))


# Save


def test_save_stores_everything_and_comes_back_with_a_toast(portal, intune, groups):
    values = some(
        intune, groups["Pilot"], groups["Drivers"],
        mdm_compliance_url="https://mdm.example/compliance", mam_user_scope="all", mam_terms_of_use_url="",
    )  # fmt: skip

    response = portal.post(url(intune), values, follow=True)

    intune.refresh_from_db()
    assert response.redirect_chain == [(url(intune), 302)]
    assert "Configuration saved" in response.text
    assert "2 groups selected" in response.text
    assert scope(response) == "selected"
    assert scope(response, "mam_user_scope") == "all"
    assert intune.mdm_compliance_url == "https://mdm.example/compliance"
    assert [group.display_name for group in queries.scope_groups(intune)["mdm"]] == ["Drivers", "Pilot"]


def test_reloading_after_save_saves_nothing_again(portal, tenant, airwatch):
    portal.post(url(airwatch), posted(airwatch, mdm_user_scope="all"))

    response = portal.get(url(airwatch))
    portal.get(url(airwatch))

    assert scope(response) == "all"
    assert updates(tenant) == 1


def test_a_double_click_on_save_is_journalled_once(portal, tenant, airwatch):
    values = posted(airwatch, mdm_user_scope="all")

    for _ in range(2):
        assert portal.post(url(airwatch), values).status_code == 302

    assert updates(tenant) == 1


def test_some_without_a_group_is_refused_with_a_red_mark_on_the_row(portal, tenant, airwatch):
    response = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="selected"))

    assert response.status_code == 422
    assert "Select at least one group." in row(response)
    assert "data-invalid" in row(response)
    assert scope(response) == "selected"
    assert "Saving configuration failed" in response.text
    assert updates(tenant) == 0


def test_urls_that_are_not_https_are_refused_beside_their_fields_all_at_once(portal, tenant, airwatch):
    response = portal.post(
        url(airwatch), posted(airwatch, mdm_terms_of_use_url="http://x.example/", mdm_discovery_url='"><b>bad')
    )

    assert response.status_code == 422
    assert response.text.count("Enter a URL that starts with https://.") == 2
    assert value(response, "mdm_terms_of_use_url") == "http://x.example/"
    assert value(response, "mdm_discovery_url") == escape('"><b>bad')
    assert updates(tenant) == 0


def test_a_refused_page_marks_what_was_edited(portal, airwatch):
    response = portal.post(url(airwatch), posted(airwatch, mdm_discovery_url="http://x.example/"))

    assert response.text.count('data-dirty="server"') == 1


@pytest.mark.parametrize(
    "change",
    [
        {"mdm_user_scope": "some"},
        {"mdm_discovery_url": "https://x.example/" + "a" * 400},
        {"mdm_discovery_url": "a\x00b"},
    ],
)
def test_what_no_page_of_ours_sends_is_refused_without_an_error_page(portal, tenant, airwatch, change):
    response = portal.post(url(airwatch), posted(airwatch, **change))

    assert response.status_code == 422
    assert updates(tenant) == 0


def test_an_empty_post_is_survived(portal, airwatch):
    assert portal.post(url(airwatch), {}).status_code == 302


@pytest.mark.parametrize("leaving", ["all", "none"])
def test_leaving_some_discards_the_groups(portal, airwatch, groups, leaving):
    portal.post(url(airwatch), some(airwatch, groups["Pilot"]))
    airwatch.refresh_from_db()

    response = portal.post(url(airwatch), posted(airwatch, mdm_user_scope=leaving), follow=True)

    assert NOTHING_CHOSEN in response.text
    assert queries.scope_groups(airwatch)["mdm"] == []


@pytest.mark.parametrize("chosen", ["foreign", "unknown", "no id at all"])
def test_a_group_that_is_not_the_tenants_is_refused_in_words(portal, tenant, airwatch, groups, chosen):
    group_id = {"foreign": str(GroupFactory().pk), "unknown": str(uuid.uuid4())}.get(chosen, chosen)

    response = portal.post(
        url(airwatch), posted(airwatch, mdm_user_scope="selected", mdm_groups=[str(groups["Pilot"].pk), group_id])
    )

    assert response.status_code == 422
    assert "A selected group no longer exists. Select the groups again." in row(response)
    assert carried(response) == {str(groups["Pilot"].pk)}
    assert updates(tenant) == 0


def test_a_group_that_was_deleted_meanwhile_is_refused_in_words(portal, tenant, airwatch, groups):
    values = some(airwatch, groups["Pilot"], groups["Drivers"])
    directory.delete_group(tenant=tenant, actor=None, group=groups["Pilot"])

    response = portal.post(url(airwatch), values)

    assert response.status_code == 422
    assert "A selected group no longer exists. Select the groups again." in row(response)
    assert portal.post(url(airwatch), some(airwatch, groups["Drivers"])).status_code == 302


def test_second_of_two_tabs_is_told_and_wins_when_it_saves_again(portal, airwatch, groups):
    seen = hidden(portal.get(url(airwatch)), "version")
    portal.post(url(airwatch), posted(airwatch, mdm_user_scope="all", version=seen))

    told = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="none", version=seen))
    airwatch.refresh_from_db()
    between = airwatch.mdm_user_scope
    portal.post(url(airwatch), posted(airwatch, mdm_user_scope="none", version=hidden(told, "version")))

    assert told.status_code == 422
    assert "The configuration was changed meanwhile. Select Save again to replace what was changed." in told.text
    airwatch.refresh_from_db()
    assert (between, airwatch.mdm_user_scope) == (UserScope.ALL, UserScope.NONE)


def test_other_groups_are_a_change_too(portal, airwatch, groups):
    portal.post(url(airwatch), some(airwatch, groups["Drivers"]))
    seen = hidden(portal.get(url(airwatch)), "version")
    portal.post(url(airwatch), some(airwatch, groups["Pilot"]))

    told = portal.post(url(airwatch), some(airwatch, groups["Front desk"]) | {"version": seen})

    assert told.status_code == 422


# Overlap


def test_overlapping_scopes_are_saved_with_a_warning_that_names_the_other(portal, tenant, intune, airwatch):
    portal.post(url(intune), posted(intune, mdm_user_scope="all"))

    response = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="all"), follow=True)

    airwatch.refresh_from_db()
    assert airwatch.mdm_user_scope == UserScope.ALL
    assert "Configuration saved" in response.text
    assert (
        "The MDM user scope overlaps with that of &#x27;Microsoft Intune&#x27;. "
        "Only one vendor is effective per user." in response.text
    )


def test_the_warning_names_every_other_application(portal, tenant, airwatch):
    for name in ("Alpha MDM", "Beta MDM", "Gamma MDM"):
        MobilityApplicationFactory(tenant=tenant, display_name=name, mdm_user_scope="all")

    response = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="all"), follow=True)

    assert "&#x27;Alpha MDM&#x27;, &#x27;Beta MDM&#x27; and &#x27;Gamma MDM&#x27;" in response.text


def test_mam_scopes_are_warned_about_under_their_own_label(portal, tenant, intune):
    MobilityApplicationFactory(tenant=tenant, display_name="Other", mam_user_scope="all")

    response = portal.post(url(intune), posted(intune, mam_user_scope="all"), follow=True)

    assert "The MAM User scope overlaps with that of &#x27;Other&#x27;." in response.text


def test_scopes_that_do_not_meet_bring_no_warning(portal, intune, airwatch):
    response = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="all"), follow=True)

    assert "overlaps" not in response.text


# The picker, without script


def test_the_row_opens_the_pane_and_keeps_what_was_typed(portal, tenant, airwatch, groups):
    values = posted(airwatch, mdm_user_scope="selected", mdm_discovery_url="half a thou", pane="mdm-groups")

    response = portal.post(url(airwatch), values)

    assert response.status_code == 200
    assert is_open(response)
    assert listed(response) == ["Drivers", "Front desk", "Pilot"]
    assert value(response, "mdm_discovery_url") == "half a thou"
    assert scope(response) == "selected"
    assert "Enter a URL" not in response.text
    assert updates(tenant) == 0


def test_search_narrows_the_list_and_keeps_ticks_that_are_out_of_sight(portal, airwatch, groups):
    opened = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="selected", pane="mdm-groups"))
    values = some(
        airwatch, groups["Pilot"], pane="mdm-groups", mdm_groups_q="FRONT",
        mdm_groups_was=hidden(opened, "mdm_groups_was"),
    )  # fmt: skip

    response = portal.post(url(airwatch), values)

    assert is_open(response)
    assert listed(response) == ["Front desk"]
    assert carried(response) == {str(groups["Pilot"].pk)}
    assert "Selected items (<span data-picker-count>1</span>)" in response.text


def test_a_search_without_result_says_so(portal, airwatch, groups):
    response = portal.post(url(airwatch), posted(airwatch, pane="mdm-groups", mdm_groups_q="zzz"))

    assert "No groups match 'zzz'." in dialog(response)


def test_enter_in_the_search_field_searches_instead_of_saving(portal, airwatch, groups):
    response = portal.post(url(airwatch), posted(airwatch, pane="mdm-groups"))

    form = response.text.split('id="blade-form"')[1]
    first = re.search(r'<button[^>]*type="submit"[^>]*>', form).group()
    assert 'name="pane" value="mdm-groups"' in first


def test_select_returns_to_the_form_with_the_selection_and_saves_nothing(portal, tenant, airwatch, groups):
    opened = portal.post(url(airwatch), posted(airwatch, mdm_user_scope="selected", pane="mdm-groups"))
    values = some(
        airwatch, groups["Pilot"], groups["Drivers"], mdm_groups_done="1",
        mdm_groups_was=hidden(opened, "mdm_groups_was"),
    )  # fmt: skip

    response = portal.post(url(airwatch), values)

    assert not is_open(response)
    assert "2 groups selected" in row(response)
    assert 'data-dirty="server"' in row(response)
    assert carried(response) == {str(groups["Pilot"].pk), str(groups["Drivers"].pk)}
    assert updates(tenant) == 0


def test_cancel_drops_the_ticks_of_this_visit(portal, airwatch, groups):
    portal.post(url(airwatch), some(airwatch, groups["Pilot"]))
    airwatch.refresh_from_db()
    opened = portal.post(url(airwatch), posted(airwatch, mdm_discovery_url="typed", pane="mdm-groups"))
    values = some(
        airwatch, groups["Drivers"], groups["Front desk"], mdm_discovery_url="typed", pane="",
        mdm_groups_was=hidden(opened, "mdm_groups_was"),
    )  # fmt: skip

    response = portal.post(url(airwatch), values)

    assert not is_open(response)
    assert carried(response) == {str(groups["Pilot"].pk)}
    assert value(response, "mdm_discovery_url") == "typed"


def test_remove_drops_one_group_and_stays_in_the_pane(portal, airwatch, groups):
    opened = portal.post(url(airwatch), some(airwatch, groups["Pilot"], groups["Drivers"], pane="mdm-groups"))
    values = some(
        airwatch, groups["Pilot"], groups["Drivers"], mdm_groups_remove=str(groups["Pilot"].pk),
        mdm_groups_was=hidden(opened, "mdm_groups_was"),
    )  # fmt: skip

    response = portal.post(url(airwatch), values)

    assert is_open(response)
    assert carried(response) == {str(groups["Drivers"].pk)}


def test_the_pickers_of_mdm_and_mam_do_not_mix(portal, intune, groups):
    values = some(
        intune, groups["Pilot"], mam_groups=[str(groups["Drivers"].pk)], pane="mam-groups", mam_groups_q="front"
    )

    response = portal.post(url(intune), values)

    assert is_open(response, "mam")
    assert not is_open(response, "mdm")
    assert listed(response, "mam") == ["Front desk"]
    assert listed(response, "mdm") == ["Drivers", "Front desk", "Pilot"]
    assert carried(response, "mam_groups") == {str(groups["Drivers"].pk)}
    assert carried(response, "mdm_groups") == {str(groups["Pilot"].pk)}


def test_groups_of_another_tenant_are_neither_offered_nor_kept(portal, airwatch, groups):
    foreign = GroupFactory(display_name="Foreign")

    response = portal.post(url(airwatch), some(airwatch, foreign, groups["Pilot"], pane="mdm-groups"))

    assert "Foreign" not in response.text
    assert carried(response) == {str(groups["Pilot"].pk)}


def test_the_address_opens_the_pane_too(portal, airwatch, groups):
    assert is_open(portal.get(url(airwatch), {"pane": "mdm-groups"}))


@pytest.mark.parametrize("kind", ["mdm", "mam"])
def test_searching_by_script_fetches_the_picker_alone(portal, intune, groups, kind):
    response = portal.get(url(intune), {f"{kind}_groups_q": "pil"}, headers={"HX-Request": "true"})

    assert response.text.lstrip().startswith("<dialog")
    assert response.text.count("<dialog") == 1
    assert listed(response, kind) == ["Pilot"]


# Restore defaults


def test_restore_default_mdm_urls_fills_the_fields_and_keeps_the_rest_unsaved(portal, tenant, intune, groups):
    values = some(
        intune, groups["Pilot"], mdm_terms_of_use_url="", mdm_discovery_url="https://edited.example/",
        mam_discovery_url="https://kept.example/", restore="mdm",
    )  # fmt: skip

    response = portal.post(url(intune), values)

    assert response.status_code == 200
    assert value(response, "mdm_terms_of_use_url") == "https://portal.manage.microsoft.com/TermsofUse.aspx"
    assert value(response, "mdm_discovery_url").endswith("/enrollmentserver/discovery.svc")
    assert value(response, "mam_discovery_url") == "https://kept.example/"
    assert scope(response) == "selected"
    assert carried(response) == {str(groups["Pilot"].pk)}
    assert updates(tenant) == 0


def test_restore_default_mam_urls_leaves_the_mdm_block_alone(portal, intune):
    values = posted(
        intune, mam_discovery_url="", mam_compliance_url="https://x.example/", mdm_discovery_url="https://kept.example/",
        restore="mam",
    )  # fmt: skip

    response = portal.post(url(intune), values)

    assert value(response, "mam_discovery_url") == "https://wip.mam.manage.microsoft.com/Enroll"
    assert value(response, "mam_compliance_url") == ""
    assert value(response, "mdm_discovery_url") == "https://kept.example/"


def test_restoring_what_the_application_does_not_have_changes_nothing(portal, airwatch):
    response = portal.post(url(airwatch), posted(airwatch, mdm_discovery_url="https://kept.example/", restore="mam"))

    assert value(response, "mdm_discovery_url") == "https://kept.example/"


def test_restored_urls_are_saved_by_save(portal, airwatch):
    portal.post(url(airwatch), posted(airwatch, mdm_discovery_url=""))
    airwatch.refresh_from_db()
    restored = portal.post(url(airwatch), posted(airwatch, restore="mdm"))

    portal.post(url(airwatch), posted(airwatch, mdm_discovery_url=value(restored, "mdm_discovery_url")))

    airwatch.refresh_from_db()
    assert airwatch.mdm_discovery_url == "https://ds.vmware.example/EnrollmentServer/Discovery.svc"


def test_on_premises_application_leads_to_its_registration(portal, tenant, airwatch):
    own = services.add_application(tenant=tenant, actor=None, gallery_key="on_premises")
    link = '<a href="/t/kestrel/blade/app-registrations/">On-premises MDM application settings</a>'

    assert link in portal.get(url(own)).text
    assert "On-premises MDM application settings" not in portal.get(url(airwatch)).text
    assert portal.get("/t/kestrel/blade/app-registrations/").status_code == 200
