"""What a visit leaves behind besides its answers: its trace, its key, the draft that stays, and whose last year it was."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from households.life_events import close_household
from households.models import LastYearSource, Survey, SurveyDraft
from households.surveys import HouseholdClosed, save_draft
from monitoring.models import Assessment
from tests.households.visits import YUAN, submit


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village)


def test_a_visit_is_written_with_its_facts_its_assessment_and_its_trace(household, staff, today):
    survey = submit(household, staff.cadre, today)
    facts = survey.facts.get()
    assert (facts.net_income, facts.persons, survey.hukou_persons) == (20_000 * YUAN, 3, 3)
    assert Assessment.objects.filter(facts=facts).exists()
    event = AuditEvent.objects.get(action="survey.submit")
    assert (event.target, event.region) == (f"households.survey:{survey.pk}", household.village)


def test_entering_for_a_colleague_is_told_by_the_trace_without_his_name(household, staff, today):
    survey = submit(household, staff.cadre, today, visitor_name="钱大爷")
    assert (survey.visitor_name, survey.entered_by) == ("钱大爷", staff.cadre)
    detail = AuditEvent.objects.get(action="survey.submit").detail
    assert detail["for_a_colleague"] is True
    assert "钱大爷" not in str(detail)


def test_a_refused_visit_leaves_its_key_unspent(household, staff, today):
    key = str(uuid.uuid4())
    with pytest.raises(ValidationError):
        submit(household, staff.cadre, today, persons=0, idempotency_key=key)
    assert submit(household, staff.cadre, today, idempotency_key=key).persons == 3


def test_a_household_that_is_gone_meanwhile_keeps_the_draft(household, staff, today):
    opened_with = household.version
    save_draft(household=household, by=staff.cadre, typed={"wage": "1.2万"}, page_version=opened_with)
    close_household(household=household, by=staff.second_cadre, happened_on=today)
    with pytest.raises(HouseholdClosed, match="注销"):
        submit(household, staff.cadre, today, expected_version=opened_with)
    assert SurveyDraft.objects.get().typed == {"wage": "1.2万"}


def test_the_corrected_survey_itself_is_never_edited(household, staff, today):
    wrong = submit(household, staff.cadre, today)
    submit(household, staff.second_cadre, today, corrects=wrong, reason="工资多打了一个零", wage=1_200 * YUAN)
    assert Survey.objects.get(pk=wrong.pk).wage == 12_000 * YUAN
    assert AuditEvent.objects.filter(action="survey.correct").count() == 1


def test_a_second_visit_within_the_year_keeps_last_year_as_the_first_had_it(household, staff, today):
    household.roster_per_capita_income, household.roster_member_count = 5_000 * YUAN, 4
    household.save()
    submit(household, staff.cadre, today - datetime.timedelta(days=60))
    survey = submit(household, staff.cadre, today, wage=0)
    assert (survey.last_year_income, survey.last_year_source) == (20_000 * YUAN, LastYearSource.ROSTER)


@pytest.mark.parametrize(
    "said",
    [{"housing_grade": "D级"}, {"stable_income": False}, {"rigid_medical": 0}, {"note": "腰伤"}, {"water_ok": True}],
)
def test_a_second_visit_of_the_day_that_says_anything_more_is_a_survey_of_its_own(household, staff, today, said):
    first = submit(household, staff.cadre, today)
    assert submit(household, staff.cadre, today) == first
    second = submit(household, staff.cadre, today, **said)
    assert second != first
    assert Survey.objects.count() == 2
