"""What the tests of plans share: a family on the register, and the way of its plan."""

from typing import Any

from accounts.models import User
from assistance import plan_steps, plans
from assistance.models import Plan
from households.models import Household, Member

GOAL = "年底前收入稳定，病有人管。"


def begun(household: Household, by: User, *measures: tuple[str, Member | None], reason: str = "") -> Plan:
    """A draft with these measures and a goal; who can work and has none has a reason."""
    plan = plans.begin_plan(household=household, by=by, reason=reason)
    for code, member in measures:
        plans.add_item(plan=plan, by=by, measure=code, member=member)
    return explained(plan, by)


def explained(plan: Plan, by: User, goal: str = GOAL) -> Plan:
    """The goal, and a reason for everybody."""
    plan.refresh_from_db()
    reasons = {str(key): "在外务工，收入稳定。" for key in plan.household.members.values_list("pk", flat=True)}
    plans.change_plan(plan=plan, by=by, expected_version=plan.version, goal=goal, unhelped=reasons)
    plan.refresh_from_db()
    return plan


def step(name: str, plan: Plan, by: User, **told: Any) -> Plan:
    """One step of the plan as it is now."""
    plan.refresh_from_db()
    getattr(plan_steps, name)(plan=plan, by=by, expected_version=plan.version, **told)
    plan.refresh_from_db()
    return plan


def confirmed(
    household: Household, by: User, town: User, *measures: tuple[str, Member | None], reason: str = ""
) -> Plan:
    """Drafted, proposed and confirmed."""
    plan = begun(household, by, *measures, reason=reason)
    return step("confirm", step("propose", plan, by), town)
