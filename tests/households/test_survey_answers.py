"""What may be typed into the form of a visit: blank is not zero, 没问到 is unknown, and amounts as people write them."""

import datetime

import pytest

from households import codes
from households.models import Survey
from households.survey_page import Opening, texts
from tests.households.visits import TYPED, YUAN, submit


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village)


@pytest.fixture
def read(household, staff, today):
    """Read what is typed, changed by keyword; None takes a box away."""

    def bind(**changed):
        typed = {**TYPED, "visited_on": f"{today:%Y-%m-%d}", **changed}
        form = Opening(household, staff.cadre).form({name: value for name, value in typed.items() if value is not None})
        form.full_clean()
        return form

    return bind


@pytest.fixture
def last_year(household, staff, today):
    """A visit of a year ago."""
    return submit(
        household, staff.cadre, today - datetime.timedelta(days=365), rigid_medical=900 * YUAN, rigid_education=0
    )


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1.2万", 12_000 * YUAN),
        ("１２００", 1_200 * YUAN),
        ("１．２万", 12_000 * YUAN),
        ("12,000", 12_000 * YUAN),
        ("12，000元", 12_000 * YUAN),
        ("0", 0),
        ("1200.50", 120_050),
    ],
)
def test_amounts_are_taken_as_people_write_them(read, typed, fen):
    form = read(wage=typed)
    assert form.errors == {}
    assert form.answers()["wage"] == fen


@pytest.mark.parametrize("typed", ["一千", "12元3", "1.234", "-5", "999999999999", "NaN", "1e9"])
def test_what_is_not_an_amount_is_refused_in_words(read, typed):
    assert list(read(wage=typed).errors) == ["wage"]


def test_a_blank_item_of_income_is_refused(read):
    form = read(property_income="", transfer=None)
    assert set(form.errors) == {"property_income", "transfer"}
    assert "没问到" in form.errors["transfer"][0]


def test_unasked_is_unknown_and_not_zero(read):
    form = read(property_income="", property_income_unasked="on")
    assert form.errors == {}
    assert form.answers()["property_income"] is None
    assert read(property_income="0").answers()["property_income"] == 0


def test_an_amount_and_unasked_at_once_is_refused(read):
    assert "property_income" in read(property_income="800", property_income_unasked="on").errors


def test_a_blank_expense_and_a_blank_guarantee_stay_unknown(read):
    answers = read(all_ok=None, water_ok="no", rigid_medical="0").answers()
    assert (answers["rigid_medical"], answers["rigid_education"]) == (0, None)
    assert (answers["water_ok"], answers["medical_ok"]) == (False, None)


def test_one_tap_says_that_all_is_guaranteed_but_an_exception_stands(read):
    answers = read(housing_ok="no", housing_grade="D级").answers()
    assert (answers["food_clothing_ok"], answers["water_ok"], answers["housing_ok"]) == (True, True, False)


def test_a_house_of_grade_d_is_not_safe(read):
    assert "housing_ok" in read(housing_grade="D级").errors


def test_no_child_of_school_age_counts_as_guaranteed(read):
    assert read(all_ok=None, education_ok="nobody").answers()["education_ok"] is True


def test_a_proposed_cause_must_be_answered_one_way_or_the_other(household, read):
    household.members.filter(relation=codes.SPOUSE).update(health=[codes.Health.SERIOUS])
    assert "risk_causes" in read().errors
    assert read(no_cause="on").answers()["risk_causes"] == []
    assert read(risk_causes=["illness"]).answers()["risk_causes"] == ["illness"]
    assert "risk_causes" in read(no_cause="on", risk_causes=["illness"]).errors


def test_another_cause_needs_a_word(read):
    assert "other_cause" in read(risk_causes=["other"]).errors
    assert read(risk_causes=["other"], other_cause="房屋着火").answers()["other_cause"] == "房屋着火"


@pytest.mark.parametrize("persons", ["", "0", "-1", "31", "三"])
def test_a_number_of_persons_that_cannot_be_is_refused(read, persons):
    assert "persons" in read(persons=persons).errors


def test_a_visit_of_tomorrow_is_refused(read, today):
    tomorrow = today + datetime.timedelta(days=1)
    assert read(visited_on=f"{tomorrow:%Y-%m-%d}").errors["visited_on"] == ["入户日期不能晚于今天。"]


def test_as_last_year_is_told_from_not_touched(last_year, read):
    form = read(wage_same="on")
    assert form.confirmed == ["wage"]
    assert "transfer" in form.untouched
    assert not form.nothing_touched


def test_a_tick_that_contradicts_the_box_is_refused(last_year, read):
    assert "对不上" in read(wage="9000", wage_same="on").errors["wage"][0]


def test_the_rest_as_last_year_fills_blanks_and_confirms(last_year, read):
    form = read(wage="9000", transfer="", income_rest="on", rigid_medical="", expense_rest="on")
    answers = form.answers()
    assert (answers["wage"], answers["transfer"], answers["rigid_medical"]) == (
        9_000 * YUAN, 4_000 * YUAN, 900 * YUAN,
    )  # fmt: skip
    assert "operating_gross" in form.confirmed
    assert form.untouched == []


def test_a_form_of_which_nothing_was_touched_is_known(last_year, read):
    assert read(rigid_medical="900", rigid_education="0").nothing_touched


def test_a_big_change_asks_for_a_reason_and_keeps_it_by_amount(last_year, read):
    form = read(wage="4000", change_reasons=["受伤"], no_cause="on")
    assert form.big_changes() == ["wage"]
    assert form.answers()["change_reasons"] == {"wage": "受伤"}


def test_the_words_beside_the_form_follow_what_is_typed(household, staff, last_year, read):
    words = texts(read(wage="4000", rigid_medical="1.386万"), Opening(household, staff.cadre).last_year)
    assert words["income"].startswith("纯收入 12,000 元，比去年少 8,000")
    assert words["expenses"].startswith("看病自付 13,860")
    assert words["guarantees"] == "都有保障"
    assert "因病：看病自付 13,860 元" in words["proposed"]
    assert words["changed"]


def test_the_words_of_half_a_form_say_what_is_missing(household, staff, read):
    words = texts(read(wage="", transfer="", all_ok=None), Opening(household, staff.cadre).last_year)
    assert words["income"].startswith("还有 2 项没有数")
    assert (words["state_income"], words["state_guarantees"]) == ("填了一半", "没填")
    assert words["state_check"] == "先填完收入"


def test_what_is_typed_comes_back_as_it_was_typed(household, staff, read):
    form = read(wage="1.2万", note="腰" * 400)
    typed = form.typed()
    assert (typed["wage"], len(typed["note"])) == ("1.2万", 300)
    assert Survey.objects.count() == 0
    assert Opening(household, staff.cadre).reading(typed).cleaned_data["wage"] == 12_000 * YUAN
