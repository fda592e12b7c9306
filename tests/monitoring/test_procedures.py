"""The procedure of a case is pinned when it begins: whatever the rules say later, it goes on as it began."""

import datetime
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from monitoring import notices
from monitoring.models import Case, CaseKind, Notice, PinnedProcedure, Stage
from monitoring.policy.rulesets import ruleset
from monitoring.policy.values import policy_as_shipped, policy_in_force
from monitoring.procedures import Procedure, from_policy, pin
from monitoring.steps import BY_NAME
from monitoring.workflow import open_case, policy_for, take
from tests.monitoring.casework import bring, surveyed
from tests.monitoring.test_region_rulesets import set_there
from tests.monitoring.test_region_rulesets import take as take_rules


@pytest.fixture
def at(place, staff, make):
    """A case at a stage."""

    def build(stage: Stage) -> Case:
        people = {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}
        return bring(surveyed(make.household(place.village), staff.cadre), stage, **people)

    return build


def invented(policy):
    """A rule set that nobody has issued: the county decides, and a 脱贫户 needs neither meeting nor notice."""
    procedure = replace(policy.ruleset.procedure, decides="county", same_steps_for_lifted=False)
    return replace(policy, ruleset=replace(policy.ruleset, code="invented", procedure=procedure))


def test_where_the_county_decides_the_same_table_sets_it_there(at, staff, today):
    case = at(Stage.TOWN)
    case.procedure = pin(invented(policy_for(case)), CaseKind.DESIGNATION, lifted=False)
    case.save(update_fields=["procedure"])
    pinned = Procedure.of(case.procedure.content)
    assert BY_NAME["endorse"].label_for(pinned) == "审核同意，报区（市）审定"
    case = take("endorse", case=case, by=staff.reviewer, main_risk="illness")
    assert case.decided_on is None
    case = take("acknowledge", case=case, by=staff.officer)
    assert (case.decided_on, case.decided_by) == (today, staff.officer)


def test_cases_that_begin_alike_share_one_row(at):
    cases = [at(Stage.WATCH) for _family in range(3)]
    assert len({case.procedure_id for case in cases}) == PinnedProcedure.objects.count() == 1


def test_a_procedure_is_told_as_it_was_pinned(place, today):
    for code in ("zaozhuang_2020", "national_2021"):
        told = from_policy(policy_in_force(place.village, today, code), CaseKind.DESIGNATION, lifted=False)
        assert Procedure.of(told.content) == told
        assert (
            pin(policy_in_force(place.village, today, code), CaseKind.DESIGNATION, lifted=False).content == told.content
        )


def test_a_lifted_household_may_be_asked_for_fewer_steps(place, today):
    policy = invented(policy_in_force(place.village, today))
    lifted, other = (from_policy(policy, CaseKind.DESIGNATION, lifted=lifted).stages for lifted in (True, False))
    assert [stage for stage in other if stage not in lifted] == [Stage.MEETING, Stage.NOTICE_DUE, Stage.NOTICE]
    assert Stage.MEETING in from_policy(policy, CaseKind.REMOVAL, lifted=True).stages


def test_a_case_goes_on_as_it_began_when_the_district_takes_another_rule_set(place, staff, at, make, today):
    case = at(Stage.SURVEY)
    take_rules(staff, place.zone, "hubei_2020", today)
    assert take("complete_survey", case=case, by=staff.cadre).stage == Stage.MEETING
    newer = surveyed(make.household(place.village), staff.cadre)
    begun = take("start_survey", case=open_case(household=newer, by=staff.cadre, note="原因"), by=staff.cadre)
    assert take("complete_survey", case=begun, by=staff.cadre).stage == Stage.TOWN


def test_a_step_that_the_pinned_procedure_does_not_have_is_refused(place, staff, make, today):
    take_rules(staff, place.zone, "hubei_2020", today)
    case = open_case(household=surveyed(make.household(place.village), staff.cadre), by=staff.cadre, note="原因")
    case = take("start_survey", case=case, by=staff.cadre)
    case = take("complete_survey", case=case, by=staff.cadre)
    for step in ("return_to_meeting", "return_to_notice", "return_to_comparison"):
        with pytest.raises(ValidationError, match="的程序里没有"):
            take(step, case=case, by=staff.reviewer, note="原因")


def test_days_that_the_district_sets_hold_for_cases_that_begin_after(place, staff, at, today):
    before = at(Stage.WATCH)
    set_there(staff, place.zone, "survey_days", "5", today, ruleset="zaozhuang_2020")
    after = at(Stage.WATCH)
    assert take("start_survey", case=before, by=staff.cadre).due_on is None
    assert take("start_survey", case=after, by=staff.cadre).due_on > today + datetime.timedelta(days=4)


def test_a_notice_may_not_hang_shorter_than_the_case_began_with(place, staff, at, today):
    case = at(Stage.NOTICE_DUE)
    set_there(staff, place.zone, "notice_days", "3", today, ruleset="zaozhuang_2020")
    with pytest.raises(ValidationError, match="不能少于 5 天"):
        notices.post(cases=[case], by=staff.cadre, starts_on=today, ends_on=today + datetime.timedelta(days=2))
    assert not Notice.objects.exists()


def test_a_step_is_confirmed_under_the_clause_of_the_cases_own_procedure(at, staff, client):
    case = at(Stage.SURVEY)
    hubei = policy_as_shipped(ruleset("hubei_2020"), datetime.date(2020, 6, 1))
    case.procedure = pin(hubei, CaseKind.DESIGNATION, lifted=False)
    case.save(update_fields=["procedure"])
    source = Procedure.of(case.procedure.content).step_at(Stage.SURVEY).source
    client.force_login(staff.cadre)
    page = client.get(reverse("monitoring:case-step", args=[case.pk, "complete_survey"])).content.decode()
    assert f"依据：{source}" in page
    assert "枣扶贫组办字" not in page
