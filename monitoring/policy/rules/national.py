"""全国2021 (example numbers): three classes; income, the income reference after rigid expenses, and a sudden fall."""

import datetime
from dataclasses import replace
from fractions import Fraction

from django.db.models import BigIntegerField, Case, F, Q, When
from django.db.models.lookups import LessThan

from monitoring.policy.rule import Gap, Rule
from monitoring.policy.rules.amounts import amount_set, at_most_share, below, gap_to_at_most_share, gap_to_below
from monitoring.policy.rules.risk import DIFFICULTY, NEGATIVE, RISK, UNANSWERED
from monitoring.policy.rules.scope import DESIGNATED, INCOMPLETE, NOBODY, OUTSIDE
from monitoring.policy.values import Policy

NATIONAL = datetime.date(2021, 5, 14)
EXAMPLE = "文件未规定，取法：全国2021的示例"
READINGS = "docs/decisions/0021-national-example.md"


def _line(policy: Policy) -> Fraction | None:
    return amount_set(policy, "income_line")


def _reference_below(policy: Policy) -> Q:
    below_line = LessThan(F("counted_net") - F("rigid_total"), F("people") * policy.fen("income_line"))
    return Q(below_line, rigid_total__gt=0, people__gt=0)


def _reference_gap(policy: Policy) -> Gap:
    whole = F("people") * policy.fen("income_line")
    missing = F("counted_net") - F("rigid_total") - whole
    return Case(When(rigid_total__gt=0, then=missing), output_field=BigIntegerField()), whole


def _income_fell(policy: Policy) -> Q:
    left = 1 - policy.share("drop_percent")
    return at_most_share("counted_net", "last_year_income", left) & Q(last_year_income__gt=0)


RULES = (
    replace(NOBODY, code="N01", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(OUTSIDE, code="N02", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(INCOMPLETE, code="N03", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(DESIGNATED, code="N04", clause=f"{EXAMPLE}，没有办风险消除的保留", since=NATIONAL, reading=READINGS),
    Rule(
        code="N05",
        title="人均纯收入低于监测线",
        clause=f"{EXAMPLE}，监测线由各省定，这里是一个省一年的数",
        facts=("counted_net", "people"),
        when=lambda policy: below("counted_net", _line(policy)),
        gap=lambda policy: gap_to_below("counted_net", _line(policy)),
        since=NATIONAL,
        what=lambda figures: f"人均纯收入 {figures.per_capita} 元，低于 {figures.line_words} 元。",
        otherwise=lambda figures: f"人均纯收入 {figures.per_capita} 元，没有低于 {figures.line_words} 元。",
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_line("net_income"),
        next_step="有返贫致贫风险的，按程序认定。",
        reading=READINGS,
    ),
    replace(RISK, code="N06", clause=EXAMPLE, since=NATIONAL, next_step="看收入和支出，按程序认定。", reading=READINGS),
    Rule(
        code="N07",
        title="收入参考范围低于监测线",
        clause=f"{EXAMPLE}，收入参考范围 = 纯收入 + 理赔 − 合规自付支出",
        facts=("counted_net", "rigid_total", "people"),
        when=_reference_below,
        gap=_reference_gap,
        since=NATIONAL,
        what=lambda figures: f"减去刚性支出，人均 {figures.reference} 元，低于 {figures.line_words} 元。",
        otherwise=lambda figures: (
            f"减去刚性支出，人均 {figures.reference} 元；没有刚性支出，或者不低于 {figures.line_words} 元。"
        ),
        how=lambda figures: figures.counting_reference,
        threshold=lambda figures: figures.from_line("reference"),
        next_step="由风险引发的，按突发严重困难户的程序认定。",
        reading=READINGS,
    ),
    Rule(
        code="N08",
        title="收入骤减",
        clause=f"{EXAMPLE}，幅度是参数",
        facts=("counted_net", "last_year_income"),
        when=_income_fell,
        gap=lambda policy: gap_to_at_most_share("counted_net", "last_year_income", 1 - policy.share("drop_percent")),
        since=NATIONAL,
        what=lambda figures: f"纯收入 {figures.net_total} 元，比上年的 {figures.last_year} 元骤减。",
        otherwise=lambda figures: f"纯收入 {figures.net_total} 元，上年 {figures.last_year} 元，没有骤减。",
        how=lambda figures: figures.times_last_year("net_income"),
        threshold=lambda figures: figures.from_fall("drop_percent", "net_income"),
        next_step="由风险引发的，按突发严重困难户的程序认定。",
        reading=READINGS,
    ),
    replace(DIFFICULTY, code="N09", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(UNANSWERED, code="N10", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
    replace(NEGATIVE, code="N11", clause=EXAMPLE, since=NATIONAL, reading=READINGS),
)
