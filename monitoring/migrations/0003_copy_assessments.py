"""What was said so far is carried over: lists of codes become bits, and each row ends where the next one begins."""

from django.db import migrations

# The order of 枣庄2020, the only rule set in force so far, at the time of this migration.
RULES = ["Z01", "Z02", "Z03", "Z04", "Z05", "Z06", "Z07", "Z08", "Z09", "Z10"]
FLAGS = ["NEGATIVE_HOLD", "GUARANTEE_TASK"]
CHUNK = 2000


def copy(apps, schema_editor):
    wide, narrow = (apps.get_model("monitoring", name) for name in ("WideAssessment", "Assessment"))
    facts = apps.get_model("households", "Facts")
    rows, last = [], None
    for old in wide.objects.order_by("household_id", "on").iterator(CHUNK):
        if last is not None and last.household_id == old.household_id:
            last.replaced_on = old.on
        elif len(rows) >= CHUNK:
            write(narrow, facts, rows)
            rows = []
        last = narrow(
            household_id=old.household_id,
            village_id=old.village_id,
            screening_id=old.screening_id,
            on=old.on,
            policy_date=old.policy_date,
            ruleset=old.ruleset,
            outcome=old.outcome,
            rule_bits=sum(1 << RULES.index(code) for code in old.rules_met),
            flag_bits=sum(1 << FLAGS.index(code) for code in old.flags),
            decision=old.figures["decision"],
            made_at=old.made_at,
        )
        last.survey = old.survey_id
        rows.append(last)
    write(narrow, facts, rows)


def write(narrow, facts, rows):
    """With the facts of the visit that each row rests on."""
    of_survey = {one.survey_id: one for one in facts.objects.filter(survey__in={row.survey for row in rows})}
    for row in rows:
        row.facts_id, row.visited_on = of_survey[row.survey].pk, of_survey[row.survey].visited_on
    narrow.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_narrow_assessments")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
