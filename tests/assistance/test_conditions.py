"""Conditions of a measure against the register: on either side of every boundary, and what nobody has filled in is asked."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance.catalogue import MEASURES, OF_THE_HOUSEHOLD, Condition
from assistance.conditions import Answer, answer, check, circumstances_of, is_in_place, verdict
from assistance.models import Delivery
from households.codes import GUARANTEE_BITS, Guarantee, Health, LabourSkill
from households.models import Household
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import give
from tests.monitoring.surveyed import visit

ON = datetime.date(2020, 6, 30)
MET, NOT_MET, ASK = Answer.MET, Answer.NOT_MET, Answer.ASK


def born(years: int, day: datetime.date = ON) -> datetime.date:
    """So many years old on the very day."""
    return day.replace(year=day.year - years)


PERSONS: tuple[tuple[Condition, dict[str, Any], Answer], ...] = (
    (Condition.CAN_WORK, {"labour_skill": LabourSkill.ORDINARY}, MET),
    (Condition.CAN_WORK, {"labour_skill": LabourSkill.WEAK}, NOT_MET),
    (Condition.CAN_WORK, {"labour_skill": ""}, ASK),
    (Condition.CAN_WORK, {"labour_skill": LabourSkill.ORDINARY, "born_on": born(16)}, MET),
    (Condition.CAN_WORK, {"labour_skill": "", "born_on": born(15)}, NOT_MET),
    (Condition.SOME_LABOUR, {"labour_skill": LabourSkill.WEAK}, MET),
    (Condition.SOME_LABOUR, {"labour_skill": LabourSkill.LOST}, NOT_MET),
    (Condition.NO_LABOUR_PERSON, {"labour_skill": LabourSkill.LOST}, MET),
    (Condition.NO_LABOUR_PERSON, {"labour_skill": LabourSkill.WEAK}, NOT_MET),
    (Condition.NO_LABOUR_PERSON, {"labour_skill": ""}, ASK),
    (Condition.STUDENT, {"student_status": "九年级"}, MET),
    (Condition.STUDENT, {"student_status": "学龄前儿童"}, NOT_MET),
    (Condition.STUDENT, {"student_status": "", "born_on": born(25)}, ASK),
    (Condition.STUDENT, {"student_status": "", "born_on": born(26)}, NOT_MET),
    (Condition.PUPIL, {"student_status": "九年级"}, MET),
    (Condition.PUPIL, {"student_status": "普通高中一年级"}, NOT_MET),
    (Condition.PUPIL, {"student_status": "", "born_on": born(15)}, ASK),
    (Condition.PUPIL, {"student_status": "", "born_on": born(16)}, NOT_MET),
    (Condition.SCHOOL_AGE, {"born_on": born(6)}, MET),
    (Condition.SCHOOL_AGE, {"born_on": born(6) + datetime.timedelta(days=1)}, NOT_MET),
    (Condition.SCHOOL_AGE, {"born_on": born(15)}, MET),
    (Condition.SCHOOL_AGE, {"born_on": born(16)}, NOT_MET),
    (Condition.SCHOOL_AGE, {"born_on": None}, ASK),
    (Condition.GRADUATE, {"education": "大专"}, MET),
    (Condition.GRADUATE, {"education": "大专", "student_status": "本科四年级"}, NOT_MET),
    (Condition.GRADUATE, {"education": "高中"}, NOT_MET),
    (Condition.GRADUATE, {"education": ""}, ASK),
    (Condition.GRADUATE, {"education": "", "born_on": born(12)}, NOT_MET),
    (Condition.ILL, {"health": [Health.CHRONIC]}, MET),
    (Condition.ILL, {"health": [Health.DISABLED]}, NOT_MET),
    (Condition.ILL, {"health": []}, ASK),
    (Condition.DISABLED, {"disability_category": "肢体"}, MET),
    (Condition.DISABLED, {"health": [Health.DISABLED]}, ASK),
    (Condition.DISABLED, {"health": [Health.HEALTHY]}, NOT_MET),
    (Condition.SEVERELY_DISABLED, {"disability_category": "肢体", "disability_level": "二级"}, MET),
    (Condition.SEVERELY_DISABLED, {"disability_category": "肢体", "disability_level": "三级"}, NOT_MET),
    (Condition.SEVERELY_DISABLED, {"disability_category": "肢体"}, ASK),
    (Condition.SEVERELY_DISABLED, {"health": [Health.HEALTHY]}, NOT_MET),
    (Condition.ADULT, {"born_on": born(16)}, MET),
    (Condition.ADULT, {"born_on": born(16) + datetime.timedelta(days=1)}, NOT_MET),
    (Condition.ADULT, {"born_on": born(17), "student_status": "普通高中二年级"}, NOT_MET),
)


@pytest.fixture
def alone(place: Place, make: Make) -> Household:
    return make.household(place.village, members=1)


def known(household: Household) -> Any:
    return circumstances_of([household], ON)[household.pk]


def test_every_condition_of_the_catalogue_is_answered(alone: Household) -> None:
    here = known(alone)
    for condition in Condition:
        assert answer(condition, here, here.members[0]) in Answer, condition


def test_each_condition_of_a_person_is_tried_on_both_sides() -> None:
    tried = {(condition, expected) for condition, _fields, expected in PERSONS}
    for condition in set(Condition) - set(OF_THE_HOUSEHOLD):
        assert {(condition, MET), (condition, NOT_MET)} <= tried, condition


@pytest.mark.parametrize(("condition", "fields", "expected"), PERSONS)
def test_a_person_meets_it_or_not_or_is_asked(
    alone: Household, condition: Condition, fields: dict[str, Any], expected: Answer
) -> None:
    alone.members.update(**{"born_on": born(40), **fields})
    here = known(alone)
    assert answer(condition, here, here.members[0]) == expected
    # The household asks everybody who lives together: here that is one.
    assert answer(condition, here) == expected


def test_labour_of_the_household(alone: Household) -> None:
    assert answer(Condition.HAS_LABOUR, known(alone)) == MET
    alone.members.update(labour_skill="")
    assert answer(Condition.HAS_LABOUR, known(alone)) == ASK
    alone.members.update(labour_skill=LabourSkill.LOST)
    assert answer(Condition.HAS_LABOUR, known(alone)) == NOT_MET
    alone.members.update(labour_skill=LabourSkill.ORDINARY, lives_here=False)
    assert answer(Condition.HAS_LABOUR, known(alone)) == NOT_MET
    alone.members.update(lives_here=True)
    Household.objects.update(whole_without_labour=True)
    alone.refresh_from_db()
    assert answer(Condition.HAS_LABOUR, known(alone)) == NOT_MET


def test_an_old_person_is_sixty_on_the_day(alone: Household) -> None:
    alone.members.update(born_on=born(60))
    assert answer(Condition.OLD_PERSON, known(alone)) == MET
    alone.members.update(born_on=born(60) + datetime.timedelta(days=1))
    assert answer(Condition.OLD_PERSON, known(alone)) == NOT_MET


@pytest.mark.parametrize(
    ("condition", "column", "bad", "guarantee"),
    [
        (Condition.UNSAFE_HOUSE, "unsafe_house", True, Guarantee.HOUSING),
        (Condition.UNSAFE_WATER, "safe_water", False, Guarantee.WATER),
    ],
)
def test_the_newest_visit_is_believed_before_the_roster(
    alone: Household, staff: Staff, condition: Condition, column: str, bad: bool, guarantee: Guarantee
) -> None:
    assert answer(condition, known(alone)) == ASK
    setattr(alone, column, bad)
    assert answer(condition, known(alone)) == MET
    setattr(alone, column, not bad)
    assert answer(condition, known(alone)) == NOT_MET
    visit(alone, staff.cadre, datetime.date(2020, 6, 1), guarantee_bits=GUARANTEE_BITS[guarantee])
    assert answer(condition, known(alone)) == MET
    setattr(alone, column, bad)
    visit(alone, staff.cadre, datetime.date(2020, 6, 2))
    assert answer(condition, known(alone)) == NOT_MET
    visit(alone, staff.cadre, datetime.date(2020, 6, 3), guarantees_unanswered=GUARANTEE_BITS[guarantee])
    assert answer(condition, known(alone)) == MET


def test_a_loan_counts_while_it_runs(alone: Household) -> None:
    assert answer(Condition.HAS_LOAN, known(alone)) == NOT_MET
    loan = give(alone, "small_loan")
    assert answer(Condition.HAS_LOAN, known(alone)) == MET
    Delivery.objects.filter(pk=loan.pk).update(ended_on=ON - datetime.timedelta(days=1))
    assert answer(Condition.HAS_LOAN, known(alone)) == NOT_MET


def test_a_measure_asks_where_nothing_rules_it_out(alone: Household) -> None:
    alone.members.update(labour_skill="")
    checked = check(MEASURES["public_post"], known(alone), known(alone).members[0])
    assert [one.condition for one in checked] == [Condition.SOME_LABOUR]
    assert verdict(checked) == ASK
    assert verdict([]) == MET
    assert "要问" in checked[0].words


def test_what_was_read_is_in_place_on_the_same_days_as_the_query_says(alone: Household) -> None:
    days = [None, *(datetime.date(2020, month, 1) for month in (3, 6, 9))]
    rows = []
    for code in ("dibao", "housing", "temporary_relief"):
        for begun in days[1:]:
            for ended in days:
                if ended is None or ended >= begun:
                    rows.append(give(alone, code, begun_on=begun, ended_on=ended))
    for day in (datetime.date(2020, 2, 1), *days[1:], datetime.date(2020, 12, 31), datetime.date(2021, 1, 1)):
        asked = set(Delivery.objects.in_place_on(day).values_list("pk", flat=True))
        assert {row.pk for row in rows if is_in_place(row, day)} == asked, day
    assert len(asked) > 3


def test_thirty_households_cost_as_many_queries_as_three(place: Place, make: Make) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = circumstances_of(Household.objects.select_related("village"), ON)
            assert all(check(MEASURES["dibao"], one, one.members[0]) == [] for one in found.values())
        return len(captured)

    for _each in range(3):
        give(make.household(place.village), "family_doctor")
    few = cost()
    for _each in range(27):
        give(make.household(place.village), "family_doctor")
    assert cost() == few
