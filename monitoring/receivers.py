"""What monitoring does when households tells or asks something; each runs in the sender's transaction."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.navigation import counting_work
from accounts.roles import HOUSEHOLD_READERS
from households import signals
from households.models import Household, Survey
from monitoring.clues import clues
from monitoring.screening import assess_household


@receiver(signals.survey_submitted)
def screen_the_surveyed(sender: Any, survey: Survey, user: User, **more: Any) -> None:
    """A survey is judged as it is saved."""
    assess_household(survey.household, timezone.localdate(), user)


@receiver(signals.household_changed)
def screen_the_changed(sender: Any, household: Household, **more: Any) -> None:
    """A change of members or of the household's type changes what income is divided by, and the class."""
    assess_household(household, timezone.localdate(), more.get("user"))


@receiver(counting_work)
def count_clues(sender: Any, user: User, **more: Any) -> dict[str, int]:
    """How many clues wait, for the menu."""
    return {"monitoring:clues": clues(user).count()} if user.holds(*HOUSEHOLD_READERS) else {}
