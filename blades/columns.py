"""The column picker: which columns of a list an operator sees.

    COLUMNS = Columns.of("users", UserTable, optional=("department", "created"))

    shown = COLUMNS.shown(request.user.columns)                     # names, in the order of the list
    table = UserTable(rows=…, hidden=COLUMNS.hidden(shown))
    context["columns"] = COLUMNS.picker(shown, action=…, back=…)    # for components/column_picker.html

The first column leads to the item: it is always there. tenancy.services.choose_columns stores what was ticked, and
tenancy.http.answer_columns answers the picker's form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest, QueryDict

from blades.tables import BladeTable

PANE = "columns"


@dataclass(frozen=True)
class Columns:
    """The columns that a list can show.

    key: of the list, in what is kept of an operator's choices. labels: name to label, in the order of the list.
    default: names of those that are shown until the operator chooses.
    """

    key: str
    labels: Mapping[str, Any]
    default: tuple[str, ...]

    @classmethod
    def of(cls, key: str, table: type[BladeTable], *, optional: Collection[str] = ()) -> Self:
        """Those of `table`, all but the `optional` ones shown by default."""
        labels = {
            name: column.verbose_name or name.replace("_", " ").capitalize()
            for name, column in table.base_columns.items()
        }
        return cls(key, labels, tuple(name for name in labels if name not in optional))

    def shown(self, choices: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the columns to show. choices: key of a list to names; unknown names are left out."""
        chosen = choices.get(self.key)
        return self.in_order(chosen) if isinstance(chosen, list) else self.default

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """The known ones among `names`, and the first column whatever they are, in the order of the list."""
        wanted = {next(iter(self.labels)), *(name for name in names if isinstance(name, str))}
        return tuple(name for name in self.labels if name in wanted)

    def hidden(self, shown: Collection[str]) -> list[str]:
        """All others, for BladeTable."""
        return [name for name in self.labels if name not in shown]

    def picker(self, shown: Sequence[str], *, action: str, back: str) -> dict[str, Any]:
        """The parameters of components/column_picker.html. action: answers its form. back: the list, as it stands."""
        choices = [
            {"name": name, "label": label, "checked": name in shown, "fixed": number == 0}
            for number, (name, label) in enumerate(self.labels.items())
        ]
        return {"choices": choices, "action": action, "back": back}


def list_query(request: HttpRequest) -> QueryDict:
    """The parameters of the list that a pane is opened over.

    A pane that is fetched into the page belongs to what the address bar shows: the search may have been typed since.
    """
    htmx: Any = getattr(request, "htmx", None)
    if htmx and not htmx.boosted and htmx.current_url:
        query = QueryDict(htmx.current_url.partition("?")[2].partition("#")[0], mutable=True)
    else:
        query = request.GET.copy()
    query.pop("pane", None)
    return query
