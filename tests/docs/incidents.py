"""docs/incidents.md, from the catalogue of incidents."""

from __future__ import annotations

from labs import catalogue
from labs.catalogue import Incident

PAGE = "incidents.md"

INTRODUCTION = """# Incidents

What goes wrong in real directories, put into one here to be found and healed: 21 incidents. Each sets up a cause; the
effect comes as time passes, and is healed when the directory is as it should be, whichever right way led there.

    .venv/bin/python manage.py inject --list                the incidents
    .venv/bin/python manage.py inject kestrel 9             put incident 9 into the directory "kestrel"
    .venv/bin/python manage.py inject kestrel --status      which of them are healed

It prints the ticket, which goes to the trainee, and below it where to look, which does not; the console may be running.
Give each trainee a directory of their own first (`clone_tenant`, [README](../README.md#directories)). A clone has the
incidents of its template, and `reset_tenant` makes a directory as its template is, so put incidents into clones alone.
The page Clock of the directory makes the waiting short.

What is done in a partner's console is told in the words of Workspace ONE. The other partners have one page of settings
instead of Directory Services, and *Sync groups* instead of *SYNC*.

An incident uses people and partners of the directory where they suit, and makes what is missing. It is refused, without
a trace, where the directory does not allow it: a partner that works and a free platform are what most of them need.
Several can be open at once. **This page gives away everything; it is for whoever teaches.**

"""


def page() -> str:
    """The whole page."""
    incidents = list(catalogue.incidents().values())
    table = ["| | Incident | Key |", "| ---: | --- | --- |"]
    table += [
        f"| {incident.number} | [{incident.title}](#{_anchor(incident)}) | `{incident.key}` |" for incident in incidents
    ]
    return INTRODUCTION + "\n".join(table) + "\n\n" + "\n".join(map(_chapter, incidents))


def _heading(incident: Incident) -> str:
    return f"{incident.number}. {incident.title}"


def _anchor(incident: Incident) -> str:
    kept = (letter for letter in _heading(incident).lower() if letter.isalnum() or letter in " -")
    return "".join(kept).replace(" ", "-")


def _chapter(incident: Incident) -> str:
    lines = [f"## {_heading(incident)}", "", f"> {incident.ticket}", "", f"**Cause.** {incident.cause}", ""]
    lines += [f"**Where it shows.** {incident.shows}", ""]
    lines += [f"- {symptom.screen}: {symptom.seen}" for symptom in incident.symptoms]
    lines += ["", "**Fix.**", ""]
    lines += [f"{number}. {step}" for number, step in enumerate(incident.fix, 1)]
    lines += ["", "**What only looks like a fix.**", ""]
    lines += [f"- {step}" for step in incident.wrong]
    lines += ["", f"**Verification.** {incident.verification}", ""]
    lines += [f"Sources: {', '.join(incident.sources)}.", ""]
    return "\n".join(lines)
