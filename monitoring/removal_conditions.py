"""风险消除: everything that must hold before a household may be taken off the register, each with its figures and source."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from households.codes import GUARANTEE_BITS as BITS
from households.codes import RISK_BITS, Guarantee, RiskCause
from households.models import Facts
from monitoring.clues import URGENT
from monitoring.gates import standing_assessment
from monitoring.models import Assessment, Case, Objection
from monitoring.policy.distance import open_line
from monitoring.policy.figures import grouped
from monitoring.policy.rules import RULES
from monitoring.policy.rulesets import ruleset
from monitoring.policy.values import Policy, months_before, policy_in_force
from monitoring.signals import measures_asked

USUAL = "文件未规定，参数：取各地办理风险消除的通行条件"
TAG = "already_designated"  # the fact that a household is on the register, which is no risk
BASIS = {"net": ("net_income", "人均纯收入"), "disposable": ("disposable_income", "人均可支配收入")}
POOR = "POOR_SUSPECT"


@dataclass(frozen=True)
class Condition:
    """One condition as it stands: whether it holds, in a sentence with its figures, and where it comes from.

    ``open_words`` is what the village reads where the figure is for the offices alone.
    """

    key: str
    title: str
    met: bool
    words: str
    source: str = USUAL
    open_words: str = ""
    figures: dict[str, Any] = field(default_factory=dict)

    def seen(self, *, in_office: bool) -> str:
        """The sentence for an office, or for the village."""
        return self.words if in_office else self.open_words or self.words

    @property
    def kept(self) -> dict[str, Any]:
        """What is stored of it."""
        return {
            "key": self.key,
            "title": self.title,
            "met": self.met,
            "words": self.words,
            "open_words": self.open_words,
            **self.figures,
        }


def asked(designation: Case, on: datetime.date) -> list[Condition]:
    """All conditions for taking this household off the register on a day, met or not."""
    policy = policy_in_force(designation.village, on, designation.ruleset)
    facts = _facts(designation, policy)
    return [
        _long_enough(designation, policy),
        _has_measures(designation, on),
        _income(facts, policy),
        _guarantees(facts),
        _labour(designation, facts),
        _no_new_risk(designation, on),
        _no_objections(designation),
    ]


def reasons(conditions: list[Condition], *, in_office: bool = True) -> list[str]:
    """The sentences of those that do not hold."""
    return [condition.seen(in_office=in_office) for condition in conditions if not condition.met]


def _facts(designation: Case, policy: Policy) -> Facts | None:
    """What counts of the household now: its newest visit within the validity."""
    rows = Facts.objects.filter(household=designation.household_id, replaced_on=None)
    return rows.filter(visited_on__gt=policy.surveyed_after).select_related("survey").first()


def _long_enough(designation: Case, policy: Policy) -> Condition:
    months, since = policy.whole("removal_months"), designation.decided_on
    met = since is not None and since <= months_before(policy.on, months)
    words = f"{since:%Y-%m-%d} 认定，到 {policy.on:%Y-%m-%d} " if since else "没有认定时间，"
    words += f"已满 {months} 个月。" if met else f"不满 {months} 个月。"
    source = policy.value("removal_months").source
    figures = {"months": months, "since": since and since.isoformat(), "on": policy.on.isoformat()}
    return Condition("months", f"认定已满 {months} 个月", met, words, source, figures=figures)


def _has_measures(designation: Case, on: datetime.date) -> Condition:
    answers = measures_asked.send(sender=Case, household=designation.household, on=on)
    names = list(dict.fromkeys(name for _receiver, found in answers for name in found or ()))
    words = f"已落实：{'、'.join(names)}。" if names else "还没有一项帮扶措施落实。"
    return Condition("measures", "有帮扶措施落实", bool(names), words, figures={"measures": names})


def _income(facts: Facts | None, policy: Policy) -> Condition:
    column, name = BASIS[policy.ruleset.income.basis]
    title = f"{name}不低于现行标准"
    if facts is None:
        words = "有效期内没有入户调查，收入不清楚。"
        return Condition("income", title, False, words)
    amount, line = getattr(facts, column), policy.line(facts.household_type)
    source = policy.ruleset.line_name(facts.household_type)
    if amount is not None and policy.floors_losses:
        amount += facts.operating_loss or 0
    if amount is None or not facts.persons:
        return Condition("income", title, False, f"{facts.visited_on:%Y-%m-%d} 入户的收入没有填全，算不出{name}。")
    if line is None:
        return Condition("income", title, False, f"{source}还没有设定，不能比较，请区（县）先设定。")
    met = amount * line.denominator >= facts.persons * line.numerator
    each, limit = grouped(amount // facts.persons), grouped(line.numerator // line.denominator)
    words = f"{name} {each} 元，{'不低于' if met else '低于'}{source} {limit} 元（{facts.visited_on:%Y-%m-%d} 入户）。"
    hidden = open_line(policy, facts.household_type) is None
    open_words = f"{name} {each} 元，{'' if met else '没有'}达到标准，标准请问镇（街）。" if hidden else ""
    figures = {"amount": amount, "persons": facts.persons, "line": str(line), "survey": str(facts.survey_id)}
    return Condition("income", title, met, words, open_words=open_words, figures=figures)


def _guarantees(facts: Facts | None) -> Condition:
    title = "两不愁三保障和饮水安全都已解决"
    if facts is None:
        return Condition("guarantees", title, False, "有效期内没有入户调查，三保障和饮水不清楚。")
    unsolved = [one.label for one in Guarantee if facts.guarantee_bits & BITS[one]]
    unasked = [one.label for one in Guarantee if facts.guarantees_unanswered & BITS[one]]
    parts = [f"{'、'.join(unsolved)}还有困难"] if unsolved else []
    parts += [f"{'、'.join(unasked)}没有问"] if unasked else []
    words = f"{'，'.join(parts)}。" if parts else f"{facts.visited_on:%Y-%m-%d} 入户，都有保障。"
    return Condition("guarantees", title, not parts, words, figures={"unsolved": unsolved, "unasked": unasked})


def _labour(designation: Case, facts: Facts | None) -> Condition:
    without = designation.household.whole_without_labour or (facts is not None and facts.has_labour is False)
    words = "整户无劳动力，由社会保障兜底，暂不标注风险消除。" if without else "家里有劳动力。"
    return Condition("labour", "不是整户无劳动力", not without, words)


def _no_new_risk(designation: Case, on: datetime.date) -> Condition:
    title, standing = "没有新的风险", standing_assessment(designation, on)
    if standing is None:
        return Condition("risk", title, False, "还没有研判结论，先做一次研判。")
    asks = asks_for_something(standing)
    causes = "、".join(cause.label for cause in RiskCause if standing.facts.risk_bits & RISK_BITS[cause])
    found = f"（入户查到：{causes}）" if causes else ""
    words = (
        f"{standing.on:%Y-%m-%d} 的研判还提示有风险{found}。"
        if asks
        else f"{standing.on:%Y-%m-%d} 的研判没有提示风险。"
    )
    return Condition("risk", title, not asks, words, figures={"assessment": standing.pk})


def asks_for_something(standing: Assessment) -> bool:
    """Whether the rules ask for something beside the household's being on the register."""
    if POOR in standing.flags:
        return True
    outcome, level = without_the_tag(standing)
    return ("outcome", outcome) in URGENT or ("level", level) in URGENT


def without_the_tag(standing: Assessment) -> tuple[str, str]:
    """Class and level by the rules met, had the household not been on the register: the first row of the table that holds."""
    rules = ruleset(standing.ruleset)
    met = {code for code in standing.rules_met if TAG not in RULES[code].facts}
    for row in rules.decisions:
        if not row.met or any(met.issuperset(way) for way in row.met):
            return row.outcome_for(standing.facts.household_type), row.level
    last = rules.decisions[-1]
    return last.outcome_for(standing.facts.household_type), last.level


def _no_objections(designation: Case) -> Condition:
    mine = Q(case=designation) | Q(case__about=designation)
    waiting = Objection.objects.filter(mine, upheld=None).count()
    words = f"有 {waiting} 条异议还没有核查完。" if waiting else "没有未核查的异议。"
    return Condition("objections", "没有未核查的异议", not waiting, words)


def kept(conditions: list[Condition]) -> Iterator[dict[str, Any]]:
    """What is stored of what was looked at."""
    return (condition.kept for condition in conditions)
