"""Facts out of PostgreSQL into arrays, and conclusions back, both by COPY: the fastest way that Python has to its tables."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

TYPES = {"ordinary": 0, "lifted": 1, "registered_poor": 2}
OUTCOMES = ("RELAPSE", "EDGE", "WATCH", "REVIEW_RISK", "INCOMPLETE", "NONE", "NA")
OUT = """
COPY (
  SELECT facts.id, facts.household_id, facts.village_id, facts.visited_on, facts.household_type,
    coalesce(facts.net_income, 0) AS net_income,
    facts.net_income IS NOT NULL AND facts.disposable_income IS NOT NULL AS complete,
    facts.persons, facts.hukou_persons, facts.risk_bits, facts.guarantee_bits, facts.guarantees_unanswered,
    facts.negative_bits, designated.household_id IS NOT NULL AS designated
  FROM households_facts facts
    LEFT JOIN (
      SELECT household_id FROM monitoring_case
      WHERE decided_on <= '{on}' AND (removed_on IS NULL OR removed_on > '{on}') AND stage NOT IN ('refused', 'closed')
      GROUP BY household_id
    ) designated ON designated.household_id = facts.household_id
  WHERE facts.begins_on <= '{on}' AND (facts.replaced_on IS NULL OR facts.replaced_on > '{on}')
    AND facts.visited_on <= '{on}' AND facts.visited_on > date '{on}' - interval '12 months'
) TO STDOUT (FORMAT csv, HEADER)
"""
IN = """
COPY monitoring_assessment (facts_id, household_id, village_id, visited_on, outcome, rule_bits, flag_bits, decision,
  near_bits, lacks_one, margin, "on", policy_date, ruleset, level, made_at) FROM STDIN (FORMAT csv)
"""


@dataclass(frozen=True)
class Facts:
    """One number for each household, and for each person the place of his household."""

    table: pl.DataFrame
    kind: np.ndarray
    net_income: np.ndarray
    complete: np.ndarray
    risk_bits: np.ndarray
    guarantee_bits: np.ndarray
    guarantees_unanswered: np.ndarray
    negative_bits: np.ndarray
    designated: np.ndarray
    household_of: np.ndarray  # of each person
    lives_here: np.ndarray  # of each person


@dataclass(frozen=True)
class Conclusions:
    """What the rules make of each household; ``margin`` below zero is none."""

    outcome: np.ndarray
    rule_bits: np.ndarray
    flag_bits: np.ndarray
    decision: np.ndarray
    near_bits: np.ndarray
    lacks_one: np.ndarray
    margin: np.ndarray

    def tally(self) -> dict[str, Any]:
        """What is compared between the peers."""
        numbers = np.bincount(self.outcome, minlength=len(OUTCOMES))
        return {
            "outcomes": {code: int(count) for code, count in zip(OUTCOMES, numbers, strict=True) if count},
            "rule_bits": int(self.rule_bits.sum(dtype=np.int64)),
            "flag_bits": int(self.flag_bits.sum(dtype=np.int64)),
            "near_bits": int(self.near_bits.sum(dtype=np.int64)),
            "lacks_one": int(self.lacks_one.sum()),
            "margin": int(self.margin[self.margin >= 0].sum(dtype=np.int64)),
        }


def read_facts(connection: Any, on: str) -> Facts:
    """COPY the facts of a day out."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(OUT.format(on=on), buffer)
    connection.commit()
    text = {"household_id": pl.String, "visited_on": pl.String, "household_type": pl.String}
    flags = {"complete": pl.String, "designated": pl.String}
    table = pl.read_csv(buffer.getvalue(), schema_overrides={**text, **flags})
    members = table["hukou_persons"].to_numpy()
    ends = np.cumsum(members)
    place = np.arange(ends[-1]) - np.repeat(ends - members, members)
    return Facts(
        table=table.select("id", "household_id", "village_id", "visited_on"),
        kind=table["household_type"].replace_strict(TYPES, return_dtype=pl.Int32).to_numpy(),
        net_income=table["net_income"].to_numpy(),
        complete=(table["complete"] == "t").to_numpy(),
        risk_bits=table["risk_bits"].to_numpy(),
        guarantee_bits=table["guarantee_bits"].to_numpy(),
        guarantees_unanswered=table["guarantees_unanswered"].to_numpy(),
        negative_bits=table["negative_bits"].to_numpy(),
        designated=(table["designated"] == "t").to_numpy(),
        household_of=np.repeat(np.arange(len(members)), members),
        lives_here=place < np.repeat(table["persons"].to_numpy(), members),
    )


def write_conclusions(connection: Any, facts: Facts, found: Conclusions, on: str) -> None:
    """COPY the conclusions in, as rows like the product's own."""
    names = pl.DataFrame({"outcome": np.arange(len(OUTCOMES)), "name": list(OUTCOMES)})
    table = facts.table.with_columns(
        names["name"].gather(found.outcome).alias("outcome"),
        pl.Series("rule_bits", found.rule_bits),
        pl.Series("flag_bits", found.flag_bits),
        pl.Series("decision", found.decision),
        pl.Series("near_bits", found.near_bits),
        pl.Series("lacks_one", found.lacks_one),
        pl.when(pl.Series(found.margin) >= 0).then(pl.Series(found.margin)).alias("margin"),
        on=pl.lit(on),
        policy_date=pl.lit(on),
        ruleset=pl.lit("zaozhuang_2020"),
        level=pl.lit('""'),
        made_at=pl.lit(f"{on} 12:00:00"),
    )
    buffer = io.BytesIO()
    table.write_csv(buffer, include_header=False, quote_style="never")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(IN, buffer)
    connection.commit()
