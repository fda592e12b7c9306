"""The worker is killed with -9 three times in the middle of an export: one file comes out, whole."""

import datetime
import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from accounts import jobs
from accounts.jobs import JobState
from accounts.models import AuditEvent, Level, Region
from accounts.roles import Role
from households.codes import HEAD, SPOUSE, HouseholdType, MonitorClass, RiskCause
from households.models import Household, Member
from ledgers.models import Export
from ledgers.services import exports_folder, request_export
from monitoring.models import Case, Stage
from tests.factories import add_place, add_region, add_user, invented_id
from tests.support.processes import WorkerProcess, wait_until

ON = datetime.date(2020, 6, 30)
VILLAGES, HOUSEHOLDS = 60, 100  # of each village
LEASE = 2  # seconds


@pytest.fixture
def hasty_worker(worker: WorkerProcess, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    """A worker whose work is taken over after two seconds of silence."""
    settings.JOB_LEASE_SECONDS = LEASE
    monkeypatch.setenv("FANGPIN_JOB_LEASE", str(LEASE))
    worker.restart()
    yield worker
    worker.kill9()  # the next test starts one with its own lease


def fill(town: Region) -> int:
    """Sixty villages with a hundred designated couples each; returns the rows that the ledger must have."""
    for number in range(VILLAGES):
        village = add_region(f"3799030025{number:02d}", f"第{number}村委会", Level.VILLAGE, town)
        families = [
            Household(
                village=village,
                number=f"{number:03d}{family:04d}",
                household_type=HouseholdType.ORDINARY,
                head_name="王大海",
            )
            for family in range(HOUSEHOLDS)
        ]
        Household.objects.bulk_create(families)
        Member.objects.bulk_create(
            Member(household=family, name="王大海", relation=relation, position=place, id_number=invented_id())
            for family in families
            for place, relation in enumerate((HEAD, SPOUSE))
        )
        Case.objects.bulk_create(
            Case(
                household=family,
                village=village,
                monitor_class=MonitorClass.EDGE,
                stage=Stage.REGISTERED,
                stage_since=timezone.now(),
                ruleset="zaozhuang_2020",
                main_risk=RiskCause.ILLNESS,
                decided_on=datetime.date(2020, 3, 1),
            )
            for family in families
        )
    return VILLAGES * HOUSEHOLDS * 2


def test_a_worker_killed_three_times_leaves_one_whole_file(hasty_worker: WorkerProcess) -> None:
    place = add_place()
    reviewer = add_user("reviewer", "李敏", Role.TOWN_REVIEWER, place.town)
    rows = fill(place.town)
    before = set(exports_folder().glob("*.xlsx"))
    export = request_export(
        by=reviewer,
        region=place.town,
        on=ON,
        row_mode="member",
        full_ids=True,
        purpose="上报",
        idempotency_key=str(uuid.uuid4()),
    )

    def in_the_middle(attempt: int) -> bool:
        export.refresh_from_db()
        assert export.state in (JobState.QUEUED, JobState.RUNNING)
        return export.attempts == attempt and 0 < export.done_count < export.total_count

    for attempt in (1, 2, 3):
        if attempt > 1:  # one ring and no more: a worker that starts would take up a ring left over unwatched
            wait_until(jobs.sweep)
        wait_until(lambda attempt=attempt: in_the_middle(attempt), seconds=60, every=0.005)
        hasty_worker.kill9()
        assert set(exports_folder().glob("*.xlsx")) == before
        hasty_worker.start()

    def made() -> bool:
        jobs.sweep()
        export.refresh_from_db()
        return export.is_over

    wait_until(made, seconds=90, every=0.2)
    assert (export.state, export.attempts) == (JobState.DONE, 4)
    assert set(exports_folder().glob("*.xlsx")) - before == {export.path}
    assert list(exports_folder().glob(f".{export.pk.hex}*")) == []
    assert hashlib.sha256(export.path.read_bytes()).hexdigest() == export.sha256
    assert (export.household_count, export.row_count) == (rows // 2, rows)
    assert AuditEvent.objects.filter(action="ledger.make", target=f"ledgers.export:{export.pk}").count() == 1
    sheet = load_workbook(export.path, read_only=True)["台账"]
    numbers = [row[5] for row in sheet.iter_rows(min_row=7, max_row=6 + rows, values_only=True)]
    assert set(numbers) == {member.id_number for member in Member.objects.only("id_number").iterator()}
    assert len(numbers) == rows


def test_two_workers_that_are_rung_for_the_same_export_make_it_once(worker: WorkerProcess) -> None:
    place = add_place()
    reviewer = add_user("reviewer", "李敏", Role.TOWN_REVIEWER, place.town)
    export = request_export(
        by=reviewer,
        region=place.town,
        on=ON,
        row_mode="household",
        full_ids=False,
        purpose="",
        idempotency_key=str(uuid.uuid4()),
    )
    for _ring in range(10):
        export.ring()
    wait_until(lambda: Export.objects.get(pk=export.pk).state == JobState.DONE, seconds=30)
    export.refresh_from_db()
    assert export.attempts == 1
    assert AuditEvent.objects.filter(action="ledger.make").count() == 1
