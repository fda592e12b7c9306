"""The pages and papers of 风险消除, of 返贫、新致贫, of help before the procedure, of refusals, and of the whole course."""

import datetime
import uuid

import pytest
from django.urls import reverse

from assistance.models import Delivery
from households.codes import RiskCause
from households.timeline import timeline
from monitoring.models import Case, CaseKind, Removal, Stage
from monitoring.workflow import take
from tests.households.sent_files import PDF, sent
from tests.monitoring.casework import bring, surveyed
from tests.monitoring.removed import bring_removal, looked_at, on_the_register, proposed


@pytest.fixture
def people(staff):
    return {
        "village": staff.cadre, "second": staff.second_cadre, "town": staff.reviewer, "district": staff.officer,
    }  # fmt: skip


@pytest.fixture
def family(place, make):
    return make.household(place.village, "周有福")


def page(name, case):
    return reverse(f"monitoring:{name}", args=[case.pk])


def keyed(**typed):
    return {"idempotency_key": str(uuid.uuid4()), **typed}


def words(answer):
    return answer.content.decode()


@pytest.mark.parametrize("desk", ["cadre", "reviewer"])
def test_the_page_refuses_with_all_reasons_and_offers_no_button(at_desk, staff, family, desk):
    designation = on_the_register(family, staff.cadre, months_ago=1)
    Delivery.objects.all().delete()
    looked_at(family, staff.cadre, wage=9_000_00, risks=(RiskCause.ILLNESS,))
    shown = words(at_desk(getattr(staff, desk)).get(page("removal", designation)))
    for told in (
        "有 4 项条件不满足",
        "不满 6 个月",
        "还没有一项帮扶措施落实",
        "低于",
        "还提示有风险",
        "取监测满半年的通行做法",
    ):
        assert told in shown
    assert "发起风险消除 1 户" not in shown
    answer = at_desk(getattr(staff, desk)).post(page("removal", designation), keyed(note=""))
    assert "还没有一项帮扶措施落实" in words(answer)
    assert not Case.objects.filter(kind=CaseKind.REMOVAL).exists()


def test_the_village_proposes_visits_and_goes_on(at_desk, staff, family):
    designation = on_the_register(family, staff.cadre)
    looked_at(family, staff.cadre, days_ago=5)
    village = at_desk(staff.cadre)
    assert "发起风险消除 1 户" in words(village.get(page("removal", designation)))
    assert village.post(page("removal", designation), keyed(note="稳定了")).status_code == 302
    case = Case.objects.get(kind=CaseKind.REMOVAL)
    assert "还没有新的入户调查" in words(village.get(page("removal-visit", case)))
    looked_at(family, staff.cadre)
    typed = keyed(version=case.version, first=staff.cadre.pk, second=staff.cadre.pk, second_name="")
    assert "不能是同一个人" in words(village.post(page("removal-visit", case), typed))
    typed = keyed(version=case.version, first=staff.cadre.pk, second=staff.team.pk, second_name="")
    assert village.post(page("removal-visit", case), typed).status_code == 302
    case.refresh_from_db()
    assert (case.stage, Removal.objects.get(pk=case.pk).visitors) == (Stage.MEETING, ["张桂英", "周建设"])


def test_the_buttons_speak_of_a_removal(at_desk, staff, people, family):
    case = bring_removal(family, Stage.TOWN, **people)
    shown = words(at_desk(staff.reviewer).get(page("case", case)))
    assert "同意消除，报区（市）" in shown
    shown = words(at_desk(staff.reviewer).get(reverse("monitoring:case-step", args=[case.pk, "endorse"])))
    assert "区（市）审定以前仍在册，帮扶照旧" in shown


def test_the_paper_puts_the_values_after_beside_those_at_the_designation(at_desk, staff, people, family):
    case = bring_removal(family, Stage.DONE, **people)
    shown = words(at_desk(staff.reviewer).get(page("removal-paper", case)))
    for told in ("风险消除评估表", "张桂英、赵有田", "9,000", "认定已满 6 个月", "消除风险不停帮扶"):
        assert told in shown
    assert shown.count("满足</td>") == 7


def test_the_district_reinstates_with_a_paper(at_desk, staff, place, people, family):
    designation = bring_removal(family, Stage.DONE, **people).about
    family.surveys.update(visited_on=designation.removed_on - datetime.timedelta(days=1))
    second = staff.foreign_officer
    second.postings.create(role="district_officer", region=place.zone, begins_on=datetime.date(2020, 1, 1))
    assert "回退要请另一位同事办" in words(at_desk(staff.officer).get(page("reinstate", designation)))
    typed = keyed(version=designation.version, note="又住院了", files=sent(PDF, "证明.pdf"))
    assert at_desk(second).post(page("reinstate", designation), typed).status_code == 302
    designation.refresh_from_db()
    assert designation.stage == Stage.REGISTERED
    assert designation.reinstatements.get().evidence.count() == 1


# ---- 绿色通道 ----


def test_help_before_the_procedure_is_marked_on_every_list(at_desk, staff, people, family):
    people.pop("second")
    case = bring(surveyed(family, staff.cadre), Stage.MEETING, **people)
    village = at_desk(staff.cadre)
    assert "请写明为什么要先行帮扶" in words(village.post(page("urgent", case), keyed(version=case.version, reason="")))
    typed = keyed(version=case.version, reason="房子烧了")
    assert village.post(page("urgent", case), typed).status_code == 302
    assert village.post(page("urgent", case), typed).status_code == 302  # the same form once more
    case.refresh_from_db()
    assert case.urgent_on is not None
    assert case.stage == Stage.MEETING
    assert case.events.filter(step="mark_urgent", note="房子烧了").count() == 1
    for desk, path in (
        ("cadre", reverse("monitoring:cases") + "?stage=meeting"), ("reviewer", reverse("monitoring:cases") + "?stage=meeting"),
        ("cadre", page("case", case)), ("cadre", reverse("assistance:overview")),
        ("reviewer", reverse("households:cases", args=[family.pk])),
    ):  # fmt: skip
        assert "先行帮扶" in words(at_desk(getattr(staff, desk)).get(path)), path
    assert at_desk(staff.cadre).get(reverse("assistance:delivery-new", args=[family.pk])).status_code == 200


# ---- the answer ----


def test_who_was_refused_gets_an_answer_in_plain_words(at_desk, staff, place, people, family):
    people.pop("second")
    type(place.town).objects.filter(pk=place.town.pk).update(office_phone="0632-7654321")
    case = bring(surveyed(family, staff.cadre), Stage.TOWN, **people)
    assert at_desk(staff.cadre).get(page("answer", case)).status_code == 404
    take("refuse", case=case, by=staff.reviewer, note="家里有两个人在外稳定务工")
    shown = words(at_desk(staff.cadre).get(page("answer", case)))
    for told in (
        "告知书",
        "经镇（街）审核，没有同意",
        "两个人在外稳定务工",
        "0632-7654321",
        "不同意见",
        "云山高新区扶贫办",
    ):
        assert told in shown
    assert page("answer", case) in words(at_desk(staff.cadre).get(page("case", case)))


def test_a_removal_that_was_given_up_tells_that_the_household_stays(at_desk, staff, family):
    case = take("close_watch", case=proposed(family, staff.cadre), by=staff.cadre, note="又住院了")
    assert "您家仍是监测对象" in words(at_desk(staff.cadre).get(page("answer", case)))


# ---- the course ----


def test_the_course_tells_who_when_what_and_on_which_clause(at_desk, staff, people, family):
    case = bring_removal(family, Stage.DONE, **people)
    shown = words(at_desk(staff.reviewer).get(page("course", case)))
    for told in (
        "办理全程表", "村提名，发起风险消除", "两人入户核实已办", "入户人：张桂英、赵有田", "民主评议会：同意", "应到 24，实到 21",
        "拟消除", "陈志远", "李敏", "取与纳入相同的岗位",
    ):  # fmt: skip
        assert told in shown, told
    shown = words(at_desk(staff.reviewer).get(page("course", case.about)))
    assert "这一户不是在这里按程序认定的：存量" in shown


def test_everything_of_a_case_stands_on_the_timeline(people, family):
    bring_removal(family, Stage.DONE, **people)
    titles = [entry.title for entry in timeline(family)]
    for told in ("民主评议会：同意", "风险消除入户核实", "入户调查"):
        assert told in titles
    assert any("拟消除" in title for title in titles)
