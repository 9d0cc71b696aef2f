"""Stops of the tour: the log of sign-ins, one of them, and what users see."""

from __future__ import annotations

from datetime import timedelta

from access import services
from access.models import Policy, SignIn
from access.services import People
from devices import joining
from directory.models import DirectoryDevice, DirectoryUser, Licence
from mobility import gallery
from mobility.models import MobilityApplication
from tenancy.models import JournalEntry, Tenant
from tests.browser.stop import Stop, World, at, press


def stops(world: World) -> list[Stop]:
    fresh, busy = world.fresh, world.busy
    made = _signed_in(busy)
    blocked, allowed, waiting = made["blocked"], made["allowed"], made["waiting"]
    one, listed = at("access:sign-in", busy, blocked.pk), at("access:sign-in-list", busy)
    failed = blocked.policy_results.filter(result="failure")[0]
    policies = f"{one}?tab=conditional-access"
    return [
        Stop("sign-ins", listed),
        Stop("sign-ins-filtered", f"{listed}?status=failure&app=teams&range=7d&user={blocked.user_id}"),
        Stop("sign-ins-none", f"{listed}?q=zzzzzz"),
        Stop("sign-ins-empty", at("access:sign-in-list", fresh)),
        Stop("sign-in", one),
        Stop("sign-in-location", f"{one}?tab=location"),
        Stop("sign-in-device", f"{one}?tab=device-info"),
        Stop("sign-in-authentication", at("access:sign-in", busy, waiting.pk) + "?tab=authentication-details"),
        Stop("sign-in-policies", policies),
        Stop("sign-in-why", f"{policies}&pane=policy&policy={failed.pk}"),
        Stop("sign-in-report-only", f"{one}?tab=report-only"),
        Stop("sign-in-as", at("access:sign-in-new", busy) + f"?again={blocked.pk}"),
        Stop("sign-in-as-error", at("access:sign-in-new", busy), press("Sign in")),
        Stop("sign-in-as-user", at("access:sign-in-new", busy) + "?pane=user"),
        Stop("sign-in-blocked", at("access:sign-in-outcome", busy, blocked.pk), lambda page: page.click("summary")),
        Stop("sign-in-waiting", at("access:sign-in-outcome", busy, waiting.pk)),
        Stop("sign-in-allowed", at("access:sign-in-outcome", busy, allowed.pk) + "?token=1"),
        Stop("join", at("access:join", busy)),
        Stop("join-error", at("access:join", busy), press("Join")),
        *(Stop(f"join-{name}", at("access:join-outcome", busy, entry.pk)) for name, entry in _joined(busy).items()),
        Stop("sign-in-help-desk", at("access:sign-in-outcome", busy, blocked.pk), role="help_desk"),
    ]


def _signed_in(tenant: Tenant) -> dict[str, SignIn]:
    """Policies, and sign-ins that end in each way."""
    records = DirectoryDevice.objects.in_tenant(tenant).exclude(owner=None).select_related("owner")
    good, bad = (records.filter(is_compliant=compliant).order_by("name_key").first() for compliant in (True, False))
    if not Policy.objects.in_tenant(tenant).filter(display_name="Block everybody else's phones").exists():
        for name, state, values in (
            ("Block everybody else's phones", Policy.State.ON, {"require_compliant_device": True}),
            ("Second factor for Salesforce", Policy.State.ON, {"require_mfa": True, "included_apps": ["salesforce"]}),
            ("Approved apps (pilot)", Policy.State.REPORT_ONLY, {"require_approved_app": True}),
        ):
            services.create_policy(
                tenant=tenant,
                actor=None,
                people=People(),
                display_name=name,
                state=state,
                all_users=True,
                all_apps="included_apps" not in values,
                **values,
            )
    made = {}
    for name, record, app in (("allowed", good, "teams"), ("waiting", good, "salesforce"), ("blocked", bad, "teams")):
        record.owner.tenant = tenant
        made[name] = services.sign_in(
            user=record.owner, app=app, platform="ios", device=record, client_app=services.NATIVE
        )
    SignIn.objects.in_tenant(tenant).filter(pk=made["allowed"].pk).update(occurred_at=tenant.now() - timedelta(hours=3))
    return made


def _joined(tenant: Tenant) -> dict[str, JournalEntry]:
    """Laptops that were joined, with what came of it."""
    licensed = DirectoryUser.objects.in_tenant(tenant).filter(licences__sku=Licence.Sku.INTUNE)
    user = licensed.filter(account_enabled=True, directory_devices=None).order_by("name_key")[0]
    user.tenant = tenant
    intune = MobilityApplication.objects.in_tenant(tenant).filter(gallery_key=gallery.MICROSOFT_INTUNE)
    made = {}
    for name, own_device, values in (
        ("not-in-scope", False, {"mdm_user_scope": "none"}),
        ("terms-of-use", False, {"mdm_user_scope": "all", "mdm_terms_of_use_url": ""}),
        ("own", True, {"mdm_user_scope": "none"}),
    ):
        before = intune.values(*values)[0]
        intune.update(**values)
        made[name] = joining.join(tenant=tenant, actor=None, user=user, device_name="KL-JOIN-1", own_device=own_device)
        intune.update(**before)
    return made
