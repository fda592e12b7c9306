"""The worker is killed with -9 in the middle of writing a department's list, and of taking it back: each line counts once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts import jobs
from accounts.encryption import blind_index
from accounts.jobs import JobState
from accounts.models import Region, User
from accounts.roles import Role
from assistance.list_work import preview
from assistance.lists import confirm_list, undo_list
from assistance.models import Delivery, DepartmentList, ListPhase
from households.codes import HEAD, HouseholdType
from households.models import Household, Member
from households.models.households import ID_NUMBER
from tests.factories import add_place, add_user
from tests.support.processes import WorkerProcess, wait_until

LINES = 6_000
AT_ONCE = 100
LEASE = 2  # seconds


@pytest.fixture
def hasty_worker(worker: WorkerProcess, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    """A worker whose work is taken over after two seconds of silence, and who writes a hundred lines at once."""
    settings.JOB_LEASE_SECONDS = LEASE
    monkeypatch.setenv("FANGPIN_JOB_LEASE", str(LEASE))
    monkeypatch.setenv("FANGPIN_LIST_PART", str(AT_ONCE))
    worker.restart()
    yield worker
    worker.kill9()  # the next test starts one with its own settings


def fill(village: Region, clerk: User) -> DepartmentList:
    """A preview of a long list: every third has the measure already."""
    households = [
        Household(village=village, number=f"{number:08d}", household_type=HouseholdType.ORDINARY)
        for number in range(LINES)
    ]
    Household.objects.bulk_create(households)
    members = [
        Member(household=one, name="某某", relation=HEAD, id_digest=blind_index(str(number), ID_NUMBER))
        for number, one in enumerate(households)
    ]
    Member.objects.bulk_create(members)
    Delivery.objects.bulk_create(
        Delivery(household=one.household, member=one, measure="dibao", begun_on=timezone.localdate())
        for one in members[::3]
    )
    batch = DepartmentList.objects.create(
        region=village, department="民政局", measure="dibao", month=timezone.localdate().replace(day=1), requested_by=clerk,
        state=JobState.DRAFT, phase=ListPhase.PREVIEW, total_count=LINES,
    )  # fmt: skip
    batch.rows.model.objects.bulk_create(
        batch.rows.model(
            batch=batch,
            row_no=number + 2,
            id_digest=member.id_digest,
            status="unknown",
            amount=38_000,
            payload=json.dumps({}),
        )
        for number, member in enumerate(members)
    )
    batch.counts = preview(batch)
    batch.save()
    return batch


def killed_in_the_middle(worker: WorkerProcess, batch: DepartmentList, times: int) -> None:
    """Kill the worker so often while the list is being worked on, then let it come to its end."""

    def further_on(attempt: int) -> bool:
        batch.refresh_from_db()
        assert batch.state in (JobState.QUEUED, JobState.RUNNING)
        return batch.attempts == attempt and 0 < batch.done_count < LINES

    for attempt in range(1, times + 1):
        if attempt > 1:  # one ring and no more
            wait_until(jobs.sweep)
        wait_until(lambda attempt=attempt: further_on(attempt), seconds=60, every=0.005)
        worker.kill9()
        worker.start()

    def over() -> bool:
        jobs.sweep()
        batch.refresh_from_db()
        return batch.is_over

    wait_until(over, seconds=90, every=0.2)
    assert (batch.state, batch.attempts) == (JobState.DONE, times + 1)


def test_a_worker_killed_while_it_writes_and_while_it_undoes(hasty_worker: WorkerProcess) -> None:
    place = add_place()
    clerk = add_user("minzheng", "秦朗", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区民政局")
    batch = fill(place.village, clerk)
    before = sorted(Delivery.objects.values_list("pk", "begun_on", "amount", "list_row"))
    assert confirm_list(batch=batch, by=clerk)
    killed_in_the_middle(hasty_worker, batch, times=2)
    assert batch.counts["written"] == {"known": LINES // 3, "new": LINES - LINES // 3}
    assert Delivery.objects.count() == LINES
    assert Delivery.objects.filter(list_row__batch=batch, amount=38_000).count() == LINES
    assert batch.rows.filter(written__isnull=False).count() == LINES

    assert undo_list(batch=batch, by=clerk)
    killed_in_the_middle(hasty_worker, batch, times=1)
    assert batch.counts["undone"] == {"restored": LINES // 3, "deleted": LINES - LINES // 3, "kept": 0}
    assert sorted(Delivery.objects.values_list("pk", "begun_on", "amount", "list_row")) == before


def test_ten_rings_write_a_list_once(worker: WorkerProcess) -> None:
    place = add_place()
    clerk = add_user("minzheng", "秦朗", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区民政局")
    batch = fill(place.village, clerk)
    confirm_list(batch=batch, by=clerk)
    for _ring in range(10):
        batch.ring()
    wait_until(lambda: DepartmentList.objects.get(pk=batch.pk).state == JobState.DONE, seconds=60)
    assert Delivery.objects.count() == LINES
    assert set(Delivery.objects.values_list("version", flat=True)) == {1, 2}
    assert not confirm_list(batch=batch, by=clerk)
