"""The mark stands elsewhere now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("households", "0008_mark_changed_households")]

    operations = [
        migrations.RemoveIndex(model_name="facts", name="facts_not_judged"),
        migrations.RemoveField(model_name="facts", name="dirty"),
    ]
