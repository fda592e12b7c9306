"""The facts that nobody has judged yet: their households are marked."""

from django.db import migrations

MARK = """
INSERT INTO households_changedhousehold (household_id, village_id)
SELECT household_id, village_id FROM households_facts WHERE dirty AND replaced_on IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0007_changed_households")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
