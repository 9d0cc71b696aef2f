"""Long commands behind the bell."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from blades import messages
from blades.models import Notification


@pytest.fixture
def going(tenant, operator):
    """A command that has just started."""
    request = RequestFactory().get("/")
    request.tenant, request.user = tenant, operator
    return messages.start_progress(request, "Exporting devices", "0 of 1,200 rows")


def test_a_command_in_progress_stands_behind_the_bell_of_its_operator_alone(tenant, operator, going):
    found = Notification.objects.get()

    assert (found.tenant, found.operator, found.level, found.read) == (tenant, operator, "progress", False)
    assert (found.title, found.text) == ("Exporting devices", "0 of 1,200 rows")


def test_a_command_in_progress_says_how_far_it_is(going):
    messages.move(going, "600 of 1,200 rows")

    assert Notification.objects.get().text == "600 of 1,200 rows"


def test_a_command_that_has_ended_is_news_again_and_stays_as_it_ended(going):
    Notification.objects.update(read=True)

    messages.finish(going, "success", "Export completed", "1,200 devices were exported.")
    messages.move(going, "600 of 1,200 rows")

    ended = Notification.objects.get()
    assert (ended.level, ended.read) == ("success", False)
    assert (ended.title, ended.text) == ("Export completed", "1,200 devices were exported.")


def test_a_dismissed_command_does_not_come_back(going):
    Notification.objects.all().delete()

    messages.move(going, "600 of 1,200 rows")
    messages.finish(going, "success", "Export completed", "1,200 devices were exported.")

    assert not Notification.objects.exists()
