import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0009_room_for_answers"),
        ("households", "0011_casework"),
    ]

    operations = [
        migrations.CreateModel(
            name="WrittenLine",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="written",
                        serialize=False,
                        to="assistance.departmentlistrow",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assistance.delivery",
                    ),
                ),
                ("began", models.BooleanField()),
                ("was_begun_on", models.DateField(null=True)),
                ("was_ended_on", models.DateField(null=True)),
                ("was_runs_until", models.DateField(null=True)),
                ("was_amount", models.BigIntegerField(null=True)),
                ("was_every", models.CharField(blank=True, max_length=10)),
                ("was_fund", models.CharField(blank=True, max_length=10)),
                ("was_list_row_id", models.BigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "部门名单写入的行",
                "verbose_name_plural": "部门名单写入的行",
            },
        ),
    ]
