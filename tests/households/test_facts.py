"""Facts rows: written with the survey, in force from visit to visit, and always what their source says."""

import datetime

import pytest

from households import codes
from households.facts import rebuild_facts, refresh_facts, write_facts
from households.models import Facts, Survey

YUAN = 100


@pytest.fixture
def visit(staff, make):
    def pay(household, visited_on, **fields):
        values = {
            "wage": 12_000 * YUAN, "operating_gross": 6_000 * YUAN, "operating_cost": 2_000 * YUAN, "property_income": 0,
            "transfer": 4_000 * YUAN, "transfer_expense": 500 * YUAN, "persons": 3, **fields,
        }  # fmt: skip
        survey = Survey.objects.create(
            household=household, village=household.village, visited_on=visited_on, entered_by=staff.cadre,
            period_start=datetime.date(2019, 6, 1), period_end=datetime.date(2020, 5, 31), **values,
        )  # fmt: skip
        write_facts(survey)
        return survey

    return pay


def test_net_and_disposable_income_follow_the_formula(place, make, visit):
    facts = visit(make.household(place.village), datetime.date(2020, 6, 10)).facts
    assert (facts.net_income, facts.disposable_income) == (20_000 * YUAN, 19_500 * YUAN)


def test_a_missing_item_leaves_income_unknown_and_never_zero(place, make, visit):
    facts = visit(make.household(place.village), datetime.date(2020, 6, 10), property_income=None).facts
    assert facts.net_income is None
    assert facts.disposable_income is None


def test_answers_become_bits_and_a_grade_d_house_is_a_difficulty(place, make, visit):
    facts = visit(
        make.household(place.village), datetime.date(2020, 6, 10), food_clothing_ok=True, education_ok=False,
        medical_ok=True, housing_ok=True, housing_grade="D级", risk_causes=[codes.RiskCause.ILLNESS],
    ).facts  # fmt: skip
    bits = codes.GUARANTEE_BITS
    assert facts.guarantee_bits == bits[codes.Guarantee.EDUCATION] | bits[codes.Guarantee.HOUSING]
    assert facts.guarantees_unanswered == bits[codes.Guarantee.WATER]
    assert facts.risk_bits == codes.RISK_BITS[codes.RiskCause.ILLNESS]


def test_a_row_is_in_force_until_the_next_visit_even_when_entered_late(place, make, visit):
    household = make.household(place.village)
    visit(household, datetime.date(2020, 6, 10))
    visit(household, datetime.date(2020, 9, 1))
    visit(household, datetime.date(2020, 3, 5))
    spans = Facts.objects.order_by("visited_on").values_list("visited_on", "replaced_on")
    assert list(spans) == [
        (datetime.date(2020, 3, 5), datetime.date(2020, 6, 10)),
        (datetime.date(2020, 6, 10), datetime.date(2020, 9, 1)),
        (datetime.date(2020, 9, 1), None),
    ]


def test_a_corrected_row_is_never_in_force(place, make, visit):
    household = make.household(place.village)
    wrong = visit(household, datetime.date(2020, 6, 10))
    right = visit(household, datetime.date(2020, 6, 10), supersedes=wrong, wage=0)
    wrong.facts.refresh_from_db()
    assert wrong.facts.replaced_on == wrong.visited_on
    assert Facts.objects.get(replaced_on=None).survey == right


def test_persons_are_counted_anew_only_when_somebody_came_or_went(place, make, visit):
    household = make.household(place.village, members=4)
    survey = visit(household, datetime.date(2020, 6, 10), persons=3)
    refresh_facts(household)
    assert Facts.objects.get(pk=survey.pk).persons == 3
    make.member(household, relation="之女")
    refresh_facts(household)
    assert Facts.objects.get(pk=survey.pk).persons == 5


def test_rebuilding_gives_what_was_written(place, make, visit):
    for number in range(3):
        household = make.household(place.village)
        visit(household, datetime.date(2019, 6, 10))
        visit(household, datetime.date(2020, 6, 10), wage=number)
    before = list(Facts.objects.order_by("pk").values())
    Facts.objects.update(net_income=1, risk_bits=7, replaced_on=None)
    assert rebuild_facts() == 6
    assert list(Facts.objects.order_by("pk").values()) == before


def test_labour_is_read_from_those_who_live_here(place, make, visit):
    household = make.household(place.village, members=1)
    survey = visit(household, datetime.date(2020, 6, 10), persons=1)
    assert survey.facts.has_labour
    household.members.update(labour_skill=codes.LabourSkill.LOST)
    refresh_facts(household)
    assert not Facts.objects.get(pk=survey.pk).has_labour
