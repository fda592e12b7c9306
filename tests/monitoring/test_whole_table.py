"""The table of steps, taken whole: every step from every stage by every role in every relation, for each rule set's procedure.

A step that only somebody else may take is tried by everybody in each procedure. Where it cannot matter what somebody did
before, the relations take turns from procedure to procedure, and where the case does not even stand, so do the steps: each
role tries each. WHOLE_TABLE=1 lets everybody try everything from everywhere in every procedure, which takes ten minutes.
"""

import os
from collections import Counter

import pytest
from django.db import connection

from monitoring.models import CaseKind, Stage
from monitoring.policy.rulesets import known_codes, ruleset
from monitoring.policy.values import policy_in_force
from monitoring.procedures import from_policy
from monitoring.steps import STEPS
from monitoring.workflow import steps_for
from tests.monitoring import expected_steps
from tests.monitoring.expected_steps import BY_THE_CLOCK, PATHS, Path
from tests.monitoring.whole_table import RELATIONS, ROLES, scene

WHOLE = os.environ.get("WHOLE_TABLE") == "1"
# A designation alone comes on the register and off it.
OF_DESIGNATIONS = ("registered", "removed")
IN_TURN = 7  # every seventh relation


@pytest.fixture(autouse=True)
def swept(django_db_setup, django_db_blocker):
    """Thousands of attempts that are rolled back leave PostgreSQL rows to wade through, unless they are swept away before."""
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")


def stages_of(kind):
    """Where a case of a kind may stand, whether on its path or not."""
    return [stage for stage in Stage.values if kind == CaseKind.DESIGNATION or stage not in OF_DESIGNATIONS]


def who_tries(here, path, *, apart, near):
    """The actors whose turn it is in this procedure."""
    if WHOLE or (apart and near):
        return here.actors
    turn = list(PATHS).index((path.rules, path.kind))
    relations = list(RELATIONS)[turn % len(RELATIONS) :] + list(RELATIONS)[: turn % len(RELATIONS)]
    chosen = relations[::IN_TURN] if near else relations[:1]
    return [one for one in here.actors if one.relation in chosen or (near and not one.posted_here)]


@pytest.mark.parametrize(("rules", "kind"), PATHS)
def test_every_step_from_every_stage_by_everybody_does_what_is_written(place, staff, make, rules, kind):
    path, found = Path(rules, kind), Counter()
    here = scene(rules, kind, place, staff, make)
    for stage in stages_of(kind):
        here.stand_at(stage)
        for name, step in expected_steps.STEPS.items():
            for actor in who_tries(here, path, apart=bool(step.apart_from_all_but), near=stage in step.sources):
                wanted = path.outcome(name, stage, actor.role if actor.posted_here else "", actor.did)
                here.attempt(name, actor.user, wanted)
                found[wanted] += 1
            here.attempt(name, None, path.outcome(name, stage, "cadre" if name in BY_THE_CLOCK else "", ""))
    assert min(found[one] for one in ("not allowed", "wrong stage", "no such step", "another person")) > 0
    assert {f"to {stage}" for stage in path.stages[1:]} <= set(found)


@pytest.mark.parametrize(("rules", "kind"), PATHS)
def test_the_buttons_are_the_steps_that_are_written(place, staff, make, rules, kind):
    path = Path(rules, kind)
    here = scene(rules, kind, place, staff, make)
    of_those_who_are_there = [
        name for name, step in expected_steps.STEPS.items() if not step.of_a_household_that_is_gone
    ]
    for stage in stages_of(kind):
        here.stand_at(stage)
        for actor in who_tries(here, path, apart=False, near=True):
            role = actor.role if actor.posted_here else ""
            outcomes = {name: path.outcome(name, stage, role, actor.did) for name in of_those_who_are_there}
            open_to_him = {name for name, outcome in outcomes.items() if outcome.startswith("to ")}
            for_others = {name for name, outcome in outcomes.items() if outcome == "another person"}
            offered = {choice.step.name: bool(choice.blocked) for choice in steps_for(here.case, actor.user)}
            assert {name for name, blocked in offered.items() if not blocked} == open_to_him
            assert {name for name, blocked in offered.items() if blocked} == for_others


def test_each_rule_set_has_the_paths_that_are_written_and_no_others(place, today):
    found = {}
    for code in known_codes():
        policy = policy_in_force(place.village, today, code)
        for kind in CaseKind:
            if policy.ruleset.procedure.path(kind):
                found[code, kind.value] = " ".join(from_policy(policy, kind, lifted=False).stages)
        decides = ruleset(code).procedure.decides
        assert decides == ("town" if code in expected_steps.TOWN_DECIDES else "county")
    assert found == PATHS


def test_what_is_written_names_every_step_every_role_and_every_desk():
    assert {step.name for step in STEPS} == set(expected_steps.STEPS)
    assert {step.name for step in STEPS if step.by_clock} == set(BY_THE_CLOCK)
    assert {step.name for step in STEPS if step.apart} == {
        name for name, step in expected_steps.STEPS.items() if step.apart_from_all_but
    }
    assert set(ROLES) == {*expected_steps.DESK_OF_ROLE, *expected_steps.ONLOOKERS}
    assert {did for did in RELATIONS.values() if did} == {"village", "town", "district"}
    assert len(PATHS) >= len(RELATIONS)  # each has its turn
