"""缺什么补什么: needs in place, promised or open; candidates in their order; and what somebody should look at."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance.conditions import Answer
from assistance.gaps import CautionKind, Gaps, State, gaps_of, need_label
from assistance.models import Delivery, DistrictMeasure
from households.codes import GUARANTEE_BITS, Dibao, Guarantee, Health, LabourSkill, RiskCause
from households.models import Household
from monitoring.models import Case, Stage
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import DECIDED, appoint, designate, give
from tests.monitoring.surveyed import visit

ON = datetime.date(2020, 4, 10)  # 21 days after the designation
LATER = datetime.date(2020, 6, 30)


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    household = make.household(place.village)
    designate(household)
    appoint(household, begun_on=DECIDED)
    return household


def gaps(household: Household, on: datetime.date = ON) -> Gaps:
    return gaps_of(Case.objects.filter(household=household), on)[household.pk]


def cautions(household: Household, on: datetime.date = ON) -> dict[CautionKind, str]:
    return {one.kind: one.words for one in gaps(household, on).cautions}


def promise(household: Household, code: str, member: Any = None, **fields: Any) -> Delivery:
    return give(household, code, member, begun_on=None, promised_on=DECIDED, **fields)


def codes_for(household: Household, code: str = "illness") -> list[str]:
    found = gaps(household)
    need = next(one for one in found.needs if one.code == code)
    return [one.measure.code for one in found.candidates(need)]


def test_needs_are_the_main_risk_the_newest_causes_and_the_unsolved_guarantees(family: Household, staff: Staff) -> None:
    assert [need.code for need in gaps(family).needs] == ["illness"]
    visit(family, staff.cadre, DECIDED, risks=(RiskCause.EDUCATION,), guarantee_bits=GUARANTEE_BITS[Guarantee.HOUSING])
    found = gaps(family).needs
    assert [(need.code, need.is_guarantee) for need in found] == [
        ("illness", False),
        ("education", False),
        ("housing", True),
    ]
    assert [need.label for need in found] == ["因病", "因学", "住房安全"]
    assert [need_label(need.key) for need in found] == ["因病", "因学", "住房安全"]
    visit(family, staff.cadre, ON)
    assert [need.code for need in gaps(family).needs] == ["illness"]


def test_before_any_visit_the_causes_of_the_case_count(place: Place, make: Make) -> None:
    household = make.household(place.village)
    designate(household, main_risk="", risk_causes=["education", "no_such_cause"])
    assert [need.code for need in gaps(household).needs] == ["education"]


def test_a_need_is_open_then_promised_then_in_place(family: Household) -> None:
    need = gaps(family).needs[0]
    assert (need.state, need.days) == (State.NONE, 21)
    assert len(gaps(family).open_needs) == 1
    waiting = promise(family, "family_doctor")
    need = gaps(family).needs[0]
    assert need.state == State.PROMISED
    assert [one.name for one in need.promised] == ["家庭医生签约服务"]
    Delivery.objects.filter(pk=waiting.pk).update(begun_on=ON)
    need = gaps(family).needs[0]
    assert need.state == State.IN_PLACE
    assert need.promised == []


def test_what_was_given_up_or_is_for_another_need_answers_nothing(family: Household) -> None:
    promise(family, "family_doctor", dropped_on=ON)
    give(family, "education", family.members.head_first()[0])
    assert gaps(family).needs[0].state == State.NONE


def test_a_measure_of_who_has_left_answers_nothing(family: Household) -> None:
    _head, spouse = family.members.head_first()[:2]
    give(family, "medical", spouse)
    assert gaps(family).needs[0].state == State.IN_PLACE
    family.members.filter(pk=spouse.pk).update(left_on=ON)
    assert gaps(family).needs[0].state == State.NONE


def test_dibao_that_only_the_register_tells_counts_and_being_insured_does_not(family: Household) -> None:
    assert all(member.medical_insured for member in family.members.all())
    assert gaps(family).needs[0].state == State.NONE
    family.members.filter(relation="户主").update(dibao=Dibao.RURAL)
    need = gaps(family).needs[0]
    assert need.state == State.IN_PLACE
    assert [(one.name, one.delivery) for one in need.in_place] == [("低保", None)]


def test_what_a_dated_delivery_says_is_over_the_register_does_not_say_any_more(family: Household) -> None:
    head = family.members.head_first()[0]
    family.members.filter(pk=head.pk).update(dibao=Dibao.RURAL)
    assert "dibao" not in [one.code for one in gaps(family).in_place if one.delivery]
    promised = promise(family, "dibao", head)
    need = gaps(family).needs[0]
    assert (need.state, [one.code for one in need.promised]) == (
        State.IN_PLACE,
        ["dibao"],
    )  # a promise says nothing yet
    Delivery.objects.filter(pk=promised.pk).update(begun_on=DECIDED, ended_on=ON - datetime.timedelta(days=1))
    give(family, "tekun", head, begun_on=ON)
    assert [one.code for one in gaps(family).in_place] == ["tekun"]
    assert CautionKind.CLASH not in cautions(family)
    offered = next(one for one in gaps(family).candidates(gaps(family).needs[0]) if one.measure.code == "dibao")
    assert head.pk in [one.member.pk for one in offered.people if one.member]


def test_who_is_helped_before_the_procedure_is_over_is_not_said_to_be_recognised(place: Place, make: Make) -> None:
    household = make.household(place.village)
    designate(household, stage=Stage.MEETING, decided_on=None, urgent_on=DECIDED)
    assert gaps(household).needs[0].since_words == "先行帮扶"
    assert "2020-03-20 先行帮扶，已经 102 天" in cautions(household, LATER)[CautionKind.LATE]


def test_candidates_are_of_the_need_and_those_that_nobody_meets_come_last(family: Household) -> None:
    listed = codes_for(family)
    assert "education" not in listed
    assert "epidemic_aid" not in listed
    assert listed.index("family_doctor") < listed.index("dibao") < listed.index("pairing") < listed.index("medical_aid")
    family.members.filter(relation="配偶").update(health=[Health.CHRONIC])
    listed = codes_for(family)
    assert listed.index("medical_aid") < listed.index("pairing")
    found = gaps(family)
    aid = next(one for one in found.candidates(found.needs[0]) if one.measure.code == "medical_aid")
    spouse = family.members.get(relation="配偶")
    assert [one.member for one in aid.open_to] == [spouse]
    assert aid.answer == Answer.MET
    assert aid.told == [(spouse.name, "本人有大病或慢性病：符合")]
    assert len(aid.ruled_out) == 2
    assert "本人有大病或慢性病" in aid.told_out[0][1]


def test_who_has_a_measure_or_is_promised_it_is_no_candidate_for_it(family: Household) -> None:
    head, spouse, child = family.members.head_first()
    give(family, "dibao", head)
    promise(family, "dibao", spouse)
    promise(family, "family_doctor")
    assert "family_doctor" not in codes_for(family)
    found = gaps(family)
    dibao = next(one for one in found.candidates(found.needs[0]) if one.measure.code == "dibao")
    assert [one.member for one in dibao.people] == [child]


def test_a_measure_of_the_district_is_a_candidate_once_it_is_confirmed(
    family: Household, place: Place, staff: Staff
) -> None:
    own = DistrictMeasure.objects.create(
        region=place.zone, code="own_1", name="上门随访", group="health", given_to="person", lead="卫健局",
        causes=["illness"], document="某文", article="一", starts_on=DECIDED, entered_by=staff.officer,
    )  # fmt: skip
    assert "own_1" not in codes_for(family)
    DistrictMeasure.objects.filter(pk=own.pk).update(confirmed_by=staff.inspector)
    assert "own_1" in codes_for(family)
    DistrictMeasure.objects.filter(pk=own.pk).update(region=place.foreign_county)
    assert "own_1" not in codes_for(family)


def test_a_risk_without_a_measure_for_a_month_is_told_on_the_day(family: Household) -> None:
    assert CautionKind.LATE not in cautions(family, datetime.date(2020, 4, 19))
    words = cautions(family, datetime.date(2020, 4, 20))[CautionKind.LATE]
    assert "因病" in words
    assert "31 天" in words
    waiting = promise(family, "family_doctor")
    assert "只有承诺" in cautions(family, LATER)[CautionKind.LATE]
    Delivery.objects.filter(pk=waiting.pk).update(begun_on=ON)
    assert CautionKind.LATE not in cautions(family, LATER)


def test_only_the_safety_net_is_told_where_somebody_can_work(family: Household) -> None:
    give(family, "dibao", family.members.head_first()[0])
    assert "王大海" in cautions(family)[CautionKind.SAFETY_NET]
    work = promise(family, "public_post", family.members.head_first()[0])
    assert CautionKind.SAFETY_NET not in cautions(family)
    work.delete()
    family.members.update(labour_skill=LabourSkill.LOST)
    assert CautionKind.SAFETY_NET not in cautions(family)


def test_a_benefit_that_ended_is_told_until_another_follows(family: Household) -> None:
    head = family.members.head_first()[0]
    give(family, "dibao", head, ended_on=datetime.date(2020, 3, 31))
    assert "王大海的低保 2020-03-31" in cautions(family)[CautionKind.ENDED]
    assert CautionKind.ENDED not in cautions(family, datetime.date(2020, 3, 31))
    assert CautionKind.ENDED not in cautions(family, datetime.date(2021, 4, 1))
    give(family, "dibao", head, begun_on=datetime.date(2020, 4, 1))
    assert CautionKind.ENDED not in cautions(family)


def test_a_term_that_has_passed_is_told(family: Household) -> None:
    give(family, "small_loan", runs_until=ON)
    assert CautionKind.ENDED not in cautions(family)
    assert "到了" in cautions(family, ON + datetime.timedelta(days=1))[CautionKind.ENDED]


def test_two_that_exclude_each_other_are_told_of_one_person_only(family: Household) -> None:
    head, spouse, _child = family.members.head_first()
    give(family, "tekun", head)
    give(family, "dibao", spouse)
    assert CautionKind.CLASH not in cautions(family)
    family.members.filter(pk=head.pk).update(dibao=Dibao.RURAL)
    words = cautions(family)[CautionKind.CLASH]
    assert "王大海" in words
    assert "不能同时享受" in words


def test_nobody_in_touch_is_told(family: Household) -> None:
    assert CautionKind.NO_HELPER not in cautions(family)
    family.helpers.update(ended_on=ON)
    assert "联系人" in cautions(family)[CautionKind.NO_HELPER]


def test_thirty_households_cost_as_many_queries_as_three(place: Place, make: Make, staff: Staff) -> None:
    def add(number: int) -> None:
        for _each in range(number):
            household = make.household(place.village)
            designate(household)
            give(household, "dibao", household.members.head_first()[0])
            visit(household, staff.cadre, DECIDED, risks=(RiskCause.EDUCATION,))

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            cases = Case.objects.select_related("household", "village")
            for one in gaps_of(cases, LATER).values():
                assert [one.candidates(need) for need in one.needs]
                assert one.cautions
        return len(captured)

    add(3)
    few = cost()
    add(27)
    assert cost() == few
