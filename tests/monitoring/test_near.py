"""Who lies close to a line or lacks one condition is listed with how far, visited in time, and moved by nothing."""

from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assistance.models import Visit, VisitMood
from households.codes import HouseholdType, RiskCause
from households.models import Household
from monitoring import inbox, near, screening
from monitoring.models import Case, Stage
from monitoring.policy.distance import apart
from monitoring.policy.rules import RULES
from monitoring.policy.rulesets import known_codes, ruleset
from tests.monitoring.explained import take
from tests.monitoring.surveyed import visit

ILL = (RiskCause.ILLNESS,)


@pytest.fixture
def judged(place, staff, make, today):
    """Visits a new household of 北石桥 with so much a head, and judges it."""

    def judge(head: str, per_head: int, *, risks: Any = (), **given: Any) -> Household:
        household = make.household(place.village, head, household_type=given.pop("kind", HouseholdType.ORDINARY))
        visit(household, staff.cadre, today, wage=per_head * 3, operating_gross=0, risks=risks, **given)
        screening.assess_household(household, today)
        return household

    return judge


def taken_up(household: Household, by: Any, stage: Stage = Stage.WATCH) -> None:
    Case.objects.create(
        household=household, village=household.village, monitor_class="edge", stage=stage, stage_since=timezone.now(),
        ruleset="zaozhuang_2020", opened_by=by, decided_on=timezone.localdate() if stage == Stage.REGISTERED else None,
    )  # fmt: skip


def heads(found: Any) -> list[str]:
    return [assessment.household.head_name for assessment in found]


def test_within_a_tenth_the_nearest_comes_first_and_who_is_far_or_taken_up_does_not(judged, staff, place):
    judged("远的", 5_600_00)
    judged("近的", 5_433_00)
    judged("最近", 5_000_00)
    judged("低的", 4_900_00)
    taken_up(judged("在办", 5_100_00), staff.cadre)
    assert heads(near.within_a_tenth(staff.cadre)) == ["最近", "近的"]
    assert heads(near.within_a_tenth(staff.neighbour_cadre)) == []


def test_one_condition_is_missing_either_the_income_or_the_risk(judged, staff, today):
    judged("有病", 8_000_00, risks=ILL)
    judged("钱少", 4_900_00)
    judged("都有", 4_900_00, risks=ILL)
    judged("都没", 8_000_00)
    assert sorted(heads(near.lacking_one(staff.cadre))) == ["有病", "钱少"]
    assert sorted(heads(near.near_misses(staff.cadre))) == ["有病", "钱少"]


def test_each_row_says_how_far_or_what_is_missing(at_desk, judged, staff):
    judged("近的", 5_433_00)
    judged("有病", 8_000_00, risks=ILL)
    judged("钱少", 4_900_00)
    client = at_desk(staff.cadre)
    close = client.get(reverse("monitoring:clues"), {"view": "near"}).content.decode()
    assert "人均纯收入 5,433.00 元，不低于参考线 5,000 元；比线高 433 元（8.7%）。" in close
    one = client.get(reverse("monitoring:clues"), {"view": "one"}).content.decode()
    assert "只差一项：人均纯收入 8,000.00 元，不低于参考线 5,000 元；比线高 3,000 元（60%）。" in one
    assert "只差“有返贫致贫风险”" in one
    assert "只看脱贫户" not in one


def test_what_the_rule_set_itself_calls_close_is_close(at_desk, place, judged, staff):
    take(place.zone, staff, "hubei_2020")
    judged("临界", 9_000_00, kind=HouseholdType.LIFTED)
    judged("将近", 6_050_00, kind=HouseholdType.LIFTED)
    found = heads(near.within_a_tenth(staff.officer))
    assert found == ["将近"]
    assert at_desk(staff.officer).get(reverse("monitoring:clues"), {"view": "near"}).status_code == 200


def test_no_rule_for_the_offices_alone_has_a_distance_that_a_village_could_read():
    assert [rule.code for rule in RULES.values() if rule.office_only and rule.gap] == []
    for code in known_codes():
        ways = [way for row in ruleset(code).decisions for way in row.met]
        assert [rule for way in ways for rule in way if RULES[rule].office_only] == []


def test_registered_households_whose_risk_may_be_over_are_a_line_of_the_offices(at_desk, place, judged, staff):
    take(place.zone, staff, "hubei_2020")
    household = judged("王大海", 2_000_00, kind=HouseholdType.LIFTED)
    taken_up(household, staff.cadre, Stage.REGISTERED)
    richer = judged("李秀英", 20_000_00, kind=HouseholdType.LIFTED)
    taken_up(richer, staff.cadre, Stage.REGISTERED)
    screening.assess_household(richer, timezone.localdate())
    assert heads(near.elimination_reviews(staff.reviewer)) == ["李秀英"]
    for desk in (staff.reviewer, staff.officer):
        work = [item for item in inbox.todo(desk) if item.kind == "review"]
        assert [item.title for item in work] == ["建议复核风险消除 1 户"]
        page = at_desk(desk).get(work[0].url).content.decode()
        assert "李秀英" in page
        assert "看办理" in page
    assert "review" not in [item.kind for item in inbox.todo(staff.cadre)]
    assert "建议复核风险消除" not in at_desk(staff.cadre).get(reverse("monitoring:clues")).content.decode()
    assert Case.objects.get(household=richer).stage == Stage.REGISTERED


def test_they_stand_in_the_plan_of_visits_who_was_not_visited_first(at_desk, judged, staff, today):
    judged("近的", 5_100_00)
    judged("有病", 8_000_00, risks=ILL)
    visited = judged("最近", 5_000_00)
    Visit.objects.create(household=visited, visited_on=today, mood=VisitMood.SAME, visitor=staff.cadre)
    client = at_desk(staff.cadre)
    assert "临界户<b>3</b>" in client.get(reverse("assistance:visits")).content.decode()
    page = client.get(reverse("assistance:visits"), {"group": "near"}).content.decode()
    assert page.index("<b>近的</b>") < page.index("<b>有病</b>") < page.index("<b>最近</b>")
    assert "本月还有 2 户没走访" in page
    assert "比线高 100 元（2%）" in page
    assert (
        "近的"
        not in at_desk(staff.neighbour_cadre).get(reverse("assistance:visits"), {"group": "near"}).content.decode()
    )


def test_three_households_and_thirty_cost_the_same_queries(at_desk, judged, staff):
    pages = [
        ("monitoring:clues", {"view": "near"}),
        ("monitoring:clues", {"view": "one"}),
        ("assistance:visits", {"group": "near"}),
        ("ledgers:home", {}),
    ]
    client = at_desk(staff.cadre)

    def cost() -> list[int]:
        found = []
        for name, query in pages:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(reverse(name), query).status_code == 200
            found.append(len(asked))
        return found

    for number in range(3):
        judged(f"王{number}", 5_100_00, risks=ILL)
    cost()
    few = cost()
    for number in range(27):
        judged(f"李{number}", 5_100_00, risks=ILL)
    assert cost() == few


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (Fraction(4_081_999, 3), "比线高 8,606.66 元（172.1%）"),
        (Fraction(1_500_001, 3), "比线高 不到 0.01 元（不到 0.1%）"),
        (Fraction(1_499_999, 3), "比线低 0.01 元（不到 0.1%）"),
        (Fraction(500_000), "正好在线上"),
    ],
)
def test_the_distance_adds_up_with_the_amount_that_is_printed_beside_it(mine, words):
    assert apart(mine, Fraction(500_000)) == words
