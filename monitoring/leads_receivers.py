"""What becomes of a lead when its household's case is opened, wherever that was done, and what the timeline tells of it."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from households.models import Household
from households.signals import timeline_asked
from households.timeline import Entry
from monitoring import leads
from monitoring.leads_list import told_of
from monitoring.models import Case
from monitoring.signals import case_moved

BEGINNINGS = ("open", "open_registration")


@receiver(case_moved)
def take_up_leads(sender: Any, case: Case, step: str, user: User | None, **more: Any) -> None:
    """A household whose case begins is looked at there."""
    if step in BEGINNINGS:
        leads.case_opened(case, user)


@receiver(timeline_asked)
def tell_leads(sender: Any, household: Household, **more: Any) -> list[Entry]:
    """Who noticed what of the household, who went there, and what came of it."""
    return list(told_of(household))
