import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Of each page so much is filled at first; what is changed afterwards is then written beside it, past every index.
FILLED = {"assistance_departmentlistrow": 45, "assistance_delivery": 75}


def leave_room(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A list changes most deliveries of its measure each month, and each of its lines once, when it is answered."""
    if schema_editor.connection.vendor == "postgresql":
        for table, percent in FILLED.items():
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0011_move_what_lines_wrote"),
        ("households", "0011_casework"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="delivery_by_line"),
        migrations.RemoveField(model_name="departmentlistrow", name="applied_at"),
        migrations.RemoveField(model_name="departmentlistrow", name="before"),
        migrations.AlterField(
            model_name="delivery",
            name="list_row",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="deliveries",
                to="assistance.departmentlistrow",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="member",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="households.member",
                verbose_name="享受人",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="entered_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="departmentlistrow",
            name="household",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="households.household",
            ),
        ),
        migrations.AlterField(
            model_name="departmentlistrow",
            name="member",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="households.member",
            ),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
