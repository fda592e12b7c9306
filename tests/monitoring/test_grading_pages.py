"""The pages of 三色分级 at each desk: lists, one household, many at once, papers; and who finds nothing there."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Posting
from accounts.roles import Role
from monitoring import grading
from monitoring.grading import basis_of
from monitoring.grading_grounds import ground_of
from monitoring.models import Grade, GradeLevel, Grading, GradingRound, GradingStage
from tests.monitoring.graded import RED, begin, filed, lifted, take_luan, visited


@pytest.fixture
def round_(place, staff):
    take_luan(place, staff)
    return begin(place, staff)


@pytest.fixture
def blue(round_, place, staff, make):
    return visited(lifted(make, place.village, "王大海"), staff.cadre)


def key():
    return str(uuid.uuid4())


def words(answer):
    return answer.content.decode()


def page(client, name, *args, **query):
    return client.get(reverse(f"monitoring:{name}", args=args), query)


def form_for(household, level, reason="", **more):
    basis = basis_of(ground_of(household, timezone.localdate()))
    return {"level": level, "reason": reason, "basis": basis, "idempotency_key": key(), **more}


def propose(client, household, level=3, reason="", **more):
    address = reverse("monitoring:grading-household", args=[household.pk])
    return client.post(address, form_for(household, level, reason, **more))


# ---- the village, on the phone ----


def test_the_village_sees_the_suggestion_and_proposes(at_desk, staff, blue):
    client = at_desk(staff.team)
    shown = words(page(client, "grading-household", blue.pk))
    assert "蓝 三级" in shown
    assert "村里提出等级" in shown
    assert propose(client, blue).status_code == 302
    assert Grading.objects.get().stage == GradingStage.PROPOSED
    assert "待镇（街）审核" in words(page(client, "grading-household", blue.pk))


def test_another_level_without_a_reason_comes_back_with_what_was_chosen(at_desk, staff, blue):
    answer = propose(at_desk(staff.team), blue, level=1)
    assert answer.status_code == 200
    assert "和系统建议不同，要写原因" in words(answer)
    assert not Grading.objects.exists()


@pytest.mark.parametrize("level", ["0", "4", "红", "", "1e9", "-1"])
def test_a_level_that_is_none_is_refused(at_desk, staff, blue, level):
    answer = propose(at_desk(staff.team), blue, level=level)
    assert "请选一个等级" in words(answer)
    assert not Grading.objects.exists()


def test_a_reason_that_is_too_long_is_refused(at_desk, staff, blue):
    assert propose(at_desk(staff.team), blue, level=1, reason="长" * 301).status_code == 200
    assert not Grading.objects.exists()


def test_a_household_without_a_fresh_visit_leads_to_the_survey(at_desk, staff, round_, place, make):
    household = lifted(make, place.village)
    shown = words(page(at_desk(staff.team), "grading-household", household.pk))
    assert "去入户调查" in shown
    assert "提出等级 1 户" not in shown


def test_agreeing_with_the_system_for_a_whole_village_skips_what_must_be_looked_at(at_desk, staff, blue, place, make):
    unclear = visited(lifted(make, place.village, "没问全"), staff.cadre, wage=None)
    lifted(make, place.village, "没入户")
    red = visited(lifted(make, place.village, "塌房"), staff.cadre, **RED)
    client = at_desk(staff.team)
    ask = {"action": "propose", "village": place.village.code, "area": place.zone.code}
    address = reverse("monitoring:grading-batch")
    shown = words(client.post(address, ask))
    assert "确认同意系统等级 2 户" in shown
    ticked = {"action": "propose", "area": place.zone.code, "household": [f"{one.pk}" for one in (blue, red, unclear)]}
    shown = words(client.post(address, ticked))
    assert "跳过 1 户" in shown
    assert "没问全" in shown
    seen = [f"{one.pk}:{basis_of(ground_of(one, timezone.localdate()))}" for one in (blue, red, unclear)]
    sent = {**ticked, "household": seen, "confirm": "1", "idempotency_key": key()}
    for _twice in range(2):
        assert client.post(address, sent).status_code == 302
    levels = Grading.objects.values_list("household__head_name", "level", "stage")
    assert set(levels) == {("王大海", 3, "proposed"), ("塌房", 1, "proposed")}


def test_what_changed_between_the_page_and_the_click_is_skipped_and_said(at_desk, staff, blue, place):
    seen = f"{blue.pk}:{basis_of(ground_of(blue, timezone.localdate()))}"
    visited(blue, staff.cadre, days_ago=0, **RED)
    sent = {"action": "propose", "household": [seen], "confirm": "1", "idempotency_key": key()}
    answer = at_desk(staff.team).post(reverse("monitoring:grading-batch"), sent, follow=True)
    assert "刚有新情况" in words(answer)
    assert not Grading.objects.exists()


def test_the_village_prints_its_list_with_colours_in_words(at_desk, staff, blue, place):
    filed(blue, staff, GradeLevel.YELLOW, reason="儿子失业")
    paper = words(page(at_desk(staff.cadre), "grading-paper", village=place.village.code))
    for expected in ("二级·黄", "王大海", "儿子失业", "村两委", "驻村扶贫工作队", "签名"):
        assert expected in paper
    assert blue.head.id_number not in paper


# ---- town and county ----


def test_the_town_agrees_one_by_one_where_the_village_differs_and_many_at_once_where_not(
    at_desk, staff, blue, place, make
):
    other = visited(lifted(make, place.village, "不一样"), staff.cadre)
    grading.propose(household=blue, level=3, by=staff.team)
    odd = grading.propose(household=other, level=2, by=staff.team, reason="儿子失业")
    client = at_desk(staff.reviewer)
    assert "儿子失业" in words(page(client, "grading", tab="town"))
    ask = {"action": "agree", "area": place.zone.code, "household": [f"{blue.pk}", f"{other.pk}"]}
    shown = words(client.post(reverse("monitoring:grading-batch"), ask))
    assert "确认审核同意 1 户" in shown
    assert "和系统建议不同，要看过原因单独审核" in shown
    confirm = {**ask, "household": [f"{blue.pk}:1", f"{other.pk}:1"], "confirm": "1", "idempotency_key": key()}
    client.post(reverse("monitoring:grading-batch"), confirm)
    assert dict(Grading.objects.values_list("household__head_name", "stage")) == {
        "王大海": "town_reviewed", "不一样": "proposed",
    }  # fmt: skip
    step = reverse("monitoring:grading-step", args=[odd.pk, "agree"])
    assert "报县备案" in words(client.get(step))
    assert client.post(step, {"version": odd.version, "note": "", "idempotency_key": key()}).status_code == 302
    odd.refresh_from_db()
    assert odd.stage == GradingStage.TOWN_REVIEWED


def test_a_return_without_a_reason_comes_back(at_desk, staff, blue):
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    client = at_desk(staff.reviewer)
    step = reverse("monitoring:grading-step", args=[proposed.pk, "return_to_village"])
    assert "请写明原因" in words(client.post(step, {"version": 1, "note": "", "idempotency_key": key()}))
    client.post(step, {"version": 1, "note": "请写清楚医药费", "idempotency_key": key()})
    assert "请写清楚医药费" in words(page(at_desk(staff.team), "grading", tab="returned"))


def test_the_county_files_a_village_and_sees_who_is_late(at_desk, staff, blue, round_, place, make):
    lifted(make, place.village)
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    grading.take("agree", grading=proposed, by=staff.reviewer)
    past = timezone.localdate() - datetime.timedelta(days=1)
    GradingRound.objects.update(due_on=past)
    client = at_desk(staff.officer)
    shown = words(page(client, "grading-round", round_.pk, area=place.town.code))
    assert "备案 1 户" in shown
    assert "迟了" in shown
    ask = {"action": "file", "village": place.village.code, "area": place.zone.code}
    assert "确认备案 1 户" in words(client.post(reverse("monitoring:grading-batch"), ask))
    confirm = {"action": "file", "household": [f"{blue.pk}:2"], "confirm": "1", "idempotency_key": key()}
    client.post(reverse("monitoring:grading-batch"), confirm)
    assert Grade.objects.get().level == 3
    sheet = words(page(client, "grading-filing", round_.pk))
    assert "备案表" in sheet
    assert "青石镇" in sheet


def test_the_county_opens_a_round_on_its_page(at_desk, staff, place):
    take_luan(place, staff)
    client = at_desk(staff.officer)
    assert "每年 4 月、10 月" in words(page(client, "grading-round-new"))
    today = timezone.localdate()
    form = {"begins_on": f"{today}", "due_on": f"{today + datetime.timedelta(days=30)}", "idempotency_key": key()}
    for _twice in range(2):
        assert client.post(reverse("monitoring:grading-round-new"), form).status_code == 302
    assert GradingRound.objects.get().opened_by == staff.officer
    again = {**form, "idempotency_key": key()}
    assert "没有重复开" in words(client.post(reverse("monitoring:grading-round-new"), again))


def test_the_grade_is_shown_where_the_product_shows_risk(at_desk, staff, blue):
    filed(blue, staff, GradeLevel.RED, reason="房子塌了")
    client = at_desk(staff.officer)
    for address in (
        reverse("households:list"),
        f"{reverse('households:list')}?risk=1",
        reverse("households:detail", args=[blue.pk]),
    ):
        assert "红 一级" in words(client.get(address)).partition("</form>")[2] or "risk-1" in words(client.get(address))
    assert "王大海" not in words(client.get(f"{reverse('households:list')}?risk=3")).partition("<tbody>")[2]
    assert "备案风险等级：一级·红" in words(client.get(reverse("households:log", args=[blue.pk])))
    assert "一级·红" in words(client.get(reverse("assistance:dossier", args=[blue.pk])))


def test_three_and_thirty_households_cost_the_same_queries(at_desk, staff, round_, place, make):
    def cost(client, name, **query):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert page(client, name, **query).status_code == 200
        return len(asked)

    def add(number):
        for _each in range(number):
            grading.propose(household=visited(lifted(make, place.village), staff.cadre), level=3, by=staff.team)
            visited(lifted(make, place.village), staff.cadre)

    asked = (("reviewer", "grading", {"tab": "town"}), ("team", "grading", {"tab": "ready"}),
             ("cadre", "grading-paper", {"village": place.village.code}), ("cadre", "grading-groups", {"all": "1"}))  # fmt: skip
    add(3)
    few = [cost(at_desk(getattr(staff, who)), name, **query) for who, name, query in asked]
    add(10)
    assert [cost(at_desk(getattr(staff, who)), name, **query) for who, name, query in asked] == few


# ---- who finds nothing there ----


@pytest.mark.parametrize("who", ["neighbour_cadre", "other_reviewer", "foreign_officer", "clerk", "admin"])
def test_another_village_is_not_found(at_desk, staff, blue, round_, place, who):
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    client = at_desk(getattr(staff, who))
    for answer in (
        page(client, "grading-household", blue.pk),
        propose(client, blue, level=1, reason="某因"),
        page(client, "grading-step", proposed.pk, "agree"),
        client.post(reverse("monitoring:grading-step", args=[proposed.pk, "agree"]), {"version": 1}),
        page(client, "grading-paper", village=place.village.code),
    ):
        assert answer.status_code in (403, 404)
        assert "王大海" not in words(answer)
    for action in ("propose", "agree", "file"):
        sent = {"action": action, "household": [f"{blue.pk}:1"], "confirm": "1", "idempotency_key": key()}
        answer = client.post(reverse("monitoring:grading-batch"), sent)
        assert answer.status_code in (302, 403, 404)
    proposed.refresh_from_db()
    assert (proposed.stage, proposed.version) == (GradingStage.PROPOSED, 1)


def test_the_round_of_another_county_is_not_found(at_desk, staff, round_):
    for name in ("grading-round", "grading-filing"):
        assert page(at_desk(staff.foreign_officer), name, round_.pk).status_code == 404
        assert page(at_desk(staff.cadre), name, round_.pk).status_code == 403
        assert page(at_desk(staff.inspector), name, round_.pk).status_code == 200


def test_a_town_that_is_not_ones_own_is_not_found_in_a_round(at_desk, staff, round_, place):
    assert page(at_desk(staff.reviewer), "grading-round", round_.pk, area=place.other_town.code).status_code == 404


def test_nobody_agrees_to_his_own_proposal_by_any_form(at_desk, staff, blue, place):
    Posting.objects.create(user=staff.team, role=Role.TOWN_REVIEWER, region=place.town, begins_on=timezone.localdate())
    client = at_desk(staff.team)
    assert propose(client, blue).status_code == 302
    proposed = Grading.objects.get()
    step = reverse("monitoring:grading-step", args=[proposed.pk, "agree"])
    assert "要请另一位同事办" in words(client.post(step, {"version": 1, "note": "", "idempotency_key": key()}))
    sent = {"action": "agree", "household": [f"{blue.pk}:1"], "confirm": "1", "idempotency_key": key()}
    answer = client.post(reverse("monitoring:grading-batch"), sent, follow=True)
    assert "要请另一位同事办" in words(answer)
    assert Grading.objects.get().stage == GradingStage.PROPOSED


@pytest.mark.parametrize("who", ["inspector", "reviewer", "officer"])
def test_the_offices_read_the_household_and_propose_nothing(at_desk, staff, blue, who):
    client = at_desk(getattr(staff, who))
    assert "提出等级 1 户" not in words(page(client, "grading-household", blue.pk))
    assert propose(client, blue).status_code == 302
    assert not Grading.objects.exists()


def test_a_step_that_does_not_exist_is_not_found(at_desk, staff, blue):
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    for step in ("file", "propose", "nonsense"):
        assert page(at_desk(staff.reviewer), "grading-step", proposed.pk, step).status_code == 404


def test_who_comes_second_is_told_on_the_page(at_desk, staff, blue):
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    grading.take("agree", grading=proposed, by=staff.second_reviewer)
    step = reverse("monitoring:grading-step", args=[proposed.pk, "agree"])
    answer = at_desk(staff.reviewer).post(step, {"version": 1, "idempotency_key": key()}, follow=True)
    assert "王强 办理，没有重复提交" in words(answer)


def test_where_nobody_is_graded_the_page_says_so(at_desk, staff):
    for who in ("cadre", "reviewer", "officer"):
        shown = words(page(at_desk(getattr(staff, who)), "grading"))
        assert "不分红黄蓝" in shown
        assert shown.count("三色分级</a>") == 0
