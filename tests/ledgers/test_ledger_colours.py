"""The head's name stands on the colour of the household's grade on the day (document 004 二（一）1)."""

import datetime

import pytest
from django.utils import timezone

from monitoring.models import Grade, Grading
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import ON, Opened, designate
from tests.monitoring.surveyed import visit

NAME_CELL = "D7"
COLOURS = {1: "FFC4232F", 2: "FFF5B81C", 3: "FF2460B8"}


def graded(place: Place, staff: Staff, make: Make, level: int, begins_on: datetime.date) -> None:
    household = make.household(place.village, "王大海", members=2)
    designate(household)
    survey = visit(household, staff.cadre, begins_on)
    grading = Grading.objects.create(
        household=household, village=place.village, survey=survey, suggested=level, level=level, stage="filed",
        stage_since=timezone.now(), filed_on=begins_on,
    )  # fmt: skip
    Grade.objects.create(
        household=household, village=place.village, grading=grading, level=level, suggested=level, begins_on=begins_on
    )


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_graded_household_is_coloured(place, staff, make, ledger: Opened, level):
    graded(place, staff, make, level, ON)
    book, _made = ledger(place.village)
    sheet = book["台账"]
    assert sheet[NAME_CELL].value == "王大海"
    assert sheet[NAME_CELL].fill.fgColor.rgb == COLOURS[level]
    assert sheet["C7"].fill.fill_type is None


def test_a_grade_of_a_later_day_colours_nothing(place, staff, make, ledger: Opened):
    graded(place, staff, make, 1, ON + datetime.timedelta(days=1))
    book, _made = ledger(place.village)
    assert book["台账"][NAME_CELL].fill.fill_type is None
