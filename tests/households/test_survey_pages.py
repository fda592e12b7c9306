"""The pages of a visit, without a browser's script: what is typed, refused, kept, shown."""

import datetime
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from households import codes
from households.life_events import record_life_event
from households.models import Survey, SurveyDraft
from households.services import change_household
from households.surveys import submit_survey

YUAN = 100
FILLED = {
    "wage": "1.2万",
    "operating_gross": "６，０００",
    "operating_cost": "2,000",
    "property_income": "0",
    "transfer": "4000元",
    "transfer_expense": "500",
    "persons": "３",
    "all_ok": "on",
    "no_cause": "on",
}


@pytest.fixture
def household(place, make):
    return make.household(place.village, group_no=3, address="12 号")


@pytest.fixture
def at_desk(client):
    def sit(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sit


@pytest.fixture
def send(at_desk, staff, today):
    def post(household, *, by=None, version=1, url=None, key=None, **typed):
        data = {
            "visited_on": f"{today}",
            "version": version,
            "idempotency_key": key or str(uuid.uuid4()),
            **FILLED,
            **typed,
        }
        data = {name: value for name, value in data.items() if value is not None}
        return at_desk(by or staff.cadre).post(url or reverse("households:survey", args=[household.pk]), data)

    return post


@pytest.fixture
def visited(staff, household, today):
    answers = {
        "visited_on": today - datetime.timedelta(days=365), "persons": 3, "wage": 9_000 * YUAN, "operating_gross": 0,
        "operating_cost": 0, "property_income": 800 * YUAN, "transfer": 0, "transfer_expense": 0, "rigid_medical": 300 * YUAN,
    }  # fmt: skip
    return submit_survey(household=household, by=staff.cadre, answers=answers, expected_version=1, idempotency_key="")


def page(response):
    return response.content.decode()


def test_amounts_are_read_as_people_type_them(household, send):
    response = send(household)
    survey = Survey.objects.get()
    assert response.url == reverse("monitoring:survey-result", args=[survey.pk])
    assert (survey.wage, survey.operating_gross, survey.transfer, survey.persons) == (1_200_000, 600_000, 400_000, 3)
    assert survey.housing_ok is True
    assert survey.rigid_medical is None


def test_a_blank_income_is_refused_with_a_link_to_its_box_and_what_was_typed_is_kept(household, send):
    response = send(household, wage=None)
    assert response.status_code == 422
    assert 'href="#id_wage"' in page(response)
    assert not Survey.objects.exists()
    assert SurveyDraft.objects.get().typed["operating_gross"] == "６，０００"


def test_a_blank_income_passes_when_it_is_said_that_nobody_asked(household, send):
    send(household, wage=None, wage_unasked="on")
    assert Survey.objects.get().wage is None


def test_the_button_that_says_none_stands_for_zero(household, send):
    send(household, wage=None, wage_same="on", expense_rest="on")
    survey = Survey.objects.get()
    assert (survey.wage, survey.rigid_total) == (0, 0)


def test_a_tick_that_contradicts_its_box_is_refused(household, send):
    assert "对不上" in page(send(household, wage="500", wage_same="on"))
    assert "又点了“没问到”" in page(send(household, wage="500", wage_unasked="on"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"wage": "很多"}, "请填数字"),
        ({"wage": "-5"}, "不能填负数"),
        ({"persons": "0"}, "至少 1 口人"),
        ({"persons": "几个"}, "请填人数"),
        ({"visited_on": "2199-01-01"}, "不能晚于今天"),
        ({"visited_on": "9999-99-99"}, "哪天去的"),
        ({"housing_grade": "D级"}, "是危房"),
        ({"no_cause": None, "risk_causes": "other"}, "请写一下是什么"),
        ({"risk_causes": "illness"}, "请改一处"),
        ({"idempotency_key": "x"}, "页面已过期"),
    ],
)
def test_wrong_answers_are_told_in_words_and_nothing_is_written(household, send, typed, words):
    response = send(household, **typed)
    assert response.status_code == 422
    assert words in page(response)
    assert not Survey.objects.exists()


def test_a_proposed_cause_must_be_answered_with_yes_or_no(household, send):
    response = send(household, no_cause=None, rigid_medical="2万")
    assert response.status_code == 422
    assert "看病自付 20,000 元" in page(response)
    send(household, no_cause=None, rigid_medical="2万", risk_causes="illness")
    assert Survey.objects.get().risk_causes == ["illness"]


def test_the_boxes_open_with_last_times_amounts_and_the_roster_is_named(
    at_desk, staff, household, visited, place, make
):
    text = page(at_desk(staff.cadre).get(reverse("households:survey", args=[household.pk])))
    assert re.search(r'name="wage" value="9000"', text)
    assert 'data-last="9000"' in text
    other = make.household(place.village, roster_per_capita_income=5_000 * YUAN, roster_member_count=2)
    assert "名册人均纯收入" in page(at_desk(staff.cadre).get(reverse("households:survey", args=[other.pk])))


def test_the_line_and_the_sum_stand_on_the_page(at_desk, staff, household, visited):
    text = page(at_desk(staff.cadre).get(reverse("households:survey", args=[household.pk])))
    assert 'data-line="5,000"' in text
    assert "3,266" in text  # (9,000 + 800) ÷ 3, rounded down


def test_a_visit_in_which_nothing_was_touched_is_asked_about_once_and_marked(household, visited, send, at_desk, staff):
    same = {"wage": "9000", "operating_gross": "0", "operating_cost": "0", "property_income": "800", "transfer": "0",
            "transfer_expense": "0", "rigid_medical": "300", "version": 2}  # fmt: skip
    first = send(household, **same)
    assert first.status_code == 422
    assert "有 7 项没动过" in page(first)
    send(household, **same, untouched_confirmed="1")
    survey = Survey.objects.newest_first().first()
    assert survey.all_untouched
    assert "全部未改" in page(at_desk(staff.reviewer).get(reverse("households:survey-detail", args=[survey.pk])))


def test_ticking_the_rest_confirms_them_and_asks_nothing(household, visited, send):
    same = {"wage": "9000", "operating_gross": "0", "operating_cost": "0", "property_income": "800", "transfer": "0",
            "transfer_expense": "0", "rigid_medical": "300", "version": 2}  # fmt: skip
    assert send(household, **same, income_rest="on", expense_rest="on").status_code == 302
    survey = Survey.objects.newest_first().first()
    assert "wage" in survey.confirmed_fields
    assert survey.untouched_fields == []


def test_a_big_change_keeps_its_reason(household, visited, send):
    send(
        household, version=2, wage="1000", change_reasons=["受伤", "没活干"], no_cause=None, risk_causes="unstable_job"
    )
    assert Survey.objects.newest_first().first().change_reasons["wage"] == "受伤、没活干"


def test_two_editors_the_second_sees_both_versions_and_may_submit_again(household, send, staff):
    send(household, wage="1000")
    response = send(household, by=staff.second_cadre, wage="2000")
    text = page(response)
    assert response.status_code == 409
    assert "1,000" in text and "2,000" in text and "张桂英" in text
    assert Survey.objects.count() == 1
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert hidden["version"] == "2"
    again = send(household, by=staff.second_cadre, **{**hidden, "wage": "2000"})
    assert again.status_code == 302
    assert Survey.objects.count() == 2


def test_a_member_who_was_added_meanwhile_is_shown_before_submitting(household, send, staff):
    change_household(household=household, by=staff.second_cadre, fields={"address": "1 号"}, expected_version=1)
    response = send(household)
    assert response.status_code == 409
    assert "现在登记的" in page(response)


def test_a_second_click_and_a_lost_reply_lead_to_the_one_survey(household, send):
    key = str(uuid.uuid4())
    first, again = send(household, key=key), send(household, key=key)
    assert first.url == again.url
    assert Survey.objects.count() == 1


def test_a_household_closed_meanwhile_gets_a_sentence_and_the_draft_is_kept(household, send, staff, today):
    record_life_event(
        kind=codes.LifeEventKind.CLOSED, household=household, by=staff.team, happened_on=today, note="去世"
    )
    response = send(household)
    assert response.status_code == 409
    assert "已于" in page(response) and "没有丢" in page(response)
    assert SurveyDraft.objects.get().typed["wage"] == "1.2万"


def test_a_draft_is_kept_per_person_and_comes_back(at_desk, staff, household, send):
    url = reverse("households:survey-draft", args=[household.pk])
    kept = at_desk(staff.cadre).post(
        url, {"wage": "77", "version": 1, "section": "income"}, headers={"X-Requested-With": "XMLHttpRequest"}
    )
    assert kept.status_code == 200
    assert "还有 4 项没有数" in kept.json()["texts"]["income"]
    form = reverse("households:survey", args=[household.pk])
    assert 'value="77"' in page(at_desk(staff.cadre).get(form))
    assert 'data-start="income"' in page(at_desk(staff.cadre).get(form))
    assert 'value="77"' not in page(at_desk(staff.second_cadre).get(form))


def test_a_draft_on_an_old_page_is_kept_and_the_page_is_told(at_desk, staff, household, send):
    send(household, by=staff.second_cadre)
    url = reverse("households:survey-draft", args=[household.pk])
    told = at_desk(staff.cadre).post(url, {"wage": "77", "version": 1}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert told.status_code == 409
    assert SurveyDraft.objects.get(author=staff.cadre).typed["wage"] == "77"


def test_keeping_without_submitting_leads_back_to_the_group(at_desk, staff, household):
    url = reverse("households:survey-draft", args=[household.pk])
    response = at_desk(staff.cadre).post(url, {"wage": "77", "version": 1, "save": "leave"}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("households:group", args=[3])
    assert "草稿" in page(response) and "没有提交" in page(response)


def test_the_group_list_tells_three_states_apart(at_desk, staff, place, make, household, send):
    begun = make.household(place.village, group_no=3)
    make.household(place.village, group_no=3)
    send(household)
    at_desk(staff.cadre).post(
        reverse("households:survey-draft", args=[begun.pk]), {"version": 1, "section": "expenses"}
    )
    text = page(at_desk(staff.cadre).get(reverse("households:group", args=[3])))
    assert (text.count("没走访"), text.count("填到第 3 步"), text.count("已提交</span>")) == (1, 1, 1)


def test_a_long_group_asks_no_more_queries_than_a_short_one(at_desk, staff, place, make, household):
    address = reverse("households:group", args=[3])
    desk = at_desk(staff.cadre)
    desk.get(address)  # the numbers in the menu are kept from here on
    with CaptureQueriesContext(connection) as short:
        desk.get(address)
    for number in range(12):
        make.household(place.village, group_no=3, address=f"{number} 号")
    with CaptureQueriesContext(connection) as long:
        desk.get(address)
    assert len(long) == len(short)


def test_a_colleague_without_an_account_is_named(household, send, at_desk, staff):
    send(household, visitor_name="孙二娘")
    text = page(at_desk(staff.inspector).get(reverse("households:survey-detail", args=[Survey.objects.get().pk])))
    assert "孙二娘（张桂英 代录）" in text


def test_a_correction_opens_with_what_was_submitted_and_supersedes_it(household, send, at_desk, staff):
    send(household)
    wrong = Survey.objects.get()
    url = reverse("households:survey-correct", args=[wrong.pk])
    text = page(at_desk(staff.cadre).get(url))
    assert 'name="wage" value="12000"' in text
    assert send(household, url=url, version=2).status_code == 422
    assert send(household, url=url, version=2, reason="漏了一笔", wage="13000").status_code == 302
    assert Survey.objects.get(supersedes=wrong).correction_reason == "漏了一笔"
    assert "以更正后的为准" in page(at_desk(staff.reviewer).get(reverse("households:survey-detail", args=[wrong.pk])))
    assert at_desk(staff.cadre).get(url).status_code == 302


def test_a_correction_has_its_own_draft(household, send, at_desk, staff):
    send(household)
    wrong = Survey.objects.get()
    url = reverse("households:survey-draft", args=[household.pk])
    at_desk(staff.cadre).post(url, {"wage": "1", "version": 2})
    at_desk(staff.cadre).post(url, {"wage": "2", "version": 2, "corrects": str(wrong.pk)})
    assert SurveyDraft.objects.count() == 2


def test_strangers_find_nothing_and_readers_may_not_write(household, send, at_desk, staff):
    send(household)
    survey = Survey.objects.get()
    form, detail = (
        reverse("households:survey", args=[household.pk]),
        reverse("households:survey-detail", args=[survey.pk]),
    )
    for stranger in (staff.neighbour_cadre, staff.other_reviewer):
        assert at_desk(stranger).get(form).status_code == 404
        assert at_desk(stranger).get(detail).status_code == 404
    assert at_desk(staff.foreign_officer).get(detail).status_code == 404
    assert at_desk(staff.inspector).get(form).status_code == 403
    assert at_desk(staff.inspector).get(detail).status_code == 200


def test_the_paper_prints_with_and_without_last_times_amounts(at_desk, staff, household, visited):
    url = reverse("households:survey-paper", args=[household.pk])
    assert "9,000" in page(at_desk(staff.cadre).get(url))
    assert "9,000" not in page(at_desk(staff.cadre).get(url, {"blank": "1"}))
