"""A household that is closed or merged while its case is under way: nothing leads on, the town ends it, the proof is clean."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEvent
from households.models import Household
from monitoring import notices, removals
from monitoring.models import OPEN_STAGES, Case, CaseKind, Notice, Stage
from monitoring.proof import prove
from monitoring.refusals import answer_for
from monitoring.registrations import mark_urgent
from monitoring.workflow import steps_for, take
from tests.monitoring.casework import ORDER, bring, let_it_run_out, sit, surveyed
from tests.monitoring.removed import proposed

END = "end_closed_household"
UNDER_WAY = [stage for stage in ORDER if stage in OPEN_STAGES]


@pytest.fixture
def gone(place, staff, make, today):
    """A case at a stage whose household is gone since."""

    def build(stage: Stage) -> Case:
        people = {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}
        case = bring(surveyed(make.household(place.village), staff.cadre), stage, **people)
        Household.objects.filter(pk=case.household_id).update(closed_on=today, closed_reason="并入别的户")
        return Case.objects.select_related("household", "village", "survey", "procedure").get(pk=case.pk)

    return build


@pytest.fixture
def family(place, make):
    """A household that may be taken off the register."""
    return make.household(place.village, "王大海")


def faults_of(case):
    """The kinds of fault that the proof finds."""
    return {fault.code for fault in prove(Case.objects.filter(pk=case.pk), with_gradings=False).faults}


def ended(case, by, note="并入儿子家，9 月 3 日办的"):
    return take(END, case=case, by=by, note=note)


@pytest.mark.parametrize("stage", UNDER_WAY)
def test_the_town_ends_it_wherever_it_stands_and_the_proof_is_clean(gone, staff, stage):
    case = gone(stage)
    before = faults_of(case)
    case = ended(case, staff.reviewer)
    assert (case.stage, case.due_on) == (Stage.CLOSED, None)
    assert case.events.first().note == "并入儿子家，9 月 3 日办的"
    assert AuditEvent.objects.filter(action=f"case.{END}", target=f"monitoring.case:{case.pk}").count() == 1
    assert not Case.objects.live().filter(pk=case.pk).exists()
    assert faults_of(case) <= before  # the notice of a helper has hung in no time


def test_only_the_town_ends_it_with_a_reason_and_only_when_the_household_is_gone(gone, staff):
    case = gone(Stage.MEETING)
    for other in (staff.cadre, staff.officer, staff.inspector, staff.other_reviewer):
        with pytest.raises(PermissionDenied):
            ended(case, other)
    with pytest.raises(ValidationError, match="请写明原因"):
        ended(case, staff.reviewer, note=" ")
    Household.objects.filter(pk=case.household_id).update(closed_on=None)
    with pytest.raises(ValidationError, match="没有注销"):
        ended(case, staff.reviewer)


def test_nothing_leads_on_for_a_household_that_is_gone(gone, staff):
    for stage, step, by in (
        (Stage.WATCH, "start_survey", staff.cadre),
        (Stage.SURVEY, "complete_survey", staff.cadre),
        (Stage.TOWN, "endorse", staff.reviewer),
        (Stage.DISTRICT, "acknowledge", staff.officer),
    ):
        with pytest.raises(ValidationError, match="已经注销或并入别的户"):
            take(step, case=gone(stage), by=by, main_risk="illness")
    with pytest.raises(ValidationError, match="已经注销或并入别的户"):
        sit(gone(Stage.MEETING), staff.cadre)
    case = gone(Stage.NOTICE)
    with pytest.raises(ValidationError, match="已经注销或并入别的户"):
        notices.close(notice=let_it_run_out(Notice.objects.get(cases=case)), by=staff.cadre)


def test_it_needs_no_help_before_the_procedure(gone, staff, at_desk):
    case = gone(Stage.SURVEY)
    with pytest.raises(ValidationError, match="已经注销"):
        mark_urgent(case=case, by=staff.cadre, reason="房子烧了")
    assert "绿色通道" not in at_desk(staff.cadre).get(reverse("monitoring:case", args=[case.pk])).content.decode()


def test_it_can_still_be_refused_or_sent_back(gone, staff):
    assert take("refuse", case=gone(Stage.TOWN), by=staff.reviewer, note="全家迁走").stage == Stage.REFUSED
    assert take("return_to_town", case=gone(Stage.DISTRICT), by=staff.officer, note="已注销").stage == Stage.TOWN


def test_the_button_is_there_for_the_town_alone_and_only_then(gone, staff):
    case = gone(Stage.NOTICE_DUE)
    assert [one.step.name for one in steps_for(case, staff.reviewer) if not one.blocked] == [END]
    assert END not in [one.step.name for one in steps_for(case, staff.cadre)]
    case.household.closed_on = None
    assert END not in [one.step.name for one in steps_for(case, staff.reviewer)]


def test_the_page_of_the_case_says_why_nothing_goes_on(gone, staff, at_desk):
    words = "已经注销或并入别的户"
    for stage in (Stage.NOTICE, Stage.TOWN):
        page = reverse("monitoring:case", args=[gone(stage).pk])
        assert at_desk(staff.cadre).get(page).content.decode().count(words) == 1
        assert words in at_desk(staff.reviewer).get(page).content.decode()


def test_it_waits_in_the_inbox_of_the_town_and_nowhere_else(gone, staff, at_desk):
    case = gone(Stage.NOTICE_DUE)
    here = reverse("monitoring:case-step", args=[case.pk, END])
    assert here in at_desk(staff.reviewer).get(reverse("ledgers:home")).content.decode()
    assert "发起公示" not in at_desk(staff.cadre).get(reverse("ledgers:home")).content.decode()
    page = at_desk(staff.reviewer)
    page.post(
        here, {"version": case.version, "note": "全家迁走", "idempotency_key": "7e9f3c52-52a8-4d26-8c5f-0e0f3f1f7b11"}
    )
    case.refresh_from_db()
    assert case.stage == Stage.CLOSED
    assert here not in page.get(reverse("ledgers:home")).content.decode()


def test_a_notice_that_told_of_it_asks_for_a_correction(gone, staff):
    case = gone(Stage.NOTICE)
    ended(case, staff.reviewer)
    notice = Notice.objects.get(cases=case)
    assert notices.fallen_back(Notice.objects.filter(pk=notice.pk)) == {notice: [case]}


def test_a_removal_of_a_household_that_is_gone_ends_and_nobody_says_that_it_stays_registered(family, staff, today):
    case = proposed(family, staff.cadre)
    Household.objects.filter(pk=case.household_id).update(closed_on=today)
    case = ended(Case.objects.select_related("household", "village").get(pk=case.pk), staff.reviewer)
    assert (case.kind, case.stage) == (CaseKind.REMOVAL, Stage.CLOSED)
    assert answer_for(case).stays_on_the_register is False
    assert faults_of(case) == set()
    with pytest.raises(ValidationError, match="已经注销"):
        removals.open_removal(designation=Case.objects.get(pk=case.about_id), by=staff.cadre)


def test_a_household_that_is_there_cannot_have_been_ended_so(gone, staff):
    case = ended(gone(Stage.MEETING), staff.reviewer)
    Household.objects.filter(pk=case.household_id).update(closed_on=None)
    assert faults_of(case) == {"gone"}
