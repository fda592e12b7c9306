"""Between the register and the public pages: sealed objections come in and become tickets, each once; answers go out."""

import datetime
import logging

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from accounts.templatetags.ui import masked_name
from monitoring.leads_intake import KEPT_IN_PUBLIC, private_key
from monitoring.models import Case, Notice, Objection
from monitoring.objections import take_in_public
from monitoring.public.models import ObjectionAnswer, SealedObjection
from monitoring.public.notice_forms import PublicObjectionForm
from monitoring.public.sealing import CannotOpen, unseal

log = logging.getLogger(__name__)
FETCHED_AT_ONCE = 500
TOLD_AT_ONCE = 500


def exchange() -> dict[str, int]:
    """Fetch what was objected and tell what has become of earlier objections; returns the numbers."""
    return {"objections": fetch(), "objections_told": tell(), "objections_forgotten": forget()}


def fetch(*, again: bool = False) -> int:
    """Take the waiting objections in; returns how many. One that cannot be opened stays sealed, and the log says so.

    ``again``: those that stayed sealed, once the key that was missing is back.
    """
    taken = 0
    waiting = SealedObjection.objects.filter(fetched_at__isnull=not again).exclude(sealed="").select_related("notice")
    for row in waiting.order_by("received_at")[:FETCHED_AT_ONCE]:
        try:
            _take_in(row)
        except (
            CannotOpen,
            ValidationError,
            Notice.DoesNotExist,
            Case.DoesNotExist,
            IndexError,
            OverflowError,
        ) as fault:
            log.error("Objection %s cannot be taken in: %s.", row.pk, type(fault).__name__)
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


# ---- out: what has become of it ----


def answer_to(objection: Objection) -> tuple[ObjectionAnswer, datetime.date | None]:
    """What who objected is told, and since when."""
    if objection.upheld is None:
        return (ObjectionAnswer.LOOKED_INTO if objection.investigator_id else ObjectionAnswer.RECEIVED), None
    settled = timezone.localdate(objection.settled_at) if objection.settled_at else None
    return (ObjectionAnswer.UPHELD if objection.upheld else ObjectionAnswer.DISMISSED), settled


def tell() -> int:
    """Tell the public pages what changed of the objections of the last half year; returns of how many."""
    since = timezone.now() - KEPT_IN_PUBLIC
    recent = Objection.objects.filter(sealed_id__isnull=False, recorded_at__gte=since).defer("raised_by", "contact")
    listed = list(recent.order_by("recorded_at", "pk"))
    return sum(_tell(listed[start : start + TOLD_AT_ONCE]) for start in range(0, len(listed), TOLD_AT_ONCE))


def _tell(objections: list[Objection]) -> int:
    public = SealedObjection.objects.filter(pk__in=[one.sealed_id for one in objections])
    known = {pk: (answer, on) for pk, answer, on in public.values_list("pk", "answer", "answered_on")}
    told = 0
    for objection in objections:
        answer, on = answer_to(objection)
        if known.get(objection.sealed_id, (answer, on)) == (answer, on):
            continue
        row = SealedObjection.objects.filter(pk=objection.sealed_id)
        told += row.update(answer=answer, answered_on=on, reply=_fit_to_tell(objection))
    return told


def _fit_to_tell(objection: Objection) -> str:
    """The reply as it may lie on the public host: the scanner passed it when it was written, and names are masked here."""
    words = objection.reply
    for name in objection.case.household.members.values_list("name", flat=True):
        if len(name) > 1:
            words = words.replace(name, masked_name(name))
    return words


def forget() -> int:
    """Delete from the public pages what was fetched and is older than half a year; returns how many."""
    old = SealedObjection.objects.filter(fetched_at__isnull=False, received_at__lt=timezone.now() - KEPT_IN_PUBLIC)
    deleted, _kinds = old.delete()
    return deleted
