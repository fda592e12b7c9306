"""The goals of the screening benchmark say honestly what was met, missed, and not measured."""

import pytest

from benchmarks.screening.goals import GOALS, WHOLE, paired
from benchmarks.screening.variants import Rounds

NAMES = (
    "ours, full",
    "ours, changes",
    "ours, dirty",
    "by hand",
    "by hand, members",
    "orm loop",
    "openfisca",
    "openfisca, copy",
)


def measured(households: int, **seconds: float) -> Rounds:
    """Three equal rounds in which everything takes a second, but for what is said (``ours_full`` is “ours, full”)."""
    given = {name.replace("_", ", "): value for name, value in seconds.items()}
    rounds = Rounds(households, households * 3, one_household=[0.004] * 20)
    for name in NAMES:
        for _ in range(3):
            rounds.add(name, given.get(name, 1.0))
    return rounds


def verdicts(found: dict[int, Rounds]) -> dict[str, tuple[bool, str]]:
    return {goal.title: goal.verdict(found) for goal in GOALS}


def test_what_needs_a_million_households_is_not_called_met_by_a_quick_run():
    said = verdicts({10_000: measured(10_000), 100_000: measured(100_000)})
    missed, line = said["one household, commit included, p50"]
    assert not missed
    assert line.startswith("not measured")


def test_a_goal_that_is_missed_is_named_with_what_was_measured():
    found = {10_000: measured(10_000), WHOLE: measured(WHOLE, ours_full=1.6)}
    missed, line = verdicts(found)["full / hand-written SQL"]
    assert missed
    assert line.startswith("MISSED")
    assert "1.6 x" in line


def test_a_goal_that_asks_for_at_least_so_much_is_met_by_more():
    found = {10_000: measured(10_000), WHOLE: measured(WHOLE, ours_full=0.02)}
    assert verdicts(found)["ORM loop / full"][1].startswith("met")


def test_a_busy_round_does_not_move_the_ratio():
    rounds = measured(10_000)
    rounds.seconds["ours, full"][1], rounds.seconds["by hand"][1] = 50.0, 40.0
    assert paired(rounds, "ours, full", "by hand") == pytest.approx(1.0)
