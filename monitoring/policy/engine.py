"""The one evaluator: rules and the decision table become one query over facts rows, for one household or a region.

The statement has three steps, each fenced off from the next with OFFSET so that no condition is computed twice: the facts with
a bit for each rule met; the row of the decision table that holds, from the bits alone; class, level and flags from that row.
"""

import operator
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, NullIf
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from accounts.sql import fence
from households.models import Facts
from households.models.surveys import FactsQuerySet
from monitoring.policy.columns import FIGURES
from monitoring.policy.facts import FACTS, OUTSIDE, Derived
from monitoring.policy.rule import Rule
from monitoring.policy.rules import rules_of
from monitoring.policy.rulesets import named_bits
from monitoring.policy.table import DecisionTable
from monitoring.policy.values import Policy

KEYS = ("id", "household_id", "village_id", "survey_id", "visited_on", "household_type")
CONCLUSION = ("decision", "outcome", "level", "flag_bits", "lacks_one")
NEAR = 10  # a numeric line is near when what is missing is at most a tenth of it
PER_MILLE = 1000
OUT_OF_REACH = 1_000_000
LARGEST = 2**53  # fen; a thousand times that still fits into 64 bits
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Verdict:
    """What one query says of one facts row: class, level, flags, the rules met, and the figures it saw."""

    household_id: uuid.UUID
    village_id: int
    survey_id: uuid.UUID
    facts_id: int
    outcome: str
    level: str
    flags: list[str]
    rules_met: list[str]
    near: list[str]
    figures: dict[str, Any]

    @property
    def code(self) -> str:
        """The level where there is one, else the class."""
        return self.level or self.outcome


@dataclass(frozen=True)
class Statement:
    """A SELECT with its parameters, in the form that a cursor takes; ``columns`` are its column names in order."""

    sql: str
    params: tuple[Any, ...]
    columns: tuple[str, ...]


def meeting(rule: Rule, facts: FactsQuerySet, policy: Policy) -> FactsQuerySet:
    """The facts rows that meet a rule: the only way to ask that question; none when the rule is not in force."""
    if not rule.in_force_on(policy.on):
        return facts.none()
    return _with_derived([rule], facts, policy, FACTS).filter(rule.when(policy))


def met(
    facts: FactsQuerySet, policy: Policy, more: Sequence[str] = (), told: Mapping[str, Derived] = FACTS
) -> Statement:
    """The first step: each facts row with the rules it meets; ``more`` are further columns of the facts.

    ``told`` is how the facts are found that stand in no column.
    """
    rules = rules_of(policy.ruleset)
    kept = tuple(dict.fromkeys((*KEYS, *more)))
    bits = _with_derived(rules, facts, policy, told).annotate(
        rule_bits=_rule_bits(rules, policy), near_bits=_near_bits(rules, policy), margin=_margin(rules, policy)
    )
    columns = (*kept, "rule_bits", "near_bits", "margin")
    sql, params = bits.order_by().values_list(*columns).query.sql_with_params()
    return Statement(sql, tuple(params), columns)


def concluded(found: Statement, policy: Policy) -> Statement:
    """The further steps: what follows from the rules met, by the decision table."""
    in_force = frozenset(rule.code for rule in rules_of(policy.ruleset) if rule.in_force_on(policy.on))
    table, kept_apart = DecisionTable(policy, in_force), fence()
    kept = ", ".join(found.columns)
    # Compiled by Django, or from rule set files, whose reader lets through capital letters only.
    sql = f"""
        WITH facts_met ({kept}) AS ({found.sql} {kept_apart}),
        rows_found AS (SELECT facts_met.*, {table.decision} AS decision FROM facts_met {kept_apart}),
        classes AS (SELECT rows_found.*, {table.outcome} AS outcome, {table.level} AS level FROM rows_found {kept_apart})
        SELECT {kept}, decision, outcome, level, {table.flags} AS flag_bits, {table.lacks_one} AS lacks_one FROM classes
        """  # noqa: S608
    return Statement(sql, found.params, (*found.columns, *CONCLUSION))


def question(policy: Policy) -> str:
    """What the policy asks of a facts row, word for word: two policies that ask the same come to the same of the same row.

    How long a visit holds decides which rows are asked. What is told by more than the row and the policy stands in it as
    something unknown.
    """
    unknown = dict.fromkeys(OUTSIDE, lambda _policy: Value(False))
    statement = concluded(met(Facts.objects.all(), policy, told={**FACTS, **unknown}), policy)
    return f"{policy.ruleset.code} {policy.whole('survey_validity_months')} {statement.sql} {statement.params}"


def judged(facts: FactsQuerySet, policy: Policy, more: Sequence[str] = ()) -> Statement:
    """The statement that says of each facts row what the policy makes of it; ``more`` are further columns of the facts."""
    return concluded(met(facts, policy, more), policy)


def verdicts(facts: FactsQuerySet, policy: Policy) -> Iterator[Verdict]:
    """One verdict for each facts row, from one query."""
    statement = judged(facts, policy, FIGURES)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                yield _verdict(dict(zip(statement.columns, row, strict=True)), policy)


def _verdict(row: dict[str, Any], policy: Policy) -> Verdict:
    rules = policy.ruleset
    line = policy.line(row["household_type"])
    figures = {name: row[name] for name in ("decision", *FIGURES)}
    for name in ("has_labour", "stable_income"):  # SQLite keeps them as 0 and 1
        figures[name] = None if row[name] is None else bool(row[name])
    return Verdict(
        household_id=_uuid(row["household_id"]),
        village_id=row["village_id"],
        survey_id=_uuid(row["survey_id"]),
        facts_id=row["id"],
        outcome=row["outcome"],
        level=row["level"],
        flags=named_bits([flag.code for flag in rules.flags], row["flag_bits"]),
        rules_met=named_bits(rules.rules, row["rule_bits"]),
        near=named_bits(rules.rules, row["near_bits"]),
        figures={**figures, "line": None if line is None else int(line)},
    )


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _with_derived(
    rules: Iterable[Rule], facts: FactsQuerySet, policy: Policy, told: Mapping[str, Derived]
) -> FactsQuerySet:
    names = {name for rule in rules for name in rule.facts if name in told}
    return facts.alias(**{name: told[name](policy) for name in sorted(names)})


def _rule_bits(rules: list[Rule], policy: Policy) -> Combinable:
    """The places of the rules that are met; a rule not in force is never met."""
    return _sum_of((place, rule.when(policy)) for place, rule in enumerate(rules) if rule.in_force_on(policy.on))


def _near_bits(rules: list[Rule], policy: Policy) -> Combinable:
    """The places of the numeric rules that are not met, by a tenth of their line or less."""
    return _sum_of((place, _is_near(*gap)) for place, gap in _gaps(rules, policy))


def _is_near(missing: Combinable, line: Combinable) -> Q:
    return Q(
        GreaterThanOrEqual(missing, Value(0)),
        LessThanOrEqual(missing, line / NEAR),
        GreaterThanOrEqual(line, Value(1)),
    )


def _margin(rules: list[Rule], policy: Policy) -> Combinable:
    """Per mille that are missing to the nearest numeric line that is not met; null where none is within reach."""
    margins: list[Combinable] = [
        Case(
            When(
                Q(
                    GreaterThanOrEqual(missing, Value(0)),
                    LessThanOrEqual(missing, line),
                    GreaterThanOrEqual(line, Value(1)),
                ),
                then=_per_mille(missing, line),
            ),
            default=Value(OUT_OF_REACH),
            output_field=BigIntegerField(),
        )
        for _place, (missing, line) in _gaps(rules, policy)
    ]
    nearest = Least(*margins) if len(margins) > 1 else (margins or [Value(OUT_OF_REACH)])[0]
    return NullIf(nearest, Value(OUT_OF_REACH))


def _per_mille(missing: Combinable, line: Combinable) -> Combinable:
    """Beyond what can still be multiplied in 64 bits, the line is divided instead."""
    within = When(LessThanOrEqual(line, Value(LARGEST)), then=missing * PER_MILLE / line)
    return Case(within, default=missing / (line / PER_MILLE), output_field=BigIntegerField())


def _gaps(rules: list[Rule], policy: Policy) -> list[tuple[int, tuple[Combinable, Combinable]]]:
    found = [(place, rule.gap(policy)) for place, rule in enumerate(rules) if rule.gap and rule.in_force_on(policy.on)]
    return [(place, gap) for place, gap in found if gap is not None]


def _sum_of(conditions: Iterable[tuple[int, Q]]) -> Combinable:
    bits = [
        Case(When(condition, then=Value(1 << place)), default=Value(0), output_field=IntegerField())
        for place, condition in conditions
    ]
    return reduce(operator.add, bits) if bits else Value(0)
