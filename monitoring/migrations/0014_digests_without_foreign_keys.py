"""Digests are opened by the thousand too: no key of theirs is looked up again (docs/decisions/0003)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_casework'),
        ('monitoring', '0013_lighter_digest_entries'),
    ]

    operations = [
        migrations.AlterField(
            model_name='cluedigest',
            name='village',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region', verbose_name='村'),
        ),
        migrations.AlterField(
            model_name='digestentry',
            name='digest',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='monitoring.cluedigest'),
        ),
    ]
