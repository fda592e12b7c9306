"""A department's clerk: enters his own figures of households that he names, mends what his department answers for, and
browses no family.
"""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.departments import clerkships, in_full
from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from monitoring import department_desk, department_figures, inbox, leads, oversight
from monitoring.models import DepartmentFigure, Finding, Lead
from monitoring.oversight_consultations import Resolved, record_consultation
from tests.factories import add_user, invented_id

DEPARTMENT = "云山高新区医保局"
YUAN = 100


@pytest.fixture
def household(place, make):
    return make.household(place.village, "王大海")


@pytest.fixture
def desk(staff, at_desk):
    return at_desk(staff.clerk)


def figure(whose: str, today, **given):
    return {
        "idempotency_key": str(uuid.uuid4()), "whose": whose, "item": "rigid_medical", "amount": "13860", "grade": "",
        "as_of": today, **given,
    }  # fmt: skip


def of_department(place, by, today, department=DEPARTMENT, **given) -> Finding:
    return oversight.record_finding(
        by=by, found_on=today, place=place.village, what="大额自付名单没有按月给", due_on=today, answerable=None,
        department=department, **given,
    )  # fmt: skip


# ---- what he finds ----


def test_his_desk_leads_to_figures_and_findings_and_to_no_family(desk, household):
    home = desk.get("/").content.decode()
    for words in ("要本部门办", "登记部门数据", "督导会商"):
        assert words in home
    assert reverse("households:list") not in home
    for name in (
        "households:list",
        "monitoring:cases",
        "monitoring:clues",
        "ledgers:exports",
        "monitoring:consultations",
    ):
        assert desk.get(reverse(name)).status_code == 403, name
    assert desk.get(reverse("households:detail", args=[household.pk])).status_code == 403


@pytest.mark.parametrize("who", ["cadre", "reviewer", "officer", "inspector", "admin", "unposted"])
def test_nobody_else_has_his_page(at_desk, staff, who):
    assert at_desk(getattr(staff, who)).get(reverse("monitoring:figures")).status_code == 403


# ---- figures ----


def test_he_names_a_household_by_its_number_or_anybodys_identity_number_and_sees_no_name_in_full(
    desk, household, today
):
    for whose in (household.number, household.members.get(relation="配偶").id_number):
        answer = desk.post(reverse("monitoring:figures"), figure(whose, today), follow=True)
        assert "已登记 1 项" in answer.content.decode()
        assert "王大海" not in answer.content.decode()
        assert "王*海" in answer.content.decode()
    kept = DepartmentFigure.objects.all()
    assert {(one.household, one.department, one.amount) for one in kept} == {(household, DEPARTMENT, 13_860 * YUAN)}


def test_a_number_stands_in_no_address_and_not_in_the_answer(desk, household, today):
    number = household.members.get(relation="户主").id_number
    answer = desk.post(reverse("monitoring:figures"), figure(number, today), follow=True)
    assert all(number not in address for address, _status in answer.redirect_chain)
    assert number not in answer.content.decode()
    assert number not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_what_lies_elsewhere_and_who_is_unknown_are_answered_alike_and_counted(desk, make, place, staff, today):
    foreign = make.household(place.foreign_village, "李四")
    words = set()
    for whose in (foreign.number, foreign.members.get(relation="户主").id_number, invented_id(), "9"):
        answer = desk.post(reverse("monitoring:figures"), figure(whose, today))
        words.add("没有找到这一户" in answer.content.decode())
        assert "李四" not in answer.content.decode()
    assert words == {True}
    assert AuditEvent.objects.filter(action=department_desk.MISSED, actor=staff.clerk).count() == 4
    assert not DepartmentFigure.objects.exists()


def test_numbers_cannot_be_tried_through(desk, household, staff, today, monkeypatch):
    monkeypatch.setattr(department_desk, "MOST_MISSED", 2)
    for _each in range(2):
        desk.post(reverse("monitoring:figures"), figure(invented_id(), today))
    answer = desk.post(reverse("monitoring:figures"), figure(household.number, today))
    assert "明天再登记" in answer.content.decode()
    assert not DepartmentFigure.objects.exists()


def test_he_enters_for_his_own_department_only_and_sees_only_what_it_entered(household, staff, place, today, at_desk):
    given = {"household": household, "item": "wage", "amount": YUAN, "as_of": today}
    with pytest.raises(PermissionDenied):
        department_figures.enter_figure(by=staff.clerk, department="云山高新区民政局", **given)
    department_figures.enter_figure(by=staff.reviewer, department="云山高新区民政局", **given)
    department_figures.enter_figure(by=staff.clerk, department=DEPARTMENT, **given)
    assert [one.department for one in department_desk.entered_for(staff.clerk)] == [DEPARTMENT]
    other = add_user("clerk2", "秦朗", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区民政局")
    assert [one.department for one in department_desk.entered_for(other)] == ["云山高新区民政局"]
    assert "云山高新区民政局" in at_desk(other).get(reverse("monitoring:figures")).content.decode()


def test_an_account_without_a_unit_is_told_so(household, place, today, at_desk):
    nameless = add_user("clerk3", "某人", Role.DEPARTMENT_CLERK, place.zone)
    answer = at_desk(nameless).post(reverse("monitoring:figures"), figure(household.number, today))
    assert "没有写工作单位" in answer.content.decode()


def test_the_same_form_sent_twice_is_one_figure(desk, household, today):
    sent = figure(household.number, today)
    for _each in range(2):
        desk.post(reverse("monitoring:figures"), sent)
    assert DepartmentFigure.objects.count() == 1


# ---- findings and decisions ----


def test_what_his_department_answers_for_lies_on_his_desk_and_he_reports_it(place, staff, household, today, desk):
    finding = of_department(place, staff.inspector, today, household=household)
    elsewhere = of_department(place, staff.inspector, today, department="云山高新区民政局")
    village = oversight.record_finding(
        by=staff.inspector, found_on=today, place=place.village, what="甲", due_on=today, answerable=place.village
    )
    assert set(Finding.objects.visible_to(staff.clerk)) == {finding}
    assert [item.title for item in inbox.todo(staff.clerk)] == [f"督导问题：{household}"]
    assert inbox.counts(staff.clerk)["ledgers:home"] == 1
    assert "大额自付名单" in desk.get(reverse("monitoring:findings")).content.decode()
    for other in (elsewhere, village):
        assert desk.get(reverse("monitoring:finding", args=[other.pk])).status_code == 404
    page = desk.get(reverse("monitoring:finding", args=[finding.pk])).content.decode()
    assert "上报整改" in page and reverse("households:detail", args=[household.pk]) not in page
    sent = {
        "idempotency_key": str(uuid.uuid4()), "version": finding.version, "done_on": today, "what": "以后每月 5 日前给",
        "evidence": "函件",
    }  # fmt: skip
    answer = desk.post(reverse("monitoring:finding-rectify", args=[finding.pk]), sent, follow=True)
    assert "整改已上报" in answer.content.decode()
    assert finding.rectifications.get().reported_by == staff.clerk
    assert inbox.todo(staff.clerk) == []
    finding.refresh_from_db()
    assert oversight.may_judge(finding, staff.officer)
    assert not oversight.may_judge(finding, staff.clerk)


def test_the_department_of_another_district_has_nothing_to_do_with_it(place, staff, today):
    of_department(place, staff.inspector, today)
    namesake = add_user("clerk4", "同名", Role.DEPARTMENT_CLERK, place.foreign_county, unit=DEPARTMENT)
    assert not Finding.objects.visible_to(namesake).exists()
    assert inbox.todo(namesake) == []


def test_who_stands_in_for_the_clerk_acts_for_his_department(place, staff, today):
    finding = of_department(place, staff.inspector, today)
    deputy = add_user("deputy", "代办人", unit="别的单位")
    Posting.objects.create(
        user=deputy, role=Role.DEPARTMENT_CLERK, region=place.zone, begins_on=today, on_behalf_of=staff.clerk
    )
    assert [one.department for one in clerkships(deputy)] == [DEPARTMENT]
    oversight.rectify_finding(
        finding=finding, by=deputy, done_on=today, what="已办", evidence="函件", version=finding.version
    )
    assert finding.rectifications.get().on_behalf_of == staff.clerk


def test_a_decision_for_his_department_is_his_to_carry_out(place, staff, today, desk):
    soon = today + datetime.timedelta(days=9)
    made = record_consultation(
        by=staff.officer, region=place.zone, topic="住院费用", held_on=today, venue="某室", chair="某甲", minute_taker="某乙",
        present="某丙", minutes="某事", cases=[],
        decisions=[Resolved("给名单", None, DEPARTMENT, soon), Resolved("修房", None, "云山高新区住建局", soon)],
    )  # fmt: skip
    mine, other = made.decisions.order_by("position")
    assert [item.title for item in inbox.todo(staff.clerk)] == ["会商议定：给名单"]
    assert desk.get(reverse("monitoring:decision", args=[other.pk])).status_code == 404
    sent = {"idempotency_key": str(uuid.uuid4()), "version": 1, "done": "yes", "note": "已给"}
    assert desk.post(reverse("monitoring:decision", args=[mine.pk]), sent).status_code == 302
    mine.refresh_from_db()
    assert (mine.state, mine.settled_by) == ("done", staff.clerk)
    assert desk.get(reverse("monitoring:consultation", args=[made.pk])).status_code == 403


# ---- its name ----


def test_a_short_name_becomes_the_clerks_where_only_one_ends_so(place, staff):
    assert in_full("区医保局", place.village) == DEPARTMENT
    assert in_full(DEPARTMENT, place.village) == DEPARTMENT
    assert in_full("区民政局", place.village) == "区民政局"
    assert in_full(" ", place.village) == ""
    assert in_full("区医保局", place.foreign_village) == "区医保局"
    add_user("clerk5", "又一", Role.DEPARTMENT_CLERK, place.city, unit="云山市外区医保局")
    assert in_full("区医保局", place.village) == "区医保局"


def test_a_finding_recorded_under_a_short_name_reaches_the_clerk(place, staff, today, at_desk):
    form = {
        "idempotency_key": str(uuid.uuid4()), "found_on": today, "what": "名单没有给", "due_on": today, "place": "青石镇",
        "unit": "department", "department": "区医保局",
    }  # fmt: skip
    assert at_desk(staff.officer).post(reverse("monitoring:finding-new"), form).status_code == 302
    assert Finding.objects.visible_to(staff.clerk).get().department == DEPARTMENT


def test_a_closed_household_is_not_found(household, staff, today):
    type(household).objects.filter(pk=household.pk).update(closed_on=today)
    with pytest.raises(ValidationError):
        department_desk.household_meant(by=staff.clerk, typed=household.number)


def test_whom_the_register_knows_cannot_be_tried_through_with_a_form_that_is_refused(desk, staff, household, today):
    tomorrow = today + datetime.timedelta(days=1)
    for _each in range(department_desk.MOST_MISSED):
        assert "不能晚于今天" in desk.post(
            reverse("monitoring:figures"), figure(household.number, tomorrow)
        ).content.decode()  # fmt: skip
    assert "明天再登记" in desk.post(reverse("monitoring:figures"), figure(household.number, tomorrow)).content.decode()
    looked = AuditEvent.objects.filter(action="figure.found", actor=staff.clerk)
    assert (looked.count(), looked.first().region) == (department_desk.MOST_MISSED, household.village)


def test_who_enters_what_he_names_is_not_stopped(desk, household, today, monkeypatch):
    monkeypatch.setattr(department_desk, "MOST_MISSED", 2)
    for _each in range(3):
        assert desk.post(reverse("monitoring:figures"), figure(household.number, today)).status_code == 302


# ---- warnings ----


def warning(whose: str, today, **given):
    return {
        "idempotency_key": str(uuid.uuid4()), "typed": whose, "happened_on": today, "cause": "illness",
        "words": "住院自付三万多", **given,
    }  # fmt: skip


def test_a_warning_becomes_a_lead_of_the_village_and_its_state_comes_back(desk, household, staff, today):
    number = household.members.get(relation="户主").id_number
    sent = warning(number, today)
    for _click in range(2):
        answer = desk.post(reverse("monitoring:warnings"), sent, follow=True).content.decode()
    lead = Lead.objects.get()
    evidence = lead.evidence.get()
    assert (lead.household, evidence.source, evidence.unit, evidence.entered_by) == (
        household, "pushed", DEPARTMENT, staff.clerk,
    )  # fmt: skip
    assert "待核实" in answer and "王*海" in answer
    assert not any(secret in answer for secret in ("王大海", number, "住院自付三万多"))
    assert household.head_name in [item.title for item in inbox.todo(staff.cadre)]
    leads.close(lead=lead, by=staff.cadre, reason="settled")
    assert "已核-无风险" in desk.get(reverse("monitoring:warnings")).content.decode()


def test_he_warns_in_the_name_of_his_department_alone_and_reports_from_no_other_source(household, staff, today):
    given = {"village": household.village, "household": household, "by": staff.clerk, "happened_on": today}
    for source, unit in (
        ("visited", DEPARTMENT),
        ("declared", DEPARTMENT),
        ("pushed", "云山高新区民政局"),
        ("pushed", ""),
    ):
        with pytest.raises(PermissionDenied):
            leads.report(source=source, unit=unit, cause="illness", words="住院", **given)
    assert not Lead.objects.exists()


def test_another_departments_warnings_are_not_his_to_see(household, staff, place, today):
    other = add_user("clerk6", "秦朗", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区民政局")
    department_desk.warn(by=other, typed=household.number, happened_on=today, cause="illness", words="住院")
    assert not department_desk.warned_of(staff.clerk).exists()
    assert department_desk.warned_of(other).count() == 1


def test_what_is_not_his_region_cannot_be_warned_of(make, place, desk, today):
    foreign = make.household(place.foreign_village, "李四")
    answer = desk.post(reverse("monitoring:warnings"), warning(foreign.number, today)).content.decode()
    assert "没有找到这一户" in answer and "李四" not in answer
    assert not Lead.objects.exists()
