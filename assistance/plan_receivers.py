"""What plans tell when they are asked: lines of the inbox, the card on a household's page, entries of its timeline."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from assistance import plan_page, plan_todo
from assistance.models import Plan
from households.cards import Card
from households.models import Household
from households.signals import assistance_asked, timeline_asked
from households.timeline import Entry
from monitoring.signals import InboxLine, work_asked, work_counted

FIRST = 10


@receiver(work_asked)
def tell_work(sender: Any, user: User, **more: Any) -> list[InboxLine]:
    """Plans to confirm, and plans that came back."""
    return list(plan_todo.waiting_lines(user))


@receiver(work_counted)
def count_work(sender: Any, user: User, **more: Any) -> int:
    """How many lines that is."""
    return plan_todo.waiting_count(user)


@receiver(assistance_asked)
def show_gaps(sender: Any, household: Household, user: User, **more: Any) -> list[Card]:
    """What the household lacks, with its plan and its team."""
    shown = plan_page.card_of(household)
    return [Card(FIRST, "assistance/_gaps_card.html", shown)] if shown else []


@receiver(timeline_asked)
def tell_of_plans(sender: Any, household: Household, **more: Any) -> list[Entry]:
    """Each version that was proposed or confirmed."""
    told = []
    for plan in Plan.objects.filter(household=household).select_related("proposed_by", "confirmed_by"):
        steps = ((plan.proposed_at, plan.proposed_by, "提交"), (plan.confirmed_at, plan.confirmed_by, "确认"))
        told += [
            Entry(timezone.localdate(at), at, f"一户一策第 {plan.number} 版：{what}", str(by), plan.reason)
            for at, by, what in steps
            if at
        ]
    return told
