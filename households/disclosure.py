"""Show one identity number or phone in full: with a reason, recorded, and not more than a daily number of times."""

import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from households.models import Household, Member

ACTION = "household.reveal"
MOST_A_DAY = 60


class Secret(models.TextChoices):
    """What is masked everywhere else."""

    ID_NUMBER = "id_number", "证件号码"
    PHONE = "phone", "联系电话"


class Reason(models.TextChoices):
    """Why somebody needs the full value."""

    IDENTITY = "identity", "核对身份"
    ASSISTANCE = "assistance", "办理救助或帮扶"
    CONTACT = "contact", "联系本人"
    OTHER = "other", "其他"


@transaction.atomic
def reveal(*, household: Household, member: Member | None, secret: str, reason: str, note: str, by: User) -> str:
    """The full number of a member, or the household's own phone when ``member`` is None; the trace keeps who and why.

    Raises ValidationError when the day's number of times is used up, or there is nothing to show.
    """
    check_quota(by)
    value = getattr(member or household, secret)
    if not value:
        raise ValidationError("这一项没有登记，不用显示。", code="nothing")
    audit.record(
        action=ACTION,
        actor=by,
        target=member or household,
        region=household.village,
        what=secret,
        reason=reason,
        note=note,
    )
    return value


def check_quota(by: User) -> None:
    """Raises ValidationError when somebody has seen as many numbers today as one may see on a day."""
    midnight = timezone.make_aware(datetime.datetime.combine(timezone.localdate(), datetime.time.min))
    if AuditEvent.objects.filter(action=ACTION, actor=by, at__gte=midnight).count() >= MOST_A_DAY:
        raise ValidationError(f"今天已经显示过 {MOST_A_DAY} 次，请明天再看，或联系系统管理员。", code="quota")
