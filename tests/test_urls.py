"""Every address of the URL configuration, as everybody who has no business there. A new one cannot be forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from blades.models import Draft
from devices.bulk_views import BULK
from devices.joining import JOINED, Outcome
from devices.models import OperatingSystem
from devices.policy_views import ADD as POLICY_ADD
from devices.policy_views import EDIT as POLICY_EDIT
from directory.group_views import IMPORT
from partners.views import ADD, EDIT
from tenancy.http import permission_of
from tenancy.roles import GRANTS, Role
from tests.factories import (
    AccessPolicyFactory,
    CompliancePolicyFactory,
    ConfigurationFactory,
    DirectoryDeviceFactory,
    DirectoryUserFactory,
    EnrolmentFactory,
    GroupFactory,
    JournalEntryFactory,
    ManagedDeviceFactory,
    MobilityApplicationFactory,
    NotificationFactory,
    PartnerTokenFactory,
    SignInFactory,
)
from uem.import_views import IMPORT as DEVICE_IMPORT
from uem.models import Console

# Open to everybody: probes, the door itself, and the component page of developers, which shows nobody's data.
PUBLIC = {
    "healthz",
    "readyz",
    "tenancy:sign-in",
    "tenancy:sign-out",
    "blades:components",
    "partner-api:description",
}

# Open to every member of the tenant, whatever the role: frames and overviews that hide what a role may not see.
FOR_EVERY_MEMBER = {
    "access:join",
    "access:join-outcome",
    "access:sign-in-new",
    "access:sign-in-outcome",
    "console:all-services",
    "console:directory-all-services",
    "console:search",
    "console:home",
    "console:azure-ad",
    "console:blade",
    "console:connector-status",
    "console:connectors",
    "console:dismiss",
    "console:nav-toggle",
    "console:notifications",
    "console:security",
    "console:settings",
    "missing",
    "console:tenant-status",
    "tenancy:clock",
    "tenancy:role-return",
    # The partner's own console is a training control: whoever learns here is its administrator.
    "uem:consent",
    "uem:device",
    "uem:device-delete",
    "uem:device-enrol",
    "uem:device-import",
    "uem:device-import-review",
    "uem:device-import-template",
    "uem:device-list",
    "uem:device-online",
    "uem:device-register",
    "uem:device-retire",
    "uem:device-samples",
    "uem:device-verdict",
    "uem:overview",
    "uem:partner-list",
    "uem:second-consent",
    "uem:settings",
    "uem:sync",
    "uem:token-list",
    "uem:token-revoke",
}


# What the journal says of the join of a device.
A_JOIN = {"Device": "LAPTOP-1", "User": "ana@kestrel.example", "Result": Outcome.NOT_IN_SCOPE.label}


@dataclass(frozen=True)
class Address:
    """One pattern: its full name, the names of its arguments, and its view."""

    name: str
    arguments: frozenset[str]
    view: Any


def addresses(patterns: Any = None, namespace: str = "", above: frozenset[str] = frozenset()) -> Iterator[Address]:
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        arguments = above | set(entry.pattern.converters)
        if isinstance(entry, URLResolver):
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry.url_patterns, inside, arguments)
        elif isinstance(entry, URLPattern):
            yield Address(f"{namespace}{entry.name}", frozenset(arguments), entry.callback)


ALL = sorted(addresses(), key=lambda address: address.name)
IN_TENANT = [address for address in ALL if "tenant" in address.arguments]
# What programs call with a token, whose answers are JSON: no session opens it, and no page of sign-in helps them.
FOR_TOKENS = [address for address in ALL if address.name.startswith("partner-api:") and address.name not in PUBLIC]
FOR_PEOPLE = [address for address in ALL if address.name not in PUBLIC and address not in FOR_TOKENS]


@pytest.fixture
def url_of(tenant, operator):
    """The address of anything, with ids of rows that exist in `tenant`."""
    group = GroupFactory(tenant=tenant)
    configuration = ConfigurationFactory(tenant=tenant, groups=[group])
    policy = CompliancePolicyFactory(tenant=tenant)

    def build(address: Address) -> str:
        if "draft_id" in address.arguments:
            answers: dict[str, Any] = {}
            wizard, subject = (EDIT, configuration.pk) if "configuration_id" in address.arguments else (ADD, None)
            if address.name.startswith("devices:bulk-"):
                wizard = BULK
            if address.name.startswith("devices:policy-"):
                wizard, subject, answers = POLICY_ADD, None, {"platform": {"os": OperatingSystem.IOS.value}}
                if "policy_id" in address.arguments:
                    wizard, subject, answers = POLICY_EDIT, policy.pk, {"basics": {"display_name": "Phones"}}
            if "group_id" in address.arguments:
                wizard, subject = IMPORT, group.pk
            if "partner" in address.arguments:
                console, _ = Console.objects.in_tenant(tenant).get_or_create(partner="workspace_one", tenant=tenant)
                wizard, subject = DEVICE_IMPORT, console.pk
            draft = Draft.objects.create(
                tenant=tenant, operator=operator, wizard=wizard, subject_id=subject, answers=answers
            )
        in_access = address.name.startswith("access:")
        rows = {
            "tenant": lambda: tenant.slug,
            "step": lambda: "basics",
            "configuration_id": lambda: configuration.pk,
            "device_id": lambda: ManagedDeviceFactory(tenant=tenant).pk,
            "record_id": lambda: DirectoryDeviceFactory(tenant=tenant).pk,
            "user_id": lambda: DirectoryUserFactory(tenant=tenant).pk,
            "group_id": lambda: group.pk,
            "entry_id": lambda: JournalEntryFactory(tenant=tenant, category="GroupManagement").pk,
            "notification_id": lambda: NotificationFactory(tenant=tenant, operator=operator).pk,
            "partner": lambda: "workspace_one",
            "enrolment_id": lambda: EnrolmentFactory(tenant=tenant).pk,
            "token_id": lambda: PartnerTokenFactory(tenant=tenant).pk,
            "policy_id": lambda: AccessPolicyFactory(tenant=tenant).pk if in_access else policy.pk,
            "application_id": lambda: MobilityApplicationFactory(tenant=tenant).pk,
            "join_id": lambda: JournalEntryFactory(tenant=tenant, activity=JOINED, new_values=A_JOIN).pk,
            "sign_in_id": lambda: SignInFactory(tenant=tenant).pk,
            "draft_id": lambda: draft.pk,
            "name": lambda: "recovery-keys" if "device_id" in address.arguments else "dashboard",
            "kind": lambda: "sync",
            "role": lambda: "help_desk_operator",
            "upload_id": lambda: "morning",
            "path": lambda: "anything",
        }
        return reverse(address.name, kwargs={name: rows[name]() for name in address.arguments})

    return build


def by_name(address: Address) -> str:
    return address.name


def test_walk_finds_the_addresses_that_scripts_rely_on():
    assert {"console:home", "partners:add-basics", "mobility:application-list", "devices:security-list"} <= {
        address.name for address in ALL
    }


@pytest.mark.parametrize("address", IN_TENANT, ids=by_name)
def test_operator_of_another_tenant_finds_nothing(stranger, url_of, address):
    url = url_of(address)

    assert stranger.get(url).status_code == 404
    assert stranger.post(url).status_code == 404


@pytest.mark.parametrize("address", IN_TENANT, ids=by_name)
def test_tenant_that_does_not_exist_looks_the_same(portal, url_of, tenant, address):
    response = portal.get(url_of(address).replace(f"/{tenant.slug}/", "/no-such-tenant/"))

    assert response.status_code == 404


@pytest.mark.parametrize("address", FOR_TOKENS, ids=by_name)
def test_session_of_an_operator_opens_nothing_that_is_for_tokens(portal, url_of, address):
    url = url_of(address)

    for response in (portal.get(url), portal.post(url)):
        assert response.status_code in {401, 405}
        assert set(response.json()) == {"error"}


@pytest.mark.parametrize("address", FOR_PEOPLE, ids=by_name)
def test_signed_out_everything_leads_to_sign_in(url_of, address):
    url = url_of(address)

    for method, told in (("get", ""), ("post", "&unsaved=1")):
        response = getattr(Client(), method)(url)
        assert response.status_code == 302
        assert response.url == f"{reverse('tenancy:sign-in')}?next={url}{told}"


@pytest.mark.parametrize("address", IN_TENANT, ids=by_name)
def test_signed_out_fragment_request_is_told_to_leave_for_sign_in(url_of, address):
    response = Client().get(url_of(address), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/t/x/"})

    assert response.headers["HX-Redirect"] == f"{reverse('tenancy:sign-in')}?next=/t/x/"


def test_every_address_in_a_tenant_asks_for_a_permission_or_is_known_to_be_for_everybody():
    unguarded = {address.name for address in IN_TENANT if permission_of(address.view) is None}

    assert unguarded == FOR_EVERY_MEMBER


@pytest.mark.parametrize("address", IN_TENANT, ids=by_name)
def test_every_role_opens_what_it_grants_and_is_refused_the_rest_by_name(portal_as, url_of, address):
    permission = permission_of(address.view)
    url = url_of(address)

    answers = {role: portal_as(role).get(url) for role in Role}

    refused = {role for role, response in answers.items() if response.status_code == 403}
    assert refused == {role for role in Role if permission is not None and permission not in GRANTS[role]}
    for role in refused:
        said = answers[role].content.decode()
        assert permission.value in said
        assert role.label in said


@pytest.mark.parametrize("address", [a for a in IN_TENANT if a.arguments - {"tenant", "name"}], ids=by_name)
def test_id_of_nothing_is_404(portal, tenant, address):
    kwargs = {name: uuid.uuid4() for name in address.arguments} | {"tenant": tenant.slug}

    assert portal.get(reverse(address.name, kwargs=kwargs)).status_code == 404


@pytest.mark.parametrize("address", ALL, ids=by_name)
def test_other_methods_are_refused_without_an_error(portal, url_of, address):
    url = url_of(address)

    for call in (portal.put, portal.delete, portal.patch):
        assert call(url).status_code in {200, 302, 401, 403, 404, 405, 422}


def test_answers_carry_the_content_security_policy(portal, tenant):
    policy = portal.get(reverse("console:home", args=[tenant.slug])).headers["Content-Security-Policy"]

    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_post_without_csrf_token_is_refused(operator, tenant):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(reverse("partners:add", args=[tenant.slug]))

    assert response.status_code == 403
    assert not Draft.objects.exists()
