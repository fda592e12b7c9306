"""What 三色分级 asks of each desk: proposing, returned gradings, changes, key groups, reviewing and filing."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import VILLAGE_ROLES, Role
from monitoring.grading_groups import not_yet_surveyed
from monitoring.grading_rounds import graded_districts, round_of
from monitoring.grading_rows import graded_households, tab_counts
from monitoring.models import Grading, GradingRound, GradingStage
from monitoring.policy.values import policy_in_force

PAGE = "monitoring:grading"
WAITING_AT = ((Role.TOWN_REVIEWER, GradingStage.PROPOSED, "town"), (Role.DISTRICT_OFFICER, "town_reviewed", "district"))


@dataclass(frozen=True)
class GradingWork:
    """One line of somebody's work: what, where it is done, until when."""

    title: str
    detail: str
    url: str
    count: int
    due: datetime.date | None


def grading_work(user: User) -> list[GradingWork] | None:
    """Everything that 三色分级 asks of somebody today; None where nobody is graded."""
    districts = graded_districts(user)
    found = []
    for district in districts:
        current = round_of(district)
        found += [*_in_village(user, district, current), *_in_office(user, district, current)]
    return found if districts else None


def menu_count(work: list[GradingWork] | None) -> dict[str, int]:
    """How many households wait behind the entry of the menu; nothing at all where nobody is graded."""
    return {} if work is None else {PAGE: sum(one.count for one in work)}


def _in_village(user: User, district: Region, current: GradingRound | None) -> Iterator[GradingWork]:
    """For the village: what it has to propose, to visit, to mend, in the round and outside of it."""
    if not user.holds(*VILLAGE_ROLES):
        return
    policy = policy_in_force(district, timezone.localdate())
    waits = tab_counts(graded_households(user, district, policy, current))
    due = current.due_on if current else None
    if waits["returned"]:
        yield _work(
            district, "returned", f"{waits['returned']} 户的风险等级", "退回：改好重新提出", waits["returned"], due
        )
    if waits["changed"]:
        detail = "家里情况有变，随时调整等级"
        yield _work(district, "changed", f"{waits['changed']} 户要调整风险等级", detail, waits["changed"], None)
    if current is None:
        return
    if waits["visit"]:
        detail = f"{current}分级：评定前要实地了解"
        yield _work(district, "visit", f"{waits['visit']} 户要先入户再评定", detail, waits["visit"], due)
    if proposing := waits["ready"] + waits["unclear"]:
        tab = "ready" if waits["ready"] else "unclear"
        yield _work(district, tab, f"{proposing} 户要提出风险等级", f"{current}分级", proposing, due)
    if groups := not_yet_surveyed(user, district, current).count():
        url = reverse("monitoring:grading-groups")
        yield GradingWork(f"{groups} 户重点群体要排查", "未建档立卡的，每半年入户一次", url, groups, due)


def _in_office(user: User, district: Region, current: GradingRound | None) -> Iterator[GradingWork]:
    """For town and county: what waits for their own step."""
    for role, stage, tab in WAITING_AT:
        waiting = Grading.objects.visible_to(user, role).in_regions([district]).open().filter(stage=stage)
        if count := waiting.count():
            verb = "审核" if tab == "town" else "备案"
            due = current.due_on if current else None
            yield _work(district, tab, f"{count} 户风险等级等{verb}", f"{current or ''}分级", count, due)


def _work(district: Region, tab: str, title: str, detail: str, count: int, due: datetime.date | None) -> GradingWork:
    return GradingWork(title, detail, f"{reverse(PAGE)}?area={district.code}&tab={tab}", count, due)
