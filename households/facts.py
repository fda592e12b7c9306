"""Write the facts rows of a household: what rules read of its survey and its members, and from which day on."""

import copy
import datetime
import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from households import codes, family_bits
from households.codes import GUARANTEE_BITS, RISK_BITS, Guarantee
from households.models import ChangedHousehold, Facts, Household, Member, Survey

CHUNK = 500
ANSWERS = {
    Guarantee.FOOD_CLOTHING: "food_clothing_ok",
    Guarantee.EDUCATION: "education_ok",
    Guarantee.MEDICAL: "medical_ok",
    Guarantee.HOUSING: "housing_ok",
    Guarantee.WATER: "water_ok",
}
# What follows from the members and the household, not from what was answered on the visit.
OF_FAMILY = ("household_type", "village_id", "persons", "has_labour", "on_dibao", "yellow_bits", "key_group_bits")
# Of these two, the bits that do so; the others were answered.
FAMILY_BITS = {"yellow_bits": family_bits.FEATURES, "key_group_bits": family_bits.GROUPS}
# Where a row stands; the rest is told by its sources.
PLACE = ("id", "survey_id", "household_id", "begins_on", "replaced_on", "negative_bits")
COPIED = [field.attname for field in Facts._meta.concrete_fields if field.attname not in PLACE]
OF_VISIT = [name for name in COPIED if name not in OF_FAMILY]


@transaction.atomic
def write_facts(survey: Survey) -> Facts:
    """Write the row of a survey just submitted, from the day of the visit on, and end the rows that it replaces.

    The caller's transaction holds the household. A corrected survey's rows end on the day they began. Where the family
    has changed since the visit, there is a row for each of these days too; the last one is given.
    """
    household = survey.household
    surveys, rows = list(household.surveys.all()), list(household.facts.all())
    new = _facts(survey, household.members.all())
    new.negative_bits = next((row.negative_bits for row in rows if row.replaced_on is None), 0)
    pieces = _pieces(new, rows, _next_visits(surveys).get(survey.pk))
    _write_ends(_put_in_order(household, surveys, [*rows, *pieces]))
    for piece in pieces:
        piece.save(force_insert=True)
    mark_changed([household])
    return pieces[-1]


@transaction.atomic
def refresh_facts(household: Household) -> None:
    """From today on, facts are as the members and the household are now; older days keep what was known on them.

    The caller's transaction holds the household. A closed household's row ends on the day of closing; one that is
    open again gets a row from today. Persons stay as the cadre counted them, unless somebody has come or gone since.
    """
    if household.closed_on:
        _write_ends(_put_in_order(household, list(household.surveys.all()), list(household.facts.all())))
        mark_changed([household])
        return
    survey = household.surveys.filter(superseded_by=None).newest_first().first()
    if survey is None:
        return
    today = timezone.localdate()
    now = _facts(survey, household.members.all())
    row = household.facts.filter(replaced_on=None).first()
    if row is None:
        now.begins_on = today
        now.save(force_insert=True)
        mark_changed([household])
    elif any(getattr(row, name) != getattr(now, name) for name in OF_FAMILY):
        _copy(now, row, OF_FAMILY)
        _from_today(row, today)
        mark_changed([household])


@transaction.atomic
def keep_negative_hits(household: Household, bits: int) -> bool:
    """From today on, what departments answered on the negative list is this; False when it was so already, or nothing is
    known of the household. A later visit does not change it.
    """
    row = household.facts.filter(replaced_on=None).first()
    if row is None or row.negative_bits == bits:
        return False
    row.negative_bits = bits
    _from_today(row, timezone.localdate())
    mark_changed([household])
    return True


def _from_today(row: Facts, today: datetime.date) -> None:
    """Store what was changed in the row in force: in place on its first day, else in a new row that begins today."""
    if row.begins_on < today:
        Facts.objects.filter(pk=row.pk).update(replaced_on=today)
        row.pk, row.begins_on = None, today
    row.save()


def mark_changed(households: Iterable[Household]) -> None:
    """Say of these households that they have to be judged anew.

    A household that is marked already is written once more, so that whoever is just judging it waits, and it stays marked.
    """
    ChangedHousehold.objects.bulk_create(
        [ChangedHousehold(household=household, village_id=household.village_id) for household in households],
        CHUNK,
        update_conflicts=True,
        unique_fields=["household"],
        update_fields=["village"],
    )


@transaction.atomic
def rebuild_facts(households: Iterable[Household] | None = None) -> int:
    """Write the rows of all surveys (of these households) anew from their sources; how many. All wait to be judged.

    What followed from the family on an older day stays as it was known then: only the row in force is told anew.
    """
    found = Household.objects.all() if households is None else households
    wanted = sorted(household.pk for household in found)
    return sum(_rebuild(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def _rebuild(keys: list[uuid.UUID]) -> int:
    # Taken, so that a survey submitted at this moment does not find its household's row half told.
    households = list(Household.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    surveys = _of_each(Survey.objects.order_by("pk"), households)
    members = _of_each(Member.objects.defer("id_number", "phone"), households)
    rows = _of_each(Facts.objects.order_by("pk"), households)
    added: list[Facts] = []
    kept: list[Facts] = []
    for household in households:
        known = rows[household.pk]
        told = {row.survey_id for row in known}
        for survey in surveys[household.pk]:
            survey.household = household
            new = _facts(survey, members[household.pk])
            for row in known:
                if row.survey_id == survey.pk:
                    _copy(new, row, COPIED if row.replaced_on is None else OF_VISIT)
            if survey.pk not in told:
                added.append(new)
                rows[household.pk] = [*rows[household.pk], new]
        kept += known
        _put_in_order(household, surveys[household.pk], rows[household.pk])
    # First those that end: of each household at most one row counts at any moment.
    kept.sort(key=lambda row: row.replaced_on is None)
    Facts.objects.bulk_update(kept, [*COPIED, "replaced_on"], CHUNK)
    Facts.objects.bulk_create(added, CHUNK)
    mark_changed(household for household in households if rows[household.pk])
    return len(kept) + len(added)


def _facts(survey: Survey, members: Iterable[Member]) -> Facts:
    """The row as it follows from the survey, from its visit on, and the members of its household."""
    household = survey.household
    members = list(members)
    together = [member for member in members if member.left_on is None and member.lives_here]
    net, expense = survey.net_income, survey.transfer_expense
    return Facts(
        survey=survey,
        household=household,
        village_id=household.village_id,
        begins_on=survey.visited_on,
        visited_on=survey.visited_on,
        household_type=household.household_type,
        persons=len(together) if _changed_since(survey, members) else survey.persons,
        hukou_persons=survey.hukou_persons,
        net_income=net,
        disposable_income=None if net is None or expense is None else net - expense,
        operating_loss=survey.operating_loss,
        last_year_income=survey.last_year_income,
        rigid_total=survey.rigid_total,
        rigid_last_year=survey.rigid_last_year,
        medical_expense=survey.medical_expense,
        education_expense=survey.rigid_education,
        disaster_expense=survey.rigid_disaster,
        risk_bits=sum(RISK_BITS[codes.RiskCause(cause)] for cause in set(survey.risk_causes)),
        guarantee_bits=sum(GUARANTEE_BITS[one] for one in Guarantee if _is_difficulty(survey, one)),
        guarantees_unanswered=sum(GUARANTEE_BITS[one] for one in Guarantee if getattr(survey, ANSWERS[one]) is None),
        has_labour=any(member.labour_skill in codes.ABLE_TO_WORK for member in together),
        stable_income=survey.stable_income,
        on_dibao=any(member.dibao != codes.Dibao.NONE for member in together),
        yellow_bits=family_bits.yellow_bits(survey, together),
        key_group_bits=family_bits.key_group_bits(survey, together),
    )


def _pieces(new: Facts, rows: Iterable[Facts], until: datetime.date | None) -> list[Facts]:
    """A visit of the past does not change what the family was on the days since: a row from the visit on, and one from
    each later day (before the next visit, if there is one) on which the family changed; in the order of their days."""
    counted = sorted((row for row in rows if row.replaced_on != row.begins_on), key=lambda row: row.begins_on)
    days = [
        row
        for row in counted
        if row.begins_on > max(row.visited_on, new.visited_on) and (until is None or row.begins_on < until)
    ]
    if not days:
        return [new]
    first = [row for row in counted if row.begins_on <= new.visited_on][-1:]
    pieces = [_with_family_of(row, new) for row in (*(first or counted[:1]), *days)]
    pieces[0].begins_on, pieces[0].persons = new.visited_on, new.survey.persons
    return pieces


def _with_family_of(row: Facts, new: Facts) -> Facts:
    """The new facts as they were for the family of an older row; persons as the visit counted them, unless that row did."""
    piece = copy.copy(new)
    _copy(row, piece, OF_FAMILY)
    for name, bits in FAMILY_BITS.items():
        setattr(piece, name, getattr(row, name) & bits | getattr(new, name) & ~bits)
    if row.persons == row.survey.persons:
        piece.persons = new.survey.persons
    piece.begins_on = row.begins_on
    return piece


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


def _put_in_order(household: Household, surveys: Sequence[Survey], rows: Iterable[Facts]) -> list[Facts]:
    """Say of each row when it ends: at the next of its survey, the next visit, or the closing; gives the changed rows.

    A corrected survey's rows, and those that would begin after their end, end on the day they began.
    """
    corrected = {survey.supersedes_id for survey in surveys}
    next_visits = _next_visits(surveys)
    chains: dict[uuid.UUID, list[Facts]] = defaultdict(list)
    for row in rows:
        chains[row.survey_id].append(row)
    changed = []
    for survey_id, chain in chains.items():
        chain.sort(key=lambda row: row.begins_on)
        for row, after in itertools.zip_longest(chain, chain[1:]):
            ends = [next_visits.get(survey_id), household.closed_on, *_end_within(row, after)]
            end = min((day for day in ends if day), default=None)
            if survey_id in corrected or (end is not None and end < row.begins_on):
                end = row.begins_on
            if row.replaced_on != end:
                row.replaced_on = end
                changed.append(row)
    return changed


def _next_visits(surveys: Sequence[Survey]) -> dict[uuid.UUID, datetime.date]:
    """The day of the next visit after each survey that was not corrected; the last has none."""
    corrected = {survey.supersedes_id for survey in surveys}
    standing = [survey for survey in surveys if survey.pk not in corrected]
    standing.sort(key=lambda survey: (survey.visited_on, survey.submitted_at))
    return {survey.pk: after.visited_on for survey, after in itertools.pairwise(standing)}


def _end_within(row: Facts, after: Facts | None) -> list[datetime.date | None]:
    """Where a row ends because its survey has a next one; between them the household may have been closed."""
    if after is None:
        return []
    closed_between = row.replaced_on if row.replaced_on != row.begins_on else None
    return [after.begins_on, closed_between]


def _write_ends(changed: Iterable[Facts]) -> None:
    """Write the ends of rows that are stored already; first those that end, since at most one may count."""
    stored = [row for row in changed if row.pk is not None]
    for row in sorted(stored, key=lambda row: row.replaced_on is None):
        row.save(update_fields=["replaced_on"])


def _copy(source: Facts, target: Facts, names: Iterable[str]) -> None:
    for name in names:
        setattr(target, name, getattr(source, name))


def _of_each(rows: QuerySet[Any], households: list[Household]) -> dict[uuid.UUID, list[Any]]:
    """The rows of these households, for each of them."""
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows.filter(household__in=households):
        found[row.household_id].append(row)
    return found
