"""村内公示: the days, the frozen allow-list, objections, and the public page that is off until a district wants it."""

import datetime
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from households.models import Member
from monitoring import notices
from monitoring.models import Case, Notice, Objection, PolicyValue, Stage
from monitoring.workflow import take
from tests.monitoring.casework import bring, let_it_run_out, post, surveyed


@pytest.fixture
def at(place, staff, make):
    def build(stage: Stage, head: str = "王大海", **household) -> Case:
        family = surveyed(make.household(place.village, head, phone="13800001234", **household), staff.cadre)
        return bring(family, stage, village=staff.cadre, town=staff.reviewer, district=staff.officer)

    return build


@pytest.fixture
def running(at, staff) -> Notice:
    """One notice for two households, posted today."""
    cases = [at(Stage.NOTICE_DUE), at(Stage.NOTICE_DUE, "赵玉梅", group_no=3)]
    today = datetime.date.today()
    return notices.post(
        cases=cases,
        by=staff.cadre,
        starts_on=today,
        ends_on=today + datetime.timedelta(days=4),
        village_phone="0000-0000001",
    )


def enable(place, staff) -> None:
    notices.switch_web_notices(district=place.zone, by=staff.officer, on=True)


# ---- the days ----


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (-1, "还没开始，共 5 天"),
        (0, "第 1 天，共 5 天"),
        (1, "第 2 天，共 5 天"),
        (4, "第 5 天，共 5 天"),
        (5, "已满 5 天"),
    ],
)
def test_the_first_and_the_last_day_count(running, day, words):
    assert notices.countdown(running, running.starts_on + datetime.timedelta(days=day)).words == words


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [(0, 3, "不能少于 5 天"), (-1, 5, "不能早于今天"), (0, 90, "最多 60 天"), (40, 50, "30 天以后")],
)
def test_a_notice_shorter_than_the_rule_or_begun_in_the_past_is_refused(at, staff, today, begins, ends, words):
    case = at(Stage.NOTICE_DUE)
    with pytest.raises(ValidationError, match=words):
        notices.post(
            cases=[case], by=staff.cadre,
            starts_on=today + datetime.timedelta(days=begins), ends_on=today + datetime.timedelta(days=ends),
        )  # fmt: skip
    assert not Notice.objects.exists()


def test_the_days_are_a_parameter_of_the_district(at, place, staff, today):
    PolicyValue.objects.create(
        region=place.zone, ruleset="zaozhuang_2020", key="notice_days", value="7", starts_on=today, source="某文",
        proposed_by=staff.admin, confirmed_by=staff.officer, confirmed_at="2020-06-01T00:00:00Z",
    )  # fmt: skip
    assert notices.required_days(place.village) == 7
    with pytest.raises(ValidationError, match="不能少于 7 天"):
        post(at(Stage.NOTICE_DUE), staff.cadre)


def test_a_notice_does_not_end_before_its_last_day_has_passed(running, staff):
    for left in (3, 0):
        running.ends_on = datetime.date.today() + datetime.timedelta(days=left)
        running.save()
        with pytest.raises(ValidationError, match="期满后的第二天再办"):
            notices.close(notice=running, by=staff.cadre)
    closed, stay = notices.close(notice=let_it_run_out(running), by=staff.cadre)
    assert ([case.stage for case in closed], stay) == ([Stage.TOWN, Stage.TOWN], [])
    running.refresh_from_db()
    assert running.closed_on == datetime.date.today()


def test_a_notice_lists_one_village(at, place, staff, make, today):
    other = bring(
        surveyed(make.household(place.neighbour), staff.neighbour_cadre), Stage.NOTICE_DUE,
        village=staff.neighbour_cadre, town=staff.reviewer, district=staff.officer,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="同一个村"):
        notices.post(cases=[at(Stage.NOTICE_DUE), other], by=staff.reviewer, starts_on=today, ends_on=today)


# ---- the snapshot ----


def test_the_snapshot_holds_the_allow_list_and_nothing_else(running):
    assert [set(row) for row in running.snapshot] == [{"group_no", "head_name", "persons", "monitor_class"}] * 2
    assert running.snapshot[1] == {"group_no": 3, "head_name": "赵玉梅", "persons": 3, "monitor_class": "边缘户"}


def test_the_snapshot_does_not_follow_later_changes(running, staff, client):
    household = running.cases.get(household__head_name="赵玉梅").household
    household.head_name = "钱某某"
    household.save()
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("monitoring:notice-print", args=[running.pk])).content.decode()
    assert "赵玉梅" in text
    assert "钱某某" not in text


# ---- objections ----


def objection_to(notice: Notice, staff, head: str = "王大海") -> Objection:
    case = notice.cases.get(household__head_name=head)
    return notices.record_objection(
        notice=notice, case=case, by=staff.cadre, raised_on=datetime.date.today(), content="他家有车", raised_by="钱某"
    )


def test_an_open_objection_stops_its_own_household_only(running, staff):
    objection_to(running, staff)
    let_it_run_out(running)
    closed, stay = notices.close(notice=running, by=staff.cadre)
    assert [case.household.head_name for case in closed] == ["赵玉梅"]
    assert stay == ["王大海：有异议还没有核查完，先登记核查结论，再结束公示。"]
    running.refresh_from_db()
    assert running.closed_on is None


def test_an_objection_that_is_right_sends_the_household_back_to_the_meeting(running, staff):
    objection = objection_to(running, staff)
    with pytest.raises(ValidationError, match="核查情况"):
        notices.settle_objection(objection=objection, by=staff.reviewer, finding=" ", upheld=True)
    notices.settle_objection(objection=objection, by=staff.reviewer, finding="车管所核实有车", upheld=True)
    assert Case.objects.get(pk=objection.case_id).stage == Stage.MEETING
    with pytest.raises(ValidationError, match="已经有人核查过"):
        notices.settle_objection(objection=objection, by=staff.cadre, finding="再来", upheld=False)


def test_an_objection_that_is_wrong_lets_the_notice_go_on(running, staff):
    objection = objection_to(running, staff)
    notices.settle_objection(objection=objection, by=staff.cadre, finding="车是他弟弟的", upheld=False)
    case = Case.objects.get(pk=objection.case_id)
    assert case.stage == Stage.NOTICE
    assert case.events.first().note == "车是他弟弟的"
    let_it_run_out(running)
    assert len(notices.close(notice=running, by=staff.cadre)[0]) == 2


def test_who_objects_is_kept_encrypted(running, staff):
    objection = objection_to(running, staff)
    with connection.cursor() as cursor:
        cursor.execute("SELECT raised_by FROM monitoring_objection")
        kept = str(cursor.fetchone()[0])
    assert "钱某" not in kept
    assert Objection.objects.get(pk=objection.pk).raised_by == "钱某"


def test_without_an_upheld_objection_nobody_takes_a_household_off_the_notice(running, staff):
    case = running.cases.first()
    with pytest.raises(ValidationError, match="没有查实成立的异议"):
        take("uphold_objection", case=case, by=staff.cadre, note="原因")


# ---- the public page ----


def public(notice: Notice):
    return Client().get(reverse("monitoring:public-notice", args=[notice.token]))


def test_the_public_page_is_off_by_default(running):
    assert public(running).status_code == 404


def test_the_district_switches_it_on_and_off_with_a_trace(running, place, staff):
    enable(place, staff)
    assert public(running).status_code == 200
    notices.switch_web_notices(district=place.zone, by=staff.officer, on=False)
    assert public(running).status_code == 404
    assert AuditEvent.objects.filter(action__startswith="notice.web_").count() == 2


@pytest.mark.parametrize("desk", ["foreign_officer", "reviewer", "admin", "inspector"])
def test_nobody_else_switches_it(place, staff, desk):
    with pytest.raises(ValidationError, match="区（市）业务员"):
        notices.switch_web_notices(district=place.zone, by=getattr(staff, desk), on=True)


def test_another_districts_switch_opens_nothing_here(running, place, staff):
    notices.switch_web_notices(district=place.foreign_county, by=staff.foreign_officer, on=True)
    assert public(running).status_code == 404


def test_the_public_page_masks_names_and_tells_nothing_else(running, place, staff):
    enable(place, staff)
    answer = public(running)
    text = answer.content.decode()
    assert "王*海" in text
    assert "赵*梅" in text
    for secret in ("王大海", "赵玉梅", "13800001234", "因病", "疾病", "收入", str(running.pk)):
        assert secret not in text
    for member in Member.objects.filter(household__cases__notices=running):
        assert member.id_number not in text
        assert member.id_number[-4:] not in text
    assert not re.search(r"\d{11,}", text)
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in text
    assert not answer.cookies


def test_after_the_last_day_the_public_page_is_gone(running, place, staff):
    enable(place, staff)
    let_it_run_out(running)
    answer = public(running)
    assert answer.status_code == 410
    assert "公示已期满" in answer.content.decode()
    assert "王" not in answer.content.decode()


def test_before_the_first_day_there_is_no_public_page(running, place, staff):
    enable(place, staff)
    running.starts_on += datetime.timedelta(days=1)
    running.save()
    assert public(running).status_code == 404


def test_a_guessed_address_is_not_found(db):
    assert Client().get("/gs/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_the_paper_for_the_board_has_full_names_but_no_cause_number_or_phone(running, staff, client):
    client.force_login(staff.team, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("monitoring:notice-print", args=[running.pk])).content.decode()
    assert "王大海" in text
    assert "0000-0000001" in text
    for secret in ("13800001234", "因病", *Member.objects.values_list("id_digest", flat=True)):
        assert secret not in text
    assert not re.search(r"\d{15,}", text)


def test_the_snapshot_never_holds_a_long_number(running):
    assert not re.search(r"\d{6,}", json.dumps(running.snapshot))
