"""What some rule sets ask beyond the usual questions: features of the second grade, and key groups."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0004_facts_take_over")]

    operations = [
        migrations.AddField(
            model_name="survey",
            name="level_two_features",
            field=models.JSONField(blank=True, null=True, verbose_name="二级的情形"),
        ),
        migrations.AddField(
            model_name="survey",
            name="key_groups",
            field=models.JSONField(blank=True, null=True, verbose_name="重点群体"),
        ),
    ]
