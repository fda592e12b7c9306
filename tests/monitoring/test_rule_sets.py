"""The decision tables of the rule sets beside 枣庄2020, row by row, through the command."""

import datetime
from typing import Any

import pytest

from monitoring.policy.engine import verdicts
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import PolicyNotInForce, policy_in_force
from monitoring.trials import judge
from monitoring.worked_cases import read_cases
from tests.monitoring.surveyed import visit
from tests.monitoring.test_worked_cases import ask, changed

HUBEI = "hubei_2020"
LUAN = "luan_2019"
NATIONAL = "national_2021"


def answer(tmp_path, ruleset: str, case_id: str, **fields: Any) -> tuple[str, list[str], str]:
    said = ask(changed(tmp_path, case_id, **fields), ruleset)[case_id]
    return said["code"], said["flags"], said["reason"]


@pytest.mark.parametrize(
    ("case_id", "fields", "code", "flags"),
    [
        ("C18", {"household_type": "未脱贫建档立卡户"}, "NA", []),
        ("C18", {"negative_hits": ["家用小汽车"]}, "NONE", ["NEGATIVE_HOLD"]),
        ("C07", {"negative_hits": ["家用小汽车"], "risks": ["因学"]}, "NA", []),
        ("C08", {"rigid": {"医疗": "45100"}}, "EDGE", []),
        ("C08", {"rigid": {"医疗": "45099.99"}}, "BORDER", []),
        ("C08", {"rigid": {"医疗": "41000"}}, "NONE", []),
        ("C08", {"risks": []}, "NONE", []),
        ("C08", {"risks": ["因学"]}, "EDGE", ["CAUSE_NOT_LISTED"]),
        ("C18", {"risks": ["因病"], "last_year_income": "94285.72"}, "RELAPSE", []),
        ("C18", {"risks": ["因病"], "last_year_income": "94285.71"}, "NONE", []),
        ("C18", {"risks": ["因学"]}, "NONE", []),
        ("C16", {"rigid": {"医疗": "20000"}}, "BORDER", ["ELIM_REVIEW"]),
        ("C04", {"guarantee_new_problem": ["饮水"]}, "NONE", ["GUARANTEE_TASK", "BORDER_HINT"]),
    ],
)
def test_the_table_of_hubei(db, tmp_path, case_id, fields, code, flags):
    assert answer(tmp_path, HUBEI, case_id, **fields)[:2] == (code, flags)


def test_hubei_says_what_a_relapse_below_the_standard_is(db, tmp_path):
    income = {"wage": "1", "operating_gross": "0", "operating_cost": "0", "property": "0", "transfer": "0"}
    code, flags, reason = answer(tmp_path, HUBEI, "C03", income={**income, "transfer_expense": "0"})
    assert (code, flags) == ("RELAPSE", ["POOR_SUSPECT"])
    assert reason.endswith("人均可支配收入低于4000,疑似返贫,“及时建档立卡”")


@pytest.mark.parametrize(
    ("case_id", "fields", "code", "reason"),
    [
        ("C18", {"has_labour": False}, "YELLOW", "“无劳力”"),
        ("C18", {"stable_income": False}, "YELLOW", "“无稳定收入”"),
        ("C18", {"yellow_features": ["发展资金不足", "产业规模小"]}, "YELLOW", "“发展资金不足、产业规模小”"),
        ("C18", {"yellow_features": ["没有门路"]}, "YELLOW", "“没有门路”"),
        ("C18", {"rigid": {"医疗": "33000"}, "rigid_last_year": "32999.99"}, "YELLOW", "刚性支出增大"),
        ("C18", {"rigid": {"医疗": "32999.99"}}, "BLUE", "没有困难"),
        ("C18", {"has_labour": False, "guarantee_new_problem": ["孩子辍学"]}, "RED", "新困难:孩子辍学"),
        ("C16", {"has_labour": None, "stable_income": None}, "BLUE", "没有困难"),
        ("C13", {"risks": []}, "KEYGROUP", "低保户、残疾人户属必排重点群体;人均4,700.00低于县区标准"),
        ("C13", {"risks": [], "key_groups": []}, "NONE", "未查到致贫风险"),
        ("C22", {"key_groups": []}, "NONE", "人均6,100.00不低于县区标准(参数5000),不属必排重点群体"),
        ("C22", {"already_tagged": "边缘户"}, "EDGE", "已在边缘户台账"),
        ("C22", {"guarantee_new_problem": ["饮水"]}, "KEYGROUP", "残疾人户"),
        ("X01", {"key_groups": []}, "INCOMPLETE", "收入缺项"),
    ],
)
def test_the_table_of_luan(db, tmp_path, case_id, fields, code, reason):
    said, _flags, words = answer(tmp_path, LUAN, case_id, **fields)
    assert said == code
    assert reason in words


def test_a_guarantee_that_was_not_asked_does_not_make_blue(place, staff, make):
    household = make.household(place.village, household_type="lifted")
    visit(household, staff.cadre, datetime.date(2020, 6, 15), guarantees_unanswered=1)
    policy = policy_in_force(place.village, datetime.date(2020, 6, 30), LUAN)
    facts = facts_in_force(policy).filter(household=household)
    assert [verdict.code for verdict in verdicts(facts, policy)] == ["INCOMPLETE"]
    facts.update(has_labour=False)
    assert [verdict.code for verdict in verdicts(facts, policy)] == ["YELLOW"]


@pytest.mark.parametrize(
    ("case_id", "fields", "code", "flags"),
    [
        ("C18", {"risks": ["因病"], "rigid": {"医疗": "36800"}}, "NONE", []),
        ("C18", {"risks": ["因病"], "rigid": {"医疗": "36800.01"}}, "SUDDEN", []),
        ("C18", {"rigid": {"医疗": "36800.01"}}, "NONE", []),
        ("C18", {"risks": ["因病"], "last_year_income": "94285.72"}, "SUDDEN", []),
        ("C18", {"risks": ["因病"], "last_year_income": "94285.71"}, "NONE", []),
        ("C18", {"guarantee_new_problem": ["饮水"]}, "CHECK", ["GUARANTEE_TASK"]),
        ("C02", {"guarantee_new_problem": ["饮水"]}, "RELAPSE", ["GUARANTEE_TASK"]),
        ("C08", {"negative_hits": ["家用小汽车"]}, "SUDDEN", ["NEGATIVE_HOLD"]),
        ("C18", {"already_tagged": "突发严重困难户"}, "RELAPSE", []),
        ("C18", {"household_type": "未脱贫建档立卡户"}, "NA", []),
    ],
)
def test_the_table_of_the_national_example(db, tmp_path, case_id, fields, code, flags):
    assert answer(tmp_path, NATIONAL, case_id, **fields)[:2] == (code, flags)


def test_worked_cases_are_not_judged_before_a_rule_set_begins():
    with pytest.raises(PolicyNotInForce, match="2021-05-14"):
        judge(read_cases('{"cases": []}'), NATIONAL, datetime.date(2021, 5, 13))
