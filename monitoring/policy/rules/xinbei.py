"""新北2020: both groups, warnings about large expenses; every number is left to the district, and unset until then."""

import datetime
from dataclasses import replace
from functools import reduce
from operator import or_

from django.db.models import Q

from monitoring.policy.figures import Figures
from monitoring.policy.rule import Rule, Words
from monitoring.policy.rules.amounts import (
    NEVER,
    always,
    amount_set,
    at_least,
    below,
    gap_to_amount,
    gap_to_below,
)
from monitoring.policy.rules.risk import DIFFICULTY, NEGATIVE, RISK, UNANSWERED
from monitoring.policy.rules.scope import DESIGNATED, INCOMPLETE, NOBODY, OUTSIDE
from monitoring.policy.values import Policy

XINBEI = datetime.date(2020, 9, 4)
DOCUMENT = "常新阳扶办〔2020〕8号"
READINGS = "docs/decisions/0023-xinbei-readings.md"
LINE = "income_line"
WARNED = f"{DOCUMENT} 三4：主动掌握居民因灾害、医疗（含康复辅助）、教育等大额支出类“预警信息”"
# Each kind of expense that the document warns of: the column of the facts, the district's amount, its name.
MEDICAL = ("medical_expense", "large_medical", "医疗（含康复辅助）支出")
EDUCATION = ("education_expense", "large_education", "教育支出")
DISASTER = ("disaster_expense", "large_disaster", "灾害损失")


def _spent_without_amount(policy: Policy) -> Q:
    """The household spent something on what the district has not said yet how much is much."""
    unset = [
        Q(**{f"{column}__gt": 0}) for column, key, _name in (DISASTER, MEDICAL, EDUCATION) if not policy.is_set(key)
    ]
    return reduce(or_, unset, NEVER)


def _expense(column: str, name: str) -> Words:
    def words(figures: Figures) -> str:
        return f"{name}没有问到" if figures.values[column] is None else f"{name} {figures.amount(column)} 元"

    return words


def _large(code: str, kind: tuple[str, str, str]) -> Rule:
    column, key, name = kind
    spent = _expense(column, name)
    return Rule(
        code=code,
        title=f"大额{name}",
        clause=f"{WARNED}（多少算大额，文件没有给数，由区里定）",
        facts=(column,),
        when=lambda policy: at_least(column, amount_set(policy, key)),
        gap=lambda policy: gap_to_amount(column, amount_set(policy, key)),
        since=XINBEI,
        what=lambda figures: f"{spent(figures)}，达到大额。",
        otherwise=lambda figures: f"{spent(figures)}，没有达到大额，或者区里还没有定多少算大额。",
        how=lambda figures: "入户时问的一年里自己付的钱，全家合计；医疗含残疾康复。",
        threshold=lambda figures: figures.from_amount(key, column),
        next_step="预警，及时救助。",
        reading=READINGS,
    )


RULES = (
    replace(NOBODY, code="X01", clause=f"{DOCUMENT} 三1：逐户走访", since=XINBEI, reading=READINGS),
    replace(OUTSIDE, code="X02", clause=f"{DOCUMENT} 一：脱贫不稳定户、边缘易致贫户", since=XINBEI),
    replace(INCOMPLETE, code="X03", since=XINBEI, reading=READINGS),
    replace(DESIGNATED, code="X04", clause=f"{DOCUMENT} 三1：对两类人员落实常态化监测", since=XINBEI, reading=READINGS),
    Rule(
        code="X05",
        title="人均纯收入低于区里定的线",
        clause=f"{DOCUMENT} 三1：对脱贫不稳定人口和边缘易致贫人口进行预警和处置（文件没有给数，由区里定）",
        facts=("counted_net", "people"),
        when=lambda policy: below("counted_net", amount_set(policy, LINE)),
        gap=lambda policy: gap_to_below("counted_net", amount_set(policy, LINE)),
        since=XINBEI,
        what=lambda figures: f"人均纯收入 {figures.per_capita} 元，低于 {figures.line_words} 元。",
        otherwise=lambda figures: f"人均纯收入 {figures.per_capita} 元，没有低于区里定的线，或者区里还没有设线。",
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_line("net_income"),
        next_step="有返贫致贫风险的，纳入监测；没有查到风险的再核一次。",
        reading=READINGS,
    ),
    Rule(
        code="X06",
        title="还没有设线",
        clause=f"{DOCUMENT} 文件没有给监测线，由区里定",
        facts=("household_type",),
        when=lambda policy: always(not policy.is_set(LINE)),
        since=XINBEI,
        what=lambda figures: "区里还没有设监测线，收入没有比较。",
        otherwise=lambda figures: "区里已经设线。",
        how=lambda figures: "看政策参数里有没有这一天有效的监测线。",
        threshold=lambda figures: figures.threshold,
        next_step="区里在“政策参数”里设线以后，重新研判。",
        reading=READINGS,
    ),
    replace(
        RISK,
        code="X07",
        clause=f"{DOCUMENT} 三4：因病、因残、因灾等意外变故；二：提前发现并识别存在返贫致贫风险的人口",
        since=XINBEI,
        next_step="收入低于线的纳入监测，不低于线的预警。",
        reading=READINGS,
    ),
    _large("X08", DISASTER),
    _large("X09", MEDICAL),
    _large("X10", EDUCATION),
    replace(
        DIFFICULTY,
        code="X11",
        clause=f"{DOCUMENT} 三4：聚焦“三保障”分类施策；四2：全面解决“三保障”和农村饮水安全问题",
        since=XINBEI,
        reading=READINGS,
    ),
    replace(UNANSWERED, code="X12", since=XINBEI, reading=READINGS),
    replace(NEGATIVE, code="X13", since=XINBEI, reading=READINGS),
    Rule(
        code="X14",
        title="有支出，还没有定多少算大额",
        clause=f"{WARNED}（多少算大额，文件没有给数，由区里定）",
        facts=("disaster_expense", "medical_expense", "education_expense"),
        when=_spent_without_amount,
        since=XINBEI,
        what=lambda figures: "有灾害、医疗或教育支出，区里还没有定多少算大额，没有比较。",
        otherwise=lambda figures: "有的支出都比较过，或者没有这类支出。",
        how=lambda figures: "看灾害、医疗（含康复辅助）、教育三类支出，有支出而没有定数的就算。",
        threshold=lambda figures: "支出大于 0 元。",
        next_step="区里在“政策参数”里定多少算大额以后，重新研判。",
        reading=READINGS,
    ),
    Rule(
        code="X15",
        title="人均纯收入低于建档立卡标准",
        clause=f"{DOCUMENT} 二：当返贫和新致贫情况发生，要及时纳入建档立卡管理（按市定标准，文件没有给数）",
        facts=("counted_net", "people"),
        when=lambda policy: below("counted_net", amount_set(policy, "poverty_standard")),
        since=XINBEI,
        what=lambda figures: (
            f"人均纯收入 {figures.per_capita} 元，低于建档立卡标准 {figures.number_of('poverty_standard')}，待核实。"
        ),
        otherwise=lambda figures: f"人均纯收入 {figures.per_capita} 元，没有低于建档立卡标准，或者标准还没有设。",
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_value("poverty_standard", "net_income"),
        next_step="镇里入户核实是不是返贫或新致贫，报区里答复；是的及时纳入建档立卡管理。不对农户说。",
        office_only=True,
        reading=READINGS,
    ),
)
