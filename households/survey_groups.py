"""The households of a group as a cadre walks through it: not visited, begun, submitted."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from households.models import Household, Member, Survey, SurveyDraft
from households.models.households import HouseholdQuerySet
from households.questions import SECTIONS

# A visit counts for a year (the rule sets ask for one a year).
A_YEAR = datetime.timedelta(days=365)
NOT_VISITED, DRAFT, SUBMITTED = "not_visited", "draft", "submitted"


@dataclass(frozen=True)
class GroupRow:
    """One household of the list; ``step`` is how far its draft is, ``visited_on`` its last visit within a year."""

    household: Household
    persons: int
    state: str
    step: int = 0
    visited_on: datetime.date | None = None

    @property
    def village_id(self) -> int:
        """The village, to be named where somebody looks after several."""
        return self.household.village_id


def group_rows(households: HouseholdQuerySet, user: User) -> list[GroupRow]:
    """The households in the order of the village, each with how far its visit is for this person."""
    members = Member.objects.living_together().filter(household=OuterRef("pk")).order_by().values("household")
    since = timezone.localdate() - A_YEAR
    visits = Survey.objects.filter(household=OuterRef("pk"), superseded_by=None, visited_on__gt=since)
    rows = (
        households.select_related("village")
        .annotate(
            living=Subquery(members.annotate(found=Count("pk")).values("found")),
            last_visit=Subquery(visits.newest_first().values("visited_on")[:1]),
        )
        .in_village_order()
    )
    found = list(rows)
    own = SurveyDraft.objects.filter(author=user, household__in=[row.pk for row in found], corrects=None)
    drafts: dict[UUID, int] = {draft.household_id: step_of(draft) for draft in own}
    return [_row(household, drafts.get(household.pk)) for household in found]


def step_of(draft: SurveyDraft) -> int:
    """The number of the section where a draft was left, from 1."""
    places = [section.id for section in SECTIONS]
    section = draft.typed.get("section")
    return places.index(section) + 1 if section in places else 1


def _row(household: Household, step: int | None) -> GroupRow:
    if step is not None:
        state = DRAFT
    else:
        state = SUBMITTED if household.last_visit else NOT_VISITED
    return GroupRow(household, household.living or 0, state, step or 0, household.last_visit)
