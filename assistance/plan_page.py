"""What the page and the paper of a plan show; and the list of households by how far their plan is."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from accounts.roles import VILLAGE_ROLES
from assistance.conditions import circumstances_of
from assistance.models import OPEN_PLAN, Delivery, Helper, Plan, PlanItem, PlanStage, TeamMember
from assistance.plan_forms import SendBackForm
from assistance.plan_steps import OWN_PROPOSAL, TOWN, proposers
from assistance.plans import IN_VILLAGE, faults, gaps_today, needs_words, without_measure
from households.models import Household, Member
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.models import Case

NO_PLAN = "none"
TABS = (
    (NO_PLAN, "还没有计划"),
    (PlanStage.DRAFT, "起草中"),
    (PlanStage.RETURNED, "已退回"),
    (PlanStage.PROPOSED, "等镇（街）确认"),
    (PlanStage.CONFIRMED, "已确认"),
)


@dataclass(frozen=True)
class Line:
    """One measure of a plan as it is shown."""

    item: PlanItem
    needs: str
    state: str  # of its delivery, once it is promised


def version_of(household: Household, number: str) -> Plan | None:
    """The version asked for; without a number the one under way, else the confirmed one, else the last."""
    versions = Plan.objects.filter(household=household).select_related(
        "household__village__parent", "proposed_by", "confirmed_by", "begun_by"
    )
    if number.isdecimal():
        return versions.filter(number=int(number)).first()
    return (
        versions.filter(stage__in=OPEN_PLAN).first()
        or versions.filter(stage=PlanStage.CONFIRMED).first()
        or versions.first()
    )


def context(household: Household, plan: Plan | None, user: User) -> dict[str, Any]:
    """Everything that the page of one version shows, and what the person may do with it."""
    today = timezone.localdate()
    helped = gaps_today(household) is not None
    told: dict[str, Any] = {
        "household": household,
        "plan": plan,
        "helped": helped,
        "versions": list(Plan.objects.filter(household=household)),
        "helper": Helper.objects.in_force(today).filter(household=household).first(),
        "team": list(TeamMember.objects.in_force(today).filter(household=household)),
        "may_begin": helped and _in_village(household, user),
    }
    if plan is not None:
        told |= _of_version(plan, today) | _acts(plan, user)
    return told


def _of_version(plan: Plan, today: datetime.date) -> dict[str, Any]:
    items = list(plan.items.select_related("member", "delivery"))
    lines = [
        Line(item, needs_words(item), item.delivery.stage_on(today).label if item.delivery else "") for item in items
    ]
    day = timezone.localdate(plan.confirmed_at) if plan.confirmed_at else today
    planned = {item.delivery_id for item in items}
    in_place = Delivery.objects.filter(household=plan.household_id).in_place_on(day).select_related("member")
    names = {str(key): name for key, name in plan.household.members.values_list("pk", "name")}
    return {
        "lines": lines,
        "as_of": day,
        "in_place": [one for one in in_place if one.pk not in planned],
        "reasons": [(names[key], words) for key, words in plan.unhelped.items() if key in names],
    }


def _acts(plan: Plan, user: User) -> dict[str, Any]:
    """What the person may do with the version where it stands, and why not yet."""
    village = plan.household.village
    drafts = plan.stage in IN_VILLAGE and _in_village(plan.household, user)
    in_town = plan.stage == PlanStage.PROPOSED and user.posting_over(village, *TOWN) is not None
    own = in_town and bool(user.capacities(village) & proposers(plan))
    told = {
        "may_draft": drafts,
        "may_withdraw": plan.stage == PlanStage.PROPOSED and _in_village(plan.household, user),
        "may_confirm": in_town and not own,
        "may_return": in_town,
        "own_proposal": OWN_PROPOSAL if own else "",
        "return_form": SendBackForm(initial={"version": plan.version}, auto_id="return_%s") if in_town else None,
    }
    if drafts or in_town:
        told["faults"] = _faults(plan)
    return told


def _faults(plan: Plan) -> list[str]:
    try:
        return faults(plan)
    except ValidationError as fault:  # the household is off the register since
        return list(fault.messages)


def _in_village(household: Household, user: User) -> bool:
    return not household.closed_on and user.posting_over(household.village, *VILLAGE_ROLES) is not None


def people_without_measure(plan: Plan) -> list[Member]:
    """Who can work and has no measure of his own, neither given nor in this version."""
    known = circumstances_of([plan.household], timezone.localdate())[plan.household_id]
    return without_measure(known, list(plan.items.all()))


def card_of(household: Household) -> dict[str, Any] | None:
    """What the card on the household's page shows; None where nobody helps it."""
    gaps = gaps_today(household)
    if gaps is None:
        return None
    plan = version_of(household, "")
    return {
        "gaps": gaps,
        "missing": len(gaps.open_needs),
        "plan": plan,
        "plan_tag": "done" if plan and plan.stage == PlanStage.CONFIRMED else "doing",
        "team": list(TeamMember.objects.in_force(gaps.known.on).filter(household=household)),
    }


# ---- the list ----


def planned(user: User, today: datetime.date) -> QuerySet[Case]:
    """Households that are helped, in village order, each with its plan and its contact."""
    plans = Plan.objects.filter(household=OuterRef("household"))
    helper = Helper.objects.in_force(today).filter(household=OuterRef("household")).order_by("-begun_on")
    helped = Q(decided_on__isnull=False) | Q(urgent_on__isnull=False)
    cases = Case.objects.visible_to(user).designations().live().filter(helped, household__closed_on=None)
    return (
        cases.select_related("household", "village__parent")
        .annotate(
            open_stage=Subquery(plans.filter(stage__in=OPEN_PLAN).values("stage")[:1]),
            open_number=Subquery(plans.filter(stage__in=OPEN_PLAN).values("number")[:1]),
            confirmed_number=Subquery(plans.filter(stage=PlanStage.CONFIRMED).values("number")[:1]),
            confirmed_at=Subquery(plans.filter(stage=PlanStage.CONFIRMED).values("confirmed_at")[:1]),
            helper_name=Subquery(helper.values("name")[:1]),
        )
        .order_by("village__path", IN_GROUP_ORDER, "household__number", "pk")
    )


def in_tab(cases: QuerySet[Case], tab: str) -> QuerySet[Case]:
    """Those of a tab; a household whose plan is being changed stands where the new version is.

    Asked by EXISTS: that a subquery has no value PostgreSQL would expect of hardly any household.
    """
    plans = Plan.objects.filter(household=OuterRef("household"))
    being_made, confirmed = Exists(plans.filter(stage__in=OPEN_PLAN)), Exists(plans.filter(stage=PlanStage.CONFIRMED))
    if tab == NO_PLAN:
        return cases.filter(~being_made, ~confirmed)
    if tab == PlanStage.CONFIRMED:
        return cases.filter(~being_made, confirmed)
    return cases.filter(Exists(plans.filter(stage=tab)))


def tab_counts(cases: QuerySet[Case]) -> list[tuple[str, str, int]]:
    """Every tab with the number of its households."""
    return [(str(tab), label, in_tab(cases, tab).count()) for tab, label in TABS]


def tab_for(user: User, asked: str) -> str:
    """The tab that was asked for; else the town's own work, elsewhere the households without a plan."""
    if asked in dict(TABS):
        return asked
    return PlanStage.PROPOSED if user.holds(*TOWN) else NO_PLAN
