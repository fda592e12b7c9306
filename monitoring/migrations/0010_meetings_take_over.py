"""What a meeting holds is taken from its ballots."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0009_copy_meetings")]

    operations = [
        migrations.AlterField(
            model_name="ballot",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ballots", to="monitoring.meeting"
            ),
        ),
        migrations.AlterModelOptions(
            name="ballot",
            options={
                "ordering": ["-meeting__held_on", "-meeting__recorded_at"],
                "verbose_name": "评议表决",
                "verbose_name_plural": "评议表决",
            },
        ),
        *(
            migrations.RemoveField(model_name="ballot", name=name)
            for name in ("held_on", "place", "due", "minutes", "recorded_by", "recorded_at")
        ),
        migrations.AlterField(
            model_name="ballot", name="present", field=models.PositiveSmallIntegerField(verbose_name="参加表决")
        ),
        migrations.AlterField(
            model_name="ballot", name="recognised", field=models.BooleanField(verbose_name="结论：同意")
        ),
        migrations.AlterField(
            model_name="ballot",
            name="reason",
            field=models.CharField(blank=True, max_length=500, verbose_name="不同意的原因"),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(fields=["meeting", "case"], name="meeting_votes_once_on_a_case"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("due", None), ("due__gte", models.F("present")), _connector="OR"),
                name="meeting_has_no_more_present_than_due",
                violation_error_message="实到人数不能多于应到人数。",
            ),
        ),
    ]
