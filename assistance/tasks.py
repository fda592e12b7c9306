"""Celery tasks of assistance: each takes a key and calls a service."""

from celery import shared_task
from django.utils import timezone

from accounts.jobs import LeaseLost
from assistance import dossier_jobs, list_work, lists
from assistance.models import DepartmentList, DossierJob


@shared_task
def work_on_list(pk: str) -> None:
    """Read, write or undo a department's list; delivered ten times, it acts once."""
    batch = DepartmentList.claim(pk)
    if batch is None:
        return
    try:
        list_work.work(batch)
    except LeaseLost:
        return  # somebody else has it now, or it was cancelled


@shared_task
def forget_lists() -> int:
    """Delete uploaded lists that nobody will read any more."""
    return lists.forget_uploads(timezone.now())


@shared_task
def make_dossiers(pk: str) -> None:
    """Make the file of a village's dossiers, unless another worker is at it."""
    job = DossierJob.claim(pk)
    if job is None:
        return
    try:
        dossier_jobs.produce(job)
    except LeaseLost:
        return  # somebody else has it now, or it was cancelled


@shared_task
def expire_dossiers() -> int:
    """Delete files of dossiers whose day is over."""
    return dossier_jobs.expire(timezone.now())
