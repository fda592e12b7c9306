"""Risks that are over in the demonstration: one household off the register, one before the town, one just proposed; a
household that may be newly poor, and one that is helped before its procedure is over."""

import datetime

from accounts.models import User
from assistance.models import Measure
from assistance.services import add_delivery
from fangpin.demo.population import YUAN, Family, noon
from fangpin.demo.stories import Teller, forget_visits
from households.codes import ABLE_TO_WORK, RiskCause
from households.models import Household
from monitoring import registrations, removals
from monitoring.models import Case, CaseSource, Stage
from monitoring.removal_gates import Visitors
from monitoring.workflow import class_of, enter_designated, take

DECIDED_ON = datetime.date(2020, 6, 15)
WELL = 14_600  # yuan a head


def add_removals(families: list[Family], people: dict[str, User], today: datetime.date) -> None:
    """Tell of three households of the stories' village, of one in the county that grades, and of one in need at once."""
    teller = Teller(people, today)
    village = people["cun1"].postings.get().region
    able = [
        one
        for one in families
        if one.household.village_id == village.pk
        and not one.household.whole_without_labour
        and any(member.labour_skill in ABLE_TO_WORK for member in one.members)
    ]
    free = iter([one for one in able if not (one.household.cases.exists() or one.household.assessments.exists())])
    case = _endorsed(teller, _before_the_town(teller, next(free), 60), 46)
    take("acknowledge", case=case, by=people["qu1"], at=teller.noon(44), note="收入稳定，同意移出。")
    _before_the_town(teller, next(free), 22)
    _proposed(teller, next(free), 4)
    _newly_poor(today)
    _in_need_at_once(people["cun1"])


def _proposed(teller: Teller, family: Family, ago: int) -> Case:
    """Designated long ago, helped, and proposed after a visit that found all well."""
    household, head = family.household, family.members[0]
    forget_visits(household)
    designation = enter_designated(
        household=household, by=None, source=CaseSource.STOCK, monitor_class=class_of(household), decided_on=DECIDED_ON,
        main_risk=RiskCause.UNSTABLE_JOB, unverified=False, batch=None, note="演示数据：国扶系统内已标注",
    )  # fmt: skip
    designation.events.update(at=teller.noon(ago + 90))  # the roster came in before
    for measure, member in ((Measure.MEDICAL, head), (Measure.FAMILY_DOCTOR, None)):
        add_delivery(household=household, by=teller.reviewer, measure=measure, member=member, begun_on=DECIDED_ON)
    _visited(teller, household, ago)
    return removals.open_removal(
        designation=designation,
        by=teller.cadre,
        note="两口子在镇上厂里稳定上班，一年多没有欠账。",
        at=teller.noon(ago - 1),
    )


def _before_the_town(teller: Teller, family: Family, ago: int) -> Case:
    """Visited by two, agreed by the meeting, five days on the notice, and reported."""
    case = _proposed(teller, family, ago)
    _visited(teller, family.household, ago - 3)
    visitors = Visitors(teller.cadre, "", teller.people["dui1"])
    case = take("verify_removal", case=case, by=teller.cadre, visitors=visitors, at=teller.noon(ago - 4))
    case = teller.met(case, ago - 5)
    return teller.reported(teller.noticed(case, ago - 6), ago - 12)


def _endorsed(teller: Teller, case: Case, ago: int) -> Case:
    return take("endorse", case=case, by=teller.reviewer, at=teller.noon(ago), note="情况属实，同意。")


def _visited(teller: Teller, household: Household, ago: int) -> None:
    persons = household.members.living_together().count()
    wage = WELL * persons * YUAN
    teller.visit(household, ago, wage=wage, risk_causes=[], stable_income=True, note="在镇上厂里上班，工资按月发。")


def _newly_poor(today: datetime.date) -> None:
    """In the county whose document knows the path: the village has begun to look into it."""
    cadre = User.objects.get(username="cun7")
    village = cadre.postings.get().region
    household = Household.objects.filter(village=village, cases=None).order_by("number").last()
    if household:
        registrations.open_registration(
            household=household, by=cadre, note="七月发大水，房子和庄稼都没了，家里没有存款。",
            at=noon(today - datetime.timedelta(days=3)),
        )  # fmt: skip


def _in_need_at_once(cadre: User) -> None:
    village = cadre.postings.get().region
    case = Case.objects.filter(village=village, stage=Stage.MEETING).order_by("stage_since").first()
    if case:
        registrations.mark_urgent(case=case, by=cadre, reason="猪场清栏，饲料款还欠着，家里等米下锅。")
