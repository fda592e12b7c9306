"""Half-yearly rounds of 三色分级: which districts grade, when a round begins and is due, and who opens it."""

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend
from accounts.models import Level, Region, User
from accounts.roles import HOUSEHOLD_READERS, Role
from monitoring.models import GradingRound, PolicyValue
from monitoring.models.grading import Half
from monitoring.policy.rulesets import RuleSet, ruleset
from monitoring.policy.shapes import RULESET_KEY
from monitoring.policy.values import RULESET_IN_USE, Policy, policy_in_force

CLAUSE_DATES = "六政办〔2019〕15号 四（三）：以后每年4月、10月进行动态调整"
MONTHS = ("grading_first_month", "grading_second_month")  # parameters of a rule set that grades
VISIT_DAYS = "grading_visit_days"
DISTRICTS = (Level.COUNTY, Level.ZONE)
JUNE = 6
MOST_DAYS = 120


@dataclass(frozen=True)
class Span:
    """The days of a round, both ends included."""

    begins_on: datetime.date
    due_on: datetime.date


def rulesets_of(districts: Iterable[Region], on: datetime.date) -> dict[int, RuleSet]:
    """The rule set that each of the districts has taken by a day, by the district's key; one query."""
    rows = PolicyValue.objects.in_force().filter(key=RULESET_KEY, starts_on__lte=on)
    taken = sorted(
        rows.values_list("region__path", "starts_on", "confirmed_at", "value"), key=lambda row: (row[0], row[1], row[2])
    )
    found = {}
    for district in districts:
        codes = [value for path, _from, _at, value in taken if district.path.startswith(path)]
        found[district.pk] = ruleset(codes[-1] if codes else RULESET_IN_USE)
    return found


def graded_districts(user: User, on: datetime.date | None = None) -> list[Region]:
    """The districts over, at or under somebody's postings whose rule set grades households, in administrative order.

    One query where no region at all has taken a rule set that grades.
    """
    day = on or timezone.localdate()
    taken = PolicyValue.objects.in_force().filter(key=RULESET_KEY, starts_on__lte=day)
    if not any(ruleset(code).graded_types for code in {*taken.values_list("value", flat=True), RULESET_IN_USE}):
        return []
    regions = [posting.region for posting in user.postings_in_force() if posting.role in HOUSEHOLD_READERS]
    near = Q(path__in={path for region in regions for path in region.ancestor_paths})
    under = Region.objects.in_regions(regions).filter(level__in=DISTRICTS)
    districts = Region.objects.filter(level__in=DISTRICTS).filter(near | Q(pk__in=under.values("pk"))).order_by("path")
    return only_graded(districts, day)


def only_graded(districts: Iterable[Region], on: datetime.date) -> list[Region]:
    """Those of the districts whose rule set grades on that day."""
    listed = list(districts)
    rules = rulesets_of(listed, on)
    return [
        one for one in listed if rules[one.pk].graded_types and rules[one.pk].begins_on <= on
    ]  # before a rule set begins it grades nobody


def district_of(village: Region) -> Region:
    """The county or zone that a village or town lies in."""
    return Region.objects.get(path__in=village.ancestor_paths, level__in=DISTRICTS)


def round_of(district: Region, on: datetime.date | None = None) -> GradingRound | None:
    """The latest round that has begun; what was not done in its time is still done in it, and counts as late."""
    day = on or timezone.localdate()
    return GradingRound.objects.filter(district=district, begins_on__lte=day).order_by("-begins_on").first()


def readable_rounds(user: User) -> "list[GradingRound]":
    """The rounds of the districts that the user works in, over or under, the latest first."""
    return list(GradingRound.objects.of_districts(graded_districts(user)))


def months_of(policy: Policy) -> list[int]:
    """The months in which rounds are due to begin: 4 and 10, where the district has set nothing else."""
    return sorted({policy.whole(key) for key in MONTHS if policy.is_set(key)})


def span_in(policy: Policy, day: datetime.date) -> Span:
    """The round of the month that a day lies in: from its first to its last day."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Span(day.replace(day=1), day.replace(day=last))


def half_of(day: datetime.date) -> Half:
    """The half year of a day."""
    return Half.FIRST if day.month <= JUNE else Half.SECOND


@transaction.atomic
def open_round(
    *,
    district: Region,
    begins_on: datetime.date,
    due_on: datetime.date,
    by: User | None,
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
) -> GradingRound:
    """Begin the round of a half year in a district; ``by`` None is the clock.

    Raises PermissionDenied for anybody but the district's officer, ValidationError with a sentence: the rule set does not
    grade, the days are no round's, or the half year has its round already.
    """
    if by is not None and by.posting_over(district, Role.DISTRICT_OFFICER) is None:
        raise PermissionDenied("只有区（县）业务员可以开始一轮分级。")
    if by and idempotency_key and (earlier := made(idempotency_key, by, GradingRound.objects.all())):
        return earlier
    policy = policy_in_force(district, begins_on)
    _check_days(policy, begins_on, due_on)
    visited_from = begins_on - datetime.timedelta(days=policy.whole(VISIT_DAYS))
    try:
        with transaction.atomic():
            opened = GradingRound.objects.create(
                district=district, year=begins_on.year, half=half_of(begins_on), begins_on=begins_on, due_on=due_on,
                visited_from=visited_from, opened_by=by, opened_at=at or timezone.now(),
            )  # fmt: skip
    except IntegrityError as fault:
        raise ValidationError(
            f"{begins_on.year} 年{half_of(begins_on).label}的分级已经开始，没有重复开。", code="opened"
        ) from fault
    if by and idempotency_key:
        spend(idempotency_key, by, str(opened.pk))
    audit.record(
        action="grading_round.open", actor=by, target=opened, region=district, begins_on=begins_on, ends_on=due_on
    )
    return opened


def _check_days(policy: Policy, begins_on: datetime.date, due_on: datetime.date) -> None:
    if not policy.ruleset.graded_types:
        raise ValidationError(f"规则集“{policy.ruleset.title}”不分红黄蓝，不开分级轮次。")
    if due_on < begins_on:
        raise ValidationError("截止日期不能早于开始日期。")
    if (due_on - begins_on).days > MOST_DAYS:
        raise ValidationError(f"一轮最多 {MOST_DAYS} 天，请看看截止日期是不是填错了年份。")


def open_rounds_due(today: datetime.date) -> list[GradingRound]:
    """What the clock does each day: in April and October the round of every district that grades, once.

    A clock that stood still for some days opens it on the first day that it runs again, and running twice opens nothing
    twice.
    """
    opened = []
    for district in only_graded(Region.objects.filter(level__in=DISTRICTS).order_by("path"), today):
        policy = policy_in_force(district, today)
        this_half = GradingRound.objects.filter(district=district, year=today.year, half=half_of(today))
        if today.month not in months_of(policy) or this_half.exists():
            continue
        span = span_in(policy, today)
        try:
            opened.append(open_round(district=district, begins_on=span.begins_on, due_on=span.due_on, by=None))
        except ValidationError as fault:
            if fault.code != "opened":  # another clock was faster
                raise
    return opened
