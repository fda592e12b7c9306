"""What monitoring does when households tells or asks something; each runs in the sender's transaction."""

import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.navigation import counting_work
from accounts.roles import HOUSEHOLD_READERS
from households import signals
from households.models import Household, Survey
from households.questions import KEY_GROUPS, LEVEL_TWO, STABLE_INCOME
from monitoring.clues import clues
from monitoring.leads_list import open_leads
from monitoring.policy.distance import open_line
from monitoring.policy.values import PolicyNotInForce, policy_in_force
from monitoring.screening import assess_household

OF_THE_GRADED = (LEVEL_TWO, STABLE_INCOME)
NOT_OF_THE_GRADED = (KEY_GROUPS,)


@receiver(signals.survey_submitted)
def screen_the_surveyed(sender: Any, survey: Survey, user: User, **more: Any) -> None:
    """A survey is judged as it is saved."""
    assess_household(survey.household, timezone.localdate(), user)


@receiver(signals.household_changed)
def screen_the_changed(sender: Any, household: Household, **more: Any) -> None:
    """A change of members or of the household's type changes what income is divided by, and the class."""
    assess_household(household, timezone.localdate(), more.get("user"))


@receiver(signals.income_line_asked)
def tell_income_line(sender: Any, household: Household, on: datetime.date, **more: Any) -> tuple[int, str] | None:
    """The line of the household's type on a day, in fen and in words; None before the rule set begins, and where no
    line may be shown in the village."""
    try:
        policy = policy_in_force(household.village, on)
    except PolicyNotInForce:
        return None
    line = open_line(policy, household.household_type)
    return None if line is None else (int(line), policy.ruleset.line_name(household.household_type))


@receiver(signals.accounting_months_asked)
def tell_accounting_months(sender: Any, household: Household, on: datetime.date, **more: Any) -> int | None:
    """Months of the accounting period; None before the rule set begins."""
    try:
        return policy_in_force(household.village, on).accounting_months
    except PolicyNotInForce:
        return None


@receiver(signals.survey_questions_asked)
def tell_survey_questions(sender: Any, household: Household, on: datetime.date, **more: Any) -> tuple[str, ...]:
    """What the rule set asks beyond the usual questions; none before it begins.

    Where it grades some types of household, what makes a grade is asked of these alone, and the key groups of the others.
    """
    try:
        rules = policy_in_force(household.village, on).ruleset
    except PolicyNotInForce:
        return ()
    if not rules.graded_types:
        return rules.asks
    graded = household.household_type in rules.graded_types
    return tuple(name for name in rules.asks if name not in (NOT_OF_THE_GRADED if graded else OF_THE_GRADED))


@receiver(counting_work)
def count_clues(sender: Any, user: User, **more: Any) -> dict[str, int]:
    """How many clues wait, for the menu."""
    return (
        {"monitoring:clues": clues(user).count() + open_leads(user).count()} if user.holds(*HOUSEHOLD_READERS) else {}
    )
