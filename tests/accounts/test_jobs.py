"""Background jobs: one worker at a time, a lost lease writes nothing, the sweeper gives up after a while."""

import datetime

import pytest
from django.utils import timezone

from accounts import jobs
from accounts.jobs import MAX_ATTEMPTS, JobState, LeaseLost
from ledgers.models import Export


@pytest.fixture
def job(place, staff, today):
    return Export.objects.create(requested_by=staff.reviewer, region=place.town, on=today)


def expire_lease(job):
    Export.objects.filter(pk=job.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))


def test_only_one_worker_gets_a_job(job):
    assert Export.claim(job.pk) is not None
    assert Export.claim(job.pk) is None


def test_an_abandoned_job_is_taken_over_and_the_first_worker_writes_nothing_more(job):
    first = Export.claim(job.pk)
    first.checkpoint(done_count=5, cursor="a")
    expire_lease(job)
    second = Export.claim(job.pk)
    assert (second.done_count, second.cursor, second.attempts) == (5, "a", 2)
    with pytest.raises(LeaseLost):
        first.checkpoint(done_count=6)
    with pytest.raises(LeaseLost):
        first.finish()
    second.finish()
    job.refresh_from_db()
    assert (job.state, job.done_count) == (JobState.DONE, 5)


def test_a_cancelled_job_stops_its_worker(job):
    running = Export.claim(job.pk)
    assert job.cancel()
    with pytest.raises(LeaseLost):
        running.checkpoint(done_count=1)
    assert not job.cancel()


def test_a_finished_job_is_not_done_again(job):
    Export.claim(job.pk).finish()
    assert Export.claim(job.pk) is None


def test_the_sweeper_rings_for_abandoned_jobs_and_gives_up_in_the_end(job):
    Export.objects.filter(pk=job.pk).update(created_at=timezone.now() - datetime.timedelta(hours=1))
    Export.claim(job.pk)
    assert jobs.sweep() == 0
    expire_lease(job)
    assert jobs.sweep() == 1
    Export.objects.filter(pk=job.pk).update(attempts=MAX_ATTEMPTS)
    assert jobs.sweep() == 0
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.message
