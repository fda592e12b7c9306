"""Assessments become narrow rows with an end; what a reason prints is in the facts that they name."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0004_facts_take_over"),
        ("monitoring", "0001_initial"),
    ]

    operations = [
        migrations.RenameModel("Assessment", "WideAssessment"),
        migrations.AlterField(
            "WideAssessment", "household", models.ForeignKey("households.household", models.PROTECT, related_name="+")
        ),
        migrations.AlterField(
            "WideAssessment", "survey", models.ForeignKey("households.survey", models.PROTECT, related_name="+")
        ),
        migrations.AlterField(
            "WideAssessment",
            "screening",
            models.ForeignKey("monitoring.screening", models.PROTECT, null=True, related_name="+"),
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="基准日期")),
                ("replaced_on", models.DateField(null=True)),
                ("visited_on", models.DateField()),
                ("policy_date", models.DateField(verbose_name="政策日期")),
                ("ruleset", models.CharField(max_length=30, verbose_name="规则集")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("RELAPSE", "脱贫监测户"),
                            ("EDGE", "边缘户"),
                            ("SUDDEN", "突发严重困难户"),
                            ("WATCH", "预警关注"),
                            ("REVIEW_RISK", "补核风险"),
                            ("BORDER", "临界"),
                            ("KEYGROUP", "重点群体已排查"),
                            ("CHECK", "应核查"),
                            ("INCOMPLETE", "数据不全"),
                            ("NO_LINE", "未设线"),
                            ("NONE", "不纳入"),
                            ("NA", "不适用"),
                        ],
                        max_length=12,
                        verbose_name="结论",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("RED", "一级·红"), ("YELLOW", "二级·黄"), ("BLUE", "三级·蓝")],
                        default="",
                        max_length=6,
                        verbose_name="风险等级",
                    ),
                ),
                ("rule_bits", models.IntegerField()),
                ("flag_bits", models.IntegerField()),
                ("decision", models.SmallIntegerField()),
                ("near_bits", models.IntegerField(default=0)),
                ("lacks_one", models.BooleanField(default=False)),
                ("margin", models.IntegerField(null=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "研判结论",
                "verbose_name_plural": "研判结论",
            },
        ),
        migrations.CreateModel(
            name="ScreeningPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("first_path", models.CharField(max_length=60)),
                ("last_path", models.CharField(max_length=60)),
                ("households", models.PositiveIntegerField()),
                ("done_at", models.DateTimeField(null=True)),
                ("moves", models.JSONField(default=dict)),
                ("changed_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="screening",
            name="one_screening_of_a_region_and_date_at_a_time",
        ),
        migrations.AddField(
            model_name="screening",
            name="counts_before",
            field=models.JSONField(default=dict, verbose_name="原来"),
        ),
        migrations.AddField(
            model_name="screening",
            name="mode",
            field=models.CharField(
                choices=[("full", "全部重写"), ("changed", "全部研判，只写变化"), ("dirty", "只研判有变动的户")],
                default="changed",
                max_length=8,
                verbose_name="方式",
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="moves",
            field=models.JSONField(default=dict, verbose_name="变化"),
        ),
        migrations.AddField(
            model_name="screening",
            name="policies",
            field=models.JSONField(default=dict, verbose_name="政策版本"),
        ),
        migrations.AddConstraint(
            model_name="screening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("queued", "running"))),
                fields=("region", "on", "mode"),
                name="one_screening_of_a_region_date_and_mode_at_a_time",
                violation_error_message="这个区域这一天的研判正在进行。",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="facts",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="households.facts",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="household",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="households.household",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="previous",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="monitoring.assessment",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="screening",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="monitoring.screening",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="village",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.region",
            ),
        ),
        migrations.AddField(
            model_name="screeningpart",
            name="district",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.region"
            ),
        ),
        migrations.AddField(
            model_name="screeningpart",
            name="screening",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="monitoring.screening"
            ),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["household", "on"], name="assessment_of_household"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("replaced_on", None)),
                fields=["village", "outcome", "level", "visited_on"],
                name="assessment_standing",
            ),
        ),
        migrations.AddConstraint(
            model_name="screeningpart",
            constraint=models.UniqueConstraint(fields=("screening", "number"), name="screening_part_is_numbered_once"),
        ),
    ]
