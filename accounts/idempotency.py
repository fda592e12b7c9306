"""A form sent twice acts once: the key in its hidden field is spent in the same transaction as the change."""

import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import UsedKey, User


def spent(key: str, user: User) -> str | None:
    """What came of this key if it was used before (an address or a primary key), else None."""
    used = UsedKey.objects.filter(key=parse(key), user=user).first()
    return used.outcome if used else None


def spend(key: str, user: User, outcome: str) -> bool:
    """Spend the key inside the caller's transaction; False when somebody (a second click) was first."""
    try:
        with transaction.atomic():
            UsedKey.objects.create(key=parse(key), user=user, outcome=outcome)
    except IntegrityError:
        return False
    return True


def parse(key: str) -> uuid.UUID:
    """The key as a UUID; a form without a proper key is refused with a sentence."""
    try:
        return uuid.UUID(key)
    except (ValueError, AttributeError, TypeError) as fault:
        raise ValidationError("页面已过期，请刷新后再提交。您填的内容还在。") from fault
