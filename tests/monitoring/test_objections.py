"""异议: a ticket with a receipt, a clock, an investigator who did not submit the case, a finding and a reply."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEvent, Posting, User
from accounts.roles import Role
from monitoring import objections, workdays
from monitoring.clock_work import move_due
from monitoring.inbox import todo
from monitoring.models import Case, Notice, Objection, ObjectionChannel, Stage
from monitoring.workflow import take
from tests.factories import invented_id
from tests.monitoring.casework import sit
from tests.monitoring.noticed import after, at, hang, running, set_number  # noqa: F401

PHONE = "13900005678"


def objection_to(notice: Notice, by, head: str = "王大海", **more) -> Objection:
    case = notice.cases.get(household__head_name=head)
    kept = objections.record_objection(
        notice=notice, case=case, by=by, raised_on=datetime.date.today(), content="他家有车", raised_by="钱某", contact=PHONE,
        channel=ObjectionChannel.PHONE, **more,
    )  # fmt: skip
    assert kept is not None
    return kept


def settle(
    objection: Objection, by, *, upheld: bool, finding: str = "车管所核实", reply: str = "已核实，详情请到村里问。"
):
    return objections.settle_objection(objection=objection, by=by, finding=finding, upheld=upheld, reply=reply)


# ---- the ticket ----


def test_an_objection_has_a_receipt_and_a_last_day_where_the_district_has_set_a_limit(running, place, staff):
    assert objection_to(running, staff.second_cadre).due_on is None
    set_number(place, staff, "objection_days", "5")
    objection = objection_to(running, staff.second_cadre)
    assert len(objection.receipt) == 12
    assert objection.due_on == workdays.add(objection.raised_on, 5, workdays.WORKDAYS)
    assert objection.case.events.first().step == "objection"


def test_who_objects_and_how_to_reach_him_are_kept_encrypted(running, staff):
    objection = objection_to(running, staff.second_cadre)
    with connection.cursor() as cursor:
        cursor.execute("SELECT raised_by, contact FROM monitoring_objection")
        kept = str(cursor.fetchone())
    assert "钱某" not in kept
    assert PHONE not in kept
    assert Objection.objects.get(pk=objection.pk).contact == PHONE


@pytest.mark.parametrize(("days", "words"), [(-1, "公示开始以后"), (1, "不能晚于今天")])
def test_an_objection_is_raised_while_the_notice_hangs(running, staff, today, days, words):
    with pytest.raises(ValidationError, match=words):
        objections.record_objection(
            notice=running, case=running.cases.first(), by=staff.cadre, content="某事",
            raised_on=today + datetime.timedelta(days=days),
        )  # fmt: skip


def test_after_the_last_day_nothing_is_recorded_as_an_objection(running, staff, today):
    Notice.objects.filter(pk=running.pk).update(
        starts_on=today - datetime.timedelta(days=9), ends_on=today - datetime.timedelta(days=5)
    )
    running.refresh_from_db()
    with pytest.raises(ValidationError, match="已经期满"):
        objection_to(running, staff.cadre)


def test_a_form_sent_twice_records_one(running, staff, at_desk, today):
    case = running.cases.first()
    form = {
        "idempotency_key": "7e9f3c52-52a8-4d26-8c5f-0e0f3f1f7b01", "case": str(case.pk), "channel": "paper",
        "raised_on": today, "content": "他家有车", "contact": PHONE,
    }  # fmt: skip
    page = at_desk(staff.team)
    for _click in range(2):
        answer = page.post(reverse("monitoring:objection-new", args=[running.pk]), form, follow=True)
    assert answer.status_code == 200
    assert Objection.objects.count() == 1


def test_an_objection_of_an_earlier_notice_stops_the_household_too(running, staff, place):
    first, second = objection_to(running, staff.second_cadre), objection_to(running, staff.second_cadre)
    settle(first, staff.team, upheld=True)
    case = sit(Case.objects.select_related("household", "village").get(pk=first.case_id), staff.cadre, days_ago=0)
    again = hang([case], staff.cadre)
    assert move_due(after(again)).cases == 1  # 赵玉梅 of the first notice; this household stays
    case.refresh_from_db()
    assert case.stage == Stage.NOTICE
    settle(second, staff.team, upheld=False)
    assert move_due(after(again, 2)).cases == 1


# ---- who looks into it ----


def test_whoever_submitted_the_case_may_not_look_into_it(running, staff):
    objection = objection_to(running, staff.second_cadre)
    with pytest.raises(ValidationError, match="办理或代办"):
        settle(objection, staff.cadre, upheld=False)
    with pytest.raises(ValidationError, match="不能核查"):
        objections.assign(objection=objection, by=staff.reviewer, investigator=staff.cadre)


def test_who_was_relieved_of_it_meanwhile_does_not_settle_it(running, staff):
    objection = objection_to(running, staff.second_cadre)
    objections.assign(objection=objection, by=staff.reviewer, investigator=staff.team)
    seen = Objection.objects.select_related("investigator", "notice__village", "case").get(pk=objection.pk)
    objections.assign(objection=objection, by=staff.reviewer, investigator=staff.second_reviewer)
    with pytest.raises(ValidationError, match="刚换了核查人"):
        settle(seen, staff.team, upheld=False)
    seen.refresh_from_db()
    assert (seen.upheld, seen.investigator) == (None, staff.second_reviewer)


def test_nor_through_a_delegation(running, staff, place):
    Posting.objects.create(
        user=staff.team, role=Role.VILLAGE_CADRE, region=place.village, on_behalf_of=staff.cadre,
        begins_on=datetime.date(2020, 1, 1),
    )  # fmt: skip
    objection = objection_to(running, staff.second_cadre)
    with pytest.raises(ValidationError, match="办理或代办"):
        settle(objection, staff.team, upheld=False)


def test_where_there_is_a_choice_it_is_not_who_recorded_it(running, staff):
    objection = objection_to(running, staff.second_cadre)
    assert staff.second_cadre not in objections.candidates(objection)
    assert {staff.team, staff.reviewer, staff.officer} <= set(objections.candidates(objection))
    with pytest.raises(ValidationError, match="您登记的"):
        settle(objection, staff.second_cadre, upheld=False)


def test_nor_through_a_second_account_of_his_nor_who_stands_in_for_him(running, staff, place):
    User.objects.filter(pk__in=[staff.second_cadre.pk, staff.second_reviewer.pk]).update(identity_index="one person")
    Posting.objects.create(
        user=staff.team, role=Role.VILLAGE_CADRE, region=place.village, on_behalf_of=staff.second_cadre,
        begins_on=datetime.date(2020, 1, 1),
    )  # fmt: skip
    objection = objection_to(running, staff.second_cadre)
    assert not {staff.second_reviewer, staff.team} & set(objections.candidates(objection))
    with pytest.raises(ValidationError, match="您登记的"):
        settle(objection, staff.second_reviewer, upheld=False)


def test_where_there_is_nobody_else_the_recorder_may(running, staff):
    others = [staff.second_cadre, staff.team, staff.reviewer, staff.second_reviewer]
    Posting.objects.filter(user__in=others).update(ends_on=datetime.date(2020, 2, 1))
    objection = objection_to(running, staff.officer)
    assert objections.candidates(objection) == [staff.officer]
    settle(objection, staff.officer, upheld=False)


def test_once_somebody_is_named_nobody_else_settles_it(running, staff):
    objection = objection_to(running, staff.second_cadre)
    objections.assign(objection=objection, by=staff.reviewer, investigator=staff.team)
    with pytest.raises(ValidationError, match="由周建设核查"):
        settle(objection, staff.reviewer, upheld=False)
    assert settle(objection, staff.team, upheld=False).settled_by == staff.team


def test_people_of_elsewhere_neither_see_nor_settle_it(running, staff, at_desk):
    objection = objection_to(running, staff.second_cadre)
    for person in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
        assert at_desk(person).get(reverse("monitoring:objection-settle", args=[objection.pk])).status_code == 404
        with pytest.raises(ValidationError):
            settle(objection, person, upheld=False)


def test_only_who_looks_into_it_reads_who_objected_and_that_is_on_the_trace(running, staff, at_desk):
    objection = objection_to(running, staff.second_cadre)
    objections.assign(objection=objection, by=staff.reviewer, investigator=staff.team)
    for person in (staff.cadre, staff.second_cadre, staff.reviewer, staff.inspector, staff.officer):
        page = at_desk(person)
        shown = page.get(reverse("monitoring:objection-settle", args=[objection.pk])).content.decode()
        told = page.post(reverse("monitoring:objection-contact", args=[objection.pk]), follow=True).content.decode()
        paper = page.get(reverse("monitoring:objection-paper", args=[objection.pk])).content.decode()
        for text in (shown, told, paper):
            assert "钱某" not in text
            assert PHONE not in text
    told = at_desk(staff.team).post(reverse("monitoring:objection-contact", args=[objection.pk])).content.decode()
    assert "钱某" in told
    assert PHONE in told
    assert AuditEvent.objects.filter(action="objection.contact", actor=staff.team).count() == 1


def test_it_stands_in_the_inbox_of_who_must_look_into_it_with_its_last_day(running, place, staff):
    set_number(place, staff, "objection_days", "5")
    objection = objection_to(running, staff.second_cadre)
    waiting = [one for one in todo(staff.reviewer) if one.kind == "objection"]
    assert [(one.due, "没有人核查" in one.title) for one in waiting] == [(objection.due_on, True)]
    objections.assign(objection=objection, by=staff.reviewer, investigator=staff.officer)
    assert [one.kind for one in todo(staff.reviewer) if one.kind == "objection"] == []
    assert [one.due for one in todo(staff.officer) if one.kind == "objection"] == [objection.due_on]


# ---- what comes of it ----


def test_an_open_objection_stops_its_own_household_only(running, staff):
    objection = objection_to(running, staff.second_cadre)
    assert move_due(after(running)).cases == 1
    assert Case.objects.get(pk=objection.case_id).stage == Stage.NOTICE
    assert running.cases.get(household__head_name="赵玉梅").stage == Stage.TOWN
    running.refresh_from_db()
    assert running.closed_on is None


def test_one_that_is_right_sends_the_household_back_to_the_meeting(running, staff):
    objection = objection_to(running, staff.second_cadre)
    settle(objection, staff.team, upheld=True)
    case = Case.objects.get(pk=objection.case_id)
    assert (case.stage, case.events.first().note) == (Stage.MEETING, "车管所核实")
    with pytest.raises(ValidationError, match="已经有人核查过"):
        settle(objection, staff.reviewer, upheld=False)


def test_one_that_is_wrong_lets_the_household_go_on_when_the_notice_is_over(running, staff):
    objection = objection_to(running, staff.second_cadre)
    settle(objection, staff.team, upheld=False)
    assert Case.objects.get(pk=objection.case_id).stage == Stage.NOTICE
    assert move_due(after(running)).cases == 2


def test_when_the_last_household_leaves_a_notice_it_is_over(at, staff):
    notice = hang([at(Stage.NOTICE_DUE)], staff.cadre)
    settle(objection_to(notice, staff.second_cadre), staff.team, upheld=True)
    notice.refresh_from_db()
    assert notice.closed_on == datetime.date.today()


def test_one_that_is_found_right_after_the_household_went_back_moves_nothing_twice(running, staff):
    first, second = (objection_to(running, staff.second_cadre) for _number in range(2))
    settle(first, staff.team, upheld=True)
    settle(second, staff.team, upheld=True)
    case = Case.objects.get(pk=second.case_id)
    assert case.stage == Stage.MEETING
    assert [event.step for event in case.events.all()[:2]] == ["objection_upheld", "uphold_objection"]


def test_who_looked_into_it_may_still_decide_and_who_posted_it_may_not(running, staff):
    settle(objection_to(running, staff.second_cadre), staff.reviewer, upheld=False)
    move_due(after(running))
    case = running.cases.get(household__head_name="王大海")
    take("endorse", case=case, by=staff.reviewer, main_risk="illness")


@pytest.mark.parametrize(
    ("finding", "reply", "words"),
    [
        (" ", "已核实", "核查情况"),
        ("核实", " ", "答复"),
        ("核实", f"他家证号{invented_id(serial=51)}", "答复里不能写身份证号"),
        ("核实", "他家有人患癌症", "答复里不能写病情"),
        ("核" * 501, "已核实", "最多 500 个字"),
    ],
)
def test_a_finding_and_a_reply_are_needed_and_the_reply_tells_no_secrets(running, staff, finding, reply, words):
    objection = objection_to(running, staff.second_cadre)
    with pytest.raises(ValidationError, match=words):
        settle(objection, staff.team, upheld=True, finding=finding, reply=reply)
    assert Objection.objects.get(pk=objection.pk).upheld is None


def test_the_written_answer_is_printed_with_its_receipt(running, staff, at_desk):
    objection = objection_to(running, staff.second_cadre)
    page = at_desk(staff.team)
    receipt = page.get(reverse("monitoring:objection-paper", args=[objection.pk])).content.decode()
    assert "公示异议回执" in receipt
    settle(objection, staff.team, upheld=False)
    paper = page.get(reverse("monitoring:objection-paper", args=[objection.pk])).content.decode()
    for words in ("公示异议答复书", "钱某", running.number, "异议不成立", "详情请到村里问"):
        assert words in paper
    assert "车管所核实" not in paper


def test_without_an_objection_found_right_nobody_takes_a_household_off_the_notice(running, staff):
    with pytest.raises(ValidationError, match="没有查实成立的异议"):
        take("uphold_objection", case=running.cases.first(), by=staff.team, note="原因")
