from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def leave_room(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Half of each page stays free on PostgreSQL: the answer of a line is then written beside it, past every index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE assistance_departmentlistrow SET (fillfactor = 50)")


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0008_lists_write_many_at_once"),
        ("households", "0011_casework"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="delivery_running_out"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("ended_on", None), ("runs_until__isnull", False)),
                fields=["runs_until"],
                name="delivery_running_out",
            ),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
