"""Comparisons that rules share, in whole fen and multiplied out, each with what is missing until it holds."""

from fractions import Fraction

from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan, LessThanOrEqual

from households.codes import HouseholdType
from monitoring.policy.rule import Gap
from monitoring.policy.values import Policy

# What is asked about a number that nobody has set: it holds for no household.
NEVER = Q(Exact(Value(1), Value(0)))


def always(holds: bool) -> Q:
    """What the policy alone decides, the same for every household."""
    return Q(Exact(Value(int(holds)), Value(1)))


def _per_head(name: str, line: Fraction) -> tuple[Combinable, Combinable]:
    return F(name) * line.denominator, F("people") * line.numerator


def _share(name: str, of: str, share: Fraction) -> tuple[Combinable, Combinable]:
    return F(name) * share.denominator, F(of) * share.numerator


def amount_set(policy: Policy, key: str) -> Fraction | None:
    """A parameter as fen, None where it is not set."""
    return Fraction(policy.fen(key)) if policy.is_set(key) else None


def below(name: str, line: Fraction | None) -> Q:
    """An amount of the household per head lies below a line in fen."""
    if line is None:
        return NEVER
    return Q(LessThan(*_per_head(name, line)), people__gt=0)


def not_below(name: str, line: Fraction | None) -> Q:
    """An amount of the household per head is the line, or more."""
    if line is None:
        return NEVER
    return Q(GreaterThanOrEqual(*_per_head(name, line)), people__gt=0)


def gap_to_below(name: str, line: Fraction | None, only_for: HouseholdType | None = None) -> Gap | None:
    """How much too high the amount is, beside the line; for one type of household only, where a type is given."""
    if line is None:
        return None
    mine, whole = _per_head(name, line)
    missing = mine - whole
    if only_for is None:
        return missing, whole
    return Case(When(household_type=only_for.value, then=missing), output_field=BigIntegerField()), whole


def at_least_share(name: str, of: str, share: Fraction) -> Q:
    """An amount is some share of another one, or more."""
    return Q(GreaterThanOrEqual(*_share(name, of, share)))


def at_most_share(name: str, of: str, share: Fraction) -> Q:
    """An amount is some share of another one, or less."""
    return Q(LessThanOrEqual(*_share(name, of, share)))


def gap_to_share(name: str, of: str, share: Fraction, *, itself_counts: bool = True) -> Gap:
    """How much too low the amount is; where the share itself counts, an amount that is equal misses nothing and is met."""
    mine, whole = _share(name, of, share)
    return whole - mine - (1 if itself_counts else 0), whole


def gap_to_at_most_share(name: str, of: str, share: Fraction) -> Gap:
    """How much too high the amount is; one that is equal is met."""
    mine, whole = _share(name, of, share)
    return mine - whole - 1, whole


def at_least(name: str, amount: Fraction | None) -> Q:
    """An amount of the whole household in fen, or more."""
    return NEVER if amount is None else Q(GreaterThanOrEqual(F(name), Value(int(amount))))


def gap_to_amount(name: str, amount: Fraction | None) -> Gap | None:
    """How much too low an amount of the whole household is."""
    if amount is None:
        return None
    return int(amount) - F(name) - 1, Value(int(amount), output_field=BigIntegerField())
