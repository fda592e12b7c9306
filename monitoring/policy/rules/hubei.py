"""湖北2020: disposable income against one and a half times the standard, rigid expenses, a fall in income."""

import datetime
from dataclasses import replace
from fractions import Fraction

from django.db.models import F, Q
from django.db.models.lookups import Exact, GreaterThan, LessThanOrEqual

from households.codes import RISK_BITS, HouseholdType, RiskCause
from monitoring.policy.rule import Rule
from monitoring.policy.rules.amounts import (
    NEVER,
    amount_set,
    at_least_share,
    at_most_share,
    below,
    gap_to_at_most_share,
    gap_to_below,
    gap_to_share,
    not_below,
)
from monitoring.policy.rules.risk import DIFFICULTY, NEGATIVE, RISK
from monitoring.policy.rules.scope import DESIGNATED, INCOMPLETE, NOBODY, OUTSIDE
from monitoring.policy.values import Policy

HUBEI = datetime.date(2020, 3, 20)
DOCUMENT = "湖北《关于建立防止返贫监测和帮扶机制的实施意见》"
READINGS = "docs/decisions/0019-hubei-readings.md"
LISTED = sum(
    RISK_BITS[cause] for cause in (RiskCause.ILLNESS, RiskCause.DISABILITY, RiskCause.DISASTER, RiskCause.EPIDEMIC)
)


def _line(policy: Policy) -> Fraction | None:
    return policy.line(HouseholdType.ORDINARY)


def _around_the_line(policy: Policy) -> Q:
    line = _line(policy)
    if line is None:
        return NEVER
    band = line * (1 + policy.share("band_percent"))
    # Divided, because 2^53 fen times the denominator of two percentages leaves 64 bits; whole fen lose nothing by it.
    to_band = LessThanOrEqual(F("counted_disposable"), F("people") * band.numerator / band.denominator)
    return not_below("counted_disposable", line) & Q(to_band)


def _rigid_over_last_year(policy: Policy) -> Q:
    share = policy.share("rigid_percent")
    over = GreaterThan(F("rigid_total") * share.denominator, F("last_year_income") * share.numerator)
    return Q(over, last_year_income__gt=0)


def _rigid_clearly_over(policy: Policy) -> Q:
    share = policy.share("rigid_clear_percent")
    return at_least_share("rigid_total", "last_year_income", share) & Q(last_year_income__gt=0)


def _income_fell(policy: Policy) -> Q:
    left = 1 - policy.share("drop_percent")
    return at_most_share("counted_disposable", "last_year_income", left) & Q(last_year_income__gt=0)


RULES = (
    replace(NOBODY, code="H01", clause=f"{DOCUMENT} 三（二）：人均可支配收入", since=HUBEI, reading=READINGS),
    replace(
        OUTSIDE,
        code="H02",
        clause=f"{DOCUMENT} 三（一）：建档立卡已脱贫的不稳定户和收入略高于建档立卡贫困户的边缘户",
        since=HUBEI,
    ),
    replace(INCOMPLETE, code="H03", since=HUBEI, reading=READINGS),
    replace(
        DESIGNATED, code="H04", clause=f"{DOCUMENT} 三（一）：在前期摸排出的户的基础上", since=HUBEI, reading=READINGS
    ),
    Rule(
        code="H05",
        title="人均可支配收入低于国家扶贫标准的1.5倍",
        clause=f"{DOCUMENT} 三（二）：人均可支配收入低于国家扶贫标准1.5倍左右的家庭",
        facts=("counted_disposable", "people"),
        when=lambda policy: below("counted_disposable", _line(policy)),
        gap=lambda policy: gap_to_below("counted_disposable", _line(policy)),
        since=HUBEI,
        what=lambda figures: f"人均可支配收入 {figures.disposable} 元，低于 {figures.line_words} 元。",
        otherwise=lambda figures: f"人均可支配收入 {figures.disposable} 元，没有低于 {figures.line_words} 元。",
        how=lambda figures: figures.counting_disposable,
        threshold=lambda figures: figures.from_line("disposable_income"),
        next_step="由县级确定。",
        reading=READINGS,
    ),
    replace(
        RISK,
        code="H06",
        clause=f"{DOCUMENT} 三（二）：因病、因残、因灾、因新冠肺炎疫情影响等",
        since=HUBEI,
        next_step="看刚性支出和收入有没有大的变化，由县级确定。",
        reading=READINGS,
    ),
    Rule(
        code="H07",
        title="刚性支出超过上年收入",
        clause=f"{DOCUMENT} 三（二）：刚性支出明显超过上年度收入",
        facts=("rigid_total", "last_year_income"),
        when=_rigid_over_last_year,
        gap=lambda policy: gap_to_share(
            "rigid_total", "last_year_income", policy.share("rigid_percent"), itself_counts=False
        ),
        since=HUBEI,
        what=lambda figures: f"刚性支出 {figures.rigid} 元，超过上年收入 {figures.last_year} 元。",
        otherwise=lambda figures: f"刚性支出 {figures.rigid} 元，没有超过上年收入 {figures.last_year} 元。",
        how=lambda figures: f"{figures.counting_rigid}；{figures.times_last_year('rigid_total')}",
        threshold=lambda figures: figures.from_share("rigid_percent", "rigid_total", "last_year_income"),
        next_step="由风险引发的，看是不是“明显”超过。",
        reading=READINGS,
    ),
    Rule(
        code="H08",
        title="刚性支出明显超过上年收入",
        clause=f"{DOCUMENT} 三（二）：刚性支出明显超过上年度收入（文件没有给倍数，倍数是参数）",
        facts=("rigid_total", "last_year_income"),
        when=_rigid_clearly_over,
        gap=lambda policy: gap_to_share("rigid_total", "last_year_income", policy.share("rigid_clear_percent")),
        since=HUBEI,
        what=lambda figures: (
            f"刚性支出是上年收入的 {figures.rigid_times} 倍，明显超过（{figures.number_of('rigid_clear_percent')}起）。"
        ),
        otherwise=lambda figures: (
            f"刚性支出是上年收入的 {figures.rigid_times} 倍，不到明显超过的 {figures.number_of('rigid_clear_percent')}。"
        ),
        how=lambda figures: f"{figures.counting_rigid}；{figures.times_last_year('rigid_total')}",
        threshold=lambda figures: figures.from_share("rigid_clear_percent", "rigid_total", "last_year_income"),
        next_step="由县级确定。",
        reading=READINGS,
    ),
    Rule(
        code="H09",
        title="收入大幅缩减",
        clause=f"{DOCUMENT} 三（二）：收入大幅缩减的家庭（文件没有给幅度，幅度是参数）",
        facts=("counted_disposable", "last_year_income"),
        when=_income_fell,
        gap=lambda policy: gap_to_at_most_share(
            "counted_disposable", "last_year_income", 1 - policy.share("drop_percent")
        ),
        since=HUBEI,
        what=lambda figures: f"可支配收入 {figures.disposable_total} 元，比上年收入 {figures.last_year} 元大幅缩减。",
        otherwise=lambda figures: (
            f"可支配收入 {figures.disposable_total} 元，比上年收入 {figures.last_year} 元没有大幅缩减。"
        ),
        how=lambda figures: figures.times_last_year("disposable_income"),
        threshold=lambda figures: figures.from_fall("drop_percent", "disposable_income"),
        next_step="由县级确定。",
        reading=READINGS,
    ),
    replace(
        NEGATIVE,
        code="H10",
        clause=f"{DOCUMENT} 四（七）：比对无负面清单（只用于危房改造；认定先暂缓是取法）",
        since=HUBEI,
        reading=READINGS,
    ),
    replace(
        DIFFICULTY, code="H11", clause=f"{DOCUMENT} 四（七）：巩固“两不愁三保障”成果", since=HUBEI, reading=READINGS
    ),
    Rule(
        code="H12",
        title="人均可支配收入低于国家扶贫标准",
        clause=f"{DOCUMENT} 二：对返贫和新致贫的人口，及时建档立卡",
        facts=("counted_disposable", "people"),
        when=lambda policy: below("counted_disposable", amount_set(policy, "poverty_standard")),
        since=HUBEI,
        what=lambda figures: (
            f"人均可支配收入 {figures.disposable} 元，低于国家扶贫标准 {figures.number_of('poverty_standard')}，待核实。"
        ),
        otherwise=lambda figures: (
            f"人均可支配收入 {figures.disposable} 元，没有低于国家扶贫标准 {figures.number_of('poverty_standard')}。"
        ),
        how=lambda figures: figures.counting_disposable,
        threshold=lambda figures: figures.from_value("poverty_standard", "disposable_income"),
        next_step="镇里入户核实是不是返贫或新致贫，把结果写进办理记录，报县级答复；是的及时建档立卡。不对农户说。",
        office_only=True,
        reading=READINGS,
    ),
    Rule(
        code="H13",
        title="人均可支配收入在线上不远",
        clause=f"{DOCUMENT} 三（二）：1.5倍左右（“左右”的幅度是参数，只提示）",
        facts=("counted_disposable", "people"),
        when=_around_the_line,
        since=HUBEI,
        what=lambda figures: f"人均可支配收入 {figures.disposable} 元，刚到或略高于 {figures.line_words} 元。",
        otherwise=lambda figures: f"人均可支配收入 {figures.disposable} 元，不在 {figures.line_words} 元“左右”。",
        how=lambda figures: figures.counting_disposable,
        threshold=lambda figures: (
            f"线上 {figures.threshold_of('band_percent')}以内；{figures.from_line('disposable_income')}"
        ),
        next_step="留意收入变化；只提示，不自动纳入。",
        reading=READINGS,
    ),
    Rule(
        code="H14",
        title="已标注，收入已经不低于线",
        clause=f"{DOCUMENT} 三（四）：建立台账，实行动态管理",
        facts=("already_designated", "counted_disposable", "people"),
        when=lambda policy: not_below("counted_disposable", _line(policy)) & Q(already_designated=True),
        since=HUBEI,
        what=lambda figures: f"已标注，人均可支配收入 {figures.disposable} 元，不低于 {figures.line_words} 元。",
        otherwise=lambda figures: "不是收入已经回升的存量对象。",
        how=lambda figures: f"看有没有标注，再看收入：{figures.counting_disposable}",
        threshold=lambda figures: figures.from_line("disposable_income"),
        next_step="复核风险是不是已经消除；没有办手续不移出。",
        reading=READINGS,
    ),
    Rule(
        code="H15",
        title="原因不在列举之内",
        clause=f"{DOCUMENT} 三（二）：因病、因残、因灾、因新冠肺炎疫情影响等（“等”包含其他原因，取法）",
        facts=("risk_bits",),
        when=lambda policy: Q(risk_bits__gt=0) & Q(Exact(F("risk_bits").bitand(LISTED), 0)),
        since=HUBEI,
        what=lambda figures: f"原因是{figures.risks}，不在文件列举之内。",
        otherwise=lambda figures: "没有原因，或者有文件列举的原因。",
        how=lambda figures: f"入户时勾选的原因：{figures.risks or '没有勾选'}。",
        threshold=lambda figures: "列举的是因病、因残、因灾、因疫情，一个都没有才算。",
        next_step="由县级判断“等”是不是包含这个原因。",
        reading=READINGS,
    ),
)
