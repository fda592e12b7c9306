"""What is done for the told households: each is helped as far as its case has come, and no two alike.

Before a designation there is no plan, and what somebody gets stands on no ledger (唐金生, 孟庆海, 王大海, 田守义, 赵广平); 彭大军
is helped before the meeting; 马守田 has nothing but 兜底 and is not visited; 周德福 has everything that can be had without
labour; 孙立柱's plan is a month old, and one of his risks has no measure; 郭立春 was refused; 秦守业 got over it.
"""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from assistance import handovers, plan_steps, plans
from assistance import posts as post_work
from assistance.catalogue import MEASURES
from assistance.delivery_steps import DeliveryStep, Mark, Pick, mark_deliveries
from assistance.limits import months_after
from assistance.models import Delivery, Every, FundSource, Handover, Plan, PlanItem, Post, VisitMood, VisitWay
from assistance.registering import register
from assistance.services import change_helper
from assistance.visiting import add_visit
from fangpin.demo import lists
from fangpin.demo.plans import add_team, confirm_on
from fangpin.demo.population import YUAN, noon
from fangpin.demo.posts import CLEANER, offered
from fangpin.demo.stories import Teller, Told
from households.models import Household, Member

HOUSE_BEGUN, HOUSE_DONE = 150, 35  # days ago
DIBAO, RELIEF = 420, 6_200  # yuan
STATIONED, PAIRED, CIVIL = ("周建设", "驻村工作队"), ("赵卫东", "农业农村局"), ("秦朗", "街道民政办")
FORMER = ("韩冰", "街道农业办")
PHONES = {STATIONED: "10000000011", PAIRED: "10000000012", CIVIL: "10000000013", FORMER: "10000000014"}
Item = tuple[str, Member | None]


def add_help(people: dict[str, User], told: Told, today: datetime.date) -> None:
    """Of the ten; what was done for the eleventh before his risk was over: help_removed."""
    teller = Teller(people, today, told)
    for help_one in (
        _unsafe_house, _dropout, _tumour, _failed_pig_farm, _only_dibao, _no_labour, _sent_back, _on_notice,
        _month_after, _refused, _after_removal,
    ):  # fmt: skip
        help_one(teller)
    _lists(teller)


def _unsafe_house(teller: Teller) -> None:
    home = teller.told["唐金生"]
    _give(teller, home, "disaster_relief", begun_on=teller.day(5), amount=3_000, fund=FundSource.COUNTY, note="救助金")
    _give(teller, home, "housing", begun_on=teller.day(2), amount=26_000, fund=FundSource.PROVINCE, note="已经动工")


def _dropout(teller: Teller) -> None:
    told = {"way": VisitWay.POLICY, "mood": VisitMood.SAME, "chips": ["home", "school"]}
    _visit(teller, teller.told["孟庆海"], 1, by="dui1", sentence="和学校老师一起上门，孩子答应下周回去试试。", **told)


def _tumour(teller: Teller) -> None:
    """医疗救助 comes by the department's list, see _lists: before the town has recognised him, and without a plan."""
    home = teller.told["王大海"]
    _visit(
        teller, home, 2, way=VisitWay.PHONE, mood=VisitMood.WORSE, chips=["ill"], sentence="还要做第三次化疗，钱不够。"
    )


def _failed_pig_farm(teller: Teller) -> None:
    home = teller.told["彭大军"]
    _head, spouse, *_children = _people(home)
    _helper(teller, home, STATIONED, begun_on=teller.day(5))
    _give(teller, home, "temporary_relief", begun_on=teller.day(4), amount=2_000, fund=FundSource.COUNTY)
    items = [("industry", None), ("local_job", spouse)]
    plan = _draft(teller, home, items, "饲料欠款年底前还清，换一个不压本钱的项目。")
    plan_steps.propose(plan=plan, by=teller.people["dui1"], expected_version=plan.version)
    _visit(teller, home, 4, mood=VisitMood.WORSE, chips=["home", "income"], sentence="钱送到了，欠款还差三万。")


def _only_dibao(teller: Teller) -> None:
    home = teller.told["马守田"]
    head, spouse, *_children = _people(home)
    _give(teller, home, "disability_subsidy", spouse, begun_on=datetime.date(2021, 1, 1), amount=120, every=Every.MONTH)
    _helper(teller, home, FORMER, begun_on=datetime.date(2020, 4, 1))
    _hand_over(teller, home, teller.day(70))
    _visit(teller, home, 52, by="dui1", mood=VisitMood.SAME, chips=["home", "measures"], sentence="政策都在享受。")
    items = [("family_doctor", None), ("pension_paid", spouse)]
    plan = _draft(teller, home, items, "保障到位，不断档。", {head: "在家照看病人，出不去。"})
    plan_steps.propose(plan=plan, by=teller.people["cun1"], expected_version=plan.version)
    plan.refresh_from_db()
    reason = "户主有劳动力，计划里却只有兜底，请补上产业或者就业的措施。"
    plan_steps.send_back(plan=plan, by=teller.reviewer, expected_version=plan.version, reason=reason)


def _no_labour(teller: Teller) -> None:
    home, today = teller.told["周德福"], teller.today
    head, _spouse, mother = _people(home)
    last_year = datetime.date(today.year - 1, 3, 15)
    donated_until = today + datetime.timedelta(days=20)
    _helper(teller, home, CIVIL, begun_on=datetime.date(2020, 1, 6))
    _give(teller, home, "family_doctor", begun_on=datetime.date(2020, 5, 1))
    _give(
        teller, home, "collective_share", begun_on=datetime.date(2021, 1, 1), amount=1_200, every=Every.YEAR,
        fund=FundSource.CITY,
    )  # fmt: skip
    _give(teller, home, "temporary_relief", begun_on=last_year, amount=1_500, fund=FundSource.COUNTY)
    _give(
        teller, home, "enterprise_support", head, begun_on=months_after(donated_until, -36), runs_until=donated_until,
        amount=300, every=Every.MONTH, fund=FundSource.SOCIETY, note="和演示菌业公司签的三年协议",
    )  # fmt: skip
    _give(
        teller, home, "commercial_medical", mother, begun_on=teller.day(405), runs_until=teller.day(40), amount=80,
        every=Every.YEAR, fund=FundSource.CITY,
    )  # fmt: skip
    _give(
        teller, home, "housing", begun_on=teller.day(HOUSE_BEGUN), ended_on=teller.day(HOUSE_DONE), amount=26_000,
        fund=FundSource.PROVINCE,
    )  # fmt: skip
    goal = "一家三口吃住看病不愁，年年有分红。"
    first = _draft(teller, home, [("social_relief", None), ("care_visits", mother)], goal)
    _confirm(teller, first, 400)
    second = _draft(
        teller, home, [("volunteers", None)], goal, reason="社会救助已由低保代替，添上志愿服务。", without=["social_relief"]
    )  # fmt: skip
    _confirm(teller, second, 38)
    _mark(teller, home, "care_visits", DeliveryStep.TAKE_UP, teller.day(10))
    add_team(home, teller.people, today)
    _visit(teller, home, 8, mood=VisitMood.BETTER, chips=["home", "house"], sentence="新房住上了，老人精神好。")


def _sent_back(teller: Teller) -> None:
    home = teller.told["田守义"]
    disabled = home.members.get(disability_level="二级")
    _give(
        teller, home, "disability_subsidy", disabled, begun_on=datetime.date(2022, 7, 1), amount=100, every=Every.MONTH,
        fund=FundSource.COUNTY,
    )  # fmt: skip
    _visit(teller, home, 3, way=VisitWay.PHONE, mood=VisitMood.SAME, sentence="住院单据找到了，周末带回来。")


def _on_notice(teller: Teller) -> None:
    home, due_on = teller.told["赵广平"], teller.today + datetime.timedelta(days=25)
    _give(
        teller, home, "small_loan", begun_on=months_after(due_on, -12), runs_until=due_on, amount=50_000,
        fund=FundSource.CITY, note="买农机，财政全额贴息",
    )  # fmt: skip
    _visit(teller, home, 6, by="dui1", mood=VisitMood.SAME, chips=["income"], sentence="年底前能还上贷款。")


def _month_after(teller: Teller) -> None:
    home = teller.told["孙立柱"]
    head, spouse, *_daughters = _people(home)
    _helper(teller, home, PAIRED, begun_on=teller.day(33))
    items = [("medical_aid", head), ("public_post", spouse), ("commercial_medical", spouse)]
    plan = _draft(teller, home, items, "病有钱治，家里有一个人挣稳定的工资。")
    PlanItem.objects.filter(plan=plan, measure="commercial_medical").update(amount=80 * YUAN, every=Every.YEAR)
    _confirm(teller, plan, 32)
    for measure, member in (("medical", head), ("family_doctor", None)):
        _give(teller, home, measure, member, begun_on=teller.day(30))
    post = Post.objects.get(region=home.village, title=CLEANER)
    offer = offered(post, spouse, teller.cadre)
    post_work.take_place(offer=offer, by=teller.cadre, begun_on=teller.day(20))
    post.offers.filter(pk=offer.pk).update(offered_on=teller.day(24))
    _mark(teller, home, "medical_aid", DeliveryStep.TAKE_UP, teller.day(10))
    add_team(home, teller.people, teller.today)
    _visit(teller, home, 12, mood=VisitMood.BETTER, chips=["ill", "measures"], sentence="透析能报销了，媳妇上了岗。")


def _refused(teller: Teller) -> None:
    day = datetime.date(teller.today.year - 1, 12, 5)
    _give(teller, teller.told["郭立春"], "temporary_relief", begun_on=day, amount=1_000, fund=FundSource.COUNTY)


def help_removed(teller: Teller) -> None:
    """The plan of 秦守业, three years ago; everything of it was done while he was on the register."""
    home = teller.told["秦守业"]
    head, spouse = _people(home)[:2]
    _helper(teller, home, PAIRED, begun_on=datetime.date(2020, 7, 1))
    items = [("labour_service", head), ("skill_training", spouse), ("small_loan", None)]
    mother = home.members.get(relation="之母")
    goal = "户主有稳定的活，媳妇有手艺，三年里过线站稳。"
    plan = _draft(teller, home, items, goal, {mother: "在家带孙子，离不开。"})
    _confirm(teller, plan, 1_000)
    lent_on, place = teller.day(950), DeliveryStep.PUT_IN_PLACE
    loan = {"amount": 30_000 * YUAN, "runs_until": months_after(lent_on, 12)}
    _mark(teller, home, "small_loan", place, lent_on, **loan)
    _mark(teller, home, "small_loan", DeliveryStep.END, teller.day(590), reason="按期还清")
    _mark(teller, home, "labour_service", place, teller.day(900), runs_until=teller.day(-200))
    _mark(teller, home, "skill_training", place, teller.day(700))


def _after_removal(teller: Teller) -> None:
    _visit(teller, teller.told["秦守业"], 20, mood=VisitMood.BETTER, chips=["income"], sentence="厂里按月发工资。")


def _lists(teller: Teller) -> None:
    """低保 of two months by the district: the second does not have 马守田, who can work; of his son only the register says it.
    医疗救助 for 王大海 by 医保局.
    """
    officer, month = teller.people["qu1"], teller.today.replace(day=1)
    ma, zhou = _people(teller.told["马守田"]), _people(teller.told["周德福"])
    lines = [(one.name, one.id_number, DIBAO, datetime.date(2020, 4, 1)) for one in ma[:3]]
    lines += [(one.name, one.id_number, DIBAO, datetime.date(2020, 1, 1)) for one in zhou]
    told = {"every": Every.MONTH, "fund": FundSource.CENTRAL, "ends_missing": True}
    lists.write(officer, "dibao", months_after(month, -2), lines, **told)
    lists.write(officer, "dibao", months_after(month, -1), lines[1:], **told)
    ill, paid_on = teller.told["王大海"].head, teller.day(12)
    assert ill is not None
    line = (ill.name, ill.id_number, RELIEF, paid_on)
    lists.write(teller.people["bumen1"], "medical_aid", paid_on, [line], every=Every.ONCE)


# ---- with the services of the product, on days that are over ----


def _people(home: Household) -> list[Member]:
    return list(home.members.order_by("position"))


def _give(
    teller: Teller, home: Household, measure: str, member: Member | None = None, *, begun_on: datetime.date,
    amount: int | None = None, every: str = Every.ONCE, fund: str = "", runs_until: datetime.date | None = None,
    ended_on: datetime.date | None = None, note: str = "",
) -> None:  # fmt: skip
    """A measure that is there already; the amount in yuan."""
    register(
        household=home, by=teller.reviewer, measure=MEASURES[measure], member=member, begun_on=begun_on,
        amount=None if amount is None else amount * YUAN, every=every, runs_until=runs_until, ended_on=ended_on,
        fund=fund, note=note, idempotency_key=_key(),
    )  # fmt: skip


def _draft(
    teller: Teller, home: Household, items: Sequence[Item], goal: str, reasons: Mapping[Member, str] | None = None,
    reason: str = "", without: Sequence[str] = (),
) -> Plan:  # fmt: skip
    """A version that is ready to be proposed; ``without`` are measures of the last one that it leaves out."""
    plan = plans.begin_plan(household=home, by=teller.cadre, reason=reason)
    for item in PlanItem.objects.filter(plan=plan, measure__in=without):
        plan.refresh_from_db()
        plans.remove_item(item=item, by=teller.cadre, expected_version=plan.version)
    for measure, member in items:
        plans.add_item(plan=plan, by=teller.cadre, measure=measure, member=member)
    plan.refresh_from_db()
    unhelped = {str(member.pk): words for member, words in (reasons or {}).items()}
    plans.change_plan(plan=plan, by=teller.cadre, expected_version=plan.version, goal=goal, unhelped=unhelped)
    plan.refresh_from_db()
    return plan


def _confirm(teller: Teller, plan: Plan, ago: int) -> None:
    plan_steps.propose(plan=plan, by=teller.people["dui1"], expected_version=plan.version)
    plan.refresh_from_db()
    confirm_on(plan, teller.reviewer, teller.day(ago))


def _mark(teller: Teller, home: Household, measure: str, step: DeliveryStep, on: datetime.date, **told: Any) -> None:
    """A step of the one measure of this kind that was promised."""
    delivery = Delivery.objects.get(household=home, measure=measure, dropped_on=None)
    marked = mark_deliveries(
        picks=[Pick(delivery.pk, delivery.version)], mark=Mark(step, on, **told), by=teller.reviewer,
        idempotency_key=_key(),
    )  # fmt: skip
    assert marked.done == 1, marked.left


def _helper(teller: Teller, home: Household, who: tuple[str, str], begun_on: datetime.date) -> None:
    name, unit = who
    change_helper(household=home, by=teller.reviewer, name=name, unit=unit, begun_on=begun_on, phone=PHONES[who])


def _hand_over(teller: Teller, home: Household, day: datetime.date) -> None:
    """The contact left for another office; who is stationed in the village took the household over."""
    taker, (name, unit) = teller.people["dui1"], FORMER
    handover = handovers.propose(
        by=teller.reviewer, name=name, unit=unit, households=[home.pk], to=taker, begins_on=day, reason="工作调动",
        idempotency_key=_key(),
    )  # fmt: skip
    handovers.take_over(handover=handover, by=taker, answer="", idempotency_key=_key())
    Handover.objects.filter(pk=handover.pk).update(proposed_at=noon(day), answered_at=noon(day))


def _visit(teller: Teller, home: Household, ago: int, *, by: str = "cun1", **told: Any) -> None:
    add_visit(
        household=home, by=teller.people[by], visited_on=teller.day(ago), idempotency_key=_key(), **told
    )  # fmt: skip


def _key() -> str:
    return str(uuid.uuid4())
