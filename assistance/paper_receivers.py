"""What papers tell when they are asked: how complete a household's file is, and what can be printed of it."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from assistance.completeness import meter_of
from assistance.models import Plan, PlanStage
from households.cards import Card
from households.models import Household
from households.signals import assistance_asked

LAST = 90


@receiver(assistance_asked)
def show_papers(sender: Any, household: Household, user: User, **more: Any) -> list[Card]:
    """The meter and the papers; the plan is the confirmed one, else the one under way."""
    plans = Plan.objects.filter(household=household).exclude(stage=PlanStage.REPLACED)
    plan = plans.filter(stage=PlanStage.CONFIRMED).first() or plans.first()
    shown = {"meter": meter_of(household, user, timezone.localdate()), "plan": plan}
    return [Card(LAST, "assistance/_papers_card.html", shown)]
