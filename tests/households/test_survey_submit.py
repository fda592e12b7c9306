"""Submitting a visit: once, by the version that was on the screen, with its facts; a correction supersedes."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from households import codes, services
from households.life_events import CLOSING_REASONS, close_household
from households.models import Facts, LastYearSource, Survey, SurveyDraft
from households.surveys import HouseholdClosed, StaleSurvey, save_draft
from monitoring.models import Assessment
from tests.households.visits import YUAN, submit


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village)


def test_a_visit_is_written_with_its_facts_its_assessment_and_its_trace(household, staff, today):
    survey = submit(household, staff.cadre, today)
    assert (survey.net_income, survey.facts.net_income, survey.facts.persons) == (20_000 * YUAN, 20_000 * YUAN, 3)
    assert survey.hukou_persons == 3
    assert Assessment.objects.filter(survey=survey).exists()
    assert AuditEvent.objects.get(action="survey.submit").target == f"households.survey:{survey.pk}"


def test_blank_is_unknown_and_zero_is_zero(household, staff, today):
    survey = submit(household, staff.cadre, today, property_income=None, rigid_medical=0)
    survey.refresh_from_db()
    assert survey.property_income is None
    assert (survey.net_income, survey.facts.net_income) == (None, None)
    assert (survey.rigid_medical, survey.rigid_education, survey.rigid_total) == (0, None, 0)
    assert (survey.water_ok, survey.facts.guarantees_unanswered) == (None, sum(codes.GUARANTEE_BITS.values()))


def test_the_same_key_twice_gives_one_survey(household, staff, today):
    key = str(uuid.uuid4())
    version = household.version
    first = submit(household, staff.cadre, today, idempotency_key=key)
    again = submit(household, staff.cadre, today, idempotency_key=key, expected_version=version)
    assert again == first
    assert Survey.objects.count() == Facts.objects.count() == 1


def test_a_key_of_another_person_does_not_open_his_survey(household, staff, today):
    key = str(uuid.uuid4())
    submit(household, staff.cadre, today, idempotency_key=key)
    with pytest.raises(ValidationError, match="页面已过期"):
        submit(household, staff.second_cadre, today, idempotency_key=key)
    assert Survey.objects.count() == 1


def test_whoever_comes_second_is_told_and_sees_both_versions(household, staff, today):
    opened_with = household.version
    first = submit(household, staff.cadre, today)
    with pytest.raises(StaleSurvey) as told:
        submit(household, staff.second_cadre, today, expected_version=opened_with, wage=1)
    assert told.value.stored == first
    assert told.value.typed["wage"] == 1
    assert Survey.objects.count() == 1


def test_a_change_of_the_family_meanwhile_is_told_too(household, staff, today):
    opened_with = household.version
    services.change_household(household=household, by=staff.cadre, fields={"address": "13 号"})
    with pytest.raises(StaleSurvey):
        submit(household, staff.cadre, today, expected_version=opened_with)
    assert not Survey.objects.exists()


def test_a_household_that_is_gone_meanwhile_is_refused_and_the_draft_stays(household, staff, today):
    opened_with = household.version
    save_draft(household=household, by=staff.cadre, typed={"wage": "1.2万"}, page_version=opened_with)
    close_household(household=household, by=staff.second_cadre, happened_on=today, reason=CLOSING_REASONS[0])
    with pytest.raises(HouseholdClosed, match="注销"):
        submit(household, staff.cadre, today, expected_version=opened_with)
    assert not Survey.objects.exists()
    assert SurveyDraft.objects.get().typed == {"wage": "1.2万"}


@pytest.mark.parametrize("persons", [0, None, 31])
def test_a_household_of_nobody_or_of_far_too_many_is_refused(household, staff, today, persons):
    with pytest.raises(ValidationError, match="口人"):
        submit(household, staff.cadre, today, persons=persons)


def test_a_visit_of_tomorrow_is_refused(household, staff, today):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        submit(household, staff.cadre, today + datetime.timedelta(days=1))


def test_a_refused_visit_leaves_its_key_unspent(household, staff, today):
    key = str(uuid.uuid4())
    with pytest.raises(ValidationError):
        submit(household, staff.cadre, today, persons=0, idempotency_key=key)
    assert submit(household, staff.cadre, today, idempotency_key=key).persons == 3


def test_a_correction_supersedes_and_the_corrected_facts_are_never_in_force(household, staff, today):
    wrong = submit(household, staff.cadre, today)
    right = submit(household, staff.second_cadre, today, corrects=wrong, reason="工资多打了一个零", wage=1_200 * YUAN)
    assert right.supersedes == wrong
    assert right.correction_reason == "工资多打了一个零"
    wrong.facts.refresh_from_db()
    assert wrong.facts.replaced_on == wrong.visited_on
    assert Facts.objects.get(replaced_on=None).survey == right
    assert Survey.objects.get(pk=wrong.pk).wage == 12_000 * YUAN
    assert AuditEvent.objects.filter(action="survey.correct").count() == 1


def test_a_correction_needs_a_reason_and_is_made_once(household, staff, today):
    wrong = submit(household, staff.cadre, today)
    with pytest.raises(ValidationError, match="为什么更正"):
        submit(household, staff.cadre, today, corrects=wrong)
    right = submit(household, staff.cadre, today, corrects=wrong, reason="核对后更正")
    with pytest.raises(StaleSurvey) as told:
        submit(household, staff.cadre, today, corrects=wrong, reason="再更正")
    assert told.value.stored == right


def test_submitting_deletes_ones_own_draft_and_no_other(household, staff, today):
    for person in (staff.cadre, staff.second_cadre):
        save_draft(household=household, by=person, typed={"wage": "1"}, page_version=household.version)
    submit(household, staff.cadre, today)
    assert [draft.author for draft in SurveyDraft.objects.all()] == [staff.second_cadre]


def test_a_draft_that_arrives_after_its_survey_is_not_kept(household, staff, today):
    key = str(uuid.uuid4())
    submit(household, staff.cadre, today, idempotency_key=key)
    late = save_draft(household=household, by=staff.cadre, typed={"wage": "1"}, page_version=1, idempotency_key=key)
    assert late is None
    assert not SurveyDraft.objects.exists()


def test_entering_for_a_colleague_names_both(household, staff, today):
    survey = submit(household, staff.cadre, today, visitor_name="钱大爷")
    assert (survey.visitor_name, survey.entered_by) == ("钱大爷", staff.cadre)
    assert AuditEvent.objects.get(action="survey.submit").detail["for_a_colleague"] is True


def test_the_survey_before_gives_last_years_income_and_expenses(household, staff, today):
    submit(household, staff.cadre, today - datetime.timedelta(days=365), rigid_medical=900 * YUAN)
    survey = submit(household, staff.cadre, today, wage=0)
    assert (survey.last_year_income, survey.last_year_source) == (20_000 * YUAN, LastYearSource.SURVEY)
    assert survey.rigid_last_year == 900 * YUAN


def test_a_second_visit_within_the_year_keeps_last_year_as_the_first_had_it(household, staff, today):
    household.roster_per_capita_income, household.roster_member_count = 5_000 * YUAN, 4
    household.save()
    submit(household, staff.cadre, today - datetime.timedelta(days=60))
    survey = submit(household, staff.cadre, today, wage=0)
    assert (survey.last_year_income, survey.last_year_source) == (20_000 * YUAN, LastYearSource.ROSTER)


def test_a_first_visit_takes_last_year_from_the_roster_and_says_so(household, staff, today):
    household.roster_per_capita_income, household.roster_member_count = 5_000 * YUAN, 4
    household.save()
    survey = submit(household, staff.cadre, today)
    assert (survey.last_year_income, survey.last_year_source) == (20_000 * YUAN, LastYearSource.ROSTER)
    assert survey.get_last_year_source_display() == "名册人均纯收入 × 人数"


def test_without_any_source_last_year_is_what_was_asked_or_unknown(household, staff, today):
    asked = submit(household, staff.cadre, today, last_year_income=7_000 * YUAN)
    assert (asked.last_year_income, asked.last_year_source) == (7_000 * YUAN, LastYearSource.ENTERED)
    Survey.objects.filter(pk=asked.pk).update(last_year_income=None)
    unknown = submit(household, staff.cadre, today)
    assert (unknown.last_year_income, unknown.last_year_source) == (None, "")
