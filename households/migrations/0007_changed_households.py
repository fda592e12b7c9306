"""Which households wait to be judged stands in narrow rows of their own, beside the facts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("households", "0006_groups_of_facts_in_force"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangedHousehold",
            fields=[
                (
                    "household",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="changed",
                        serialize=False,
                        to="households.household",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
                    ),
                ),
            ],
            options={"verbose_name": "待研判的户", "verbose_name_plural": "待研判的户"},
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(condition=models.Q(("closed_on", None)), fields=["village"], name="household_present"),
        ),
    ]
