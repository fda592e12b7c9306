"""枣庄2020 in numpy alone: what the arithmetic costs without a database and without a framework."""

import numpy as np

from benchmarks.screening.memory.arrays import OUTCOMES, TYPES, Conclusions, Facts

LINE = 500_000  # fen a head, for both types
CODE = {code: place for place, code in enumerate(OUTCOMES)}
LIFTED, POOR = TYPES["lifted"], TYPES["registered_poor"]


def judge(facts: Facts) -> Conclusions:
    """The rules of 枣庄2020, in the order of its decision table."""
    persons = np.bincount(facts.household_of, weights=facts.lives_here, minlength=len(facts.kind)).astype(np.int64)
    line = persons * LINE
    lifted, ordinary = facts.kind == LIFTED, facts.kind == TYPES["ordinary"]
    below = facts.complete & (persons > 0) & (facts.net_income < line)
    rules = (
        persons == 0,
        facts.kind == POOR,
        ~facts.complete,
        facts.designated,
        below & lifted,
        below & ordinary,
        facts.risk_bits > 0,
        facts.guarantee_bits > 0,
        facts.guarantees_unanswered > 0,
        facts.negative_bits > 0,
    )
    nobody, outside, incomplete, designated, low_lifted, low_ordinary, risk, difficulty, unanswered, negative = rules
    rule_bits = sum(rule.astype(np.int32) << place for place, rule in enumerate(rules))
    low = low_lifted | low_ordinary
    decision = np.select(
        [nobody, outside, incomplete, designated, low & risk, low, risk | difficulty, unanswered],
        range(8),
        8,
    ).astype(np.int16)
    a_class = np.where(lifted, CODE["RELAPSE"], CODE["EDGE"])
    by_row = [
        CODE[code] for code in ("NA", "NA", "INCOMPLETE", "NA", "NA", "REVIEW_RISK", "WATCH", "INCOMPLETE", "NONE")
    ]
    outcome = np.where((decision == 3) | (decision == 4), a_class, np.array(by_row)[decision])
    speaks = (outcome != CODE["NA"]) & (outcome != CODE["INCOMPLETE"])
    flag_bits = (negative & speaks).astype(np.int32) + ((difficulty & speaks).astype(np.int32) << 1)
    missing = np.where(facts.complete & (persons > 0) & (lifted | ordinary), facts.net_income - line, -1)
    near = (missing >= 0) & (missing * 10 <= line)
    near_bits = np.where(near, np.where(lifted, 1 << 4, 1 << 5), 0).astype(np.int32)
    has_margin = (missing >= 0) & (missing <= line)
    margin = np.where(has_margin, missing * 1000 // np.maximum(line, 1), -1)
    lacks_one = speaks & (decision > 4) & (low | risk)
    return Conclusions(outcome, rule_bits, flag_bits, decision, near_bits, lacks_one, margin)
