"""The figures of the home pages: how many, where they wait, why, and what was done, for a region and those under it."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr, TruncMonth

from accounts.models import Region
from accounts.models.regions import SEGMENT
from assistance.models import Delivery, Visit
from households.codes import MonitorClass, RiskCause
from households.last_year import months_earlier
from households.models import Member
from monitoring.case_querysets import IN_SOME_PLACES
from monitoring.models import OPEN_STAGES, Case, Stage
from monitoring.models.cases import CaseQuerySet

MONTHS = 12
LONGEST_WAITS = 6


@dataclass
class Place:
    """The figures of one region under the region shown."""

    region: Region
    edge: int = 0
    relapse: int = 0
    sudden: int = 0
    open: int = 0
    visited: int = 0
    helped: int = 0

    @property
    def registered(self) -> int:
        """Households on the register."""
        return self.edge + self.relapse + self.sudden


@dataclass
class Month:
    """Households that came and went in a month."""

    first: datetime.date
    new: int = 0
    removed: int = 0


@dataclass
class Overview:
    """Everything that a home page shows of a region."""

    households: int = 0
    people: int = 0
    new_this_month: int = 0
    removed_this_month: int = 0
    levels: Counter[int] = field(default_factory=Counter)
    without_measures: int = 0
    visited: int = 0
    places: list[Place] = field(default_factory=list)
    stages: list[tuple[Stage, int]] = field(default_factory=list)
    causes: list[tuple[str, int]] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    waits: list[Case] = field(default_factory=list)

    @property
    def helped(self) -> int:
        """Households with at least one measure in place."""
        return self.households - self.without_measures

    @property
    def edge(self) -> int:
        """边缘户 on the register, of all places under the region."""
        return sum(place.edge for place in self.places)

    @property
    def relapse(self) -> int:
        """脱贫监测户 on the register, of all places under the region."""
        return sum(place.relapse for place in self.places)

    @property
    def open(self) -> int:
        """Cases under way, of all places under the region."""
        return sum(place.open for place in self.places)


def overview(cases: CaseQuerySet, region: Region, on: datetime.date, monitor_class: str = "") -> Overview:
    """The figures of a region on a day; ``cases`` is what the reader may see, already scoped."""
    cases = cases.in_regions([region])
    if monitor_class in MonitorClass.values:
        cases = cases.filter(monitor_class=monitor_class)
    registered = cases.filter(pk__in=Case.objects.designated_on(on)).order_by()
    quarter = datetime.date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    helped = Exists(Delivery.objects.in_place_on(on).filter(household=OuterRef("household")))
    visited = Exists(Visit.objects.filter(household=OuterRef("household"), visited_on__gte=quarter, visited_on__lte=on))
    totals = registered.aggregate(
        n=Count("pk"), helped=Count("pk", filter=Q(helped)), visited=Count("pk", filter=Q(visited))
    )
    month = on.replace(day=1)
    found = Overview(
        households=totals["n"],
        people=Member.objects.living_together().filter(household__in=registered.values("household")).count(),
        new_this_month=registered.filter(decided_on__gte=month).count(),
        removed_this_month=cases.filter(removed_on__gte=month, removed_on__lte=on).count(),
        without_measures=totals["n"] - totals["helped"],
        visited=totals["visited"],
        places=_places(cases, registered, region, helped, visited),
        stages=_stages(cases),
        causes=_causes(registered),
        months=_months(cases, on),
        waits=list(
            cases.filter(stage__in=OPEN_STAGES)
            .select_related("household", "village")
            .order_by("stage_since")[:LONGEST_WAITS]
        ),
    )
    found.levels.update(
        dict(registered.exclude(risk_level=None).values_list("risk_level").annotate(n=Count("pk")).order_by())
    )
    return found


def _places(
    cases: QuerySet[Case], registered: QuerySet[Case], region: Region, helped: Exists, visited: Exists
) -> list[Place]:
    """One row for each region directly under the one shown, in administrative order, never ranked."""
    length = len(region.path) + SEGMENT
    under = {child.path: Place(region=child) for child in region.children.order_by("path")}
    child = Substr("village__path", 1, length)
    rows = registered.annotate(child=child).values("child", "monitor_class").order_by()
    for row in rows.annotate(
        n=Count("pk"), helped=Count("pk", filter=Q(helped)), visited=Count("pk", filter=Q(visited))
    ):
        if place := under.get(row["child"]):
            setattr(place, row["monitor_class"], row["n"])
            place.helped += row["helped"]
            place.visited += row["visited"]
    open_rows = cases.filter(stage__in=OPEN_STAGES).annotate(child=child).values("child").order_by()
    for row in open_rows.annotate(n=Count("pk")):
        if place := under.get(row["child"]):
            place.open = row["n"]
    return list(under.values())


def _stages(cases: QuerySet[Case]) -> list[tuple[Stage, int]]:
    counted = dict(cases.filter(stage__in=OPEN_STAGES).order_by().values_list("stage").annotate(n=Count("pk")))
    return [(stage, counted.get(stage, 0)) for stage in OPEN_STAGES if stage in counted or stage not in IN_SOME_PLACES]


def _causes(registered: QuerySet[Case]) -> list[tuple[str, int]]:
    counted: dict[str, Any] = dict(registered.exclude(main_risk="").values_list("main_risk").annotate(n=Count("pk")))
    return sorted(((RiskCause(cause).label, n) for cause, n in counted.items()), key=lambda pair: -pair[1])


def _months(cases: CaseQuerySet, on: datetime.date) -> list[Month]:
    months = [Month(months_earlier(on, back)) for back in range(MONTHS - 1, -1, -1)]
    by_first = {month.first: month for month in months}
    since = months[0].first
    for name, column in (("new", "decided_on"), ("removed", "removed_on")):
        rows = cases.designations().filter(**{f"{column}__gte": since, f"{column}__lte": on}).order_by()
        for row in rows.annotate(month=TruncMonth(column)).values("month").annotate(n=Count("pk")):
            setattr(by_first[row["month"]], name, row["n"])
    return months
