"""The wide rows have been carried over."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_copy_assessments")]

    operations = [migrations.DeleteModel("WideAssessment")]
