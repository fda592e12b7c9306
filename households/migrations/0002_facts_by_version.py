"""A table for facts that have versions, beside the old one with a row for each survey."""

import django.db.models.deletion
from django.db import migrations, models

TYPES = [("ordinary", "一般农户"), ("lifted", "脱贫户"), ("registered_poor", "未脱贫建档立卡户")]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("households", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactsVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("begins_on", models.DateField()),
                ("replaced_on", models.DateField(null=True)),
                ("visited_on", models.DateField()),
                ("dirty", models.BooleanField(default=True)),
                ("household_type", models.CharField(choices=TYPES, max_length=20)),
                ("persons", models.PositiveSmallIntegerField()),
                ("hukou_persons", models.PositiveSmallIntegerField(null=True)),
                ("net_income", models.BigIntegerField(null=True)),
                ("disposable_income", models.BigIntegerField(null=True)),
                ("operating_loss", models.BigIntegerField(null=True)),
                ("last_year_income", models.BigIntegerField(null=True)),
                ("rigid_total", models.BigIntegerField(null=True)),
                ("rigid_last_year", models.BigIntegerField(null=True)),
                ("medical_expense", models.BigIntegerField(null=True)),
                ("education_expense", models.BigIntegerField(null=True)),
                ("disaster_expense", models.BigIntegerField(null=True)),
                ("risk_bits", models.PositiveIntegerField(default=0)),
                ("guarantee_bits", models.PositiveIntegerField(default=0)),
                ("guarantees_unanswered", models.PositiveIntegerField(default=0)),
                ("has_labour", models.BooleanField(null=True)),
                ("stable_income", models.BooleanField(null=True)),
                ("yellow_bits", models.PositiveIntegerField(default=0)),
                ("key_group_bits", models.PositiveIntegerField(default=0)),
                ("negative_bits", models.PositiveIntegerField(default=0)),
                ("on_dibao", models.BooleanField(default=False)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.survey"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.household"
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.region",
                    ),
                ),
            ],
        ),
    ]
