"""What the pages show of findings and consultations: a list by town, and those of one case."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Level, Region, User
from accounts.roles import OFFICE_ROLES
from monitoring.models import Case, Consultation, Decision, DecisionState, Finding, FindingState
from monitoring.models.oversight import FindingQuerySet
from monitoring.oversight import FINDERS


@dataclass(frozen=True)
class Tab:
    """One tab of the list of findings."""

    name: str
    label: str
    states: tuple[str, ...]
    only_late: bool = False


TABS = (
    Tab("open", "待整改", (FindingState.OPEN,)),
    Tab("late", "已超期", (FindingState.OPEN,), only_late=True),
    Tab("reported", "待验收", (FindingState.REPORTED,)),
    Tab("over", "已办结", (FindingState.ACCEPTED, FindingState.WITHDRAWN)),
    Tab("all", "全部", tuple(FindingState.values)),
)
BY_NAME = {tab.name: tab for tab in TABS}


@dataclass
class Town:
    """The findings of one town, under its name."""

    name: str
    lines: list["FindingLine"] = field(default_factory=list)


@dataclass(frozen=True)
class FindingLine:
    """A finding with the days that are left; None when it is over."""

    finding: Finding
    days_left: int | None


def tab_counts(findings: FindingQuerySet) -> list[tuple[Tab, int]]:
    """Every tab with the number of its findings."""
    late = Count("pk", filter=Q(due_on__lt=timezone.localdate()))
    counted = list(findings.order_by().values_list("state").annotate(every=Count("pk"), late=late))
    return [
        (tab, sum(late if tab.only_late else every for state, every, late in counted if state in tab.states))
        for tab in TABS
    ]


def listed(findings: FindingQuerySet, tab: Tab) -> FindingQuerySet:
    """The findings of a tab in administrative order."""
    related = ("place__parent", "answerable", "household", "recorded_by")
    found = findings.late_on(timezone.localdate()) if tab.only_late else findings.filter(state__in=tab.states)
    return found.select_related(*related).in_administrative_order()


def by_town(findings: Iterable[Finding]) -> list[Town]:
    """The findings under the names of their towns, in the order in which they come."""
    towns: list[Town] = []
    for finding in findings:
        name = town_over(finding.place).name
        if not towns or towns[-1].name != name:
            towns.append(Town(name))
        towns[-1].lines.append(line_of(finding))
    return towns


def town_over(place: Region) -> Region:
    """The town of a village; else the place itself."""
    return place.parent if place.level == Level.VILLAGE and place.parent is not None else place


def line_of(finding: Finding) -> FindingLine:
    """The finding with its days."""
    running = finding.state in (FindingState.OPEN, FindingState.REPORTED)
    return FindingLine(finding, (finding.due_on - timezone.localdate()).days if running else None)


def decision_lines(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Decisions with the days that are left for those not carried out."""
    today = timezone.localdate()
    return [
        {"decision": one, "days_left": None if one.state == DecisionState.DONE else (one.due_on - today).days}
        for one in decisions
    ]


def of_case(case: Case, user: User) -> dict[str, Any]:
    """Findings about the household, and consultations about the case, as far as the person may read them.

    Who reads the case but not the consultation (a village) sees what was decided about this household, or is his to do.
    """
    visible = Finding.objects.visible_to(user).filter(household=case.household_id)
    findings = visible.select_related("place", "answerable", "recorded_by").order_by("-found_on")
    held = list(case.consultations.select_related("region").prefetch_related("decisions__answerable"))
    open_to_me, mine = set(), set()
    if held:  # few cases were ever consulted about
        open_to_me |= set(Consultation.objects.visible_to(user).filter(cases=case).values_list("pk", flat=True))
        mine |= set(Decision.objects.visible_to(user).filter(consultation__cases=case).values_list("pk", flat=True))
    consultations = [
        {
            "consultation": one,
            "open": one.pk in open_to_me,
            "lines": decision_lines(
                decision for decision in one.decisions.all() if decision.case_id == case.pk or decision.pk in mine
            ),
        }
        for one in held
    ]
    return {
        "findings": [line_of(finding) for finding in findings],
        "consultations": consultations,
        "may_find": user.posting_over(case.village, *FINDERS) is not None,
        "may_consult": user.posting_over(case.village, *OFFICE_ROLES) is not None,
    }
