"""The subset of Azure AD's rule syntax: what is understood, whom it selects, and what is refused where."""

from __future__ import annotations

import pytest

from directory import rules
from directory.models import DirectoryUser, Licence
from tests.factories import DirectoryUserFactory, LicenceFactory, TenantFactory

INTUNE = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"


@pytest.fixture
def people(tenant):
    """Ada in Sales (Leeds), Bo in Finance (Hamburg, blocked, no licence), Cy without anything but a name."""
    ada = DirectoryUserFactory(
        tenant=tenant,
        display_name="Ada",
        surname="Łukasz",
        upn="ada@kestrel.example",
        department="Sales",
        country="United Kingdom",
        city="Leeds",
        job_title='Head of "Key" accounts',
        usage_location="GB",
    )
    bo = DirectoryUserFactory(
        tenant=tenant,
        display_name="Bo",
        upn="bo@kestrel.example",
        department="FINANCE",
        country="Germany",
        city="Hamburg",
        job_title="Accountant",
        usage_location="DE",
        account_enabled=False,
    )
    cy = DirectoryUserFactory(tenant=tenant, display_name="Cy", upn="cy@kestrel.example")
    LicenceFactory(tenant=tenant, user=ada)
    LicenceFactory(tenant=tenant, user=ada, sku=Licence.Sku.AAD_PREMIUM_P1)
    LicenceFactory(tenant=tenant, user=cy, sku=Licence.Sku.AAD_PREMIUM_P1)
    DirectoryUserFactory(tenant=TenantFactory(), display_name="Stranger", department="Sales")
    return {"Ada": ada, "Bo": bo, "Cy": cy}


def chosen(tenant, text):
    users = DirectoryUser.objects.in_tenant(tenant).filter(rules.condition(rules.parse(text), tenant))
    return " ".join(users.order_by("name_key").values_list("display_name", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('user.department -eq "Sales"', "Ada"),
        ('(user.department -eq "sales")', "Ada"),
        ('USER.Department -EQ "SALES"', "Ada"),
        ('user.department eq "Sales"', "Ada"),
        ('user.department -ne "Sales"', "Bo Cy"),
        ("user.department -eq null", "Cy"),
        ("user.department -ne null", "Ada Bo"),
        ("user.department -eq $null", "Cy"),
        ('user.department -eq ""', "Cy"),
        ('user.department -startsWith "fin"', "Bo"),
        ('user.department -notStartsWith "fin"', "Ada Cy"),
        ('user.department -contains "ALE"', "Ada"),
        ('user.department -notContains "ale"', "Bo Cy"),
        ('user.department -contains "%"', ""),
        ('user.department -contains "_"', ""),
        ('user.department -in ["sales", "Finance", "Legal"]', "Ada Bo"),
        ('user.department -notIn ["sales","Finance"]', "Cy"),
        ('user.jobTitle -eq "Head of `"Key`" accounts"', "Ada"),
        ('user.surname -startsWith "ł"', "Ada"),
        ('user.city -eq "Leeds" -or user.city -eq "Hamburg"', "Ada Bo"),
        ('user.city -eq "Leeds" -and user.country -eq "Germany"', ""),
        ('user.city -eq "Leeds" -or user.city -eq "Hamburg" -and user.country -eq "Poland"', "Ada"),
        ('(user.city -eq "Leeds" -or user.city -eq "Hamburg") -and user.country -eq "Germany"', "Bo"),
        ('-not user.city -eq "Leeds"', "Bo Cy"),
        ('-not (user.city -eq "Leeds" -or user.city -eq null)', "Bo"),
        ('not not user.city -eq "Leeds"', "Ada"),
        ("user.accountEnabled -eq true", "Ada Cy"),
        ("user.accountEnabled -ne true", "Bo"),
        ("user.accountEnabled -eq False", "Bo"),
        ('user.usageLocation -in ["gb"]', "Ada"),
        ('user.userPrincipalName -startsWith "CY@"', "Cy"),
        ('user.displayName -contains "o"', "Bo"),
        ("user.objectId -ne null", "Ada Bo Cy"),
        ("user.objectId -eq null", ""),
        ('user.objectId -eq "nonsense"', ""),
        (f'user.assignedPlans -any (assignedPlan.servicePlanId -eq "{INTUNE}")', "Ada"),
        ((f'user.assignedPlans -any (assignedPlan.servicePlanId -eq "{INTUNE.upper()}"'
         ' -and assignedPlan.capabilityStatus -eq "Enabled")'), "Ada"),
        (f'-not (user.assignedPlans -any (assignedPlan.servicePlanId -eq "{INTUNE}"))', "Bo Cy"),
        ('user.assignedPlans -any (assignedPlan.capabilityStatus -eq "Suspended")', ""),
        ('user.assignedPlans -any (assignedPlan.capabilityStatus -eq "enabled")', "Ada Cy"),
        ('user.assignedPlans -any (assignedPlan.servicePlanId -in ["x", "y"])', ""),
    ],
)  # fmt: skip
def test_rule_selects(tenant, people, text, names):
    assert chosen(tenant, text) == names


def test_rule_by_object_id_selects_that_user(tenant, people):
    assert chosen(tenant, f'user.objectId -in ["{people["Bo"].pk}", "{people["Cy"].pk}"]') == "Bo Cy"


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ('user.department -eq "Sales', 21, "closing quotation mark is missing"),
        ("user.department -eq 'Sales'", 21, "straight double quotation marks"),
        ("user.department -eq Sales", 21, "A value in double quotation marks is expected"),
        ('user.department -like "Sales"', 17, "'-like' is no operator"),
        ('user.department "Sales"', 17, "An operator is missing after user.department"),
        ("user.department", 16, "An operator is missing after user.department"),
        ('user.department = "Sales"', 17, "Operators are words with a hyphen"),
        ('-and user.city -eq "Leeds"', 1, "Start with a property"),
        ('device.deviceOSType -eq "Windows"', 1, "ask about users"),
        ('user.shoeSize -eq "44"', 1, "The property 'user.shoeSize' is not known here"),
        ('(user.city -eq "Leeds"', 23, "a bracket is not closed"),
        ('user.city -eq "Leeds")', 22, "')' is not expected here"),
        ('user.city -eq "Leeds" user.city -eq "York"', 23, "Join expressions by -and or -or"),
        ('user.city -eq "Leeds" -and', 27, "ends where an expression is expected"),
        ('user.city -in "Leeds"', 15, "-in takes a list"),
        ('user.city -in ["Leeds" "York"]', 24, "the list is not closed"),
        ("user.city -contains null", 21, "null is compared by -eq and -ne"),
        ('user.accountEnabled -eq "true"', 25, "compared with true or false"),
        ("user.accountEnabled -startsWith true", 21, "does not take the operator -startsWith"),
        ('user.assignedPlans -eq "x"', 20, "takes the operator -any"),
        ('user.assignedPlans -any (user.city -eq "x")', 26, "Use assignedPlan.servicePlanId"),
        ('user.city -eq "a" & user.city -eq "b"', 19, "'&' is not expected here"),
        ("(" * 60 + 'user.city -eq "a"' + ")" * 60, 41, "at most 40 brackets"),
    ],
)
def test_rule_is_refused_at_a_position(text, position, words):
    with pytest.raises(rules.RuleError) as refused:
        rules.parse(text)

    assert refused.value.position == position
    assert f" (character {position})." in str(refused.value)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter a membership rule."),
        ("   ", "Enter a membership rule."),
        ('user.city -eq "' + "a" * 4000 + '"', "A membership rule has at most 3,072 characters."),
    ],
)
def test_rule_is_refused_as_a_whole_without_a_position(text, sentence):
    with pytest.raises(rules.RuleError) as refused:
        rules.parse(text)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "text",
    [
        '(user.department -eq "Sales")',
        '(user.department -eq "Sales") -and (user.country -ne "Poland") -or (user.city -in ["Leeds", "York"])',
        '(user.jobTitle -eq "Head of `"Key`" accounts") -or (user.accountEnabled -eq true)',
        "(user.city -ne null)",
    ],
)
def test_rule_of_the_builder_is_written_as_it_was_read(text):
    assert rules.write(rules.expressions(rules.parse(text))) == text


@pytest.mark.parametrize(
    "text",
    [
        '-not (user.city -eq "a")',
        '(user.city -eq "a" -or user.city -eq "b") -and user.city -eq "c"',
        f'user.assignedPlans -any (assignedPlan.servicePlanId -eq "{INTUNE}")',
    ],
)
def test_builder_does_not_show_what_its_rows_cannot_say(text):
    assert rules.expressions(rules.parse(text)) is None
