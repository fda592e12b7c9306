"""Income per head against the line; totals are compared in whole fen, never rounded quotients."""

from django.db.models import Q

from households.codes import HouseholdType
from monitoring.policy.figures import Figures
from monitoring.policy.rule import Rule, Words
from monitoring.policy.rules.amounts import amount_set, below, gap_to_below
from monitoring.policy.rules.scope import READINGS, ZAOZHUANG


def _below(figures: Figures) -> str:
    return f"人均纯收入 {figures.per_capita} 元，低于{figures.line_name} {figures.line_words} 元。"


def _otherwise(household_type: str, only_for: str) -> Words:
    def words(figures: Figures) -> str:
        if figures.household_type != household_type:
            return f"只看{only_for}，这户不是。"
        if not figures.has_income_per_head:
            return "人均纯收入算不出来，没有比较。"
        return f"人均纯收入 {figures.per_capita} 元，不低于{figures.line_name} {figures.line_words} 元。"

    return words


RULES = (
    Rule(
        code="Z05",
        title="脱贫户人均纯收入低于监测线",
        clause="枣扶贫组办字〔2020〕4号 二、防贫范围：人均纯收入低于5000元且有返贫风险的脱贫监测户",
        facts=("household_type", "counted_net", "people"),
        when=lambda policy: (
            Q(household_type=HouseholdType.LIFTED) & below("counted_net", amount_set(policy, "income_line"))
        ),
        gap=lambda policy: gap_to_below("counted_net", amount_set(policy, "income_line"), HouseholdType.LIFTED),
        only_for=HouseholdType.LIFTED,
        since=ZAOZHUANG,
        what=_below,
        otherwise=_otherwise(HouseholdType.LIFTED, "脱贫户"),
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_value("income_line", "net_income", only_for=HouseholdType.LIFTED),
        next_step="有返贫风险的列为预警关注；没有查到风险的再核一次。",
        reading=READINGS,
    ),
    Rule(
        code="Z06",
        title="一般农户人均纯收入低于参考线",
        clause="枣扶贫组办字〔2020〕4号 二、防贫范围：农村非建档立卡的低收入农户（文件没有给数，参考线是参数）",
        facts=("household_type", "counted_net", "people"),
        when=lambda policy: (
            Q(household_type=HouseholdType.ORDINARY) & below("counted_net", amount_set(policy, "edge_line"))
        ),
        gap=lambda policy: gap_to_below("counted_net", amount_set(policy, "edge_line"), HouseholdType.ORDINARY),
        only_for=HouseholdType.ORDINARY,
        since=ZAOZHUANG,
        what=_below,
        otherwise=_otherwise(HouseholdType.ORDINARY, "一般农户"),
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_value("edge_line", "net_income", only_for=HouseholdType.ORDINARY),
        next_step="有致贫风险的列为预警关注；没有查到风险的再核一次。",
        reading=READINGS,
    ),
)
