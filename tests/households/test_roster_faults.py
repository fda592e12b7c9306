"""A worker that dies half-way: the next one goes on where it stopped, and the register is as if nothing had happened."""

import datetime

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from accounts.jobs import JobState, LeaseLost
from households import import_work
from households.imports import confirm_batch, forget_uploads, open_batch, undo_batch
from households.models import Household, ImportBatch, ImportRow, Member
from households.models.imports import BatchPhase
from households.roster_apply import apply_households, undo_households
from households.services import change_household
from households.tasks import work_on_batch
from households.villages import Villages
from tests.households.rosters import batch_of, family, workbook, write
from tests.support.processes import WorkerProcess, wait_until

MANY = 130  # three chunks of fifty households


@pytest.fixture
def content(place):
    """A roster of many small households."""
    return workbook([row for number in range(MANY) for row in family(f"37990{number:05d}", place, people=2)])


def abandon(batch):
    """The worker of a claimed batch falls silent: its lease has run out."""
    ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now() - datetime.timedelta(minutes=5))


def first_chunk_only(batch):
    """Do the first chunk of the batch's households, as a worker that dies after it."""
    mine = ImportBatch.claim(batch.pk)
    chunks = import_work._households(mine, 0, applied_at=None)
    keys, last_row = next(chunks)
    with transaction.atomic():
        done = apply_households(mine, keys, Villages.of(mine.region))
        mine.checkpoint(cursor=str(last_row), done_count=len(keys), counts={**mine.counts, "written": dict(done)})
    return mine


def test_writing_goes_on_where_a_dead_worker_stopped(place, content):
    batch = batch_of(content, place.zone)
    confirm_batch(batch=batch, by=None)
    dead = first_chunk_only(batch)
    assert Household.objects.count() == import_work.HOUSEHOLDS_AT_ONCE
    work_on_batch(str(batch.pk))  # the lease still holds: nobody else may take it
    assert Household.objects.count() == import_work.HOUSEHOLDS_AT_ONCE
    abandon(batch)
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.phase, batch.state, batch.done_count) == (BatchPhase.APPLIED, JobState.DONE, MANY)
    assert batch.counts["written"]["households.new"] == MANY
    assert (Household.objects.count(), Member.objects.count()) == (MANY, MANY * 2)
    with pytest.raises(LeaseLost):  # who was believed dead and wakes up may write nothing more
        dead.checkpoint(cursor="1")


def test_reading_begins_anew_after_a_dead_worker(place, content, django_capture_on_commit_callbacks):
    batch = batch_of(content, place.zone)  # without commits in this test the file is still there
    ImportBatch.objects.filter(pk=batch.pk).update(state=JobState.QUEUED, phase=BatchPhase.PARSING)
    ImportRow.objects.filter(batch=batch, row_no__gt=100).delete()  # it had come as far as here
    assert default_storage.exists(batch.stored_name)
    with django_capture_on_commit_callbacks(execute=True):
        work_on_batch(str(batch.pk))
    assert batch.rows.count() == MANY * 2
    assert not default_storage.exists(batch.stored_name)


def test_undoing_goes_on_where_a_dead_worker_stopped(place, content):
    batch = write(batch_of(content, place.zone))
    undo_batch(batch=batch, by=None)
    mine = ImportBatch.claim(batch.pk)
    keys, last_row = next(import_work._households(mine, 0, applied_at__isnull=False))
    with transaction.atomic():
        done = undo_households(mine, keys)
        mine.checkpoint(cursor=str(last_row), done_count=len(keys), counts={**mine.counts, "undone": dict(done)})
    abandon(batch)
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    assert batch.counts["undone"] == {"deleted": MANY}
    assert not Household.objects.exists()


def test_a_batch_given_up_half_way_can_be_taken_up_again_or_back(place, content):
    batch = batch_of(content, place.zone)
    confirm_batch(batch=batch, by=None)
    first_chunk_only(batch).fail("多次办理中断，请重新发起。")
    write(batch)
    assert (batch.phase, Household.objects.count()) == (BatchPhase.APPLIED, MANY)
    assert undo_batch(batch=batch, by=None)


def test_a_file_that_is_gone_is_told(place, content):
    batch = batch_of(content, place.zone)
    ImportBatch.objects.filter(pk=batch.pk).update(state=JobState.QUEUED, phase=BatchPhase.PARSING)
    default_storage.delete(batch.stored_name)
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.phase, batch.message) == (BatchPhase.REJECTED, "上传的文件已不在，请重新上传。")


def test_who_lost_the_posting_meanwhile_writes_nothing(place, staff, content):
    batch = batch_of(content, place.zone, staff.officer)
    confirm_batch(batch=batch, by=staff.officer)
    staff.officer.postings.update(ends_on=datetime.date(2020, 1, 2))
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    assert batch.state == JobState.FAILED
    assert not Household.objects.exists()


def test_a_worker_killed_while_writing_loses_and_doubles_nothing(worker: WorkerProcess, place, content) -> None:
    batch = batch_of(content, place.zone)
    confirm_batch(batch=batch, by=None)
    wait_until(lambda: Household.objects.exists())
    worker.restart()
    abandon(batch)
    batch.ring()
    wait_until(lambda: ImportBatch.objects.get(pk=batch.pk).phase == BatchPhase.APPLIED, seconds=60)
    assert (Household.objects.count(), Member.objects.count()) == (MANY, MANY * 2)
    assert ImportBatch.objects.get(pk=batch.pk).counts["written"]["households.new"] == MANY


def test_a_household_that_changes_between_reading_and_writing_is_done_again(place, staff):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    changed = batch_of(workbook([{**row, "户联系电话": "13900000009"} for row in rows]), place.zone)
    confirm_batch(batch=changed, by=None)
    saved_between = []

    def save_between(**_event):
        """Between the import's reading and its writing, once."""
        if not saved_between:
            saved_between.append(1)
            household = Household.objects.get()
            change_household(household=household, by=staff.cadre, fields={"address": "石桥 3 号"})

    with BeforeWriting(save_between):
        work_on_batch(str(changed.pk))
    changed.refresh_from_db()
    # One connection stands for two people here, so that the chunk's rollback takes the colleague's change along.
    assert (saved_between, changed.phase) == ([1], BatchPhase.APPLIED)
    household = Household.objects.get()
    assert (household.phone, household.version) == ("13900000009", 2)


class BeforeWriting:
    """Does something when the import has read the household and is about to write it."""

    def __init__(self, act):
        self.act = act

    def __enter__(self):
        self.wrapper = connection.execute_wrapper(self)
        self.wrapper.__enter__()

    def __exit__(self, *raised):
        self.wrapper.__exit__(*raised)

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith('UPDATE "households_household" SET "version"'):
            self.act()
        return execute(sql, params, many, context)


def test_a_workbook_that_nobody_will_read_does_not_stay(place):
    waiting, given_up = (
        open_batch(
            content=workbook(family(number, place)), file_name="名册.xlsx", region=place.zone, kind="roster", by=None
        )
        for number in ("379900000001", "379900000002")
    )
    ImportBatch.objects.filter(pk=given_up.pk).update(state=JobState.FAILED)
    now = timezone.now()
    forget_uploads(now)
    assert default_storage.exists(given_up.stored_name)  # young: its batch may be about to be saved
    assert forget_uploads(now + datetime.timedelta(hours=2)) > 0
    assert default_storage.exists(waiting.stored_name)
    assert not default_storage.exists(given_up.stored_name)
