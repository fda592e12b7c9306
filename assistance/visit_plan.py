"""待走访: which households are to be visited, how often by class and colour, and until when; computed by the database."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least, TruncDate
from django.utils import timezone

from accounts.models import Level, Region, User
from accounts.roles import CASEWORK_ROLES, Role
from assistance.models import Helper, Visit, VisitWay
from households.codes import MonitorClass
from households.models import Household, Survey
from monitoring.clues import policy_once
from monitoring.models import OPEN_STAGES, CaseKind, GradeLevel, Stage
from monitoring.models import Case as MonitoringCase
from monitoring.models.cases import LIVE_STAGES
from monitoring.policy.values import Policy, PolicyNotInForce, months_before, policy_in_force

OPEN_MONTHS = "visit_open_months"
CLASS_MONTHS = {
    MonitorClass.RELAPSE: "visit_relapse_months",
    MonitorClass.EDGE: "visit_edge_months",
    MonitorClass.SUDDEN: "visit_sudden_months",
}
COLOUR_MONTHS = {
    GradeLevel.RED: "visit_red_months",
    GradeLevel.YELLOW: "visit_yellow_months",
    GradeLevel.BLUE: "visit_blue_months",
}
REMOVED_MONTHS = "visit_removed_months"
TRACKED_MONTHS = "visit_removed_until_months"
PHONE_COUNTS = "visit_phone_counts"
TOWN_DAYS = "visit_town_days"
SUNDAY = 6


class MonthsAfter(Func):
    """A day some months after a day; the last of the month where that month is shorter, on both databases."""

    output_field = DateField()
    template = "(%(expressions)s))::date"
    arg_joiner = " + make_interval(months => "
    function = ""

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        """SQLite runs over into the next month, so that the end of the right month bounds it."""
        day, day_values = compiler.compile(self.source_expressions[0])
        months, month_values = compiler.compile(self.source_expressions[1])
        sql = (
            f"MIN(date({day}, ({months}) || ' months'),"
            f" date({day}, 'start of month', (({months}) + 1) || ' months', '-1 day'))"
        )
        both = (*day_values, *month_values)
        return sql, (*both, *both)


@dataclass(frozen=True)
class Row:
    """One household to be visited: why, how often, when somebody was there last, until when."""

    household: Household
    why: str
    level: int | None
    months: int
    last: datetime.date | None
    due_on: datetime.date
    helper: str
    key: uuid.UUID = field(default_factory=uuid.uuid4)  # of the button 没变化: however often it is tapped, one visit

    @property
    def days_left(self) -> int:
        """Days until it is due; negative when it is late."""
        return (self.due_on - timezone.localdate()).days


def planned(user: User, today: datetime.date) -> QuerySet[Household]:
    """The households somebody may visit, each with ``due_on``; what is due first stands first. One query, however many."""
    regions = [posting.region for posting in user.postings_in_force() if posting.role in CASEWORK_ROLES]
    return in_plan(
        Household.objects.visible_to(user, *CASEWORK_ROLES),
        policies_over(regions, today, partial(policy_once, user)),
        today,
    )


def of_town(user: User, today: datetime.date) -> tuple[QuerySet[Household], Case]:
    """The plan of the person's towns, and the day before which a visit must have been due for the town to hear of it."""
    regions = [posting.region for posting in user.postings_in_force() if posting.role == Role.TOWN_REVIEWER]
    policies = policies_over(regions, today, partial(policy_once, user))
    branches = [
        When(within([place], "village"), then=Value(today - datetime.timedelta(days=policy.whole(TOWN_DAYS))))
        for place, policy in policies
    ]
    patience = Case(*branches, default=Value(today), output_field=DateField())
    return in_plan(Household.objects.visible_to(user, Role.TOWN_REVIEWER), policies, today), patience


def in_plan(
    households: QuerySet[Household], policies: list[tuple[Region, Policy]], today: datetime.date
) -> QuerySet[Household]:
    """Of these the ones that the plan of their district has: under way or on the register, graded, or lately removed."""
    # Joined, of each at most one: a subquery would be asked again wherever one of its columns is spoken of.
    live = Q(cases__kind=CaseKind.DESIGNATION, cases__stage__in=LIVE_STAGES)
    graded = Q(grades__replaced_on=None) | Q(grades__replaced_on__gt=today)
    gone = MonitoringCase.objects.filter(
        household=OuterRef("pk"), kind=CaseKind.DESIGNATION, stage=Stage.REMOVED, removed_on__gt=_tracked_from(policies, today)
    ).order_by("-removed_on")  # fmt: skip
    rows = households.filter(closed_on=None).annotate(
        live=FilteredRelation("cases", condition=live),
        graded=FilteredRelation("grades", condition=graded & Q(grades__begins_on__lte=today)),
    )
    rows = rows.filter(Q(live__isnull=False) | Q(graded__isnull=False) | Exists(gone)).annotate(
        case_stage=F("live__stage"),
        case_class=F("live__monitor_class"),
        case_since=Coalesce("live__decided_on", TruncDate("live__opened_at")),
        removed_on=Subquery(gone.values("removed_on")[:1]),
        level=F("graded__level"),
        graded_since=F("graded__begins_on"),
        last_visit=_last_visit(policies),
        helper_name=Subquery(_helpers(today).values("name")[:1]),
        helper_user=Subquery(_helpers(today).values("user")[:1]),
        of_class=_months(policies, _class_key),
        of_colour=_months(policies, _colour_key),
    )
    rows = rows.annotate(
        months=Least(Coalesce("of_class", "of_colour"), Coalesce("of_colour", "of_class")),
        begun=Coalesce("case_since", "removed_on", "graded_since"),
    )
    return (
        rows.filter(months__isnull=False)
        .annotate(since=Greatest("begun", Coalesce("last_visit", "begun")))
        .annotate(due_on=MonthsAfter(F("since"), F("months")))
        .select_related("village__parent")
        .order_by("due_on", "village__path", F("group_no").asc(nulls_first=True), "number", "pk")
    )


def rows(households: Iterable[Household]) -> list[Row]:
    """What the list shows of each."""
    return [
        Row(one, _why(one), one.level, one.months, one.last_visit, one.due_on, one.helper_name or "")  # type: ignore[attr-defined]
        for one in households
    ]


def week_end(today: datetime.date) -> datetime.date:
    """The Sunday of the week."""
    return today + datetime.timedelta(days=SUNDAY - today.weekday())


def late(rows: QuerySet, today: datetime.date) -> QuerySet:
    """超期: due before today."""
    return rows.filter(due_on__lt=today)


def due_today(rows: QuerySet, today: datetime.date) -> QuerySet:
    """今天: due on this very day."""
    return rows.filter(due_on=today)


def this_week(rows: QuerySet, today: datetime.date) -> QuerySet:
    """本周: due from today until Sunday."""
    return rows.filter(due_on__gte=today, due_on__lte=week_end(today))


def of_helper(rows: QuerySet, user: User) -> QuerySet:
    """Those of whom the person is the contact."""
    return rows.filter(helper_user=user.pk)


def policies_over(
    regions: list[Region], today: datetime.date, asked: Callable[[Region, datetime.date], Policy] = policy_in_force
) -> list[tuple[Region, Policy]]:
    """The policy of each region, or of each district under it; a region before its rule set begins has no plan."""
    places: dict[str, Region] = {}
    for region in regions:
        if region.level in (Level.TOWN, Level.VILLAGE, Level.COUNTY, Level.ZONE):
            places[region.path] = region
        else:
            places |= {one.path: one for one in Region.objects.under(region).districts()}
    found = []
    for place in places.values():
        try:
            found.append((place, asked(place, today)))
        except PolicyNotInForce:
            continue
    return found


def _last_visit(policies: list[tuple[Region, Policy]]) -> Greatest:
    """The last visit or survey; a call counts where the district says so."""
    visits = Visit.objects.filter(household=OuterRef("pk")).order_by("-visited_on")
    surveys = Survey.objects.filter(household=OuterRef("pk"), superseded_by=None).order_by("-visited_on")
    silent = [place for place, policy in policies if not policy.is_on(PHONE_COUNTS)]
    if silent:
        visits = visits.exclude(within(silent, "household__village"), way=VisitWay.PHONE)
    visited, surveyed = (Subquery(one.values("visited_on")[:1]) for one in (visits, surveys))
    # Of two days the later; one that is missing does not count, on neither database.
    return Greatest(Coalesce(visited, surveyed), Coalesce(surveyed, visited))


def _helpers(today: datetime.date) -> QuerySet[Helper]:
    return Helper.objects.in_force(today).filter(household=OuterRef("pk")).order_by("-begun_on", "-entered_at")


def _months(policies: list[tuple[Region, Policy]], keys: Any) -> Case:
    """How often, as the district of each household says; null where nothing asks for a visit."""
    branches = [
        When(within([place], "village") & condition, then=Value(policy.whole(key)))
        for place, policy in policies
        for condition, key in keys(policy)
    ]
    return Case(*branches, default=Value(None), output_field=IntegerField())


def _class_key(_policy: Policy) -> Iterator[tuple[Q, str]]:
    yield Q(case_stage__in=OPEN_STAGES), OPEN_MONTHS
    for monitor_class, key in CLASS_MONTHS.items():
        yield Q(case_stage=Stage.REGISTERED, case_class=monitor_class), key
    yield Q(removed_on__isnull=False), REMOVED_MONTHS


def _colour_key(policy: Policy) -> Iterator[tuple[Q, str]]:
    for level, key in COLOUR_MONTHS.items():
        if key in policy.values:
            yield Q(level=level), key


def _tracked_from(policies: list[tuple[Region, Policy]], today: datetime.date) -> Case | models.Value:
    """From which day on a removal is still followed; by district."""
    branches = [
        When(within([place], "village"), then=Value(months_before(today, policy.whole(TRACKED_MONTHS))))
        for place, policy in policies
    ]
    return Case(*branches, default=Value(today), output_field=DateField())


def within(places: list[Region], lookup: str) -> Q:
    """Rows whose village lies under one of these."""
    under = Q(pk__in=[])
    for start, end in (place.path_range for place in places):
        under |= Q(**{f"{lookup}__path__gte": start, f"{lookup}__path__lt": end})
    return under


def _why(household: Any) -> str:
    """Why it is visited, in words."""
    if household.case_stage in OPEN_STAGES:
        return str(Stage(household.case_stage).label)
    if household.case_stage:
        return str(MonitorClass(household.case_class).label)
    return "风险已消除" if household.removed_on else "脱贫户"
