"""Risk clues (线索): what the rules suggest today of households that nobody has taken up yet."""

import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from monitoring.models import Assessment, Outcome, RiskLevel
from monitoring.models import Case as MonitoringCase
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.values import policy_in_force

# In the order in which they are worth a visit.
URGENT = (
    Q(outcome=Outcome.RELAPSE),
    Q(outcome=Outcome.EDGE),
    Q(outcome=Outcome.SUDDEN),
    Q(level=RiskLevel.RED),
    Q(outcome=Outcome.WATCH),
    Q(outcome=Outcome.CHECK),
    Q(level=RiskLevel.YELLOW),
    Q(outcome=Outcome.REVIEW_RISK),
    Q(outcome=Outcome.BORDER),
    Q(outcome=Outcome.INCOMPLETE),
)


def clues(user: User, on: datetime.date | None = None) -> AssessmentQuerySet:
    """The standing conclusions in the user's scope that ask for something, of households without a live case.

    A conclusion counts while its survey is in force; the most urgent comes first.
    """
    day = on or timezone.localdate()
    urgency = Case(
        *(When(condition, then=Value(place)) for place, condition in enumerate(URGENT)),
        output_field=IntegerField(),
    )
    asking = Q(pk__in=[])
    for condition in URGENT:
        asking |= condition
    standing = Assessment.objects.visible_to(user).standing_on(day).filter(asking, ~Exists(_taken_up()))
    return (
        standing.filter(household__closed_on=None, visited_on__gt=_surveyed_after(user, day))
        .alias(urgency=urgency)
        .order_by("urgency", "village__path", "household__number")
    )


def _taken_up() -> QuerySet:
    return MonitoringCase.objects.live().filter(household=OuterRef("household"))


def _surveyed_after(user: User, day: datetime.date) -> datetime.date:
    """The earliest validity in any of the user's regions; who has none sees no clues anyway."""
    regions = [posting.region for posting in user.postings_in_force()]
    return min((policy_in_force(region, day).surveyed_after for region in regions), default=day)
