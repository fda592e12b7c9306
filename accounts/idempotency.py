"""A form sent twice acts once: the key in its hidden field is spent in the same transaction as the change."""

import uuid
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from accounts.models import UsedKey, User

EXPIRED = "页面已过期，请刷新后再提交。您填的内容还在。"
Row = TypeVar("Row", bound=models.Model)


def spent(key: str, user: User) -> str | None:
    """What came of this key if it was used before (an address or a primary key), else None."""
    used = UsedKey.objects.filter(key=parse(key), user=user).first()
    return used.outcome if used else None


def spend(key: str, user: User, outcome: str) -> bool:
    """Spend the key inside the caller's transaction; False when a second click was first.

    Raises ValidationError when it was somebody else's: nothing was done for this person, and he must be told.
    """
    try:
        with transaction.atomic():
            UsedKey.objects.create(key=parse(key), user=user, outcome=outcome)
    except IntegrityError as fault:
        if spent(key, user) is None:
            raise ValidationError(EXPIRED, code="guard") from fault
        return False
    return True


def spend_on(key: str, user: User, subject: str) -> bool:
    """Like spend, for a change of something that is there: a key that was spent on something else is refused."""
    if spend(key, user, subject):
        return True
    if spent(key, user) != subject:
        raise ValidationError(EXPIRED, code="guard")
    return False


def made(key: str, user: User, rows: models.QuerySet[Row]) -> Row | None:
    """Which of these rows the key made when it was used before; None for a fresh key.

    Raises ValidationError when it was spent on something that is none of them.
    """
    outcome = spent(key, user)
    if outcome is None:
        return None
    try:
        row = rows.filter(pk=outcome).first()
    except (ValueError, ValidationError):  # what the key was spent on has keys of another kind
        row = None
    if row is None:
        raise ValidationError(EXPIRED, code="guard")
    return row


def parse(key: str) -> uuid.UUID:
    """The key as a UUID; a form without a proper key is refused with a sentence."""
    try:
        return uuid.UUID(key)
    except (ValueError, AttributeError, TypeError) as fault:
        raise ValidationError(EXPIRED, code="guard") from fault
