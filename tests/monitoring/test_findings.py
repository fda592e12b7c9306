"""督导 findings: who may record, mend and accept one; the list by town; papers, todo lines and the household's timeline."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, Notification, Posting, User
from accounts.roles import Role
from households.timeline import timeline
from monitoring import inbox, oversight, oversight_bell
from monitoring.models import Case, Finding, FindingState, Stage
from monitoring.workflow import open_case
from tests.factories import add_user
from tests.households.sent_files import PDF, sent

WHAT = "帮扶联系人三个月没有走访"


@pytest.fixture
def case(place, staff, make):
    return open_case(household=make.household(place.village), by=staff.cadre, note="家里有人生病")


@pytest.fixture
def found(place, staff, today):
    def record(by=None, **given) -> Finding:
        values = {
            "found_on": today, "place": place.village, "what": WHAT, "due_on": today + datetime.timedelta(days=10),
            "answerable": place.village, **given,
        }  # fmt: skip
        return oversight.record_finding(by=by or staff.inspector, **values)

    return record


@pytest.fixture
def mend(today):
    def report(finding, by, **given):
        values = {
            "done_on": today,
            "what": "已补走访",
            "evidence": "走访照片 2 张",
            "version": finding.version,
            **given,
        }
        made = oversight.rectify_finding(finding=finding, by=by, **values)
        finding.refresh_from_db()
        return made

    return report


def judge(finding, by, accept=True, **given):
    return oversight.judge_finding(
        finding=finding, by=by, accept=accept, version=finding.version, **{"verdict": "", **given}
    )


def test_an_inspector_records_the_village_mends_and_the_inspector_accepts(found, mend, staff):
    finding = found()
    mend(finding, staff.cadre)
    assert finding.state == FindingState.REPORTED
    judge(finding, staff.inspector)
    finding.refresh_from_db()
    assert (finding.state, finding.closed_on) == (FindingState.ACCEPTED, datetime.date.today())
    actions = list(
        AuditEvent.objects.filter(action__startswith="finding.").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["finding.record", "finding.rectify", "finding.accept"]


@pytest.mark.parametrize("desk", ["cadre", "team", "clerk", "admin", "foreign_officer", "other_reviewer"])
def test_who_is_no_inspector_or_office_of_the_place_records_nothing(found, staff, desk):
    with pytest.raises(PermissionDenied):
        found(by=getattr(staff, desk))


@pytest.mark.parametrize("desk", ["reviewer", "officer", "inspector", "neighbour_cadre", "clerk"])
def test_only_the_unit_answerable_reports_what_was_mended(found, mend, staff, desk):
    with pytest.raises(PermissionDenied):
        mend(found(), getattr(staff, desk))


def test_the_town_mends_what_the_town_answers_for_and_the_district_what_a_department_does(found, mend, staff, place):
    mend(found(answerable=place.town), staff.reviewer)
    finding = found(answerable=None, department="区医保局")
    with pytest.raises(PermissionDenied):
        mend(finding, staff.reviewer)
    mend(finding, staff.officer)
    assert finding.unit == "区医保局"


def test_nobody_accepts_what_he_reported_himself_nor_through_a_delegation(found, mend, staff, place, today):
    finding = found(answerable=None, department="区医保局", by=staff.officer)
    mend(finding, staff.officer)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        judge(finding, staff.officer)
    deputy = add_user("deputy", "代办人")
    Posting.objects.create(
        user=deputy, role=Role.DISTRICT_OFFICER, region=place.zone, begins_on=today, ends_on=today,
        on_behalf_of=staff.officer,
    )  # fmt: skip
    with pytest.raises(PermissionDenied, match="另一位同事"):
        judge(finding, deputy)
    second = add_user("officer2", "何静", Role.DISTRICT_OFFICER, place.zone)
    assert judge(finding, second).state == FindingState.ACCEPTED


def test_neither_the_village_nor_the_town_accepts_unless_it_found_it(found, mend, staff):
    finding = found()
    mend(finding, staff.cadre)
    for desk in (staff.second_cadre, staff.reviewer):
        with pytest.raises(PermissionDenied, match="发现人或区"):
            judge(finding, desk)
    own = found(by=staff.reviewer)
    mend(own, staff.cadre)
    assert judge(own, staff.reviewer).state == FindingState.ACCEPTED


def test_a_return_needs_a_reason_may_set_a_new_term_and_goes_back_to_the_unit(found, mend, staff, today):
    finding = found()
    mend(finding, staff.cadre)
    with pytest.raises(ValidationError, match="原因"):
        judge(finding, staff.inspector, accept=False)
    later = today + datetime.timedelta(days=20)
    judge(finding, staff.inspector, accept=False, verdict="照片看不清", due_on=later)
    assert (finding.state, finding.due_on) == (FindingState.OPEN, later)
    mend(finding, staff.cadre, what="重拍了照片")
    judge(finding, staff.officer)
    assert [one.accepted for one in finding.rectifications.all()] == [False, True]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"found_on": datetime.timedelta(days=1), "due_on": datetime.timedelta(days=2)}, "晚于今天"),
        ({"due_on": datetime.timedelta(days=-1)}, "早于发现日期"),
    ],
)
def test_days_that_cannot_be_are_refused(found, today, given, words):
    with pytest.raises(ValidationError, match=words):
        found(**{name: today + shift for name, shift in given.items()})


def test_a_rectification_before_the_finding_or_to_come_is_refused(found, mend, staff, today):
    finding = found()
    for day in (today - datetime.timedelta(days=1), today + datetime.timedelta(days=1)):
        with pytest.raises(ValidationError, match="整改日期"):
            mend(finding, staff.cadre, done_on=day)
    assert not finding.rectifications.exists()


def test_a_unit_that_has_nothing_to_do_with_the_place_is_refused(found, place):
    with pytest.raises(ValidationError, match="责任单位"):
        found(answerable=place.neighbour)


def test_a_second_click_and_a_slower_colleague_change_nothing(found, mend, staff):
    key = str(uuid.uuid4())
    assert found(idempotency_key=key).pk == found(idempotency_key=key).pk
    finding = found()
    seen = finding.version
    mend(finding, staff.cadre)
    with pytest.raises(ValidationError, match="别人办过"):
        mend(finding, staff.second_cadre, version=seen)
    assert finding.rectifications.count() == 1


def test_the_database_itself_wants_one_unit_and_another_judge(found, mend, staff):
    finding = found()
    report = mend(finding, staff.cadre)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(department="区医保局")
    with pytest.raises(IntegrityError), transaction.atomic():
        type(report).objects.filter(pk=report.pk).update(accepted=True, judged_by=staff.cadre)


def test_who_recorded_it_takes_it_back_with_a_reason_while_nothing_was_reported(found, mend, staff):
    finding = found()
    with pytest.raises(PermissionDenied):
        oversight.withdraw_finding(finding=finding, by=staff.officer, reason="登错了", version=finding.version)
    oversight.withdraw_finding(finding=finding, by=staff.inspector, reason="登错了", version=finding.version)
    assert finding.state == FindingState.WITHDRAWN
    reported = found()
    mend(reported, staff.cadre)
    with pytest.raises(ValidationError):
        oversight.withdraw_finding(finding=reported, by=staff.inspector, reason="登错了", version=reported.version)


# ---- who is told ----


def titles(user) -> list[str]:
    return [item.title for item in inbox.todo(user) if item.kind == "finding"]


def test_the_line_stands_with_who_must_act_and_the_menu_counts_it(found, mend, staff):
    finding = found()
    assert titles(staff.cadre) == ["督导问题：北石桥村委会"]
    assert (
        titles(staff.reviewer)
        == titles(staff.officer)
        == titles(staff.inspector)
        == titles(staff.neighbour_cadre)
        == []
    )
    assert inbox.counts(staff.cadre)["monitoring:findings"] == 1
    mend(finding, staff.cadre)
    assert titles(staff.cadre) == []
    assert titles(staff.inspector) == titles(staff.officer) == ["整改待验收：北石桥村委会"]


def test_a_term_that_is_over_is_late_in_the_inbox_and_on_the_list(found, staff, today, at_desk):
    past = today - datetime.timedelta(days=12)
    found(found_on=past, due_on=past + datetime.timedelta(days=2))
    assert inbox.todo(staff.cadre)[0].days_left == -10
    assert "超 10 天" in at_desk(staff.officer).get(reverse("monitoring:findings")).content.decode()


# ---- pages ----


def test_the_list_goes_by_town_in_administrative_order_whatever_the_numbers(found, staff, place, at_desk):
    for village in (place.other_village, place.other_village, place.village):
        found(by=staff.officer, place=village, answerable=village)
    text = at_desk(staff.inspector).get(reverse("monitoring:findings")).content.decode()
    assert text.index("青石镇 <small>1 个") < text.index("白河镇 <small>2 个")
    assert "白河镇" not in at_desk(staff.reviewer).get(reverse("monitoring:findings")).content.decode()


def test_an_inspector_records_a_finding_on_a_case_and_changes_nothing_else(case, staff, at_desk, today):
    browser = at_desk(staff.inspector)
    page = browser.get(reverse("monitoring:case", args=[case.pk])).content.decode()
    assert "登记督导问题" in page
    assert "登记专题会商" not in page
    sent_form = {
        "idempotency_key": str(uuid.uuid4()), "found_on": today, "what": WHAT, "unit": "village", "finder": "省督导组 甲某",
        "due_on": today + datetime.timedelta(days=5),
    }  # fmt: skip
    answer = browser.post(f"{reverse('monitoring:finding-new')}?case={case.pk}", sent_form)
    finding = Finding.objects.get()
    assert answer.url == reverse("monitoring:finding", args=[finding.pk])
    assert (finding.case, finding.household, finding.answerable) == (case, case.household, case.village)
    assert Case.objects.get(pk=case.pk).version == case.version
    assert WHAT in browser.get(reverse("monitoring:case", args=[case.pk])).content.decode()
    assert browser.get(reverse("monitoring:finding-rectify", args=[finding.pk])).status_code == 403


def test_what_was_found_at_no_household_leaves_the_log_readable(found, staff, at_desk):
    found(case=None)
    assert AuditEvent.objects.get(action="finding.record").detail["household"] is None
    page = at_desk(staff.officer).get(reverse("accounts:audit"))
    assert page.status_code == 200
    assert "看这一户" not in page.content.decode()


def test_the_form_wants_a_department_by_name_and_no_village_for_a_town(staff, place, at_desk, today):
    browser = at_desk(staff.officer)
    base = {
        "idempotency_key": str(uuid.uuid4()), "found_on": today, "what": WHAT, "due_on": today, "place": "青石镇",
    }  # fmt: skip
    assert (
        "哪个部门" in browser.post(reverse("monitoring:finding-new"), {**base, "unit": "department"}).content.decode()
    )
    assert "不能选村" in browser.post(reverse("monitoring:finding-new"), {**base, "unit": "village"}).content.decode()
    assert browser.post(reverse("monitoring:finding-new"), {**base, "unit": "county"}).status_code == 302
    assert Finding.objects.get().answerable == place.zone


def test_the_village_reports_with_a_scan_and_the_officer_returns_it(found, staff, at_desk, today, place):
    finding = found()
    url = reverse("monitoring:finding-rectify", args=[finding.pk])
    form = {
        "idempotency_key": str(uuid.uuid4()), "version": finding.version, "done_on": today, "what": "补了走访",
        "evidence": "走访记录", "files": sent(PDF, "走访.pdf"),
    }  # fmt: skip
    assert at_desk(staff.cadre).post(url, form).status_code == 302
    assert finding.rectifications.get().attachments.get().village == place.village
    finding.refresh_from_db()
    judged = {
        "idempotency_key": str(uuid.uuid4()), "version": finding.version, "accept": "no", "verdict": "还差一户",
    }  # fmt: skip
    answer = at_desk(staff.officer).post(reverse("monitoring:finding-judge", args=[finding.pk]), judged, follow=True)
    assert "退回再整改" in answer.content.decode()
    assert "还差一户" in answer.content.decode()


def test_papers_name_the_duties_and_leave_blanks_for_who_is_not_named(found, staff, place, at_desk):
    place.town.principal_leaders, place.town.deputy_leader = "许明、丁宁", "葛立新"
    place.town.save()
    finding = found()
    text = at_desk(staff.inspector).get(reverse("monitoring:finding-paper", args=[finding.pk])).content.decode()
    assert "第一责任人（党政主要领导）：许明、丁宁　分管领导：葛立新　经办：＿＿＿＿" in text
    assert WHAT in at_desk(staff.officer).get(reverse("monitoring:findings-paper")).content.decode()


def test_the_household_tells_of_its_findings_on_the_timeline(found, mend, case, staff):
    finding = found(household=case.household, case=case)
    mend(finding, staff.cadre)
    assert {"督导发现问题", "督导问题整改"} <= {entry.title for entry in timeline(case.household)}


def test_the_list_costs_the_same_for_three_and_thirty(found, staff, at_desk):
    browser = at_desk(staff.officer)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse("monitoring:findings")).status_code == 200
        return len(asked)

    for _ in range(3):
        found()
    cost()  # the numbers in the menu are kept from here on
    few = cost()
    for _ in range(27):
        found()
    assert cost() == few


# ---- the bell, and one level above ----


def told(user) -> list[str]:
    return [one.text for one in Notification.objects.visible_to(user)]


def test_a_returned_rectification_tells_the_unit_and_nobody_else(found, mend, staff):
    finding = found()
    mend(finding, staff.cadre)
    judge(finding, staff.inspector, accept=False, verdict="照片看不清，身份证 370499196405170011")
    for person in (staff.cadre, staff.second_cadre, staff.team):
        assert told(person) == ["北石桥村委会的督导问题整改退回，去看原因"]
    assert not any(map(told, (staff.neighbour_cadre, staff.reviewer, staff.officer, staff.inspector)))
    one = Notification.objects.visible_to(staff.cadre).first()
    assert one.link == reverse("monitoring:finding", args=[finding.pk])


def test_a_term_that_passed_tells_one_level_above_once_for_each_term(found, mend, staff, place, today):
    past = today - datetime.timedelta(days=12)
    over = {"found_on": past, "due_on": past + datetime.timedelta(days=2)}
    of_village, of_town = found(**over), found(answerable=place.town, **over)
    found(answerable=None, department="区民政局", **over)
    found(due_on=today)  # the last day itself is in time
    for day in (today, today, today - datetime.timedelta(days=1)):
        assert oversight_bell.tell_late(day) == 3
    words = "北石桥村委会的督导问题超期没有整改，请督促"
    assert told(staff.reviewer) == told(staff.second_reviewer) == [words]
    assert told(staff.officer) == [words, words]
    assert not any(map(told, (staff.cadre, staff.other_reviewer, staff.foreign_officer, staff.inspector)))
    assert {one.link for one in Notification.objects.visible_to(staff.reviewer)} == {
        reverse("monitoring:finding", args=[of_village.pk])
    }
    mend(of_town, staff.reviewer)
    assert oversight_bell.tell_late(today) == 2
    Finding.objects.filter(pk=of_village.pk).update(due_on=past + datetime.timedelta(days=3))
    oversight_bell.tell_late(today)
    assert told(staff.reviewer) == [words, words]


def test_above_the_district_who_recorded_it_is_told(found, staff, place, today):
    past = today - datetime.timedelta(days=3)
    found(answerable=place.zone, found_on=past, due_on=past)
    oversight_bell.tell_late(today)
    assert told(staff.inspector) == ["北石桥村委会的督导问题超期没有整改，请督促"]
    assert not told(staff.officer)


def test_the_level_above_finds_what_is_late_in_its_inbox_and_behind_it_on_the_list(found, staff, place, today, at_desk):
    past = today - datetime.timedelta(days=3)
    found(found_on=past, due_on=past)
    found()
    for desk, lines in (("reviewer", 1), ("officer", 0), ("other_reviewer", 0), ("inspector", 0)):
        work = [item for item in inbox.todo(getattr(staff, desk)) if item.title == "下级督导整改超期 1 条"]
        assert len(work) == lines, desk
    text = at_desk(staff.reviewer).get(work_url := f"{reverse('monitoring:findings')}?state=late").content.decode()
    assert text.count('data-label="期限"') == 1
    assert "已超期 <b>1</b>" in text and "待整改 <b>2</b>" in text
    assert inbox.todo(staff.reviewer)[-1].url == work_url


def test_an_inspector_sees_on_his_home_page_what_waits_for_him(found, mend, staff, at_desk):
    finding = found()
    home = at_desk(staff.inspector).get("/").content.decode()
    assert "整改待验收" not in home
    mend(finding, staff.cadre)
    assert "整改待验收：北石桥村委会" in at_desk(staff.inspector).get("/").content.decode()


def test_who_stands_in_for_the_finder_has_his_line_and_a_second_account_of_the_reporter_none(
    found, mend, staff, place, today
):
    finding = found()
    mend(finding, staff.cadre)
    deputy = add_user("deputy", "代查人")
    Posting.objects.create(
        user=deputy, role=Role.INSPECTOR, region=place.zone, begins_on=today, on_behalf_of=staff.inspector
    )
    assert titles(deputy) == ["整改待验收：北石桥村委会"]
    mine = found(answerable=None, department="区民政局", by=staff.officer)
    mend(mine, staff.officer)
    second = add_user("officer2", "陈志远", Role.DISTRICT_OFFICER, place.zone, identity_index="same")
    assert len(titles(second)) == 2
    User.objects.filter(pk=staff.officer.pk).update(identity_index="same")
    assert titles(second) == ["整改待验收：北石桥村委会"]


def test_what_was_withdrawn_says_so_on_the_timeline(found, case, staff):
    finding = found(household=case.household, case=case)
    oversight.withdraw_finding(finding=finding, by=staff.inspector, reason="登错了", version=finding.version)
    assert any("已撤回" in entry.text for entry in timeline(case.household) if entry.title == "督导发现问题")


def test_a_case_that_goes_on_keeps_its_finding(found, case, staff):
    finding = found(household=case.household, case=case)
    Case.objects.filter(pk=case.pk).update(stage=Stage.CLOSED)
    assert Finding.objects.visible_to(staff.cadre).get() == finding
