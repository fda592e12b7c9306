"""Risk clues (线索): what the rules suggest today of households that nobody has taken up yet."""

import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from accounts.models import Region, User
from monitoring.models import Assessment, Lead, LeadEvidence, LeadState, Outcome, RiskLevel
from monitoring.models import Case as MonitoringCase
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.values import Policy, policy_in_force

# In the order in which they are worth a visit.
URGENT = (
    ("outcome", Outcome.RELAPSE),
    ("outcome", Outcome.EDGE),
    ("outcome", Outcome.SUDDEN),
    ("level", RiskLevel.RED),
    ("outcome", Outcome.WATCH),
    ("outcome", Outcome.CHECK),
    ("level", RiskLevel.YELLOW),
    ("outcome", Outcome.REVIEW_RISK),
    ("outcome", Outcome.BORDER),
    ("outcome", Outcome.INCOMPLETE),
)


def asking(prefix: str = "") -> Q:
    """The conclusions that ask for something; ``prefix`` leads from a row to its conclusion (``now__``)."""
    wanted = Q(pk__in=[])
    for axis, code in URGENT:
        wanted |= Q(**{f"{prefix}{axis}": code})
    return wanted


def urgency(prefix: str = "") -> Case:
    """The place of a conclusion in that order; past the last when it asks for nothing."""
    whens = (When(**{f"{prefix}{axis}": code}, then=Value(place)) for place, (axis, code) in enumerate(URGENT))
    return Case(*whens, default=Value(len(URGENT)), output_field=IntegerField())


def clues(user: User, on: datetime.date | None = None) -> AssessmentQuerySet:
    """The standing conclusions in the user's scope that ask for something, of households without a live case or open lead.

    A conclusion counts while its survey is in force; the most urgent comes first. One that somebody has looked into is not
    asked again until it says something else.
    """
    found = counting_now(user, on).filter(asking()).exclude(taken_up()).exclude(has_open_lead()).exclude(looked_into())
    return found.alias(urgency=urgency()).order_by("urgency", "village__path", "household__number")


def counting_now(user: User, on: datetime.date | None = None) -> AssessmentQuerySet:
    """The standing conclusions in the user's scope whose visit counts, of households that have not been closed."""
    day = on or timezone.localdate()
    standing = Assessment.objects.visible_to(user).standing_on(day)
    return standing.filter(household__closed_on=None, visited_on__gt=_surveyed_after(user, day))


def taken_up() -> Exists:
    """Whether the household of a row has a live case."""
    return Exists(MonitoringCase.objects.live().filter(household=OuterRef("household")))


def has_open_lead() -> Exists:
    """Whether somebody is looking at the household of a row; what the rules say stands beside that lead."""
    return Exists(Lead.objects.open().filter(household=OuterRef("household")))


def looked_into() -> Exists:
    """Whether a lead was closed on what the rules say of a household, and they have said nothing else since."""
    other = Assessment.objects.filter(household=OuterRef("lead__household"), pk__gt=OuterRef("assessment")).exclude(
        outcome=OuterRef("outcome"), level=OuterRef("level"), rule_bits=OuterRef("rule_bits")
    )
    kept = LeadEvidence.objects.filter(
        lead__household=OuterRef("household"), lead__state=LeadState.CLOSED, assessment__isnull=False
    )
    return Exists(kept.exclude(Exists(other)))


def _surveyed_after(user: User, day: datetime.date) -> datetime.date:
    """The earliest validity in any of the user's regions; who has none sees no clues anyway. Asked once in a request."""
    name = f"surveyed after, on {day}"
    regions = {posting.region for posting in user.postings_in_force()}
    return user.noted(name) or user.note(
        name, min((policy_once(user, region, day).surveyed_after for region in regions), default=day)
    )


def policy_once(user: User, region: Region, day: datetime.date) -> Policy:
    """The policy of one of the person's regions, which the inbox and the menu ask for; asked once in a request."""
    name = f"policy of {region.path} on {day}"
    return user.noted(name) or user.note(name, policy_in_force(region, day))
