"""The marks on households whose facts have changed: taken off, and judged, in one transaction."""

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Region
from accounts.sql import as_kept, on_postgres
from households.models import ChangedHousehold, Household

TABLE = ChangedHousehold._meta.db_table


def take_mark(household: Household) -> None:
    """Take the mark off one household, which has just been judged."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE household_id = %s", [as_kept(household.pk)])  # noqa: S608


def take_marks(villages: QuerySet[Region]) -> list[str]:
    """Take the marks off; the keys of their households, which are to be judged now.

    To be done before anything is read: whoever changes one of them from here on waits until the caller's transaction is
    over, and marks it anew.
    """
    named, params = villages.values("pk").query.sql_with_params()
    taken = f"DELETE FROM {TABLE} WHERE village_id IN ({named}) RETURNING household_id"  # noqa: S608
    with connection.cursor() as cursor:
        if on_postgres():  # as one text, which costs less than thousands of keys
            cursor.execute(f"WITH taken AS ({taken}) SELECT string_agg(household_id::text, ',') FROM taken", params)  # noqa: S608
            keys = cursor.fetchone()[0]
            return keys.split(",") if keys else []
        cursor.execute(taken, params)
        return [key for (key,) in cursor.fetchall()]
