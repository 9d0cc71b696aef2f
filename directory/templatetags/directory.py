from typing import Any

from django import template
from django.template.context import Context

from directory.picker import GroupPicker

register = template.Library()


@register.inclusion_tag("components/group_picker.html", takes_context=True)
def group_picker(context: Context, picker: GroupPicker) -> dict[str, Any]:
    """The pane of `picker`, for the block `panes`."""
    return {"request": context["request"], **picker.context()}
