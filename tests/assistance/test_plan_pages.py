"""Pages of gaps, plans, teams and the catalogue: what each desk sees and may do, the inbox, the paper, and the cost."""

import datetime
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from assistance import own_measures
from assistance.catalogue import MEASURES
from assistance.measures import measures_at
from assistance.models import Delivery, DistrictMeasure, Plan, PlanStage, TeamMember
from households.models import Household
from monitoring.inbox import counts, todo
from tests.assistance.planned import begun, confirmed, explained, step
from tests.factories import Make, Place, Staff, add_user
from tests.ledgers.conftest import appoint, designate, give

OWN = {
    "name": "上门随访", "group": "health", "given_to": "person", "kind": "running", "lead": "卫健局", "causes": ["illness"],
    "document": "某区文件〔2020〕1号", "article": "第三条", "starts_on": "2020-03-01", "asks": "卧床\n\n行动不便", "amount_most": "600",
}  # fmt: skip


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    household = make.household(place.village)
    designate(household)
    appoint(household)
    return household


def at(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(name: str, *keys: Any) -> str:
    return reverse(f"assistance:{name}", args=[getattr(key, "pk", key) for key in keys])


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def lines(user: User) -> list[tuple[str, str]]:
    return [(item.title, item.url) for item in todo(user) if item.kind == "plan"]


# ---- what is missing ----


def test_nothing_can_be_added_to_a_plan_that_the_village_has_handed_in(
    client: Client, family: Household, staff: Staff
) -> None:
    plan = begun(family, staff.cadre, ("family_doctor", None))
    at(client, staff.cadre)
    assert "加入计划" in page(client, address("gaps", family))
    for name, by in (("propose", staff.team), ("confirm", staff.reviewer)):
        step(name, plan, by)
        assert "加入计划" not in page(client, address("gaps", family)), name


def test_the_village_adds_from_the_gaps_and_the_plan_begins_with_it(
    client: Client, family: Household, staff: Staff
) -> None:
    at(client, staff.cadre)
    shown = page(client, address("gaps", family))
    assert "因病" in shown
    assert "还没有措施" in shown
    assert "加入计划" in shown
    assert "计划里已有" not in shown
    answer = client.post(address("plan-add", family), {"measure": "family_doctor"}, follow=True)
    assert "已加入计划：家庭医生签约服务" in answer.content.decode()
    answer = client.post(address("plan-add", family), {"measure": "family_doctor"}, follow=True)
    assert "家庭医生签约服务已经在计划里，没有重复加入。" in answer.content.decode()
    assert page(client, address("gaps", family)).count("计划里已有") == 1
    plan = Plan.objects.get(household=family)
    assert [item.measure for item in plan.items.all()] == ["family_doctor"]
    for refused in (
        {"measure": "no_such"},
        {"measure": "dibao", "member": "x"},
        {"measure": "dibao", "member": uuid.uuid4()},
    ):
        client.post(address("plan-add", family), refused)
    assert plan.items.count() == 1


def test_the_card_of_the_household_says_what_is_missing(client: Client, family: Household, staff: Staff) -> None:
    card = reverse("households:assistance", args=[family.pk])
    for desk in (staff.cadre, staff.reviewer, staff.inspector):
        shown = page(at(client, desk), card)
        assert "1 项还没有措施" in shown
        assert "还没有计划" in shown
        assert ("去定</a></dd>" in shown) == (desk != staff.inspector) or "去定" in shown
    give(family, "family_doctor")
    assert "每一项都有措施" in page(client, card)


def test_offices_read_the_gaps_and_do_not_plan(client: Client, family: Household, staff: Staff) -> None:
    for desk, registers in ((staff.reviewer, True), (staff.officer, True), (staff.inspector, False)):
        shown = page(at(client, desk), address("gaps", family))
        assert "加入计划" not in shown
        assert ("登记已经落实的" in shown) == registers
        assert client.post(address("plan-add", family), {"measure": "family_doctor"}).status_code == 403


def test_who_is_not_on_the_register_has_no_gaps(client: Client, place: Place, staff: Staff, make: Make) -> None:
    stranger = make.household(place.village)
    assert "不在册" in page(at(client, staff.cadre), address("gaps", stranger))
    assert "缺什么补什么" not in page(client, reverse("households:assistance", args=[stranger.pk]))


def test_what_is_in_place_already_is_registered_with_its_bounds(
    client: Client, family: Household, staff: Staff, today: datetime.date
) -> None:
    at(client, staff.cadre)
    url = address("measure-begin", family, "small_loan")
    assert "不超过 50000 元" in page(client, url)
    typed = {
        "member": "", "begun_on": today.isoformat(), "amount": "6万", "every": "once", "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert "不超过 50,000 元" in client.post(url, typed).content.decode()
    for _twice in range(2):
        assert client.post(url, {**typed, "amount": "5万"}).status_code == 302
    loan = Delivery.objects.get()
    assert (loan.measure, loan.amount, loan.begun_on) == ("small_loan", 50_000_00, today)
    late = {
        **typed,
        "idempotency_key": str(uuid.uuid4()),
        "amount": "",
        "begun_on": (today + datetime.timedelta(days=1)).isoformat(),
    }
    assert "不能晚于今天" in client.post(address("measure-begin", family, "pairing"), late).content.decode()
    assert client.get(address("measure-begin", family, "no_such")).status_code == 404


def test_what_is_promised_or_excluded_is_not_registered_beside_it(
    client: Client, family: Household, staff: Staff, today: datetime.date
) -> None:
    head = family.members.get(relation="户主")
    give(family, "family_doctor", begun_on=None, promised_on=today)
    give(family, "tekun", head)
    at(client, staff.cadre)
    typed = {"begun_on": today.isoformat(), "every": "once", "member": str(head.pk)}
    for code, said in (("family_doctor", "已经承诺过"), ("dibao", "不能同时享受")):
        told = {**typed, "idempotency_key": str(uuid.uuid4())}
        assert said in client.post(address("measure-begin", family, code), told).content.decode()
    assert Delivery.objects.count() == 2


# ---- the way of a plan ----


def test_from_the_phone_to_the_town_and_back(client: Client, family: Household, staff: Staff) -> None:
    at(client, staff.cadre).post(address("plan-add", family), {"measure": "temporary_relief"})
    plan = Plan.objects.get()
    shown = page(client, address("plan", family))
    assert "还没有写总目标" in shown
    assert address("plan-paper", plan) in shown  # a phone page has no actions in its head
    item = plan.items.get()
    form = {
        "goal": "办下来", "unit": "民政办", "person": "刘畅", "due_on": item.due_on.isoformat(), "amount": "3000", "every": "once",
        "fund": "county",
    }  # fmt: skip
    url = address("plan-item", plan, item)
    plan.refresh_from_db()
    for day, said in (("2020-01-01", "这一天已经过了"), ("2199-01-01", "请核对年份")):
        assert said in client.post(url, {**form, "due_on": day, "version": plan.version}).content.decode()
    assert client.post(url, {**form, "version": plan.version}).status_code == 302
    assert "刚被他人改过" in client.post(url, {**form, "version": plan.version}).content.decode()
    plan = explained(plan, staff.cadre)
    refused = client.post(address("plan-step", plan, "propose"), {"version": plan.version - 1})
    assert "没有办成" in refused.content.decode()
    assert client.post(address("plan-step", plan, "propose"), {"version": plan.version}).status_code == 302
    assert lines(staff.cadre) == []
    assert lines(staff.reviewer) == [("1 户一户一策等确认", f"{address('plan-list')}?stage=proposed")]
    before = counts(staff.other_reviewer)["ledgers:home"]
    assert lines(staff.other_reviewer) == []
    assert counts(staff.other_reviewer)["ledgers:home"] == before
    plan.refresh_from_db()
    at(client, staff.reviewer)
    assert "王大海" in page(client, address("plan-list"))
    assert "确认这 1 项" in page(client, address("plan", family))
    back = {"version": plan.version, "reason": ""}
    assert "请写明原因" in client.post(address("plan-step", plan, "return"), back).content.decode()
    client.post(address("plan-step", plan, "return"), {**back, "reason": "金额再核一下"})
    assert lines(staff.cadre) == [("王大海户：一户一策", address("plan", family))]
    assert "金额再核一下" in page(at(client, staff.cadre), address("plan", family))
    plan = step("propose", plan, staff.cadre)
    at(client, staff.reviewer).post(address("plan-step", plan, "confirm"), {"version": plan.version})
    plan.refresh_from_db()
    assert plan.stage == PlanStage.CONFIRMED
    assert Delivery.objects.get().amount == 3000_00
    assert lines(staff.reviewer) == []
    household_page = page(client, reverse("households:assistance", args=[family.pk]))
    assert "已承诺" in household_page
    assert "承诺帮扶：临时救助" in page(client, reverse("households:log", args=[family.pk]))
    assert "一户一策第 1 版：确认" in page(client, reverse("households:log", args=[family.pk]))


def test_steps_belong_to_their_desks(client: Client, family: Household, staff: Staff) -> None:
    plan = step("propose", begun(family, staff.cadre, ("pairing", None)), staff.cadre)
    for desk, name, status in (
        (staff.cadre, "confirm", 404), (staff.reviewer, "propose", 404), (staff.officer, "confirm", 403),
        (staff.other_reviewer, "confirm", 404), (staff.reviewer, "no-such-step", 404),
    ):  # fmt: skip
        answer = at(client, desk).post(address("plan-step", plan, name), {"version": plan.version})
        assert answer.status_code == status, (desk, name)
    assert at(client, staff.reviewer).get(address("plan-edit", plan)).status_code == 403
    plan.refresh_from_db()
    assert plan.stage == PlanStage.PROPOSED


def test_what_is_proposed_cannot_be_changed_by_its_forms(client: Client, family: Household, staff: Staff) -> None:
    plan = step("propose", begun(family, staff.cadre, ("pairing", None)), staff.cadre)
    item = plan.items.get()
    at(client, staff.cadre).post(address("plan-item-remove", plan, item), {"version": plan.version})
    client.post(address("plan-edit", plan), {"version": plan.version, "goal": "改了"})
    plan.refresh_from_db()
    assert (plan.items.count(), plan.goal) != (0, "改了")


def test_a_new_version_asks_why_on_its_page(client: Client, family: Household, staff: Staff) -> None:
    confirmed(family, staff.cadre, staff.reviewer, ("pairing", None))
    at(client, staff.cadre)
    assert "改成新的一版" in page(client, address("plan", family))
    assert "请写明原因" in client.post(address("plan-begin", family), {"reason": ""}).content.decode()
    client.post(address("plan-begin", family), {"reason": "添了孙子"})
    shown = page(client, address("plan", family))
    assert "第 2 版" in shown
    assert "添了孙子" in shown
    assert "已确认" in page(client, address("plan", family) + "?number=1")
    assert client.get(address("plan", family) + "?number=99").status_code == 200


def test_the_paper_names_who_is_answerable_and_nothing_that_is_not_for_it(
    client: Client, family: Household, staff: Staff, today: datetime.date
) -> None:
    TeamMember.objects.create(
        household=family, part="stationed", name="周建设", unit="工作队", begun_on=today, entered_by=staff.cadre
    )
    give(family, "family_doctor")
    plan = confirmed(family, staff.cadre, staff.reviewer, ("pairing", None))
    for desk in (staff.cadre, staff.reviewer, staff.inspector):
        shown = page(at(client, desk), address("plan-paper", plan))
        for words in ("结对帮扶", "家庭医生签约服务", "周建设", "李敏", "农户", "签字", "外务工，收入稳定"):
            assert words in shown
        for member in family.members.all():
            assert member.id_number not in shown


def test_the_list_of_plans_costs_the_same_for_three_and_thirty(
    client: Client, place: Place, staff: Staff, make: Make
) -> None:
    def add(number: int) -> None:
        for _each in range(number):
            household = make.household(place.village)
            designate(household)
            Plan.objects.create(household=household, number=1, stage=PlanStage.PROPOSED, begun_by=staff.cadre)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, address("plan-list") + "?stage=proposed")
        return len(captured)

    at(client, staff.reviewer)
    add(3)
    cost()
    few = cost()
    add(27)
    assert cost() == few
    assert "共 30 户" in page(client, address("plan-list") + "?stage=proposed")


# ---- teams ----


def test_somebody_joins_and_leaves_a_team(
    client: Client, family: Household, staff: Staff, today: datetime.date
) -> None:
    at(client, staff.cadre)
    typed = {"part": "village", "name": "赵有田", "unit": "村委会", "begun_on": today.isoformat()}
    assert client.post(address("team", family), typed).status_code == 302
    assert "已经在专班里" in client.post(address("team", family), typed).content.decode()
    late = {**typed, "name": "另一人", "begun_on": (today + datetime.timedelta(days=1)).isoformat()}
    assert "不能晚于今天" in client.post(address("team", family), late).content.decode()
    assert "赵有田（村两委，村委会）" in page(client, reverse("households:assistance", args=[family.pk]))
    member = TeamMember.objects.get()
    early = {"ended_on": (today - datetime.timedelta(days=1)).isoformat()}
    url = address("team-end", family, member)
    assert "不能更早" in client.post(url, early).content.decode()
    assert client.post(url, {"ended_on": today.isoformat()}).status_code == 302
    assert "没有重复办理" in client.post(url, {"ended_on": today.isoformat()}).content.decode()
    assert "以前的" in page(client, address("team", family))
    client.post(address("team", family), typed)
    assert TeamMember.objects.count() == 2


# ---- the catalogue, and what a district adds ----


def test_everybody_with_casework_reads_and_searches_the_catalogue(client: Client, staff: Staff) -> None:
    for desk in (staff.cadre, staff.team, staff.reviewer, staff.officer, staff.inspector):
        shown = page(at(client, desk), address("catalogue"))
        assert all(measure.name in shown for measure in MEASURES.values())
        assert "二（二）11" in shown
        assert ("加本区措施" in shown) == (desk == staff.officer)
    shown = page(client, address("catalogue") + "?q=贴息")
    assert "扶贫小额信贷" in shown
    assert "危房改造" not in shown
    assert "危房改造" not in page(client, address("catalogue") + "?group=finance")
    assert "没有找到" in page(client, address("catalogue") + "?q=没有这样的措施")
    assert at(client, staff.clerk).get(address("catalogue")).status_code == 403


def test_a_district_adds_a_measure_and_a_second_person_confirms_it(client: Client, place: Place, staff: Staff) -> None:
    second = add_user("officer2", "何静", Role.DISTRICT_OFFICER, place.zone)
    typed = {**OWN, "region": place.zone.pk, "idempotency_key": str(uuid.uuid4())}
    at(client, staff.officer)
    for missing in ("document", "article", "name", "lead"):
        assert client.post(address("measure-new"), {**typed, missing: ""}).status_code == 200
    assert "针对哪些风险或保障" in client.post(address("measure-new"), {**typed, "causes": []}).content.decode()
    assert client.post(address("measure-new"), {**typed, "region": place.foreign_county.pk}).status_code == 200
    for _twice in range(2):
        client.post(address("measure-new"), typed)
    row = DistrictMeasure.objects.get()
    assert (row.asks, row.amount_most, row.has_term) == (["卧床", "行动不便"], 600, False)
    assert row.code not in measures_at(place.village)
    settle = address("measure-settle", row)
    client.post(settle)
    assert row.code not in measures_at(place.village)
    told = [item for item in todo(second) if item.kind == "measure"]
    assert [(item.title, item.url) for item in told] == [("1 项本区措施等复核", address("catalogue"))]
    for person in (staff.officer, staff.foreign_officer, staff.reviewer):
        assert [item for item in todo(person) if item.kind == "measure"] == []
    assert counts(second)["ledgers:home"] == len(todo(second))
    assert at(client, staff.foreign_officer).post(settle).status_code == 404
    at(client, second).post(settle)
    assert [item for item in todo(second) if item.kind == "measure"] == []
    assert measures_at(place.village)[row.code].name == "上门随访"
    assert row.code not in measures_at(place.foreign_village)
    assert "上门随访" in page(at(client, staff.cadre), address("catalogue") + "?q=卧床")
    assert "上门随访" not in page(at(client, staff.foreign_officer), address("catalogue"))
    at(client, staff.officer).post(settle, {"withdraw": "1"})
    assert DistrictMeasure.objects.count() == 1


def test_nobody_confirms_his_own_measure_by_another_account_and_names_stand_once(place: Place, staff: Staff) -> None:
    again = add_user("officer_b", "陈志远", Role.DISTRICT_OFFICER, place.zone, identity_index="same")
    User.objects.filter(pk=staff.officer.pk).update(identity_index="same")
    told = {
        **OWN, "column": "", "units": "", "guarantees": [], "checks": [], "asks": [], "papers": [], "amount_most": None,
        "months_most": None, "has_term": False, "starts_on": datetime.date(2020, 3, 1), "ends_on": None,
    }  # fmt: skip

    def propose(**changed: Any) -> DistrictMeasure | None:
        return own_measures.propose_measure(
            region=place.zone, by=staff.officer, idempotency_key=str(uuid.uuid4()), **(told | changed)
        )

    measure = propose()
    with pytest.raises(ValidationError, match="另一位同事"):
        own_measures.confirm_measure(measure=measure, by=again)
    for changed, said in (
        ({}, "同名"),
        ({"name": "低保"}, "同名"),
        ({"name": "别的", "document": " "}, "文件"),
        ({"name": "别的", "ends_on": datetime.date(2020, 2, 1)}, "不能早于"),
    ):
        with pytest.raises(ValidationError, match=said):
            propose(**changed)
    with pytest.raises(PermissionDenied):
        own_measures.confirm_measure(measure=measure, by=staff.reviewer)
    own_measures.withdraw_measure(measure=measure, by=again)
    assert not DistrictMeasure.objects.exists()
