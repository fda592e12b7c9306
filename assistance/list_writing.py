"""Write what the lines of a department's list came to, a range of lines at once, and take it back again."""

from typing import Any

from django.db import connection

from accounts.sql import as_kept, on_postgres
from assistance.list_matching import FUTURE, STANDING, ListMatcher
from assistance.list_sql import (
    CHANGED,
    DELIVERIES,
    HOUSEHOLDS,
    LINES,
    MATCHED,
    MEMBERS,
    WRITTEN,
    ask,
    run,
    typed,
)
from assistance.models import Delivery, DepartmentList
from assistance.services import told_by


class DeliveriesMoved(Exception):
    """Somebody changed a delivery between our looking and our writing; the transaction must be done again."""


def write(matcher: ListMatcher, after: int, until: int) -> dict[str, int]:
    """Match and write the lines of a range inside the caller's transaction; what was written by answer.

    What was changed, begun or confirmed by somebody else at this moment is not overwritten: raises DeliveriesMoved.
    """
    matcher.match(after, until)
    written = f"SELECT status, COUNT(*) FROM {MATCHED} WHERE writes = 1 GROUP BY status"  # noqa: S608
    told = dict(ask(written))
    new = told.get("new", 0)
    if sum(told.values()) - new != _confirm() or new != (_add(matcher) if new else 0):
        raise DeliveriesMoved
    _remember()
    matcher.answer()
    matcher.forget()
    return told


def _confirm() -> int:
    """Change what stands. Its version is part of the condition, so nobody's change of this moment is overwritten."""
    given = ", ".join(f"{name} = told.new_{name}" for name in FUTURE)
    return run(
        f"""
        UPDATE {DELIVERIES} AS stands SET {given}, list_row_id = told.row_id, version = stands.version + 1
        FROM {MATCHED} AS told
        WHERE stands.id = told.delivery_id AND stands.version = told.version AND told.writes = 1 AND told.status <> 'new'
        """  # noqa: S608
    )


def _remember() -> None:
    """Keep what each line wrote, and over what."""
    run(
        f"""
        INSERT INTO {WRITTEN} (line_id, delivery_id, began, {", ".join(f"was_{name}" for name in CHANGED)})
        SELECT row_id, delivery_id, status = 'new', was_begun_on, was_ended_on, was_runs_until, was_amount,
            COALESCE(was_every, ''), COALESCE(was_fund, ''), was_list_row_id
        FROM {MATCHED} WHERE writes = 1
        """  # noqa: S608
    )


def _add(matcher: ListMatcher) -> int:
    """Insert what is new. Whoever enters measures of these households waits; what he was first with is not added again.

    Whoever is taken off the register meanwhile is not given anything: neither, then, do as many come as were meant.
    """
    if on_postgres():
        run(
            f"""
            SELECT COUNT(*) FROM (
                SELECT id FROM {HOUSEHOLDS} WHERE id IN (SELECT household_id FROM {MATCHED} WHERE status = 'new')
                ORDER BY id FOR NO KEY UPDATE
            ) AS held
            """  # noqa: S608
        )
    columns, expressions, params = _new_row(matcher)
    still_there = f"AND EXISTS (SELECT 1 FROM {MEMBERS} AS person WHERE person.id = found.member_id)"  # noqa: S608
    relevant, _preferred = STANDING[matcher.measure.kind]
    return run(
        f"""
        INSERT INTO {DELIVERIES} ({columns}) SELECT {expressions} FROM {MATCHED} AS found
        WHERE found.status = 'new' {still_there} AND NOT EXISTS (
            SELECT 1 FROM {DELIVERIES} AS stands
            WHERE stands.measure = %(measure)s AND {matcher.whose} AND stands.dropped_on IS NULL AND {relevant}
        )
        """,  # noqa: S608
        {**matcher.values, **params},
    )


def _new_row(matcher: ListMatcher) -> tuple[str, str, dict[str, Any]]:
    """Columns of a new delivery, what goes into each, and the values named there; the rest takes the model's defaults."""
    chosen = {
        "id": "found.delivery_id", "household_id": "found.household_id", "list_row_id": "found.row_id",
        "member_id": typed("nobody", "uuid") if matcher.for_household else "found.member_id",
        "entered_at": typed("now", "timestamptz"), "entered_by_id": typed("by", "bigint"),
        "unit": typed("unit", "text"), **{name: f"found.new_{name}" for name in FUTURE},
    }  # fmt: skip
    params: dict[str, Any] = {"nobody": None, "by": matcher.batch.requested_by_id, "unit": matcher.batch.department}
    told = told_by(matcher.measure)
    for field in Delivery._meta.concrete_fields:
        if field.column in chosen:
            continue
        name = f"given_{field.column}"
        kind = field.db_type(connection) or "text"
        chosen[field.column] = typed(name, kind)
        params[name] = as_kept(told.get(field.name, field.get_default() if not field.null else None))
    return ", ".join(f'"{name}"' for name in chosen), ", ".join(chosen.values()), params


def undo(batch: DepartmentList, after: int, until: int) -> dict[str, int]:
    """Take back what the lines of a range wrote, inside the caller's transaction: restored, deleted and kept.

    A delivery on which something else rests by now (somebody was offered the post) is kept, and is no longer locked.
    """
    params = {"batch": batch.pk, "after": after, "until": until}
    lines = "line.batch_id = %(batch)s AND line.row_no > %(after)s AND line.row_no <= %(until)s"
    written = f"{WRITTEN} AS told JOIN {LINES} AS line ON line.id = told.line_id"
    back = ", ".join(f"{name} = told.was_{name}" for name in CHANGED)
    restored = run(
        f"""
        UPDATE {DELIVERIES} AS stands SET {back}, version = stands.version + 1 FROM {written}
        WHERE stands.id = told.delivery_id AND stands.list_row_id = told.line_id AND {lines} AND NOT told.began
        """,  # noqa: S608
        params,
    )
    added = f"(id, list_row_id) IN (SELECT told.delivery_id, told.line_id FROM {written} WHERE {lines} AND told.began)"  # noqa: S608
    deleted = run(f"DELETE FROM {DELIVERIES} WHERE {added} AND {_unused()}", params)  # noqa: S608
    kept = run(f"UPDATE {DELIVERIES} SET list_row_id = NULL, version = version + 1 WHERE {added}", params)  # noqa: S608
    run(f"DELETE FROM {WRITTEN} WHERE line_id IN (SELECT line.id FROM {LINES} AS line WHERE {lines})", params)  # noqa: S608
    return {"restored": restored, "deleted": deleted, "kept": kept}


def _unused() -> str:
    """That nothing else rests on a delivery, whichever app's table that would be."""
    resting = (
        (relation.related_model._meta.db_table, relation.field.column) for relation in Delivery._meta.related_objects
    )
    exists = 'NOT EXISTS (SELECT 1 FROM {0} AS other WHERE other."{1}" = {2}.id)'
    return " AND ".join(exists.format(table, column, DELIVERIES) for table, column in resting)
