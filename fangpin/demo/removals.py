"""Risks that are over in the demonstration: one household off the register, one before the town, one just proposed; a
household that may be newly poor, and one that is helped before its procedure is over."""

import datetime

from accounts.models import User
from assistance.services import add_delivery
from fangpin.demo.population import YUAN, Family, noon
from fangpin.demo.stories import REMOVED, Teller, Told, forget_visits
from fangpin.demo.told_help import help_removed
from households.codes import ABLE_TO_WORK, RiskCause
from households.models import Household, LastYearSource
from monitoring import registrations, removals
from monitoring.models import Case, CaseSource
from monitoring.removal_gates import Visitors
from monitoring.workflow import class_of, enter_designated, take

DECIDED_ON = datetime.date(2020, 6, 15)
URGENT_AGO = 5  # days
BETTER = 11_200  # a year before
WELL = 14_600  # yuan a head
YEAR = 368  # days


def add_removals(families: list[Family], people: dict[str, User], told: Told, today: datetime.date) -> None:
    """Tell of three households of the stories' village, of one in the county that grades, and of one in need at once."""
    teller = Teller(people, today, told)
    village = people["cun1"].postings.get().region
    able = [
        one
        for one in families
        if one.household.village_id == village.pk
        and not one.household.whole_without_labour
        and any(member.labour_skill in ABLE_TO_WORK for member in one.members)
    ]
    apart = {household.pk for household in told.values()}
    able = [one for one in able if one.household.pk not in apart]
    chosen = [one for one in able if not (one.household.cases.exists() or one.household.assessments.exists())][:2]
    for family in chosen:
        forget_visits(family.household)
    first = next(one for one in families if one.household == told[REMOVED])
    teller.submit(first.household, 790, wage=4_300 * len(first.members) * YUAN, risk_causes=[RiskCause.UNSTABLE_JOB])
    case = _endorsed(teller, _before_the_town(teller, first, 60), 46)
    take("acknowledge", case=case, by=people["qu1"], at=teller.noon(44), note="收入稳定，同意移出。")
    _before_the_town(teller, chosen[0], 22)
    _proposed(teller, chosen[1], 4)
    _newly_poor(today)
    _in_need_at_once(teller)


def _proposed(teller: Teller, family: Family, ago: int) -> Case:
    """Designated long ago, helped, and proposed after a visit that found all well."""
    household, head = family.household, family.members[0]
    designation = enter_designated(
        household=household, by=None, source=CaseSource.STOCK, monitor_class=class_of(household), decided_on=DECIDED_ON,
        main_risk=RiskCause.UNSTABLE_JOB, unverified=False, batch=None, note="演示数据：国扶系统内已标注",
    )  # fmt: skip
    designation.events.update(at=teller.noon(ago + 90))  # the roster came in before
    for measure, member in (("medical", head), ("family_doctor", None)):
        add_delivery(household=household, by=teller.reviewer, measure=measure, member=member, begun_on=DECIDED_ON)
    if household.head_name == REMOVED:
        help_removed(teller)
    persons = household.members.living_together().count()
    teller.submit(household, ago + YEAR, wage=BETTER * persons * YUAN, risk_causes=[], stable_income=True)
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
    teller.revisit(
        household, ago, wage=WELL * persons * YUAN, last_year_income=BETTER * persons * YUAN, risk_causes=[],
        last_year_source=LastYearSource.SURVEY, stable_income=True, note="在镇上厂里上班，工资按月发。",
    )  # fmt: skip


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


def _in_need_at_once(teller: Teller) -> None:
    """彭大军 was helped before the meeting has spoken."""
    case = Case.objects.designations().live().get(household=teller.told["彭大军"])
    registrations.mark_urgent(case=case, by=teller.cadre, reason="猪场清栏，饲料款还欠着，家里等米下锅。")
    Case.objects.filter(pk=case.pk).update(urgent_on=teller.day(URGENT_AGO))
    case.events.filter(step="mark_urgent").update(at=teller.noon(URGENT_AGO))
