"""The worker is killed with -9 three times during a rescreening: every household has exactly one result."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Count, Sum
from django.utils import timezone

from accounts import jobs
from accounts.jobs import JobState
from accounts.models import Level, Region, User
from households.codes import RISK_BITS, HouseholdType, RiskCause
from households.models import Facts, Household, Survey
from monitoring.models import Assessment, Screening
from monitoring.screening import request_screening
from tests.factories import add_place, add_user
from tests.monitoring.surveyed import INCOME
from tests.support.processes import WorkerProcess, wait_until

HOUSEHOLDS = 6_000
NOT_VISITED = HOUSEHOLDS // 10
IN_A_VILLAGE = 100  # so that there is a middle to be killed in: a part for each village
LEASE = 2  # seconds


@pytest.fixture
def hasty_worker(worker: WorkerProcess, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    """A worker whose work is taken over after two seconds of silence."""
    settings.JOB_LEASE_SECONDS = LEASE
    monkeypatch.setenv("FANGPIN_JOB_LEASE", str(LEASE))
    monkeypatch.setenv("FANGPIN_SCREENING_PART", str(IN_A_VILLAGE))
    worker.restart()
    yield worker
    worker.kill9()  # the next test starts one with its own lease


def fill(town: Region, visitor: User, on: datetime.date) -> None:
    """Nine of ten households visited, every third of those at risk; income falls on both sides of the line."""
    villages = [
        Region.objects.create(
            code=f"37999020{number:04d}",
            name=f"第{number}村",
            level=Level.VILLAGE,
            parent=town,
            path=f"{town.path}{9000 - number:04d}",
        )
        for number in range(HOUSEHOLDS // IN_A_VILLAGE)
    ]
    households = [
        Household(
            village=villages[number // IN_A_VILLAGE], number=f"{number:08d}", household_type=HouseholdType.ORDINARY
        )
        for number in range(HOUSEHOLDS)
    ]
    Household.objects.bulk_create(households)
    surveys = [
        Survey(
            household=household,
            village=household.village,
            visited_on=on,
            period_start=on - datetime.timedelta(days=365),
            period_end=on,
            entered_by=visitor,
            persons=3,
            **INCOME,
        )
        for household in households[NOT_VISITED:]
    ]
    Survey.objects.bulk_create(surveys)
    Facts.objects.bulk_create(
        Facts(
            survey=survey,
            household=survey.household,
            village=survey.village,
            household_type=HouseholdType.ORDINARY,
            begins_on=on,
            visited_on=on,
            persons=3,
            net_income=14_999_99 + place % 2,
            disposable_income=14_999_99 + place % 2,
            risk_bits=0 if place % 3 else RISK_BITS[RiskCause.ILLNESS],
        )
        for place, survey in enumerate(surveys)
    )


def test_a_worker_killed_three_times_leaves_one_result_for_each_household(hasty_worker: WorkerProcess) -> None:
    place, today = add_place(), timezone.localdate()
    fill(place.town, add_user("cadre", "张桂英"), today)
    job = request_screening(region=place.zone, on=today, by=None)

    def abandoned() -> bool:
        job.refresh_from_db()
        return job.lease_until is not None and job.lease_until < timezone.now()

    def further_on(attempt: int, reached: int) -> bool:
        job.refresh_from_db()
        assert job.state in (JobState.QUEUED, JobState.RUNNING)
        return job.attempts == attempt and job.done_count > reached

    for attempt in (1, 2, 3):
        wait_until(lambda attempt=attempt, reached=job.done_count: further_on(attempt, reached), 60, every=0.005)
        hasty_worker.kill9()
        job.refresh_from_db()
        assert job.state == JobState.RUNNING
        assert Assessment.objects.count() == (job.parts.aggregate(kept=Sum("changed_count"))["kept"] or 0)
        hasty_worker.start()
        wait_until(abandoned)
        jobs.sweep()

    def over() -> bool:
        job.refresh_from_db()
        return job.is_over

    wait_until(over, seconds=90)
    visited = HOUSEHOLDS - NOT_VISITED
    assert (job.state, job.attempts) == (JobState.DONE, 4)
    assert (job.done_count, job.total_count, job.changed_count) == (HOUSEHOLDS, HOUSEHOLDS, visited)
    assert job.counts == {
        "EDGE": visited // 6,
        "WATCH": visited // 6,
        "REVIEW_RISK": visited // 3,
        "NONE": visited // 3,
        "NOT_VISITED": NOT_VISITED,
    }
    assert Assessment.objects.count() == visited
    assert not Assessment.objects.values("household").annotate(rows=Count("pk")).filter(rows__gt=1).exists()


def test_ten_rings_screen_a_region_once(worker: WorkerProcess) -> None:
    place, today = add_place(), timezone.localdate()
    fill(place.town, add_user("cadre", "张桂英"), today)
    job = request_screening(region=place.zone, on=today, by=None)
    for _ring in range(10):
        job.ring()
    wait_until(lambda: Screening.objects.get(pk=job.pk).state == JobState.DONE, seconds=60)
    job.refresh_from_db()
    assert (job.attempts, job.changed_count) == (1, HOUSEHOLDS - NOT_VISITED)
