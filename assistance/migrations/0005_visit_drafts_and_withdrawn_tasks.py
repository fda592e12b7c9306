"""Drafts of visits, and tasks that were withdrawn because there was nothing to solve."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0004_plan_terms_and_reasons"),
        ("households", "0011_casework"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="guaranteetask",
            name="withdrawn",
            field=models.BooleanField(default=False, verbose_name="撤回"),
        ),
        migrations.AddConstraint(
            model_name="guaranteetask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_on", None), ("withdrawn", True), ("closed_by__isnull", False), _connector="OR"
                ),
                name="somebody_answers_for_what_is_solved",
            ),
        ),
        migrations.CreateModel(
            name="VisitDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", accounts.encryption.EncryptedField()),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.household"
                    ),
                ),
            ],
            options={
                "verbose_name": "走访草稿",
                "verbose_name_plural": "走访草稿",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("household", "author"), name="one_visit_draft_for_a_household_and_person"
                    )
                ],
            },
        ),
    ]
