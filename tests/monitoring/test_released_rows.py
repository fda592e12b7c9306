"""A database of the first version, with rows in it, comes to today's tables without losing what was said."""

import importlib
from typing import Any

import pytest

from monitoring.policy.rulesets import ruleset
from tests.support.released import carried_over


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The conclusions after the migrations, on the engine of this run."""
    return carried_over("tests.support.released_version", tmp_path_factory)["conclusions"]


def of_household(rows: list[dict[str, Any]], number: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows if row["household__number"] == number]


def test_every_conclusion_is_there_and_ends_where_the_next_begins(rows):
    assert of_household(rows, "7", "on", "replaced_on", "outcome") == [
        ("2020-05-08", "2020-06-01", "RELAPSE"),
        ("2020-06-01", None, "WATCH"),
    ]


def test_rules_flags_and_the_row_of_the_table_become_numbers(rows):
    found = of_household(rows, "7", "rule_bits", "flag_bits", "decision")
    assert found == [(0b101, 0b10, 4), (0b10, 0b10, 4)]


def test_a_conclusion_rests_on_the_family_that_it_had_seen(rows):
    assert of_household(rows, "7", "facts__persons", "facts__begins_on", "facts__replaced_on") == [
        (2, "2020-05-08", "2020-06-01"),
        (3, "2020-06-01", None),
    ]


def test_the_last_conclusion_of_a_closed_household_ends_with_it(rows):
    assert [ends for (ends,) in of_household(rows, "8", "replaced_on")] == ["2020-06-01", "2020-06-20"]
    assert [ends for (ends,) in of_household(rows, "8", "facts__replaced_on")] == ["2020-06-01", "2020-06-20"]


def test_what_an_old_visit_says_of_losses_is_told_from_its_items(rows):
    assert {row["facts__operating_loss"] for row in rows} == {200}


def test_the_places_that_bits_were_given_then_are_the_places_now():
    carried = importlib.import_module("monitoring.migrations.0003_copy_assessments")
    rules = ruleset("zaozhuang_2020")
    assert list(rules.rules[: len(carried.RULES)]) == carried.RULES
    assert [flag.code for flag in rules.flags][: len(carried.FLAGS)] == carried.FLAGS
