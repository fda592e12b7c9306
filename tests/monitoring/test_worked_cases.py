"""The worked cases: code, label, flags and reason, to the letter, through the command."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Region
from households.models import Household
from monitoring.models import Assessment

FILE = Path(__file__).parent.parent / "data" / "worked_cases.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
EXPECTED = sorted(CASES[0]["expected"])


def ask(file: Path, ruleset: str = "zaozhuang_2020") -> dict[str, Any]:
    out = io.StringIO()
    call_command("screen_cases", str(file), ruleset=ruleset, stdout=out)
    return json.loads(out.getvalue())


def changed(tmp_path: Path, case_id: str, **fields: Any) -> Path:
    """A file with one of the cases, changed."""
    case = next(case for case in CASES if case["id"] == case_id)
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [{**case, **fields}]}), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def answers(django_db_setup: None, django_db_blocker: Any) -> dict[str, dict[str, Any]]:
    with django_db_blocker.unblock():
        return {code: ask(FILE, code) for code in EXPECTED}


@pytest.mark.parametrize("code", EXPECTED)
def test_there_are_thirteen_cases(answers, code):
    assert list(answers[code]) == [case["id"] for case in CASES]
    assert len(answers[code]) == 13


@pytest.mark.parametrize("code", EXPECTED)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_each_case_comes_out_as_expected(answers, case, code):
    answer, expected = answers[code][case["id"]], case["expected"][code]
    assert {key: answer[key] for key in expected} == expected
    assert answer["reason"]


def test_nothing_stays_in_the_database(db):
    ask(FILE)
    assert not Region.objects.exists()
    assert not Household.objects.exists()
    assert not Assessment.objects.exists()


def test_the_numbers_of_the_file_are_used(db, tmp_path):
    raw = json.loads(FILE.read_text(encoding="utf-8"))
    raw["params"]["z_line"] = "4999.99"
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    answer = ask(file)["C02"]
    assert answer["code"] == "WATCH"
    assert "人均4,999.99不低于4999.99" in answer["reason"]


def with_params(tmp_path: Path, **params: Any) -> Path:
    raw = json.loads(FILE.read_text(encoding="utf-8"))
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({**raw, "params": {**raw["params"], **params}}), encoding="utf-8")
    return file


def test_ratios_of_the_file_are_used_for_hubei(db, tmp_path):
    answer = ask(with_params(tmp_path, h_mult="1.51", h_rigid_clear="1.27"), "hubei_2020")
    assert answer["C04"]["code"] == "EDGE"
    assert "人均可支配6,000.00<6040" in answer["C04"]["reason"]
    assert answer["C08"]["code"] == "BORDER"
    assert "127%" in answer["C08"]["reason"]


@pytest.mark.parametrize("ratio", ["1.234", "-0.1", "11"])
def test_a_ratio_that_is_not_whole_percent_is_refused(db, tmp_path, ratio):
    with pytest.raises(CommandError, match="h_mult"):
        ask(with_params(tmp_path, h_mult=ratio), "hubei_2020")


def test_a_missing_answer_is_not_zero(db, tmp_path):
    case = next(case for case in CASES if case["id"] == "C18")
    income = {**case["income"], "transfer_expense": None}
    assert ask(changed(tmp_path, "C18", income=income))["C18"]["code"] == "INCOMPLETE"


def test_fen_are_read_exactly_from_numbers_too(db, tmp_path):
    file = changed(tmp_path, "C02")
    text = file.read_text(encoding="utf-8").replace('"2950.03"', "2950.03")
    file.write_text(text, encoding="utf-8")
    assert "人均4,999.99" in ask(file)["C02"]["reason"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"household_type": "外来户"}, "外来户"),
        ({"risks": ["因懒"]}, "因懒"),
        ({"persons": -1}, "persons"),
        ({"persons": "三"}, "persons"),
        ({"income": {"wage": "1.234"}}, "1.234"),
        ({"income": {"wages": "1"}}, "wages"),
        ({"rigid": {"旅游": "1"}}, "旅游"),
        ({"already_tagged": "五保户"}, "五保户"),
        ({"hobby": "钓鱼"}, "hobby"),
        ({"has_labour": "yes"}, "has_labour"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(db, tmp_path, fields, words):
    with pytest.raises(CommandError, match=words):
        ask(changed(tmp_path, "C02", **fields))


@pytest.mark.parametrize("text", ["", "[]", '{"cases": 1}', '{"cases": [1]}', '{"cases": [{"id": "A"}]}', "{nope"])
def test_a_file_that_is_not_whole_is_refused(db, tmp_path, text):
    file = tmp_path / "cases.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError):
        ask(file)


def test_an_unknown_rule_set_and_a_missing_file_are_refused(db, tmp_path):
    with pytest.raises(CommandError, match="没有规则集“nowhere_1900”"):
        ask(FILE, ruleset="nowhere_1900")
    with pytest.raises(CommandError, match="没有文件"):
        ask(tmp_path / "none.json")
    with pytest.raises(CommandError, match="重复"):
        twice = tmp_path / "twice.json"
        twice.write_text(json.dumps({"cases": [CASES[0], CASES[0]]}), encoding="utf-8")
        ask(twice)


def test_a_fresh_machine_answers_with_one_json_object(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "manage.py", "screen_cases", FILE, "--ruleset", "zaozhuang_2020"],
        cwd=settings.BASE_DIR,
        env={**kept, "VAR_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert list(json.loads(done.stdout)) == [case["id"] for case in CASES]
