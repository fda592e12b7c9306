"""六安2019: three grades of risk for 脱贫户, and 边缘户 by the county's own standard after visits to eight key groups."""

import datetime
from dataclasses import replace

from django.db.models import F, Q

from households.codes import HouseholdType
from monitoring.policy.rule import Rule
from monitoring.policy.rules.amounts import always, amount_set, at_least_share, below, gap_to_below, gap_to_share
from monitoring.policy.rules.risk import DIFFICULTY, NEGATIVE, RISK, UNANSWERED
from monitoring.policy.rules.scope import DESIGNATED, INCOMPLETE, NOBODY, OUTSIDE
from monitoring.policy.values import Policy

LUAN = datetime.date(2019, 5, 20)
DOCUMENT = "六政办〔2019〕15号"
READINGS = "docs/decisions/0020-luan-readings.md"
FIRST_GRADE = f"{DOCUMENT} 二（一）1：一级极易返贫户，主要指无劳力、无资源、无稳定收入或刚性支出增大"


def _rigid_grew(policy: Policy) -> Q:
    much = at_least_share("rigid_total", "counted_net", policy.share("rigid_percent"))
    return much & Q(rigid_total__gt=F("rigid_last_year"), counted_net__gt=0)


def _factor_alone(policy: Policy) -> Q:
    factor = Q(has_labour=False) | Q(stable_income=False) | _rigid_grew(policy)
    return always(policy.is_on("factor_alone_is_red")) & factor


RULES = (
    replace(NOBODY, code="L01", clause=f"{DOCUMENT} 二（二）：掌握家庭状况", since=LUAN, reading=READINGS),
    replace(OUTSIDE, code="L02", clause=f"{DOCUMENT} 二（一）已脱贫户；二（二）未建档立卡的边缘户", since=LUAN),
    replace(INCOMPLETE, code="L03", since=LUAN, reading=READINGS),
    Rule(
        code="L04",
        title="已脱贫户",
        clause=f"{DOCUMENT} 二（一）：根据已脱贫户家庭状况，三级风险、三色管理",
        facts=("household_type",),
        when=lambda policy: Q(household_type__in=policy.ruleset.graded_types),
        since=LUAN,
        what=lambda figures: "这户是脱贫户，划分风险等级。",
        otherwise=lambda figures: "这户不是脱贫户，不划分风险等级。",
        how=lambda figures: f"看农户名册上的户类型：{figures.type_name}。",
        threshold=lambda figures: "脱贫户分三级，一般农户不分。",
        next_step="村两委、驻村扶贫工作队提出风险等级建议。",
    ),
    replace(
        DIFFICULTY,
        code="L05",
        clause=f"{DOCUMENT} 二（一）1：“两不愁三保障”出现新困难的脱贫户",
        since=LUAN,
        reading=READINGS,
    ),
    Rule(
        code="L06",
        title="无劳力",
        clause=FIRST_GRADE,
        facts=("has_labour",),
        when=lambda policy: Q(has_labour=False),
        since=LUAN,
        what=lambda figures: "家里没有劳动力。",
        otherwise=lambda figures: "没有查到家里无劳力。",
        how=lambda figures: "看共同生活的人里有没有普通劳动力、技能劳动力。",
        threshold=lambda figures: "一个也没有才算。",
        next_step="没有新困难的，建议二级。",
        reading=READINGS,
    ),
    Rule(
        code="L07",
        title="无稳定收入",
        clause=FIRST_GRADE,
        facts=("stable_income",),
        when=lambda policy: Q(stable_income=False),
        since=LUAN,
        what=lambda figures: "收入不稳定。",
        otherwise=lambda figures: "没有查到收入不稳定。",
        how=lambda figures: "入户时问收入稳不稳定。",
        threshold=lambda figures: "答“不稳定”才算，没问到的不算。",
        next_step="没有新困难的，建议二级。",
        reading=READINGS,
    ),
    Rule(
        code="L08",
        title="刚性支出增大",
        clause=f"{FIRST_GRADE}（文件没有给数，与纯收入之比是参数）",
        facts=("rigid_total", "rigid_last_year", "counted_net"),
        when=_rigid_grew,
        gap=lambda policy: gap_to_share("rigid_total", "counted_net", policy.share("rigid_percent")),
        since=LUAN,
        what=lambda figures: (
            f"刚性支出 {figures.rigid} 元，比上年的 {figures.rigid_before} 元多，占纯收入 {figures.net_total} 元的比例大。"
        ),
        otherwise=lambda figures: (
            f"刚性支出 {figures.rigid} 元，上年 {figures.rigid_before} 元，纯收入 {figures.net_total} 元，不算增大。"
        ),
        how=lambda figures: figures.counting_rigid,
        threshold=lambda figures: (
            f"比上年的 {figures.rigid_before} 元多，并且达到纯收入的 "
            f"{figures.from_share('rigid_percent', 'rigid_total', 'net_income')}"
        ),
        next_step="没有新困难的，建议二级。",
        reading=READINGS,
    ),
    Rule(
        code="L09",
        title="有二级的情形",
        clause=f"{DOCUMENT} 二（一）1：产业规模小、家庭经营性收入少、劳动技能不强、就业不够稳定、发展资金不足、自我发展能力弱",
        facts=("yellow_bits",),
        when=lambda policy: Q(yellow_bits__gt=0),
        since=LUAN,
        what=lambda figures: f"有二级的情形：{figures.features}。",
        otherwise=lambda figures: "没有查到二级的情形。",
        how=lambda figures: "从入户调查的回答得出。",
        threshold=lambda figures: "有一种情形就算，没有数额。",
        next_step="没有新困难的，建议二级。",
        reading=READINGS,
    ),
    replace(UNANSWERED, code="L10", since=LUAN, reading=READINGS),
    replace(
        DESIGNATED,
        code="L11",
        clause=f"{DOCUMENT} 二（二）：建立边缘户台账，定期走访和跟踪管理",
        since=LUAN,
        reading=READINGS,
    ),
    Rule(
        code="L12",
        title="一般农户人均纯收入低于县区边缘户标准",
        clause=f"{DOCUMENT} 二（二）：各县区统一确定边缘户标准（文件没有给数，由县区定）",
        facts=("household_type", "counted_net", "people"),
        when=lambda policy: (
            Q(household_type=HouseholdType.ORDINARY) & below("counted_net", amount_set(policy, "edge_line"))
        ),
        gap=lambda policy: gap_to_below("counted_net", amount_set(policy, "edge_line"), HouseholdType.ORDINARY),
        only_for=HouseholdType.ORDINARY,
        since=LUAN,
        what=lambda figures: f"人均纯收入 {figures.per_capita} 元，低于县区标准 {figures.line_words} 元。",
        otherwise=lambda figures: f"人均纯收入 {figures.per_capita} 元，不是低于县区标准的一般农户。",
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_value("edge_line", "net_income", only_for=HouseholdType.ORDINARY),
        next_step="存在致贫风险的，按程序纳入边缘户管理。",
        reading=READINGS,
    ),
    replace(
        RISK,
        code="L13",
        clause=f"{DOCUMENT} 二（二）：收入略高于建档立卡标准、存在致贫风险的困难群体",
        since=LUAN,
        next_step="收入低于县区标准的，按程序纳入边缘户管理。",
    ),
    Rule(
        code="L14",
        title="属必排的重点群体",
        clause=(
            f"{DOCUMENT} 二（二）：对未建档立卡的危房户、低保户、分散供养的特困户、大病慢性病人户、受灾户、发生重大家庭变故户、"
            "残疾人户、困难军烈属户等重点群体开展入户排查"
        ),
        facts=("household_type", "key_group_bits"),
        when=lambda policy: Q(household_type=HouseholdType.ORDINARY, key_group_bits__gt=0),
        since=LUAN,
        what=lambda figures: f"属重点群体：{figures.key_groups}。",
        otherwise=lambda figures: "不是必排重点群体里的一般农户。",
        how=lambda figures: "从农户名册和入户调查得出。",
        threshold=lambda figures: "八类里有一类就算，没有数额。",
        next_step="每半年入户排查一次。",
    ),
    replace(NEGATIVE, code="L15", since=LUAN, reading=READINGS),
    Rule(
        code="L16",
        title="人均纯收入低于国家扶贫标准",
        clause=f"{DOCUMENT} 二（二）：符合贫困户识别标准的，按程序及时纳入建档立卡范围；二（一）3：返贫即入",
        facts=("counted_net", "people"),
        when=lambda policy: below("counted_net", amount_set(policy, "poverty_standard")),
        since=LUAN,
        what=lambda figures: (
            f"人均纯收入 {figures.per_capita} 元，低于国家扶贫标准 {figures.number_of('poverty_standard')}，待核实。"
        ),
        otherwise=lambda figures: (
            f"人均纯收入 {figures.per_capita} 元，没有低于国家扶贫标准 {figures.number_of('poverty_standard')}。"
        ),
        how=lambda figures: figures.counting,
        threshold=lambda figures: figures.from_value("poverty_standard", "net_income"),
        next_step="乡镇入户核实是不是符合贫困户识别标准，把结果写进办理记录，报县区答复。不对农户说。",
        office_only=True,
        reading=READINGS,
    ),
    Rule(
        code="L17",
        title="有一级的情形，单独即为一级",
        clause=f"{FIRST_GRADE}（是不是单独就算一级，文件没有说清，是参数）",
        facts=("has_labour", "stable_income", "rigid_total", "rigid_last_year", "counted_net"),
        when=_factor_alone,
        since=LUAN,
        what=lambda figures: "无劳力、无稳定收入、刚性支出增大有一项，县区定了单独即为一级。",
        otherwise=lambda figures: "没有一级的情形，或者县区没有定单独即为一级。",
        how=lambda figures: "看无劳力、无稳定收入、刚性支出增大三条，有一条就算。",
        threshold=lambda figures: f"一项单独即为一级：{figures.threshold_of('factor_alone_is_red')}",
        next_step="建议一级。",
        reading=READINGS,
    ),
)
