"""The numbers of a region are read for all households at once; they say what the page of each household says."""

import datetime
import random

import pytest
from django.utils import timezone

from assistance import effect
from assistance.catalogue import MEASURES, Kind
from assistance.conditions import is_waiting
from assistance.gaps import Gaps, State, gaps_of
from assistance.models import Delivery, DistrictMeasure
from households.codes import HEAD, Dibao, RiskCause, Tekun
from households.models import Household
from monitoring.models import Case
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import designate, give
from tests.monitoring.surveyed import visit

FAMILIES = 100
CODES = ("dibao", "dibao", "tekun", "medical_aid", "industry", "housing", "temporary_relief", "small_loan")
CAUSES = ["", RiskCause.ILLNESS, RiskCause.EDUCATION, RiskCause.NO_LABOUR]
ONE_DAY = datetime.timedelta(days=1)


def some_delivery(draw: random.Random, household: Household, today: datetime.date) -> None:
    """One of a measure, promised, in hand, begun, ended or given up, around today."""
    code = draw.choice(CODES)
    member = draw.choice([None, *household.members.all()]) if code != "dibao" else draw.choice(household.members.all())
    days = sorted(today + draw.randint(-500, 40) * ONE_DAY for _ in range(3))
    stage = draw.choice(["promised", "in_hand", "begun", "ended", "dropped"])
    told = {"begun_on": None, "promised_on": days[0]}
    if stage == "in_hand" and MEASURES[code].kind == Kind.LASTING:
        told = {"begun_on": days[0]}  # under way without a promise
    elif stage == "in_hand":
        told |= {"taken_up_on": days[1]}
    elif stage == "dropped":
        told |= {"dropped_on": days[1]}
    elif stage in ("begun", "ended"):
        ends = stage == "ended" and MEASURES[code].kind != Kind.GRANT
        told = {"begun_on": draw.choice([days[0], today]), "ended_on": max(days[1], today) if ends else None}
    give(household, code, member, **told)


@pytest.fixture
def families(place: Place, make: Make, staff: Staff) -> list[Household]:
    """Families of every kind: visited or not, with and without causes, measures of all stages, people who have left."""
    draw, today = random.Random(41), timezone.localdate()
    found = []
    for number in range(FAMILIES):
        family = make.household(draw.choice([place.village, place.neighbour, place.other_village]), f"户{number}")
        for member in family.members.all():
            member.dibao = draw.choice([Dibao.NONE, Dibao.NONE, Dibao.RURAL])
            member.tekun = draw.choice([Tekun.NONE, Tekun.NONE, Tekun.RURAL_HOME])
            member.left_on = today - 30 * ONE_DAY if member.relation != HEAD and draw.random() < 0.4 else None
            member.save()
        causes = draw.sample(CAUSES[1:], draw.randint(0, 2))
        designate(family, main_risk=draw.choice(CAUSES), risk_causes=[*causes, "no_such_cause"])
        if draw.random() < 0.5:
            visit(family, staff.cadre, today - 20 * ONE_DAY, risks=tuple(draw.sample(CAUSES[1:], draw.randint(0, 2))))
        for _ in range(draw.randint(0, 4)):
            some_delivery(draw, family, today)
        found.append(family)
    return found


def plain_keys(gaps: Gaps) -> set[str]:
    """The numbers that a household counts in, from what its own page says."""
    needs = [need for need in gaps.needs if not need.is_guarantee]
    groups = {gaps.measures[one.code].group.value for one in gaps.in_place}
    keys = {"registered", "helped" if gaps.in_place else "nothing"}
    for need in needs:
        keys |= {effect.risk_key(need.code), effect.risk_key(need.code, need.state)}
    for cause in [need.code for need in needs] or [effect.NO_CAUSE]:
        keys |= {effect.risk_key(cause), *(effect.risk_key(cause, group=group) for group in groups)}
    return keys | ({"open"} if any(need.state == State.NONE for need in needs) else set())


def test_each_household_counts_as_its_own_page_says(place: Place, staff: Staff, families: list[Household]) -> None:
    DistrictMeasure.objects.create(
        region=place.zone, code="own-1", name="本区医疗帮扶", group="health", given_to="household", lead="卫健委",
        causes=["illness"], document="文", article="第1条", starts_on=datetime.date(2020, 1, 1), entered_by=staff.cadre,
        confirmed_by=staff.officer,
    )  # fmt: skip
    Delivery.objects.create(household=families[0], measure="own-1", name="本区医疗帮扶", begun_on=timezone.localdate())
    today = timezone.localdate()
    found = effect.risks(staff.officer, place.zone, today)
    gaps = gaps_of(Case.objects.select_related("village", "household"), today)
    told = {line.case.household_id: (set(one.keys), line.words) for one, line in _with_cases(found.lines)}
    assert told == {
        key: (plain_keys(one), effect._risk_words([(n.code, n.state) for n in one.needs if not n.is_guarantee]))
        for key, one in gaps.items()
    }
    assert len(found.counted) > 20  # the families differ enough to say something


def _with_cases(lines: list[effect.Line]) -> list[tuple[effect.Line, effect.Shown]]:
    return list(zip(lines, effect.shown(lines), strict=True))


def test_what_is_under_way_is_what_a_row_says(families: list[Household]) -> None:
    today = timezone.localdate()
    rows = list(Delivery.objects.all())
    assert len(rows) > FAMILIES
    for day in (today - 200 * ONE_DAY, today, today + 10 * ONE_DAY):
        expected = {one.pk for one in rows if is_waiting(one, day)}
        assert expected
        assert set(Delivery.objects.under_way_on(day).values_list("pk", flat=True)) == expected


def test_what_has_ended_the_register_does_not_say_any_more(place: Place, make: Make, staff: Staff) -> None:
    today, family = timezone.localdate(), make.household(place.village)
    family.members.filter(pk=family.head.pk).update(dibao=Dibao.RURAL)
    designate(family)
    assert effect.risks(staff.officer, place.zone, today).of("helped") == 1
    give(family, "dibao", family.head, begun_on=today - 90 * ONE_DAY, ended_on=today - ONE_DAY)
    assert effect.risks(staff.officer, place.zone, today).of("helped") == 0
