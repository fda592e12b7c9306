"""Digests of what screenings changed, by village and period."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("households", "0004_facts_take_over"),
        ("monitoring", "0005_policy_trials"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClueDigest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("begins_on", models.DateField(verbose_name="起始日期")),
                ("ends_on", models.DateField(verbose_name="截止日期")),
                ("changed_at", models.DateTimeField(verbose_name="最近有变化")),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.region",
                        verbose_name="村",
                    ),
                ),
            ],
            options={
                "verbose_name": "研判变化",
                "verbose_name_plural": "研判变化",
                "ordering": ["-begins_on", "village__path"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["village", "begins_on", "ends_on"], name="village_has_one_digest_of_a_time"
                    ),
                    models.CheckConstraint(
                        condition=Q(ends_on__gte=F("begins_on")), name="digest_ends_after_it_begins"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DigestEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "before",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="monitoring.assessment",
                    ),
                ),
                (
                    "digest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="monitoring.cluedigest",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.household"
                    ),
                ),
                (
                    "now",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="monitoring.assessment",
                    ),
                ),
            ],
            options={
                "verbose_name": "研判有变化的户",
                "verbose_name_plural": "研判有变化的户",
                "constraints": [
                    models.UniqueConstraint(fields=["digest", "household"], name="household_stands_once_in_a_digest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DigestReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("in_village", models.BooleanField()),
                ("read_at", models.DateTimeField()),
                (
                    "digest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readings",
                        to="monitoring.cluedigest",
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "研判变化的阅读",
                "verbose_name_plural": "研判变化的阅读",
                "constraints": [
                    models.UniqueConstraint(fields=["digest", "reader"], name="digest_is_read_once_by_a_person"),
                ],
            },
        ),
    ]
