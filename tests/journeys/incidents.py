"""What the journeys through incidents share: the ways of a trainee who has taken a ticket."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from labs.models import Injection
from tenancy.models import Tenant
from tests.journeys.visitor import Visitor


class Trainee(Visitor):
    """A visitor with an incident in the directory; `facts` is what the ticket says."""

    def __init__(self, client: Client, tenant: Tenant, incident: int) -> None:
        self.tenant = tenant
        call_command("inject", tenant.slug, str(incident), stdout=StringIO())
        self.injection = Injection.objects.in_tenant(tenant).get()
        self.facts = self.injection.facts
        super().__init__(client, reverse("console:home", args=[tenant.slug]))

    def is_healed(self) -> bool:
        """What the command says; an incident that is lost is neither healed nor open."""
        out = StringIO()
        call_command("inject", self.tenant.slug, "--status", stdout=out)
        words = out.getvalue().split()
        assert "lost" not in words
        return "healed" in words

    def pass_by(self, step: str = "+1 hour", times: int = 1) -> None:
        """Move the clock on its page."""
        self.open("tenancy:clock")
        for _ in range(times):
            self.click(step)
            assert self.toasts == ["Clock moved forward"]

    def open(self, name: str, *arguments: object, query: str = "") -> None:
        """Go to a blade of the directory."""
        self.go(reverse(name, args=[self.tenant.slug, *arguments]) + query)

    def pick(self, label: str, *names: str) -> None:
        """Open the picker of the row `label`, tick these, and select."""
        (row,) = [tag for tag in self.page.select(".selector") if self._name(tag).startswith(label)]
        self.click(self._name(row))
        for name in names:
            self.tick(name)
        self.click("Select")

    def option(self, question: str, answer: str) -> None:
        """Choose `answer` among the radio buttons below `question`; several questions may offer the same answers."""
        legends = self.page.select("fieldset > legend")
        (legend,) = [tag for tag in legends if tag.get_text(" ", strip=True).startswith(question)]
        for label in legend.parent.select("label") if legend.parent else ():
            (box,) = label.select("input")
            del box["checked"]
            if label.get_text(" ", strip=True) == answer:
                box["checked"] = ""

    def configure(self, application: str = "Microsoft Intune") -> None:
        """The blade Configure of an application under Mobility (MDM and MAM)."""
        self.open("mobility:application-list")
        self.click(application)

    def open_device(self) -> None:
        """Intune's blade of the incident's device."""
        self.open("devices:overview", self.injection.intune_device_id)

    def join(self, name: str, *, own_device: bool = False) -> None:
        """Join a Windows device as the incident's user, or register an own one; the page tells what came of it."""
        self.open("access:join", query=f"?user={self.injection.user_id}")
        self.fill("Device name", name)
        self.tick("Add a work or school account" if own_device else "Join this device to Azure AD")
        self.click("Join", inside="main form")

    def troubleshoot(self) -> None:
        """Troubleshooting + support > Troubleshoot, with the incident's user."""
        self.open("access:troubleshoot", query=f"?user={self.injection.user_id}")

    def shown(self) -> tuple[str, str]:
        """What Troubleshoot says of the user's only device: Intune compliant, Azure AD compliant."""
        self.troubleshoot()
        (row,) = self.rows("Devices")
        return row["Intune compliant"], row["Azure AD compliant"]

    # Azure Active Directory

    def azure(self, device: str = "") -> list[dict[str, str]]:
        """The rows of Azure Active Directory > Devices with that name; without one: of the incident's device."""
        self.open("directory:device-list")
        return [row for row in self.rows("Devices") if row["Name"] == (device or self.facts["device"])]

    def marks(self) -> tuple[str, str]:
        """MDM and Compliant of the incident's device, which has one record."""
        (row,) = self.azure()
        return row["MDM"], row["Compliant"]

    def delete_record(self, record_id: object) -> None:
        """Delete a device on its blade in Azure Active Directory."""
        self.open("directory:device-overview", record_id)
        self.click("Delete")
        self.click("Delete", inside="dialog[open]")

    def open_user(self) -> None:
        """The blade of the incident's user."""
        self.open("directory:user-list")
        self.click(self.facts["name"])

    def add_member(self, group: str) -> None:
        """The incident's user becomes a member of that group."""
        self.open_group(group)
        self.click("Members", inside=".menu")
        self.click("Add members")
        self.tick(self.facts["name"])
        self.click("Select")

    def open_group(self, group: str) -> None:
        self.open("directory:group-list")
        self.click(group)

    # Sign-ins

    def sign_in(self, app: str, *, device: object = None, platform: str = "") -> None:
        """Sign in as the incident's user. device: key of the record whose device ID is presented."""
        asked = f"?device={device}" if device else f"?user={self.injection.user_id}"
        self.open("access:sign-in-new", query=asked)
        self.choose("Cloud app", app)
        if platform:
            self.choose("Device platform", platform)
        self.click("Sign in", inside="main form")

    def open_last_sign_in(self, tab: str = "") -> None:
        """The latest sign-in of the incident's user in the log."""
        self.open("access:sign-in-list", query=f"?user={self.injection.user_id}")
        self.go(str(self.page.select("table tbody tr a")[0]["href"]))
        if tab:
            self.click(tab)

    # Partner compliance management

    def partner_row(self) -> dict[str, str]:
        """The row of the incident's platform."""
        self.open("partners:configuration-list")
        (row,) = [row for row in self.rows("Compliance partners") if row["Platform"] == self.facts["platform_name"]]
        return row

    def open_partner(self) -> None:
        """Overview of the configuration for the incident's platform."""
        self.open("partners:configuration-list")
        rows = self.page.select("table tbody tr")
        row = next(row for row in rows if self.facts["platform_name"] in row.get_text())
        self.go(str(row.select("a")[0]["href"]))

    def delete_partner(self) -> None:
        self.open_partner()
        self.click("Delete", inside='[role="toolbar"]')
        self.click("Delete", inside="dialog[open]")

    def add_partner(self, partner: str, platform: str, group: str) -> None:
        self.open("partners:configuration-list")
        self.click("Add compliance partner", inside='[role="toolbar"]')
        self.choose("Compliance partner", partner)
        self.choose("Platform", platform)
        self.click("Next")
        self.click("Add groups")
        self.tick(group)
        self.click("Select")
        self.click("Next")
        self.click("Create")

    # The partner's console

    def open_console(self) -> None:
        """Directory Services, or what the partner calls it."""
        self.open("console:home")
        self.click("Connect the partner, and enroll devices")
        self.click(self.facts["product"], inside="main")
        self.click("Directory Services", inside=".side")

    def open_phone(self) -> None:
        """The incident's device in the partner's console."""
        self.open("uem:device-list", self.facts["partner"])
        self.click(self.facts["device"])

    def sync(self) -> None:
        self.open_console()
        self.click("Sync Azure Services")
        self.click("SYNC")
        self.sees("Azure services synchronized")

    def register(self, app: str) -> None:
        """The user registers the device through that app."""
        self.open_phone()
        self.tick(app)
        self.click("Register")
