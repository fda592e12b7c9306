"""The one evaluator: rules and the decision table become one query over facts rows, for one household or a region."""

import operator
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable

from households.models.surveys import FactsQuerySet
from monitoring.policy.facts import FACTS, FIGURES, line_for_household
from monitoring.policy.rule import Rule
from monitoring.policy.rules import RULES, rules_of
from monitoring.policy.rulesets import Decision
from monitoring.policy.values import Policy


@dataclass(frozen=True)
class Verdict:
    """What one query says of one facts row: the outcome, its flags, the rules met, and the figures it saw."""

    household_id: uuid.UUID
    village_id: int
    survey_id: uuid.UUID
    outcome: str
    flags: list[str]
    rules_met: list[str]
    figures: dict[str, Any]


def meeting(rule: Rule, facts: FactsQuerySet, policy: Policy) -> FactsQuerySet:
    """The facts rows that meet a rule: the only way to ask that question; none when the rule is not in force."""
    if not rule.in_force_on(policy.on):
        return facts.none()
    return _with_derived([rule], facts, policy).filter(rule.when(policy))


def judged(facts: FactsQuerySet, policy: Policy) -> FactsQuerySet:
    """The facts rows with ``rule_bits`` (a bit for each rule met, in the rule set's order), the number of the
    ``decision`` that holds, and the ``line`` in fen that income was compared with."""
    rules = rules_of(policy.ruleset)
    return _with_derived(rules, facts, policy).annotate(
        rule_bits=_bits(rules, policy), decision=_decision(policy), line=line_for_household(policy)
    )


def verdicts(facts: FactsQuerySet, policy: Policy) -> Iterator[Verdict]:
    """One verdict for each facts row, from one query."""
    columns = ("household_id", "village_id", "survey_id", "rule_bits", "decision", "line", *FIGURES)
    for row in judged(facts, policy).values(*columns):
        yield _verdict(row, policy)


def _verdict(row: dict[str, Any], policy: Policy) -> Verdict:
    decision = policy.ruleset.decisions[row["decision"]]
    outcome = decision.outcome_for(row["household_type"])
    met = [code for place, code in enumerate(policy.ruleset.rules) if row["rule_bits"] & 1 << place]
    flags = [flag.code for flag in policy.ruleset.flags if flag.rule in met and outcome not in flag.not_for]
    figures = {name: row[name] for name in ("decision", "line", *FIGURES)}
    return Verdict(row["household_id"], row["village_id"], row["survey_id"], outcome, flags, met, figures)


def _with_derived(rules: list[Rule], facts: FactsQuerySet, policy: Policy) -> FactsQuerySet:
    names = {name for rule in rules for name in rule.facts if name in FACTS}
    return facts.alias(**{name: FACTS[name](policy) for name in sorted(names)})


def _bits(rules: list[Rule], policy: Policy) -> Combinable:
    in_force = [(place, rule) for place, rule in enumerate(rules) if rule.in_force_on(policy.on)]
    bits = [
        Case(When(rule.when(policy), then=Value(1 << place)), default=Value(0), output_field=IntegerField())
        for place, rule in in_force
    ]
    return reduce(operator.add, bits)


def _decision(policy: Policy) -> Combinable:
    """The first row of the table that holds; the last row holds for whatever is left."""
    *rows, _otherwise = policy.ruleset.decisions
    whens = [
        When(condition, then=Value(number))
        for number, row in enumerate(rows)
        if (condition := _holds(row, policy)) is not None
    ]
    return Case(*whens, default=Value(len(rows)), output_field=IntegerField())


def _holds(row: Decision, policy: Policy) -> Q | None:
    """The condition of a row; None when a rule that it needs is not in force."""
    ways = [
        reduce(operator.and_, (RULES[code].when(policy) for code in codes))
        for codes in row.met
        if all(RULES[code].in_force_on(policy.on) for code in codes)
    ]
    return reduce(operator.or_, ways) if ways else None
