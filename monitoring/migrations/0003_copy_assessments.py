"""What was said so far is carried over: lists of codes become bits, and each row ends where the next one begins.

A change of the family used to be written into the facts in place; what a conclusion had seen before it stood in its figures
alone. Where these differ, the facts get a version for each, so that the reasons of an old day print what decided then.
"""

import datetime
from itertools import groupby, pairwise, zip_longest

from django.db import migrations

# The order of 枣庄2020, the only rule set in force so far, at the time of this migration.
RULES = ["Z01", "Z02", "Z03", "Z04", "Z05", "Z06", "Z07", "Z08", "Z09", "Z10"]
FLAGS = ["NEGATIVE_HOLD", "GUARANTEE_TASK"]
OF_FAMILY = ("household_type", "persons")  # of what 枣庄2020 reads
CHUNK = 2000
ONE_DAY = datetime.timedelta(days=1)


def copy(apps, schema_editor):
    wide, narrow = (apps.get_model("monitoring", name) for name in ("WideAssessment", "Assessment"))
    facts, households = (apps.get_model("households", name) for name in ("Facts", "Household"))
    closed = dict(households.objects.exclude(closed_on=None).values_list("pk", "closed_on"))
    waiting = []
    for household, found in groupby(wide.objects.order_by("household_id", "on").iterator(CHUNK), by_household):
        said = list(found)
        rows = [narrow_row(narrow, old) for old in said]
        for row, after in pairwise(rows):
            row.replaced_on = after.on
        if household in closed:
            rows[-1].replaced_on = max(rows[-1].on, closed[household])
        waiting += zip(said, rows, strict=True)
        if len(waiting) >= CHUNK:
            write(narrow, facts, waiting)
            waiting = []
    write(narrow, facts, waiting)


def by_household(old):
    return old.household_id


def narrow_row(narrow, old):
    return narrow(
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


def write(narrow, facts, waiting):
    """With the facts of the visit that each row rests on."""
    of_survey = {
        one.survey_id: one for one in facts.objects.filter(survey__in={old.survey_id for old, _row in waiting})
    }
    for survey, found in groupby(sorted(waiting, key=by_survey_and_day), lambda pair: pair[0].survey_id):
        rest_on(of_survey[survey], list(found))
    narrow.objects.bulk_create([row for _old, row in waiting])


def by_survey_and_day(pair):
    return pair[0].survey_id, pair[0].on


def rest_on(stored, pairs):
    """Give each row, in the order of days, the version of its visit's facts that says what the row was said of."""
    begins = stored.begins_on
    runs = [(family, list(found)) for family, found in groupby(pairs, family_seen)]
    for (family, run), after in zip_longest(runs, runs[1:]):
        version = stored
        if after or family != tuple(getattr(stored, name) for name in OF_FAMILY):
            ends = within(stored, after[1][0][0].on if after else stored.replaced_on or run[-1][0].on + ONE_DAY)
            version, begins = earlier_version(stored, family, begins, ends), ends
        for _old, row in run:
            row.facts_id, row.visited_on = version.pk, version.visited_on
    if begins != stored.begins_on:
        stored.begins_on = begins
        stored.save(update_fields=["begins_on"])


def family_seen(pair):
    return tuple(pair[0].figures[name] for name in OF_FAMILY)


def within(stored, day):
    """A version begins and ends inside the time of its visit."""
    day = max(day, stored.begins_on)
    return min(day, stored.replaced_on) if stored.replaced_on else day


def earlier_version(stored, family, begins, ends):
    columns = {field.attname: getattr(stored, field.attname) for field in stored._meta.concrete_fields}
    columns |= {"id": None, "begins_on": begins, "replaced_on": ends, **dict(zip(OF_FAMILY, family, strict=True))}
    return type(stored).objects.create(**columns)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_narrow_assessments")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
