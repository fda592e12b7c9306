"""What each line of a department's list comes to: one statement joins the lines by blind index with the register."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.sql import fence, new_key
from assistance.catalogue import CatalogueMeasure, GivenTo, Kind
from assistance.limits import months_after
from assistance.list_sql import (
    CHANGED,
    DELIVERIES,
    HOUSEHOLDS,
    LINES,
    LISTS,
    MATCHED,
    MEMBERS,
    REGIONS,
    WRITTEN,
    ask,
    look_around,
    quoted,
    run,
    stay_on_one_core,
)
from assistance.models import DepartmentList, LineStatus
from households.codes import LifeEventKind

# Lines that the register answers; of the others the file itself says that they cannot be taken.
ANSWERED = tuple(
    status for status in LineStatus if status not in (LineStatus.REFUSED, LineStatus.DOUBLE, LineStatus.MISSING)
)
LEFT_WORDS = {
    LifeEventKind.DEATH: "登记去世",
    LifeEventKind.MARRIED_OUT: "登记婚出",
    LifeEventKind.MOVED_OUT: "登记迁出",
}
# Which deliveries a line may speak of, and which of several it does.
STANDING = {
    Kind.RUNNING: (
        "(stands.ended_on IS NULL OR (stands.ended_on >= %(month)s AND (found.day IS NULL OR found.day <= stands.ended_on)))",
        "CASE WHEN stands.ended_on IS NOT NULL THEN 2 WHEN stands.begun_on IS NULL THEN 1 ELSE 0 END",
    ),
    Kind.GRANT: (
        "(stands.begun_on IS NULL OR stands.begun_on = found.day OR (found.day IS NULL "
        "AND stands.begun_on >= %(month)s AND stands.begun_on < %(following)s))",
        "CASE WHEN stands.begun_on IS NULL THEN 1 ELSE 0 END",
    ),
    Kind.LASTING: (
        "1 = 1",
        "CASE WHEN stands.ended_on IS NOT NULL THEN 0 WHEN stands.begun_on IS NOT NULL THEN 1 ELSE 2 END",
    ),
}
# The days that a delivery has afterwards. What runs, ran in the month of the list; a day that is not told is its first.
DAYS = {
    Kind.RUNNING: (
        "CASE WHEN day IS NOT NULL THEN day WHEN was_begun_on IS NULL OR was_begun_on >= %(following)s THEN %(month)s "
        "ELSE was_begun_on END",
        "was_ended_on",
    ),
    Kind.GRANT: ("COALESCE(day, was_begun_on, %(month)s)", "was_ended_on"),
    Kind.LASTING: (
        "CASE WHEN was_begun_on < COALESCE(day, was_ended_on, %(month)s) THEN was_begun_on ELSE COALESCE(day, was_ended_on, %(month)s) END",
        "COALESCE(day, was_ended_on, %(month)s)",
    ),
}
# With which day of the delivery the day of a line is compared.
COMPARED = {Kind.RUNNING: "was_begun_on", Kind.GRANT: "was_begun_on", Kind.LASTING: "was_ended_on"}
FUTURE = tuple(name for name in CHANGED if name != "list_row_id")
# What a line has said so far, and whether that is something else now.
SAID = ("status", "reason", "member_id", "household_id")
IS_NEWS = " OR ".join(
    f"said_{name} <> {now} OR (said_{name} IS NULL) <> ({now} IS NULL)"
    for name, now in zip(SAID, ("status", "reason", "here_member_id", "here_household_id"), strict=True)
)
PAST = ", ".join(f"stands.{name} AS was_{name}" for name in CHANGED)
UNWRITTEN = f"NOT EXISTS (SELECT 1 FROM {WRITTEN} AS done WHERE done.line_id = line.id)"  # noqa: S608


@dataclass(frozen=True)
class ListMatcher:
    """Matches one list; ``exclusive`` are measures that nobody can have beside it."""

    batch: DepartmentList
    measure: CatalogueMeasure
    exclusive: Sequence[CatalogueMeasure] = ()

    @property
    def for_household(self) -> bool:
        """Whether the household has it, whoever of it stands on the list."""
        return self.measure.given_to == GivenTo.HOUSEHOLD

    @property
    def values(self) -> dict[str, Any]:
        """The values that the statements name."""
        start, end = self.batch.region.path_range
        following, day = months_after(self.batch.month, 1), datetime.timedelta(days=1)
        return {
            "batch": self.batch.pk, "measure": self.measure.code, "month": self.batch.month, "following": following,
            "last": following - day, "before_month": self.batch.month - day, "start": start, "end": end,
            "every": self.batch.every, "fund": self.batch.fund, "now": timezone.now(),
        }  # fmt: skip

    @property
    def whose(self) -> str:
        """Which deliveries are of the person, or of the household, that ``found`` is."""
        if self.for_household:
            return "stands.household_id = found.household_id AND stands.member_id IS NULL"
        return "stands.member_id = found.member_id"

    def look_around(self) -> None:
        """Of lines that have just come PostgreSQL would think that they are few, and look each up by itself."""
        look_around(LINES, "batch_id", "row_no", "id_digest", "status")

    def mark_doubles(self) -> None:
        """Of lines that say the same of one person the first counts; of lines that differ none, because nothing is guessed."""
        same = "COUNT(DISTINCT COALESCE(CAST({0} AS text), '')) = 1"
        agree = " AND ".join(same.format(name) for name in ("amount", "begun_on", "runs_until"))
        twice = f"""
            SELECT id_digest FROM {LINES} WHERE batch_id = %(batch)s AND id_digest <> '' GROUP BY id_digest HAVING COUNT(*) > 1
            """  # noqa: S608
        run(
            f"""
            UPDATE {LINES} AS line SET status = 'double', reason = CASE WHEN twice.agree
                THEN '和第 ' || twice.first_row || ' 行是同一个人，只算一次'
                ELSE '同一个人有 ' || twice.many || ' 行（第 ' || twice.first_row || ' 行起），内容不一样，都没有算' END
            FROM (
                SELECT id_digest, MIN(row_no) AS first_row, COUNT(*) AS many,
                    {agree} AND MIN(CASE WHEN status = 'refused' THEN 0 ELSE 1 END) = 1 AS agree
                FROM {LINES} WHERE batch_id = %(batch)s AND id_digest IN ({twice}) GROUP BY id_digest
            ) AS twice
            WHERE line.batch_id = %(batch)s AND line.id_digest = twice.id_digest AND line.status <> 'refused'
                AND NOT (twice.agree AND line.row_no = twice.first_row)
            """,  # noqa: S608
            {"batch": self.batch.pk},
        )

    def match(self, after: int, until: int) -> None:
        """Work out into the temporary table what the unwritten lines of a range come to now."""
        self.forget()
        stay_on_one_core()
        params = {**self.values, "after": after, "until": until}
        run(f"CREATE TEMPORARY TABLE {MATCHED} AS {self._lines()} UNION ALL {self._missing()}", params)
        self._choose()
        look_around(MATCHED, "row_id", "delivery_id", "household_id", "status", "writes")

    def _choose(self) -> None:
        """Of several deliveries that a line may speak of, keep the one that it most likely means."""
        several = f"SELECT row_id FROM {MATCHED} GROUP BY row_id HAVING COUNT(*) > 1"  # noqa: S608
        run(
            f"""
            DELETE FROM {MATCHED} WHERE row_id IN ({several}) AND EXISTS (
                SELECT 1 FROM {MATCHED} AS other WHERE other.row_id = {MATCHED}.row_id
                AND (other.preference < {MATCHED}.preference
                    OR (other.preference = {MATCHED}.preference AND other.delivery_id < {MATCHED}.delivery_id)))
            """  # noqa: S608
        )

    def forget(self) -> None:
        """Drop the temporary table, which would otherwise live as long as the connection."""
        run(f"DROP TABLE IF EXISTS {MATCHED}")

    def tally(self) -> dict[str, int]:
        """How many of the worked out lines there are of each answer, and under ``writes`` how many change anything."""
        found = ask(f"SELECT status, COUNT(*), SUM(writes) FROM {MATCHED} GROUP BY status")  # noqa: S608
        return {**{status: many for status, many, _writes in found}, "writes": sum(int(row[2]) for row in found)}

    def answer(self) -> None:
        """Keep with each line what it comes to, where that is not what it says already."""
        run(
            f"""
            UPDATE {LINES} AS line SET status = told.status, reason = told.reason, member_id = told.member_id,
                household_id = told.household_id
            FROM {MATCHED} AS told WHERE line.id = told.row_id AND told.is_news = 1
            """  # noqa: S608
        )

    def add_missing(self) -> int:
        """Add a line for everybody whom an earlier list of the measure confirmed and this one does not name."""
        base = ask(f"SELECT COALESCE(MAX(row_no), 0) FROM {LINES} WHERE batch_id = %(batch)s", {"batch": self.batch.pk})  # noqa: S608
        return run(
            f"""
            INSERT INTO {LINES} (batch_id, row_no, id_digest, status, reason, payload, member_id, household_id)
            SELECT %(batch)s, %(base)s + ROW_NUMBER() OVER (ORDER BY stands.id), COALESCE(person.id_digest, ''), 'missing',
                '上次的名单上有，这次没有', '', stands.member_id, stands.household_id
            FROM {self._confirmed_here()} AND confirming.month < %(month)s AND stands.ended_on IS NULL AND {self._not_named()}
            """,  # noqa: S608
            {**self.values, "base": base[0][0]},
        )

    def count_unconfirmed(self) -> int:
        """How many have the measure by somebody's own entry, confirmed by no list and not named by this one."""
        found = ask(
            f"""
            SELECT COUNT(*) FROM {DELIVERIES} AS stands JOIN {HOUSEHOLDS} AS home ON home.id = stands.household_id
            JOIN {REGIONS} AS place ON place.id = home.village_id
            LEFT JOIN {MEMBERS} AS person ON person.id = stands.member_id
            WHERE stands.measure = %(measure)s AND stands.list_row_id IS NULL AND stands.begun_on < %(month)s
                AND stands.ended_on IS NULL AND place.path >= %(start)s AND place.path < %(end)s AND {self._not_named()}
            """,  # noqa: S608
            self.values,
        )
        return int(found[0][0])

    def _lines(self) -> str:
        """The lines of the range with their answers, and with what their deliveries are afterwards."""
        kind = self.measure.kind
        relevant, preferred = STANDING[kind]
        begun, ended = DAYS[kind]
        remembered = ", ".join(f"was_{name}" for name in CHANGED)
        said = ", ".join(f"line.{name} AS said_{name}" for name in SAID)
        # Doubles of a person have been marked; of a household they are seen when its members have been found.
        turn, differ = "1", "1 = 0"
        if self.for_household:
            amount, home = "COALESCE(line.amount, -1)", "OVER (PARTITION BY member.household_id"
            turn = f"ROW_NUMBER() {home} ORDER BY line.row_no)"
            differ = f"MIN({amount}) {home}) <> MAX({amount}) {home})"
        return f"""
            SELECT row_id, here_household_id AS household_id, here_member_id AS member_id, day,
                CASE WHEN status = 'new' THEN {new_key()} ELSE delivery_id END AS delivery_id, version, status, reason,
                {remembered}, {begun} AS new_begun_on, {ended} AS new_ended_on,
                COALESCE(until, was_runs_until) AS new_runs_until, COALESCE(amount, was_amount) AS new_amount,
                CASE WHEN amount IS NULL THEN COALESCE(was_every, %(every)s) ELSE %(every)s END AS new_every,
                CASE WHEN %(fund)s = '' THEN COALESCE(was_fund, '') ELSE %(fund)s END AS new_fund,
                CASE WHEN status IN ('new', 'known') OR (status = 'unchanged' AND list_month < %(month)s AND NOT is_over)
                    THEN 1 ELSE 0 END AS writes,
                CASE WHEN {IS_NEWS} THEN 1 ELSE 0 END AS is_news, preference
            FROM (
                SELECT told.*, {self._reason()} AS reason, CASE WHEN is_here THEN household_id END AS here_household_id,
                    CASE WHEN is_here THEN member_id END AS here_member_id
                FROM (SELECT stood.*, {self._status()} AS status FROM (
                    SELECT found.*, stands.id AS delivery_id, stands.version, confirmed.batch_id AS list_id,
                        confirming.month AS list_month, {PAST},
                        {"stands.ended_on IS NOT NULL" if kind == Kind.RUNNING else "1 = 0"} AS is_over,
                        {preferred} AS preference
                    FROM (
                        SELECT line.id AS row_id, line.row_no, line.id_digest, line.begun_on AS day, line.runs_until AS until,
                            line.amount, member.id AS member_id, household.id AS household_id, household.closed_on,
                            place.path >= %(start)s AND place.path < %(end)s AS is_here,
                            {turn} AS turn, {differ} AS differ, {said}
                        FROM {LINES} AS line
                        LEFT JOIN {MEMBERS} AS member ON member.id_digest = line.id_digest AND member.left_on IS NULL
                        LEFT JOIN {HOUSEHOLDS} AS household ON household.id = member.household_id
                        LEFT JOIN {REGIONS} AS place ON place.id = household.village_id
                        WHERE line.batch_id = %(batch)s AND line.row_no > %(after)s AND line.row_no <= %(until)s
                            AND line.status IN ({quoted(ANSWERED)}) AND {UNWRITTEN}
                    ) AS found
                    LEFT JOIN {DELIVERIES} AS stands ON stands.measure = %(measure)s AND {self.whose}
                        AND stands.dropped_on IS NULL AND {relevant}
                    LEFT JOIN {LINES} AS confirmed ON confirmed.id = stands.list_row_id
                    LEFT JOIN {LISTS} AS confirming ON confirming.id = confirmed.batch_id
                ) AS stood {fence()}) AS told {fence()}
            ) AS answered
            """  # noqa: S608

    def _status(self) -> str:
        """The answer of a line, in the order in which the grounds weigh."""
        given = (("until", "was_runs_until"), ("amount", "was_amount"), ("day", COMPARED[self.measure.kind]))
        same = " AND ".join(f"({said} IS NULL OR {said} = {was})" for said, was in given)
        # Asked only of those whom no household has now. A scalar, so that it is looked up line by line: for EXISTS
        # PostgreSQL would gather everybody of the region first.
        once_here = f"""
            SELECT MAX(CASE WHEN place.path >= %(start)s AND place.path < %(end)s THEN 1 ELSE 0 END)
            FROM {MEMBERS} AS person JOIN {HOUSEHOLDS} AS home ON home.id = person.household_id
            JOIN {REGIONS} AS place ON place.id = home.village_id WHERE person.id_digest = stood.id_digest
            """  # noqa: S608
        return f"""CASE
            WHEN member_id IS NULL THEN CASE ({once_here}) WHEN 1 THEN 'gone' WHEN 0 THEN 'foreign' ELSE 'unknown' END
            WHEN NOT is_here THEN 'foreign'
            WHEN closed_on IS NOT NULL THEN 'gone'
            WHEN turn > 1 OR differ OR list_id = %(batch)s THEN 'double'
            WHEN delivery_id IS NULL AND {self._excluded()} THEN 'refused'
            WHEN delivery_id IS NULL THEN 'new'
            WHEN list_month > %(month)s THEN 'unchanged'
            WHEN is_over AND was_ended_on >= %(last)s THEN 'unchanged'
            WHEN is_over THEN 'refused'
            WHEN list_id IS NOT NULL AND was_begun_on IS NOT NULL AND {same} THEN 'unchanged'
            ELSE 'known' END"""

    def _excluded(self) -> str:
        """Whether somebody has what cannot stand beside it in the month."""
        if not self.exclusive:
            return "1 = 0"
        whose = "" if self.for_household else "AND COALESCE(beside.member_id, stood.member_id) = stood.member_id"
        return f"""EXISTS (
            SELECT 1 FROM {DELIVERIES} AS beside WHERE beside.household_id = stood.household_id {whose}
            AND beside.measure IN ({quoted(one.code for one in self.exclusive)}) AND beside.begun_on <= %(last)s
            AND beside.dropped_on IS NULL AND (beside.ended_on IS NULL OR beside.ended_on >= %(month)s))"""  # noqa: S608

    def _reason(self) -> str:
        """One sentence for a line that is not simply taken."""
        left = " ".join(f"WHEN '{kind.value}' THEN '{words}'" for kind, words in LEFT_WORDS.items())
        gone = f"""
            SELECT CAST(person.left_on AS text) || ' ' || CASE person.left_reason {left} ELSE '登记离开' END
            FROM {MEMBERS} AS person JOIN {HOUSEHOLDS} AS home ON home.id = person.household_id
            JOIN {REGIONS} AS place ON place.id = home.village_id
            WHERE person.id_digest = told.id_digest AND person.left_on IS NOT NULL
                AND place.path >= %(start)s AND place.path < %(end)s
            ORDER BY person.left_on DESC LIMIT 1
            """  # noqa: S608
        return f"""CASE
            WHEN status = 'gone' AND closed_on IS NOT NULL THEN CAST(closed_on AS text) || ' 整户已注销'
            WHEN status = 'gone' THEN ({gone})
            WHEN status = 'foreign' THEN '这个人不在名单的区域里'
            WHEN status = 'unknown' THEN '名册里没有这个证件号码，请核对，或告诉镇（街）'
            WHEN status = 'double' AND differ THEN '同一户有几行，金额不一样，都没有算'
            WHEN status = 'double' THEN '同一户前面已有一行，只算一次'
            WHEN status = 'refused' AND delivery_id IS NULL
                THEN '已有{"、".join(one.name for one in self.exclusive)}，不能同时享受'
            WHEN status = 'refused' THEN '系统里登记到 ' || CAST(was_ended_on AS text) || ' 为止，名单上还有，请核对'
            WHEN status = 'unchanged' AND list_month > %(month)s THEN '以后月份的名单已核实'
            WHEN status = 'unchanged' AND is_over THEN '那个月在享受，以后已结束'
            WHEN status = 'unchanged' AND list_month = %(month)s THEN '这个月的名单已核实'
            WHEN status = 'known' AND was_begun_on IS NULL THEN '原来已承诺，按名单登记为已落实'
            ELSE '' END"""

    def _missing(self) -> str:
        """The lines of the range about those who are on the list no more, with what stands of them now."""
        whose = "stands.member_id IS NULL" if self.for_household else "stands.member_id = line.member_id"
        lines = f"JOIN {LINES} AS line ON line.household_id = stands.household_id AND {whose}"
        return f"""
            SELECT line.id, line.household_id, line.member_id, CAST(NULL AS date), stands.id, stands.version,
                'missing', line.reason, {PAST}, stands.begun_on,
                CASE WHEN stands.begun_on > %(before_month)s THEN stands.begun_on ELSE %(before_month)s END,
                stands.runs_until, stands.amount, stands.every, stands.fund, 1, 0, 0
            FROM {self._confirmed_here(lines)} AND confirming.month < %(month)s AND stands.ended_on IS NULL
                AND line.batch_id = %(batch)s AND line.row_no > %(after)s AND line.row_no <= %(until)s
                AND line.status = 'missing' AND {UNWRITTEN}
            """  # noqa: S608

    def _confirmed_here(self, joined: str = "") -> str:
        """Deliveries of the measure in the region that a list has confirmed; the end of a FROM, up to its conditions."""
        return f"""{DELIVERIES} AS stands
            JOIN {LINES} AS confirmed ON confirmed.id = stands.list_row_id
            JOIN {LISTS} AS confirming ON confirming.id = confirmed.batch_id
            JOIN {HOUSEHOLDS} AS home ON home.id = stands.household_id
            JOIN {REGIONS} AS place ON place.id = home.village_id
            LEFT JOIN {MEMBERS} AS person ON person.id = stands.member_id {joined}
            WHERE stands.measure = %(measure)s AND place.path >= %(start)s AND place.path < %(end)s"""

    def _not_named(self) -> str:
        named = f"SELECT 1 FROM {LINES} AS named WHERE named.batch_id = %(batch)s AND named.id_digest = "  # noqa: S608
        if not self.for_household:
            return f"NOT EXISTS ({named} person.id_digest)"
        return f"""NOT EXISTS (
            SELECT 1 FROM {MEMBERS} AS some WHERE some.household_id = stands.household_id AND some.id_digest <> ''
            AND EXISTS ({named} some.id_digest))"""  # noqa: S608
