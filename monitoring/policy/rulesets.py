"""The rule sets that ship, by code; each is one TOML file, read once."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from monitoring.policy.reading import read
from monitoring.policy.shapes import (
    DatedValue,
    Decision,
    Flag,
    Parameter,
    RuleSet,
    RuleSetRefused,
)

__all__ = [
    "FOLDER",
    "DatedValue",
    "Decision",
    "Flag",
    "Parameter",
    "RuleSet",
    "RuleSetRefused",
    "known_codes",
    "named_bits",
    "read",
    "ruleset",
]

FOLDER = Path(__file__).parent / "rulesets"


def named_bits(codes: Sequence[str], bits: int) -> list[str]:
    """The codes whose place is set in the bits, in their own order."""
    return [code for place, code in enumerate(codes) if bits & 1 << place]


def known_codes() -> list[str]:
    """The rule sets that ship."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def ruleset(code: str) -> RuleSet:
    """The rule set with this code; raises RuleSetRefused with a sentence when there is none, or its file is not whole."""
    if code not in known_codes():
        raise RuleSetRefused(f"没有规则集“{code}”。可用的有：{'、'.join(known_codes())}。")
    return read(FOLDER / f"{code}.toml")
