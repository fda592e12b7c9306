"""The way of a plan: the village proposes, the town confirms or returns; what is confirmed becomes promises."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.models.people import same_people
from accounts.roles import VILLAGE_ROLES, Role
from assistance.measures import measure_of
from assistance.models import Delivery, Plan, PlanItem, PlanStage
from assistance.plans import CHANGED, IN_VILLAGE, faults, gaps_today, left_out, promise_of, same_person
from assistance.services import hold, told_by

TOWN = (Role.TOWN_REVIEWER,)
LEFT_OUT = "新的计划里没有这一项"
OWN_PROPOSAL = "这个计划是您提交的，要请另一位同事确认。"


@transaction.atomic
def propose(*, plan: Plan, by: User, expected_version: int) -> None:
    """Hand the version to the town. Raises ValidationError with every sentence that stands in the way."""
    _may(by, plan, VILLAGE_ROLES, "一户一策由村和驻村工作队提交。")
    hold(plan.household)
    if found := faults(plan):
        raise ValidationError(found)
    told = {"proposed_by": by, "proposed_at": timezone.now(), "returned_because": ""}
    _move(plan, by, expected_version, IN_VILLAGE, PlanStage.PROPOSED, "assistance.propose_plan", **told)


@transaction.atomic
def withdraw(*, plan: Plan, by: User, expected_version: int) -> None:
    """Take a proposal back to the village, to change it."""
    _may(by, plan, VILLAGE_ROLES, "一户一策由村和驻村工作队撤回。")
    _move(plan, by, expected_version, (PlanStage.PROPOSED,), PlanStage.DRAFT, "assistance.withdraw_plan")


@transaction.atomic
def send_back(*, plan: Plan, by: User, expected_version: int, reason: str) -> None:
    """Return it to the village with a reason. Raises ValidationError without one."""
    _may(by, plan, TOWN, "一户一策由镇（街）确认或退回。")
    if not reason.strip():
        raise ValidationError("请写明退回的原因。")
    told = {"returned_because": reason.strip()}
    _move(plan, by, expected_version, (PlanStage.PROPOSED,), PlanStage.RETURNED, "assistance.return_plan", **told)


@transaction.atomic
def confirm(*, plan: Plan, by: User, expected_version: int) -> None:
    """The version holds, the one before is replaced, and each of its measures is a promise from today on.

    Never by who proposed it, be it in a colleague's name or by another account of the same person. Raises ValidationError.
    """
    _may(by, plan, TOWN, "一户一策由镇（街）确认。")
    hold(plan.household)
    if by.capacities(plan.household.village) & proposers(plan):
        raise ValidationError(OWN_PROPOSAL)
    if found := faults(plan):
        raise ValidationError([*found, "请退回村里改。"])
    now, given_up = timezone.now(), list(left_out(plan).values_list("pk", flat=True))
    former = Plan.objects.filter(household=plan.household, stage=PlanStage.CONFIRMED)
    former.update(stage=PlanStage.REPLACED, replaced_at=now, version=F("version") + 1)
    told = {"confirmed_by": by, "confirmed_at": now}
    _move(plan, by, expected_version, (PlanStage.PROPOSED,), PlanStage.CONFIRMED, "assistance.confirm_plan", **told)
    Delivery.objects.filter(pk__in=given_up, begun_on=None).update(
        dropped_on=timezone.localdate(now), note=LEFT_OUT, version=F("version") + 1
    )
    for item in plan.items.select_related("member", "delivery"):
        _promise(item, plan, by)


def proposers(plan: Plan) -> set[int]:
    """All accounts of who proposed it, and of those in whose name he did."""
    author = plan.proposed_by
    if author is None:
        return set()
    day = timezone.localdate(plan.proposed_at)
    village = plan.household.village
    in_force = [one for one in author.postings_in_force(day) if one.region.contains(village)]
    return same_people({author.pk, *(one.on_behalf_of_id for one in in_force if one.on_behalf_of_id)})


def _promise(item: PlanItem, plan: Plan, by: User) -> None:
    """The promise of the version before goes on; what stands already is taken for it; else it is promised from today on."""
    told = {name: getattr(item, name) for name in ("due_on", "amount", "every", "fund", "unit", "person", "runs_until")}
    delivery = promise_of(item) or _standing(item, plan)
    if delivery is None:
        measure, today = measure_of(item.measure, plan.household.village), timezone.localdate()
        delivery = Delivery.objects.create(
            household=plan.household, member=item.member, **told_by(measure), promised_on=today, entered_by=by, **told
        )
    elif not delivery.is_locked:
        Delivery.objects.filter(pk=delivery.pk, begun_on=None).update(**told, version=F("version") + 1)
    PlanItem.objects.filter(pk=item.pk).update(delivery=delivery)


def _standing(item: PlanItem, plan: Plan) -> Delivery | None:
    """The same measure of the same person that was promised or begun while the plan was on its way."""
    gaps = gaps_today(plan.household)
    here = (*gaps.known.waiting(), *gaps.known.in_place()) if gaps else ()
    return next((one for one in here if one.measure == item.measure and same_person(one, item.member)), None)


def _may(by: User, plan: Plan, roles: tuple[Role, ...], words: str) -> None:
    if by.posting_over(plan.household.village, *roles) is None:
        raise PermissionDenied(words)


def _move(
    plan: Plan, by: User, version: int, sources: tuple[PlanStage, ...], target: PlanStage, action: str, **columns: Any
) -> None:
    """Stage and version are part of the WHERE clause, so of two people only one moves it."""
    mine = Plan.objects.filter(pk=plan.pk, stage__in=sources, version=version)
    if not mine.update(stage=target, version=F("version") + 1, **columns):
        current = Plan.objects.get(pk=plan.pk)
        words = CHANGED if current.stage in sources else f"这个计划{current.get_stage_display()}，没有重复办理。"
        raise ValidationError(words)
    household, reason = plan.household, columns.get("returned_because", "")
    audit.record(action=action, actor=by, target=household, region=household.village, number=plan.number, reason=reason)
