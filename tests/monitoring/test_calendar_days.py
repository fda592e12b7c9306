"""调休 that people register: read from a list, looked over, proposed, confirmed by a second person, and counted."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEvent, Posting, User
from accounts.roles import Role
from monitoring import inbox
from monitoring.calendar_overrides import confirm, plan, propose, read_list, refuse, withdraw
from monitoring.models import WorkdayOverride
from monitoring.workdays import is_workday
from tests.factories import add_user

TODAY = datetime.date(2026, 11, 22)
SATURDAY, MONDAY = datetime.date(2027, 2, 13), datetime.date(2027, 2, 15)
LIST = "2027-02-13 上班\n2027-02-15 放假\n"
SOURCE = "某办发明电〔2026〕1号"


@pytest.fixture
def second(place):
    return add_user("officer2", "何静", Role.DISTRICT_OFFICER, place.zone)


@pytest.fixture
def proposed(staff):
    return propose(by=staff.officer, days=read_list(LIST, TODAY), source=SOURCE)


def sit(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


# ---- reading ----


@pytest.mark.parametrize(
    "line",
    [
        "2027-02-13 上班",
        "2027/2/13 上班",
        "2027.02.13,上班",
        "2027年2月13日上班",
        "  2027-02-13　调休上班 ",
        "2027-02-13：工作",
    ],
)
def test_a_day_may_be_written_in_the_usual_ways(line):
    assert read_list(line, TODAY) == {SATURDAY: True}


def test_blank_lines_and_the_same_line_twice_are_no_matter():
    assert read_list(f"\n{LIST}\n\n{LIST}", TODAY) == {SATURDAY: True, MONDAY: False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "至少一行"),
        ("2027-02-13", "第 1 行"),
        ("2027-02-30 上班", "没有这一天"),
        ("2027-02-13 上学", "第 1 行"),
        ("1999-02-13 上班", "年份"),
        ("2031-02-13 上班", "年份"),
        ("2027-02-13 上班\n2027-02-13 放假", "第 2 行：这一天前面写的相反"),
        ("2027-02-13 上班\n" * 101, "一次最多"),
        ("２０２７-02-31 上班", "没有这一天"),
        ("=HYPERLINK(1)", "第 1 行"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_line_by_line(text, said):
    with pytest.raises(ValidationError, match=said):
        read_list(text, TODAY)


def test_a_plan_says_what_each_line_would_change(staff, proposed):
    days = {SATURDAY: True, MONDAY: True, datetime.date(2027, 2, 14): False, datetime.date(2027, 2, 20): True}
    said = {line.date.day: line.outcome for line in plan(days)}
    assert said == {
        13: "已登记，不重复",
        14: "本来就这样算，不用登记",
        15: "已登记为放假，先撤销那一条",
        20: "原来按放假算，要登记",
    }


# ---- two people ----


def test_what_one_person_proposed_counts_once_a_second_one_agrees(staff, second, proposed):
    assert not is_workday(SATURDAY)
    assert confirm(by=second, rows=proposed) == 2
    assert is_workday(SATURDAY) and not is_workday(MONDAY)
    assert [event.action for event in AuditEvent.objects.order_by("pk")] == ["workday.propose", "workday.confirm"]
    assert AuditEvent.objects.latest("pk").detail["days"] == ["2027-02-13 上班", "2027-02-15 放假"]


def test_nobody_confirms_his_own_nor_one_who_stands_in_for_him(place, staff, proposed):
    deputy = add_user("deputy", "郭某")
    Posting.objects.create(
        user=deputy, role=Role.DISTRICT_OFFICER, region=place.zone, begins_on="2020-01-01", on_behalf_of=staff.officer
    )
    for person in (staff.officer, deputy):
        with pytest.raises(ValidationError, match="另一位同事"):
            confirm(by=person, rows=proposed)
    assert not is_workday(SATURDAY)


def test_two_who_confirm_at_once_do_it_once(staff, second, proposed):
    confirm(by=second, rows=proposed)
    with pytest.raises(ValidationError, match="没有重复办理"):
        confirm(by=staff.admin, rows=proposed)
    assert AuditEvent.objects.filter(action="workday.confirm").count() == 1


def test_a_day_in_force_goes_when_a_second_person_agrees(staff, second, proposed):
    confirm(by=second, rows=proposed)
    row = WorkdayOverride.objects.get(date=SATURDAY)
    withdraw(by=second, row=row)
    assert is_workday(SATURDAY)
    row.refresh_from_db()
    with pytest.raises(ValidationError, match="另一位同事"):
        confirm(by=second, rows=[row])
    confirm(by=staff.officer, rows=[row])
    assert not is_workday(SATURDAY)
    with pytest.raises(ValidationError, match="没有重复办理"):
        confirm(by=staff.officer, rows=[row])


def test_a_wish_to_withdraw_is_refused_and_the_day_stays(staff, second, proposed):
    confirm(by=second, rows=proposed)
    row = WorkdayOverride.objects.get(date=SATURDAY)
    withdraw(by=second, row=row)
    with pytest.raises(ValidationError, match="已经提出撤销"):
        withdraw(by=staff.officer, row=row)
    row.refresh_from_db()
    refuse(by=staff.officer, rows=[row])
    row.refresh_from_db()
    assert (row.withdrawn_by, is_workday(SATURDAY)) == (None, True)


def test_a_proposal_taken_back_leaves_no_row(staff, proposed):
    refuse(by=staff.officer, rows=proposed)
    assert not WorkdayOverride.objects.exists()
    with pytest.raises(ValidationError, match="没有重复办理"):
        refuse(by=staff.officer, rows=proposed)


def test_a_second_account_of_the_same_person_is_no_second_person(staff, second, proposed):
    User.objects.filter(pk__in=(staff.officer.pk, second.pk)).update(identity_index="the same person")
    with pytest.raises(ValidationError, match="另一位同事"):
        confirm(by=second, rows=proposed)
    assert not is_workday(SATURDAY)
    User.objects.filter(pk=second.pk).update(identity_index="somebody else")
    assert confirm(by=second, rows=proposed) == len(proposed)


def test_the_second_person_finds_it_in_his_inbox_and_the_first_does_not(client, staff, second, proposed):
    def lines(person) -> list[str]:
        return [item.title for item in inbox.todo(person) if item.kind == "workday"]

    for person in (second, staff.admin):
        assert lines(person) == ["2 天放假、调休等复核"]
        assert inbox.counts(person)["ledgers:home"] == len(inbox.todo(person))
    assert lines(staff.officer) == lines(staff.reviewer) == lines(staff.inspector) == []
    assert "2 天放假、调休等复核" in sit(client, staff.admin).get("/").content.decode()
    confirm(by=second, rows=proposed)
    assert lines(staff.admin) == []
    assert client.get("/").headers["Location"] == reverse("accounts:users")
    withdraw(by=second, row=WorkdayOverride.objects.get(date=SATURDAY))
    assert (lines(second), lines(staff.officer)) == ([], ["1 天放假、调休等复核"])


def test_the_same_form_twice_proposes_once(staff):
    key = "5f0f8f6e-6c3b-4c0e-9a44-0a2f6f2a3b11"
    for _click in range(2):
        propose(by=staff.officer, days={SATURDAY: True}, source=SOURCE, idempotency_key=key)
    assert AuditEvent.objects.filter(action="workday.propose").count() == 1


@pytest.mark.parametrize(("days", "source"), [({SATURDAY: True}, " "), ({SATURDAY: False}, SOURCE)])
def test_without_a_document_or_a_difference_nothing_is_proposed(staff, days, source):
    with pytest.raises(ValidationError):
        propose(by=staff.officer, days=days, source=source)
    assert not WorkdayOverride.objects.exists()


def test_the_opposite_of_what_is_registered_has_to_wait_for_its_withdrawal(staff, proposed):
    with pytest.raises(ValidationError, match="先撤销"):
        propose(by=staff.officer, days={MONDAY: True}, source=SOURCE)


@pytest.mark.parametrize("desk", ["cadre", "reviewer", "clerk", "inspector", "unposted"])
def test_others_set_nothing(staff, desk):
    with pytest.raises(PermissionDenied):
        propose(by=getattr(staff, desk), days={SATURDAY: True}, source=SOURCE)


# ---- pages ----


def test_a_list_is_looked_over_before_it_is_proposed(client, staff):
    sit(client, staff.officer)
    sent = {"days": LIST, "source": SOURCE, "idempotency_key": "5f0f8f6e-6c3b-4c0e-9a44-0a2f6f2a3b11"}
    looked = client.post(reverse("monitoring:workdays-new"), sent).content.decode()
    assert "登记 2 天，请同事复核" in looked and not WorkdayOverride.objects.exists()
    answer = client.post(reverse("monitoring:workdays-new"), {**sent, "confirmed": "1"})
    assert answer["Location"] == reverse("monitoring:workdays") + "?year=2027"
    page = client.get(answer["Location"]).content.decode()
    assert "等另一位同事复核" in page and "陈志远" in page


def test_a_wrong_list_comes_back_with_its_lines(client, staff):
    page = sit(client, staff.officer).post(
        reverse("monitoring:workdays-new"), {"days": "明天放假", "source": SOURCE, "idempotency_key": "x"}
    )
    assert page.status_code == 200 and "第 1 行" in page.content.decode() and "明天放假" in page.content.decode()


def test_the_second_person_agrees_on_the_page(client, staff, second, proposed):
    sent = {"day": [str(row.pk) for row in proposed], "verdict": "confirm"}
    sit(client, staff.officer).post(reverse("monitoring:workdays-settle"), sent)
    assert not is_workday(SATURDAY)
    sit(client, second).post(reverse("monitoring:workdays-settle"), sent)
    assert is_workday(SATURDAY)
    page = client.get(reverse("monitoring:workdays") + "?year=2027").content.decode()
    assert "登记过的" in page and "周末上班 <small>1 天" in page
    client.post(reverse("monitoring:workdays-settle"), {"day": [str(proposed[0].pk)], "verdict": "withdraw"})
    assert "撤销“上班”" in client.get(reverse("monitoring:workdays")).content.decode()


@pytest.mark.parametrize("sent", [{}, {"verdict": "confirm"}, {"verdict": "confirm", "day": "x"}, {"verdict": "eat"}])
def test_a_mangled_form_settles_nothing(client, second, proposed, sent):
    assert sit(client, second).post(reverse("monitoring:workdays-settle"), sent).status_code == 302
    assert not is_workday(SATURDAY)


@pytest.mark.parametrize("year", ["2026", "2027", "", "x", "１", "99999999999", "1000", "-1"])
def test_the_page_of_any_year_opens(client, staff, year):
    page = sit(client, staff.admin).get(reverse("monitoring:workdays"), {"year": year})
    assert page.status_code == 200


def test_a_year_that_was_not_announced_says_so(client, staff):
    page = sit(client, staff.admin).get(reverse("monitoring:workdays"), {"year": "2031"}).content.decode()
    assert "放假安排还没有" in page
    known = client.get(reverse("monitoring:workdays"), {"year": "2026"}).content.decode()
    assert "放假安排还没有" not in known and "10-10" in known
