"""Writing rows in bulk, by INSERT … SELECT with every column of the model filled, and without its indexes meanwhile."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, models

SQL = Path(__file__).with_name("sql")
LOOSE_INDEXES = """
SELECT indexdef, format('%%I', indexname) FROM pg_indexes
WHERE schemaname = 'public' AND tablename = ANY(%s)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
"""


def run(statement: str, params: Mapping[str, Any] | list | None = None) -> int:
    """Execute a statement; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def ask(statement: str, params: Mapping[str, Any] | list | None = None) -> list[tuple]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def run_file(name: str, params: Mapping[str, Any] | None = None) -> int:
    """Execute the statements of a file in sql/."""
    return run((SQL / name).read_text(), params)


def table(model: type[models.Model]) -> str:
    """The name of a model's table."""
    return model._meta.db_table


def insert(model: type[models.Model], source: str, columns: Mapping[str, str]) -> int:
    """Insert one row for each row of the source; columns are expressions, the others take the model's own defaults."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    if unknown := set(columns) - set(fields):
        raise KeyError(f"{model.__name__} has no columns {sorted(unknown)}")
    chosen, params = dict(columns), []
    for name, field in fields.items():
        if name in columns or field.null or isinstance(field, models.AutoField):
            continue
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            chosen[name] = "now()"
            continue
        chosen[name] = f"%s::{field.db_type(connection)}"
        params.append(field.get_db_prep_save(field.get_default(), connection))
    names = ", ".join(f'"{name}"' for name in chosen)
    return run(f"INSERT INTO {table(model)} ({names}) SELECT {', '.join(chosen.values())} FROM {source}", params)


@contextmanager
def without_indexes(*wanted: type[models.Model]) -> Iterator[None]:
    """Drop the indexes that are no constraint, and build them again at the end, as a restore of a backup does."""
    loose = ask(LOOSE_INDEXES, [[table(model) for model in wanted]])
    for _definition, name in loose:
        run(f"DROP INDEX {name}")
    yield
    for definition, _name in loose:
        run(definition)
