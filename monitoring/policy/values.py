"""The policy in force in a region on a day: the rule set it has taken, its numbers, and what the region has confirmed."""

import datetime
import hashlib
from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Level, Region
from accounts.sql import Compiled
from monitoring.models import PolicyValue
from monitoring.policy.rulesets import DatedValue, RuleSet, ruleset
from monitoring.policy.shapes import RULESET_KEY

RULESET_IN_USE = "zaozhuang_2020"  # where no region above has taken another
FEN = 100
PER_CENT = 100
MOST_PERCENT = 1000
MOST = 1_000_000
MOST_OF_UNIT = {"月": 120, "月份": 12, "天": 366, "工作日": 250}  # beyond that no day could be counted back from
MOST_PLACES = 20  # behind the point, as typed
# A county or what stands in its place sets its own numbers; a town or a village inherits them.
SETTING_LEVELS = (Level.CITY, Level.COUNTY, Level.ZONE)
DAY, MOMENT = datetime.date(1, 1, 1), datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)  # stand-ins


class PolicyNotInForce(ValidationError):
    """The day lies before the rule set begins: nothing can be said."""


class NumberNotSet(ValidationError):
    """The document gives no number and the district has not set one."""


@dataclass(frozen=True)
class Policy:
    """The numbers of one rule set that hold in a region on a day; a run keeps one policy to its end."""

    ruleset: RuleSet
    on: datetime.date
    values: Mapping[str, DatedValue]

    def is_set(self, key: str) -> bool:
        """Whether there is a number: where the document gives none, a district sets it."""
        self.ruleset.parameter(key)
        return key in self.values

    def value(self, key: str) -> DatedValue:
        """The value with its source; raises RuleSetRefused for an unknown parameter, NumberNotSet for one without number."""
        if not self.is_set(key):
            raise NumberNotSet(f"“{self.ruleset.parameter(key).title}”还没有设定，由区（县）定。")
        return self.values[key]

    def fen(self, key: str) -> int:
        """An amount in whole fen."""
        return int(self.value(key).value * FEN)

    def whole(self, key: str) -> int:
        """A number of days or months."""
        return int(self.value(key).value)

    def is_on(self, key: str) -> bool:
        """Whether a switch is on."""
        return self.value(key).value == 1

    def share(self, key: str) -> Fraction:
        """A percentage as a fraction in lowest terms, so that both sides can be multiplied out in whole numbers."""
        return Fraction(self.whole(key), PER_CENT)

    def line(self, household_type: str) -> Fraction | None:
        """The line per head in fen that a household of this type is compared with: an amount, or some percent of one.

        None where it has not been set.
        """
        key, percent = self.ruleset.line_of(household_type), self.ruleset.lines.get("percent")
        if not self.is_set(key) or (percent and not self.is_set(percent)):
            return None
        return self.fen(key) * self.share(percent) if percent else Fraction(self.fen(key))

    @property
    def floors_losses(self) -> bool:
        """Whether a loss from farming or trade counts as nothing instead of being subtracted (reading A15)."""
        return self.is_on("floor_operating_at_zero")

    @property
    def fingerprint(self) -> str:
        """Digest of the rule set's version and all numbers: policies that say the same have the same one."""
        numbers = [f"{key}={self.values[key].value.normalize():f}" for key in sorted(self.values)]
        said = "\n".join((self.ruleset.code, self.ruleset.version, *numbers))
        return hashlib.sha256(said.encode()).hexdigest()

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

    def as_of(self, day: datetime.date) -> "Policy":
        """The same rule set and numbers, asked of another day's households."""
        return replace(self, on=day)

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
    draft: Sequence[PolicyValue] = (),
) -> Policy:
    """The policy of a region on a day; ``region`` None is the rule set as it ships.

    Without ``ruleset_code`` it is the rule set that the region has taken. The nearest region that has taken one, or has
    set a number, counts, and of its rows the latest begun. With ``known_by`` only what had been confirmed by then, so
    that a run keeps its numbers and an old conclusion its reasons. ``draft`` are rows that count as if they had just been
    confirmed (试算). Raises PolicyNotInForce for a day before the rule set begins, RuleSetRefused for an unknown rule set.
    One query.
    """
    rows = [] if region is None else _confirmed(region.ancestor_paths, on, known_by, draft)
    return _policy(rows, on, ruleset_code)


def policies_in_force(
    regions: Sequence[Region], on: datetime.date, *, known_by: datetime.datetime | None = None
) -> dict[str, Policy]:
    """The policy of each region on a day, by its code, in one query for all; the rest as in ``policy_in_force``."""
    rows = _confirmed({path for region in regions for path in region.ancestor_paths}, on, known_by)
    return {
        region.code: _policy([row for row in rows if row.region_path in region.ancestor_paths], on)
        for region in regions
    }


def _policy(rows: Sequence["_Confirmed"], on: datetime.date, ruleset_code: str | None = None) -> Policy:
    rules = ruleset(ruleset_code or _taken(rows))
    if on < rules.begins_on:
        raise PolicyNotInForce(
            f"{on:%Y-%m-%d} 早于规则集“{rules.title}”的开始日期 {rules.begins_on:%Y-%m-%d}，政策未覆盖，不能研判。"
        )
    return policy_as_shipped(rules, on).with_values(_numbers(rows, rules))


def policy_as_shipped(rules: RuleSet, on: datetime.date) -> Policy:
    """The numbers of a rule set on a day, as its file has them; those left to the district have none."""
    known = {
        key: [value for value in parameter.values if value.starts_on <= on]
        for key, parameter in rules.parameters.items()
    }
    return Policy(rules, on, {key: values[-1] for key, values in known.items() if values})


def ruleset_in_force(region: Region, on: datetime.date, *, known_by: datetime.datetime | None = None) -> RuleSet:
    """The rule set that a region has taken by a day, from the nearest region above that has taken one."""
    return ruleset(_taken(_confirmed(region.ancestor_paths, on, known_by)))


class _Confirmed(NamedTuple):
    """What a region has set, in the order in which it counts: the last of a key holds."""

    region_path: str
    starts_on: datetime.date
    confirmed_at: datetime.datetime
    key: str
    value: str
    ruleset: str
    source: str
    region_name: str


def _confirmed(
    paths: Collection[str], on: datetime.date, known_by: datetime.datetime | None, draft: Sequence[PolicyValue] = ()
) -> list[_Confirmed]:
    """What the regions of these paths have set by a day, ordered by path: of a region and those above it, its own rows last.

    Asked for every household that is saved.
    """
    wanted = dict(zip(_stand_ins(len(paths)), paths, strict=True)) | {DAY: on, MOMENT: known_by}
    rows = _compiled(connection.vendor, len(paths), known_by is not None).ask(wanted) if paths else []
    begun = [row for row in draft if row.starts_on <= on and row.region.path in paths]
    return sorted([_Confirmed(*row) for row in rows] + [_as_confirmed(row) for row in begun])


def _stand_ins(paths: int) -> list[str]:
    return [f"<path {number}>" for number in range(paths)]


@lru_cache(maxsize=50)
def _compiled(_vendor: str, paths: int, is_known_by: bool) -> Compiled:
    """The question of so many paths, which each engine words in its own way."""
    rows = PolicyValue.objects.in_force().filter(
        region__path__in=_stand_ins(paths), region__level__in=SETTING_LEVELS, starts_on__lte=DAY
    )
    if is_known_by:
        rows = rows.filter(confirmed_at__lte=MOMENT)
    columns = [name.replace("region_", "region__") for name in _Confirmed._fields]
    return Compiled.of(rows.order_by().values_list(*columns))


def _as_confirmed(draft: PolicyValue) -> _Confirmed:
    """A row that nobody has saved, as if it had been confirmed after all others."""
    last = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return _Confirmed(
        draft.region.path, draft.starts_on, last, draft.key, draft.value, draft.ruleset, draft.source, draft.region.name
    )


def _taken(rows: Sequence[_Confirmed]) -> str:
    return next((row.value for row in reversed(rows) if row.key == RULESET_KEY), RULESET_IN_USE)


def _numbers(rows: Sequence[_Confirmed], rules: RuleSet) -> dict[str, DatedValue]:
    return {
        row.key: DatedValue(row.key, Decimal(row.value), row.starts_on, row.source, set_by=row.region_name)
        for row in rows
        if row.ruleset == rules.code and row.key in rules.parameters
    }


def read_value(key: str, text: str, ruleset_code: str | None = None) -> Decimal:
    """What somebody typed for a parameter; raises ValidationError with a sentence when it is no such number.

    Amounts are zero or more with at most two decimals, switches 0 or 1, days, months and percent whole numbers from 1, days
    up to a year and months up to ten.
    """
    parameter = ruleset(ruleset_code or RULESET_IN_USE).parameter(key)
    try:
        number = Decimal(text.strip())
    except InvalidOperation as fault:
        raise ValidationError(f"“{parameter.title}”要填数字。") from fault
    least, most, wanted = 1, MOST, "从 1 起的整数"
    if parameter.is_money:
        least, wanted = 0, "不小于 0、最多两位小数的金额"
    elif parameter.is_switch:
        least, most, wanted = 0, 1, " 1（是）或 0（否）"
    elif parameter.is_percent:
        most = MOST_PERCENT
    elif parameter.unit in MOST_OF_UNIT:
        most = MOST_OF_UNIT[parameter.unit]
        wanted = f" 1 到 {most} 的整数"
    if not _is_short(number) or not least <= number <= most or not _is_whole(number, parameter.is_money):
        raise ValidationError(f"“{parameter.title}”要填{wanted}。")
    return number + 0  # without the sign of a zero


def _is_short(number: Decimal) -> bool:
    """Whether it is a number that can be written out: 0E-999999 would be a million characters."""
    return number.is_finite() and int(number.as_tuple().exponent) >= -MOST_PLACES


def _is_whole(number: Decimal, is_money: bool) -> bool:
    """Whole fen for money, whole numbers for the rest."""
    whole = number * FEN if is_money else number
    return whole == whole.to_integral_value()


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day some months earlier; the last of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return datetime.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
