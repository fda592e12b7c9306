"""Take a workbook in, confirm it, discard it, take it back: what people order; import_work does it."""

import datetime
import hashlib
import uuid
from pathlib import Path, PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend
from accounts.jobs import JobState
from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES
from households.models import BatchKind, ImportBatch, RowStatus
from households.models.imports import BatchPhase
from households.roster_cells import CONTROL
from households.workbook_reader import check_container

FOLDER = "imports"
UPLOAD_AGE = datetime.timedelta(hours=1)
WAITING = Q(phase=BatchPhase.PREVIEW, state=JobState.DRAFT)
# Work that was given up half-way can be taken up again, or taken back.
HALF_WRITTEN = Q(phase=BatchPhase.APPLYING, state=JobState.FAILED)
WRITTEN = Q(phase=BatchPhase.APPLIED, state=JobState.DONE)
HALF_UNDONE = Q(phase=BatchPhase.UNDOING, state=JobState.FAILED)
ORDERS = {BatchPhase.APPLYING: "import.confirm", BatchPhase.UNDOING: "import.undo_ordered"}
AFRESH = {"attempts": 0, "cursor": "", "done_count": 0, "message": "", "started_at": None, "finished_at": None}


def open_batch(
    *,
    content: bytes,
    file_name: str,
    region: Region,
    kind: str,
    by: User | None,
    idempotency_key: str = "",
    ring: bool = True,
) -> ImportBatch:
    """Keep the workbook under a name of ours and queue its reading; a form sent twice gives the same batch.

    With ``ring=False`` no worker is called: the caller claims the batch himself.

    Raises WorkbookRefused for what is no plain .xlsx, ValidationError for a region that is not in the person's charge.
    """
    if by is not None and not by.posting_over(region, *OFFICE_ROLES):
        raise ValidationError("您不负责这个区域，请选自己负责的镇（街）或区。", code="region")
    if by is not None and idempotency_key and (earlier := made(idempotency_key, by, ImportBatch.objects.all())):
        return earlier
    check_container(content)
    batch = ImportBatch(
        pk=uuid.uuid4(),
        kind=BatchKind(kind),
        region=region,
        requested_by=by,
        file_name=CONTROL.sub("", PurePath(file_name).name)[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
    )
    batch.stored_name = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.xlsx", ContentFile(content))
    with transaction.atomic():
        if by is not None and idempotency_key and not spend(idempotency_key, by, str(batch.pk)):
            default_storage.delete(batch.stored_name)
            return made(idempotency_key, by, ImportBatch.objects.all()) or batch
        batch.save(force_insert=True)
        audit.record(action="import.upload", actor=by, target=batch, region=region, kind=batch.kind, bytes=len(content))
        if ring:
            batch.ring_on_commit()
    return batch


def confirm_batch(*, batch: ImportBatch, by: User | None, ring: bool = True) -> bool:
    """Queue the writing; False when somebody (a second click) was first. For ``ring`` see open_batch.

    Raises ValidationError when nothing of the workbook can be written.
    """
    if not households_to_write(batch):
        raise ValidationError("没有可以写入的农户：要么没有变化，要么没有通过。", code="nothing")
    return _order(batch, WAITING | HALF_WRITTEN, BatchPhase.APPLYING, by, households_to_write(batch), ring)


def undo_batch(*, batch: ImportBatch, by: User | None) -> bool:
    """Queue the undoing of what was written; False when somebody was first."""
    return _order(
        batch, WRITTEN | HALF_WRITTEN | HALF_UNDONE, BatchPhase.UNDOING, by, households_written(batch), ring=True
    )


def discard_batch(*, batch: ImportBatch, by: User | None) -> bool:
    """Throw away a preview with its rows; nothing was written of it. False when it is no longer a preview."""
    with transaction.atomic():
        dropped = ImportBatch.objects.filter(WAITING, pk=batch.pk).update(state=JobState.CANCELLED, counts={})
        if dropped:
            batch.rows.all().delete()
            audit.record(action="import.discard", actor=by, target=batch, region=batch.region)
    batch.refresh_from_db()
    return bool(dropped)


def forget_uploads(now: datetime.datetime) -> int:
    """Delete uploaded workbooks that nobody will read any more: of batches that were given up, or never came to be.

    They are full of personal data. A young file is left, because its batch may be about to be saved. Returns how many.
    """
    unread = ImportBatch.objects.filter(phase=BatchPhase.PARSING, state__in=(JobState.QUEUED, JobState.RUNNING))
    wanted = set(unread.values_list("stored_name", flat=True))
    gone = 0
    for path in (Path(settings.MEDIA_ROOT) / FOLDER).glob("*"):
        if f"{FOLDER}/{path.name}" not in wanted and path.stat().st_mtime < (now - UPLOAD_AGE).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def households_to_write(batch: ImportBatch) -> int:
    """How many households confirming would write."""
    counts = batch.counts.get("households", {})
    return sum(counts.get(status, 0) for status in (RowStatus.NEW, RowStatus.CHANGED))


def households_written(batch: ImportBatch) -> int:
    """How many households the batch has written."""
    written = batch.counts.get("written", {})
    return sum(written.get(f"households.{status}", 0) for status in (RowStatus.NEW, RowStatus.CHANGED))


def _order(batch: ImportBatch, allowed: Q, phase: BatchPhase, by: User | None, total: int, ring: bool) -> bool:
    """Queue the batch for its next phase; the phase it must be in is part of the WHERE clause."""
    with transaction.atomic():
        taken = ImportBatch.objects.filter(allowed, pk=batch.pk).update(
            **AFRESH,
            state=JobState.QUEUED,
            phase=phase,
            requested_by=by,
            total_count=total,
            confirmed_at=timezone.now(),
        )
        if taken:
            audit.record(action=ORDERS[phase], actor=by, target=batch, region=batch.region)
            if ring:
                batch.ring_on_commit()
    batch.refresh_from_db()
    return bool(taken)
