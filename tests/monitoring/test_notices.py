"""村内公示: the days, the number, the kinds, the frozen allow-list, photos, corrections, and the paper."""

import datetime
import json
import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from households.codes import MonitorClass
from households.models import Member
from monitoring import notices, workdays
from monitoring.clock_work import move_due
from monitoring.models import Case, CaseKind, Notice, NoticeKind, PolicyValue, Stage
from monitoring.notices_calendar import DayRule
from monitoring.notices_sheet import PublicRow, public_sheet, sheet_of
from monitoring.workflow import take
from tests.factories import invented_id
from tests.households.sent_files import picture, sent
from tests.monitoring.casework import bring, let_it_run_out, post, surveyed
from tests.monitoring.noticed import after, at, hang, running, set_number  # noqa: F401
from tests.monitoring.test_objections import objection_to
from tests.monitoring.test_workflow import race

ONE_DAY = datetime.timedelta(days=1)


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


# ---- the paper ----


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


# ---- how days are counted ----

FRIDAY, MONDAY = datetime.date(2026, 3, 6), datetime.date(2026, 3, 9)


@pytest.mark.parametrize(
    ("unit", "counts_first_day", "begins", "last"),
    [
        (workdays.DAYS, True, FRIDAY, datetime.date(2026, 3, 10)),
        (workdays.DAYS, False, FRIDAY, datetime.date(2026, 3, 11)),
        (workdays.WORKDAYS, True, FRIDAY, datetime.date(2026, 3, 12)),
        (workdays.WORKDAYS, False, FRIDAY, datetime.date(2026, 3, 13)),
        (workdays.WORKDAYS, True, datetime.date(2026, 3, 7), datetime.date(2026, 3, 13)),
        (workdays.WORKDAYS, True, datetime.date(2026, 4, 3), datetime.date(2026, 4, 10)),  # 清明 between
    ],
)
def test_the_last_day_follows_the_unit_and_whether_the_first_day_counts(db, unit, counts_first_day, begins, last):
    rule = DayRule(5, unit, counts_first_day)
    assert rule.last_day(begins) == last
    assert len(rule.counted(begins, last)) == 5


def test_where_the_first_day_does_not_count_a_notice_says_so_and_hangs_a_day_longer(at, place, staff, today):
    set_number(place, staff, "notice_counts_first_day", "0")
    case = at(Stage.NOTICE_DUE)
    with pytest.raises(ValidationError, match="从开始的第二天起算"):
        post(case, staff.cadre)
    notice = notices.post(cases=[case], by=staff.cadre, starts_on=today, ends_on=today + 5 * ONE_DAY)
    assert (notice.days, notices.countdown(notice, today).words) == (5, "已张贴，还没起算，共 5 天")
    assert notices.countdown(notice, today + ONE_DAY).words == "第 1 天，共 5 天"


def test_the_rule_is_that_of_the_day_on_which_the_case_began(at, place, staff):
    case = at(Stage.NOTICE_DUE)
    set_number(place, staff, "notice_days", "9")
    assert post(case, staff.cadre).days == 5


# ---- the number ----


def test_numbers_run_without_a_gap_in_a_town_and_year(at, place, staff, make, today):
    first = post(at(Stage.NOTICE_DUE), staff.cadre)
    with pytest.raises(ValidationError, match="不能早于今天"):
        notices.post(
            cases=[at(Stage.NOTICE_DUE)], by=staff.cadre, starts_on=today - ONE_DAY, ends_on=today + 9 * ONE_DAY
        )
    fails_late = at(Stage.NOTICE)  # has a number of its own already
    with pytest.raises(ValidationError):
        hang([at(Stage.NOTICE_DUE, "孙某"), Case.objects.get(pk=fails_late.pk)], staff.cadre)
    last = post(at(Stage.NOTICE_DUE), staff.cadre)
    assert [first.number, last.number] == [f"青石公示〔{today.year}〕1 号", f"青石公示〔{today.year}〕3 号"]
    serials = Notice.objects.order_by("serial").values_list("serial", flat=True)
    assert list(serials) == [1, 2, 3]


# ---- the kinds ----


def of_kind(case: Case, kind: CaseKind) -> Case:
    """The same household at the same stage, in another matter."""
    about = None
    if kind == CaseKind.REMOVAL:
        about = Case.objects.create(
            household=case.household, village=case.village, stage=Stage.REMOVED, stage_since=timezone.now(),
            monitor_class=MonitorClass.EDGE, ruleset=case.ruleset,
        )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(kind=kind, about=about)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize(
    ("kind", "title", "words"),
    [
        (CaseKind.DESIGNATION, "关于拟纳入防止返贫监测对象的公示", "拟纳入防止返贫监测对象"),
        (CaseKind.REMOVAL, "关于拟消除返贫致贫风险的公示", "风险已经消除"),
        (CaseKind.REGISTRATION, "关于拟纳入建档立卡的公示", "拟纳入建档立卡"),
    ],
)
def test_one_template_prints_every_kind(at, staff, at_desk, kind, title, words):
    notice = hang([of_kind(at(Stage.NOTICE_DUE), kind)], staff.cadre)
    assert sheet_of(notice, masked=False).opening.count("民主评议") == 1
    text = at_desk(staff.cadre).get(reverse("monitoring:notice-print", args=[notice.pk])).content.decode()
    assert title in text.replace("<wbr>", "")
    assert words in text
    assert notice.number in text
    assert "12317" in text


def test_one_notice_is_about_one_matter(at, staff):
    mixed = [at(Stage.NOTICE_DUE), of_kind(at(Stage.NOTICE_DUE, "赵玉梅"), CaseKind.REGISTRATION)]
    with pytest.raises(ValidationError, match="同一个事项"):
        hang(mixed, staff.cadre)


def test_after_the_decision_the_town_announces_it_and_the_household_is_registered(at, staff, at_desk, today):
    case = at(Stage.DISTRICT)
    content = {**case.procedure.content, "steps": [*case.procedure.content["steps"], {
        "stage": "announce", "title": "公告", "source": "某文", "days": 3, "unit": "工作日",
    }]}  # fmt: skip
    type(case.procedure).objects.filter(pk=case.procedure_id).update(content=content)
    case = Case.objects.get(pk=take("acknowledge", case=case, by=staff.officer).pk)
    assert case.stage == Stage.ANNOUNCE
    with pytest.raises(ValidationError, match="公示"):
        take("announce", case=case, by=staff.reviewer)
    page = at_desk(staff.reviewer)
    form = {
        "idempotency_key": "7e9f3c52-52a8-4d26-8c5f-0e0f3f1f7a01", "starts_on": today, "ends_on": today, "case": f"{case.pk}:2",
    }  # fmt: skip
    form["case"] = f"{case.pk}:{Case.objects.get(pk=case.pk).version}"
    answer = page.post(reverse("monitoring:notice-result"), {**form, "post": "1"})
    assert answer.status_code == 302, answer.content.decode()
    notice = Notice.objects.get(kind=NoticeKind.RESULT)
    case.refresh_from_db()
    assert (case.stage, list(notice.cases.all())) == (Stage.REGISTERED, [case])
    assert sheet_of(notice, masked=False).seals == ["青石镇人民政府"]
    assert move_due(after(notice)).notices == 1


# ---- the words ----


@pytest.mark.parametrize(
    "remark",
    [
        f"户主证号{invented_id(serial=41)}",
        "电话 １３８ 0000 1234",
        "家里有人患癌症",
        "因病致贫",
        "人均收入 3000 元",
        "王大海家已核",
        "王乙在外务工",
    ],
)
def test_a_remark_with_what_must_not_be_public_is_refused(at, staff, remark):
    with pytest.raises(ValidationError, match="补充说明里不能写"):
        hang([at(Stage.NOTICE_DUE)], staff.cadre, remark=remark)
    assert not Notice.objects.exists()


def test_a_name_that_is_no_name_is_refused(at, staff):
    with pytest.raises(ValidationError, match="户主姓名里不能写身份证号"):
        hang([at(Stage.NOTICE_DUE, f"王{invented_id(serial=42)}")], staff.cadre)


def test_an_identity_number_is_no_telephone(at, staff, today):
    with pytest.raises(ValidationError, match="监督电话只填号码"):
        notices.post(
            cases=[at(Stage.NOTICE_DUE)], by=staff.cadre, starts_on=today, ends_on=today + 4 * ONE_DAY,
            town_phone=invented_id(serial=44).replace("X", "1"),
        )  # fmt: skip


def test_the_fields_of_a_public_row_are_a_list_of_four():
    assert set(PublicRow.__dataclass_fields__) == {"group_no", "head_name", "persons", "monitor_class"}


def test_what_is_handed_to_the_public_pages_has_no_more_than_the_sheet(running):
    assert set(public_sheet(running)) == {
        "title", "opening", "class_title", "rows", "period", "objecting", "phones", "remark", "seals", "dated", "number",
        "town", "village", "unit", "counted_days",
    }  # fmt: skip


# ---- photos ----


def test_without_the_photo_that_the_rule_set_asks_for_nothing_goes_on(at, place, staff, at_desk):
    set_number(place, staff, "notice_photo_required", "1")
    notice = hang([at(Stage.NOTICE_DUE)], staff.cadre)
    assert notice.photo_due_on == notice.starts_on + 2 * ONE_DAY
    assert move_due(after(notice)).cases == 0
    page = at_desk(staff.cadre)
    answer = page.post(reverse("monitoring:notice-photo", args=[notice.pk]), {"files": sent(picture())})
    assert answer.status_code == 302
    assert notice.photos.count() == 1
    assert move_due(after(notice)).cases == 1


def test_a_photo_cannot_show_a_notice_that_does_not_hang_yet(at, staff, today):
    notice = notices.post(
        cases=[at(Stage.NOTICE_DUE)], by=staff.cadre, starts_on=today + ONE_DAY, ends_on=today + 5 * ONE_DAY
    )
    with pytest.raises(ValidationError, match="还没有开始"):
        notices.add_photos(notice=notice, files=[], by=staff.cadre)


def test_another_village_cannot_photograph_it(running, staff, at_desk):
    url = reverse("monitoring:notice-photo", args=[running.pk])
    assert at_desk(staff.neighbour_cadre).get(url).status_code == 404


# ---- 撤销更正 ----


def test_a_household_that_was_posted_and_refused_is_offered_for_correction_once(running, staff, at_desk):
    move_due(after(running))
    case = running.cases.get(household__head_name="王大海")
    take("refuse", case=case, by=staff.reviewer, note="查明有固定工资")
    listed = at_desk(staff.cadre).get(reverse("monitoring:notices")).content.decode()
    assert reverse("monitoring:notice-correct", args=[running.pk]) in listed
    page = at_desk(staff.cadre)
    url = reverse("monitoring:notice-correct", args=[running.pk])
    assert "王大海" in page.get(url).content.decode()
    key = "7e9f3c52-52a8-4d26-8c5f-0e0f3f1f7a02"
    for _click in range(2):
        assert page.post(url, {"idempotency_key": key}).status_code == 302
    correction = Notice.objects.get(kind=NoticeKind.CORRECTION)
    assert (correction.corrects, [row["head_name"] for row in correction.snapshot]) == (running, ["王大海"])
    told = sheet_of(correction, masked=True)
    assert running.number in told.opening
    assert "固定工资" not in json.dumps(public_sheet(correction), ensure_ascii=False)
    with pytest.raises(ValidationError, match="已经更正过"):
        notices.correct(notice=running, by=staff.cadre)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_correct_a_notice_at_the_same_moment_post_one_correction(running, staff):
    move_due(after(running))
    take("refuse", case=running.cases.first(), by=staff.reviewer, note="查明有固定工资")
    results = race(*[lambda by=by: notices.correct(notice=running, by=by) for by in (staff.cadre, staff.team)])
    assert sum(isinstance(result, Notice) for result in results) == 1
    assert Notice.objects.filter(kind=NoticeKind.CORRECTION).count() == 1


def test_a_household_that_went_on_needs_no_correction(running, staff):
    move_due(after(running))
    with pytest.raises(ValidationError, match="没有要更正的户"):
        notices.correct(notice=running, by=staff.cadre)


def test_what_was_posted_anew_needs_no_correction(running, staff):
    move_due(after(running))
    case = take("return_to_notice", case=running.cases.first(), by=staff.reviewer, note="重新公示")
    assert notices.fallen_back(Notice.objects.filter(pk=running.pk))[running] == [case]
    hang([case], staff.cadre)
    assert notices.fallen_back(Notice.objects.filter(pk=running.pk)) == {}


# ---- what happens to a household meanwhile ----


def test_a_household_that_was_closed_meanwhile_does_not_go_on_and_the_page_says_so(running, staff, at_desk, today):
    case = running.cases.get(household__head_name="王大海")
    type(case.household).objects.filter(pk=case.household_id).update(closed_on=today)
    assert move_due(after(running)).cases == 1
    case.refresh_from_db()
    assert case.stage == Stage.NOTICE
    text = at_desk(staff.cadre).get(reverse("monitoring:notice", args=[running.pk])).content.decode()
    assert "已经注销或并入别的户" in text


def test_a_household_that_was_split_meanwhile_is_marked_and_its_row_stays(running, staff, at_desk):
    household = running.cases.get(household__head_name="赵玉梅").household
    household.members.exclude(relation="户主").update(left_on=timezone.localdate())
    text = at_desk(staff.cadre).get(reverse("monitoring:notice", args=[running.pk])).content.decode()
    assert text.count("公示以后家里有变化") == 1
    assert running.snapshot[1]["persons"] == 3


# ---- the pages ----


def test_the_page_of_a_notice_and_its_form_ask_as_often_for_many_households_as_for_few(at, staff, at_desk, today):
    page = at_desk(staff.cadre)

    def queries(ask):
        with CaptureQueriesContext(connection) as asked:
            answer = ask()
        assert answer.context.get("preview", True) and answer.context["cases"]
        return len(asked)

    def looked_at_and_confirmed(cases):
        days = {"starts_on": today, "ends_on": today + 4 * ONE_DAY, "idempotency_key": uuid.uuid4()}
        ticked = {**days, "case": [f"{case.pk}:{case.version}" for case in cases]}
        confirming = queries(lambda: page.post(reverse("monitoring:notice-new"), ticked))
        notice = hang(cases, staff.cadre)
        return confirming, queries(lambda: page.get(reverse("monitoring:notice", args=[notice.pk])))

    looked_at_and_confirmed([at(Stage.NOTICE_DUE)])
    few = looked_at_and_confirmed([at(Stage.NOTICE_DUE, head) for head in ("赵玉梅", "孙立柱")])
    assert looked_at_and_confirmed([at(Stage.NOTICE_DUE, head) for head in "甲乙丙丁戊己"]) == few


def test_the_tabs_count_what_is_behind_them(running, at, staff, at_desk):
    at(Stage.NOTICE_DUE, "孙立柱")
    text = at_desk(staff.cadre).get(reverse("monitoring:notices")).content.decode()
    for words in ("待发起 1", "公示中 1", "已期满 0", "有异议 0"):
        assert words in text
    text = at_desk(staff.cadre).get(reverse("monitoring:notices"), {"tab": "running"}).content.decode()
    assert "第 1 天，共 5 天" in text
    assert running.number in text


def test_an_office_opens_on_the_objections_that_the_menu_counts_for_it(running, at, staff, at_desk):
    def opened(who):
        return at_desk(who).get(reverse("monitoring:notices")).context["tab"]

    at(Stage.NOTICE_DUE, "孙立柱")
    assert opened(staff.reviewer) == "due"
    objection_to(running, staff.reviewer)
    assert (opened(staff.reviewer), opened(staff.cadre)) == ("disputed", "due")


def test_all_that_hangs_is_printed_a_sheet_each(running, at, staff, at_desk):
    hang([at(Stage.NOTICE_DUE, "孙立柱")], staff.cadre)
    text = at_desk(staff.reviewer).get(reverse("monitoring:notices-print")).content.decode()
    assert text.count("<article") == 2


@pytest.mark.parametrize(
    ("day", "words"), [("0001-01-01", "不能早于今天"), ("9999-12-31", "不能晚于"), ("9999-12-01", "不能晚于")]
)
def test_a_first_day_from_which_nothing_can_be_counted_is_refused_with_a_sentence(at, staff, at_desk, day, words):
    case, first = at(Stage.NOTICE_DUE), datetime.date.fromisoformat(day)
    form = {
        "case": f"{case.pk}:{case.version}", "starts_on": day, "ends_on": day, "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    answer = at_desk(staff.cadre).post(reverse("monitoring:notice-new"), form)
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    with pytest.raises(ValidationError, match=words):
        notices.post(cases=[case], by=staff.cadre, starts_on=first, ends_on=first)


def test_a_form_sent_twice_posts_once(at, staff, at_desk, today):
    case = at(Stage.NOTICE_DUE)
    form = {
        "idempotency_key": "7e9f3c52-52a8-4d26-8c5f-0e0f3f1f7a03", "starts_on": today, "ends_on": today + 4 * ONE_DAY,
        "case": f"{case.pk}:{case.version}", "post": "1",
    }  # fmt: skip
    page = at_desk(staff.cadre)
    assert page.post(reverse("monitoring:notice-new"), form).status_code == 302
    page.post(reverse("monitoring:notice-new"), form)
    assert Notice.objects.count() == 1


def test_a_household_that_somebody_moved_meanwhile_is_not_silently_left_out(at, staff, at_desk, today):
    case, other = at(Stage.NOTICE_DUE), at(Stage.NOTICE_DUE, "赵玉梅")
    form = {
        "idempotency_key": "7e9f3c52-52a8-4d26-8c5f-0e0f3f1f7a04", "starts_on": today, "ends_on": today + 4 * ONE_DAY,
        "case": [f"{case.pk}:{case.version}", f"{other.pk}:{other.version}"], "post": "1",
    }  # fmt: skip
    take("hold_meeting_again", case=other, by=staff.second_cadre, note="到会的人不够")
    answer = at_desk(staff.cadre).post(reverse("monitoring:notice-new"), form).content.decode()
    assert "已由别的同事办理" in answer
    assert not Notice.objects.exists()
