"""The commands that make a token and send verdicts with it, over HTTP."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from devices.models import PartnerVerdict, Upload
from devices.partner_api import sending
from partners import connections
from tests.devices.test_reports import Site


@pytest.fixture
def site(transactional_db, tenant):
    return Site(tenant)


@pytest.fixture
def token(site) -> str:
    out = io.StringIO()
    call_command("partner-token", site.tenant.slug, "workspace_one", stdout=out)
    return out.getvalue().strip()


def send(path, live_server, token, **options) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("partner-report", path, url=live_server.url, token=token, stdout=out, stderr=err, **options)
    except SystemExit:
        err.write("exit 1")
    return out.getvalue(), err.getvalue()


def write(tmp_path, *rows: str, head="device_id,user_id,compliant"):
    path = tmp_path / "verdicts.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_verdicts_of_a_file_arrive_and_refusals_are_counted(site, token, live_server, tmp_path):
    device = site.managed()
    path = write(tmp_path, f"{site.record.device_id},{site.user.pk},no", f"{uuid4()},{site.user.pk},yes")

    out, err = send(path, live_server, token)

    assert out == "1 of 2 verdicts were taken.\n"
    assert "1 refused: No device with this ID is known." in err
    assert err.endswith("exit 1")
    device.refresh_from_db()
    assert device.get_compliance_display() == "Not compliant"


def test_same_run_again_is_not_taken_twice(site, token, live_server, tmp_path):
    site.managed()
    at = site.tenant.now().isoformat()
    path = write(
        tmp_path,
        *(f"{device},{site.user.pk},yes,{at}" for device in (site.record.device_id, site.record.device_id)),
        head="device_id,user_id,compliant,last_update",
    )

    for _ in range(2):
        send(path, live_server, token, batch=1, run="morning")

    assert sorted(Upload.objects.in_tenant(site.tenant).values_list("key", flat=True)) == ["morning.0", "morning.1"]
    assert PartnerVerdict.objects.in_tenant(site.tenant).count() == 1


def test_named_run_of_a_file_without_times_is_answered_again_as_the_first_time(site, token, live_server, tmp_path):
    site.managed()
    path = write(tmp_path, f"{site.record.device_id},{site.user.pk},yes")
    first = send(path, live_server, token, run="morning")
    stored = PartnerVerdict.objects.in_tenant(site.tenant).get()

    again = send(path, live_server, token, run="morning")

    assert first == again == ("1 of 1 verdicts were taken.\n", "")
    assert sorted(Upload.objects.in_tenant(site.tenant).values_list("key", flat=True)) == ["morning.0", "morning.start"]
    stored_again = PartnerVerdict.objects.in_tenant(site.tenant).get()
    assert (stored_again.pk, stored_again.reported_at) == (stored.pk, stored.reported_at)


def test_named_run_that_broke_off_is_taken_up_where_it_ended(site, token, live_server, tmp_path, monkeypatch):
    phones = [site.record, site.phone(), site.phone()]
    for phone in phones:
        site.managed(phone)
    path = write(tmp_path, *(f"{phone.device_id},{site.user.pk},yes" for phone in phones))
    call, bodies = sending.call, []

    def call_until_the_line_is_cut(url, token, body=None):
        bodies.append(body)
        if len(bodies) == 4:  # the time, the start, the first batch
            raise sending.Unsent("Cut.")
        return call(url, token, body)

    with monkeypatch.context() as cut:
        cut.setattr(sending, "call", call_until_the_line_is_cut)
        with pytest.raises(CommandError, match="Cut"):
            send(path, live_server, token, batch=1, run="morning")
    assert PartnerVerdict.objects.in_tenant(site.tenant).count() == 1

    out, err = send(path, live_server, token, batch=1, run="morning")

    assert (out, err) == ("3 of 3 verdicts were taken.\n", "")
    verdicts = PartnerVerdict.objects.in_tenant(site.tenant)
    assert verdicts.count() == 3
    assert verdicts.values("reported_at").distinct().count() == 1


def test_verdict_that_came_after_a_run_began_is_not_overwritten_when_it_is_resumed(site, token, live_server, tmp_path):
    site.managed()
    path = write(tmp_path, f"{site.record.device_id},{site.user.pk},yes")
    sending.begun(live_server.url, token, "morning")
    site.send(site.state(compliant=False))

    _, err = send(path, live_server, token, run="morning")

    assert "1 refused: A newer report of the device is known." in err
    assert not PartnerVerdict.objects.in_tenant(site.tenant).get().compliant


def test_run_in_batches_of_another_size_is_refused_and_told_how_to_resume_it(site, token, live_server, tmp_path):
    site.managed()
    path = write(tmp_path, *[f"{site.record.device_id},{site.user.pk},yes"] * 2)
    send(path, live_server, token, batch=1, run="morning")

    with pytest.raises(CommandError, match=r"409: .* the same file and the same --batch"):
        send(path, live_server, token, batch=2, run="morning")


@pytest.mark.parametrize(
    ("rows", "head", "sentence"),
    [
        ([], "device_id,user_id", "no column 'compliant'"),
        (["a,b,perhaps"], "device_id,user_id,compliant", "Line 2: 'perhaps' is neither true nor false"),
    ],
)
def test_file_that_makes_no_sense_is_refused_before_anything_is_sent(
    site, token, live_server, tmp_path, rows, head, sentence
):
    with pytest.raises(CommandError, match=sentence):
        send(write(tmp_path, *rows, head=head), live_server, token)

    assert not Upload.objects.in_tenant(site.tenant).exists()


def test_bad_token_is_said_in_a_sentence(site, live_server, tmp_path):
    with pytest.raises(CommandError, match="401: Send a token that is good"):
        send(write(tmp_path), live_server, "nonsense")


def test_no_token_and_no_file_are_said_in_a_sentence(site, token, live_server, tmp_path):
    with pytest.raises(CommandError, match="Name a token"):
        send(write(tmp_path), live_server, "")
    with pytest.raises(CommandError, match="No such file"):
        send(tmp_path / "none.csv", live_server, token)


def test_tenant_that_there_is_not_is_said_in_a_sentence(db):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("partner-token", "nowhere", "workspace_one")


def test_sender_waits_as_long_as_it_is_told(site, token, live_server, monkeypatch):
    monkeypatch.setattr(connections, "REQUESTS_A_MINUTE", 1)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 1, 12, 0, 20, tzinfo=UTC))
    waited: list[float] = []
    sending.call(f"{live_server.url}/partner-api/v1/", token)

    with pytest.raises(sending.Unsent, match="429"):
        sending.call(f"{live_server.url}/partner-api/v1/", token, sleep=waited.append)

    assert waited == [40] * sending.TRIES
