"""Public notices while they hang, and objections to them: sealed as they are written, answered by a receipt number."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.utils import timezone

from monitoring.public import limits
from monitoring.public.countdown import Countdown
from monitoring.public.declarations import RECEIPT_DIGITS
from monitoring.public.models import PublicNotice, SealedObjection, SealingKey
from monitoring.public.sealing import seal

CALL = "急的请直接打公示上的监督电话。"
OBJECTIONS_OF_ADDRESS = limits.Limit(
    "object-address", 10, limits.HOUR, f"从您这里一小时内已经提了多次，请过一小时再试。{CALL}"
)
OBJECTIONS_OF_NOTICE = limits.Limit("object-notice", 100, limits.DAY, f"这张公示今天收到的异议太多，请明天再试。{CALL}")
CLOSED = "这张公示现在不能在网上提异议，请打公示上的监督电话。"
UNKNOWN = "没有这个回执号，请对照回执再输一次。"


class NoticeGone(Exception):
    """The notice is over: the page says so and nothing else."""


def open_notice(token: str, today: datetime.date | None = None) -> PublicNotice | None:
    """The running notice with this token; None where there is none, it has not begun, or its district has pages off.

    Raises NoticeGone after the last day, or when no household stands on it any more.
    """
    day = today or timezone.localdate()
    notice = PublicNotice.objects.filter(token=token, is_open=True, starts_on__lte=day).first()
    if notice is None:
        return None
    if notice.is_over or day > notice.ends_on:
        raise NoticeGone
    return notice


def countdown_of(notice: PublicNotice, today: datetime.date | None = None) -> Countdown:
    """How far it is."""
    return Countdown.on(
        today or timezone.localdate(), starts_on=notice.starts_on, ends_on=notice.ends_on,
        counted=notice.sheet["counted_days"], unit=notice.sheet["unit"],
    )  # fmt: skip


def object_to(*, notice: PublicNotice, form_key: uuid.UUID, answers: Mapping[str, Any], address: str) -> str:
    """Seal an objection, keep it, and return its receipt number; the same form sent again gets the same one, and is kept once.

    Raises TooOften above a limit, ValidationError where the notice takes none.
    """
    receipt = _receipt(notice, form_key)
    if SealedObjection.objects.filter(form_key=form_key).exists():
        return receipt
    limits.count(OBJECTIONS_OF_ADDRESS, address)
    limits.count(OBJECTIONS_OF_NOTICE, notice.token)
    key = SealingKey.objects.order_by("published_at").last()
    if key is None or not notice.takes_objections:
        raise ValidationError(CLOSED)
    objection = SealedObjection(notice=notice, form_key=form_key, key_id=key.key_id)
    objection.receipt_digest = receipt_digest(receipt)
    objection.sealed = seal({**answers, "receipt": receipt}, key.public_key, str(objection.pk))
    try:
        with transaction.atomic(using=router.db_for_write(SealedObjection)):
            objection.save(force_insert=True)
    except IntegrityError:  # a second click was faster: it made the same receipt
        return receipt
    return receipt


def ask(*, receipt: str, address: str) -> SealedObjection:
    """The objection with this receipt, so that who wrote it reads what has become of it; a telephone is not asked, he need
    not have left one. Raises TooOften above a limit, ValidationError for a number that nobody got.
    """
    limits.count(limits.QUESTIONS_OF_ADDRESS, address)
    limits.count(limits.QUESTIONS_OF_RECEIPT, receipt)
    found = SealedObjection.objects.filter(receipt_digest=receipt_digest(receipt)).select_related("notice").first()
    if found is None:
        raise ValidationError(UNKNOWN)
    return found


def receipt_digest(receipt: str) -> str:
    """Under what a receipt is found; the number itself is not kept on the public host."""
    return limits.keyed("receipt of an objection", receipt)


def _receipt(notice: PublicNotice, form_key: uuid.UUID) -> str:
    """Twelve digits that nobody can guess or count up."""
    digits = int(limits.keyed("receipt of objection", notice.token, str(form_key)), 16) % 10**RECEIPT_DIGITS
    return f"{digits:0{RECEIPT_DIGITS}d}"
