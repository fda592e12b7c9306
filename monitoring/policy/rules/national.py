"""全国2021 (example numbers): three classes; income, the income reference after rigid expenses, and a sudden fall."""

import datetime
from dataclasses import replace

from django.db.models import F, Q
from django.db.models.lookups import LessThan, LessThanOrEqual

from monitoring.policy.rule import Rule
from monitoring.policy.rules.risk import DIFFICULTY, NEGATIVE, RISK, UNANSWERED
from monitoring.policy.rules.scope import DESIGNATED, INCOMPLETE, NOBODY, OUTSIDE
from monitoring.policy.values import Policy

NATIONAL = datetime.date(2021, 5, 14)
EXAMPLE = "文件未规定，取法：全国2021的示例"
READINGS = "docs/decisions/0021-national-example.md"


def _reference_below(policy: Policy) -> Q:
    below = LessThan(F("net_income") - F("rigid_total"), F("people") * policy.fen("income_line"))
    return Q(below, rigid_total__gt=0, people__gt=0)


def _income_fell(policy: Policy) -> Q:
    left = 1 - policy.share("drop_percent")
    fallen = LessThanOrEqual(F("net_income") * left.denominator, F("last_year_income") * left.numerator)
    return Q(fallen, last_year_income__gt=0)


RULES = (
    replace(NOBODY, code="N01", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(OUTSIDE, code="N02", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(INCOMPLETE, code="N03", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(DESIGNATED, code="N04", clause=f"{EXAMPLE}，没有办风险消除的保留", since=NATIONAL, reading=READINGS),
    Rule(
        code="N05",
        title="人均纯收入低于监测线",
        clause=f"{EXAMPLE}，监测线由各省定，这里是一个省一年的数",
        facts=("net_income", "people"),
        when=lambda policy: Q(net_income__lt=F("people") * policy.fen("income_line"), people__gt=0),
        since=NATIONAL,
        what=lambda figures: f"人均纯收入 {figures.per_capita} 元，低于 {figures.line_words} 元。",
        otherwise=lambda figures: f"人均纯收入 {figures.per_capita} 元，没有低于 {figures.line_words} 元。",
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.threshold,
        next_step="有返贫致贫风险的，按程序认定。",
        reading=READINGS,
    ),
    replace(RISK, code="N06", clause=EXAMPLE, since=NATIONAL, next_step="看收入和支出，按程序认定。", reading=READINGS),
    Rule(
        code="N07",
        title="收入参考范围低于监测线",
        clause=f"{EXAMPLE}，收入参考范围 = 纯收入 + 理赔 − 合规自付支出",
        facts=("net_income", "rigid_total", "people"),
        when=_reference_below,
        since=NATIONAL,
        what=lambda figures: f"减去刚性支出，人均 {figures.reference} 元，低于 {figures.line_words} 元。",
        otherwise=lambda figures: (
            f"减去刚性支出，人均 {figures.reference} 元；没有刚性支出，或者不低于 {figures.line_words} 元。"
        ),
        how=lambda figures: "理赔已在转移性收入里，自付支出是入户时问的刚性支出。",
        threshold=lambda figures: figures.threshold,
        next_step="由风险引发的，按突发严重困难户的程序认定。",
        reading=READINGS,
    ),
    Rule(
        code="N08",
        title="收入骤减",
        clause=f"{EXAMPLE}，幅度是参数",
        facts=("net_income", "last_year_income"),
        when=_income_fell,
        since=NATIONAL,
        what=lambda figures: f"纯收入 {figures.net_total} 元，比上年的 {figures.last_year} 元骤减。",
        otherwise=lambda figures: f"纯收入 {figures.net_total} 元，上年 {figures.last_year} 元，没有骤减。",
        next_step="由风险引发的，按突发严重困难户的程序认定。",
        reading=READINGS,
    ),
    replace(DIFFICULTY, code="N09", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(UNANSWERED, code="N10", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(NEGATIVE, code="N11", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
)
