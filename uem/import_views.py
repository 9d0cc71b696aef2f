"""The partner's console: devices from a CSV file."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from blades import drafts
from blades.drafts import with_draft
from blades.messages import say_once
from blades.models import Draft
from tenancy.http import OperatorRequest
from uem import device_import as imports
from uem import services
from uem.forms import ImportForm
from uem.http import address, in_console, render
from uem.models import Console

IMPORT = "uem.import"
# Lines of each kind that the preview shows.
SHOWN = 100


@in_console
@require_http_methods(["GET", "HEAD", "POST"])
def device_import(request: OperatorRequest, console: Console) -> HttpResponse:
    """Which file, or which lines. What it says is kept as a draft, so that the preview has an address of its own."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        answers = {"import": {"lines": form.cleaned_data["lines"]}}
        draft = drafts.start(request, IMPORT, subject_id=console.pk, answers=answers)
        return redirect(address("device-import-review", console, draft.pk))
    context = {"form": form, "columns": list(imports.COLUMNS), "most": imports.MOST_LINES}
    status = 422 if form.errors else 200
    return render(request, console, "uem/device_import.html", "device-import", context, status=status)


@in_console
@require_safe
def template(request: OperatorRequest, console: Console) -> HttpResponse:
    """A CSV file to fill in."""
    response = HttpResponse(b"".join(imports.template(console.tenant)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="devices.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@with_draft(IMPORT)
@in_console
def review(request: OperatorRequest, console: Console, draft: Draft) -> HttpResponse:
    """What the lines come to as things stand; a POST enrolls the devices that they name, all or none."""
    if draft.subject_id != console.pk:
        raise Http404("No such import.")
    lines = [imports.Line(*line) for line in (draft.answer("import") or {}).get("lines", [])]
    judged = imports.judge(console, lines)
    error = ""
    if request.method == "POST":
        try:
            made = services.enrol_many(console=console, actor=request.user, rows=judged.rows)
        except ValidationError as refused:
            error = " ".join(refused.messages)
        else:
            n = len(made)
            say_once(request, "Devices enrolled", f"{n:,} device{' was' if n == 1 else 's were'} enrolled.")
            draft.drop("import")
            draft.finish(address("device-list", console))
            return redirect(draft.made_url)
    context = {
        "good": judged.rows[:SHOWN],
        "good_count": len(judged.rows),
        "bad": judged.problems[:SHOWN],
        "bad_count": len(judged.problems),
        "shown": SHOWN,
        "error": error,
    }
    status = 422 if error else 200
    return render(request, console, "uem/device_import_review.html", "device-import", context, status=status)
