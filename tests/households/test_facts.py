"""Facts rows: written with the survey, in force from visit to visit, and always what their source says."""

import datetime

import pytest

from households import codes
from households.facts import COPIED, mark_changed, rebuild_facts, refresh_facts, write_facts
from households.models import ChangedHousehold, Facts, Household, Survey

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
    facts = visit(make.household(place.village), datetime.date(2020, 6, 10)).facts.get()
    assert (facts.net_income, facts.disposable_income) == (20_000 * YUAN, 19_500 * YUAN)


def test_a_missing_item_leaves_income_unknown_and_never_zero(place, make, visit):
    facts = visit(make.household(place.village), datetime.date(2020, 6, 10), property_income=None).facts.get()
    assert facts.net_income is None
    assert facts.disposable_income is None


def test_answers_become_bits_and_a_grade_d_house_is_a_difficulty(place, make, visit):
    facts = visit(
        make.household(place.village), datetime.date(2020, 6, 10), food_clothing_ok=True, education_ok=False,
        medical_ok=True, housing_ok=True, housing_grade="D级", risk_causes=[codes.RiskCause.ILLNESS],
    ).facts.get()  # fmt: skip
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
    assert wrong.facts.get().replaced_on == wrong.visited_on
    assert Facts.objects.get(replaced_on=None).survey == right


def test_persons_are_counted_anew_only_when_somebody_came_or_went(place, make, visit):
    household = make.household(place.village, members=4)
    survey = visit(household, datetime.date(2020, 6, 10), persons=3)
    refresh_facts(household)
    assert survey.facts.get().persons == 3
    make.member(household, relation="之女")
    refresh_facts(household)
    assert survey.facts.get(replaced_on=None).persons == 5


def test_an_older_day_keeps_what_was_known_on_it(place, make, visit, today):
    household = make.household(place.village, members=2)
    survey = visit(household, datetime.date(2020, 6, 10), persons=2)
    household.household_type = codes.HouseholdType.LIFTED
    household.save()
    refresh_facts(household)
    make.member(household, relation="之女")
    refresh_facts(household)
    then, now = survey.facts.order_by("begins_on")
    assert (then.begins_on, then.replaced_on, then.persons) == (survey.visited_on, today, 2)
    assert then.household_type == codes.HouseholdType.ORDINARY
    assert (now.begins_on, now.replaced_on, now.persons) == (today, None, 3)
    assert now.household_type == codes.HouseholdType.LIFTED
    assert now.net_income == then.net_income == 20_000 * YUAN


def test_a_change_on_the_day_of_the_visit_is_the_same_row(place, make, visit, today):
    household = make.household(place.village, members=2)
    survey = visit(household, today, persons=2)
    make.member(household, relation="之女")
    refresh_facts(household)
    assert list(survey.facts.values_list("begins_on", "replaced_on", "persons")) == [(today, None, 3)]


def test_nothing_changed_is_no_new_row_and_nothing_to_judge(place, make, visit):
    household = make.household(place.village, members=3)
    survey = visit(household, datetime.date(2020, 6, 10))
    ChangedHousehold.objects.all().delete()
    refresh_facts(household)
    assert survey.facts.count() == 1
    assert not ChangedHousehold.objects.exists()


def test_a_closed_household_counts_until_the_day_of_closing_and_again_when_it_is_open(place, make, visit, today):
    household = make.household(place.village, members=3)
    survey = visit(household, datetime.date(2020, 6, 10))
    household.closed_on = datetime.date(2020, 9, 1)
    household.save()
    refresh_facts(household)
    assert survey.facts.get().replaced_on == household.closed_on
    household.closed_on = None
    household.save()
    refresh_facts(household)
    assert list(survey.facts.order_by("begins_on").values_list("begins_on", "replaced_on")) == [
        (survey.visited_on, datetime.date(2020, 9, 1)),
        (today, None),
    ]
    assert not Facts.objects.in_force_on(datetime.date(2020, 9, 1)).exists()


def test_a_visit_entered_late_replaces_what_the_one_before_it_said_after_that_day(place, make, visit, today):
    household = make.household(place.village, members=2)
    first = visit(household, datetime.date(2020, 6, 10), persons=2)
    make.member(household, relation="之女")
    refresh_facts(household)
    late = visit(household, datetime.date(2020, 9, 1), persons=3)
    assert list(first.facts.order_by("begins_on").values_list("begins_on", "replaced_on")) == [
        (first.visited_on, late.visited_on),
        (today, today),
    ]
    assert list(Facts.objects.in_force_on(today).values_list("survey", flat=True)) == [late.pk]


def known(*days):
    """Of each day: the survey that counts, the type of the household and its persons."""
    rows = [Facts.objects.in_force_on(day).values_list("survey", "household_type", "persons") for day in days]
    return [tuple(row.get()) for row in rows]


@pytest.fixture
def changed(place, make, visit, today):
    """A household of two, visited a hundred days ago, that was 一般农户 until ten days ago, and had a child since."""
    household = make.household(place.village, members=2)
    survey = visit(household, today - datetime.timedelta(days=100), persons=2)
    day = today - datetime.timedelta(days=10)
    make.member(household, relation="之女")
    household.household_type = codes.HouseholdType.LIFTED
    household.save()
    refresh_facts(household)
    Facts.objects.filter(replaced_on=today).update(replaced_on=day)
    Facts.objects.filter(begins_on=today).update(begins_on=day)
    return survey


def test_a_correction_changes_what_was_said_and_not_what_the_family_was(visit, changed, today):
    before, day = changed.visited_on, today - datetime.timedelta(days=10)
    right = visit(changed.household, before, supersedes=changed, persons=2, wage=0)
    assert known(before, day - datetime.timedelta(days=1), day, today) == [
        (right.pk, "ordinary", 2), (right.pk, "ordinary", 2), (right.pk, "lifted", 3), (right.pk, "lifted", 3),
    ]  # fmt: skip
    assert set(right.facts.values_list("net_income", flat=True)) == {8_000 * YUAN}
    assert all(row.replaced_on == row.begins_on for row in changed.facts.all())


def test_a_visit_entered_late_finds_the_family_of_its_day(visit, changed, today):
    late = visit(changed.household, today - datetime.timedelta(days=50), persons=1)
    days = [today - datetime.timedelta(days=ago) for ago in (51, 50, 11, 10, 0)]
    assert known(*days) == [
        (changed.pk, "ordinary", 2), (late.pk, "ordinary", 1), (late.pk, "ordinary", 1), (late.pk, "lifted", 3),
        (late.pk, "lifted", 3),
    ]  # fmt: skip


def test_a_visit_entered_late_ends_where_the_next_one_began(visit, changed, today):
    newest = visit(changed.household, today - datetime.timedelta(days=20), persons=2)
    late = visit(changed.household, today - datetime.timedelta(days=50), persons=2)
    assert late.facts.get().replaced_on == newest.visited_on
    assert [survey for survey, _kind, _persons in known(today - datetime.timedelta(days=21), today)] == [
        late.pk,
        newest.pk,
    ]


def test_rebuilding_gives_what_was_written(place, make, visit):
    for number in range(3):
        household = make.household(place.village)
        visit(household, datetime.date(2019, 6, 10))
        visit(household, datetime.date(2020, 6, 10), wage=number)
        make.member(household, relation="之女")
        refresh_facts(household)
    before = list(Facts.objects.order_by("pk").values())
    Facts.objects.update(net_income=1, risk_bits=7)
    assert rebuild_facts() == 9
    assert list(Facts.objects.order_by("pk").values()) == before


def test_rebuilding_writes_rows_where_there_are_none(place, make, visit):
    household = make.household(place.village)
    visit(household, datetime.date(2019, 6, 10))
    visit(household, datetime.date(2020, 6, 10))
    before = list(Facts.objects.order_by("begins_on").values(*COPIED, "begins_on", "replaced_on"))
    Facts.objects.all().delete()
    assert rebuild_facts([household]) == 2
    assert list(Facts.objects.order_by("begins_on").values(*COPIED, "begins_on", "replaced_on")) == before


def test_labour_is_read_from_those_who_live_here(place, make, visit):
    household = make.household(place.village, members=1)
    survey = visit(household, datetime.date(2020, 6, 10), persons=1)
    assert survey.facts.get().has_labour
    household.members.update(labour_skill=codes.LabourSkill.LOST)
    refresh_facts(household)
    assert not survey.facts.get(replaced_on=None).has_labour


def test_losses_and_expenses_are_copied_for_the_rules(place, make, visit):
    facts = visit(
        make.household(place.village), datetime.date(2020, 6, 10), operating_gross=1_000 * YUAN,
        operating_cost=3_000 * YUAN, rigid_medical=500 * YUAN, rigid_disability=20 * YUAN, rigid_education=0,
    ).facts.get()  # fmt: skip
    assert facts.operating_loss == 2_000 * YUAN
    assert (facts.medical_expense, facts.education_expense, facts.disaster_expense) == (520 * YUAN, 0, None)


def test_households_are_marked_to_be_judged(place, make, visit):
    one, other = (make.household(place.village) for _ in range(2))
    for household in (one, other):
        visit(household, datetime.date(2020, 6, 10))
    assert set(ChangedHousehold.objects.values_list("household", flat=True)) == {one.pk, other.pk}
    ChangedHousehold.objects.all().delete()
    for _time in range(2):
        mark_changed(Household.objects.filter(pk=one.pk))
    assert list(ChangedHousehold.objects.values_list("household", flat=True)) == [one.pk]
