"""What plans leave to do, for the inbox: versions to confirm, and those that came back; and a district's own measures."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from accounts.roles import VILLAGE_ROLES
from assistance import own_measures
from assistance.models import Plan, PlanStage
from assistance.models.plans import PlanQuerySet
from assistance.plan_steps import TOWN
from monitoring.models import Case
from monitoring.signals import InboxLine


def to_confirm(user: User) -> PlanQuerySet:
    """Versions that wait for the person's town, without those that he proposed himself."""
    waiting = Plan.objects.visible_to(user, *TOWN).filter(_still_helped(), stage=PlanStage.PROPOSED)
    return waiting.exclude(user.named_in("proposed_by")) if user.holds(*TOWN) else waiting.none()


def to_mend(user: User) -> PlanQuerySet:
    """Versions that the town sent back to the person's village."""
    return Plan.objects.visible_to(user, *VILLAGE_ROLES).filter(_still_helped(), stage=PlanStage.RETURNED)


def _still_helped() -> Exists:
    return Exists(Case.objects.designations().live().filter(household=OuterRef("household"), household__closed_on=None))


def waiting_count(user: User) -> int:
    """How many lines that is."""
    own = user.holds(*own_measures.SETTERS) and own_measures.to_confirm(user).exists()
    return int(to_confirm(user).exists()) + to_mend(user).count() + int(own)


def waiting_lines(user: User) -> Iterator[InboxLine]:
    """One line for all that the town confirms, one for each that came back, one for what the district adds."""
    if count := to_confirm(user).count():
        url = f"{reverse('assistance:plan-list')}?stage={PlanStage.PROPOSED}"
        yield "plan", f"{count} 户一户一策等确认", "村里已经提交", url, None
    for plan in to_mend(user).select_related("household__village"):
        url = reverse("assistance:plan", args=[plan.household_id])
        yield "plan", f"{plan.household}：一户一策", f"退回：{plan.returned_because}", url, None
    if user.holds(*own_measures.SETTERS) and (count := own_measures.to_confirm(user).count()):
        url = reverse("assistance:catalogue")
        yield "measure", f"{count} 项本区措施等复核", "同事已经登记，复核以后才能用", url, None
