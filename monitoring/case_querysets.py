"""Lists of cases: the tabs with their counts, the filters, and what each row shows beside the case itself."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import Role
from households.codes import MonitorClass, RiskCause
from households.models import Facts, Survey
from monitoring.clocks import Clock, clocks
from monitoring.department_checks import checks_of
from monitoring.models import OPEN_STAGES, Assessment, Case, CaseEvent, CaseKind, Stage
from monitoring.models.cases import CaseQuerySet
from monitoring.policy.districts import Policies

# Households without a group come first, on both databases.
IN_GROUP_ORDER = F("household__group_no").asc(nulls_first=True)


@dataclass(frozen=True)
class Tab:
    """One tab of the list: the stages that it shows; some stages are only in the procedures of some places."""

    name: str
    label: str
    stages: tuple[Stage, ...]
    returned_only: bool = False
    in_some_places: bool = False


TABS = (
    Tab("watch", "预警关注", (Stage.WATCH,)),
    Tab("authorise", "承诺授权", (Stage.AUTHORISE,), in_some_places=True),
    Tab("survey", "入户调查", (Stage.SURVEY,)),
    Tab("compare", "信息比对", (Stage.COMPARE,), in_some_places=True),
    Tab("meeting", "民主评议", (Stage.MEETING,)),
    Tab("notice_due", "待公示", (Stage.NOTICE_DUE,)),
    Tab("notice", "公示中", (Stage.NOTICE,)),
    Tab("town", "待镇认定", (Stage.TOWN,)),
    Tab("district", "已报区", (Stage.DISTRICT,)),
    Tab("announce", "待公告", (Stage.ANNOUNCE,), in_some_places=True),
    Tab("returned", "退回补正", OPEN_STAGES, returned_only=True),
    Tab("registered", "在册", (Stage.REGISTERED,)),
    Tab("over", "已办结", (Stage.REFUSED, Stage.CLOSED, Stage.REMOVED, Stage.DONE)),
)
BY_NAME = {tab.name: tab for tab in TABS}
IN_SOME_PLACES = {stage for tab in TABS if tab.in_some_places for stage in tab.stages}  # shown where there is a case
# Where each desk's own work lies.
FIRST_TAB = {Role.DISTRICT_OFFICER: "district", Role.TOWN_REVIEWER: "town", Role.INSPECTOR: "registered"}


def first_tab(user: User) -> Tab:
    """The tab that opens first at somebody's desk."""
    for role, name in FIRST_TAB.items():
        if user.holds(role):
            return BY_NAME[name]
    return BY_NAME["watch"]


def in_tab(cases: CaseQuerySet, tab: Tab) -> CaseQuerySet:
    """The cases of a tab; what is over comes newest first, the rest oldest first."""
    found = cases.filter(stage__in=tab.stages)
    if tab.returned_only:
        found = found.filter(_was_returned())
    newest_first = tab.name in ("registered", "over")
    return found.order_by("-stage_since" if newest_first else "stage_since", "pk")


def tab_counts(cases: CaseQuerySet) -> list[tuple[Tab, int]]:
    """Every tab with the number of its cases."""
    by_stage = dict(cases.order_by().values_list("stage").annotate(Count("pk")))
    returned = cases.filter(_was_returned(), stage__in=OPEN_STAGES).count()
    return [
        (tab, returned if tab.returned_only else sum(by_stage.get(stage, 0) for stage in tab.stages)) for tab in TABS
    ]


def _was_returned() -> Exists:
    """The case stands where a return has put it."""
    returns = CaseEvent.objects.filter(
        case=OuterRef("pk"), step__startswith="return_", to_stage=OuterRef("stage"), at__gte=OuterRef("stage_since")
    )
    return Exists(returns)


def live_cases(cases: CaseQuerySet, households: Iterable[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """The live case of each of these households; of several the designation, which the others go on beside."""
    live = cases.live().filter(household__in=list(households))
    return {case.household_id: case for case in sorted(live, key=lambda case: case.kind == CaseKind.DESIGNATION)}


def returned_notes(cases: Iterable[Case]) -> dict[uuid.UUID, str]:
    """Why each of the cases was sent back to where it stands, for those that were."""
    events = CaseEvent.objects.filter(
        case__in=list(cases), step__startswith="return_", at__gte=F("case__stage_since")
    ).order_by("at")
    return {event.case_id: event.note for event in events}


def of_household(words: str) -> Q:
    """Rows of households whose number or whose head's name contains the words, or whose head has these initials."""
    return (
        Q(household__head_name__contains=words)
        | Q(household__head_initials__startswith=words.lower())
        | Q(household__number__icontains=words)
    )


class CaseFilter(django_filters.FilterSet):
    """By village, class, and the head's name or household number."""

    village = django_filters.ModelChoiceFilter(label="村", queryset=None, empty_label="全部")
    monitor_class = django_filters.ChoiceFilter(label="类别", choices=MonitorClass.choices, empty_label="全部")
    q = django_filters.CharFilter(label="户主、户编号", method="named")

    class Meta:
        model = Case
        fields = ["village", "monitor_class"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_cases = self.queryset.order_by().values("village")
        self.filters["village"].queryset = Region.objects.visible_to(user).filter(pk__in=with_cases)

    def named(self, queryset: QuerySet, _name: str, words: str) -> QuerySet:
        """Heads whose name or initials, or households whose number, contain the words."""
        return queryset.filter(of_household(words))


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    case: Case
    persons: int | None
    per_capita: int | None  # fen, rounded down
    line: int | None  # fen
    outcome: str
    returned: str
    days_here: int
    clock: Clock | None
    differences: int  # from departments' data, to be decided

    @property
    def risk(self) -> str:
        """The main risk, or the causes of the survey while none has been chosen."""
        if self.case.main_risk:
            return RiskCause(self.case.main_risk).label
        return "、".join(RiskCause(cause).label for cause in self.case.risk_causes if cause in RiskCause.values)

    @property
    def below_line(self) -> bool:
        """Whether the income lies below the line that it was compared with."""
        return self.per_capita is not None and self.line is not None and self.per_capita < self.line


def rows(cases: Iterable[Case], today: datetime.date | None = None) -> list[Row]:
    """The lines for these cases; the number of queries does not grow with them, but with the districts they lie in."""
    listed = list(cases)
    day = today or timezone.localdate()
    households = [case.household_id for case in listed]
    facts = {one.household_id: one for one in Facts.objects.filter(household__in=households, replaced_on=None)}
    standing = {one.household_id: one for one in Assessment.objects.filter(household__in=households).standing_on(day)}
    returned, policies, ticking = returned_notes(listed), Policies(day), clocks(listed, day)
    differences = _differences(listed)
    return [
        _row(
            case,
            facts.get(case.household_id),
            standing.get(case.household_id),
            returned,
            policies,
            ticking,
            differences,
        )
        for case in listed
    ]


def _differences(cases: list[Case]) -> dict[uuid.UUID, int]:
    surveys = Survey.objects.filter(household__in=[case.household_id for case in cases], superseded_by=None)
    newest = {survey.household_id: survey for survey in reversed(surveys.newest_first())}
    return {key: sum(check.is_open for check in found.values()) for key, found in checks_of(cases, newest).items()}


def _row(
    case: Case,
    facts: Facts | None,
    assessment: Assessment | None,
    returned: dict[uuid.UUID, str],
    policies: Policies,
    ticking: dict[object, Clock],
    differences: dict[uuid.UUID, int],
) -> Row:
    has_income = facts is not None and facts.net_income is not None and facts.persons > 0
    return Row(
        case=case,
        persons=facts.persons if facts else None,
        per_capita=facts.net_income // facts.persons if facts and has_income else None,
        line=policies.line(case.village, facts.household_type) if facts else None,
        outcome=assessment.get_code_display() if assessment else "",
        returned=returned.get(case.pk, ""),
        days_here=(policies.on - timezone.localdate(case.stage_since)).days,
        clock=ticking.get(case.pk),
        differences=differences.get(case.pk, 0),
    )
