"""枣庄2020 as a country of OpenFisca: persons, households, one variable for each fact, each rule and the conclusion."""

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benchmarks.screening.memory.arrays import OUTCOMES, TYPES, Conclusions, Facts

LINE = 500_000
CODE = {code: place for place, code in enumerate(OUTCOMES)}
PERIOD = "2020"
PERSON = build_entity(key="person", plural="persons", label="person", is_person=True)
HOUSEHOLD = build_entity(key="household", plural="households", label="household", roles=[{"key": "member"}])
INPUTS = {
    "kind": int,
    "net_income": int,
    "complete": bool,
    "risk_bits": int,
    "guarantee_bits": int,
    "guarantees_unanswered": int,
    "negative_bits": int,
    "designated": bool,
}
RULES = {
    "z01": lambda home, year: home("persons", year) == 0,
    "z02": lambda home, year: home("kind", year) == TYPES["registered_poor"],
    "z03": lambda home, year: ~home("complete", year),
    "z04": lambda home, year: home("designated", year),
    "z05": lambda home, year: home("below", year) & (home("kind", year) == TYPES["lifted"]),
    "z06": lambda home, year: home("below", year) & (home("kind", year) == TYPES["ordinary"]),
    "z07": lambda home, year: home("risk_bits", year) > 0,
    "z08": lambda home, year: home("guarantee_bits", year) > 0,
    "z09": lambda home, year: home("guarantees_unanswered", year) > 0,
    "z10": lambda home, year: home("negative_bits", year) > 0,
}


def _below(home, year):
    persons = home("persons", year)
    return home("complete", year) & (persons > 0) & (home("net_income", year) < persons * LINE)


def _rule_bits(home, year):
    return sum(home(code, year).astype(np.int32) << place for place, code in enumerate(RULES))


def _decision(home, year):
    low, risk = home("z05", year) | home("z06", year), home("z07", year)
    rows = [home(code, year) for code in ("z01", "z02", "z03", "z04")]
    rows += [low & risk, low, risk | home("z08", year), home("z09", year)]
    return np.select(rows, range(8), 8)


def _outcome(home, year):
    row = home("decision", year)
    a_class = np.where(home("kind", year) == TYPES["lifted"], CODE["RELAPSE"], CODE["EDGE"])
    words = ("NA", "NA", "INCOMPLETE", "NA", "NA", "REVIEW_RISK", "WATCH", "INCOMPLETE", "NONE")
    return np.where((row == 3) | (row == 4), a_class, np.array([CODE[word] for word in words])[row])


def _speaks(home, year):
    outcome = home("outcome", year)
    return (outcome != CODE["NA"]) & (outcome != CODE["INCOMPLETE"])


def _flag_bits(home, year):
    speaks = home("speaks", year)
    return (home("z10", year) & speaks) + 2 * (home("z08", year) & speaks)


def _missing(home, year):
    persons = home("persons", year)
    compared = home("complete", year) & (persons > 0) & (home("kind", year) != TYPES["registered_poor"])
    return np.where(compared, home("net_income", year) - persons * LINE, -1)


def _near_bits(home, year):
    missing = home("missing", year)
    near = (missing >= 0) & (missing <= home("persons", year) * (LINE // 10))
    return np.where(near, np.where(home("kind", year) == TYPES["lifted"], 1 << 4, 1 << 5), 0)


def _margin(home, year):
    missing, line = home("missing", year), home("persons", year) * LINE
    return np.where((missing >= 0) & (missing <= line), missing.astype(np.int64) * 1000 // np.maximum(line, 1), -1)


def _lacks_one(home, year):
    short = home("z05", year) | home("z06", year) | home("z07", year)
    return home("speaks", year) & (home("decision", year) > 4) & short


FORMULAS = {
    "persons": (int, lambda home, year: home.sum(home.members("lives_here", year))),
    "below": (bool, _below),
    **{code: (bool, condition) for code, condition in RULES.items()},
    "rule_bits": (int, _rule_bits),
    "decision": (int, _decision),
    "outcome": (int, _outcome),
    "speaks": (bool, _speaks),
    "flag_bits": (int, _flag_bits),
    "missing": (int, _missing),
    "near_bits": (int, _near_bits),
    "margin": (int, _margin),
    "lacks_one": (bool, _lacks_one),
}
WANTED = ("outcome", "rule_bits", "flag_bits", "decision", "near_bits", "lacks_one", "margin")


def _variable(name, entity, value_type, formula=None):
    body = {"value_type": value_type, "entity": entity, "definition_period": DateUnit.YEAR, "label": name}
    if formula is not None:
        body["formula"] = lambda population, period, parameters: formula(population, period)
    return type(name, (Variable,), body)


def country() -> TaxBenefitSystem:
    """The rules; made once, as a program that serves many simulations would."""
    system = TaxBenefitSystem([PERSON, HOUSEHOLD])
    system.add_variable(_variable("lives_here", PERSON, bool))
    for name, value_type in INPUTS.items():
        system.add_variable(_variable(name, HOUSEHOLD, value_type))
    for name, (value_type, formula) in FORMULAS.items():
        system.add_variable(_variable(name, HOUSEHOLD, value_type, formula))
    return system


def judge(system: TaxBenefitSystem, facts: Facts) -> Conclusions:
    """Build persons and households, set what is known of them, calculate."""
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(facts.household_of)))
    homes = np.arange(len(facts.kind))
    group = builder.declare_entity("household", homes)
    builder.join_with_persons(group, facts.household_of, np.zeros(len(facts.household_of), dtype=int))
    simulation = builder.build(system)
    simulation.set_input("lives_here", PERIOD, facts.lives_here)
    for name in INPUTS:
        simulation.set_input(name, PERIOD, getattr(facts, name))
    return Conclusions(**{name: np.asarray(simulation.calculate(name, PERIOD)) for name in WANTED})
