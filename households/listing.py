"""What a list of households shows beside each name: persons, income, the last visit, and the case that is live."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import NullIf

from households import codes
from households.models import Facts, Household, Member
from households.models.households import HouseholdQuerySet

# Stages of monitoring.models.Stage, which this app does not import; a test compares them.
OPEN_STAGES = (
    "watch", "authorise", "survey", "compare", "meeting", "notice_due", "notice", "town", "district", "announce",
)  # fmt: skip
REGISTERED = "registered"
LIVE_STAGES = (*OPEN_STAGES, REGISTERED)
DESIGNATION = "designation"  # of monitoring.models.CaseKind


def with_figures(households: HouseholdQuerySet) -> HouseholdQuerySet:
    """Each row with ``persons``, ``per_capita`` (fen a year), ``visited_on``, and its head and cases at hand."""
    facts = Facts.objects.filter(household=OuterRef("pk"), replaced_on=None)
    members = Member.objects.present().filter(household=OuterRef("pk")).order_by().values("household")
    heads = Member.objects.present().filter(relation=codes.HEAD)
    return (
        households.select_related("village__parent")
        .annotate(
            persons=Subquery(members.annotate(found=Count("pk")).values("found")),
            per_capita=Subquery(facts.values(each=F("net_income") / NullIf(F("persons"), 0))[:1]),
            visited_on=Subquery(facts.values("visited_on")[:1]),
        )
        .prefetch_related("cases", "grades", Prefetch("members", queryset=heads, to_attr="heads"))
    )


def live_case(household: Household) -> Any | None:
    """The household's case that is under way or on the register, of those at hand; there is at most one of a kind.

    The designation comes first: a removal goes on beside it, and so may 建档立卡.
    """
    live = (case for case in household.cases.all() if case.stage in LIVE_STAGES)
    return min(live, key=lambda case: case.kind != DESIGNATION, default=None)


def grade_of(household: Household) -> int | None:
    """The household's risk level in force, 1 red to 3 blue, of the grades at hand; else that of its live case."""
    graded = next((grade.level for grade in household.grades.all() if grade.replaced_on is None), None)
    case = live_case(household)
    return graded or (case.risk_level if case else None)


def mark_cases(households: Iterable[Household]) -> list[Household]:
    """The rows of a page, each with its ``live_case`` and ``grade``."""
    rows = list(households)
    for household in rows:
        household.live_case = live_case(household)
        household.grade = grade_of(household)
    return rows


def count_people(households: HouseholdQuerySet) -> int:
    """Persons present in these households."""
    return Member.objects.present().filter(household__in=households.order_by().values("pk")).count()
