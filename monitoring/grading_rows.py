"""Lists of 三色分级: the households of a district that are graded, what each waits for, and how far villages have come."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from accounts.models import Level, Region, User
from accounts.models.regions import SEGMENT
from households.models import Facts, Household
from households.models.households import HouseholdQuerySet
from monitoring.grading_grounds import visits_count_from
from monitoring.models import Assessment, Grade, Grading, GradingRound, GradingStage, RiskLevel
from monitoring.models.grading import OPEN_GRADINGS, SUGGESTS
from monitoring.policy.values import Policy


@dataclass(frozen=True)
class GradingTab:
    """One tab of the list: what the households in it wait for."""

    name: str
    label: str
    empty: str


TABS = (
    GradingTab("ready", "待提出", "没有等着提出等级的户。"),
    GradingTab("changed", "情况有变", "没有情况有大变化的户。新的入户和现在的等级不一样，会出现在这里，要随时调整。"),
    GradingTab("visit", "要先入户", "没有要先入户的户。"),
    GradingTab("unclear", "没有建议", "没有缺系统建议的户。入户时没问全的，系统给不出建议。"),
    GradingTab("returned", "退回", "没有退回的户。"),
    GradingTab("town", "待镇审核", "没有等镇（街）审核的户。"),
    GradingTab("district", "待备案", "没有等区（县）备案的户。"),
    GradingTab("filed", "已备案", "这一轮还没有备案的户。"),
)
TAB_BY_NAME = {tab.name: tab for tab in TABS}
IN_STAGE = {GradingStage.RETURNED: "returned", GradingStage.PROPOSED: "town", GradingStage.TOWN_REVIEWED: "district"}
LATE_STATES = ("ready", "visit", "unclear", "returned")


def graded_households(
    user: User, district: Region, policy: Policy, found: GradingRound | None, on: datetime.date | None = None
) -> HouseholdQuerySet:
    """The households of the district that the rule set grades and the user may see, each with its ``state``.

    Also ``visited_on``, ``suggested`` (1–3), ``grade``, and ``proposed`` with ``open_grading`` where one is on its way.
    """
    day = on or timezone.localdate()
    rows = Household.objects.visible_to(user).in_regions([district]).present()
    rows = rows.filter(household_type__in=policy.ruleset.graded_types)
    return _with_state(rows, found, visits_count_from(policy, found, day), day)


def _with_state(
    rows: HouseholdQuerySet, found: GradingRound | None, visited_from: datetime.date, day: datetime.date
) -> HouseholdQuerySet:
    facts = Facts.objects.filter(household=OuterRef("pk"), replaced_on=None)
    standing = Assessment.objects.standing_on(day).filter(household=OuterRef("pk")).order_by("-pk")
    grade = Grade.objects.filter(household=OuterRef("pk"), replaced_on=None)
    on_way = Grading.objects.filter(household=OuterRef("pk"), stage__in=OPEN_GRADINGS)
    filed = Grading.objects.filter(household=OuterRef("pk"), round=found, stage=GradingStage.FILED)
    level = Case(*(When(level=code, then=Value(int(number))) for code, number in SUGGESTS.items()))
    annotated = rows.annotate(
        visited_on=Subquery(facts.values("visited_on")[:1]),
        suggested=Subquery(standing.values(number=level)[:1]),
        grade_level=Subquery(grade.values("level")[:1]),
        grade_since=Subquery(grade.values("begins_on")[:1]),
        grade_suggested=Subquery(grade.values("suggested")[:1]),
        open_stage=Subquery(on_way.values("stage")[:1]),
        open_grading=Subquery(on_way.values("pk")[:1]),
        is_filed=Exists(filed) if found else Q(grade_level__isnull=False),
    )
    changed = Q(suggested__isnull=False, grade_level__isnull=False) & ~Q(suggested=F("grade_level"))
    changed &= Q(grade_suggested=None) | ~Q(suggested=F("grade_suggested"))
    return annotated.annotate(
        state=Case(
            *(When(open_stage=stage, then=Value(name)) for stage, name in IN_STAGE.items()),
            When(changed & Q(is_filed=True), then=Value("changed")),
            When(is_filed=True, then=Value("filed")),
            When(Q(visited_on=None) | Q(visited_on__lt=visited_from), then=Value("visit")),
            When(suggested=None, then=Value("unclear")),
            default=Value("ready"),
            output_field=CharField(),
        )
    )


def tab_counts(rows: HouseholdQuerySet) -> dict[str, int]:
    """How many households are in each tab."""
    counted = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    return {tab.name: counted.get(tab.name, 0) for tab in TABS}


def in_order(rows: HouseholdQuerySet) -> HouseholdQuerySet:
    """By village, group and number, as lists and papers print them."""
    return rows.select_related("village__parent").in_village_order()


# ---- how far villages and towns have come ----


@dataclass
class PlaceProgress:
    """The figures of a village, or a town, in a round."""

    region: Region
    target: int = 0
    visited: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    levels: Counter[int] = field(default_factory=Counter)
    groups: int = 0  # households of key groups
    groups_visited: int = 0

    @property
    def waiting(self) -> int:
        """Households for which the village has proposed nothing yet, or to which something was returned."""
        return self.target - self.stages["proposed"] - self.stages["town_reviewed"] - self.stages["filed"]

    @property
    def to_review(self) -> int:
        """Households that wait for the town."""
        return self.stages["proposed"]

    @property
    def to_file(self) -> int:
        """Households that wait for the county."""
        return self.stages["town_reviewed"]

    @property
    def filed(self) -> int:
        """Households that are done."""
        return self.stages["filed"]

    @property
    def returned(self) -> int:
        """Of those that wait in the village, the returned ones."""
        return self.stages["returned"]

    @property
    def red(self) -> int:
        """Households at 一级 now."""
        return self.levels[1]

    @property
    def yellow(self) -> int:
        """Households at 二级 now."""
        return self.levels[2]

    @property
    def blue(self) -> int:
        """Households at 三级 now."""
        return self.levels[3]

    def add(self, other: "PlaceProgress") -> None:
        """Count another place's figures to these."""
        for name in ("target", "visited", "groups", "groups_visited"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.stages.update(other.stages)
        self.levels.update(other.levels)


def progress(user: User, found: GradingRound, policy: Policy, within: Region) -> list[PlaceProgress]:
    """The places directly under a region that the user may see, in administrative order; nobody is ranked.

    Under a district these are towns, under a town villages, under a village itself.
    """
    villages = _of_villages(user, found, policy, within)
    length = len(within.path) + (0 if within.level == Level.VILLAGE else SEGMENT)
    together: dict[str, PlaceProgress] = {}
    places = {region.path: region for region in Region.objects.filter(path__in={path[:length] for path in villages})}
    for path in sorted(villages):
        place = together.setdefault(path[:length], PlaceProgress(places[path[:length]]))
        place.add(villages[path])
    return list(together.values())


def total_of(places: Iterable[PlaceProgress], region: Region) -> PlaceProgress:
    """All places together."""
    total = PlaceProgress(region)
    for place in places:
        total.add(place)
    return total


def _of_villages(user: User, found: GradingRound, policy: Policy, within: Region) -> dict[str, PlaceProgress]:
    """The figures of each village with households to grade, by its path; six grouped queries, however many villages."""
    figures: dict[str, PlaceProgress] = defaultdict(lambda: PlaceProgress(within))
    households = Household.objects.visible_to(user).in_regions([within]).present()
    graded = households.filter(household_type__in=policy.ruleset.graded_types)
    for path, count in _by_village(graded):
        figures[path].target = count
    here = Q(household__in=graded.order_by().values("pk"))
    fresh = Facts.objects.filter(here, replaced_on=None, visited_on__gte=found.visited_from)
    for path, count in _by_village(fresh):
        figures[path].visited = count
    in_round = Grading.objects.filter(here, round=found).exclude(stage=GradingStage.WITHDRAWN)
    for path, stage, count in _by_village(in_round, "stage"):
        figures[path].stages[stage] = count
    for path, level, count in _by_village(Grade.objects.filter(here, replaced_on=None), "level"):
        figures[path].levels[level] = count
    return dict(figures)


def _by_village(rows: Any, *also: str) -> list[tuple[Any, ...]]:
    return list(rows.order_by().values_list("village__path", *also).annotate(n=Count("pk")))


def levels_suggested() -> list[tuple[str, str]]:
    """What the filter of suggestions offers."""
    return [(str(int(number)), str(RiskLevel(code).label)) for code, number in SUGGESTS.items()]
