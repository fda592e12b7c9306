"""One INSERT … SELECT for 枣庄2020, written by hand: the floor that a general engine is measured against."""

import datetime
from typing import Any

from accounts.models import Region
from benchmarks.screening import rows

COLUMNS = (
    'facts_id, household_id, village_id, visited_on, "on", policy_date, ruleset, outcome, level, rule_bits, flag_bits, '
    "decision, near_bits, lacks_one, margin, made_at"
)
CHOSEN = (
    "id, household_id, village_id, visited_on, %(on)s, %(on)s, 'zaozhuang_2020', outcome, '', rule_bits, flag_bits, "
    "decision, near_bits, lacks_one, margin, now()"
)
# Persons as the facts keep them, or every member added up.
KEPT = {"persons": "facts.persons::bigint", "members": ""}
ADDED_UP = {
    "persons": "coalesce(together.persons, 0)",
    "members": """LEFT JOIN (
            SELECT household_id, count(*) FILTER (WHERE lives_here AND left_on IS NULL) AS persons
            FROM households_member GROUP BY household_id
          ) together ON together.household_id = facts.household_id""",
}
TALLY = (
    "outcome, count(*), sum(rule_bits), sum(flag_bits), sum(near_bits), count(*) FILTER (WHERE lacks_one), "
    "coalesce(sum(margin), 0)"
)
SUMS = ("rule_bits", "flag_bits", "near_bits", "lacks_one", "margin")


def write(region: Region, on: datetime.date, way: dict[str, str]) -> None:
    """Write a conclusion for every household of the region."""
    rows.run(
        f"INSERT INTO monitoring_assessment ({COLUMNS}) SELECT {CHOSEN} FROM ({_judged(way)}) one", _given(region, on)
    )


def expected(region: Region, on: datetime.date) -> dict[str, Any]:
    """What the conclusions of a day add up to, asked of the facts and not of anything written."""
    return _summed(rows.ask(f"SELECT {TALLY} FROM ({_judged(KEPT)}) one GROUP BY outcome", _given(region, on)))


def written() -> dict[str, Any]:
    """What the conclusions that now stand add up to."""
    return _summed(rows.ask(f"SELECT {TALLY} FROM monitoring_assessment WHERE replaced_on IS NULL GROUP BY outcome"))


def _judged(way: dict[str, str]) -> str:
    return (rows.SQL / "judged.sql").read_text().format(**way)


def _given(region: Region, on: datetime.date) -> dict[str, Any]:
    start, end = region.path_range
    return {"on": on, "start": start, "end": end}


def _summed(found: list[tuple]) -> dict[str, Any]:
    sums = {name: int(sum(row[place] for row in found)) for place, name in enumerate(SUMS, start=2)}
    return {"outcomes": {row[0]: row[1] for row in found}, **sums}
