"""Plans in the demonstration: in the stories' village one in every stage, with teams; and measures that a district adds."""

import datetime
import uuid
from collections.abc import Collection

from accounts.models import User
from assistance import own_measures, plan_steps, plans, teams
from assistance.gaps import Candidate, Gaps
from assistance.limits import months_after
from assistance.models import Delivery, Plan, TeamPart
from fangpin.demo.population import noon
from households.models import Household
from monitoring.models import Case, CaseKind, Stage

GOAL = "年底前人均纯收入稳定在线以上，该有的保障都有，不因病因学欠新账。"
REASON = "在家照看病人和孩子，离不开，先由户里其他人享受。"
MOST_ITEMS = 4
BESIDE = ("labour_service", "skill_training", "local_job", "public_post")  # for who can work and has nothing yet
CONFIRMED_AGO = 40


def add_plans(people: dict[str, User], told: Collection[Household], today: datetime.date) -> None:
    """Eight more households of the village, each somewhere else on the way; one measure of the district, one waiting."""
    village = people["cun1"].postings.get().region
    cases = Case.objects.filter(village=village, kind=CaseKind.DESIGNATION, stage=Stage.REGISTERED)
    cases = cases.exclude(household__in=[household.pk for household in told])
    households = [case.household for case in cases.select_related("household__village").order_by("household__number")]
    stages = (_confirmed, _confirmed, _changed, _proposed, _proposed, _returned, _drafted, _drafted)
    for household, stage in zip(households, stages, strict=False):
        add_team(household, people, today)
        stage(household, people, today)
    _own_measures(people, today)


def _drafted(household: Household, people: dict[str, User], _today: datetime.date) -> Plan:
    """The first open candidates for each need, and something for each who can work."""
    cadre = people["cun1"]
    plan = plans.begin_plan(household=household, by=cadre)
    gaps = plans.gaps_today(household)
    assert gaps is not None  # they are on the register
    for need in sorted(gaps.needs, key=lambda need: bool(need.in_place)):
        for candidate in gaps.candidates(need)[:2]:
            _add(plan, candidate, cadre)
    _for_who_can_work(plan, gaps, cadre)
    return plan


def _add(plan: Plan, candidate: Candidate, by: User) -> None:
    if candidate.open_to and plan.items.count() < MOST_ITEMS:
        plans.add_item(plan=plan, by=by, measure=candidate.measure.code, member=candidate.open_to[0].member)


def _for_who_can_work(plan: Plan, gaps: Gaps, by: User) -> None:
    items = list(plan.items.all())
    idle = plans.without_measure(gaps.known, items)
    for member, measure in zip(idle, BESIDE, strict=False):
        if plan.items.count() < MOST_ITEMS:
            plans.add_item(plan=plan, by=by, measure=measure, member=member)
    left = plans.without_measure(gaps.known, list(plan.items.all()))
    _said(plan, by, {str(member.pk): REASON for member in left})


def _said(plan: Plan, by: User, reasons: dict[str, str]) -> None:
    plan.refresh_from_db()
    plans.change_plan(plan=plan, by=by, expected_version=plan.version, goal=GOAL, unhelped=reasons)
    plan.refresh_from_db()


def _proposed(household: Household, people: dict[str, User], today: datetime.date) -> Plan:
    plan = _drafted(household, people, today)
    plan_steps.propose(plan=plan, by=people["dui1"], expected_version=plan.version)
    plan.refresh_from_db()
    return plan


def _returned(household: Household, people: dict[str, User], today: datetime.date) -> Plan:
    plan = _proposed(household, people, today)
    reason = "写清楚谁去跑手续、哪一天以前办下来。"
    plan_steps.send_back(plan=plan, by=people["zhen1"], expected_version=plan.version, reason=reason)
    return plan


def _confirmed(household: Household, people: dict[str, User], today: datetime.date) -> Plan:
    plan = _proposed(household, people, today)
    confirm_on(plan, people["zhen1"], today - datetime.timedelta(days=CONFIRMED_AGO))
    return plan


def confirm_on(plan: Plan, by: User, day: datetime.date) -> None:
    """Confirmed a while ago: its promises are as old, and the version before is as long over."""
    plan_steps.confirm(plan=plan, by=by, expected_version=plan.version)
    Plan.objects.filter(pk=plan.pk).update(proposed_at=noon(day - datetime.timedelta(days=1)), confirmed_at=noon(day))
    Plan.objects.filter(household=plan.household, number=plan.number - 1).update(replaced_at=noon(day))
    due_on = months_after(day, plans.MONTHS_TO_DO)
    plan.items.update(due_on=due_on)
    promised = Delivery.objects.filter(plan_items__plan=plan, begun_on=None)
    promised.update(due_on=due_on)
    promised.filter(promised_on__gt=day).update(promised_on=day)
    Delivery.objects.filter(plan_items__plan__household=plan.household, dropped_on__gt=day).update(dropped_on=day)
    plan.refresh_from_db()


def _changed(household: Household, people: dict[str, User], today: datetime.date) -> None:
    """A confirmed plan of which a new version is being drafted."""
    _confirmed(household, people, today)
    plans.begin_plan(household=household, by=people["cun1"], reason="孩子找到了稳定的活，措施重新排一排。")


def add_team(household: Household, people: dict[str, User], today: datetime.date) -> None:
    """From the village, from the team that is stationed there, and the contact."""
    begun_on = today - datetime.timedelta(days=CONFIRMED_AGO)
    helper = household.helpers.filter(ended_on=None).first()
    paired = [(TeamPart.PAIRED, helper.name, helper.unit)] if helper else []
    own = [(TeamPart.VILLAGE, people["cun1"].name, "村委会"), (TeamPart.STATIONED, people["dui1"].name, "驻村工作队")]
    for part, name, unit in (*own, *paired):
        teams.add_member(household=household, by=people["cun1"], part=part, name=name, unit=unit, begun_on=begun_on)


def _own_measures(people: dict[str, User], today: datetime.date) -> None:
    """Invented, as its document is: one confirmed by a second officer, one that waits for him."""
    officer, second = people["qu1"], people["qu2"]
    told = {
        "region": officer.postings.get().region,
        "by": officer,
        "column": "",
        "lead": "扶贫办",
        "units": "各镇（街道）",
        "guarantees": [],
        "checks": [],
        "papers": ["申请表"],
        "months_most": None,
        "has_term": False,
        "document": "枣庄高新区帮扶措施清单（演示，不是真实文件）",
        "starts_on": datetime.date(2020, 1, 1),
        "ends_on": None,
    }
    confirmed = own_measures.propose_measure(
        **told, name="外出务工交通补贴（区级）", group="jobs", given_to="person", kind="grant", amount_most=600,
        causes=["unstable_job"], asks=["在市外务工满6个月"], article="第三条", idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
    assert confirmed is not None  # a fresh key
    own_measures.confirm_measure(measure=confirmed, by=second)
    own_measures.propose_measure(
        **told, name="慢性病上门随访", group="health", given_to="person", kind="running", amount_most=None,
        causes=["illness"], asks=["卧床或行动不便"], article="第五条", idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
