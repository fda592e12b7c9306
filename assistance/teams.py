"""一户一专班 (001 四): who of 村两委, 驻村工作队 and 结对帮扶干部 is on a household's team, from when to when."""

import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from assistance.models import TeamMember
from households.models import Household


@transaction.atomic
def add_member(
    *, household: Household, by: User, part: str, name: str, unit: str, begun_on: datetime.date
) -> TeamMember:
    """Put somebody on the team. Raises ValidationError for a day to come, and for who stands on it already."""
    if begun_on > timezone.localdate():
        raise ValidationError("日期不能晚于今天。")
    told = {"part": part, "name": name.strip(), "unit": unit.strip(), "begun_on": begun_on}
    try:
        with transaction.atomic():
            member = TeamMember.objects.create(household=household, entered_by=by, **told)
    except IntegrityError as fault:
        raise ValidationError(f"{name.strip()}已经在专班里，没有重复加。") from fault
    audit.record(
        action="assistance.add_team_member", actor=by, target=household, region=household.village, begun_on=begun_on
    )
    return member


@transaction.atomic
def end_member(*, member: TeamMember, by: User, ended_on: datetime.date) -> None:
    """His last day on the team. Raises ValidationError for a day to come or before he began, and when he has left already."""
    if ended_on > timezone.localdate():
        raise ValidationError("日期不能晚于今天。")
    if ended_on < member.begun_on:
        raise ValidationError(f"{member.name}从 {member.begun_on} 开始，结束日期不能更早。")
    if not TeamMember.objects.filter(pk=member.pk, ended_on=None).update(ended_on=ended_on):
        raise ValidationError(f"{member.name}已经不在专班里，没有重复办理。")
    household = member.household
    audit.record(
        action="assistance.end_team_member", actor=by, target=household, region=household.village, ended_on=ended_on
    )
