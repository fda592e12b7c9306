"""Submitting a visit: blanks, periods, last year, corrections, and what happens when two people are at it."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from households import codes
from households.causes import propose_causes
from households.facts import rebuild_facts
from households.last_year import accounting_period, last_year
from households.life_events import record_life_event
from households.models import Facts, LastYearSource, Survey, SurveyDraft
from households.services import change_household
from households.surveys import HouseholdClosed, StaleSurvey, save_draft, submit_survey
from monitoring.models import Assessment

YUAN = 100
INCOME = {
    "wage": 12_000 * YUAN,
    "operating_gross": 6_000 * YUAN,
    "operating_cost": 2_000 * YUAN,
    "property_income": 0,
    "transfer": 4_000 * YUAN,
    "transfer_expense": 500 * YUAN,
}


@pytest.fixture
def submit(staff, today):
    def call(household, *, by=None, key=None, version=None, corrects=None, reason="", **answers):
        return submit_survey(
            household=household,
            by=by or staff.cadre,
            answers={"visited_on": today, "persons": 3, **INCOME, **answers},
            expected_version=version,
            idempotency_key=key or str(uuid.uuid4()),
            corrects=corrects,
            reason=reason,
        )

    return call


@pytest.fixture
def household(place, make):
    return make.household(place.village)


def test_a_blank_item_stays_unknown_and_a_zero_stays_zero(household, submit):
    survey = submit(household, property_income=None, rigid_medical=0)
    assert (survey.property_income, survey.rigid_medical, survey.rigid_education) == (None, 0, None)
    assert survey.facts.get().net_income is None
    assert survey.facts.get().rigid_total == 0


def test_an_unanswered_guarantee_is_not_a_no(household, submit):
    facts = submit(household, water_ok=False, food_clothing_ok=True).facts.get()
    assert facts.guarantee_bits == codes.GUARANTEE_BITS[codes.Guarantee.WATER]
    assert facts.guarantees_unanswered & codes.GUARANTEE_BITS[codes.Guarantee.HOUSING]


def test_a_loss_is_subtracted_without_a_floor(household, submit):
    survey = submit(
        household,
        wage=18_000 * YUAN,
        operating_gross=12_000 * YUAN,
        operating_cost=46_000 * YUAN,
        transfer=2_600 * YUAN,
    )
    assert survey.net_income == -13_400 * YUAN


@pytest.mark.parametrize(
    ("visited_on", "start", "end"),
    [
        (datetime.date(2020, 6, 30), datetime.date(2019, 6, 1), datetime.date(2020, 5, 31)),
        (datetime.date(2020, 3, 1), datetime.date(2019, 3, 1), datetime.date(2020, 2, 29)),
        (datetime.date(2020, 1, 31), datetime.date(2019, 1, 1), datetime.date(2019, 12, 31)),
    ],
)
def test_the_accounting_period_is_the_twelve_months_before_the_month_of_the_visit(visited_on, start, end):
    assert accounting_period(visited_on) == (start, end)


def test_last_year_of_a_first_visit_is_the_roster_and_says_so(place, make, submit):
    household = make.household(place.village, roster_per_capita_income=5_475 * YUAN, roster_member_count=4)
    survey = submit(household)
    assert (survey.last_year_income, survey.last_year_source) == (21_900 * YUAN, LastYearSource.ROSTER)


def test_last_year_is_the_survey_before_and_a_visit_of_last_month_passes_on_its_own(household, submit, today):
    submit(household, visited_on=today - datetime.timedelta(days=365), rigid_medical=700 * YUAN)
    second = submit(household, visited_on=today - datetime.timedelta(days=40), wage=0)
    third = submit(household)
    assert second.last_year_source == third.last_year_source == LastYearSource.SURVEY
    assert second.last_year_income == third.last_year_income == 20_000 * YUAN
    assert third.rigid_last_year == 700 * YUAN


def test_last_year_that_was_asked_for_is_kept_as_such(household, submit):
    survey = submit(household, last_year_income=9_000 * YUAN)
    assert (survey.last_year_income, survey.last_year_source) == (9_000 * YUAN, LastYearSource.ENTERED)
    assert last_year(household, datetime.date(2019, 1, 1)).income is None


def test_the_same_key_gives_the_same_survey(household, submit):
    key = str(uuid.uuid4())
    first, again = submit(household, key=key, version=1), submit(household, key=key, version=1)
    assert first == again
    assert Survey.objects.count() == Facts.objects.count() == 1
    assert AuditEvent.objects.filter(action="survey.submit").count() == 1


def test_the_same_answers_of_the_same_day_from_a_reloaded_page_are_the_same_survey(household, submit, staff):
    said = {"visitor_name": "", "note": "", "risk_causes": ["illness"]}
    first = submit(household, version=1, **said)
    assert submit(household, version=2, **said) == first
    assert submit(household, version=2, **{**said, "wage": 0}) != first
    assert submit(household, by=staff.second_cadre, **said) != first


def test_a_key_that_was_spent_elsewhere_is_refused_with_a_sentence(household, submit, staff):
    key = str(uuid.uuid4())
    submit(household, key=key)
    with pytest.raises(ValidationError, match="页面已过期"):
        submit(household, key=key, by=staff.second_cadre)


def test_of_two_people_with_the_same_page_the_second_is_told_both_versions(household, submit, staff):
    first = submit(household, version=1, wage=1_000 * YUAN)
    with pytest.raises(StaleSurvey) as told:
        submit(household, version=1, by=staff.second_cadre, wage=2_000 * YUAN)
    assert told.value.stored == first
    assert told.value.typed["wage"] == 2_000 * YUAN
    assert Survey.objects.count() == 1


def test_a_change_of_the_family_makes_the_page_stale_too(household, submit, staff):
    change_household(household=household, by=staff.second_cadre, fields={"address": "13 号"}, expected_version=1)
    with pytest.raises(StaleSurvey) as told:
        submit(household, version=1)
    assert told.value.stored is None


def test_a_household_that_died_meanwhile_takes_no_survey(household, submit, staff, today):
    record_life_event(
        kind=codes.LifeEventKind.CLOSED, household=household, by=staff.second_cadre, happened_on=today, note="全家去世"
    )
    with pytest.raises(HouseholdClosed, match="注销"):
        submit(household, version=1)
    assert not Survey.objects.exists()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"persons": 0}, "至少 1 口人"),
        ({"persons": None}, "至少 1 口人"),
        ({"visited_on": datetime.date(2199, 1, 1)}, "不能晚于今天"),
        ({"wage": -1}, "不能填负数"),
        ({"risk_causes": ["boredom"]}, "列出的原因"),
    ],
)
def test_answers_that_cannot_be_are_refused(household, submit, answers, words):
    with pytest.raises(ValidationError, match=words):
        submit(household, **answers)
    household.refresh_from_db()
    assert household.version == 1


def test_a_correction_supersedes_and_only_once(household, submit, staff):
    wrong = submit(household, wage=1)
    right = submit(household, corrects=wrong, reason="少写了几个零")
    assert right.supersedes == wrong
    assert wrong.facts.get().replaced_on == wrong.visited_on
    assert Facts.objects.get(replaced_on=None).survey == right
    with pytest.raises(StaleSurvey) as told:
        submit(household, corrects=wrong, reason="又改一次", by=staff.second_cadre)
    assert told.value.stored == right


def test_a_correction_needs_a_reason_and_does_not_take_itself_for_last_year(household, submit):
    wrong = submit(household)
    with pytest.raises(ValidationError, match="为什么更正"):
        submit(household, corrects=wrong, reason=" ")
    assert submit(household, corrects=wrong, reason="写错了").last_year_income is None


def test_facts_are_what_their_source_says(household, submit, today):
    submit(household, visited_on=today - datetime.timedelta(days=300), risk_causes=["illness"])
    wrong = submit(household, wage=5)
    submit(household, corrects=wrong, reason="写错", housing_ok=False, housing_grade="D级")
    before = list(Facts.objects.order_by("pk").values())
    rebuild_facts()
    assert list(Facts.objects.order_by("pk").values()) == before


def test_a_submitted_survey_is_judged_at_once(household, submit):
    submit(household, wage=0, risk_causes=["illness"])
    assert Assessment.objects.filter(household=household).exists()


def test_submitting_removes_the_draft_and_a_late_draft_does_not_come_back(household, submit, staff):
    key = str(uuid.uuid4())
    save_draft(household=household, by=staff.cadre, typed={"wage": "1"}, page_version=1)
    save_draft(household=household, by=staff.second_cadre, typed={"wage": "2"}, page_version=1)
    submit(household, key=key, version=1)
    late = save_draft(household=household, by=staff.cadre, typed={"wage": "1"}, page_version=1, idempotency_key=key)
    assert late is None
    assert [draft.author for draft in SurveyDraft.objects.all()] == [staff.second_cadre]


def test_causes_are_proposed_from_members_and_amounts(place, make):
    household = make.household(place.village, members=4)
    wife, son, daughter = household.members.exclude(relation="户主").order_by("position")
    wife.health, son.student_status, daughter.disability_category = [codes.Health.SERIOUS], "本科一年级", "肢体"
    amounts = {"operating_gross": 1, "operating_cost": 2, "rigid_disaster": 5, "wage": 6}
    people = [*household.members.filter(relation="户主"), wife, son, daughter]
    causes = [proposal.cause for proposal in propose_causes(people, amounts, {"wage": 10})]
    assert causes == ["illness", "education", "disability", "disaster", "unstable_job", "failed_venture"]


def test_a_family_without_anybody_able_to_work_is_proposed_as_lacking_labour(place, make):
    household = make.household(place.village, members=2)
    household.members.update(labour_skill=codes.LabourSkill.WEAK)
    assert [proposal.cause for proposal in propose_causes(household.members.all(), {})] == ["no_labour"]


def test_nothing_is_proposed_for_a_healthy_family_with_small_costs(household):
    assert propose_causes(household.members.all(), {"rigid_medical": 4_999 * YUAN, "wage": 5}, {"wage": 5}) == []
