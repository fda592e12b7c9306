"""The versions take the place of the old table, and what must hold of them becomes constraints."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0003_copy_facts")]

    operations = [
        migrations.DeleteModel(name="Facts"),
        migrations.RenameModel(old_name="FactsVersion", new_name="Facts"),
        migrations.AlterModelOptions(name="facts", options={"verbose_name": "事实", "verbose_name_plural": "事实"}),
        migrations.AlterField(
            model_name="facts",
            name="survey",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="households.survey"
            ),
        ),
        migrations.AlterField(
            model_name="facts",
            name="household",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="households.household"
            ),
        ),
        migrations.AddIndex(
            model_name="facts",
            index=models.Index(fields=["village", "begins_on"], name="facts_village_begins"),
        ),
        migrations.AddIndex(
            model_name="facts",
            index=models.Index(
                condition=models.Q(("replaced_on", None)), fields=["village"], name="facts_in_force"
            ),
        ),
        migrations.AddIndex(
            model_name="facts",
            index=models.Index(condition=models.Q(("dirty", True)), fields=["village"], name="facts_not_judged"),
        ),
        migrations.AddConstraint(
            model_name="facts",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_on", None)),
                fields=("household",),
                name="household_has_one_row_of_facts_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="facts",
            constraint=models.CheckConstraint(
                condition=models.Q(("replaced_on", None), ("replaced_on__gte", models.F("begins_on")), _connector="OR"),
                name="facts_end_after_they_begin",
            ),
        ),
    ]
