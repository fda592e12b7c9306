"""The figures of one conclusion, in the words that reasons print; nothing is decided here."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from households import codes
from households.models import Facts, Survey
from households.models.surveys import INCOME_FIELDS, MONEY_LABELS, RIGID_FIELDS
from monitoring.policy.distance import apart, open_line, origin, percent
from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import FEN, Policy

CENT = Decimal("0.01")
UNKNOWN = "—"
REFERENCE = "reference"
INCOMES = ("net_income", "disposable_income", REFERENCE)
# Where a fact comes from, when it is not the visit.
OTHER_SOURCES = {
    "negative_bits": "部门比对",
    "already_designated": "监测对象名册",
    "household_type": "农户名册的户类型",
    "key_group_bits": "农户名册和入户调查",
}


def grouped(fen: int | Decimal) -> str:
    """Fen as yuan with two decimals, rounded down, so that what lies below a line never reads as the line."""
    return f"{(Decimal(fen) / FEN).quantize(CENT, ROUND_FLOOR):,}"


def short(fen: int) -> str:
    """Fen as yuan as people say it: 5,000 or 2,950.03."""
    return grouped(fen).removesuffix(".00")


@dataclass(frozen=True)
class Figures:
    """What the query returned for one household, with its facts row and the policy that it was judged by."""

    values: Mapping[str, Any]
    facts: Facts
    policy: Policy
    on: datetime.date
    in_words: Mapping[str, str] = field(default_factory=dict)  # what a worked case words itself, by figure

    @property
    def survey(self) -> Survey:
        """The visit that the facts come from."""
        return self.facts.survey

    # ---- the household ----

    @property
    def household_type(self) -> str:
        """Value of codes.HouseholdType."""
        return self.values["household_type"]

    @property
    def type_name(self) -> str:
        """The type in words: 一般农户."""
        return str(codes.HouseholdType(self.household_type).label)

    @property
    def eligible_types(self) -> str:
        """The types of household that the rule set speaks of."""
        return "、".join(str(codes.HouseholdType(kind).label) for kind in self.policy.ruleset.eligible_types)

    @property
    def persons(self) -> int:
        """Persons living together."""
        return self.values["persons"]

    @property
    def has_income_per_head(self) -> bool:
        """Whether income per head can be counted at all."""
        return self.persons > 0 and self.income("net_income") is not None

    # ---- amounts ----

    def income(self, name: str) -> int | None:
        """Net or disposable income, or the income reference, in fen, as the rules read it; None when it is not known.

        The reference is income less what was paid for rigid expenses. Where the district floors a loss of the business
        at zero (reading A15), the loss is added again.
        """
        if name == REFERENCE:
            net = self.income("net_income")
            return None if net is None else net - (self.values["rigid_total"] or 0)
        fen = self.values[name]
        if fen is None or not self._floors_losses:
            return fen
        return fen + (self.values["operating_loss"] or 0)

    @property
    def _floors_losses(self) -> bool:
        return self.policy.floors_losses and bool(self.values["operating_loss"])

    @property
    def per_capita(self) -> str:
        """Net income per head, always with both decimals (4,999.99; 6,000.00): the reasons of the worked cases print it so."""
        return self._each("net_income")

    @property
    def disposable(self) -> str:
        """Disposable income per head, printed as income per head is."""
        return self._each("disposable_income")

    @property
    def reference(self) -> str:
        """Income less what was paid for rigid expenses, per head (收入参考范围)."""
        return self._each(REFERENCE)

    def _each(self, name: str) -> str:
        fen = self.income(name)
        return UNKNOWN if fen is None or not self.persons else grouped(Decimal(fen) / self.persons)

    def amount(self, name: str) -> str:
        """A column in fen as people say it; a dash when it is not known."""
        fen = self._known(name)
        return UNKNOWN if fen is None else short(fen)

    def _known(self, name: str) -> int | None:
        return self.income(name) if name in INCOMES else self.values[name]

    @property
    def disposable_total(self) -> str:
        """Disposable income of the household."""
        return _amount(self.income("disposable_income"))

    @property
    def net_total(self) -> str:
        """Net income of the household."""
        return _amount(self.income("net_income"))

    @property
    def last_year(self) -> str:
        """Last year's income of the household."""
        return _amount(self.values["last_year_income"])

    @property
    def rigid(self) -> str:
        """Rigid expenses of the household."""
        return _amount(self.values["rigid_total"])

    @property
    def rigid_before(self) -> str:
        """Last year's rigid expenses."""
        return _amount(self.values["rigid_last_year"])

    @property
    def rigid_times(self) -> str:
        """Rigid expenses as a multiple of last year's income, with two decimals."""
        last = self.values["last_year_income"]
        if not last:
            return UNKNOWN
        return str((Decimal(self.values["rigid_total"] or 0) / last).quantize(CENT, ROUND_HALF_UP))

    # ---- how it is counted ----

    @property
    def counting(self) -> str:
        """How net income per head is counted, with the household's own figures."""
        if self.income("net_income") is None:
            return self._not_asked
        amounts = {name: short(getattr(self.survey, name) or 0) for name in INCOME_FIELDS}
        sums = "工资 {wage} + 经营 {operating_gross} − 经营支出 {operating_cost} + 财产 {property_income} + 转移 {transfer}"
        floored = f"（经营亏损按 0 计，加回 {self.amount('operating_loss')}）" if self._floors_losses else ""
        return f"{sums.format(**amounts)}{floored} = {self.amount('net_income')} 元；{self._divided('net_income')}"

    @property
    def counting_disposable(self) -> str:
        """How disposable income per head is counted: net income less transfer expenses."""
        net, disposable = self.income("net_income"), self.income("disposable_income")
        if net is None or disposable is None:
            return self._not_asked
        less = f"纯收入 {short(net)} − 转移性支出 {short(net - disposable)} = {short(disposable)} 元"
        return f"{less}；{self._divided('disposable_income')}"

    @property
    def counting_reference(self) -> str:
        """How the income reference per head is counted: net income, claims in it, less what was paid."""
        net = self.income("net_income")
        if net is None:
            return self._not_asked
        paid = short(self.values["rigid_total"] or 0)
        less = f"纯收入（理赔已在内）{short(net)} − 自付支出 {paid} = {self.amount(REFERENCE)} 元"
        return f"{less}；{self._divided(REFERENCE)}"

    @property
    def _not_asked(self) -> str:
        return f"没有问全（{self.missing}），不算。" if self.missing else "没有问全，不算。"

    def _divided(self, name: str) -> str:
        if not self.persons:
            return "家里没有共同生活的人，不除"
        return f"{self.amount(name)} ÷ {self.persons} 人 = {self._each(name)} 元"

    @property
    def counting_rigid(self) -> str:
        """Which rigid expenses were summed up."""
        paid = [(MONEY_LABELS[name], getattr(self.survey, name)) for name in RIGID_FIELDS]
        parts = [f"{label} {short(fen)}" for label, fen in paid if fen]
        if self.values["rigid_total"] is None:
            return "刚性支出没有问到，不算。"
        return f"{' + '.join(parts) or '各项都是 0'} = {self.amount('rigid_total')} 元"

    def times_last_year(self, name: str) -> str:
        """An amount as a share of last year's income: 52,000 ÷ 上年收入 41,000 = 127%."""
        mine, last = self._known(name), self.values["last_year_income"]
        if mine is None or last is None:
            return "上年收入或今年的数没有问到，不比。"
        if last <= 0:
            return f"上年收入 {short(last)} 元，不能作比。"
        return f"{short(mine)} ÷ 上年收入 {short(last)} = {percent(Fraction(mine, last))}"

    # ---- thresholds, with the day from which they hold, who set them, and how far away they are ----

    def value_of(self, key: str) -> DatedValue | None:
        """The dated value of a parameter; None where nobody has set it."""
        return self.policy.values.get(key)

    def number_of(self, key: str) -> str:
        """A parameter with its unit: 110%, 4,000 元."""
        found, parameter = self.value_of(key), self.policy.ruleset.parameter(key)
        if found is None:
            return "没有设定"
        if parameter.is_money:
            return f"{short(int(found.value * FEN))} 元"
        if parameter.is_switch:
            return "是" if found.value else "否"
        return f"{found.value:f}{'' if parameter.is_percent else ' '}{parameter.unit}"

    def threshold_of(self, key: str) -> str:
        """A parameter with its day and its source: 110%（2020-03-20 起，文件未规定，参数：“明显”取1.1倍）."""
        found = self.value_of(key)
        if found is None:
            return f"{self._short_title(key)}没有设定，由区（县）设定后才比较"
        return f"{self.number_of(key)}（{origin(found)}）"

    def _short_title(self, key: str) -> str:
        return re.sub("（[^（）]*）$", "", self.policy.ruleset.parameter(key).title)

    @property
    def _line(self) -> Fraction | None:
        return self.policy.line(self.household_type)

    @property
    def line_is_open(self) -> bool:
        """Whether there is a line that the village may see."""
        return open_line(self.policy, self.household_type) is not None

    @property
    def line(self) -> str:
        """The line as the document writes it: 5000."""
        return self.line_words.replace(",", "")

    @property
    def line_words(self) -> str:
        """The line as people read it: 5,000."""
        return UNKNOWN if self._line is None else short(int(self._line))

    @property
    def line_name(self) -> str:
        """What the line is called for this type of household."""
        return self.policy.ruleset.line_name(self.household_type)

    @property
    def threshold(self) -> str:
        """The line, with the day from which it holds and who set it."""
        rules = self.policy.ruleset
        key, percent = rules.line_of(self.household_type), rules.lines.get("percent", "")
        found = self.value_of(percent or key)
        if found is None or self._line is None:
            return "未设线，由区（县）设定后才比较"
        part = f"{self.number_of(key)}的 {self.number_of(percent)}，" if percent else ""
        return f"{self.line_name} {self.line_words} 元（{part}{origin(found)}）"

    def from_line(self, name: str) -> str:
        """The line, and how far an income per head is from it."""
        return self.threshold + self._gap(name, None if self._line is None else self._line * self.persons)

    def from_value(self, key: str, name: str, *, only_for: str = "") -> str:
        """A line of its own for one type of household, and how far an income per head is from it."""
        found = self.value_of(key)
        if found is None:
            return self.threshold_of(key)
        other = bool(only_for) and only_for != self.household_type
        gap = "" if other else self._gap(name, Fraction(found.value) * FEN * self.persons)
        return f"{self._short_title(key)} {self.threshold_of(key)}{gap}"

    def from_amount(self, key: str, name: str) -> str:
        """An amount for the whole household from which a rule holds, and how far the household's is from it."""
        found, mine = self.value_of(key), self._known(name)
        if found is None or mine is None:
            return self.threshold_of(key)
        return f"{self.threshold_of(key)}；{apart(Fraction(mine), Fraction(found.value) * FEN, wanted=True)}"

    def from_share(self, key: str, name: str, of: str, *, wanted: bool = True) -> str:
        """A share of another amount, that share in yuan, and how far the household's amount is from it."""
        found, mine, whole = self.value_of(key), self._known(name), self._known(of)
        if found is None or mine is None or whole is None or whole <= 0:
            return self.threshold_of(key)
        limit = self.policy.share(key) * whole
        return f"{self.threshold_of(key)}，即 {short(int(limit))} 元；{apart(Fraction(mine), limit, wanted=wanted)}"

    def from_fall(self, key: str, name: str) -> str:
        """A fall from last year's income by some percent, what is left then, and how far the household is from it."""
        found, mine, last = self.value_of(key), self._known(name), self.values["last_year_income"]
        if found is None or mine is None or last is None or last <= 0:
            return f"减少 {self.threshold_of(key)}"
        limit = (1 - self.policy.share(key)) * last
        return f"减少 {self.threshold_of(key)}，即降到 {short(int(limit))} 元；{apart(Fraction(mine), limit)}"

    def _gap(self, name: str, limit: Fraction | None) -> str:
        total = self.income(name)
        if total is None or limit is None or not self.persons:
            return ""
        return f"；{apart(Fraction(total, self.persons), limit / self.persons)}"

    # ---- answers and marks ----

    @property
    def missing(self) -> str:
        """The income items that were not asked."""
        return "、".join(MONEY_LABELS[name] for name in INCOME_FIELDS if getattr(self.survey, name) is None)

    @property
    def risks(self) -> str:
        """The risk causes, 因病、因残."""
        return _names(codes.RISK_BITS, self.values["risk_bits"])

    @property
    def difficulties(self) -> str:
        """The guarantees in which there is a new difficulty."""
        if "difficulties" in self.in_words:
            return self.in_words["difficulties"]
        named = _names(codes.GUARANTEE_BITS, self.values["guarantee_bits"])
        grade = f"（房屋{self.survey.housing_grade}）" if self.survey.housing_grade in codes.UNSAFE_HOUSING else ""
        return (named or "其他保障") + grade

    @property
    def hits(self) -> int:
        """How many entries of the negative list were hit."""
        return int(self.values["negative_bits"]).bit_count()

    @property
    def unanswered(self) -> str:
        """The guarantees that were not asked about."""
        return _names(codes.GUARANTEE_BITS, self.values["guarantees_unanswered"])

    @property
    def features(self) -> str:
        """The level-2 features (六安)."""
        named = _names(codes.LEVEL_TWO_BITS, self.values["yellow_bits"])
        return self.in_words.get("features") or named or "其他潜在困难"

    @property
    def key_groups(self) -> str:
        """The key groups that the household belongs to (六安)."""
        return _names(codes.KEY_GROUP_BITS, self.values["key_group_bits"])

    # ---- where the figures come from ----

    @property
    def visit(self) -> str:
        """The visit of these figures, and the day from which a change in the family counts."""
        day, changed = self.survey.visited_on, self.facts.begins_on
        later = f"（{changed:%Y-%m-%d} 家里有变动）" if changed > day else ""
        return f"{day:%Y-%m-%d} 入户调查{later}"

    def data_of(self, facts: tuple[str, ...]) -> str:
        """Where the facts of a rule come from, each source once."""
        found = {OTHER_SOURCES.get(name) or self.visit: None for name in facts}
        if "last_year_income" in facts and self.survey.last_year_source:
            found[f"上年收入来自{self.survey.get_last_year_source_display()}"] = None
        return "、".join(found)


def _amount(fen: int | None) -> str:
    return UNKNOWN if fen is None else grouped(fen)


def _names(bits: Mapping[Any, int], found: int) -> str:
    return "、".join(str(choice.label) for choice, bit in bits.items() if found & bit)
