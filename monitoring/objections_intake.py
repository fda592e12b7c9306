"""From the public pages to the register: sealed objections are opened, checked anew and become tickets, each once."""

import logging

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from monitoring.leads_intake import private_key
from monitoring.models import Case, Notice
from monitoring.objections import take_in_public
from monitoring.public.models import SealedObjection
from monitoring.public.notice_forms import PublicObjectionForm
from monitoring.public.sealing import CannotOpen, unseal

log = logging.getLogger(__name__)
FETCHED_AT_ONCE = 500


def fetch() -> int:
    """Take the waiting objections in; returns how many. One that cannot be opened stays sealed, and the log says so."""
    taken = 0
    waiting = SealedObjection.objects.filter(fetched_at=None).select_related("notice").order_by("received_at")
    for row in waiting[:FETCHED_AT_ONCE]:
        try:
            _take_in(row)
        except (CannotOpen, ValidationError, Notice.DoesNotExist, Case.DoesNotExist, IndexError):
            log.error("Objection %s cannot be taken in.", row.pk)
            _mark_fetched(row, sealed=row.sealed)
            continue
        _mark_fetched(row, sealed="")
        taken += 1
    return taken


def _take_in(row: SealedObjection) -> None:
    """Check it as the form did, because the public host is not trusted, and keep it."""
    said = unseal(row.sealed, private_key(), str(row.pk))
    notice = Notice.objects.select_related("village").get(token=row.notice_id)
    form = PublicObjectionForm({**said, "form_key": str(row.form_key)}, rows=notice.snapshot)
    if not form.is_valid():
        raise ValidationError("异议的内容不对。")
    data = form.cleaned_data
    case = notice.cases.select_related("household", "village").get(pk=notice.row_cases[int(data["row"])])
    try:
        take_in_public(
            notice=notice, case=case, sealed_id=row.pk, receipt=str(said.get("receipt", ""))[:12],
            raised_on=timezone.localdate(row.received_at), content=data["content"], raised_by=data["name"],
            contact=data["contact"],
        )  # fmt: skip
    except IntegrityError:  # another process took it in at the same moment
        return


def _mark_fetched(row: SealedObjection, sealed: str) -> None:
    SealedObjection.objects.filter(pk=row.pk).update(fetched_at=timezone.now(), sealed=sealed)
