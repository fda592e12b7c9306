"""What each line had remembered beside itself becomes a row of its own, with the delivery that it speaks of."""

from django.db import migrations

WAS = {
    "begun_on": "date", "ended_on": "date", "runs_until": "date", "amount": "bigint", "every": "text", "fund": "text",
    "list_row_id": "bigint",
}  # fmt: skip
# The last line that says so is named by the delivery, an earlier one by the line that came after it.
MOVE = """
INSERT INTO assistance_writtenline (line_id, delivery_id, began, {columns})
SELECT line.id, {delivery}, line.before IS NULL, {values}
FROM assistance_departmentlistrow AS line JOIN {last}
WHERE line.applied_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM assistance_writtenline AS moved WHERE moved.line_id = line.id)
"""
NAMED = ("stands.id", "assistance_delivery AS stands ON stands.list_row_id = line.id")
BEFORE = ("later.delivery_id", "assistance_writtenline AS later ON later.was_list_row_id = line.id")


def move(apps, schema_editor):
    """First the lines that deliveries name, then those before them, until there are none left."""
    postgres = schema_editor.connection.vendor == "postgresql"
    value = "(line.before->>'{0}')::{1}" if postgres else "json_extract(line.before, '$.{0}')"
    told = {name: value.format(name, kind) for name, kind in WAS.items()}
    told |= {name: f"COALESCE({told[name]}, '')" for name in ("every", "fund")}
    with schema_editor.connection.cursor() as cursor:
        for delivery, last in (NAMED, *[BEFORE] * 1000):
            columns = ", ".join(f"was_{name}" for name in WAS)
            cursor.execute(MOVE.format(columns=columns, delivery=delivery, values=", ".join(told.values()), last=last))
            if not cursor.rowcount and (delivery, last) == BEFORE:
                break


class Migration(migrations.Migration):
    dependencies = [("assistance", "0010_what_lines_wrote")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
