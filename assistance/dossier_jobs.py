"""Ask for the dossiers of a whole village, make the file, fetch it, and let it go after a day; scope is asked each time."""

import datetime
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend
from accounts.jobs import JobState, LeaseLost
from accounts.models import Level, Region, User
from accounts.roles import HOUSEHOLD_READERS
from assistance import dossier_files, sealed_files
from assistance.completeness import on_file
from assistance.dossier_files import Written
from assistance.models import DossierForm, DossierJob, DossierWhose
from assistance.sealed_files import FileDamaged
from households.attachment_vault import has_room
from households.models import Household

KEPT = datetime.timedelta(days=1)
SAME_REQUEST = datetime.timedelta(minutes=1)
ORPHAN_AGE = datetime.timedelta(hours=1)
OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
SUFFIX = {DossierForm.PRINT: "html", DossierForm.ZIP: "zip"}


def may_print(user: User, village: Region) -> bool:
    """Whether one of the person's postings over the village lets him read its households."""
    return user.posting_over(village, *HOUSEHOLD_READERS) is not None


def households_for(village: Region, whose: str) -> list[UUID]:
    """The keys of the households, in the order of the archive."""
    rows = Household.objects.filter(village=village).present()
    rows = on_file(rows) if whose == DossierWhose.ON_FILE else rows
    return list(rows.in_village_order().values_list("pk", flat=True))  # type: ignore[attr-defined]


@transaction.atomic
def request_dossiers(*, by: User, village: Region, form: str, whose: str, idempotency_key: str) -> DossierJob:
    """Queue the dossiers of a village, or give back the same request of the last minute.

    Raises PermissionDenied outside the person's scope, ValidationError for what is no village or has no such household.
    """
    if not may_print(by, village):
        raise PermissionDenied("您的岗位不能打印这个村的档案。")
    if village.level != Level.VILLAGE:
        raise ValidationError({"village": "一次打印一个村的档案，请选村。"})
    if not households_for(village, whose):
        raise ValidationError({"whose": f"{village.name}没有这样的户，不用生成。"})
    wanted = {"requested_by": by, "region": village, "form": form, "whose": whose}
    # One request of a person at a time: the second of two clicks waits here and then finds the first.
    User.objects.select_for_update().get(pk=by.pk)
    if first := made(idempotency_key, by, DossierJob.objects.all()):
        return first
    alive = DossierJob.objects.exclude(state__in=(JobState.FAILED, JobState.CANCELLED)).filter(removed_at=None)
    if same := alive.filter(created_at__gte=timezone.now() - SAME_REQUEST, **wanted).first():
        return same
    key = uuid.uuid4()
    if not spend(idempotency_key, by, str(key)) and (first := made(idempotency_key, by, DossierJob.objects.all())):
        return first
    job = DossierJob.objects.create(pk=key, **wanted)
    audit.record(action="dossier.request", actor=by, target=job, region=village, form=form, whose=whose)
    job.ring_on_commit()
    return job


def produce(job: DossierJob) -> None:
    """Make the file of a claimed job. Killed in the middle, the next attempt goes on behind what was rendered.

    Raises LeaseLost when the job was cancelled or another worker took it over.
    """
    reader = job.requested_by
    if reader is None or not may_print(reader, job.region):
        _refuse(job, "发起人现在的岗位不能打印这个村的档案，没有生成。")
        return
    if not has_room():
        _refuse(job, "服务器的磁盘快满了，没有生成。请告诉系统管理员。")
        return
    keys = households_for(job.region, job.whose)
    job.checkpoint(total_count=len(keys))
    reader.remember_postings()
    dossier_files.render_parts(job, keys, reader, lambda done, key: job.checkpoint(done_count=done, cursor=key.hex))
    path = dossier_files.fresh_path(job)
    try:
        written = dossier_files.put_together(job, keys, path, job.checkpoint)
        _finish(job, path, written, len(keys))
    except LeaseLost:
        path.unlink(missing_ok=True)
        raise
    except FileDamaged as damage:
        path.unlink(missing_ok=True)
        _refuse(job, str(damage))
        return
    dossier_files.remove_parts(job)


def _refuse(job: DossierJob, words: str) -> None:
    job.fail(words)
    dossier_files.remove_parts(job)


@transaction.atomic
def _finish(job: DossierJob, path: Path, written: Written, households: int) -> None:
    job.finish(stored_name=path.name, sha256=written.sha256, size=written.size, done_count=households)
    audit.record(
        action="dossier.make", actor=job.requested_by, target=job, region=job.region, households=households,
        form=job.form, sha256=written.sha256,
    )  # fmt: skip


@transaction.atomic
def cancel(*, job: DossierJob, by: User) -> None:
    """Stop a job that is not over; raises ValidationError when it is."""
    if not job.cancel():
        raise ValidationError("这份档案已经办完，不用取消。")
    audit.record(action="dossier.cancel", actor=by, target=job, region=job.region)


@transaction.atomic
def fetch(*, job: DossierJob, by: User) -> Iterator[bytes]:
    """Hand out the plain content once more, and trace it; raises PermissionDenied or ValidationError with the reason."""
    if job.requested_by_id != by.pk or not may_print(by, job.region):
        raise PermissionDenied("您现在的岗位不能下载这份档案。")
    if job.state != JobState.DONE:
        raise ValidationError("这份档案还没有生成好。")
    path = dossier_files.folder() / job.stored_name
    if is_gone(job, timezone.now()) or not path.exists():
        raise ValidationError("这份档案已经删除，请重新生成。")
    audit.record(action="dossier.fetch", actor=by, target=job, region=job.region, form=job.form)
    return sealed_files.read(path, job.pk)


def is_gone(job: DossierJob, now: datetime.datetime) -> bool:
    """Whether the day of a finished file is over."""
    return not job.stored_name or job.finished_at is None or job.finished_at + KEPT <= now


def file_name(job: DossierJob) -> str:
    """北石桥村_一户一档_2026-11-22.zip, as the person who fetches the file sees it."""
    on = timezone.localdate(job.finished_at or job.created_at)
    return f"{job.region.name}_一户一档_{on.isoformat()}.{SUFFIX[DossierForm(job.form)]}"


def expire(now: datetime.datetime) -> int:
    """Delete files whose day is over, parts of jobs that are over, and what nobody knows; returns how many went."""
    gone = 0
    for job in DossierJob.objects.filter(finished_at__lte=now - KEPT, state=JobState.DONE).exclude(stored_name=""):
        (dossier_files.folder() / job.stored_name).unlink(missing_ok=True)
        DossierJob.objects.filter(pk=job.pk).update(stored_name="", removed_at=now)
        gone += 1
    named = set(DossierJob.objects.exclude(stored_name="").values_list("stored_name", flat=True))
    working = {key.hex for key in DossierJob.objects.exclude(state__in=OVER).values_list("pk", flat=True)}
    for path in dossier_files.leftovers(now - ORPHAN_AGE):
        if path.name not in named and path.name.partition("-")[0] not in working:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            gone += 1
    return gone
