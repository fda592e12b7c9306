"""Exports by page: who may ask for what, the worker's file, fetching, expiry, cancelling, a second click."""

import datetime
import hashlib
import os
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.jobs import JobState
from accounts.models import AuditEvent, Region, User
from accounts.roles import Role
from ledgers.models import Export
from ledgers.services import expire_exports, exports_folder
from ledgers.tasks import produce_export
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import ON, designate


def ask(client: Client, user: User, region: Region, **changes: Any) -> Any:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    typed = {
        "region": region.code,
        "on": ON.isoformat(),
        "row_mode": "member",
        "purpose": "",
        "idempotency_key": str(uuid.uuid4()),
        **changes,
    }
    return client.post(reverse("ledgers:export-new"), typed)


def address(name: str, export: Export) -> str:
    return reverse(f"ledgers:export-{name}", args=[export.pk])


@pytest.fixture
def export(client: Client, place: Place, staff: Staff, make: Make) -> Export:
    """The reviewer has asked for her town; nobody has made it yet."""
    designate(make.household(place.village))
    assert ask(client, staff.reviewer, place.town).status_code == 302
    return Export.objects.get()


@pytest.fixture
def made(export: Export) -> Export:
    """And now it is made."""
    produce_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == JobState.DONE
    return export


@pytest.mark.parametrize(
    ("person", "region"),
    [
        ("cadre", "village"),
        ("team", "village"),
        ("reviewer", "village"),
        ("reviewer", "town"),
        ("officer", "zone"),
        ("officer", "other_village"),
        ("inspector", "zone"),
    ],
)
def test_a_masked_ledger_is_there_for_everybody_who_works_with_the_region(
    client: Client, place: Place, staff: Staff, person: str, region: str
) -> None:
    answer = ask(client, getattr(staff, person), getattr(place, region))
    assert answer.status_code == 302
    assert Export.objects.get().region == getattr(place, region)


@pytest.mark.parametrize(
    ("person", "region"),
    [
        ("cadre", "neighbour"),
        ("cadre", "town"),
        ("reviewer", "other_town"),
        ("reviewer", "zone"),
        ("officer", "foreign_county"),
        ("inspector", "foreign_village"),
    ],
)
def test_a_region_outside_ones_own_is_refused(
    client: Client, place: Place, staff: Staff, person: str, region: str
) -> None:
    answer = ask(client, getattr(staff, person), getattr(place, region))
    assert "不在您负责的范围" in answer.content.decode()
    assert not Export.objects.exists()


@pytest.mark.parametrize("person", ["clerk", "admin", "unposted"])
def test_those_who_see_no_families_get_no_ledger(client: Client, place: Place, staff: Staff, person: str) -> None:
    assert ask(client, getattr(staff, person), place.village).status_code == 403


@pytest.mark.parametrize(("person", "region"), [("cadre", "village"), ("inspector", "zone")])
def test_whole_numbers_are_not_for_villages_and_inspectors(
    client: Client, place: Place, staff: Staff, person: str, region: str
) -> None:
    answer = ask(client, getattr(staff, person), getattr(place, region), full_ids="on", purpose="上报")
    assert "只能导出证件号打星号的台账" in answer.content.decode()
    assert not Export.objects.exists()


def test_whole_numbers_need_a_purpose(client: Client, place: Place, staff: Staff) -> None:
    answer = ask(client, staff.reviewer, place.town, full_ids="on")
    assert "要写明用途" in answer.content.decode()
    assert not Export.objects.exists()


def test_a_date_to_come_is_refused_in_a_sentence(client: Client, place: Place, staff: Staff, today: Any) -> None:
    answer = ask(client, staff.reviewer, place.town, on=(today + datetime.timedelta(days=1)).isoformat())
    assert "台账日期不能晚于今天" in answer.content.decode()


def test_the_file_is_what_the_page_says_of_it(client: Client, made: Export) -> None:
    page = client.get(address("detail", made)).content.decode()
    assert made.sha256 in page
    assert "1 户 3 行" in page
    assert made.ruleset in page
    answer = client.get(address("file", made))
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == made.sha256
    assert len(content) == made.size
    assert "no-store" in answer["Cache-Control"]
    assert "2020-06-30.xlsx" in answer["Content-Disposition"]
    assert made.path.stat().st_mode & 0o077 == 0
    assert "*" in load_workbook(made.path)["台账"]["F7"].value


def test_request_making_and_each_fetch_of_whole_numbers_leave_a_trace(
    client: Client, place: Place, staff: Staff, make: Make
) -> None:
    household = make.household(place.village)
    designate(household)
    ask(client, staff.reviewer, place.town, full_ids="on", purpose="报区扶贫办")
    export = Export.objects.get()
    produce_export(str(export.pk))
    for _time in range(2):
        assert b"".join(client.get(address("file", export)).streaming_content)
    export.refresh_from_db()
    assert load_workbook(export.path)["台账"]["F7"].value == household.head.id_number
    traces = AuditEvent.objects.filter(target=f"ledgers.export:{export.pk}").order_by("pk")
    assert [trace.action for trace in traces] == ["ledger.request", "ledger.make", "ledger.fetch", "ledger.fetch"]
    assert all(trace.actor == staff.reviewer and trace.detail["full_ids"] for trace in traces)
    assert traces[0].detail["purpose"] == traces[3].detail["purpose"] == "报区扶贫办"
    assert household.head.id_number not in str([trace.detail for trace in traces])


def test_somebody_elses_file_cannot_be_found(client: Client, made: Export, staff: Staff) -> None:
    for person in (staff.second_reviewer, staff.officer, staff.foreign_officer):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name in ("detail", "file"):
            assert client.get(address(name, made)).status_code == 404
        assert client.post(address("cancel", made)).status_code == 404


def test_who_was_moved_meanwhile_gets_neither_the_file_nor_its_making(
    client: Client, export: Export, staff: Staff, today: datetime.date
) -> None:
    staff.reviewer.postings.update(ends_on=today - datetime.timedelta(days=1))
    produce_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == JobState.FAILED
    assert "岗位" in export.message
    assert list(exports_folder().glob(f"{export.stored_name or 'none'}*")) == []
    staff.reviewer.postings.update(ends_on=None)


def test_who_was_moved_after_the_making_cannot_fetch_it(
    client: Client, made: Export, staff: Staff, place: Place
) -> None:
    staff.reviewer.postings.update(region=place.other_town)
    assert client.get(address("file", made)).status_code == 404
    assert not AuditEvent.objects.filter(action="ledger.fetch").exists()


def test_who_may_only_read_now_cannot_fetch_whole_numbers(
    client: Client, place: Place, staff: Staff, make: Make
) -> None:
    ask(client, staff.reviewer, place.town, full_ids="on", purpose="上报")
    export = Export.objects.get()
    produce_export(str(export.pk))
    staff.reviewer.postings.update(role=Role.INSPECTOR)
    assert client.get(address("file", export)).status_code == 403
    assert not AuditEvent.objects.filter(action="ledger.fetch").exists()


def test_a_file_expires_after_seven_days_and_is_gone(client: Client, made: Export) -> None:
    path = made.path
    expire_exports(timezone.now() + datetime.timedelta(days=6))
    assert path.exists()
    Export.objects.update(expires_at=timezone.now())
    assert "已过期" in client.get(address("file", made), follow=True).content.decode()
    assert expire_exports(timezone.now()) == 1
    assert not path.exists()
    assert "已过期" in client.get(reverse("ledgers:exports")).content.decode()


def test_what_a_killed_worker_left_is_cleared_away_after_an_hour(made: Export) -> None:
    left = exports_folder() / ".half.xlsx.tmp"
    left.write_bytes(b"half")
    expire_exports(timezone.now())
    assert left.exists()
    long_ago = (timezone.now() - datetime.timedelta(hours=2)).timestamp()
    os.utime(left, (long_ago, long_ago))
    os.utime(made.path, (long_ago, long_ago))
    expire_exports(timezone.now())
    assert not left.exists()
    assert made.path.exists()


def test_a_cancelled_export_is_not_made(client: Client, export: Export) -> None:
    assert client.post(address("cancel", export)).status_code == 302
    produce_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == JobState.CANCELLED
    assert export.stored_name == ""
    assert "已取消" in client.get(address("detail", export)).content.decode()


def test_a_finished_export_is_not_cancelled_any_more(client: Client, made: Export) -> None:
    client.post(address("cancel", made))
    made.refresh_from_db()
    assert made.state == JobState.DONE


def test_delivered_twice_it_is_made_once(made: Export) -> None:
    produce_export(str(made.pk))
    again = Export.objects.get(pk=made.pk)
    assert (again.sha256, again.stored_name, again.attempts) == (made.sha256, made.stored_name, 1)


def test_a_second_click_leads_to_the_first_job(client: Client, place: Place, staff: Staff) -> None:
    key = str(uuid.uuid4())
    first = ask(client, staff.reviewer, place.town, idempotency_key=key)
    second = ask(client, staff.reviewer, place.town, idempotency_key=key)
    another_tab = ask(client, staff.reviewer, place.town)
    assert first.url == second.url == another_tab.url
    assert Export.objects.count() == 1


def test_after_a_minute_or_with_another_wish_it_is_a_new_job(client: Client, place: Place, staff: Staff) -> None:
    ask(client, staff.reviewer, place.town)
    ask(client, staff.reviewer, place.town, row_mode="household")
    Export.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=2))
    ask(client, staff.reviewer, place.town)
    assert Export.objects.count() == 3


def test_progress_asks_again_until_it_is_over(client: Client, export: Export) -> None:
    waiting = client.get(address("detail", export), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    produce_export(str(export.pk))
    over = client.get(address("detail", export), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in over
    assert address("file", export) in over


def test_the_list_shows_my_files_only(client: Client, made: Export, staff: Staff) -> None:
    assert made.file_name in client.get(reverse("ledgers:exports")).content.decode()
    client.force_login(staff.second_reviewer, backend="django.contrib.auth.backends.ModelBackend")
    assert made.file_name not in client.get(reverse("ledgers:exports")).content.decode()
