"""Membership rules of dynamic groups: the subset of Azure AD's rule syntax that fits a user's properties here.

    (user.department -eq "Sales") -and -not (user.country -in ["Poland", "Germany"])
    user.assignedPlans -any (assignedPlan.servicePlanId -eq "c1ec4a95-1f05-45b3-a911-aa3fa01094f5")

Names, operators and values are compared whatever their case, as in the real product; -not binds closer than -and,
-and closer than -or; an empty property is null. Source: azure-docs, "Dynamic membership rules for groups".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from directory.models import Licence
from tenancy.models import Tenant
from tenancy.scoping import fold

LONGEST = 3072  # characters; "The total length of the body of your membership rule cannot exceed 3072 characters."
DEEPEST = 40  # brackets and -not inside one another

# The service plan by which a rule names a product; Microsoft documents both ids.
PLANS = {
    Licence.Sku.INTUNE: "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    Licence.Sku.AAD_PREMIUM_P1: "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
}


class RuleError(ValueError):
    """The rule is not understood.

    fault: what is wrong, without a full stop; position: the character, from 1, at which that shows, or 0 where it is
    about the rule as a whole; advice: a sentence on what to do.
    """

    def __init__(self, fault: str, position: int = 0, advice: str = "") -> None:
        place = f" (character {position:,})" if position else ""
        super().__init__(f"{fault}{place}. {advice}".strip())
        self.position = position


Value = str | bool | tuple[str, ...] | None


@dataclass(frozen=True)
class Property:
    """A property that a rule can ask about. name: in the real spelling; column: of DirectoryUser."""

    name: str
    label: str
    column: str
    kind: str = "text"  # or boolean, id, code


PROPERTIES = {
    prop.name.casefold(): prop
    for prop in (
        Property("user.department", "department", "department_key"),
        Property("user.country", "country", "country_key"),
        Property("user.jobTitle", "jobTitle", "job_title_key"),
        Property("user.city", "city", "city_key"),
        Property("user.displayName", "displayName", "name_key"),
        Property("user.surname", "surname", "surname_key"),
        Property("user.userPrincipalName", "userPrincipalName", "upn_key"),
        Property("user.usageLocation", "usageLocation", "usage_location", "code"),
        Property("user.accountEnabled", "accountEnabled", "account_enabled", "boolean"),
        Property("user.objectId", "objectId", "pk", "id"),
    )
}

# Operator in the real spelling to its words in the rule builder.
OPERATORS = {
    "-eq": "Equals",
    "-ne": "Not Equals",
    "-startsWith": "Starts With",
    "-notStartsWith": "Not Starts With",
    "-contains": "Contains",
    "-notContains": "Not Contains",
    "-in": "In",
    "-notIn": "Not In",
}
_OPERATORS = {name.casefold(): name for name in OPERATORS}
_OF_KIND = {
    "text": frozenset(OPERATORS),
    "code": frozenset(OPERATORS),
    "id": frozenset({"-eq", "-ne", "-in", "-notIn"}),
    "boolean": frozenset({"-eq", "-ne"}),
}
_OPPOSITE = {"-ne": "-eq", "-notStartsWith": "-startsWith", "-notContains": "-contains", "-notIn": "-in"}


# What a rule is made of


@dataclass(frozen=True)
class Comparison:
    """One property against one value, or against a list of them."""

    prop: Property
    operator: str
    value: Value

    def __str__(self) -> str:
        return f"({self.prop.name} {self.operator} {_written(self.value)})"


@dataclass(frozen=True)
class PlanComparison:
    """Inside -any: one property of one assigned plan."""

    name: str
    operator: str
    value: Value


@dataclass(frozen=True)
class AnyPlan:
    """At least one of the user's plans fits."""

    inner: Node


@dataclass(frozen=True)
class Not:
    inner: Node


@dataclass(frozen=True)
class Both:
    """All of the parts hold, or with `either` at least one."""

    parts: tuple[Node, ...]
    either: bool = False


Node = Comparison | PlanComparison | AnyPlan | Not | Both


def _written(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_written(item) for item in value)}]"
    return '"' + value.replace('"', '`"') + '"'


# Reading


class _Token(NamedTuple):
    """A piece of the rule. kind: word, string, sign or end; at: its first character, from 1."""

    text: str
    kind: str
    at: int

    def is_sign(self, sign: str) -> bool:
        return self.kind == "sign" and self.text == sign


_PIECE = re.compile(
    r"""\s*(?:(?P<string>"(?:`"|[^"])*")|(?P<sign>[()\[\],])|(?P<word>[-$A-Za-z_][-\w.$]*))""", re.UNICODE
)


def parse(text: str) -> Node:
    """The rule in `text`. Raises RuleError with the position of what is not understood."""
    if not text.strip():
        raise RuleError("Enter a membership rule")
    if len(text) > LONGEST:
        raise RuleError(f"A membership rule has at most {LONGEST:,} characters")
    return _Reader(list(_tokens(text))).read()


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _PIECE.match(text, position)
        if found is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            if text[start] == '"':
                raise RuleError("The closing quotation mark is missing", start + 1)
            if text[start] in "'“”":
                raise RuleError("The value is not in straight double quotation marks", start + 1, 'Write "Sales".')
            advice = "Operators are words with a hyphen, such as -eq and -and." if text[start] in "=!<>&|" else ""
            raise RuleError(f"'{text[start]}' is not expected here", start + 1, advice)
        kind = str(found.lastgroup)
        yield _Token(found[kind], kind, found.start(kind) + 1)
        position = found.end()
    yield _Token("", "end", end + 1)


class _Reader:
    """Recursive descent over the tokens, one method for each rank of binding."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.next, self.depth = tokens, 0, 0

    def read(self) -> Node:
        node = self._either(self._property)
        if self._here.kind != "end":
            raise RuleError(
                f"{_quoted(self._here)} is not expected here", self._here.at, "Join expressions by -and or -or."
            )
        return node

    @property
    def _here(self) -> _Token:
        return self.tokens[self.next]

    def _take(self) -> _Token:
        token = self._here
        self.next += token.kind != "end"
        return token

    def _word(self, name: str) -> bool:
        """Take the operator `name`, with or without its hyphen, if it is next."""
        if self._here.kind == "word" and self._here.text.casefold().removeprefix("-") == name:
            self._take()
            return True
        return False

    def _sign(self, sign: str, why: str) -> None:
        token = self._take()
        if not token.is_sign(sign):
            raise RuleError(f"'{sign}' is missing: {why}", token.at)

    def _either(self, leaf: Callable[[], Node]) -> Node:
        parts = [self._both(leaf)]
        while self._word("or"):
            parts.append(self._both(leaf))
        return parts[0] if len(parts) == 1 else Both(tuple(parts), either=True)

    def _both(self, leaf: Callable[[], Node]) -> Node:
        parts = [self._single(leaf)]
        while self._word("and"):
            parts.append(self._single(leaf))
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _single(self, leaf: Callable[[], Node]) -> Node:
        at = self._here.at
        self.depth += 1
        if self.depth > DEEPEST:
            raise RuleError(f"A rule has at most {DEEPEST} brackets inside one another", at)
        try:
            if self._word("not"):
                return Not(self._single(leaf))
            if self._here.is_sign("("):
                self._take()
                node = self._either(leaf)
                self._sign(")", "a bracket is not closed")
                return node
            return leaf()
        finally:
            self.depth -= 1

    def _property(self) -> Node:
        token = self._take()
        if token.kind == "end":
            raise RuleError("The rule ends where an expression is expected", token.at)
        if token.kind != "word" or token.text.startswith("-"):
            raise RuleError(
                f"{_quoted(token)} is not expected here", token.at, "Start with a property, such as user.department."
            )
        if token.text.casefold() == "user.assignedplans":
            if not self._word("any"):
                raise RuleError("user.assignedPlans takes the operator -any alone", self._here.at)
            self._sign("(", "-any is followed by an expression in brackets")
            node = self._either(self._plan)
            self._sign(")", "a bracket is not closed")
            return AnyPlan(node)
        prop = PROPERTIES.get(token.text.casefold())
        if prop is None:
            advice = "Use one of the known properties, such as user.department."
            if token.text.casefold().startswith("device."):
                advice = "The rules of this console ask about users, such as user.department."
            raise RuleError(f"The property '{token.text}' is not known here", token.at, advice)
        operator = self._operator(_OF_KIND[prop.kind], prop.name)
        return Comparison(prop, operator, self._value(operator, prop))

    def _plan(self) -> Node:
        token = self._take()
        name = {"assignedplan.serviceplanid": "id", "assignedplan.capabilitystatus": "status"}.get(
            token.text.casefold()
        )
        if name is None:
            raise RuleError(
                f"{_quoted(token)} is not known here",
                token.at,
                "Use assignedPlan.servicePlanId or assignedPlan.capabilityStatus.",
            )
        operator = self._operator(_OF_KIND["id"], token.text)
        return PlanComparison(name, operator, self._value(operator, None))

    def _operator(self, allowed: frozenset[str], name: str) -> str:
        token = self._take()
        operator = _OPERATORS.get(f"-{token.text.casefold().removeprefix('-')}") if token.kind == "word" else None
        if operator is None:
            fault = (
                f"{_quoted(token)} is no operator" if token.kind == "word" else f"An operator is missing after {name}"
            )
            raise RuleError(fault, token.at, f"Use {', '.join(o for o in OPERATORS if o in allowed)}.")
        if operator not in allowed:
            raise RuleError(f"{name} does not take the operator {operator}", token.at)
        return operator

    def _value(self, operator: str, prop: Property | None) -> Value:
        at = self._here.at
        if operator in {"-in", "-notIn"}:
            self._sign("[", f'{operator} takes a list, such as ["Sales", "Finance"]')
            items = [self._text()]
            while self._here.is_sign(","):
                self._take()
                items.append(self._text())
            self._sign("]", "the list is not closed")
            return tuple(items)
        word = self._here.text.casefold() if self._here.kind == "word" else ""
        if word in {"null", "$null"}:
            self._take()
            if operator not in {"-eq", "-ne"}:
                raise RuleError(f"null is compared by -eq and -ne, not by {operator}", at)
            return None
        if prop is not None and prop.kind == "boolean":
            if word not in {"true", "false"}:
                raise RuleError(f"{prop.name} is compared with true or false", at)
            self._take()
            return word == "true"
        return self._text()

    def _text(self) -> str:
        token = self._take()
        if token.kind != "string":
            raise RuleError('A value in double quotation marks is expected, such as "Sales"', token.at)
        return token.text[1:-1].replace('`"', '"')


def _quoted(token: _Token) -> str:
    return f"'{token.text}'" if token.text else "The end of the rule"


# Asking


def condition(node: Node, tenant: Tenant) -> Q:
    """The users for whom the rule holds, as a condition on a queryset of DirectoryUser."""
    if isinstance(node, Comparison):
        return _compared(node)
    if isinstance(node, AnyPlan):
        skus = [sku for sku, plan in PLANS.items() if _holds(node.inner, plan)]
        found = Licence.objects.in_tenant(tenant).filter(user=OuterRef("pk"), sku__in=skus)
        return Q(Exists(found)) if skus else _NOBODY
    if isinstance(node, Not):
        return ~condition(node.inner, tenant)
    assert isinstance(node, Both)  # noqa: S101 - a comparison of plans stands inside -any alone
    first, *rest = (condition(part, tenant) for part in node.parts)
    for part in rest:
        first = first | part if node.either else first & part
    return first


_NOBODY = Q(pk__isnull=True)


def _compared(node: Comparison) -> Q:
    opposite = _OPPOSITE.get(node.operator)
    if opposite is not None:
        return ~_compared(Comparison(node.prop, opposite, node.value))
    column, kind, value = node.prop.column, node.prop.kind, node.value
    if kind == "boolean":
        return _NOBODY if value is None else Q(**{column: value})
    if kind == "id":
        ids = list(_ids(value if isinstance(value, tuple) else (str(value),)))
        return Q(pk__in=ids) if ids else _NOBODY
    if value is None:
        return Q(**{column: ""})
    prepare = str.upper if kind == "code" else fold
    if isinstance(value, tuple):
        return Q(**{f"{column}__in": sorted({prepare(item) for item in value})})
    lookup = {"-eq": "exact", "-startsWith": "startswith", "-contains": "contains"}[node.operator]
    return Q(**{f"{column}__{lookup}": prepare(str(value))})


def _ids(values: Sequence[str]) -> Iterator[UUID]:
    for value in values:
        try:
            yield UUID(value)
        except ValueError:
            continue  # an id that cannot be one is nobody's


def _holds(node: Node, plan: str) -> bool:
    """Whether the condition inside -any holds for the plan with the id `plan`, which is always enabled here."""
    if isinstance(node, PlanComparison):
        actual = {"id": plan, "status": "enabled"}[node.name]
        wanted = node.value if isinstance(node.value, tuple) else (node.value,)
        equal = any(item is not None and fold(str(item)) == actual for item in wanted)
        return equal is (node.operator in {"-eq", "-in"})
    if isinstance(node, Not):
        return not _holds(node.inner, plan)
    assert isinstance(node, Both)  # noqa: S101 - nothing else is read inside -any
    return (any if node.either else all)(_holds(part, plan) for part in node.parts)


# The rule builder


def expressions(node: Node) -> list[tuple[str, Comparison]] | None:
    """The rule as rows of the builder: "", "-and" or "-or" before each comparison.

    None: it has brackets, -not or plans, which rows cannot show.
    """
    rows: list[tuple[str, Comparison]] = []
    for alternative in node.parts if isinstance(node, Both) and node.either else (node,):
        joiner = "-or" if rows else ""
        for part in alternative.parts if isinstance(alternative, Both) and not alternative.either else (alternative,):
            if not isinstance(part, Comparison):
                return None
            rows.append((joiner, part))
            joiner = "-and"
    return rows


def write(rows: Sequence[tuple[str, Comparison]]) -> str:
    """The rule that `rows` of the builder stand for."""
    return "".join(f"{f' {joiner} ' if n else ''}{part}" for n, (joiner, part) in enumerate(rows))
