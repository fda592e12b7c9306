"""The rows that count today get the bits that follow from the registers: key groups, and 劳动技能不强."""

from collections import defaultdict
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHUNK = 1000
# As the bits stood when this was written; they keep their meaning.
UNSAFE_HOUSE, DIBAO, TEKUN_AT_HOME, ILL, DISASTER, DISABLED = 1, 2, 4, 8, 16, 64
WEAK_SKILLS = 4
OF_MEMBER = ("household_id", "health", "disability_category", "labour_skill", "dibao", "tekun")


def add_bits(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Walk the rows in force by their keys; only those that change are written, and are to be judged."""
    facts = apps.get_model("households", "Facts").objects.using(editor.connection.alias)
    rows = facts.filter(replaced_on=None).select_related("survey", "household").order_by("pk")
    last = 0
    while found := list(rows.filter(pk__gt=last)[:CHUNK]):
        last = found[-1].pk
        members = _members(apps, editor, [row.household_id for row in found])
        changed = [row for row in found if _add_bits(row, members[row.household_id])]
        facts.bulk_update(changed, ["yellow_bits", "key_group_bits", "dirty"], batch_size=CHUNK // 2)


def _members(apps: Apps, editor: BaseDatabaseSchemaEditor, households: list[Any]) -> dict[Any, list[dict[str, Any]]]:
    members = apps.get_model("households", "Member").objects.using(editor.connection.alias)
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for member in members.filter(household__in=households, left_on=None, lives_here=True).values(*OF_MEMBER):
        found[member["household_id"]].append(member)
    return found


def _add_bits(row: Any, members: list[dict[str, Any]]) -> bool:
    groups, skills = 0, {member["labour_skill"] for member in members}
    for member in members:
        groups |= _of_member(member)
    grade = row.survey.housing_grade
    if grade in ("C级", "D级") or (not grade and row.household.unsafe_house):
        groups |= UNSAFE_HOUSE
    if "disaster" in row.survey.risk_causes or row.survey.rigid_disaster:
        groups |= DISASTER
    features = WEAK_SKILLS if "weak" in skills and not skills & {"ordinary", "skilled"} else 0
    before = (row.yellow_bits, row.key_group_bits)
    row.yellow_bits |= features
    row.key_group_bits |= groups
    row.dirty = True
    return before != (row.yellow_bits, row.key_group_bits)


def _of_member(member: dict[str, Any]) -> int:
    groups = 0 if member["dibao"] == "none" else DIBAO
    groups |= TEKUN_AT_HOME if member["tekun"] == "rural_home" else 0
    groups |= ILL if {"serious", "chronic"} & set(member["health"]) else 0
    return groups | (DISABLED if "disabled" in member["health"] or member["disability_category"] else 0)


class Migration(migrations.Migration):
    dependencies = [("households", "0005_survey_asks_for_levels")]

    operations = [migrations.RunPython(add_bits, migrations.RunPython.noop)]
