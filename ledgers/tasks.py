"""Background work of ledgers: make an export, and clear away what has expired."""

from celery import shared_task
from django.utils import timezone

from accounts.jobs import LeaseLost
from ledgers import services
from ledgers.models import Export


@shared_task
def produce_export(export_pk: str) -> None:
    """Make the file, unless another worker is at it."""
    export = Export.claim(export_pk)
    if export is None:
        return
    try:
        services.produce(export)
    except LeaseLost:
        return


@shared_task
def expire_exports() -> int:
    """Delete files that are older than their days."""
    return services.expire_exports(timezone.now())
