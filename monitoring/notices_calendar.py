"""The days of a notice: which of them count, when it is over, and what the rules ask at least."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Region
from monitoring import workdays
from monitoring.models import Case, CaseKind, Notice, PinnedProcedure
from monitoring.policy.values import policy_in_force
from monitoring.procedures import Procedure, from_policy, procedure_of
from monitoring.public.countdown import Countdown

MOST_DAYS = 60
FURTHEST_AHEAD = 30
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class DayRule:
    """How many days a notice hangs at least, and how they are counted."""

    days: int
    unit: str
    counts_first_day: bool
    photo_days: int | None = None

    @classmethod
    def of(cls, procedure: Procedure) -> "DayRule":
        """As the procedure of a case has it."""
        return cls(procedure.notice_days, procedure.notice_unit, procedure.counts_first_day, procedure.photo_days)

    def last_day(self, starts_on: datetime.date) -> datetime.date:
        """The earliest day that may be the last one."""
        return workdays.add(self._before(starts_on), self.days, self.unit)

    def counted(self, starts_on: datetime.date, ends_on: datetime.date) -> list[datetime.date]:
        """The days that count, in their order. The last day counts in any case, and a notice has no day after it."""
        first, known = self._before(starts_on) + ONE_DAY, workdays.load_overrides(starts_on, ends_on)
        days = [first + ahead * ONE_DAY for ahead in range((ends_on - first).days + 1)]
        return [day for day in days if self.unit == workdays.DAYS or workdays.is_workday(day, known)]

    @property
    def words(self) -> str:
        """至少 5 天，开始和结束这两天都算."""
        how = "开始和结束这两天都算" if self.counts_first_day else "从开始的第二天起算"
        return f"至少 {self.length}，{how}"

    @property
    def length(self) -> str:
        """5 天, or 5 个工作日."""
        return f"{self.days} {self.unit if self.unit == workdays.DAYS else f'个{self.unit}'}"

    def _before(self, starts_on: datetime.date) -> datetime.date:
        """The day after which counting begins."""
        return starts_on - ONE_DAY if self.counts_first_day else starts_on


def rules_of(cases: Iterable[Case]) -> list[DayRule]:
    """What the pinned procedures of the cases ask, each once; the number of queries does not grow with the cases."""
    listed = list(cases)
    pinned = PinnedProcedure.objects.in_bulk({case.procedure_id for case in listed if case.procedure_id})
    found = [Procedure.of(one.content) for one in pinned.values()]
    others = {(case.village_id, case.ruleset): case for case in listed if not case.procedure_id}
    for case in others.values():
        found.append(procedure_of(case, policy_in_force(case.village, timezone.localdate(), case.ruleset)))
    return list(dict.fromkeys(DayRule.of(procedure) for procedure in found))


def rule_of_village(village: Region, on: datetime.date | None = None) -> DayRule:
    """What is asked of a notice there today, whichever households it is for."""
    policy = policy_in_force(village, on or timezone.localdate())
    return DayRule.of(from_policy(policy, CaseKind.DESIGNATION, lifted=False))


def strictest(rules: list[DayRule], starts_on: datetime.date) -> DayRule:
    """The rule under which a notice that begins on a day hangs longest."""
    return max(rules, key=lambda rule: rule.last_day(starts_on))


def check_first_day(starts_on: datetime.date, today: datetime.date) -> None:
    """Raises ValidationError with a sentence where no notice could begin on a day; asked before any day is counted from it."""
    if starts_on < today:
        raise ValidationError("公示开始不能早于今天。")
    if starts_on > today + FURTHEST_AHEAD * ONE_DAY:
        raise ValidationError(f"公示开始不能晚于 {FURTHEST_AHEAD} 天以后。")


def check_days(rule: DayRule, starts_on: datetime.date, ends_on: datetime.date, today: datetime.date) -> None:
    """Raises ValidationError with a sentence where a notice could not hang on these days."""
    check_first_day(starts_on, today)
    if ends_on < rule.last_day(starts_on):
        raise ValidationError(f"公示不能少于 {rule.length}（{rule.words.partition('，')[2]}）。", code="ends_on")
    if (ends_on - starts_on).days + 1 > MOST_DAYS:
        raise ValidationError(f"公示最多 {MOST_DAYS} 天。", code="ends_on")


def counted_days(notice: Notice) -> list[str]:
    """ISO dates that count; of a notice that was posted before they were kept, every day of it."""
    if notice.counted_days:
        return list(notice.counted_days)
    days = (notice.ends_on - notice.starts_on).days + 1
    return [(notice.starts_on + ahead * ONE_DAY).isoformat() for ahead in range(days)]


def countdown(notice: Notice, today: datetime.date | None = None) -> Countdown:
    """Where a notice stands today."""
    return Countdown.on(
        today or timezone.localdate(), starts_on=notice.starts_on, ends_on=notice.ends_on,
        counted=counted_days(notice), unit=notice.unit,
    )  # fmt: skip
