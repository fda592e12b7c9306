"""What a page, or a command, says of a screening: the counts before and after, what moved where, and by which policy."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Region
from monitoring.models import Outcome, RiskLevel, Screening
from monitoring.parts import NOT_VISITED
from monitoring.policy.rulesets import Parameter, ruleset

RISKS: dict[str, int] = {level: number for number, level in enumerate(RiskLevel.values, start=1)}
NAMES = {**dict(Outcome.choices), **dict(RiskLevel.choices), NOT_VISITED: "未入户", "": "没有结论"}


@dataclass(frozen=True)
class Count:
    """Households of one class or level, before the run and after it."""

    code: str
    label: str
    before: int
    now: int

    @property
    def risk(self) -> int | None:
        """The number of a level; None for a class."""
        return RISKS.get(self.code)

    @property
    def more(self) -> str:
        """How many more or fewer there are: +3, −2; a dash when it is the same."""
        if self.now == self.before:
            return "—"
        return f"+{self.now - self.before}" if self.now > self.before else f"−{self.before - self.now}"


@dataclass(frozen=True)
class PolicyUsed:
    """By which rule set and which numbers a district was screened."""

    district: str
    title: str
    document: str
    numbers: list[tuple[str, str]]


@dataclass(frozen=True)
class Move:
    """Households that went from one class or level to another."""

    before: str
    now: str
    households: int
    risk_before: int | None  # the number of a level; None for a class
    risk: int | None


def counts_shown(screening: Screening) -> list[Count]:
    """A line for each class and level of the rule sets that the run used, for what there was before, and for those not visited."""
    used = {one["ruleset"] for one in screening.policies.values()} or {screening.ruleset}
    rows = [row for name in used for row in ruleset(name).decisions]
    codes = {row.level or outcome for row in rows for outcome in row.outcome.values()}
    return [
        Count(code, NAMES[code], screening.counts_before.get(code, 0), screening.counts.get(code, 0))
        for code in (*Outcome.values, *RiskLevel.values, NOT_VISITED)
        if code in codes or code == NOT_VISITED or screening.counts.get(code) or screening.counts_before.get(code)
    ]


def moves_shown(screening: Screening) -> list[Move]:
    """What changed, the largest first."""
    moves = sorted(screening.moves.items(), key=lambda item: (-item[1], item[0]))
    pairs = [(*move.split(">"), households) for move, households in moves]
    return [
        Move(NAMES[before], NAMES[now], households, RISKS.get(before), RISKS.get(now))
        for before, now, households in pairs
    ]


def policies_shown(screening: Screening) -> list[PolicyUsed]:
    """The rule set and the numbers of each district, as the run kept them from its beginning."""
    districts = Region.objects.filter(code__in=screening.policies).order_by("path")
    shown = []
    for district in districts:
        used = screening.policies[district.code]
        rules = ruleset(used["ruleset"])
        known = [(rules.parameters[key], value) for key, value in used["values"].items() if key in rules.parameters]
        numbers = [(parameter.title, _number(parameter, value)) for parameter, value in known]
        shown.append(PolicyUsed(district.name, rules.title, rules.document, numbers))
    return shown


def _number(parameter: Parameter, value: str) -> str:
    if parameter.is_switch:
        return "是" if Decimal(value) else "否"
    return f"{Decimal(value):,} {parameter.unit}"
