"""限期 of cases: what is left, who is late, and a later day with a reason."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import User
from accounts.roles import VILLAGE_ROLES, Role
from monitoring import workdays
from monitoring.models import Case, Stage
from monitoring.models.cases import OPEN_STAGES, CaseQuerySet
from monitoring.models.clocks import ClockExtension
from monitoring.procedures import pinned
from monitoring.workflow import AlreadyMoved, note_event

CALENDAR_DAYS = "天"
LONGEST = datetime.timedelta(days=60)
OF_TOWN = (Stage.TOWN, Stage.ANNOUNCE, Stage.COMPARE)
OF_DISTRICT = (Stage.DISTRICT,)
OF_VILLAGE = tuple(stage for stage in OPEN_STAGES if stage not in (*OF_TOWN, *OF_DISTRICT))
# Whose late work is shown one level above, and who may give it more time.
BELOW = {Role.TOWN_REVIEWER: OF_VILLAGE, Role.DISTRICT_OFFICER: OF_TOWN}
MAY_EXTEND = {
    Role.TOWN_REVIEWER: OF_VILLAGE,
    Role.DISTRICT_OFFICER: (*OF_VILLAGE, *OF_TOWN, *OF_DISTRICT),
}
HAVE_IN_HAND = {VILLAGE_ROLES: OF_VILLAGE, (Role.TOWN_REVIEWER,): OF_TOWN}  # by themselves, or standing in


@dataclass(frozen=True)
class Clock:
    """What is left until a last day, in the unit of the limit; late is counted in days."""

    due_on: datetime.date
    days_left: int
    unit: str

    @property
    def is_late(self) -> bool:
        """Whether the last day has passed."""
        return self.days_left < 0


def clocks(cases: Iterable[Case], today: datetime.date | None = None) -> dict[object, Clock]:
    """The clock of each case that has a limit where it stands, by the case's key; needs ``procedure`` at hand."""
    day = today or timezone.localdate()
    ticking = [case for case in cases if case.due_on and case.stage in OPEN_STAGES]
    if not ticking:
        return {}
    last = max(case.due_on for case in ticking if case.due_on)
    overrides = workdays.load_overrides(min(day, last), max(day, last))
    return {case.pk: _clock(case, day, overrides) for case in ticking}


def clock_of(case: Case) -> Clock | None:
    """The clock of one case; None without a limit."""
    return clocks([case]).get(case.pk)


def late_below(user: User, today: datetime.date | None = None) -> CaseQuerySet:
    """The cases that are late one level below the desks of a person: the town sees its villages, the district its towns."""
    day = today or timezone.localdate()
    found = Case.objects.none()
    for role, stages in BELOW.items():
        if user.holds(role):
            found = found | Case.objects.visible_to(user, role).filter(stage__in=stages, due_on__lt=day)
    return found


def late(user: User, today: datetime.date | None = None) -> CaseQuerySet:
    """Every case in sight whose last day has passed."""
    day = today or timezone.localdate()
    return Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES, due_on__lt=day)


def may_extend(case: Case, user: User) -> bool:
    """Whether the person may give the case more time: the level above, the district for itself; nobody who has it in hand."""
    if any(case.stage in stages and user.posting_over(case.village, *roles) for roles, stages in HAVE_IN_HAND.items()):
        return False
    return any(case.stage in stages and user.posting_over(case.village, role) for role, stages in MAY_EXTEND.items())


@transaction.atomic
def extend(
    *, case: Case, by: User, due_on: datetime.date, reason: str, version: int, idempotency_key: str = ""
) -> ClockExtension | None:
    """Set a later last day for the stage that the case is in; None when the form came a second time.

    ``version`` is the one that the form was opened with. Raises PermissionDenied, AlreadyMoved, or ValidationError with a
    sentence.
    """
    if not may_extend(case, by):
        raise PermissionDenied("延期要由上一级同意。")
    if idempotency_key and not spend_on(idempotency_key, by, f"extend:{case.pk}"):
        return None
    if case.due_on is None:
        raise ValidationError("这一户现在没有限期，不用延期。")
    if not reason.strip():
        raise ValidationError("请写明为什么要延期。")
    if (
        not max(case.due_on, timezone.localdate() - datetime.timedelta(days=1))
        < due_on
        <= timezone.localdate() + LONGEST
    ):
        raise ValidationError("新的限期要晚于原来的限期，不早于今天，最多从今天起 60 天。")
    moved = Case.objects.filter(pk=case.pk, stage=case.stage, version=version).update(
        due_on=due_on, total_due_on=_later(case.total_due_on, due_on), version=F("version") + 1
    )
    if not moved:
        raise AlreadyMoved("这一户刚才有人办过，请看过再延期。")
    made = ClockExtension.objects.create(
        case=case, stage=case.stage, was_due_on=case.due_on, due_on=due_on, reason=reason.strip()[:300], allowed_by=by
    )
    note_event(
        case=case, step="extend", by=by, note=f"限期 {case.due_on:%m-%d} 延到 {due_on:%m-%d}：{reason.strip()[:280]}"
    )
    return made


def _later(total: datetime.date | None, due_on: datetime.date) -> datetime.date | None:
    return None if total is None else max(total, due_on)


def _clock(case: Case, day: datetime.date, overrides: workdays.Overrides) -> Clock:
    procedure = pinned(case)
    step = procedure.step_at(case.stage) if procedure else None
    unit = step.unit if step and step.unit in workdays.UNITS else CALENDAR_DAYS
    return Clock(case.due_on, workdays.days_left(case.due_on, day, unit, overrides), unit)
