"""The rule builder above the rule syntax: rows that show the rule, and one that adds to it.

The text box is the rule; the rows follow from it. Every button of the builder posts the whole form, and the view
draws the page again with the changed text, so that the builder needs no script.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from directory import rules
from directory.rules import OPERATORS, PROPERTIES, Comparison, Property, RuleError

# "The rule builder supports the construction of up to five expressions."
MOST = 5
FULL = f"The rule builder takes at most {MOST} expressions. Add more in the rule syntax."

JOINERS = {"-and": "And", "-or": "Or"}


@dataclass
class RuleBuilder:
    """What the builder of a page shows. chosen: what stands in the row that adds."""

    text: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    error: str = ""
    handled: bool = False  # the POST was about the builder; nothing is to be saved

    @classmethod
    def load(cls, data: QueryDict | None, text: str) -> RuleBuilder:
        """The builder after a POST with `data`, or at rest with the rule `text` when data is None."""
        if data is None:
            return cls(text)
        names = ("joiner", "property", "operator", "value")
        builder = cls(data.get("rule", ""), {name: data.get(f"rule_{name}", "") for name in names})
        if "rule_add" in data:
            builder.handled = True
            builder._add()
        elif "rule_drop" in data:
            builder.handled = True
            builder._drop(data.get("rule_drop", ""))
        return builder

    def _add(self) -> None:
        prop = PROPERTIES.get(self.chosen["property"].casefold())
        operator = self.chosen["operator"]
        if prop is None or operator not in OPERATORS:
            self.error = "Select a property and an operator."
            return
        if len(self._rows() or ()) >= MOST:
            self.error = FULL
            return
        joiner = self.chosen["joiner"] if self.chosen["joiner"] in JOINERS else "-and"
        before = f"{self.text.strip()} {joiner} " if self.text.strip() else ""
        try:
            if before:
                rules.parse(self.text)
            expression = _expression(prop, operator, self.chosen["value"].strip())
            rules.parse(before + expression)
        except RuleError as error:
            self.error = str(error)
            return
        self.text = before + expression
        self.chosen = {"joiner": joiner}

    def _drop(self, number: str) -> None:
        rows = self._rows()
        if rows and number.isdecimal() and int(number) < len(rows):
            self.text = rules.write([row for n, row in enumerate(rows) if n != int(number)])

    def _rows(self) -> list[tuple[str, Comparison]] | None:
        try:
            return rules.expressions(rules.parse(self.text)) if self.text.strip() else []
        except RuleError:
            return None

    def context(self) -> dict[str, Any]:
        """The parameters of directory/_rule_builder.html."""
        rows = self._rows()
        if rows is not None and len(rows) > MOST:
            rows = None
        return {
            "text": self.text,
            "error_list": [self.error] if self.error else [],
            "shows": rows is not None,
            "rows": [
                {
                    "number": n,
                    "joiner": JOINERS.get(joiner, ""),
                    "property": row.prop.label,
                    "operator": OPERATORS[row.operator],
                    "value": _shown(row),
                }
                for n, (joiner, row) in enumerate(rows or ())
            ],
            "joiners": _options(JOINERS, self.chosen.get("joiner", "")),
            "properties": _options(
                {prop.name: prop.label for prop in PROPERTIES.values()}, self.chosen.get("property", "")
            ),
            "operators": _options(OPERATORS, self.chosen.get("operator", "")),
            "value": self.chosen.get("value", ""),
        }


def _options(choices: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": label, "selected": value == chosen} for value, label in choices.items()]


def _expression(prop: Property, operator: str, value: str) -> str:
    """One comparison in the rule syntax. Several values stand with commas between them; null and true as they are."""
    if operator in {"-in", "-notIn"}:
        items = tuple(item.strip() for item in value.split(",") if item.strip())
        if not items:
            raise RuleError("Enter values with commas between them")
        return str(Comparison(prop, operator, items))
    if not value:
        raise RuleError("Enter a value, or null")
    if value.casefold() == "null":
        return str(Comparison(prop, operator, None))
    if prop.kind == "boolean":
        return f"({prop.name} {operator} {value})"
    return str(Comparison(prop, operator, value))


def _shown(row: Comparison) -> str:
    if row.value is None:
        return "null"
    if isinstance(row.value, bool):
        return "true" if row.value else "false"
    return row.value if isinstance(row.value, str) else ", ".join(row.value)
