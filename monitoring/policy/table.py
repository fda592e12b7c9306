"""The decision table as SQL over the bits of the rules met: no condition of a rule is written here."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from monitoring.policy.rulesets import Decision
from monitoring.policy.values import Policy

# The classes that make a household 监测对象 once they are recognised: what 只差一项 is short of.
CLASS_CODES = ("RELAPSE", "EDGE", "SUDDEN")


class DecisionTable:
    """The parts of a statement that turn ``rule_bits`` into a row of the table, and the row into class, level and flags.

    Codes come from the rule set's file, whose reader lets through capital letters only, so they stand in the text as they are.
    """

    def __init__(self, policy: Policy, rules_in_force: frozenset[str]) -> None:
        self.ruleset = policy.ruleset
        self.in_force = rules_in_force
        self.place = {code: number for number, code in enumerate(policy.ruleset.rules)}

    @property
    def decision(self) -> str:
        """The number of the first row that holds; the last row holds for whatever is left."""
        *rows, _otherwise = self.ruleset.decisions
        whens = [f"WHEN {held} THEN {number}" for number, row in enumerate(rows) if (held := self._held(row))]
        return f"CASE {' '.join(whens)} ELSE {len(rows)} END" if whens else f"{len(rows)}"

    @property
    def outcome(self) -> str:
        """The class, by the row and the household's type."""
        return _by_row(row.outcome for row in self.ruleset.decisions)

    @property
    def level(self) -> str:
        """红, 黄 or 蓝 by the row; blank where it grades nobody."""
        return _by_row({"": row.level} for row in self.ruleset.decisions)

    @property
    def flags(self) -> str:
        """A bit for each flag whose rule is met, unless it is not raised beside this class."""
        parts = []
        for number, flag in enumerate(self.ruleset.flags):
            but = f" AND outcome NOT IN ({_quoted(flag.not_for)})" if flag.not_for else ""
            parts.append(f"CASE WHEN {self._all_met([flag.rule])}{but} THEN {1 << number} ELSE 0 END")
        return " + ".join(parts) or "0"

    @property
    def lacks_one(self) -> str:
        """One condition short of a class: all but one rule of a way into it are met (只差一项)."""
        ways = [
            codes
            for row in self.ruleset.decisions
            if set(row.outcome.values()) & set(CLASS_CODES)
            for codes in row.met
            if len(codes) > 1 and self.in_force.issuperset(codes)
        ]
        short = [
            f"(rule_bits & {mask}) = {mask & ~bit}"
            for codes in ways
            for mask in (self._mask(codes),)
            for bit in (1 << self.place[code] for code in codes)
        ]
        if not short:
            return "FALSE"
        return f"(outcome NOT IN ({_quoted(CLASS_CODES)}) AND outcome NOT IN ('NA', 'INCOMPLETE') AND ({' OR '.join(short)}))"

    def _held(self, row: Decision) -> str:
        """When a row holds; nothing when each of its ways needs a rule that is not in force."""
        ways = [self._all_met(codes) for codes in row.met if self.in_force.issuperset(codes)]
        return f"({' OR '.join(ways)})" if ways else ""

    def _all_met(self, codes: Iterable[str]) -> str:
        mask = self._mask(codes)
        return f"(rule_bits & {mask}) = {mask}"

    def _mask(self, codes: Iterable[str]) -> int:
        return sum(1 << self.place[code] for code in set(codes))


def _by_row(words: Iterable[Mapping[str, str]]) -> str:
    """A word by the row of the table and, where a row says so, by the household's type."""
    numbered = list(enumerate(words))
    ordered = sorted(numbered, key=lambda pair: sorted(pair[1].items()))
    whens = []
    for shared, rows in groupby(ordered, key=lambda pair: sorted(pair[1].items())):
        numbers = ", ".join(str(number) for number, _words in rows)
        word = dict(shared)
        otherwise = word.pop("", "")
        kinds = " ".join(f"WHEN household_type = '{kind}' THEN '{code}'" for kind, code in word.items())
        answer = f"CASE {kinds} ELSE '{otherwise}' END" if kinds else f"'{otherwise}'"
        whens.append(f"WHEN decision IN ({numbers}) THEN {answer}")
    return f"CASE {' '.join(whens)} END"


def _quoted(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
