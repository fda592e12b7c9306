"""The figures of one conclusion, in the words that reasons print; nothing is decided here."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from households import codes
from households.models import Survey
from households.models.surveys import INCOME_FIELDS, MONEY_LABELS
from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import FEN

CENT = Decimal("0.01")


def grouped(fen: int | Decimal) -> str:
    """Fen as yuan with two decimals, rounded down, so that what lies below a line never reads as the line."""
    return f"{(Decimal(fen) / FEN).quantize(CENT, ROUND_FLOOR):,}"


def short(fen: int) -> str:
    """Fen as yuan as people say it: 5,000 or 2,950.03."""
    return grouped(fen).removesuffix(".00")


@dataclass(frozen=True)
class Figures:
    """What the query returned for one household, with its survey and the line's dated value."""

    values: Mapping[str, Any]
    survey: Survey
    line_value: DatedValue | None
    on: datetime.date
    in_words: Mapping[str, str] = field(default_factory=dict)  # what a worked case words itself, by figure

    @property
    def household_type(self) -> str:
        """Value of codes.HouseholdType."""
        return self.values["household_type"]

    @property
    def persons(self) -> int:
        """Persons living together."""
        return self.values["persons"]

    @property
    def has_income_per_head(self) -> bool:
        """Whether income per head can be counted at all."""
        return self.persons > 0 and self.values["net_income"] is not None

    @property
    def per_capita(self) -> str:
        """Net income per head, always with both decimals (4,999.99; 6,000.00): the reasons of the worked cases print it so."""
        return self._each(self.values["net_income"])

    @property
    def disposable(self) -> str:
        """Disposable income per head, printed as income per head is."""
        return self._each(self.values["disposable_income"])

    @property
    def reference(self) -> str:
        """Income less what was paid for rigid expenses, per head (收入参考范围)."""
        net, rigid = self.values["net_income"], self.values["rigid_total"]
        return self._each(None if net is None else net - (rigid or 0))

    def _each(self, fen: int | None) -> str:
        return "—" if fen is None or not self.persons else grouped(Decimal(fen) / self.persons)

    @property
    def disposable_total(self) -> str:
        """Disposable income of the household."""
        return _amount(self.values["disposable_income"])

    @property
    def net_total(self) -> str:
        """Net income of the household."""
        return _amount(self.values["net_income"])

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
        if not self.values["last_year_income"]:
            return "—"
        return str(
            (Decimal(self.values["rigid_total"] or 0) / self.values["last_year_income"]).quantize(CENT, ROUND_HALF_UP)
        )

    @property
    def line(self) -> str:
        """The line as the document writes it: 5000."""
        return short(self.values["line"]).replace(",", "")

    @property
    def line_words(self) -> str:
        """The line as people read it: 5,000."""
        return short(self.values["line"])

    @property
    def line_name(self) -> str:
        """What the line is called for this type of household."""
        return "监测线" if self.household_type == codes.HouseholdType.LIFTED else "参考线"

    @property
    def threshold(self) -> str:
        """The line, with the day from which it holds and who set it."""
        since = f"（{self.line_value.starts_on:%Y-%m-%d} 起）" if self.line_value else "（当时的参数）"
        return f"{self.line_name} {self.line_words} 元{since}"

    @property
    def counting(self) -> str:
        """How income per head is counted, with the household's own figures."""
        if not self.has_income_per_head:
            return ""
        parts = [getattr(self.survey, name) or 0 for name in INCOME_FIELDS]
        wage, gross, cost, owned, transfer, _expense = (short(part) for part in parts)
        total = short(self.values["net_income"])
        return (
            f"工资 {wage} + 经营 {gross} − 经营支出 {cost} + 财产 {owned} + 转移 {transfer} = {total} 元；"
            f"{total} ÷ {self.persons} 人 = {self.per_capita} 元"
        )

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
    def features(self) -> str:
        """The level-2 features (六安)."""
        named = _names(codes.LEVEL_TWO_BITS, self.values["yellow_bits"])
        return self.in_words.get("features") or named or "其他潜在困难"

    @property
    def key_groups(self) -> str:
        """The key groups that the household belongs to (六安)."""
        return _names(codes.KEY_GROUP_BITS, self.values["key_group_bits"])

    @property
    def visit(self) -> str:
        """Where the figures come from."""
        return f"{self.survey.visited_on:%Y-%m-%d} 入户调查"


def _amount(fen: int | None) -> str:
    return "—" if fen is None else grouped(fen)


def _names(bits: Mapping[Any, int], found: int) -> str:
    return "、".join(str(choice.label) for choice, bit in bits.items() if found & bit)
