"""Write the facts row of a survey: the few whole numbers and bits that rules read, beside the survey itself."""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction

from households import codes
from households.codes import GUARANTEE_BITS, RISK_BITS, Guarantee
from households.models import Facts, Household, Member, Survey

CHUNK = 500
ANSWERS = {
    Guarantee.FOOD_CLOTHING: "food_clothing_ok",
    Guarantee.EDUCATION: "education_ok",
    Guarantee.MEDICAL: "medical_ok",
    Guarantee.HOUSING: "housing_ok",
    Guarantee.WATER: "water_ok",
}
COLUMNS = [field.name for field in Facts._meta.concrete_fields if not field.primary_key]


@transaction.atomic
def write_facts(survey: Survey) -> Facts:
    """Write the row of a survey just submitted, in the caller's transaction, and end the row before it."""
    facts = _facts(survey, survey.household.members.all())
    facts.save(force_insert=True)
    _set_in_order(survey.household.surveys.select_related("facts"))
    facts.refresh_from_db()
    return facts


@transaction.atomic
def refresh_facts(household: Household) -> None:
    """Bring the row in force up to date after a change of members or household; older rows stay as they were.

    Persons stay as the cadre counted them, unless somebody has come or gone since the survey.
    """
    survey = household.surveys.filter(superseded_by=None).newest_first().first()
    if survey is None:
        return
    facts = _facts(survey, household.members.all())
    Facts.objects.filter(pk=survey.pk).update(
        household_type=facts.household_type,
        village=household.village,
        persons=facts.persons,
        has_labour=facts.has_labour,
        on_dibao=facts.on_dibao,
    )


@transaction.atomic
def rebuild_facts(households: Iterable[Household] | None = None) -> int:
    """Write the rows of all surveys (of these households) anew from their sources; returns how many."""
    surveys = Survey.objects.select_related("household").order_by("household", "pk")
    if households is not None:
        surveys = surveys.filter(household__in=households)
    written = 0
    for chunk in _in_chunks(surveys):
        members = _members_of({survey.household_id for survey in chunk})
        rows = [_facts(survey, members[survey.household_id]) for survey in chunk]
        Facts.objects.bulk_create(rows, update_conflicts=True, unique_fields=["survey"], update_fields=COLUMNS)
        written += len(rows)
    _set_in_order(surveys.select_related("facts"))
    return written


def _facts(survey: Survey, members: Iterable[Member]) -> Facts:
    """The row as it follows from the survey and the members of its household."""
    household = survey.household
    members = list(members)
    together = [member for member in members if member.left_on is None and member.lives_here]
    net, expense = survey.net_income, survey.transfer_expense
    return Facts(
        survey=survey,
        household=household,
        village_id=survey.village_id,
        household_type=household.household_type,
        visited_on=survey.visited_on,
        persons=len(together) if _changed_since(survey, members) else survey.persons,
        hukou_persons=survey.hukou_persons,
        net_income=net,
        disposable_income=None if net is None or expense is None else net - expense,
        last_year_income=survey.last_year_income,
        rigid_total=survey.rigid_total,
        rigid_last_year=survey.rigid_last_year,
        risk_bits=sum(RISK_BITS[codes.RiskCause(cause)] for cause in set(survey.risk_causes)),
        guarantee_bits=sum(GUARANTEE_BITS[one] for one in Guarantee if _is_difficulty(survey, one)),
        guarantees_unanswered=sum(GUARANTEE_BITS[one] for one in Guarantee if getattr(survey, ANSWERS[one]) is None),
        has_labour=any(member.labour_skill in codes.ABLE_TO_WORK for member in together),
        stable_income=survey.stable_income,
        on_dibao=any(member.dibao != codes.Dibao.NONE for member in together),
    )


def _is_difficulty(survey: Survey, guarantee: Guarantee) -> bool:
    """Answered “no”; a house of grade C or D is a difficulty whatever was answered."""
    if guarantee == Guarantee.HOUSING and survey.housing_grade in codes.UNSAFE_HOUSING:
        return True
    return getattr(survey, ANSWERS[guarantee]) is False


def _changed_since(survey: Survey, members: Sequence[Member]) -> bool:
    """Whether somebody has come or gone since the survey."""
    return any(
        member.created_at > survey.submitted_at or (member.left_on is not None and member.left_on > survey.visited_on)
        for member in members
    )


def _set_in_order(surveys: Iterable[Survey]) -> None:
    """Each row ends where the next visit of its household begins; a corrected row ends where it began."""
    by_household: dict[uuid.UUID, list[Survey]] = defaultdict(list)
    for survey in surveys:
        by_household[survey.household_id].append(survey)
    corrected = {survey.supersedes_id for visits in by_household.values() for survey in visits}
    changed = []
    for visits in by_household.values():
        standing = sorted(
            (one for one in visits if one.pk not in corrected), key=lambda one: (one.visited_on, one.submitted_at)
        )
        ends = {one.pk: after.visited_on for one, after in itertools.pairwise(standing)}
        for survey in visits:
            end = survey.visited_on if survey.pk in corrected else ends.get(survey.pk)
            if survey.facts.replaced_on != end:
                survey.facts.replaced_on = end
                changed.append(survey.facts)
    Facts.objects.bulk_update(changed, ["replaced_on"], CHUNK)


def _members_of(households: set[uuid.UUID]) -> dict[uuid.UUID, list[Member]]:
    members: dict[uuid.UUID, list[Member]] = defaultdict(list)
    for member in Member.objects.filter(household__in=households).defer("id_number", "phone"):
        members[member.household_id].append(member)
    return members


def _in_chunks(surveys: Iterable[Survey]) -> Iterable[list[Survey]]:
    chunk: list[Survey] = []
    for survey in surveys:
        chunk.append(survey)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
