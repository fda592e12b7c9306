"""The figures of one conclusion, in the words that reasons print; nothing is decided here."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
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
        if not self.has_income_per_head:
            return "—"
        return grouped(Decimal(self.values["net_income"]) / self.persons)

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
        named = _names(codes.GUARANTEE_BITS, self.values["guarantee_bits"])
        grade = f"（房屋{self.survey.housing_grade}）" if self.survey.housing_grade in codes.UNSAFE_HOUSING else ""
        return (named or "其他保障") + grade

    @property
    def visit(self) -> str:
        """Where the figures come from."""
        return f"{self.survey.visited_on:%Y-%m-%d} 入户调查"


def _names(bits: Mapping[Any, int], found: int) -> str:
    return "、".join(str(choice.label) for choice, bit in bits.items() if found & bit)
