"""Entries of digests are written by the thousand: no key of theirs is looked up again, and no index is kept that nobody asks."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0011_casework'),
        ('monitoring', '0001_squashed_0012_pin_procedures'),
    ]

    operations = [
        migrations.AlterField(
            model_name='digestentry',
            name='before',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='monitoring.assessment'),
        ),
        migrations.AlterField(
            model_name='digestentry',
            name='digest',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='monitoring.cluedigest'),
        ),
        migrations.AlterField(
            model_name='digestentry',
            name='household',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='households.household'),
        ),
        migrations.AlterField(
            model_name='digestentry',
            name='now',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='monitoring.assessment'),
        ),
    ]
