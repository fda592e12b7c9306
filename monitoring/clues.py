"""Risk clues (线索): what the rules suggest today of households that nobody has taken up yet."""

import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from accounts.models import User
from monitoring.models import Assessment, Outcome
from monitoring.models import Case as MonitoringCase
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.values import policy_in_force

# In the order in which they are worth a visit.
CLUE_OUTCOMES = (Outcome.RELAPSE, Outcome.EDGE, Outcome.WATCH, Outcome.REVIEW_RISK, Outcome.INCOMPLETE)


def clues(user: User, on: datetime.date | None = None) -> AssessmentQuerySet:
    """The standing conclusions in the user's scope that ask for something, of households without a live case.

    A conclusion counts while its survey is in force; the most urgent outcome comes first.
    """
    day = on or timezone.localdate()
    taken_up = MonitoringCase.objects.live().filter(household=OuterRef("household"))
    urgency = Case(
        *(When(outcome=outcome, then=Value(place)) for place, outcome in enumerate(CLUE_OUTCOMES)),
        default=Value(len(CLUE_OUTCOMES)),
        output_field=IntegerField(),
    )
    return (
        Assessment.objects.visible_to(user)
        .standing_on(day)
        .filter(
            ~Exists(taken_up),
            Q(survey__facts__replaced_on=None) | Q(survey__facts__replaced_on__gt=day),
            outcome__in=CLUE_OUTCOMES,
            household__closed_on=None,
            survey__facts__begins_on__lte=day,
            survey__facts__visited_on__gt=_surveyed_after(user, day),
        )
        .alias(urgency=urgency)
        .order_by("urgency", "village__path", "household__number")
    )


def _surveyed_after(user: User, day: datetime.date) -> datetime.date:
    """The earliest validity in any of the user's regions; who has none sees no clues anyway."""
    regions = [posting.region for posting in user.postings_in_force()]
    return min((policy_in_force(region, day).surveyed_after for region in regions), default=day)
