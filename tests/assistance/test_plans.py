"""一户一策 from the draft to the promise: who may do what, what stands in the way, versions, and what becomes of promises."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from assistance import plan_steps, plans
from assistance.models import Delivery, Every, Plan, PlanItem, PlanStage, Stage
from households.codes import Health, LabourSkill
from households.life_events import split_household
from households.models import Household
from monitoring.models import Case
from tests.assistance.planned import GOAL, begun, confirmed, explained, step
from tests.factories import Make, Place, Staff, add_user
from tests.ledgers.conftest import appoint, designate, give

FEN = 100


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    household = make.household(place.village)
    designate(household)
    appoint(household)
    return household


def head_of(household: Household):
    return household.members.get(relation="户主")


def words(fault: pytest.ExceptionInfo[ValidationError]) -> str:
    return "".join(fault.value.messages)


def typed(item: PlanItem, **changed: object) -> dict:
    return {name: getattr(item, name) for name in plans.TYPED} | changed


# ---- the draft ----


def test_a_draft_is_begun_once_and_only_for_who_is_helped(
    family: Household, staff: Staff, place: Place, make: Make
) -> None:
    plan = plans.begin_plan(household=family, by=staff.cadre)
    assert plans.begin_plan(household=family, by=staff.team).pk == plan.pk
    assert (plan.number, plan.stage) == (1, PlanStage.DRAFT)
    with pytest.raises(ValidationError, match="不在册"):
        plans.begin_plan(household=make.household(place.village), by=staff.cadre)
    for other in (staff.reviewer, staff.officer, staff.neighbour_cadre):
        with pytest.raises(PermissionDenied):
            plans.begin_plan(household=family, by=other)


def test_who_is_helped_at_once_may_have_a_plan_before_his_procedure_is_over(
    place: Place, make: Make, staff: Staff, today: datetime.date
) -> None:
    household = make.household(place.village)
    case = designate(household, stage="survey", decided_on=None)
    with pytest.raises(ValidationError):
        plans.begin_plan(household=household, by=staff.cadre)
    Case.objects.filter(pk=case.pk).update(urgent_on=today)
    assert plans.begin_plan(household=household, by=staff.cadre).number == 1


def test_a_measure_comes_with_goal_unit_person_and_day(family: Household, staff: Staff, today: datetime.date) -> None:
    plan = plans.begin_plan(household=family, by=staff.cadre)
    item = plans.add_item(plan=plan, by=staff.cadre, measure="temporary_relief", member=None)
    assert "因病" in item.goal
    assert item.needs == ["illness"]
    assert (item.unit, item.person) == ("民政局", "李敏")
    assert today + datetime.timedelta(days=28) <= item.due_on <= today + datetime.timedelta(days=31)
    assert plans.add_item(plan=plan, by=staff.cadre, measure="temporary_relief", member=None).pk == item.pk
    assert plan.items.count() == 1


def test_a_measure_that_cannot_be_is_refused_in_words(family: Household, staff: Staff) -> None:
    plan, head = plans.begin_plan(household=family, by=staff.cadre), head_of(family)
    with pytest.raises(ValidationError, match="不符合医疗救助的条件：本人有大病或慢性病"):
        plans.add_item(plan=plan, by=staff.cadre, measure="medical_aid", member=head)
    with pytest.raises(ValidationError, match="请选享受人"):
        plans.add_item(plan=plan, by=staff.cadre, measure="public_post", member=None)
    with pytest.raises(ValidationError, match="目录里没有"):
        plans.add_item(plan=plan, by=staff.cadre, measure="travel_subsidy", member=head)  # over since 2020
    give(family, "family_doctor")
    with pytest.raises(ValidationError, match="已经落实"):
        plans.add_item(plan=plan, by=staff.cadre, measure="family_doctor", member=None)
    assert not plan.items.exists()


def test_what_excludes_each_other_is_refused_with_what_is_there(family: Household, staff: Staff) -> None:
    plan, head = plans.begin_plan(household=family, by=staff.cadre), head_of(family)
    family.members.filter(pk=head.pk).update(labour_skill=LabourSkill.LOST)
    head.refresh_from_db()
    dibao = give(family, "dibao", head)
    with pytest.raises(ValidationError) as fault:
        plans.add_item(plan=plan, by=staff.cadre, measure="tekun", member=head)
    assert "王大海已有低保，特困人员救助供养和低保不能同时享受" in words(fault)
    dibao.delete()
    plans.add_item(plan=plan, by=staff.cadre, measure="dibao", member=head)
    with pytest.raises(ValidationError, match="计划里已有低保"):
        plans.add_item(plan=plan, by=staff.cadre, measure="tekun", member=head)


def test_an_amount_above_the_cap_and_a_term_before_its_begin_are_refused(
    family: Household, staff: Staff, today: datetime.date
) -> None:
    plan = plans.begin_plan(household=family, by=staff.cadre)
    item = plans.add_item(plan=plan, by=staff.cadre, measure="small_loan", member=None)
    for changed, said in (
        ({"amount": 50_001 * FEN}, "不超过 50,000 元"),
        ({"amount": -1}, "不能是负数"),
        ({"runs_until": item.due_on - datetime.timedelta(days=1)}, "早于开始日期"),
        ({"runs_until": item.due_on + datetime.timedelta(days=366)}, "不超过 12 个月"),
        ({"person": " "}, "没有填责任人"),
    ):
        plan.refresh_from_db()
        with pytest.raises(ValidationError, match=said):
            plans.change_item(item=item, by=staff.cadre, expected_version=plan.version, **typed(item, **changed))
        item.refresh_from_db()
    good = {"amount": 50_000 * FEN, "runs_until": item.due_on + datetime.timedelta(days=365)}
    plan.refresh_from_db()
    plans.change_item(item=item, by=staff.cadre, expected_version=plan.version, **typed(item, **good))
    item.refresh_from_db()
    assert item.amount == 50_000 * FEN


def test_a_yearly_amount_is_held_against_the_least_of_a_month(family: Household, staff: Staff) -> None:
    family.members.update(labour_skill=LabourSkill.LOST)
    plan = plans.begin_plan(household=family, by=staff.cadre)
    item = plans.add_item(plan=plan, by=staff.cadre, measure="enterprise_support", member=head_of(family))
    assert item.every == Every.MONTH
    for every, amount, good in (
        (Every.MONTH, 299, False),
        (Every.MONTH, 300, True),
        (Every.YEAR, 3599, False),
        (Every.YEAR, 3600, True),
    ):
        item.amount, item.every = amount * FEN, every
        measure = plans._measure(item, plans._gaps(plan))
        if good:
            plans.check_item(item, measure)
        else:
            with pytest.raises(ValidationError, match="不低于 300 元"):
                plans.check_item(item, measure)


def test_two_who_change_the_same_draft_the_second_is_told(family: Household, staff: Staff) -> None:
    plan = begun(family, staff.cadre, ("temporary_relief", None))
    item, seen = plan.items.get(), plan.version
    plans.change_item(item=item, by=staff.cadre, expected_version=seen, **typed(item, person="甲"))
    with pytest.raises(ValidationError, match="刚被他人改过"):
        plans.change_item(item=item, by=staff.team, expected_version=seen, **typed(item, person="乙"))
    with pytest.raises(ValidationError, match="刚被他人改过"):
        plans.remove_item(item=item, by=staff.team, expected_version=seen)
    item.refresh_from_db()
    assert item.person == "甲"


# ---- 一人一措施 ----


def test_everybody_who_can_work_has_a_measure_or_a_reason(family: Household, staff: Staff) -> None:
    plan = plans.begin_plan(household=family, by=staff.cadre)
    plans.add_item(plan=plan, by=staff.cadre, measure="labour_service", member=head_of(family))
    plan.refresh_from_db()
    plans.change_plan(plan=plan, by=staff.cadre, expected_version=plan.version, goal=GOAL, unhelped={})
    spouse = family.members.get(relation="配偶")
    found = plans.faults(Plan.objects.get(pk=plan.pk))
    assert found == [f"{spouse.name}有劳动力，还没有一项措施；没有合适的，请写明原因（一人一措施）。"]
    plan.refresh_from_db()
    told = {str(spouse.pk): "照看病人", "no-such-person": "某因"}
    plans.change_plan(plan=plan, by=staff.cadre, expected_version=plan.version, goal=GOAL, unhelped=told)
    plan.refresh_from_db()
    assert plan.unhelped == {str(spouse.pk): "照看病人"}
    assert plans.faults(plan) == []


# ---- propose, return, confirm ----


def test_what_is_not_whole_cannot_be_proposed_and_every_gap_is_said(family: Household, staff: Staff) -> None:
    plan = plans.begin_plan(household=family, by=staff.cadre)
    with pytest.raises(ValidationError) as fault:
        plan_steps.propose(plan=plan, by=staff.cadre, expected_version=plan.version)
    assert "还没有措施" in words(fault)
    assert "总目标" in words(fault)
    assert words(fault).count("有劳动力") == 2
    plan.refresh_from_db()
    assert plan.stage == PlanStage.DRAFT


def test_a_day_that_has_passed_must_be_mended(family: Household, staff: Staff, today: datetime.date) -> None:
    plan = begun(family, staff.cadre, ("temporary_relief", None))
    plan.items.update(due_on=today - datetime.timedelta(days=1))
    with pytest.raises(ValidationError, match="已经过了"):
        step("propose", plan, staff.cadre)
    plan.items.update(due_on=today)
    assert step("propose", plan, staff.cadre).stage == PlanStage.PROPOSED


def test_the_town_returns_with_a_reason_and_the_village_mends(family: Household, staff: Staff) -> None:
    plan = step("propose", begun(family, staff.cadre, ("temporary_relief", None)), staff.cadre)
    with pytest.raises(ValidationError, match="不能改"):
        plans.add_item(plan=plan, by=staff.cadre, measure="pairing", member=None)
    with pytest.raises(ValidationError, match="退回的原因"):
        step("send_back", plan, staff.reviewer, reason=" ")
    plan = step("send_back", plan, staff.reviewer, reason="写明哪个月")
    assert (plan.stage, plan.returned_because) == (PlanStage.RETURNED, "写明哪个月")
    plans.add_item(plan=plan, by=staff.cadre, measure="pairing", member=None)
    plan = step("propose", plan, staff.cadre)
    assert (plan.stage, plan.returned_because) == (PlanStage.PROPOSED, "")
    assert step("withdraw", plan, staff.team).stage == PlanStage.DRAFT


def test_confirmed_is_promised(family: Household, staff: Staff, today: datetime.date) -> None:
    plan = begun(family, staff.cadre, ("small_loan", None), ("labour_service", head_of(family)))
    loan = plan.items.get(measure="small_loan")
    until = loan.due_on + datetime.timedelta(days=300)
    more = {"amount": 30_000 * FEN, "fund": "province", "runs_until": until}
    plans.change_item(item=loan, by=staff.cadre, expected_version=plan.version, **typed(loan, **more))
    assert not Delivery.objects.exists()
    plan = step("confirm", step("propose", plan, staff.cadre), staff.reviewer)
    assert (plan.stage, plan.confirmed_by) == (PlanStage.CONFIRMED, staff.reviewer)
    promise = Delivery.objects.get(measure="small_loan")
    assert promise.stage_on(today) == Stage.PROMISED
    assert (promise.promised_on, promise.due_on, promise.begun_on) == (today, loan.due_on, None)
    assert (promise.amount, promise.fund, promise.runs_until) == (30_000 * FEN, "province", until)
    assert (promise.unit, promise.person, promise.lead) == ("金融局", "李敏", "金融局")
    assert set(plan.items.values_list("delivery", flat=True)) == set(Delivery.objects.values_list("pk", flat=True))
    assert AuditEvent.objects.filter(action="assistance.confirm_plan").count() == 1


def test_nobody_confirms_what_he_proposed_by_whichever_account(family: Household, place: Place, staff: Staff) -> None:
    Posting.objects.create(user=staff.cadre, role=Role.TOWN_REVIEWER, region=place.town, begins_on="2020-01-01")
    second = add_user("zhang2", "张桂英", Role.TOWN_REVIEWER, place.town, identity_index="one-person")
    type(second).objects.filter(pk=staff.cadre.pk).update(identity_index="one-person")
    stands_in = add_user("stands_in", "代办", None, None)
    Posting.objects.create(
        user=stands_in,
        role=Role.VILLAGE_CADRE,
        region=place.village,
        begins_on="2020-01-01",
        on_behalf_of=staff.second_cadre,
    )
    plan = step("propose", begun(family, staff.cadre, ("temporary_relief", None)), staff.cadre)
    for same in (staff.cadre, second):
        with pytest.raises(ValidationError, match="另一位同事"):
            step("confirm", plan, same)
    plan = step("withdraw", plan, staff.cadre)
    plan = step("propose", plan, stands_in)
    Posting.objects.create(user=staff.second_cadre, role=Role.TOWN_REVIEWER, region=place.town, begins_on="2020-01-01")
    with pytest.raises(ValidationError, match="另一位同事"):
        step("confirm", plan, staff.second_cadre)
    for other in (staff.team, staff.officer, staff.other_reviewer, staff.inspector):
        with pytest.raises(PermissionDenied):
            step("confirm", plan, other)
    assert not Delivery.objects.exists()
    assert step("confirm", plan, staff.second_reviewer).stage == PlanStage.CONFIRMED


def test_two_who_confirm_at_once_promise_once(family: Household, staff: Staff) -> None:
    plan = step("propose", begun(family, staff.cadre, ("temporary_relief", None)), staff.cadre)
    seen = plan.version
    plan_steps.confirm(plan=plan, by=staff.reviewer, expected_version=seen)
    for second in (staff.reviewer, staff.second_reviewer):
        with pytest.raises(ValidationError, match=r"没有重复办理|刚被他人改过"):
            plan_steps.confirm(plan=plan, by=second, expected_version=seen)
    assert Delivery.objects.count() == 1


def test_what_changed_on_the_way_is_looked_at_again(family: Household, staff: Staff, today: datetime.date) -> None:
    head = head_of(family)
    plan = step("propose", begun(family, staff.cadre, ("labour_service", head)), staff.cadre)
    family.members.filter(pk=head.pk).update(left_on=today)
    with pytest.raises(ValidationError, match="已经不在这一户"):
        step("confirm", plan, staff.reviewer)
    family.members.filter(pk=head.pk).update(left_on=None)
    Case.objects.update(stage="removed", removed_on=today)
    with pytest.raises(ValidationError, match="已经不在册"):
        step("confirm", plan, staff.reviewer)


def test_what_came_in_place_on_the_way_is_taken_for_the_promise(family: Household, staff: Staff) -> None:
    plan = step("propose", begun(family, staff.cadre, ("family_doctor", None)), staff.cadre)
    there = give(family, "family_doctor")
    plan = step("confirm", plan, staff.reviewer)
    assert plan.items.get().delivery == there
    there.refresh_from_db()
    assert (Delivery.objects.count(), there.promised_on) == (1, None)


# ---- versions ----


def test_a_new_version_says_why_and_begins_as_the_confirmed_one(family: Household, staff: Staff) -> None:
    first = confirmed(family, staff.cadre, staff.reviewer, ("small_loan", None), ("family_doctor", None))
    with pytest.raises(ValidationError, match="为什么改"):
        plans.begin_plan(household=family, by=staff.cadre)
    second = plans.begin_plan(household=family, by=staff.cadre, reason="不贷款了")
    assert (second.number, second.goal, second.reason) == (2, GOAL, "不贷款了")
    assert [item.measure for item in second.items.all()] == ["small_loan", "family_doctor"]
    first.refresh_from_db()
    assert first.stage == PlanStage.CONFIRMED
    plans.remove_item(item=second.items.get(measure="small_loan"), by=staff.cadre, expected_version=second.version)
    doctor = second.items.get(measure="family_doctor")
    second.refresh_from_db()
    plans.change_item(item=doctor, by=staff.cadre, expected_version=second.version, **typed(doctor, person="新人"))
    second = step("confirm", step("propose", second, staff.cadre), staff.reviewer)
    first.refresh_from_db()
    assert (first.stage, second.stage) == (PlanStage.REPLACED, PlanStage.CONFIRMED)
    assert [item.measure for item in first.items.all()] == ["small_loan", "family_doctor"]
    given_up = Delivery.objects.get(measure="small_loan")
    assert given_up.dropped_on is not None
    assert given_up.note == plan_steps.LEFT_OUT
    kept = Delivery.objects.get(measure="family_doctor")
    assert (kept.person, kept.dropped_on, kept.version) == ("新人", None, 2)
    assert Delivery.objects.count() == 2


def test_what_has_begun_is_not_given_up_by_a_new_version(family: Household, staff: Staff, today: datetime.date) -> None:
    confirmed(family, staff.cadre, staff.reviewer, ("small_loan", None))
    Delivery.objects.update(begun_on=today)
    second = plans.begin_plan(household=family, by=staff.cadre, reason="换一项")
    second.items.all().delete()
    plans.add_item(plan=second, by=staff.cadre, measure="pairing", member=None)
    second = explained(second, staff.cadre)
    step("confirm", step("propose", second, staff.cadre), staff.reviewer)
    assert Delivery.objects.get(measure="small_loan").dropped_on is None


def test_what_the_department_has_given_up_is_promised_anew_by_a_new_version(
    family: Household, staff: Staff, today: datetime.date
) -> None:
    confirmed(family, staff.cadre, staff.reviewer, ("family_doctor", None))
    second = explained(plans.begin_plan(household=family, by=staff.cadre, reason="写明目标"), staff.cadre)
    Delivery.objects.update(dropped_on=today)  # while the new version is on its way
    second = step("confirm", step("propose", second, staff.cadre), staff.reviewer)
    former, promised = Delivery.objects.get(dropped_on=today), Delivery.objects.get(dropped_on=None)
    assert (second.items.get().delivery, promised.promised_on) == (promised, today)
    assert former.plan_items.get().plan != second


def test_a_new_version_gives_up_nothing_that_went_with_somebody_to_his_own_family(
    family: Household, staff: Staff, today: datetime.date
) -> None:
    spouse = family.members.get(relation="配偶")
    confirmed(family, staff.cadre, staff.reviewer, ("family_doctor", None), ("labour_service", spouse))
    new = split_household(household=family, members=[spouse], new_head=spouse, happened_on=today, by=staff.cadre)
    promise = Delivery.objects.get(measure="labour_service")
    assert (promise.household, promise.member) == (new, new.head)
    second = explained(plans.begin_plan(household=family, by=staff.cadre, reason="妻子分户了"), staff.cadre)
    assert [item.measure for item in second.items.all()] == ["family_doctor"]
    step("confirm", step("propose", second, staff.cadre), staff.reviewer)
    promise.refresh_from_db()
    assert promise.dropped_on is None


def test_a_promise_may_be_replaced_by_what_it_excludes(family: Household, staff: Staff) -> None:
    head = head_of(family)
    family.members.filter(pk=head.pk).update(labour_skill=LabourSkill.LOST, health=[Health.CHRONIC])
    confirmed(family, staff.cadre, staff.reviewer, ("dibao", head))
    second = plans.begin_plan(household=family, by=staff.cadre, reason="符合特困")
    with pytest.raises(ValidationError, match="已有低保"):
        plans.add_item(plan=second, by=staff.cadre, measure="tekun", member=head)
    plans.remove_item(item=second.items.get(), by=staff.cadre, expected_version=second.version)
    plans.add_item(plan=second, by=staff.cadre, measure="tekun", member=head)
    second = explained(second, staff.cadre)
    step("confirm", step("propose", second, staff.cadre), staff.reviewer)
    stages = dict(Delivery.objects.values_list("measure", "dropped_on"))
    assert stages["dibao"] is not None
    assert stages["tekun"] is None


def test_the_database_keeps_one_version_under_way_and_one_confirmed(family: Household, staff: Staff) -> None:
    confirmed(family, staff.cadre, staff.reviewer, ("small_loan", None))
    for stage in (PlanStage.CONFIRMED, PlanStage.DRAFT):
        with transaction.atomic():
            if stage == PlanStage.DRAFT:
                Plan.objects.create(household=family, number=8, stage=stage, begun_by=staff.cadre)
            with pytest.raises(IntegrityError), transaction.atomic():
                Plan.objects.create(household=family, number=9, stage=stage, begun_by=staff.cadre)
