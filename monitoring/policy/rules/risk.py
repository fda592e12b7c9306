"""Risk causes, the guarantees, and the negative list."""

from django.db.models import Q

from monitoring.policy.rule import Rule
from monitoring.policy.rules.scope import READINGS, ZAOZHUANG

RISK = Rule(
    code="Z07",
    title="有返贫致贫风险",
    clause="枣扶贫组办字〔2020〕4号 三（一）：因病、因学、因灾、因残、因意外等情况，及时预警关注，并报镇（街）备案",
    facts=("risk_bits",),
    when=lambda policy: Q(risk_bits__gt=0),
    since=ZAOZHUANG,
    what=lambda figures: f"有返贫致贫风险：{figures.risks}。",
    otherwise=lambda figures: "没有查到返贫致贫风险。",
    how=lambda figures: f"入户时由干部勾选：{figures.risks or '没有勾选'}。",
    threshold=lambda figures: "有一项就算，没有数额。",
    next_step="列为预警关注，报镇（街）备案。",
)
DIFFICULTY = Rule(
    code="Z08",
    title="三保障和饮水出现新困难",
    clause="枣扶贫组办字〔2020〕4号 三（一）：导致可能致贫的情况，及时预警关注（三保障新困难按此对待）",
    facts=("guarantee_bits",),
    when=lambda policy: Q(guarantee_bits__gt=0),
    since=ZAOZHUANG,
    what=lambda figures: f"保障上有新困难：{figures.difficulties}。",
    otherwise=lambda figures: "三保障和饮水没有发现新困难。",
    how=lambda figures: "逐项问吃穿、上学、看病、住房、饮水五项。",
    threshold=lambda figures: "有一项答“没有”，或者房屋是 C 级、D 级，就算。",
    next_step="马上交办，不等认定。",
    reading=READINGS,
)
UNANSWERED = Rule(
    code="Z09",
    title="三保障和饮水没有问全",
    clause="文件未规定，取法：没问到的不当作没有困难",
    facts=("guarantees_unanswered",),
    when=lambda policy: Q(guarantees_unanswered__gt=0),
    since=ZAOZHUANG,
    what=lambda figures: f"三保障和饮水有没问到的：{figures.unanswered}。",
    otherwise=lambda figures: "三保障和饮水都问到了。",
    how=lambda figures: "逐项看吃穿、上学、看病、住房、饮水五项有没有回答。",
    threshold=lambda figures: "有一项没问到就算。",
    next_step="补问；别的都没有触发时，结论先记数据不全。",
    reading=READINGS,
)
NEGATIVE = Rule(
    code="Z10",
    title="负面清单有命中",
    clause="文件未规定，取法：命中只暂缓认定、要求说明，不自动否决",
    facts=("negative_bits",),
    when=lambda policy: Q(negative_bits__gt=0),
    since=ZAOZHUANG,
    what=lambda figures: "部门比对有负面清单命中，认定先暂缓。",
    otherwise=lambda figures: "没有负面清单命中。",
    how=lambda figures: f"部门比对命中 {figures.hits} 项。",
    threshold=lambda figures: "命中一项就暂缓，不自动否决。",
    next_step="核实并写明情况后再认定。",
    office_only=True,
    reading=READINGS,
)

RULES = (RISK, DIFFICULTY, UNANSWERED, NEGATIVE)
