"""The statement of a what-if run: of each household present, its code by today's policy and by the draft."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Region
from monitoring.models import PolicyTrial, TrialCount
from monitoring.parts import NOT_VISITED, present_on
from monitoring.policy.engine import Statement, judged
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import Policy, policy_in_force

CODE = "CASE WHEN level = '' THEN outcome ELSE level END"
TABLE = TrialCount._meta.db_table


@dataclass(frozen=True)
class Pair:
    """Today's policy of a district, and the draft's, both for the trial's day."""

    before: Policy
    after: Policy


def policies(trial: PolicyTrial, district: Region) -> Pair:
    """What is compared in a district: what had been confirmed when the trial was asked for, and that with the draft.

    The draft holds with all that will hold on its first day; households are judged as of the trial's day by both. Two queries.
    """
    known = trial.created_at
    before = policy_in_force(district, trial.on, known_by=known)
    after = policy_in_force(district, trial.drafted_for, known_by=known, draft=trial.draft)
    return Pair(before, after.as_of(trial.on))


def count_moves(trial: PolicyTrial, pair: Pair, villages: Sequence[int]) -> None:
    """Add the counts of these villages to the trial, by one statement."""
    moves = _moves(trial, pair, villages)
    sql = f"""
        INSERT INTO {TABLE} (trial_id, village_id, "before", "after", households)
        SELECT %s, village_id, was, becomes, COUNT(*) FROM ({moves.sql}) AS moves GROUP BY village_id, was, becomes
        """  # noqa: S608  names of our own, values as parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, [_key(trial), *moves.params])


def households_moving(trial: PolicyTrial, pair: Pair, villages: Sequence[int], before: str, after: str) -> list[str]:
    """Keys of the households of these villages that go from one code to the other, asked of today's facts."""
    moves = _moves(trial, pair, villages)
    sql = f"SELECT household_id FROM ({moves.sql}) AS moves WHERE was = %s AND becomes = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*moves.params, before, after])
        return [row[0] for row in cursor.fetchall()]


def _moves(trial: PolicyTrial, pair: Pair, villages: Sequence[int]) -> Statement:
    """One row for each household present: its village and both codes; NOT_VISITED where no visit counts.

    A union that is grouped, not a join: what a wrong guess of the planner could make slow is not asked of it.
    """
    present = present_on(trial.on).filter(village__in=villages).order_by().values_list("id", "village_id")
    sql, params = present.query.sql_with_params()
    before, after = (
        judged(facts_in_force(policy).filter(village__in=villages), policy) for policy in (pair.before, pair.after)
    )
    whole = f"""
        SELECT household_id, MAX(village_id) AS village_id, {_or_not_visited("was")}, {_or_not_visited("becomes")}
        FROM (
          SELECT id AS household_id, village_id, '' AS was, '' AS becomes FROM ({sql}) AS present
          UNION ALL SELECT household_id, village_id, {CODE}, '' FROM ({before.sql}) AS by_today
          UNION ALL SELECT household_id, village_id, '', {CODE} FROM ({after.sql}) AS by_draft
        ) AS codes GROUP BY household_id
        """  # noqa: S608
    columns = ("household_id", "village_id", "was", "becomes")
    return Statement(whole, (*params, *before.params, *after.params), columns)


def _or_not_visited(code: str) -> str:
    return f"COALESCE(NULLIF(MAX({code}), ''), '{NOT_VISITED}') AS {code}"


def _key(trial: PolicyTrial) -> str:
    return PolicyTrial._meta.pk.get_db_prep_value(trial.pk, connection)
