"""Whether anything can be said of a household: persons, household type, answers, standing designation.

Other documents take these rules over with a code and a clause of their own.
"""

import datetime

from django.db.models import Q

from monitoring.policy.rule import Rule

ZAOZHUANG = datetime.date(2020, 3, 5)
READINGS = "docs/decisions/0010-zaozhuang-readings.md"

NOBODY = Rule(
    code="Z01",
    title="家里没有共同生活的人",
    clause="枣扶贫组办字〔2020〕4号 附件“家庭人口数”",
    facts=("persons",),
    when=lambda policy: Q(persons=0),
    since=ZAOZHUANG,
    what=lambda figures: "家庭人口为 0，不能计算人均。",
    otherwise=lambda figures: f"共同生活 {figures.persons} 人。",
    how=lambda figures: "以户籍为依据，按共同生活、收支一起算的人计。",
    threshold=lambda figures: "0 人不能计算人均，从 1 人起研判。",
    next_step="按整户自然减少办理，不进台账。",
    reading=READINGS,
)
OUTSIDE = Rule(
    code="Z02",
    title="户类型不在防贫范围",
    clause="枣扶贫组办字〔2020〕4号 二、防贫范围：脱贫户；农村非建档立卡的低收入农户",
    facts=("household_type",),
    when=lambda policy: ~Q(household_type__in=policy.ruleset.eligible_types),
    since=ZAOZHUANG,
    what=lambda figures: "未脱贫建档立卡户不在防贫范围，按脱贫攻坚政策帮扶。",
    otherwise=lambda figures: f"{figures.type_name}，在防贫范围内。",
    how=lambda figures: f"看农户名册上的户类型：{figures.type_name}。",
    threshold=lambda figures: f"范围：{figures.eligible_types}。",
    next_step="不进本台账。",
)
INCOMPLETE = Rule(
    code="Z03",
    title="收入没有问全",
    clause="文件未规定，取法：收入有一项没问到，不按 0 计算",
    facts=("net_income", "disposable_income"),
    when=lambda policy: Q(net_income=None) | Q(disposable_income=None),
    since=ZAOZHUANG,
    what=lambda figures: f"收入有没问到的：{figures.missing}。",
    otherwise=lambda figures: "收入各项都问到了。",
    how=lambda figures: "看工资、经营收入、经营支出、财产、转移收入、转移性支出六项，空着的不当作 0。",
    threshold=lambda figures: "缺一项就不算人均。",
    next_step="退回补问，补全前先在村级关注。",
    reading=READINGS,
)
DESIGNATED = Rule(
    code="Z04",
    title="已标注的监测对象",
    clause="枣扶贫组办字〔2020〕4号 二、防贫范围：包括已在国扶办系统内标注的脱贫监测户、边缘户",
    facts=("already_designated",),
    when=lambda policy: Q(already_designated=True),
    since=ZAOZHUANG,
    what=lambda figures: "这户已经标注、在册，没有移出。",
    otherwise=lambda figures: "这户没有标注过，或者已经移出。",
    how=lambda figures: f"看 {figures.on:%Y-%m-%d} 当天的认定时间和移出日期。",
    threshold=lambda figures: "已经认定、没有移出的算。",
    next_step="继续帮扶和跟踪；没有办移出手续，不因收入回升移出。",
    reading=READINGS,
)

RULES = (NOBODY, OUTSIDE, INCOMPLETE, DESIGNATED)
