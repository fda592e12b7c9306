"""Celery tasks of households: each takes a key and calls a service."""

from celery import shared_task
from django.utils import timezone

from accounts.jobs import LeaseLost
from households import attachments
from households.import_work import work
from households.imports import forget_uploads
from households.models import ImportBatch


@shared_task
def work_on_batch(pk: str) -> None:
    """Read, write or undo an import batch; delivered ten times, it acts once."""
    batch = ImportBatch.claim(pk)
    if batch is None:
        return
    try:
        work(batch)
    except LeaseLost:
        return  # somebody else has it now, or it was cancelled


@shared_task
def forget_imports() -> int:
    """Delete uploaded workbooks that nobody will read any more."""
    return forget_uploads(timezone.now())


@shared_task
def sweep_attachments() -> int:
    """Delete files of attachments that never came to be, and what broken uploads left."""
    now = timezone.now()
    return attachments.sweep(now) + attachments.sweep_uploads(now)
