"""A meeting handles several households: what was a meeting for each household becomes its ballot."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("monitoring", "0007_parts_count_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("Meeting", "Ballot"),
        migrations.AlterField(
            model_name="ballot",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ballots", to="monitoring.case"
            ),
        ),
        # PostgreSQL keeps the names of the indexes of a renamed table, and the new table needs this one.
        migrations.AlterField(
            model_name="ballot",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("held_on", models.DateField(verbose_name="评议日期")),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="地点")),
                ("due", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="应到人数")),
                ("present", models.PositiveSmallIntegerField(verbose_name="实到人数")),
                ("chair", models.CharField(blank=True, max_length=30, verbose_name="主持人")),
                ("minute_taker", models.CharField(blank=True, max_length=30, verbose_name="记录人")),
                ("minutes", models.TextField(max_length=2000, verbose_name="评议记录")),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="accounts.region",
                        verbose_name="村",
                    ),
                ),
            ],
            options={
                "verbose_name": "民主评议",
                "verbose_name_plural": "民主评议",
                "ordering": ["-held_on", "-recorded_at"],
            },
        ),
        migrations.AddField(
            model_name="ballot",
            name="meeting",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ballots",
                to="monitoring.meeting",
            ),
        ),
        migrations.AddField(
            model_name="ballot",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=500, verbose_name="不同意的原因"),
        ),
    ]
