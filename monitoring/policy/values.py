"""The policy in force in a region on a day: the rule set's numbers, overlaid by what the region has confirmed."""

import datetime
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.core.exceptions import ValidationError

from accounts.models import Level, Region
from monitoring.models import PolicyValue
from monitoring.policy.rulesets import DatedValue, RuleSet, ruleset

RULESET_IN_USE = "zaozhuang_2020"
FEN = 100
PER_CENT = 100
MOST_PERCENT = 1000
# A county or what stands in its place sets its own numbers; a town or a village inherits them.
SETTING_LEVELS = (Level.CITY, Level.COUNTY, Level.ZONE)


class PolicyNotInForce(ValidationError):
    """The day lies before the rule set begins: nothing can be said."""


@dataclass(frozen=True)
class Policy:
    """The numbers of one rule set that hold in a region on a day; a run keeps one policy to its end."""

    ruleset: RuleSet
    on: datetime.date
    values: Mapping[str, DatedValue]

    def value(self, key: str) -> DatedValue:
        """The value with its source; raises RuleSetRefused for a parameter the rule set does not have."""
        self.ruleset.parameter(key)
        return self.values[key]

    def fen(self, key: str) -> int:
        """An amount in whole fen."""
        return int(self.value(key).value * FEN)

    def whole(self, key: str) -> int:
        """A number of days or months."""
        return int(self.value(key).value)

    def share(self, key: str) -> Fraction:
        """A percentage as a fraction in lowest terms, so that both sides can be multiplied out in whole numbers."""
        return Fraction(self.whole(key), PER_CENT)

    def line(self, household_type: str) -> Fraction:
        """The line per head in fen that a household of this type is compared with: an amount, or some percent of one."""
        amount = self.fen(self.ruleset.line_of(household_type))
        percent = self.ruleset.lines.get("percent")
        return amount * self.share(percent) if percent else Fraction(amount)

    @property
    def decides(self) -> str:
        """Who recognises a household: ``town`` (document 002) or ``county``."""
        return self.ruleset.procedure.decides

    @property
    def same_steps_for_lifted(self) -> bool:
        """Whether survey, meeting and notice are asked for a 脱贫户 too."""
        return self.ruleset.procedure.same_steps_for_lifted

    @property
    def notice_days(self) -> int:
        """Days that a notice hangs in the village."""
        return self.whole("notice_days")

    @property
    def accounting_months(self) -> int:
        """Months of the accounting period, which ends with the month before the visit."""
        return self.whole("accounting_months")

    @property
    def surveyed_after(self) -> datetime.date:
        """A visit counts when it was made after this day: the validity before the policy's day."""
        return months_before(self.on, self.whole("survey_validity_months"))

    def with_values(self, values: Mapping[str, DatedValue]) -> "Policy":
        """The same policy with some other numbers; raises RuleSetRefused for an unknown parameter."""
        for key in values:
            self.ruleset.parameter(key)
        return replace(self, values={**self.values, **values})


def policy_in_force(
    region: Region | None,
    on: datetime.date,
    ruleset_code: str | None = None,
    *,
    known_by: datetime.datetime | None = None,
) -> Policy:
    """The policy of a region on a day; ``region`` None is the rule set as it ships.

    The nearest region that has set a number counts, and of its numbers the latest begun. With ``known_by`` only what
    had been confirmed by then, so that a run keeps its numbers and an old conclusion its reasons. Raises
    PolicyNotInForce for a day before the rule set begins, RuleSetRefused for an unknown rule set.
    """
    rules = ruleset(ruleset_code or RULESET_IN_USE)
    if on < rules.begins_on:
        raise PolicyNotInForce(
            f"{on:%Y-%m-%d} 早于规则集“{rules.title}”的开始日期 {rules.begins_on:%Y-%m-%d}，政策未覆盖，不能研判。"
        )
    shipped = {
        key: next(value for value in reversed(parameter.values) if value.starts_on <= on)
        for key, parameter in rules.parameters.items()
    }
    policy = Policy(rules, on, shipped)
    return policy if region is None else policy.with_values(_confirmed(region, rules, on, known_by))


def _confirmed(
    region: Region, rules: RuleSet, on: datetime.date, known_by: datetime.datetime | None
) -> dict[str, DatedValue]:
    rows = PolicyValue.objects.in_force().filter(
        region__path__in=region.ancestor_paths,
        region__level__in=SETTING_LEVELS,
        ruleset=rules.code,
        key__in=rules.parameters,
        starts_on__lte=on,
    )
    if known_by is not None:
        rows = rows.filter(confirmed_at__lte=known_by)
    nearest_last = rows.select_related("region").order_by("region__path", "starts_on", "confirmed_at")
    return {
        row.key: DatedValue(row.key, Decimal(row.value), row.starts_on, row.source, set_by=row.region.name)
        for row in nearest_last
    }


def read_value(key: str, text: str, ruleset_code: str | None = None) -> Decimal:
    """What somebody typed for a parameter; raises ValidationError with a sentence when it is no such number.

    Amounts are zero or more with at most two decimals, days, months and percent whole numbers from 1.
    """
    parameter = ruleset(ruleset_code or RULESET_IN_USE).parameter(key)
    try:
        number = Decimal(text.strip())
    except InvalidOperation as fault:
        raise ValidationError(f"“{parameter.title}”要填数字。") from fault
    whole = number * FEN if parameter.is_money else number
    least = 0 if parameter.is_money else 1
    most = MOST_PERCENT if parameter.is_percent else 1_000_000
    if not number.is_finite() or number < least or number > most or whole != whole.to_integral_value():
        wanted = "不小于 0、最多两位小数的金额" if parameter.is_money else "从 1 起的整数"
        raise ValidationError(f"“{parameter.title}”要填{wanted}。")
    return number


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day some months earlier; the last of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return datetime.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
