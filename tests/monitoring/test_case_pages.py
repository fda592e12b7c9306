"""The pages of casework: what each desk sees, one click and two, htmx and without, many at once, and the inbox."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from households.codes import RiskCause
from monitoring import inbox, notices
from monitoring.evidence import way
from monitoring.models import Case, CaseEvent, Correction, Notice, PolicyValue, Stage
from monitoring.objections import record_objection
from monitoring.parameters import propose_value
from monitoring.procedures import procedure_of
from monitoring.workflow import open_case, policy_for, take
from tests.monitoring.casework import bring, let_it_run_out, surveyed
from tests.monitoring.removed import bring_removal

HTMX = {"HX-Request": "true"}


@pytest.fixture
def at(place, staff, make):
    def build(stage: Stage, head: str = "王大海", **given) -> Case:
        family = surveyed(make.household(place.village, head), staff.cadre, **given)
        return bring(family, stage, village=staff.cadre, town=staff.reviewer, district=staff.officer)

    return build


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def step_url(case: Case, step: str) -> str:
    return reverse("monitoring:case-step", args=[case.pk, step])


def filled(case: Case, **more) -> dict:
    return {"version": case.version, "idempotency_key": str(uuid.uuid4()), **more}


# ---- list and pane ----


def test_the_reviewer_finds_list_evidence_rules_way_and_action_on_one_page(at_desk, at, staff):
    at(Stage.TOWN)
    text = text_of(at_desk(staff.reviewer).get(reverse("monitoring:cases")))
    for part in (
        "待镇认定 <b>1</b>",
        "王大海",
        "3,000",
        "线 5,000",
        "人均纯收入",
        "触发 2 条规则",
        "办理进度",
        "认定，报区（市）",
        "退回村里补正",
    ):
        assert part in text


def test_htmx_gets_the_pane_alone_from_the_same_address(at_desk, at, staff):
    case = at(Stage.TOWN)
    client, address = at_desk(staff.reviewer), f"{reverse('monitoring:cases')}?stage=town&case={case.pk}"
    pane = text_of(client.get(address, headers=HTMX))
    assert "<html" not in pane
    assert "人均纯收入" in pane
    assert "<html" in text_of(client.get(address))


def test_after_a_step_the_reviewer_goes_on_at_the_next_household_of_the_same_list(at_desk, at, staff):
    first, second, third = (at(Stage.TOWN, head) for head in ("王大海", "赵玉梅", "孙立柱"))
    client, place = at_desk(staff.reviewer), {"stage": "town", "monitor_class": second.monitor_class}
    pane = client.get(reverse("monitoring:cases"), {**place, "case": second.pk}).content.decode()
    queue = f"stage=town&amp;monitor_class={second.monitor_class}&amp;case={third.pk}"
    assert f'name="queue" value="{queue}"' in pane
    queue = queue.replace("&amp;", "&")
    sent = filled(second, main_risk=RiskCause.ILLNESS.value, queue=queue)
    assert client.post(step_url(second, "endorse"), sent)["Location"] == f"{reverse('monitoring:cases')}?{queue}"
    page = client.get(step_url(third, "return_to_survey"), {"queue": queue})
    assert page.context["back"].endswith(f"case={third.pk}")
    for case, nonsense in ((first, "stage=nowhere"), (third, "stage=town&case=x")):
        answer = client.post(step_url(case, "return_to_survey"), filled(case, note="请补房照", queue=nonsense))
        assert answer["Location"] == f"{reverse('monitoring:cases')}?stage=town"


def test_under_a_step_that_is_done_stands_the_day_on_which_it_was_done(at):
    case = at(Stage.TOWN)
    day = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    for number, event in enumerate(case.events.order_by("at")):
        CaseEvent.objects.filter(pk=event.pk).update(at=day + datetime.timedelta(days=number))
    shown = {step["label"]: step["date"] for step in way(case, procedure_of(case, policy_for(case)))}
    sat = case.events.get(step="meeting_recognise").at
    came = case.events.get(to_stage=Stage.TOWN).at
    assert shown["评议"] == f"{sat:%m-%d}"
    assert shown["公示"] == shown["镇认定"] == f"{came:%m-%d}"
    assert shown["报区"] == shown["在册"] == ""


def test_what_was_turned_down_has_its_answer_in_the_pane(at_desk, at, staff):
    case = at(Stage.TOWN)
    take("refuse", case=case, by=staff.reviewer, note="收入够线")
    pane = text_of(at_desk(staff.reviewer).get(reverse("monitoring:cases"), {"stage": "over"}))
    assert reverse("monitoring:answer", args=[case.pk]) in pane


@pytest.mark.parametrize("side", ["evidence", "meeting", "record"])
def test_each_tab_of_the_pane_has_its_own_material(at_desk, at, staff, side):
    case = at(Stage.TOWN)
    text = text_of(
        at_desk(staff.reviewer).get(reverse("monitoring:cases"), {"case": case.pk, "side": side}, headers=HTMX)
    )
    assert {"evidence": "本次入户", "meeting": "实到 21 人", "record": "列为预警关注，报镇（街）备案"}[side] in text


def test_filters_stay_while_one_goes_through_the_list(at_desk, at, staff, place):
    case = at(Stage.TOWN)
    text = text_of(
        at_desk(staff.reviewer).get(reverse("monitoring:cases"), {"stage": "town", "village": place.village.pk})
    )
    assert f"?stage=town&amp;village={place.village.pk}&amp;case={case.pk}#pane" in text
    assert f"village={place.village.pk}&amp;case={case.pk}&amp;side=record" in text


def test_a_foreign_case_cannot_be_opened_in_the_pane(at_desk, at, staff):
    case = at(Stage.TOWN)
    for stranger in (staff.other_reviewer, staff.foreign_officer):
        answer = at_desk(stranger).get(reverse("monitoring:cases"), {"stage": "town", "case": case.pk})
        assert answer.status_code == 404


def test_the_list_costs_the_same_for_three_and_for_thirty(at_desk, place, staff, make):
    client = at_desk(staff.reviewer)

    def watch(count):
        for number in range(count):
            household = surveyed(make.household(place.village, f"户主{number}"), staff.cadre)
            open_case(household=household, by=staff.cadre, note="")

    counts = []
    client.get(reverse("monitoring:cases"))  # the numbers in the menu are kept from here on
    for more in (3, 15):
        watch(more)
        with CaptureQueriesContext(connection) as queries:
            text_of(client.get(reverse("monitoring:cases"), {"stage": "watch"}))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_village_gets_cards_and_its_own_page(at_desk, at, staff):
    case = at(Stage.SURVEY)
    client = at_desk(staff.cadre)
    text = text_of(client.get(reverse("monitoring:cases"), {"stage": "survey"}))
    assert "phone-bar" in text
    assert "王大海" in text
    text = text_of(client.get(reverse("monitoring:case", args=[case.pk])))
    assert "办到哪一步了" in text
    assert "入户调查已办，转民主评议" in text


@pytest.mark.parametrize(
    "name", ["households:detail", "households:cases", "households:log", "assistance:card", "assistance:dossier"]
)
def test_what_was_found_of_a_hit_is_on_no_page_of_the_household(at_desk, at, staff, name):
    case = at(Stage.TOWN, negative_bits=1)
    take("explain_hold", case=case, by=staff.reviewer, note="车已过户")
    for person in (staff.cadre, staff.inspector):
        page = text_of(at_desk(person).get(reverse(name, args=[case.household_id])))
        assert "王大海" in page
        assert "车已过户" not in page


def test_hits_on_the_negative_list_are_seen_by_the_offices_that_handle_the_case_only(at_desk, at, staff):
    case = at(Stage.TOWN, negative_bits=1)
    take("explain_hold", case=case, by=staff.reviewer, note="车已过户")
    address = reverse("monitoring:case", args=[case.pk])
    assert "车已过户" in text_of(at_desk(staff.reviewer).get(address))
    for desk in (staff.cadre, staff.inspector):
        text = text_of(at_desk(desk).get(address))
        assert "车已过户" not in text
        assert "Z10" not in text
    paper = text_of(at_desk(staff.reviewer).get(reverse("monitoring:case-paper", args=[case.pk])))
    assert "Z10" not in paper
    assert "王大海" in paper


# ---- one step ----


def test_a_step_has_a_page_with_its_consequences_and_acts_once(at_desk, at, staff):
    case, client = at(Stage.TOWN), at_desk(staff.reviewer)
    page = text_of(client.get(step_url(case, "endorse")))
    for part in ("王大海", "区（市）收到待办", "确认认定，报区（市） 1 户", "三（二）"):
        assert part in page
    form = filled(case, main_risk="illness", note="情况属实，同意")
    for _click in range(2):
        assert client.post(step_url(case, "endorse"), form).status_code in (302, 409)
    assert Case.objects.get(pk=case.pk).stage == Stage.DISTRICT
    assert case.events.filter(step="endorse").count() == 1


def test_the_slower_reviewer_is_told_who_was_faster(at_desk, at, staff):
    case = at(Stage.TOWN)
    take("return_to_survey", case=case, by=staff.second_reviewer, note="补正")
    answer = at_desk(staff.reviewer).post(
        step_url(case, "endorse"), filled(case, main_risk="illness", note="同意"), follow=True
    )
    assert "已由 王强 办理，没有重复提交" in text_of(answer)


def test_a_return_without_a_reason_comes_back_with_the_form(at_desk, at, staff):
    case = at(Stage.TOWN)
    text = text_of(at_desk(staff.reviewer).post(step_url(case, "return_to_survey"), filled(case, note="")))
    assert "请写明原因" in text
    assert Case.objects.get(pk=case.pk).stage == Stage.TOWN


def test_a_step_that_ones_role_may_not_take_is_no_page(at_desk, at, staff):
    case = at(Stage.TOWN)
    assert at_desk(staff.cadre).get(step_url(case, "endorse")).status_code == 404
    assert at_desk(staff.cadre).post(step_url(case, "endorse"), filled(case, main_risk="illness")).status_code == 403
    assert at_desk(staff.inspector).get(step_url(case, "endorse")).status_code == 403
    assert at_desk(staff.reviewer).get(step_url(case, "no_such_step")).status_code == 404


def test_the_cadre_puts_a_household_under_watch(at_desk, place, staff, make):
    household = make.household(place.village)
    client, address = at_desk(staff.cadre), reverse("monitoring:case-open", args=[household.pk])
    text_of(client.get(address))
    assert "为什么要关注" in text_of(client.post(address, {"idempotency_key": str(uuid.uuid4())}))
    answer = client.post(address, {"idempotency_key": str(uuid.uuid4()), "note": "出了车祸"}, follow=True)
    assert "报镇（街）备案" in text_of(answer)
    assert client.get(address).status_code == 302


# ---- many at once ----


@pytest.fixture
def queue(at):
    """Three clean cases before the town, one with two causes, one on hold."""
    clean = [at(Stage.TOWN, head) for head in ("赵玉梅", "孙立柱", "周德福")]
    two = at(Stage.TOWN, "王大海", risks=(RiskCause.ILLNESS, RiskCause.DISABILITY))
    return [*clean, two, at(Stage.TOWN, "刘桂芝", negative_bits=1)]


def entries(cases) -> list[str]:
    return [f"{case.pk}:{case.version}" for case in cases]


def test_many_are_endorsed_after_a_page_with_their_names_and_the_unclear_are_skipped(at_desk, queue, staff):
    client, address = at_desk(staff.reviewer), reverse("monitoring:cases-batch")
    page = text_of(client.post(address, {"step": "endorse", "case": entries(queue)}))
    for part in ("批量同意 3 户", "赵玉梅", "跳过 2 户", "有 2 个风险原因", "负面清单", "确认同意 3 户"):
        assert part in page
    assert Case.objects.filter(stage=Stage.DISTRICT).count() == 0
    form = {
        "step": "endorse",
        "case": entries(queue[:3]),
        "confirm": "1",
        "note": "同意",
        "idempotency_key": str(uuid.uuid4()),
    }
    assert "已办 3 户" in text_of(client.post(address, form, follow=True))
    assert "没有重复提交" in text_of(client.post(address, form, follow=True))
    assert Case.objects.filter(stage=Stage.DISTRICT, main_risk="illness").count() == 3


def test_what_somebody_did_meanwhile_is_said_and_the_rest_goes_on(at_desk, queue, staff):
    take("endorse", case=queue[0], by=staff.second_reviewer, main_risk="illness")
    form = {
        "step": "endorse",
        "case": entries(queue[:3]),
        "confirm": "1",
        "note": "",
        "idempotency_key": str(uuid.uuid4()),
    }
    text = text_of(at_desk(staff.reviewer).post(reverse("monitoring:cases-batch"), form, follow=True))
    assert "已办 2 户" in text
    assert "赵玉梅" in text
    assert "已由 王强 办理，没有重复提交" in text


def test_a_batch_of_two_kinds_says_of_each_what_follows(at_desk, at, place, staff, make):
    designation = at(Stage.DISTRICT, "赵玉梅")
    removal = bring_removal(
        make.household(place.village, "何守田"), Stage.DISTRICT, village=staff.cadre, second=staff.team, town=staff.reviewer,
        district=staff.officer,
    )  # fmt: skip
    client, address = at_desk(staff.officer), reverse("monitoring:cases-batch")
    page = text_of(client.post(address, {"step": "acknowledge", "case": entries([designation, removal])}))
    for part in ("签收，列入在册：1 户", "列入在册监测对象和台账", "审定，移出在册：1 户", "帮扶措施不因此结束"):
        assert part in page
    form = {
        "step": "acknowledge", "case": entries([designation, removal]), "confirm": "1", "note": "同意",
        "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    done = text_of(client.post(address, form, follow=True))
    assert "签收，列入在册：已办 1 户" in done
    assert "审定，移出在册：已办 1 户" in done


def test_nobody_batches_what_he_submitted_or_may_not(at_desk, queue, staff):
    form = {"step": "acknowledge", "case": entries(queue)}
    assert "没有可以批量办的户" in text_of(at_desk(staff.reviewer).post(reverse("monitoring:cases-batch"), form))
    assert at_desk(staff.cadre).post(reverse("monitoring:cases-batch"), form).status_code == 403


# ---- meeting and notice ----


def test_one_meeting_decides_on_several_households(at_desk, at, staff, today):
    cases = [at(Stage.MEETING, head) for head in ("王大海", "赵玉梅", "孙立柱")]
    client, address = at_desk(staff.cadre), reverse("monitoring:meeting")
    assert "待评议 3 户" in text_of(client.get(address))
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "held_on": today,
        "due": 24,
        "present": 21,
        "minutes": "都同意",
        "chair": "主任",
        "minute_taker": "会计",
    }
    for case in cases[:2]:
        form |= {
            f"case-{case.pk}-{name}": value
            for name, value in {"include": "on", "version": case.version, "in_favour": 20, "abstained": 1}.items()
        }
        form[f"case-{case.pk}-recognised"] = "yes"
    form[f"case-{cases[2].pk}-version"] = cases[2].version
    form[f"case-{cases[1].pk}-in_favour"] = 22
    assert "要等于实到 21 人" in text_of(client.post(address, form))
    assert Case.objects.filter(stage=Stage.MEETING).count() == 3
    form[f"case-{cases[1].pk}-in_favour"] = 20
    form[f"case-{cases[1].pk}-recognised"] = "no"
    assert "不同意要写明原因" in text_of(client.post(address, form))
    form[f"case-{cases[1].pk}-reason"] = "有固定工作"
    assert client.post(address, form).status_code == 302
    assert [Case.objects.get(pk=case.pk).stage for case in cases] == [Stage.NOTICE_DUE, Stage.REFUSED, Stage.MEETING]


def test_a_notice_is_looked_at_before_it_is_posted(at_desk, at, staff, today):
    case = at(Stage.NOTICE_DUE)
    client, address = at_desk(staff.cadre), reverse("monitoring:notice-new")
    text_of(client.get(address))
    form = {
        "idempotency_key": str(uuid.uuid4()), "case": entries([case]), "starts_on": today,
        "ends_on": today + datetime.timedelta(days=4), "village_phone": "0000-0000001",
    }  # fmt: skip
    assert "确认发起公示 1 户" in text_of(client.post(address, form))
    assert not Notice.objects.exists()
    assert client.post(address, {**form, "post": "1"}).status_code == 302
    notice = Notice.objects.get()
    assert "第 1 天，共 5 天" in text_of(client.get(reverse("monitoring:notice", args=[notice.pk])))
    assert "北石桥" in text_of(client.get(reverse("monitoring:notices")))
    assert "3709" not in text_of(client.get(reverse("monitoring:notice-print", args=[notice.pk])))


def test_a_notice_too_short_comes_back_with_a_sentence(at_desk, at, staff, today):
    case = at(Stage.NOTICE_DUE)
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "case": entries([case]),
        "starts_on": today,
        "ends_on": today,
        "post": "1",
    }
    text = text_of(at_desk(staff.cadre).post(reverse("monitoring:notice-new"), form))
    assert "公示不能少于 5 天" in text
    assert "公示哪几户" in text


def test_the_village_reports_a_finished_notice_to_the_town(at_desk, at, staff):
    case = at(Stage.NOTICE)
    notice = Notice.objects.get(cases=case)
    client, address = at_desk(staff.cadre), reverse("monitoring:notice-close", args=[notice.pk])
    assert "期满后的第二天再办" in text_of(client.post(address, {"idempotency_key": str(uuid.uuid4())}, follow=True))
    let_it_run_out(notice)
    assert "公示期满，1 户往下办" in text_of(client.get(reverse("monitoring:notice", args=[notice.pk])))
    assert "1 户已报镇（街）认定" in text_of(client.post(address, {"idempotency_key": str(uuid.uuid4())}, follow=True))
    assert at_desk(staff.reviewer).post(address).status_code == 403


def test_a_finished_notice_with_an_open_objection_asks_nothing_of_the_village(at_desk, at, staff, today):
    case = at(Stage.NOTICE)
    notice = Notice.objects.get(cases=case)
    objected = record_objection(
        notice=notice, case=case, by=staff.team, channel="paper", raised_on=today, content="家里有车"
    )
    let_it_run_out(notice)
    client, address = at_desk(staff.cadre), reverse("monitoring:notice", args=[notice.pk])
    assert "户往下办" not in (page := text_of(client.get(address)))
    assert "1 户有异议还没有核查完" in page
    assert "公示期满" not in text_of(client.get(reverse("ledgers:home")))
    type(objected).objects.update(upheld=False)
    assert "公示期满，1 户往下办" in text_of(client.get(address))
    assert "公示期满" in text_of(client.get(reverse("ledgers:home")))


def test_blank_and_filled_papers_print(at_desk, at, staff):
    case = at(Stage.MEETING)
    client = at_desk(staff.cadre)
    assert "王大海" in text_of(client.get(reverse("monitoring:meeting-paper")))
    assert "审核表" in text_of(client.get(reverse("monitoring:case-paper", args=[case.pk])))


def test_the_district_switches_web_notices_on_its_page(at_desk, place, staff):
    client, address = at_desk(staff.officer), reverse("monitoring:web-switch")
    text_of(client.get(address))
    assert "已开通" in text_of(client.post(address, {"district": place.zone.pk, "switch": "on"}, follow=True))
    assert client.post(address, {"district": place.foreign_county.pk, "switch": "on"}).status_code == 403
    assert at_desk(staff.reviewer).get(address).status_code == 403
    assert notices.web_notices_enabled(place.village)


# ---- corrections and parameters ----


def test_a_correction_is_proposed_and_settled_on_pages(at_desk, at, staff):
    case = at(Stage.REGISTERED)
    address = reverse("monitoring:correction-new", args=[case.pk])
    client = at_desk(staff.cadre)
    text_of(client.get(address))
    form = {"idempotency_key": str(uuid.uuid4()), "field": "main_risk", "reason": "核实"}
    assert "请填要改成什么" in text_of(client.post(address, form))
    assert client.post(address, {**form, "main_risk": "accident"}).status_code == 302
    correction = Correction.objects.get()
    settle = reverse("monitoring:correction-settle", args=[correction.pk])
    assert at_desk(staff.cadre).post(settle, {"verdict": "accept"}).status_code == 403
    assert "因意外" in text_of(at_desk(staff.reviewer).get(reverse("monitoring:corrections")))
    assert "更正已生效" in text_of(at_desk(staff.reviewer).post(settle, {"verdict": "accept"}, follow=True))
    assert Case.objects.get(pk=case.pk).main_risk == "accident"


def test_a_new_number_needs_a_document_and_a_second_person(at_desk, place, staff, today):
    propose = reverse("monitoring:parameter-propose", args=["income_line"])
    officer = at_desk(staff.officer)
    text_of(officer.get(propose))
    form = {"idempotency_key": str(uuid.uuid4()), "value": "6000", "starts_on": today, "source": ""}
    assert "请写明依据哪份文件" in text_of(officer.post(propose, form))
    assert "要填" in text_of(officer.post(propose, {**form, "source": "某文", "value": "六千"}))
    assert officer.post(propose, {**form, "source": "某文〔2021〕1号 第二条"}).status_code == 302
    value = PolicyValue.objects.get()
    settle = reverse("monitoring:parameter-settle", args=[value.pk])
    assert "请另一位同事复核" in text_of(officer.post(settle, {"verdict": "confirm"}, follow=True))
    assert "随规则集" in text_of(officer.get(reverse("monitoring:parameters")))
    assert "按新的算" in text_of(at_desk(staff.admin).post(settle, {"verdict": "confirm"}, follow=True))
    assert "6,000" in text_of(officer.get(reverse("monitoring:parameters")))
    assert "不能撤回" in text_of(officer.post(settle, {"verdict": "withdraw"}, follow=True))
    assert at_desk(staff.reviewer).post(settle, {"verdict": "confirm"}).status_code == 403


# ---- inbox ----


def test_each_desk_finds_its_own_work_soonest_first(at, staff, today):
    at(Stage.WATCH, "王大海")
    at(Stage.NOTICE_DUE, "赵玉梅")
    let_it_run_out(Notice.objects.get(cases=at(Stage.NOTICE, "孙立柱")))
    at(Stage.TOWN, "周德福")
    at(Stage.DISTRICT, "刘桂芝")
    village = inbox.todo(staff.cadre)
    assert [item.kind for item in village] == [Stage.NOTICE, Stage.WATCH, Stage.NOTICE_DUE]
    assert village[0].overdue
    assert [item.title for item in inbox.todo(staff.reviewer)] == ["周德福"]
    assert [item.title for item in inbox.todo(staff.officer)] == ["刘桂芝"]
    assert inbox.todo(staff.inspector) == inbox.todo(staff.unposted) == inbox.todo(staff.neighbour_cadre) == []
    assert inbox.counts(staff.cadre)["monitoring:notices"] == 2
    assert inbox.counts(staff.reviewer)["monitoring:cases"] == 1


def test_the_menu_counts_what_the_list_holds(at, staff, place):
    for stage in (Stage.WATCH, Stage.SURVEY, Stage.MEETING, Stage.NOTICE_DUE, Stage.NOTICE, Stage.TOWN, Stage.DISTRICT):
        at(stage, f"户主{stage}")
    case = at(Stage.REGISTERED)
    Correction.objects.create(
        case=case, field="main_risk", old="illness", new="accident", reason="因", proposed_by=staff.reviewer
    )
    let_it_run_out(Notice.objects.filter(cases__stage=Stage.NOTICE).get())
    people = (staff.cadre, staff.reviewer, staff.second_reviewer, staff.officer, staff.inspector, staff.admin)
    counted = [inbox.counts(person)["ledgers:home"] for person in people]
    assert counted == [len(inbox.todo(person)) for person in people]
    assert max(counted) > 3


def test_a_page_that_has_read_the_list_counts_its_lines_to_the_same_numbers(at, staff, place, today):
    for stage in (Stage.WATCH, Stage.MEETING, Stage.NOTICE_DUE, Stage.TOWN, Stage.DISTRICT):
        at(stage, f"户主{stage}")
    Case.objects.update(due_on=today - datetime.timedelta(days=1))
    let_it_run_out(Notice.objects.get(cases=at(Stage.NOTICE, "孙立柱")))
    for number in ("6000", "6100"):
        propose_value(
            region=place.zone, by=staff.admin, key="income_line", value=number, starts_on=today, source="某文第二条"
        )
    people = (staff.cadre, staff.reviewer, staff.officer, staff.inspector, staff.clerk, staff.admin, staff.unposted)
    asked = [inbox.counts(person) for person in people]
    for person in people:
        person.remember_postings()
        inbox.todo(person)
    assert [inbox.counts(person) for person in people] == asked
    assert asked[2]["monitoring:parameters"] == 2


def test_what_was_sent_back_comes_first_with_the_reason(at, staff):
    at(Stage.WATCH, "赵玉梅")
    take("return_to_survey", case=at(Stage.TOWN), by=staff.reviewer, note="请补住房照片")
    first = inbox.todo(staff.cadre)[0]
    assert (first.title, "请补住房照片" in first.detail) == ("王大海", True)


def test_a_second_person_finds_what_waits_for_him(at, staff):
    case = at(Stage.REGISTERED)
    Correction.objects.create(
        case=case, field="main_risk", old="illness", new="accident", reason="因", proposed_by=staff.reviewer
    )
    assert "correction" in [item.kind for item in inbox.todo(staff.officer)]
    assert "correction" not in [item.kind for item in inbox.todo(staff.reviewer)]


def test_a_clue_is_work_for_the_village(place, staff, make):
    surveyed(make.household(place.village), staff.cadre)
    assert [item.kind for item in inbox.todo(staff.cadre)] == ["clue"]
