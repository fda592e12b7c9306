"""Who was on the register before the demonstration begins, with helpers, measures and visits."""

import datetime
import random

from accounts.models import User
from assistance.catalogue import MEASURES
from assistance.models import Delivery, Helper, Visit, VisitMood
from assistance.services import told_by
from fangpin.demo.population import BATCH, SEED, Family
from households import codes
from households.codes import RiskCause
from households.models import Member
from monitoring.models import CaseSource
from monitoring.workflow import class_of, enter_designated

SHARE = 0.035
HELPERS = (
    ("赵卫东", "农业农村局"),
    ("刘敏", "卫生健康局"),
    ("韩冰", "街道农业办"),
    ("秦朗", "街道民政办"),
    ("白桦", "村委会"),
    ("苏晴", "教育体育局"),
)
SENTENCES = (
    "身体还好，按时吃药。",
    "孩子在校，生活费够用。",
    "地里玉米收完了，正找零工。",
    "低保金按月到账。",
    "想学点手艺，帮着问问培训。",
)


def add_stock(families: list[Family], today: datetime.date, visitor: User) -> list[Family]:
    """Enter a few dozen households as designated stock; returns them."""
    chance = random.Random(SEED + 1)  # noqa: S311  # invented figures, not secrets
    stock = [family for family in families if _in_need(family) and chance.random() < SHARE * 4]
    helpers, deliveries, visits = [], [], []
    for family in stock:
        household = family.household
        decided_on = datetime.date(chance.choice([2019, 2020, 2020, 2021]), chance.randrange(1, 13), 15)
        enter_designated(
            household=household,
            by=None,
            source=CaseSource.STOCK,
            monitor_class=class_of(household),
            decided_on=decided_on,
            main_risk=_main_risk(family),
            unverified=chance.random() < 0.3,
            batch=None,
            note="演示数据：国扶系统内已标注",
        )
        name, unit = chance.choice(HELPERS)
        helpers.append(Helper(household=household, name=name, unit=unit, begun_on=decided_on, entered_by=visitor))
        deliveries.extend(_deliveries(chance, family, decided_on, today, visitor))
        visits.extend(_visits(chance, family, today, visitor))
    Helper.objects.bulk_create(helpers, BATCH)
    Delivery.objects.bulk_create(deliveries, BATCH)
    Visit.objects.bulk_create(visits, BATCH)
    return stock


def _in_need(family: Family) -> bool:
    return (
        family.having(codes.Health.SERIOUS)
        or family.having(codes.Health.DISABLED)
        or (family.household.whole_without_labour)
    )


def _main_risk(family: Family) -> RiskCause:
    if family.having(codes.Health.SERIOUS):
        return RiskCause.ILLNESS
    return RiskCause.DISABILITY if family.having(codes.Health.DISABLED) else RiskCause.NO_LABOUR


def _deliveries(
    chance: random.Random, family: Family, since: datetime.date, today: datetime.date, by: User
) -> list[Delivery]:
    given = [_given(family, "medical", since, by, member) for member in family.members if member.medical_insured]
    given += [
        _given(family, "dibao", since, by, member) for member in family.members if member.dibao != codes.Dibao.NONE
    ]
    given += [_given(family, "education", since, by, member) for member in family.members if member.student_status]
    if chance.random() < 0.7:
        given.append(_given(family, "family_doctor", since, by))
    if chance.random() < 0.2:
        housing = _given(family, "housing", since, by)
        housing.ended_on = since + datetime.timedelta(days=120)
        given.append(housing)
    if chance.random() < 0.2:
        given.append(_given(family, "temporary_relief", today - datetime.timedelta(days=chance.randrange(300)), by))
    if chance.random() < 0.25 and family.members[0].labour_skill == codes.LabourSkill.WEAK:
        given.append(_given(family, "public_post", since, by, family.members[0]))
    return given


def _given(family: Family, measure: str, since: datetime.date, by: User, member: Member | None = None) -> Delivery:
    told = told_by(MEASURES[measure])
    return Delivery(household=family.household, member=member, **told, begun_on=since, entered_by=by)


def _visits(chance: random.Random, family: Family, today: datetime.date, by: User) -> list[Visit]:
    return [
        Visit(
            household=family.household,
            visited_on=today - datetime.timedelta(days=days),
            mood=chance.choice([VisitMood.SAME, VisitMood.SAME, VisitMood.BETTER, VisitMood.WORSE]),
            sentence=chance.choice(SENTENCES),
            visitor=by,
        )
        for days in (chance.randrange(5, 40), chance.randrange(40, 90))
        if chance.random() < 0.8
    ]
