"""Why: five parts for every rule, the same everywhere, and what town and district alone may see."""

import datetime
import io
import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from households.codes import HouseholdType
from households.models import Facts
from monitoring import screening
from monitoring.explanations import document_of
from monitoring.models import Assessment, Case, Stage
from monitoring.policy.explain import NotVisited, explain, explain_on
from monitoring.policy.rules import RULES
from monitoring.policy.rulesets import known_codes, ruleset
from monitoring.policy.values import PolicyNotInForce
from tests.monitoring.explained import ON, VISITED, confirmed, poor, take, visited
from tests.monitoring.surveyed import visit

KINDS = (HouseholdType.ORDINARY, HouseholdType.LIFTED)
FIVE_PARTS = ("what", "how", "threshold", "source", "next")
ONLY_FOR_OFFICES = {"NEGATIVE_HOLD", "POOR_SUSPECT"}
# What neither the village nor the family may read: that somebody may be poor, and the negative list. The public line of
# 湖北 is a multiple of the standard, and may be called so.
SECRET = re.compile(
    "疑似|低于建档立卡标准|待核实|负面清单|暂缓|及时建档立卡|返贫即入|POOR_SUSPECT|NEGATIVE_HOLD|国家扶贫标准(?!的?1\\.5倍|之比)"
)


def log_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def ask(household: Any, on: datetime.date = ON, *more: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("explain", household.number, "--on", f"{on}", *more, stdout=out)
    return json.loads(out.getvalue())


# ---- five parts ----


@pytest.mark.parametrize("kind", [*KINDS, HouseholdType.REGISTERED_POOR])
@pytest.mark.parametrize("code", known_codes())
def test_every_rule_in_force_is_told_in_five_parts_met_or_not(place, staff, make, code, kind):
    take(place.zone, staff, code)
    well_off = make.household(place.village, household_type=kind)
    visited(well_off, staff, wage=900_000_00, rigid_medical=100_00, last_year_income=1_00)
    unasked = make.household(place.village, household_type=kind)
    visit(unasked, staff.cadre, VISITED, wage=None, guarantees_unanswered=31)
    nobody = make.household(place.village, household_type=kind)
    visit(nobody, staff.cadre, VISITED, persons=0)
    for household in (poor(make, staff, place.village, kind), well_off, unasked, nobody):
        explanation = explain_on(household, ON)
        assert explanation.policy.ruleset.code == code
        in_force = [one for one in ruleset(code).rules if RULES[one].in_force_on(ON)]
        assert [reason.code for reason in explanation.rules] == in_force
        for reason in explanation.rules:
            for part in FIVE_PARTS:
                assert getattr(reason, part).strip(" 。；，"), (reason.code, reason.met, part)
            assert "None" not in " ".join(getattr(reason, part) for part in FIVE_PARTS), reason.code


def test_the_distance_to_the_line_is_told_in_yuan_and_percent(place, staff, make):
    above = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(above, staff.cadre, VISITED, operating_gross=3_690_00)
    below = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(below, staff.cadre, VISITED, operating_cost=1)
    at_it = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(at_it, staff.cadre, VISITED)
    thresholds = [rule_of(explain_on(one, ON), "Z05").threshold for one in (above, below, at_it)]
    line = "监测线 5,000 元（2020-03-05 起，枣扶贫组办字〔2020〕4号 二、防贫范围）；"
    assert thresholds == [f"{line}比线高 230 元（4.6%）", f"{line}比线低 0.01 元（不到 0.1%）", f"{line}正好在线上"]


def rule_of(explanation: Any, code: str) -> Any:
    return next(reason for reason in explanation.rules if reason.code == code)


def test_shares_of_last_years_income_name_the_amount_and_what_is_missing(place, staff, make):
    take(place.zone, staff, "hubei_2020")
    household = make.household(place.village)
    visited(household, staff, rigid_medical=9_000_00, last_year_income=10_000_00)
    explanation = explain_on(household, ON)
    assert rule_of(explanation, "H07").threshold.endswith("即 10,000 元；还差 1,000 元（10%）到线")
    assert "9,000 ÷ 上年收入 10,000 = 90%" in rule_of(explanation, "H07").how
    assert "即降到 7,000 元；比线高 8,000 元" in rule_of(explanation, "H09").threshold


def test_a_number_that_the_district_set_names_the_district_and_its_document(place, staff, make):
    confirmed(place.zone, staff, "edge_line", "5300", "zaozhuang_2020")
    household = make.household(place.village)
    visit(household, staff.cadre, VISITED)
    threshold = rule_of(explain_on(household, ON), "Z06").threshold
    assert (
        threshold == "参考线 5,300 元（2021-06-01 起，云山高新区定，某区文〔2021〕1号 第二条）；比线低 300 元（5.7%）"
    )


def test_the_source_names_the_visit_the_register_and_the_departments(place, staff, make):
    explanation = explain_on(poor(make, staff, place.village, HouseholdType.LIFTED), ON)
    assert rule_of(explanation, "Z07").source.endswith("数据：2026-06-15 入户调查")
    assert rule_of(explanation, "Z10").source.endswith("数据：部门比对")
    assert rule_of(explanation, "Z04").source.endswith("数据：监测对象名册")


def test_a_change_in_the_family_since_the_visit_is_named_with_its_day(place, staff, make):
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    visited(household, staff)
    later = VISITED + datetime.timedelta(days=5)
    Facts.objects.filter(household=household).update(begins_on=later, persons=4)
    reason = rule_of(explain_on(household, ON), "Z05")
    assert "15,000 ÷ 4 人 = 3,750.00 元" in reason.how
    assert reason.source.endswith("2026-06-15 入户调查（2026-06-20 家里有变动）")


# ---- the day ----


def test_an_old_day_is_told_with_the_facts_and_the_values_of_that_day(place, staff, make):
    household = make.household(place.village)
    visit(household, staff.cadre, datetime.date(2026, 3, 1), wage=11_000_00)
    visit(household, staff.cadre, VISITED)
    confirmed(place.zone, staff, "edge_line", "5300", "zaozhuang_2020", starts_on=datetime.date(2026, 6, 20))
    assert "4,666.66 元，低于参考线 5,000 元" in rule_of(explain_on(household, datetime.date(2026, 6, 14)), "Z06").what
    assert "5,000.00 元，不低于参考线 5,000 元" in rule_of(explain_on(household, VISITED), "Z06").what
    assert "5,000.00 元，低于参考线 5,300 元" in rule_of(explain_on(household, ON), "Z06").what


def test_before_the_rule_set_and_without_a_visit_there_is_a_sentence_and_no_result(place, staff, make):
    household = make.household(place.village)
    visit(household, staff.cadre, VISITED)
    with pytest.raises(PolicyNotInForce, match="政策未覆盖"):
        explain_on(household, datetime.date(2020, 3, 4))
    with pytest.raises(NotVisited, match="没有入户调查"):
        explain_on(household, VISITED - datetime.timedelta(days=1))


def test_a_stored_conclusion_keeps_the_line_it_was_made_with(place, staff, make):
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(household, staff.cadre, VISITED)
    screening.assess_household(household, VISITED)
    kept = Assessment.objects.with_facts().get(household=household)
    confirmed(place.zone, staff, "income_line", "5300", "zaozhuang_2020")
    assert explain(kept).outcome == "NONE"
    assert "不低于监测线 5,000 元" in rule_of(explain(kept), "Z05").what
    assert explain_on(household, ON).outcome == "REVIEW_RISK"


def test_the_result_shows_the_present_answer_beside_a_stored_one_that_has_become_different(place, staff, make, today):
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    survey = visit(household, staff.cadre, today)
    screening.assess_household(household, today)
    assert "今天重算不一样" not in text_of(log_in(staff.cadre), "monitoring:survey-result", survey.pk)
    confirmed(place.zone, staff, "income_line", "5300", "zaozhuang_2020")
    page = text_of(log_in(staff.cadre), "monitoring:survey-result", survey.pk)
    assert "不低于监测线 5,000 元" in page
    assert "今天重算不一样：不认定（补核风险）" in page
    basis = text_of(log_in(staff.cadre), "monitoring:basis", household.pk)
    assert "低于监测线 5,300 元" in basis
    assert "系统记下的结论：不纳入" in basis


# ---- for whom ----


@pytest.mark.parametrize("code", known_codes())
def test_a_flag_for_the_offices_rests_on_a_rule_for_the_offices(code):
    for flag in ruleset(code).flags:
        assert RULES[flag.rule].office_only == (flag.code in ONLY_FOR_OFFICES), flag.code


@pytest.fixture
def walked(place, staff, make, request, today) -> Any:
    """A household that raises everything, judged today and on its way, under the rule set and of the type asked for."""
    code, kind = request.param
    take(place.zone, staff, code)
    for parameter in ruleset(code).parameters.values():
        if parameter.set_by_district:
            confirmed(place.zone, staff, parameter.key, "6000", code)
    household = poor(make, staff, place.village, kind, today)
    screening.assess_household(household, today)
    survey = household.surveys.get()
    waiting = poor(make, staff, place.village, kind, today)
    screening.assess_household(waiting, today)
    case = Case.objects.create(
        household=household,
        village=household.village,
        monitor_class="edge",
        stage=Stage.TOWN,
        stage_since=timezone.now(),
        ruleset=code,
        survey=survey,
        opened_by=staff.cadre,
    )
    return household, survey, case


WALKS = [(code, kind) for code in known_codes() for kind in KINDS]


def pages_of(household: Any, survey: Any, case: Any) -> list[tuple[str, tuple[Any, ...], dict[str, str]]]:
    """Every page on which something of a conclusion can be read."""
    tabs = ("detail", "income", "cases", "assistance", "log", "survey")
    return [
        ("monitoring:survey-result", (survey.pk,), {}),
        ("monitoring:basis", (household.pk,), {}),
        ("monitoring:basis-paper", (household.pk,), {}),
        ("monitoring:basis-paper", (household.pk,), {"copy": "household"}),
        ("monitoring:clues", (), {}),
        ("monitoring:cases", (), {"stage": "town"}),
        ("monitoring:case", (case.pk,), {}),
        ("monitoring:case-paper", (case.pk,), {}),
        ("ledgers:home", (), {}),
        ("assistance:gaps", (household.pk,), {}),
        ("assistance:card", (household.pk,), {}),
        ("assistance:dossier", (household.pk,), {}),
        *((f"households:{tab}", (household.pk,), {}) for tab in tabs),
    ]


@pytest.mark.parametrize("walked", WALKS, indirect=True, ids=lambda walk: f"{walk[0]} {walk[1]}")
@pytest.mark.parametrize("desk", ["cadre", "inspector"])
def test_no_page_of_the_village_says_what_is_for_the_offices(staff, walked, desk):
    client = log_in(getattr(staff, desk))
    for name, args, query in pages_of(*walked):
        if desk == "inspector" and name == "households:survey":
            continue
        found = SECRET.search(text_of(client, name, *args, **query))
        assert found is None, (name, query, found)


@pytest.mark.parametrize("walked", WALKS, indirect=True, ids=lambda walk: f"{walk[0]} {walk[1]}")
def test_what_a_family_is_given_says_it_to_nobody_whoever_prints_it(staff, walked):
    household, _survey, case = walked
    client = log_in(staff.officer)
    for name, pk, query in (("basis-paper", household.pk, {"copy": "household"}), ("case-paper", case.pk, {})):
        found = SECRET.search(text_of(client, f"monitoring:{name}", pk, **query))
        assert found is None, (name, found)


@pytest.mark.parametrize("walked", WALKS, indirect=True, ids=lambda walk: f"{walk[0]} {walk[1]}")
@pytest.mark.parametrize("audience", ["phone", "household"])
def test_the_json_for_the_village_and_the_family_is_silent_too(walked, audience, today):
    household, _survey, _case = walked
    said = json.dumps(ask(household, today, "--for", audience), ensure_ascii=False)
    assert SECRET.search(said) is None
    assert "negative_bits" not in said


@pytest.mark.parametrize("walked", [("hubei_2020", KINDS[0]), ("luan_2019", KINDS[1])], indirect=True, ids=str)
@pytest.mark.parametrize("desk", ["reviewer", "officer"])
def test_town_and_district_are_told_to_find_out_and_answer(staff, walked, desk):
    household, survey, case = walked
    client = log_in(getattr(staff, desk))
    page = text_of(client, "monitoring:basis", household.pk)
    for words in ("待核实，要答复", "低于国家扶贫标准 4,000 元，待核实。", "把结果写进办理记录", "部门比对命中 2 项"):
        assert words in page
    assert "待核实" in text_of(client, "monitoring:case", case.pk)
    assert "待核实" in text_of(client, "monitoring:survey-result", survey.pk)
    assert "不交给农户" in text_of(client, "monitoring:basis-paper", household.pk)


# ---- the pages ----


def test_the_basis_is_found_by_those_of_its_village_alone(place, staff, make, today):
    household = make.household(place.village)
    for name in ("monitoring:basis", "monitoring:basis-paper"):
        for stranger in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
            assert log_in(stranger).get(reverse(name, args=[household.pk])).status_code == 404
        for outsider in (staff.clerk, staff.admin, staff.unposted):
            assert log_in(outsider).get(reverse(name, args=[household.pk])).status_code == 403


def test_a_day_may_be_chosen_and_an_impossible_one_is_refused(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today - datetime.timedelta(days=20))
    client = log_in(staff.reviewer)
    address = reverse("monitoring:basis", args=[household.pk])
    assert "没有触发任何规则" in text_of(client, "monitoring:basis", household.pk, on=f"{today}")
    assert "没有入户调查" in text_of(
        client, "monitoring:basis", household.pk, on=f"{today - datetime.timedelta(days=30)}"
    )
    assert "政策未覆盖" in text_of(client, "monitoring:basis", household.pk, on="2020-01-01")
    for wrong in ("2999-01-01", "yesterday"):
        assert client.get(address, {"on": wrong}).status_code == 422
        assert client.get(reverse("monitoring:basis-paper", args=[household.pk]), {"on": wrong}).status_code == 404


def test_the_household_page_leads_to_its_basis(place, staff, make):
    household = make.household(place.village)
    for desk in (staff.cadre, staff.reviewer):
        page = text_of(log_in(desk), "households:detail", household.pk)
        assert reverse("monitoring:basis", args=[household.pk]) in page


def test_the_sheet_has_places_to_sign_and_the_familys_copy_where_to_object(place, staff, make):
    household = poor(make, staff, place.village, HouseholdType.LIFTED)
    sheet = text_of(log_in(staff.reviewer), "monitoring:basis-paper", household.pk, on=f"{ON}")
    copy = text_of(log_in(staff.reviewer), "monitoring:basis-paper", household.pk, on=f"{ON}", copy="household")
    assert "审核人：" in sheet
    assert "收到人签名：" in copy
    assert "有不同意见" in copy
    for paper in (sheet, copy):
        for part in ("怎么算", "界线", "依据", "下一步", "1,500 ÷ 3 人 = 500.00 元"):
            assert part in paper
    village_copy = text_of(log_in(staff.cadre), "monitoring:basis-paper", household.pk, on=f"{ON}")
    assert "认定依据告知单" in village_copy


# ---- the command ----


def test_the_command_prints_the_same_words_by_number_or_by_key(place, staff, make):
    household = poor(make, staff, place.village, HouseholdType.LIFTED)
    said = ask(household)
    explanation = explain_on(household, ON)
    assert said == json.loads(json.dumps(document_of(household, ON, explanation)))
    assert said["household"] == household.number
    assert (said["code"], said["label"], said["outcome"], said["level"]) == ("RELAPSE", "脱贫监测户", "RELAPSE", "")
    assert said["flags"] == ["NEGATIVE_HOLD", "GUARANTEE_TASK"]
    assert said["ruleset"]["version"] == ruleset("zaozhuang_2020").version
    assert {value["key"] for value in said["policy"]} == set(ruleset("zaozhuang_2020").parameters)
    assert all(value["source"] for value in said["policy"])
    assert list(said["rules"][0]) == ["code", "title", "met", *FIVE_PARTS]
    out = io.StringIO()
    call_command("explain", f"{household.pk}", "--on", f"{ON}", stdout=out)
    assert json.loads(out.getvalue()) == said


def test_the_command_names_no_person(place, staff, make):
    household = poor(make, staff, place.village, HouseholdType.LIFTED)
    said = json.dumps(ask(household), ensure_ascii=False)
    for member in household.members.all():
        assert member.name not in said
        assert member.id_number not in said


def test_the_command_refuses_with_a_sentence(place, staff, make):
    household = make.household(place.village)
    visit(household, staff.cadre, VISITED)
    for number, on, words in (
        ("no-such-number", f"{ON}", "没有户编号"),
        ("00000000-0000-4000-8000-000000000000", f"{ON}", "没有户编号"),
        (household.number, "2020-03-04", "政策未覆盖"),
        (household.number, "2026-06-01", "没有入户调查"),
        (household.number, "soon", "日期"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("explain", number, "--on", on)
