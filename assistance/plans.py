"""一户一策 (001 四, 004 二（一）4): a version is drafted by the village; every change is of the version that somebody saw."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import VILLAGE_ROLES
from assistance.catalogue import CatalogueMeasure, Kind
from assistance.conditions import Answer, Circumstances, check, verdict
from assistance.exclusions import check_exclusive, exclude_each_other, refusal, touches
from assistance.gaps import Gaps, case_of, gaps_of, need_label
from assistance.limits import check_amount, check_term, months_after
from assistance.models import OPEN_PLAN, Delivery, Every, Helper, Plan, PlanItem, PlanStage
from assistance.services import check_person, hold
from households.models import Household, Member

IN_VILLAGE = (PlanStage.DRAFT, PlanStage.RETURNED)
CHANGED = "这个计划刚被他人改过，请刷新再看。"
MONTHS_TO_DO = 1
GOALS = {Kind.RUNNING: "按时享受", Kind.LASTING: "办成并验收", Kind.GRANT: "申请并发放"}
MOST_IN_GOAL = 120
TYPED = ("goal", "unit", "person", "due_on", "runs_until", "amount", "every", "fund")
TAKEN_OVER = ("position", "member", "measure", "name", "needs", "delivery", *TYPED)


def gaps_today(household: Household) -> Gaps | None:
    """The needs of a household that is helped; None where it is neither designated nor helped at once."""
    case = case_of(household)
    if case is None or (case.decided_on is None and case.urgent_on is None):
        return None
    case.household = household
    return gaps_of([case], timezone.localdate())[household.pk]


@transaction.atomic
def begin_plan(*, household: Household, by: User, reason: str = "") -> Plan:
    """The version under way, or a new one: the first is empty, a later one begins as the confirmed one and says why.

    Begun twice it is one. Raises PermissionDenied, or ValidationError for a household that nobody helps.
    """
    _may_draft(by, household)
    hold(household)
    under_way = Plan.objects.filter(household=household, stage__in=OPEN_PLAN).first()
    if under_way:
        return under_way
    if gaps_today(household) is None:
        raise ValidationError("这一户不在册，也没有先行帮扶，不用定一户一策。")
    confirmed = Plan.objects.filter(household=household, stage=PlanStage.CONFIRMED).first()
    if confirmed and not reason.strip():
        raise ValidationError("已有确认过的计划，要改，请写明为什么改。")
    last = Plan.objects.filter(household=household).aggregate(last=Max("number"))["last"] or 0
    plan = Plan.objects.create(household=household, number=last + 1, reason=reason.strip(), begun_by=by)
    if confirmed:
        _take_over(confirmed, plan)
    _record("assistance.begin_plan", plan, by, reason=reason.strip())
    return plan


def _take_over(confirmed: Plan, plan: Plan) -> None:
    """What the confirmed version has and what is not over yet."""
    plan.goal, plan.unhelped = confirmed.goal, confirmed.unhelped
    plan.save(update_fields=["goal", "unhelped"])
    for item in confirmed.items.select_related("delivery", "member"):
        gone = item.member is not None and item.member.left_on is not None
        over = item.delivery is not None and (item.delivery.dropped_on or item.delivery.ended_on)
        if not gone and not over:
            PlanItem.objects.create(plan=plan, **{name: getattr(item, name) for name in TAKEN_OVER})


@transaction.atomic
def add_item(*, plan: Plan, by: User, measure: str, member: Member | None) -> PlanItem:
    """Put a measure into the plan, with goal, unit, person and day filled in; one that stands there already is given back.

    Raises ValidationError: not offered here, for whom it cannot be, in place already, or excluded by what he has.
    """
    plan = _take_hold(plan, by, None)
    gaps = _gaps(plan)
    chosen = next((one for one in gaps.offered if one.code == measure), None)
    if chosen is None:
        raise ValidationError("措施目录里没有这一项，请刷新再选。")
    check_person(plan.household, chosen, member)
    member = next((one for one in gaps.known.members if member and one.pk == member.pk), member)  # as he is now
    there = PlanItem.objects.filter(plan=plan, measure=measure, member=member).first()
    if there:
        return there
    _may_be_given(chosen, member, gaps)
    _check_beside(chosen, member, plan.items.select_related("member"), gaps)
    last = plan.items.aggregate(last=Max("position"))["last"] or 0
    item = PlanItem.objects.create(plan=plan, position=last + 1, **_filled_in(chosen, member, gaps, by))
    _raise_version(plan)
    _record("assistance.add_plan_item", plan, by, measure=chosen.name)
    return item


def _may_be_given(measure: CatalogueMeasure, member: Member | None, gaps: Gaps) -> None:
    if member is not None and member.left_on is not None:
        raise ValidationError(f"{member.name}已经不在这一户了。")
    who = member.name if member else "这一户"
    if any(one.measure == measure.code and same_person(one, member) for one in gaps.known.in_place()):
        raise ValidationError(f"{who}的{measure.name}已经落实，不用再列。")
    checked = check(measure, gaps.known, member)
    if verdict(checked) == Answer.NOT_MET:
        unmet = "、".join(one.condition.label for one in checked if one.answer == Answer.NOT_MET)
        raise ValidationError(f"{who}不符合{measure.name}的条件：{unmet}。登记得不对的，先改档案再列。")
    check_exclusive(measure, member, gaps.known, gaps.measures)


def _filled_in(measure: CatalogueMeasure, member: Member | None, gaps: Gaps, by: User) -> dict[str, Any]:
    """What the draft says before anybody has typed."""
    needs = [need for need in gaps.needs if need.answered_by(measure)]
    today = gaps.known.on
    helper = Helper.objects.in_force(today).filter(household=gaps.known.household).first()
    words = "、".join(need.label for need in needs)
    goal = f"{GOALS[measure.kind]}{measure.name}" + (f"，解决{words}" if words else "")
    return {
        "member": member,
        "measure": measure.code,
        "name": measure.name,
        "needs": [need.key for need in needs],
        "goal": goal[:MOST_IN_GOAL],
        "unit": measure.lead,
        "person": helper.name if helper else by.name,
        "due_on": months_after(today, MONTHS_TO_DO),
        "every": Every.MONTH if measure.amount_least is not None else Every.ONCE,
    }


@transaction.atomic
def change_item(*, item: PlanItem, by: User, expected_version: int, **typed: Any) -> None:
    """Write goal, unit, person, day, term, amount and fund of one measure. Raises ValidationError for what will not do."""
    plan = _take_hold(item.plan, by, expected_version)
    measure = _measure(item, _gaps(plan))
    for name in TYPED:
        setattr(item, name, typed[name])
    check_item(item, measure)
    item.save()
    _raise_version(plan)
    _record("assistance.change_plan", plan, by, measure=item.name)


@transaction.atomic
def remove_item(*, item: PlanItem, by: User, expected_version: int) -> None:
    """Take a measure out of the draft."""
    plan = _take_hold(item.plan, by, expected_version)
    PlanItem.objects.filter(pk=item.pk).delete()
    _raise_version(plan)
    _record("assistance.remove_plan_item", plan, by, measure=item.name)


@transaction.atomic
def change_plan(*, plan: Plan, by: User, expected_version: int, goal: str, unhelped: dict[str, str]) -> None:
    """Write the goal of the whole, and why somebody who can work has no measure (by the key of the member)."""
    plan = _take_hold(plan, by, expected_version)
    people = {str(key) for key in plan.household.members.values_list("pk", flat=True)}
    reasons = {key: words.strip() for key, words in unhelped.items() if key in people and words.strip()}
    Plan.objects.filter(pk=plan.pk).update(goal=goal.strip(), unhelped=reasons)
    _raise_version(plan)
    _record("assistance.change_plan", plan, by)


# ---- what a plan must hold, for its desk and for the next ----


def faults(plan: Plan) -> list[str]:
    """Sentences for all that stands in the way of proposing or confirming."""
    gaps, items = _gaps(plan), list(plan.items.select_related("member", "delivery"))
    found = [] if items or gaps.known.in_place() else ["计划里还没有措施。"]
    found += [] if plan.goal.strip() else ["还没有写总目标。"]
    for place, item in enumerate(items):
        try:
            measure = _measure(item, gaps)
            check_item(item, measure)
            _check_new(item, measure, gaps)
            _check_beside(measure, item.member, items[:place], gaps)
        except ValidationError as fault:
            found += fault.messages
    return found + [
        f"{member.name}有劳动力，还没有一项措施；没有合适的，请写明原因（一人一措施）。"
        for member in without_measure(gaps.known, items)
        if str(member.pk) not in plan.unhelped
    ]


def without_measure(known: Circumstances, items: Collection[PlanItem]) -> list[Member]:
    """Who can work and has no measure of his own, neither given nor planned (004 二（一）4: 一人一措施)."""
    have = {one.member_id for one in (*known.in_place(), *known.waiting())} | {item.member_id for item in items}
    return [member for member in known.able if member.pk not in have]


def check_item(item: PlanItem, measure: CatalogueMeasure) -> None:
    """Raises ValidationError for an amount or a term beyond the measure's, or something left blank."""
    for words, value in (("目标", item.goal), ("责任单位", item.unit), ("责任人", item.person)):
        if not value.strip():
            raise ValidationError(f"{item.name}还没有填{words}。")
    check_amount(measure, item.amount, item.every)
    check_term(measure, item.due_on, item.runs_until)


def _check_new(item: PlanItem, measure: CatalogueMeasure, gaps: Gaps) -> None:
    """What is not promised yet must still be possible: the person is there, the day lies ahead, nothing excludes it."""
    promised = promise_of(item)
    if promised is not None and promised.begun_on:
        return
    if item.member is not None and item.member.left_on is not None:
        raise ValidationError(f"{item.member.name}已经不在这一户了，请把他的{item.name}去掉。")
    if promised is not None:
        return
    if item.due_on < gaps.known.on:
        raise ValidationError(f"{item.name}的应落实日期 {item.due_on} 已经过了，请改一个日期。")
    check_exclusive(measure, item.member, gaps.known, gaps.measures)


def _check_beside(measure: CatalogueMeasure, member: Member | None, others: Iterable[PlanItem], gaps: Gaps) -> None:
    for other in others:
        beside = gaps.measures.get(other.measure)
        if beside and exclude_each_other(measure, beside) and touches(member, other.member):
            raise ValidationError(refusal(measure, beside, member or other.member).replace("已有", "计划里已有", 1))


def _measure(item: PlanItem, gaps: Gaps) -> CatalogueMeasure:
    found = gaps.measures.get(item.measure)
    if found is None:
        raise ValidationError(f"措施目录里已经没有{item.name}，请把它去掉。")
    return found


def promise_of(item: PlanItem) -> Delivery | None:
    """What an item was promised as; None once its department has given that up, so that it must be promised anew."""
    return None if item.delivery is None or item.delivery.dropped_on else item.delivery


def same_person(delivery: Delivery, member: Member | None) -> bool:
    """Whether a delivery is for this person, or for the household where nobody is named."""
    return delivery.member_id == (member.pk if member else None)


def needs_words(item: PlanItem) -> str:
    """What an item is for, in words."""
    return "、".join(need_label(key) for key in item.needs)


# ---- shared with the steps of a plan ----


def _gaps(plan: Plan) -> Gaps:
    """The needs now, without the promises of the confirmed version that this one leaves out: they end with it."""
    gaps = gaps_today(plan.household)
    if gaps is None:
        raise ValidationError("这一户已经不在册，计划不用再办。")
    gone = set(left_out(plan).values_list("pk", flat=True))
    gaps.known.deliveries = [one for one in gaps.known.deliveries if one.pk not in gone]
    return gaps


def left_out(plan: Plan) -> QuerySet[Delivery]:
    """Promises of the household's confirmed version that nobody has begun, and that this version does not have."""
    confirmed = Plan.objects.filter(household=plan.household, stage=PlanStage.CONFIRMED).exclude(pk=plan.pk)
    # What went with a person to a family of his own is not this household's to give up.
    promised = Delivery.objects.filter(
        plan_items__plan__in=confirmed, household=plan.household, begun_on=None, dropped_on=None
    )
    return promised.exclude(plan_items__plan=plan)


def _may_draft(by: User, household: Household) -> None:
    if by.posting_over(household.village, *VILLAGE_ROLES) is None:
        raise PermissionDenied("一户一策由村和驻村工作队起草。")
    if household.closed_on:
        raise ValidationError("这户已经注销，不能再定计划。")


def _take_hold(plan: Plan, by: User, expected_version: int | None) -> Plan:
    """The row, locked; raises ValidationError when it is not the village's any more, or not what the person saw."""
    _may_draft(by, plan.household)
    rows = Plan.objects.select_for_update(of=("self",)).select_related("household__village")
    current = rows.get(pk=plan.pk)
    if current.stage not in IN_VILLAGE:
        raise ValidationError(f"这个计划{current.get_stage_display()}，不能改。")
    if expected_version is not None and current.version != expected_version:
        raise ValidationError(CHANGED)
    return current


def _raise_version(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(version=F("version") + 1)


def _record(action: str, plan: Plan, by: User, **detail: Any) -> None:
    household = plan.household
    audit.record(action=action, actor=by, target=household, region=household.village, number=plan.number, **detail)
