"""A visit on a phone of 360 × 800, in a real browser: with script, without, on a bad line, by an impatient finger."""

import datetime
import re

import pytest
from playwright.sync_api import Page, Route, expect

from households import codes, signals
from households.models import Survey, SurveyDraft
from households.questions import KEY_GROUPS, LEVEL_TWO, STABLE_INCOME
from households.surveys import submit_survey
from tests.support.processes import wait_until

YUAN = 100


@pytest.fixture
def household(transactional_db, place, make, staff, today):
    household = make.household(place.village, group_no=3, address="12 号")
    household.members.filter(relation=codes.SPOUSE).update(health=[codes.Health.SERIOUS])
    answers = {
        "visited_on": today - datetime.timedelta(days=380), "persons": 3, "wage": 9_000 * YUAN, "operating_gross": 5_200 * YUAN,
        "operating_cost": 2_700 * YUAN, "property_income": 800 * YUAN, "transfer": 2_584 * YUAN, "transfer_expense": 0,
        "rigid_medical": 1_200 * YUAN, "rigid_education": 0, "rigid_housing": 0, "rigid_disability": 0, "rigid_disaster": 0,
        "rigid_other": 0,
    }  # fmt: skip
    submit_survey(household=household, by=staff.cadre, answers=answers, expected_version=None, idempotency_key="")
    return household


def address(household):
    return f"/households/{household.pk}/survey/"


def fill_in(page: Page) -> int:
    """Answers everything as a cadre would; gives the number of taps, where an amount that is typed counts as one."""
    page.click("text=下一步：收入")
    page.fill("#id_wage", "4000")
    page.check("#id_income_rest")
    page.click("text=下一步：支出")
    page.fill("#id_rigid_medical", "1.386万")
    page.check("#id_expense_rest")
    page.click("text=下一步：三保障")
    page.check("#id_all_ok")
    page.check("#id_housing_ok_1")
    page.check("#id_housing_grade_2")
    page.click("text=下一步：原因")
    page.check("#id_risk_causes_0")
    expect(page.locator("text=有收入差了三成以上")).to_be_visible()
    page.check("#id_change_reasons_1")
    page.click("text=下一步：核对")
    return 14


def test_a_visit_takes_few_taps_and_ends_at_the_result(desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.goto(address(household))
    expect(page.locator("#people")).to_be_visible()
    expect(page.locator("#income")).to_be_hidden()
    taps = fill_in(page)
    expect(page.locator("#check dd[data-text=income]")).to_have_text("纯收入 9,884 元，比去年少 5,000")
    expect(page.locator("#check dd[data-text=guarantees]")).to_have_text("住房没有保障")
    page.click("text=提交到青石镇")
    page.wait_for_url("**/result/")
    assert taps + 1 <= 26
    survey = Survey.objects.newest_first().first()
    assert (survey.wage, survey.rigid_medical, survey.housing_grade) == (4_000 * YUAN, 13_860 * YUAN, "C级")
    assert survey.change_reasons == {"wage": "受伤"}
    assert set(survey.confirmed_fields) >= {"transfer", "rigid_other"}


def test_the_running_figure_follows_the_boxes_and_blank_is_not_zero(desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.goto(address(household) + "#income")
    figure, gap = page.locator("[data-per-capita]"), page.locator("[data-gap]")
    expect(figure).to_have_text("4,961")
    expect(gap).to_have_text("↓ 比参考线 5,000 低 39")
    page.fill("#id_wage", "９,１１６")
    expect(figure).to_have_text("5,000")
    expect(gap).to_have_text("正好是参考线 5,000")
    page.fill("#id_wage", "1.2万")
    expect(figure).to_have_text("5,961")
    page.fill("#id_wage", "")
    expect(figure).to_have_text("—")
    expect(gap).to_have_text("还有 1 项没有数")
    page.check("[name=wage_same]")
    expect(page.locator("#id_wage")).to_have_value("9000")
    page.fill("#id_wage", "4000")
    expect(page.locator("[name=wage_same]")).not_to_be_checked()
    expect(page.locator("#div_id_wage [data-change]")).to_have_text("↓ 少 5,000")
    expect(page.locator("#div_id_wage [data-why]")).to_be_visible()
    page.check("[name=wage_unasked]")
    expect(page.locator("#id_wage")).to_have_value("")


def test_what_is_typed_is_there_after_a_reload_at_the_same_step(desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.goto(address(household))
    page.click("text=下一步：收入")
    page.fill("#id_wage", "4321")
    expect(page.locator("[data-draft-status]")).to_have_text(re.compile("已存好"))
    wait_until(lambda: SurveyDraft.objects.filter(typed__wage="4321").exists())
    page.goto("/households/group/3/")
    expect(page.locator("text=填到第 2 步")).to_be_visible()
    page.click("text=王大海")
    expect(page.locator("#income")).to_be_visible()
    expect(page.locator("#id_wage")).to_have_value("4321")
    assert not Survey.objects.filter(wage=4_321 * YUAN).exists()


def test_two_quick_taps_on_submit_make_one_survey(desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.goto(address(household))
    fill_in(page)
    page.locator("#check .btn-primary").dblclick()
    page.wait_for_url("**/result/")
    assert Survey.objects.filter(household=household).count() == 2


def test_a_reply_that_was_lost_on_the_way_does_not_make_a_second_survey(desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.goto(address(household))
    fill_in(page)
    lost = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).status)  # the server has it; the phone never hears
        route.abort("connectionreset")

    page.route(f"**{address(household)}", lose)
    with page.expect_event("requestfailed"):
        page.locator("#check .btn-primary").click(no_wait_after=True)
    assert Survey.objects.filter(household=household).count() == 2
    page.wait_for_timeout(500)
    page.go_back()  # from the browser's own page about the broken line, to the form as it was left
    page.wait_for_selector("#check")
    page.evaluate("location.hash = 'check'")
    page.locator("#check .btn-primary").click()
    page.wait_for_load_state()
    assert lost == [302]
    assert Survey.objects.filter(household=household).count() == 2


def test_errors_are_listed_with_links_that_open_the_section(desk, staff, place, make):
    fresh = make.household(place.village, members=2)
    page = desk(staff.cadre, phone=True)
    page.goto(address(fresh) + "#check")
    page.locator("#check .btn-primary").click()
    expect(page.locator(".error-summary")).to_contain_text("有 6 处要改")
    expect(page.locator("#income")).to_be_visible()
    page.click("#income >> text=下一步：支出")
    page.locator(".error-summary a").first.click()
    expect(page.locator("#id_wage")).to_be_focused()


def test_it_all_works_without_script(desk, staff, place, make):
    fresh = make.household(place.village, members=2, group_no=3, roster_per_capita_income=5_475 * YUAN)
    page = desk(staff.cadre, phone=True, java_script_enabled=False)
    page.goto(address(fresh))
    page.fill("#id_wage", "1.2万")
    page.click("text=重新算一算")
    expect(page.locator("#check dd[data-text=income]")).to_have_text("还有 4 项没有数，算不出来")
    expect(page.locator("#id_wage")).to_have_value("1.2万")
    page.check("#id_income_rest")
    page.check("#id_expense_rest")
    page.check("#id_all_ok")
    page.click("text=提交到青石镇")
    page.wait_for_url("**/result/")
    survey = Survey.objects.get(household=fresh)
    assert (survey.wage, survey.transfer, survey.water_ok) == (12_000 * YUAN, 0, True)


def test_nothing_sticks_out_sideways_on_a_small_phone(desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.set_viewport_size({"width": 320, "height": 640})
    for section in ("people", "income", "expenses", "guarantees", "causes", "check", "steps"):
        page.goto(address(household) + f"#{section}")
        page.reload()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, section


@pytest.fixture
def everything_asked():
    """A policy that asks all further questions."""

    def answer(sender, household, on, **more):
        return (LEVEL_TWO, KEY_GROUPS, STABLE_INCOME)

    signals.survey_questions_asked.connect(answer)
    yield
    signals.survey_questions_asked.disconnect(answer)


def test_none_of_them_and_some_of_them_take_each_other_back(everything_asked, desk, staff, household):
    page = desk(staff.cadre, phone=True)
    page.goto(f"{address(household)}#causes")
    page.click("label[for=id_level_two_features_0]")
    page.click("label[for=id_level_two_features_2]")
    page.click("label[for=id_level_two_features_none]")
    expect(page.locator("#id_level_two_features_0")).not_to_be_checked()
    expect(page.locator("#id_level_two_features_2")).not_to_be_checked()
    page.click("label[for=id_level_two_features_4]")
    expect(page.locator("#id_level_two_features_none")).not_to_be_checked()
    page.click("label[for=id_risk_causes_0]")
    expect(page.locator("#id_level_two_features_4")).to_be_checked()
    sizes = page.locator("#causes .chip:visible").evaluate_all(
        "chips => chips.map(chip => chip.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
