"""New rows get keys in order. The tables stay as they are: a default is of no concern to the database."""

import accounts.keys
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0011_casework'),
    ]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[
        migrations.AlterField(
            model_name='household',
            name='id',
            field=models.UUIDField(default=accounts.keys.key_in_order, editable=False, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='member',
            name='id',
            field=models.UUIDField(default=accounts.keys.key_in_order, editable=False, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='survey',
            name='id',
            field=models.UUIDField(default=accounts.keys.key_in_order, editable=False, primary_key=True, serialize=False),
        ),
    ])]
