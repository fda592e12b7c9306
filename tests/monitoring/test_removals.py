"""风险消除: refused with all its reasons, then two visitors, meeting, notice, town and district; and back again."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.identity_numbers import digest_of
from accounts.models import AuditEvent, User
from assistance.models import Delivery
from households.codes import RiskCause
from monitoring import removals
from monitoring.models import Case, CaseKind, Notice, NoticeKind, Objection, PolicyValue, Reinstatement, Removal, Stage
from monitoring.removal_conditions import asked
from monitoring.removal_gates import Visitors
from monitoring.removals import NotYet
from monitoring.workflow import steps_for, take
from tests.factories import invented_id
from tests.monitoring.removed import bring_removal, looked_at, on_the_register, proposed


@pytest.fixture
def people(staff):
    return {
        "village": staff.cadre, "second": staff.second_cadre, "town": staff.reviewer, "district": staff.officer,
    }  # fmt: skip


@pytest.fixture
def family(place, make):
    return make.household(place.village, "周有福")


def refused(designation, by):
    with pytest.raises(NotYet) as fault:
        removals.open_removal(designation=designation, by=by)
    return fault.value.messages


def test_all_reasons_are_given_at_once_each_with_its_figures(staff, family):
    designation = on_the_register(family, staff.cadre, months_ago=1)
    Delivery.objects.all().delete()
    looked_at(family, staff.cadre, wage=9_000_00, risks=(RiskCause.ILLNESS,), guarantee_bits=1)
    type(family).objects.filter(pk=family.pk).update(whole_without_labour=True)
    reasons = refused(designation, staff.cadre)
    assert len(reasons) == 6
    told = "".join(reasons)
    for words in (
        f"{designation.decided_on:%Y-%m-%d} 认定", "不满 6 个月", "还没有一项帮扶措施落实", "4,000.00 元，低于", "5,000.00 元",
        "吃穿还有困难", "整户无劳动力", "还提示有风险",
    ):  # fmt: skip
        assert words in told
    assert not Case.objects.filter(kind=CaseKind.REMOVAL).exists()


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_six_months_are_over_on_the_same_day_of_the_month(staff, family, days):
    designation = on_the_register(family, staff.cadre)
    looked_at(family, staff.cadre)
    Case.objects.filter(pk=designation.pk).update(decided_on=datetime.date(2026, 1, 15))
    designation.refresh_from_db()
    on = datetime.date(2026, 7, 15) + datetime.timedelta(days=days)
    found = {one.key: one.met for one in asked(designation, on)}
    assert found["months"] is (days >= 0)


@pytest.mark.parametrize(("wage", "met"), [(15_000_00, True), (14_999_99, False)])
def test_income_on_the_line_is_enough_and_a_fen_less_is_not(staff, family, wage, met):
    designation = on_the_register(family, staff.cadre)
    looked_at(family, staff.cadre, wage=wage, operating_gross=0)
    assert {one.key: one.met for one in asked(designation, timezone.localdate())}["income"] is met


def test_without_a_visit_nothing_is_known_and_nothing_is_removed(staff, family):
    designation = on_the_register(family, staff.cadre)
    reasons = refused(designation, staff.cadre)
    assert any("有效期内没有入户调查，收入不清楚" in one for one in reasons)
    assert any("还没有研判结论" in one for one in reasons)


def test_an_open_objection_stops_it(place, staff, family):
    designation = on_the_register(family, staff.cadre)
    looked_at(family, staff.cadre)
    today = timezone.localdate()
    notice = Notice.objects.create(village=place.village, starts_on=today, ends_on=today, posted_by=staff.cadre)
    Objection.objects.create(
        notice=notice, case=designation, raised_on=today, content="某事", recorded_by=staff.second_cadre
    )
    assert refused(designation, staff.cadre) == ["有 1 条异议还没有核查完。"]


def test_being_on_the_register_is_no_new_risk(staff, family):
    designation = on_the_register(family, staff.cadre)
    looked_at(family, staff.cadre)
    assert family.assessments.get(replaced_on=None).outcome == "EDGE"  # by the tag alone
    removals.open_removal(designation=designation, by=staff.cadre)


def test_only_village_and_town_propose_and_only_once(staff, family):
    designation = on_the_register(family, staff.cadre)
    looked_at(family, staff.cadre)
    for desk in (staff.officer, staff.inspector, staff.neighbour_cadre):
        with pytest.raises(PermissionDenied):
            removals.open_removal(designation=designation, by=desk)
    key = str(uuid.uuid4())
    first = removals.open_removal(designation=designation, by=staff.cadre, idempotency_key=key)
    assert removals.open_removal(designation=designation, by=staff.cadre, idempotency_key=key) == first
    with pytest.raises(ValidationError):
        removals.open_removal(designation=designation, by=staff.second_cadre)
    assert first.stage == Stage.SURVEY
    designation.refresh_from_db()
    assert designation.stage == Stage.REGISTERED
    assert AuditEvent.objects.filter(action="case.open_removal").count() == 1


# ---- the visit ----


def verify(case, by, visitors):
    return take("verify_removal", case=case, by=by, visitors=visitors)


def test_a_visit_of_before_does_not_count(staff, family):
    case = proposed(family, staff.cadre)
    with pytest.raises(ValidationError, match="发起以后还没有新的入户调查"):
        verify(case, staff.cadre, Visitors(staff.cadre, "", staff.second_cadre))


@pytest.mark.parametrize(
    "who",
    ["alone", "twice", "the same name", "the same name with a unit", "the same name before its unit",
     "the same name in pieces", "a second account", "not posted there"],
)  # fmt: skip
def test_two_different_people_visit_and_one_has_an_account_there(staff, family, who):
    case = proposed(family, staff.cadre)
    looked_at(family, staff.cadre)
    User.objects.filter(pk__in=(staff.cadre.pk, staff.team.pk)).update(identity_index=digest_of(invented_id()))
    visitors = {
        "alone": Visitors(staff.cadre, ""),
        "twice": Visitors(staff.cadre, "", staff.cadre),
        "the same name": Visitors(staff.cadre, staff.cadre.name),
        "the same name with a unit": Visitors(staff.cadre, f"青石村委会 {staff.cadre.name}"),
        "the same name before its unit": Visitors(staff.cadre, f"{staff.cadre.name}（青石村）"),
        "the same name in pieces": Visitors(staff.cadre, " ".join(staff.cadre.name)),
        "a second account": Visitors(staff.cadre, "", staff.team),
        "not posted there": Visitors(staff.neighbour_cadre, "李四"),
    }[who]
    with pytest.raises(ValidationError):
        verify(case, staff.cadre, visitors)
    assert not Removal.objects.get(pk=case.pk).visitors
    moved = verify(case, staff.cadre, Visitors(staff.cadre, "帮扶单位李四"))
    assert (moved.stage, Removal.objects.get(pk=case.pk).visitors) == (Stage.MEETING, ["张桂英", "帮扶单位李四"])


def test_the_visit_must_find_all_conditions_met(staff, family):
    case = proposed(family, staff.cadre)
    looked_at(family, staff.cadre, wage=6_000_00)
    with pytest.raises(ValidationError) as fault:
        verify(case, staff.cadre, Visitors(staff.cadre, "李四"))
    assert any("低于" in words for words in fault.value.messages)


# ---- to the end ----


def test_a_removal_takes_the_household_off_the_register_and_ends_no_measure(people, family, today):
    case = bring_removal(family, Stage.DONE, **people)
    designation = case.about
    assert (designation.stage, designation.removed_on) == (Stage.REMOVED, today)
    assert case.notices.get().kind == NoticeKind.REMOVAL
    assert all(row["met"] for row in case.removal.decision_conditions)
    assert case.removal.survey == case.survey
    assert Delivery.objects.filter(household=family, ended_on=None).count() == 1
    assert not Case.objects.designated_on(today).filter(household=family).exists()
    assert list(designation.events.values_list("step", flat=True)) == ["removed", "stock"]


def test_until_the_district_decides_it_stays_on_the_register(people, family):
    assert bring_removal(family, Stage.DISTRICT, **people).about.stage == Stage.REGISTERED


def test_a_visitor_of_the_town_does_not_endorse(staff, people, family):
    case = bring_removal(family, Stage.TOWN, **{**people, "second": staff.reviewer})
    with pytest.raises(ValidationError, match="入户核实是您办理"):
        take("endorse", case=case, by=staff.reviewer)
    assert take("endorse", case=case, by=staff.second_reviewer).stage == Stage.DISTRICT


def test_what_no_longer_holds_when_it_is_decided_stops_it(staff, people, family):
    case = bring_removal(family, Stage.DISTRICT, **people)
    Delivery.objects.filter(household=family).update(ended_on=timezone.localdate() - datetime.timedelta(days=1))
    with pytest.raises(ValidationError, match="还没有一项帮扶措施落实"):
        take("acknowledge", case=case, by=staff.officer)
    assert Case.objects.get(pk=case.about_id).stage == Stage.REGISTERED


def test_the_line_in_force_when_it_is_decided_counts(staff, people, place, family):
    case = bring_removal(family, Stage.TOWN, **people)
    PolicyValue.objects.create(
        region=place.zone, ruleset=case.ruleset, key="edge_line", value="9500", starts_on=timezone.localdate(), source="某文",
        proposed_by=staff.officer, confirmed_by=staff.foreign_officer, confirmed_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(ValidationError, match=r"低于.* 9,500\.00 元"):
        take("endorse", case=case, by=staff.reviewer)


def test_a_removal_that_is_given_up_leaves_the_household_on_the_register(staff, family):
    case = proposed(family, staff.cadre)
    closed = take("close_watch", case=case, by=staff.cadre, note="又住院了")
    assert (closed.stage, Case.objects.get(pk=case.about_id).stage) == (Stage.CLOSED, Stage.REGISTERED)
    removals.open_removal(designation=case.about, by=staff.cadre)


# ---- back again ----


@pytest.fixture
def removed(people, family):
    return bring_removal(family, Stage.DONE, **people).about


def test_a_household_whose_risk_is_back_is_reinstated_by_another_officer(staff, place, family, removed, today):
    from_day, second = removed.removed_on, staff.foreign_officer
    second.postings.create(role="district_officer", region=place.zone, begins_on=datetime.date(2020, 1, 1))
    with pytest.raises(ValidationError, match="回退要请另一位同事办"):
        take("reinstate", case=removed, by=staff.officer, note="又住院了")
    with pytest.raises(ValidationError, match="请写明原因"):
        take("reinstate", case=removed, by=second)
    looked_at(family, staff.cadre, wage=3_000_00, risks=(RiskCause.ILLNESS,))
    back = take("reinstate", case=removed, by=second, note="又住院了，收入少了一半")
    assert (back.stage, back.removed_on, back.decided_on) == (Stage.REGISTERED, None, removed.decided_on)
    row = Reinstatement.objects.get(case=back)
    assert (row.removed_on, row.reinstated_on, row.by) == (from_day, today, second)
    assert row.survey.wage == 3_000_00
    assert [event.step for event in back.events.all()] == ["reinstate", "removed", "stock"]


def test_without_evidence_nobody_is_reinstated(staff, place, family, removed):
    second = staff.foreign_officer
    second.postings.create(role="district_officer", region=place.zone, begins_on=datetime.date(2020, 1, 1))
    family.surveys.update(visited_on=removed.removed_on - datetime.timedelta(days=1))
    with pytest.raises(ValidationError, match="佐证"):
        take("reinstate", case=removed, by=second, note="又住院了")


def test_between_removal_and_return_it_was_not_on_the_register(staff, place, family, removed, today):
    second, earlier = staff.foreign_officer, today - datetime.timedelta(days=30)
    second.postings.create(role="district_officer", region=place.zone, begins_on=datetime.date(2020, 1, 1))
    Case.objects.filter(pk=removed.pk).update(removed_on=earlier)
    removed.refresh_from_db()
    take("reinstate", case=removed, by=second, note="又住院了")
    on = {days: Case.objects.designated_on(today - datetime.timedelta(days=days)).exists() for days in (31, 30, 1, 0)}
    assert on == {31: True, 30: False, 1: False, 0: True}


def test_nobody_else_reinstates(staff, removed):
    for desk in (staff.cadre, staff.reviewer, staff.inspector):
        with pytest.raises(PermissionDenied):
            take("reinstate", case=removed, by=desk, note="又住院了")
    assert [choice.step.name for choice in steps_for(removed, staff.officer)] == ["reinstate"]
    assert "回退要请另一位同事办" in steps_for(removed, staff.officer)[0].blocked
