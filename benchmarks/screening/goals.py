"""The goals, each a ratio of times measured side by side, and whether they are met."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.screening.variants import Rounds

MILLISECONDS = 1000
WHOLE = 1_000_000


@dataclass(frozen=True)
class Goal:
    """A limit on what was measured; ``at_least`` turns it round. ``only_at_full_size`` cannot be said of a quick run."""

    title: str
    limit: float
    unit: str
    measure: Callable[[dict[int, Rounds]], float]
    at_least: bool = False
    only_at_full_size: bool = False

    def verdict(self, measured: dict[int, Rounds]) -> tuple[bool, str]:
        """Whether it is missed, and a line that says how it stands."""
        sign = "≥" if self.at_least else "≤"
        wanted = f"{self.title} {sign} {self.limit:g}{self.unit}"
        if self.only_at_full_size and WHOLE not in measured:
            return False, f"not measured  {wanted} (needs {WHOLE:,} households)"
        value = self.measure(measured)
        met = value >= self.limit if self.at_least else value <= self.limit
        return not met, f"{'met   ' if met else 'MISSED'}        {wanted}: {value:.3g}{self.unit}"


def paired(rounds: Rounds, one: str, other: str) -> float:
    """The median of each round's ratio: what a busy minute does to both cancels out."""
    pairs = zip(rounds.seconds[one], rounds.seconds[other], strict=True)
    return median(first / second for first, second in pairs)


def _of_largest(one: str, other: str) -> Callable[[dict[int, Rounds]], float]:
    return lambda measured: paired(measured[max(measured)], one, other)


def _saving(measured: dict[int, Rounds]) -> float:
    return median(measured[WHOLE].one_household) * MILLISECONDS


def _growth(measured: dict[int, Rounds]) -> float:
    """Cost of a household at the largest size, in units of its cost at the smallest."""
    each = {size: median(rounds.seconds["ours, full"]) / size for size, rounds in measured.items()}
    return each[max(each)] / each[min(each)]


def percentile_95(values: list[float]) -> float:
    """The value that one in twenty exceeds."""
    return quantiles(values, n=20)[-1]


# What a run costs before it looks at anybody decides at small sizes: some goals speak of a prefecture only.
GOALS = (
    Goal("full / hand-written SQL", 1.5, " x", _of_largest("ours, full", "by hand")),
    Goal(
        "changes only (3 %) / OpenFisca in memory",
        0.8,
        " x",
        _of_largest("ours, changes", "openfisca"),
        only_at_full_size=True,
    ),
    Goal(
        "OpenFisca with COPY out and in / changes only",
        5,
        " x",
        _of_largest("openfisca, copy", "ours, changes"),
        at_least=True,
    ),
    Goal("ORM loop / full", 40, " x", _of_largest("orm loop", "ours, full"), at_least=True),
    Goal("ORM loop / changes only", 120, " x", _of_largest("orm loop", "ours, changes"), at_least=True),
    Goal(
        "1 % dirty / full SQL with members added up",
        0.08,
        " x",
        _of_largest("ours, dirty", "by hand, members"),
        only_at_full_size=True,
    ),
    Goal("one household, commit included, p50", 5, " ms", _saving, only_at_full_size=True),
    Goal("cost per household, 1M / 10k", 1.3, " x", _growth, only_at_full_size=True),
)
