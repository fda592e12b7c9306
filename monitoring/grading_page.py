"""What the pages and papers of 三色分级 show: the list, one household, a round's progress, the lists to print."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import VILLAGE_ROLES, Role
from households.models import Household
from monitoring import grading
from monitoring.explanations import audience_for
from monitoring.grading_batch import ACTIONS, OF_TAB, may_act
from monitoring.grading_grounds import Ground, ground_of
from monitoring.grading_rounds import graded_districts, round_of
from monitoring.grading_rows import TAB_BY_NAME, TABS, GradingTab, graded_households, in_order
from monitoring.grading_steps import BY_NAME, LEVEL_MEANINGS, RETURNS
from monitoring.models import Grade, Grading, GradingEvent, GradingRound, GradingStage
from monitoring.policy.explain import Explanation, explain
from monitoring.policy.values import Policy, policy_in_force

PAGE_SIZE = 50
# Where each desk's own work lies.
FIRST_TABS = ((VILLAGE_ROLES, "ready"), ((Role.TOWN_REVIEWER,), "town"), ((Role.DISTRICT_OFFICER,), "district"))
WAY = (
    ("提出", "村两委、驻村工作队提出等级"),
    ("镇审核", "镇（街）审核"),
    ("备案", "报县区领导小组备案"),
)


@dataclass(frozen=True)
class Desk:
    """The district that somebody looks at, its policy, and its round."""

    district: Region
    districts: list[Region]
    policy: Policy
    round: GradingRound | None


@dataclass(frozen=True)
class GradingRow:
    """A line of the list: the household, and the grading that is on its way, with why it was sent back."""

    household: Any
    grading: Grading | None
    returned: str


def desk_of(user: User, area: str = "", on: datetime.date | None = None) -> Desk | None:
    """The district asked for by its code, or the first; None where nobody is graded."""
    districts = graded_districts(user, on)
    if not districts:
        return None
    district = next((one for one in districts if one.code == area), districts[0])
    day = on or timezone.localdate()
    return Desk(district, districts, policy_in_force(district, day), round_of(district, day))


def households_of(desk: Desk, user: User) -> QuerySet[Household]:
    """The households of the desk's district that are graded, with their states."""
    return graded_households(user, desk.district, desk.policy, desk.round)


def tab_for(name: str, user: User, counts: dict[str, int]) -> GradingTab:
    """The tab asked for; else the first of the person's own that has something, else what is done."""
    if name in TAB_BY_NAME:
        return TAB_BY_NAME[name]
    if user.holds(*VILLAGE_ROLES):
        own = next((one for one in ("returned", "changed", "ready", "visit", "unclear") if counts[one]), "ready")
        return TAB_BY_NAME[own]
    own = next((tab for roles, tab in FIRST_TABS if user.holds(*roles)), "filed")
    return TAB_BY_NAME[own]


def list_page(desk: Desk, user: User, tab: GradingTab, rows: Any, number: Any) -> dict[str, Any]:
    """One page of a tab."""
    page = Paginator(in_order(rows.filter(state=tab.name)), PAGE_SIZE).get_page(number)
    action = OF_TAB.get(tab.name, "")
    return {
        "tab": tab,
        "page_obj": page,
        "rows": grading_rows(page),
        "action": ACTIONS[action] if action and may_act(action, user) else None,
    }


def tabs_with(counts: dict[str, int], chosen: GradingTab) -> list[tuple[GradingTab, int]]:
    """The tabs to show: those with something in them, and the chosen one."""
    always = ("ready", "town", "district", "filed", chosen.name)
    return [(tab, counts[tab.name]) for tab in TABS if counts[tab.name] or tab.name in always]


def grading_rows(page: Page | Iterable[Any]) -> list[GradingRow]:
    """The lines of a page with what is on its way for them; three queries, however many."""
    listed = list(page)
    keys = [one.open_grading for one in listed if one.open_grading]
    known = {one.pk: one for one in Grading.objects.filter(pk__in=keys)}
    notes = returned_notes(keys)
    return [GradingRow(one, known.get(one.open_grading), notes.get(one.open_grading, "")) for one in listed]


def returned_notes(keys: Iterable[Any]) -> dict[Any, str]:
    """Why each of the gradings was sent back to where it stands, for those that were."""
    events = GradingEvent.objects.filter(
        grading__in=list(keys), step__in=RETURNS, at__gte=F("grading__stage_since"), to_stage=F("grading__stage")
    )
    return dict(events.order_by("at", "pk").values_list("grading", "note"))


def household_page(household: Household, user: User) -> dict[str, Any]:
    """Everything that the page of one household shows."""
    ground = ground_of(household, timezone.localdate())
    gradings = list(
        household.gradings.select_related("round", "survey").prefetch_related("events__by", "events__on_behalf_of")
    )
    current = ground.open and next((one for one in gradings if one.pk == ground.open.pk), None)
    if current:
        current.household = household
    return {
        "household": household,
        "ground": ground,
        "current": current,
        "returned": returned_notes([current.pk]).get(current.pk, "") if current else "",
        "explanation": _explanation(ground, user),
        "choices": grading.choices_for(current, user) if current else [],
        "may_propose": may_propose(ground, user),
        "why_not": ground.why_not(),
        "stepper": way(current or (gradings[0] if gradings else None)),
        "history": history(gradings),
        "grades": list(household.grades.select_related("grading__round")),
        "meanings": LEVEL_MEANINGS,
    }


def may_propose(ground: Ground, user: User) -> bool:
    """Whether the person is the one to propose, and nothing of it is on its way elsewhere."""
    mine = user.posting_over(ground.household.village, *VILLAGE_ROLES) is not None
    return mine and (ground.open is None or ground.open.stage == GradingStage.RETURNED)


def _explanation(ground: Ground, user: User) -> Explanation | None:
    if ground.assessment is None:
        return None
    return explain(ground.assessment).seen_by(audience_for(user, ground.household.village))


def way(found: Grading | None) -> list[dict[str, str]]:
    """The stepper of the three desks: done with its day, current, returned, or to come."""
    place = {"returned": 0, "proposed": 1, "town_reviewed": 2, "filed": 3}.get(found.stage, -1) if found else -1
    days = _days(found) if found else {}
    steps = []
    for number, (label, title) in enumerate(WAY):
        state = "done" if number < place else "current" if number == place else "future"
        if found and found.stage == GradingStage.RETURNED and number == 0:
            state = "returned"
        date = days.get(number, "") if state == "done" else ""
        steps.append({"label": label, "title": title, "state": state, "date": date})
    return steps


def _days(found: Grading) -> dict[int, str]:
    names = {"propose": 0, "agree": 1, "file": 2}
    return {
        names[event.step]: f"{timezone.localtime(event.at):%m-%d}"
        for event in found.events.all()
        if event.step in names
    }


def history(gradings: Iterable[Grading]) -> list[dict[str, Any]]:
    """Every step with the household's gradings, newest first."""
    lines = [
        {
            "at": event.at,
            "label": BY_NAME[event.step].label,
            "level": event.level,
            "by": event.by.name,
            "on_behalf_of": event.on_behalf_of.name if event.on_behalf_of else "",
            "note": event.note,
            "round": one.round,
        }
        for one in gradings
        for event in one.events.all()
    ]
    return sorted(lines, key=lambda line: line["at"], reverse=True)


# ---- papers ----


def paper_rows(desk: Desk, user: User, village: Region) -> list[dict[str, Any]]:
    """The lines of a village's list: what is filed, or proposed, or nothing yet, with colours in words."""
    present = Count("members", filter=Q(members__left_on=None))
    households = list(in_order(households_of(desk, user).in_regions([village])).annotate(persons=present))
    keys = [one.pk for one in households]
    latest: dict[Any, Grading] = {}
    asked = Grading.objects.filter(household__in=keys).exclude(stage=GradingStage.WITHDRAWN)
    for one in asked.order_by("stage_since"):
        latest[one.household_id] = one
    grades = {one.household_id: one for one in Grade.objects.filter(household__in=keys, replaced_on=None)}
    return [
        {"household": one, "grading": latest.get(one.pk), "grade": grades.get(one.pk), "persons": one.persons}
        for one in households
    ]


def counted_levels(rows: Iterable[dict[str, Any]]) -> dict[int, int]:
    """How many households of a paper are at each level now."""
    counted = {1: 0, 2: 0, 3: 0}
    for row in rows:
        if row["grade"]:
            counted[row["grade"].level] += 1
    return counted
