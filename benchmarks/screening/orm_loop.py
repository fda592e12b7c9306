"""The loop that most programs would run: households with everything prefetched, rules in Python, bulk_create."""

import datetime

from django.db.models import Prefetch

from accounts.models import Region
from households.models import Facts, Household, Member
from monitoring.models import Assessment, Case

WHOLE, FEW = (
    10_000,
    4_000,
)  # households: up to the first all of them, beyond only the second, and the time is multiplied
CHUNK = 2_000
LINE = 500_000
RISK, CLASSES = 64, {"lifted": "RELAPSE", "ordinary": "EDGE"}


def looped(households: int) -> int:
    """Over how many of so many households the loop is run."""
    return households if households <= WHOLE else FEW


def write(region: Region, on: datetime.date, most: int) -> None:
    """Write a conclusion for each of the first households of the region."""
    start, end = region.path_range
    households = Household.objects.filter(village__path__gte=start, village__path__lt=end, closed_on=None)
    # What is encrypted stays shut, which makes the loop faster than one that reads everything.
    members = Member.objects.defer("id_number", "phone")
    facts = Facts.objects.filter(begins_on__lte=on, replaced_on=None)
    related = (Prefetch("members", members), Prefetch("facts", facts), Prefetch("cases", Case.objects.all()))
    found = households.defer("phone").order_by("number").prefetch_related(*related)[:most]
    made = [_conclusion(household, on) for household in found.iterator(chunk_size=CHUNK)]
    Assessment.objects.bulk_create([one for one in made if one is not None], batch_size=CHUNK)


def _conclusion(household: Household, on: datetime.date) -> Assessment | None:
    facts = next(iter(household.facts.all()), None)
    if facts is None:
        return None
    persons = sum(member.lives_here and member.left_on is None for member in household.members.all())
    designated = any(_is_designated(case, on) for case in household.cases.all())
    bits = _rule_bits(facts, persons, designated)
    decision = _decision(bits)
    outcome = _outcome(decision, facts.household_type)
    silent = outcome in ("NA", "INCOMPLETE")
    near_bits, margin = _distance(facts, persons)
    return Assessment(
        household=household,
        village_id=facts.village_id,
        facts=facts,
        visited_on=facts.visited_on,
        on=on,
        policy_date=on,
        ruleset="zaozhuang_2020",
        outcome=outcome,
        rule_bits=bits,
        flag_bits=0 if silent else (bits >> 9 & 1) + (bits >> 7 & 1) * 2,
        decision=decision,
        near_bits=near_bits,
        lacks_one=decision > 4 and not silent and bits & 112 > 0,
        margin=margin,
    )


def _is_designated(case: Case, on: datetime.date) -> bool:
    gone = case.removed_on is not None and case.removed_on <= on
    begun = case.decided_on is not None and case.decided_on <= on
    return begun and not gone and case.stage not in ("refused", "closed")


def _rule_bits(facts: Facts, persons: int, designated: bool) -> int:
    complete = facts.net_income is not None and facts.disposable_income is not None
    low = facts.net_income is not None and persons > 0 and facts.net_income < persons * LINE
    rules = (
        persons == 0,
        facts.household_type not in CLASSES,
        not complete,
        designated,
        low and facts.household_type == "lifted",
        low and facts.household_type == "ordinary",
        facts.risk_bits > 0,
        facts.guarantee_bits > 0,
        facts.guarantees_unanswered > 0,
        facts.negative_bits > 0,
    )
    return sum(1 << place for place, met in enumerate(rules) if met)


def _decision(bits: int) -> int:
    low = bits & 48
    rows = (bits & 1, bits & 2, bits & 4, bits & 8, low and bits & RISK, low, bits & 192, bits & 256)
    return next((number for number, met in enumerate(rows) if met), len(rows))


def _outcome(decision: int, household_type: str) -> str:
    words = ("NA", "NA", "INCOMPLETE", "", "", "REVIEW_RISK", "WATCH", "INCOMPLETE", "NONE")
    return words[decision] or CLASSES[household_type]


def _distance(facts: Facts, persons: int) -> tuple[int, int | None]:
    if facts.net_income is None or persons == 0 or facts.household_type not in CLASSES:
        return 0, None
    line = persons * LINE
    missing = facts.net_income - line
    if not 0 <= missing <= line:
        return 0, None
    near = missing * 10 <= line
    return (16 if facts.household_type == "lifted" else 32) if near else 0, missing * 1000 // line
