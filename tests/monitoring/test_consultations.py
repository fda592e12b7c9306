"""专题会商: what is written down, who carries it out, what became of it, and who reads what."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from households.timeline import timeline
from monitoring import inbox
from monitoring.models import Consultation, DecisionState
from monitoring.oversight_consultations import Resolved, record_consultation, settle_decision
from monitoring.workflow import open_case


@pytest.fixture
def case(place, staff, make):
    return open_case(household=make.household(place.village, "王大海"), by=staff.cadre, note="家里有人生病")


@pytest.fixture
def held(place, staff, today, case):
    def record(by=None, decisions=None, **given) -> Consultation:
        due_on = today + datetime.timedelta(days=7)
        values = {
            "region": place.town, "topic": "住房安全专题", "held_on": today, "venue": "镇会议室", "chair": "许明",
            "minute_taker": "李敏", "present": "民政所 甲某、村镇建设办 乙某", "minutes": "逐户研究。", "cases": [case], **given,
        }  # fmt: skip
        made = decisions or [
            Resolved("给王大海户鉴定住房", place.village, "", due_on, case),
            Resolved("核实临时救助", None, "区民政局", due_on),
        ]
        return record_consultation(by=by or staff.reviewer, decisions=made, **values)

    return record


def settle(decision, by, done=True, note="已经办了"):
    return settle_decision(decision=decision, by=by, done=done, note=note, version=decision.version)


@pytest.mark.parametrize("desk", ["cadre", "inspector", "clerk", "admin", "other_reviewer"])
def test_only_the_office_of_the_region_writes_one_down(held, staff, desk):
    with pytest.raises(PermissionDenied):
        held(by=getattr(staff, desk))


def test_what_cannot_be_is_refused(held, today, place, make, staff):
    tomorrow = today + datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="晚于今天"):
        held(held_on=tomorrow)
    with pytest.raises(ValidationError, match="期限"):
        held(decisions=[Resolved("某事", place.town, "", today - datetime.timedelta(days=1))])
    far = open_case(household=make.household(place.other_village), by=staff.other_reviewer, note="某因")
    with pytest.raises(ValidationError, match="范围"):
        held(cases=[far])
    assert not Consultation.objects.exists()


def test_a_decision_waits_for_its_unit_and_that_of_a_department_for_the_office(held, staff):
    held()
    lines = {desk: [item.title for item in inbox.todo(getattr(staff, desk)) if item.kind == "decision"]
             for desk in ("cadre", "reviewer", "officer", "neighbour_cadre", "inspector")}  # fmt: skip
    assert lines["cadre"] == ["会商议定：给王大海户鉴定住房"]
    assert lines["reviewer"] == lines["officer"] == ["会商议定：核实临时救助"]
    assert lines["neighbour_cadre"] == lines["inspector"] == []


def test_the_village_says_not_done_with_a_reason_and_done_later(held, staff):
    decision = held().decisions.get(position=1)
    with pytest.raises(ValidationError, match="写明"):
        settle(decision, staff.cadre, note=" ")
    settle(decision, staff.cadre, done=False, note="鉴定机构没有来")
    assert decision.state == DecisionState.NOT_DONE
    settle(decision, staff.reviewer)
    with pytest.raises(ValidationError, match="别人办过"):
        settle(decision, staff.cadre)
    with pytest.raises(PermissionDenied):
        settle(decision, staff.neighbour_cadre)


def test_a_village_reads_its_own_decision_and_not_the_minutes(held, staff, at_desk):
    consultation = held()
    browser = at_desk(staff.cadre)
    mine, other = consultation.decisions.order_by("position")
    assert "给王大海户鉴定住房" in browser.get(reverse("monitoring:decision", args=[mine.pk])).content.decode()
    assert browser.get(reverse("monitoring:decision", args=[other.pk])).status_code == 404
    assert browser.get(reverse("monitoring:consultation", args=[consultation.pk])).status_code == 403


def test_it_stands_on_the_case_and_the_timeline(held, case, staff, at_desk):
    consultation = held()
    page = at_desk(staff.reviewer).get(reverse("monitoring:case", args=[case.pk])).content.decode()
    assert consultation.topic in page
    told = next(entry for entry in timeline(case.household) if entry.title == "专题会商")
    assert "给王大海户鉴定住房" in told.text
    assert "核实临时救助" not in told.text


def test_the_minutes_print_with_places_to_sign_and_the_duties(held, staff, at_desk):
    text = at_desk(staff.inspector).get(reverse("monitoring:consultation-paper", args=[held().pk])).content.decode()
    for part in ("参加人签名", "主持人签名", "核实临时救助", "区民政局", "分管领导"):
        assert part in text


def typed(today, place, **given):
    rows = {f"decisions-{row}-{name}": "" for row in range(6) for name in ("what", "unit", "about", "due_on")}
    return {
        "idempotency_key": str(uuid.uuid4()), "region": place.town.pk, "topic": "住房", "held_on": today, "venue": "会议室",
        "chair": "许明", "minute_taker": "李敏", "present": "甲某", "minutes": "研究了", "named": "王大海",
        "decisions-TOTAL_FORMS": 6, "decisions-INITIAL_FORMS": 0, **rows, **given,
    }  # fmt: skip


def test_the_form_finds_households_and_units_by_name(case, staff, place, at_desk, today):
    rows = {
        "decisions-0-what": "鉴定住房", "decisions-0-unit": "北石桥村", "decisions-0-about": "王大海",
        "decisions-0-due_on": today, "decisions-1-what": "送救助", "decisions-1-unit": "区民政局", "decisions-1-due_on": today,
    }  # fmt: skip
    answer = at_desk(staff.reviewer).post(reverse("monitoring:consultation-new"), typed(today, place, **rows))
    assert answer.status_code == 302
    made = Consultation.objects.get()
    assert list(made.cases.all()) == [case]
    assert [(one.answerable, one.department, one.case) for one in made.decisions.order_by("position")] == [
        (place.village, "", case),
        (None, "区民政局", None),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"named": "李没有"}, "不是这里在办或在册的户"),
        ({"decisions-0-what": "鉴定住房"}, "请写责任单位"),
        ({"decisions-0-unit": "区民政局"}, "请写议定了什么事"),
        ({}, "至少写一件"),
    ],
)
def test_the_form_says_what_is_missing_and_keeps_what_was_typed(case, staff, place, at_desk, today, given, words):
    text = (
        at_desk(staff.reviewer)
        .post(reverse("monitoring:consultation-new"), typed(today, place, **given))
        .content.decode()
    )
    assert words in text
    assert 'value="住房"' in text
    assert not Consultation.objects.exists()
