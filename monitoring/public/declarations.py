"""Taking a villager's declaration on the public page, and telling him later what has become of it."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction

from monitoring.public import limits
from monitoring.public.models import SealedDeclaration, SealingKey, VillagePage
from monitoring.public.sealing import seal

RECEIPT_DIGITS = 12
TAIL_DIGITS = 4
CLOSED = "这个村的网上申报现在没有开通，请到村委会申报。"
UNKNOWN = "回执号或手机号后四位不对，请对照回执再输一次。"


def open_page(token: str) -> VillagePage | None:
    """The page behind a QR code while its district has it switched on."""
    return VillagePage.objects.filter(token=token, is_open=True).first()


def declare(*, page: VillagePage, form_key: uuid.UUID, answers: Mapping[str, Any], address: str) -> str:
    """Seal a declaration, keep it, and return its receipt number.

    The receipt follows from the form's own key, so that the same form sent again gets the same receipt and is kept once.
    Raises TooOften above a limit, ValidationError while nothing can be sealed yet.
    """
    receipt = _receipt(page, form_key)
    if SealedDeclaration.objects.filter(form_key=form_key).exists():
        return receipt
    limits.count(limits.DECLARATIONS_OF_ADDRESS, address)
    limits.count(limits.DECLARATIONS_OF_VILLAGE, page.token)
    key = SealingKey.objects.order_by("published_at").last()
    if key is None:
        raise ValidationError(CLOSED)
    declaration = SealedDeclaration(page=page, form_key=form_key, key_id=key.key_id)
    declaration.receipt_digest = receipt_digest(receipt)
    declaration.asker_digest = asker_digest(receipt, answers["phone"])
    declaration.sealed = seal({**answers, "receipt": receipt}, key.public_key, str(declaration.pk))
    try:
        with transaction.atomic(using=router.db_for_write(SealedDeclaration)):
            declaration.save(force_insert=True)
    except IntegrityError:  # a second click was faster: it made the same receipt
        return receipt
    return receipt


def ask(*, receipt: str, phone_tail: str, address: str) -> SealedDeclaration:
    """The declaration with this receipt, for who knows the telephone too.

    Raises TooOften above a limit, and one and the same sentence whether the receipt or the telephone is wrong.
    """
    limits.count(limits.QUESTIONS_OF_ADDRESS, address)
    limits.count(limits.QUESTIONS_OF_RECEIPT, receipt)
    found = SealedDeclaration.objects.filter(
        receipt_digest=receipt_digest(receipt), asker_digest=asker_digest(receipt, phone_tail)
    ).select_related("page")
    declaration = found.first()
    if declaration is None:
        raise ValidationError(UNKNOWN)
    return declaration


def receipt_digest(receipt: str) -> str:
    """Under what a receipt is found; the number itself is not kept on the public host."""
    return limits.keyed("receipt", receipt)


def asker_digest(receipt: str, phone: str) -> str:
    """Under what who asks is recognised: the receipt and the last four of his telephone together."""
    return limits.keyed("asker", receipt, phone[-TAIL_DIGITS:])


def grouped(receipt: str) -> str:
    """The number as it is written down: 4821 0935 7716."""
    return " ".join(receipt[start : start + TAIL_DIGITS] for start in range(0, len(receipt), TAIL_DIGITS))


def _receipt(page: VillagePage, form_key: uuid.UUID) -> str:
    """Twelve digits that nobody can guess or count up."""
    return f"{int(limits.keyed('receipt of', page.token, str(form_key)), 16) % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"
