"""The trace speaks: details have Chinese names, codes have labels, and keys of rows are not shown."""

import ast
from pathlib import Path

from accounts import audit
from accounts.trace_words import BARE_KEYS, LABELS, details, household_key
from monitoring.models import Outcome, Stage

ROOT = Path(__file__).parent.parent.parent
APPS = ("accounts", "households", "monitoring", "assistance", "ledgers")
WRITERS = {"record", "finish_change"}
NOT_DETAILS = {"action", "actor", "by", "target", "region", "on_behalf_of"}


def recorded_keys() -> set[str]:
    """The names of all details that the code hands to the trace by name."""
    found = set()
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                keys = {keyword.arg for keyword in node.keywords if keyword.arg}
                found |= keys if name == "finish_change" or (name == "record" and "actor" in keys) else set()
    return found - NOT_DETAILS


def test_every_recorded_detail_has_a_name_or_is_a_bare_key():
    keys = recorded_keys()
    assert len(keys) > 25
    assert keys - LABELS.keys() - BARE_KEYS == set()


def test_a_step_is_told_by_its_stages_and_leads_to_the_household(staff, make, place):
    household = make.household(place.village)
    event = audit.record(
        action="case.endorse",
        actor=staff.cadre,
        household=household.pk,
        from_stage=Stage.TOWN,
        to_stage=Stage.DISTRICT,
    )
    assert details(event) == [("原环节", "镇（街）认定"), ("现环节", "报区（市）")]
    assert household_key(event) == str(household.pk)


def test_codes_columns_and_counts_are_said_in_words(staff, make, place):
    household = make.household(place.village)
    changed = audit.record(action="household.change", actor=staff.cadre, target=household, fields=["group_no", "phone"])
    assert details(changed)[0][0] == "改了"
    assert "group_no" not in details(changed)[0][1]
    assert household_key(changed) == str(household.pk)
    screened = audit.record(action="assessment.change", actor=None, outcome=Outcome.EDGE, rules=["Z06", "Z07"])
    assert details(screened) == [("系统提示", "边缘户"), ("符合的规则", "Z06、Z07")]
    written = audit.record(action="import.apply", actor=staff.cadre, **{"households.new": 3, "people.refused": 1})
    assert details(written) == [("户数（新增）", "3"), ("人数（没有通过）", "1")]


def test_the_page_shows_no_english_key_and_no_bare_key(client, staff, make, place):
    household = make.household(place.village)
    audit.record(
        action="case.open",
        actor=staff.cadre,
        region=place.village,
        household=household.pk,
        from_stage="",
        to_stage=Stage.WATCH,
    )
    client.force_login(staff.inspector)
    page = client.get("/audit/").content.decode()
    assert "现环节：预警关注" in page
    assert "to_stage" not in page and "from_stage" not in page
    assert f"/households/{household.pk}/" in page and page.count(str(household.pk)) == 1
