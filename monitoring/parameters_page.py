"""What the page of the policy shows: the rule set and each number now, before, to come and waiting for a second person."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Region
from households.models.surveys import MONEY_LABELS
from monitoring.models import PolicyValue
from monitoring.parameters import RuleSetLine, ruleset_line
from monitoring.policy.page import ANY_TYPE, ASKS, BASES, DECIDERS, PATHS, items_in_words
from monitoring.policy.reading import DAYS, ITEM_FIELDS
from monitoring.policy.rulesets import DatedValue, Parameter, RuleSet, known_codes, ruleset
from monitoring.policy.shapes import NO_COLOURS, RULESET_KEY
from monitoring.policy.values import SETTING_LEVELS, Policy, policy_in_force


@dataclass(frozen=True)
class Value:
    """A number from a day on, as it is printed, with its document and the two people; ``row`` None: ships with the rule set."""

    words: str
    starts_on: datetime.date
    source: str
    row: PolicyValue | None = None


@dataclass(frozen=True)
class Number:
    """A parameter of the rule set in force; ``now`` None: nobody has set it."""

    key: str
    title: str
    note: str
    unit: str
    why_unset: str
    now: Value | None
    past: list[Value]
    coming: list[Value]
    waiting: int
    is_line: bool  # income is compared with it
    is_limit: bool  # the days of a step; without it nothing is late


@dataclass(frozen=True)
class Waiting:
    """A proposal that a second person has not confirmed yet."""

    row: PolicyValue
    title: str
    words: str
    unit: str


@dataclass(frozen=True)
class PolicyOf:
    """All that the page says of a region on a day."""

    policy: Policy
    line: RuleSetLine
    numbers: list[Number]
    waiting: list[Waiting]

    @property
    def unset(self) -> int:
        """How many numbers wait for the district to set them; a limit may be left open."""
        return sum(number.now is None and not number.is_limit for number in self.numbers)

    @property
    def coming(self) -> list[Waiting]:
        """The rule sets that two people have agreed on for a day to come."""
        return [waiting(row) for row in self.line.coming]

    @property
    def others(self) -> list[RuleSet]:
        """The rule sets that could be taken instead."""
        return [ruleset(code) for code in known_codes() if code != self.policy.ruleset.code]


@dataclass(frozen=True)
class Saying:
    """One thing that the rule set lays down beside its numbers, with its source."""

    label: str
    words: str
    source: str


def policy_of(region: Region, on: datetime.date) -> PolicyOf:
    """What holds in a region on a day, what held, what will hold, and what is proposed. Four queries."""
    policy, line = policy_in_force(region, on), ruleset_line(region, on)
    found = PolicyValue.objects.filter(region__path__in=region.ancestor_paths, region__level__in=SETTING_LEVELS)
    rows = list(
        found.select_related("region", "proposed_by", "confirmed_by").order_by(
            "region__path", "starts_on", "confirmed_at", "proposed_at"
        )
    )
    mine = [row for row in rows if row.ruleset == policy.ruleset.code]
    numbers = [
        _number(key, policy.ruleset, [row for row in mine if row.key == key], on) for key in policy.ruleset.parameters
    ]
    return PolicyOf(policy, line, numbers, [waiting(row) for row in rows if not row.confirmed_by_id])


def waiting(row: PolicyValue) -> Waiting:
    """A proposal in words, whichever rule set it is for."""
    rules = ruleset(row.ruleset)
    if row.key == RULESET_KEY:
        return Waiting(row, "规则集", rules.title, "")
    parameter = rules.parameter(row.key)
    title = f"{parameter.title}（{rules.title}）"
    return Waiting(row, title, in_words(Decimal(row.value), parameter), unit_of(parameter))


def _number(key: str, rules: RuleSet, rows: Sequence[PolicyValue], on: datetime.date) -> Number:
    """The numbers that ship, then those that two people have set, the nearest region's last: the last begun one holds."""
    parameter = rules.parameter(key)
    shipped = [_shipped(value, parameter) for value in parameter.values]
    known = [*shipped, *(_set(row, parameter) for row in rows if row.confirmed_by_id)]
    begun = [value for value in known if value.starts_on <= on]
    return Number(
        key=key,
        title=parameter.title,
        note=parameter.note,
        unit=unit_of(parameter),
        why_unset=parameter.source,
        now=begun[-1] if begun else None,
        past=begun[-2::-1],
        coming=[value for value in known if value.starts_on > on],
        waiting=sum(not row.confirmed_by_id for row in rows),
        is_line=key in rules.lines.values(),
        is_limit=parameter.unit in DAYS,
    )


def _shipped(value: DatedValue, parameter: Parameter) -> Value:
    return Value(in_words(value.value, parameter), value.starts_on, value.source)


def _set(row: PolicyValue, parameter: Parameter) -> Value:
    return Value(in_words(Decimal(row.value), parameter), row.starts_on, row.source, row)


def in_words(number: Decimal, parameter: Parameter) -> str:
    """A number as it is printed, without its unit: 5,600; a switch is 是 or 否."""
    if parameter.is_switch:
        return "是" if number else "否"
    return f"{number.normalize():,f}"


def unit_of(parameter: Parameter) -> str:
    """The unit to print after the number; a switch has none."""
    return "" if parameter.is_switch else parameter.unit


def sayings(rules: RuleSet) -> Iterator[Saying]:
    """Procedure, limits, income, levels and size guidance of a rule set."""
    procedure = rules.procedure
    yield Saying("谁认定", DECIDERS[procedure.decides], procedure.decides_source)
    for path, title in PATHS.items():
        if steps := procedure.path(path):
            sources = "；".join(dict.fromkeys(step.source for step in steps))
            yield Saying(title, " → ".join(step.title for step in steps), sources)
    same = "与边缘户相同" if procedure.same_steps_for_lifted else "不走三步程序"
    yield Saying("脱贫户的程序", same, procedure.same_steps_source)
    yield Saying("和线比的收入", BASES[rules.income.basis], rules.income.source)
    coloured = rules.colours.scheme != NO_COLOURS
    graded = f"红、黄、蓝，{'、'.join(ANY_TYPE[kind] for kind in rules.graded_types)}" if coloured else "不分级"
    yield Saying("分级", graded, rules.colours.source)
    if not rules.size:
        yield Saying("规模参考", "文件没有写；该纳入的都要纳入", "")
    for size in rules.size:
        yield Saying("规模参考", f"{size.words}。只是参考，不是指标，该纳入的都要纳入", size.source)
    if rules.asks:
        yield Saying("入户时另外问", "、".join(ASKS[name] for name in rules.asks), "")


def income_items(rules: RuleSet) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """For each amount of the survey, its items by whether they count."""
    found = [(MONEY_LABELS[field], items_in_words(rules, field)) for field in ITEM_FIELDS]
    return [(str(label), items) for label, items in found if items]
