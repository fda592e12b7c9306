"""Who reaches a visit, and what a hostile or broken form does to it."""

import datetime
import uuid

import pytest
from django.urls import reverse

from households import codes
from households.models import Survey, SurveyDraft
from tests.households.visits import TYPED, YUAN, hidden, submit


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village, address="12 号", group_no=3)


@pytest.fixture
def at(client):
    """Sit somebody down: at(user).get(name, *args) and at(user).post(name, values, *args)."""

    class Desk:
        def __init__(self, user):
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        def get(self, name, *args, **query):
            return client.get(reverse(f"households:{name}", args=args), query)

        def post(self, name, values, *args):
            return client.post(reverse(f"households:{name}", args=args), values)

    return Desk


@pytest.fixture
def typed(household, today):
    """A whole form of the household as the page sends it, changed by keyword."""

    def values(**changed):
        guard = {"version": str(household.version), "idempotency_key": str(uuid.uuid4()), "section": "check"}
        return {**TYPED, **guard, "visited_on": f"{today:%Y-%m-%d}", **changed}

    return values


@pytest.mark.parametrize("who", ["cadre", "team", "reviewer"])
def test_the_village_and_the_town_survey(at, staff, household, typed, who):
    at(getattr(staff, who)).post("survey", typed(), household.pk)
    assert Survey.objects.get().entered_by == getattr(staff, who)


@pytest.mark.parametrize("who", ["officer", "inspector"])
def test_the_district_and_inspectors_read_but_do_not_survey(at, staff, household, typed, today, who):
    survey = submit(household, staff.cadre, today)
    user = getattr(staff, who)
    assert at(user).get("survey-detail", survey.pk).status_code == 200
    assert at(user).get("survey", household.pk).status_code == 403
    assert at(user).post("survey", typed(), household.pk).status_code == 403
    assert at(user).post("survey-draft", typed(), household.pk).status_code == 403
    assert at(user).get("survey-correct", survey.pk).status_code == 403
    page = at(user).get("detail", household.pk).content.decode()
    assert reverse("households:survey", args=[household.pk]) not in page


@pytest.mark.parametrize("who", ["clerk", "admin", "unposted"])
def test_whoever_does_not_read_households_sees_nothing_of_a_visit(at, staff, household, today, who):
    survey = submit(household, staff.cadre, today)
    assert at(getattr(staff, who)).get("survey-detail", survey.pk).status_code == 403
    assert at(getattr(staff, who)).get("survey", household.pk).status_code == 403


def test_another_village_cannot_even_find_it(at, staff, household, typed, today):
    survey = submit(household, staff.cadre, today)
    desk = at(staff.neighbour_cadre)
    for name, key in (("survey", household), ("survey-paper", household), ("survey-detail", survey)):
        assert desk.get(name, key.pk).status_code == 404
    assert desk.get("survey-correct", survey.pk).status_code == 404
    assert desk.post("survey", typed(), household.pk).status_code == 404
    assert desk.post("survey-draft", typed(), household.pk).status_code == 404
    assert desk.post("survey-correct", typed(reason="x"), survey.pk).status_code == 404


@pytest.mark.parametrize("key", ["", "x", "ffff"])
def test_a_form_without_a_proper_key_is_refused_in_words_and_kept(at, staff, household, typed, key):
    answer = at(staff.cadre).post("survey", typed(idempotency_key=key), household.pk)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "页面已过期" in page
    assert SurveyDraft.objects.exists()
    again = typed(idempotency_key=hidden(page, "idempotency_key"))
    assert at(staff.cadre).post("survey", again, household.pk).status_code == 302


def test_a_key_of_another_person_is_refused_and_shows_nothing(at, staff, household, typed):
    values = typed()
    at(staff.cadre).post("survey", values, household.pk)
    household.refresh_from_db()
    answer = at(staff.second_cadre).post("survey", {**values, "version": str(household.version)}, household.pk)
    assert answer.status_code == 422
    assert Survey.objects.count() == 1


def test_the_same_form_sent_again_after_a_change_of_mind_still_leads_to_the_first(at, staff, household, typed):
    values = typed()
    first = at(staff.cadre).post("survey", values, household.pk)
    again = at(staff.cadre).post("survey", {**values, "wage": "很多"}, household.pk)
    assert again.url == first.url


def test_a_draft_cannot_name_a_survey_of_another_household(at, staff, household, typed, make, place, today):
    other = submit(make.household(place.village, "马秀英"), staff.cadre, today)
    for wrong in (str(other.pk), str(uuid.uuid4()), "x"):
        assert at(staff.cadre).post("survey-draft", typed(corrects=wrong), household.pk).status_code == 404


def test_half_a_form_of_nonsense_is_kept_as_it_is(at, staff, household):
    values = {"wage": "很多", "persons": "三", "version": "x", "idempotency_key": "", "section": "nowhere"}
    assert at(staff.cadre).post("survey-draft", values, household.pk).status_code == 302
    assert SurveyDraft.objects.get().typed == {"wage": "很多", "persons": "三", "section": "people"}
    assert 'value="很多"' in at(staff.cadre).get("survey", household.pk).content.decode()


def test_no_page_of_a_visit_prints_an_identity_number(at, staff, household, today):
    survey = submit(household, staff.cadre, today)
    numbers = [member.id_number for member in household.members.all()]
    desk = at(staff.cadre)
    shown = "".join(
        desk.get(name, key.pk).content.decode()
        for name, key in (("survey", household), ("survey-paper", household), ("survey-detail", survey))
    )
    assert all(numbers)
    assert not [number for number in numbers if number in shown]


def test_a_name_with_markup_stays_text(at, staff, make, place):
    hostile = make.household(place.village, "<b>王</b>")
    make.member(hostile, name="<i>甲</i>", health=[codes.Health.SERIOUS])
    for name in ("survey", "survey-paper"):
        page = at(staff.cadre).get(name, hostile.pk).content.decode()
        assert "<b>王</b>" not in page
        assert "<i>甲</i>" not in page


def test_a_household_without_members_still_opens_the_form(at, staff, make, place):
    nobody = make.household(place.village, members=0)
    assert at(staff.cadre).get("survey", nobody.pk).status_code == 200


def test_the_detail_shows_a_visit_beside_the_one_before(at, staff, household, today):
    submit(household, staff.cadre, today - datetime.timedelta(days=365), wage=9_000 * YUAN)
    survey = submit(household, staff.cadre, today, water_ok=False)
    page = at(staff.inspector).get("survey-detail", survey.pk).content.decode()
    for words in ("12,000", "9,000", "多 3,000", "没问到"):
        assert words in page


def test_both_versions_stand_side_by_side_without_a_sum_of_their_difference(at, staff, household, typed, today):
    values = typed(wage="9000")
    submit(household, staff.second_cadre, today)
    answer = at(staff.cadre).post("survey", values, household.pk)
    rows = [row for group in answer.context["groups"] for row in group.rows]
    assert ("工资性收入", ["12,000", "9,000"], "") in [(row.label, row.values, row.change) for row in rows]
