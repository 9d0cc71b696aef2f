from typing import Any

from django import template
from django.template.context import Context

from directory.picker import Picker

register = template.Library()


@register.inclusion_tag("components/picker.html", takes_context=True)
def picker(context: Context, chooser: Picker) -> dict[str, Any]:
    """The pane of a picker of groups or users, for the block `panes`."""
    return {"request": context["request"], **chooser.context()}
