"""What is true of every rule, fact and value, so that a new one cannot forget it."""

import datetime
import io
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from monitoring.models import Outcome
from monitoring.policy.explain import names_in
from monitoring.policy.facts import FACTS
from monitoring.policy.figures import Figures
from monitoring.policy.rules import RULES, rules_of
from monitoring.policy.rulesets import FOLDER, RuleSetRefused, known_codes, read, ruleset
from monitoring.policy.values import policy_in_force
from tests.monitoring.test_rules import EXAMPLES

SETS = [ruleset(code) for code in known_codes()]
VALUES = [value for rules in SETS for parameter in rules.parameters.values() for value in parameter.values]


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_a_clause_and_examples_on_both_sides(code):
    rule = RULES[code]
    assert rule.code == code
    assert rule.clause
    assert rule.title
    assert rule.next_step
    assert {example["meets"] for example in EXAMPLES if example["rule"] == code} == {True, False}


@pytest.mark.parametrize("code", RULES)
def test_a_cited_reading_is_a_page(code):
    reading = RULES[code].reading
    assert not reading or (Path(settings.BASE_DIR) / reading).is_file()


def test_a_rule_without_a_clause_of_the_document_cites_its_reading():
    assert [rule.code for rule in RULES.values() if "文件未规定" in rule.clause and not rule.reading] == []


def test_every_rule_is_in_a_rule_set_and_every_derived_fact_in_a_rule():
    assert {rule.code for rules in SETS for rule in rules_of(rules)} == set(RULES)
    assert {name for rule in RULES.values() for name in rule.facts} >= set(FACTS)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.key} {value.starts_on}")
def test_every_value_has_a_source(value):
    assert value.source.strip()


def test_every_outcome_of_a_table_can_be_stored():
    outcomes = {outcome for rules in SETS for decision in rules.decisions for outcome in decision.outcome.values()}
    assert outcomes <= set(Outcome.values)


def test_every_name_in_a_reason_is_a_parameter_or_a_figure():
    for rules in SETS:
        sentences = [words for row in (*rules.decisions, *rules.flags) for words in row.reason.values()]
        names = {name for sentence in sentences for name in names_in(sentence)}
        assert {name for name in names if name not in rules.parameters and not hasattr(Figures, name)} == set()


def test_the_letter_of_a_rule_belongs_to_one_rule_set():
    letters = [{code[0] for code in rules.rules} for rules in SETS]
    assert all(len(letter) == 1 for letter in letters)
    assert len(set().union(*letters)) == len(SETS)


def test_only_zaozhuang_is_in_force_where_nothing_else_is_asked_for():
    latest = max(rules.begins_on for rules in SETS)
    for day in (datetime.date(2020, 3, 5), datetime.date(2020, 6, 30), latest, datetime.date(2026, 1, 1)):
        assert policy_in_force(None, day).ruleset.code == "zaozhuang_2020"


def test_the_printed_policy_is_fresh():
    out = io.StringIO()
    call_command("print_policy", stdout=out)
    assert (Path(settings.BASE_DIR) / "docs" / "policy.md").read_text(encoding="utf-8") == out.getvalue()


SHIPPED = (FOLDER / "zaozhuang_2020.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('title = "枣庄2020"', 'title = "枣庄2020"\ncolour = "red"'),
        ("from = 2020-03-05", "since = 2020-03-05"),
        ('source = "文件未规定，参数：取各地通行的5天"', 'source = " "'),
        ("values = [{ from = 2020-03-05", "values = [{ from = 2020-03-06"),
        ('met = [["Z01"]]', 'met = [["Z99"]]'),
        ('met = [["Z01"]]', "met = []"),
        ('NA = "不适用"', ""),
        ('code = "zaozhuang_2020"', 'code = "elsewhere"'),
        ('value = "5"', 'value = "five"'),
        ("[procedure]", "[procedure"),
        ('ordinary = "edge_line" }', 'ordinary = "some_line" }'),
        ("lines = { lifted", "lines = { others"),
    ],
)
def test_a_rule_set_that_is_not_whole_is_refused_by_name(tmp_path, before, after):
    assert before in SHIPPED
    file = tmp_path / "zaozhuang_2020.toml"
    file.write_text(SHIPPED.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(RuleSetRefused, match=r"zaozhuang_2020\.toml"):
        read(file)


def test_the_shipped_file_is_whole():
    assert tomllib.loads(SHIPPED)["code"] == read(FOLDER / "zaozhuang_2020.toml").code
