"""What is true of every rule, fact and value, so that a new one cannot forget it."""

import datetime
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from monitoring.models import Outcome, RiskLevel
from monitoring.policy.explain import names_in
from monitoring.policy.facts import FACTS
from monitoring.policy.figures import Figures
from monitoring.policy.reading import ASKS, DAYS, NEEDED
from monitoring.policy.rules import RULES, rules_of
from monitoring.policy.rulesets import FOLDER, known_codes, read, ruleset
from monitoring.policy.values import policy_in_force
from monitoring.procedures import TOTAL
from tests.monitoring.test_rules import EXAMPLES, facts_of, policy_of

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


def test_a_number_that_is_left_to_the_district_says_why_it_is_empty():
    empty = [parameter for rules in SETS for parameter in rules.parameters.values() if not parameter.values]
    assert len([parameter for parameter in empty if parameter.unit not in DAYS]) == 5
    assert all(parameter.set_by_district and parameter.source for parameter in empty)


def test_a_limit_that_no_document_gives_is_left_to_the_district():
    for rules in SETS:
        limits = {step.limit for step in rules.procedure.steps} | {TOTAL}
        given = {key for key in limits if rules.parameters[key].values}
        assert given == (limits if rules.code == "national_2021" else set())


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


def test_every_rule_set_says_of_the_same_items_whether_they_count():
    named = [{(item.field, item.name) for item in rules.income_items} for rules in SETS]
    assert all(len(items) > 40 for items in named)
    assert all(items == named[0] for items in named)
    assert all(rules.income_items_source and rules.income.source and rules.colours.source for rules in SETS)


def test_the_survey_asks_what_the_rules_look_at_and_nothing_else():
    for rules in SETS:
        looked_at = {name for rule in rules_of(rules) for name in rule.facts}
        wanted = {ask for ask, facts in ASKS.items() if looked_at & set(facts)}
        assert set(rules.asks) == wanted, rules.code


def test_income_is_compared_as_it_is_counted_by_the_basis_of_the_rule_set():
    for rules in SETS:
        compared = {name for rule in rules_of(rules) for name in rule.facts} & {"counted_net", "counted_disposable"}
        assert compared == {f"counted_{rules.income.basis}"}


def test_every_number_is_read_somewhere():
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for app in ("monitoring", "assistance")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
    )
    keys = {key for rules in SETS for key in rules.parameters}
    by_line = {key for rules in SETS for key in rules.lines.values()}
    limits = {step.limit for rules in SETS for step in rules.procedure.steps}
    assert {key for key in keys - by_line - limits - set(NEEDED) if f'"{key}"' not in code} == set()


def test_only_the_offices_are_told_who_may_be_poor():
    suspected = [flag.rule for rules in SETS for flag in rules.flags if flag.code == "POOR_SUSPECT"]
    assert len(suspected) == 3
    assert all(RULES[code].office_only for code in suspected)


def test_every_level_is_beside_a_class_and_has_a_name_and_a_next_step():
    graded = [(rules, row) for rules in SETS for row in rules.decisions if row.level]
    assert {row.level for _rules, row in graded} == set(RiskLevel.values)
    for rules, row in graded:
        assert row.outcome == {"": "NONE"}
        assert rules.next_step_of(row, "lifted") == rules.next_steps[row.level]
        assert rules.label_of(row, "lifted")


GAUGED = [example for example in EXAMPLES if RULES[example["rule"]].gap]


@pytest.mark.parametrize("example", GAUGED, ids=lambda example: f"{example['rule']} {example['name']}")
def test_a_rule_that_is_met_misses_nothing_and_one_that_is_not_misses_something(place, staff, make, example):
    rule, policy = RULES[example["rule"]], policy_of(example, place.village)
    gap = rule.gap(policy)
    if gap is None:
        assert not example["meets"]
        return
    derived = {name: FACTS[name](policy) for name in rule.facts if name in FACTS}
    rows = facts_of(example, place, staff, make).alias(**derived).annotate(missing=gap[0], whole=gap[1])
    missing, whole = rows.values_list("missing", "whole").get()
    if example["meets"]:
        assert missing < 0
    else:
        assert missing is None or missing >= 0 or not whole or whole <= 0 or rule.code == "L08"


def test_the_same_rule_set_has_the_same_version_and_another_number_another_one(tmp_path):
    for rules in SETS:
        text = (FOLDER / f"{rules.code}.toml").read_text(encoding="utf-8")
        assert read(FOLDER / f"{rules.code}.toml").version == rules.version
        changed = tmp_path / f"{rules.code}.toml"
        changed.write_text(text.replace('value = "5"', 'value = "6"', 1), encoding="utf-8")
        assert read(changed).version != rules.version
