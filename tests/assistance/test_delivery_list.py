"""帮扶查询: each filter keeps what it says, places are one's own, an identity number does not belong into the address."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assistance.delivery_filter import IN_STAGE
from assistance.models import Delivery, Stage
from households.codes import RiskCause
from tests.ledgers.conftest import designate, give

ONE_DAY = datetime.timedelta(days=1)
URL = "assistance:delivery-list"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def given(place, make, today):
    """One measure in each stage, in two villages of one town; one of another town, one elsewhere."""
    first, second = make.household(place.village, "王大海"), make.household(place.neighbour, "冯桂香")
    far, foreign = make.household(place.other_village, "孙小红"), make.household(place.foreign_village, "外乡龘")
    designate(first, main_risk=RiskCause.ILLNESS)
    give(first, "dibao", first.head, begun_on=today - 9 * ONE_DAY, fund="central", runs_until=today + 9 * ONE_DAY)
    give(first, "industry", begun_on=None, promised_on=today - 60 * ONE_DAY, due_on=today - ONE_DAY)
    give(second, "small_loan", begun_on=None, promised_on=today - 9 * ONE_DAY, taken_up_on=today)
    give(second, "partner", begun_on=today - 90 * ONE_DAY, ended_on=today - ONE_DAY)
    give(second, "donation", begun_on=None, promised_on=today - 9 * ONE_DAY, dropped_on=today)
    give(far, "family_doctor", begun_on=today)
    give(foreign, "family_doctor", begun_on=today)
    return first, second


def names(client, user, **query):
    client.force_login(user)
    return {one.measure for one in client.get(reverse(URL), query).context["page_obj"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"dibao", "industry", "small_loan", "donation", "partner", "family_doctor"}),
        ({"stage": "in_place"}, {"dibao", "family_doctor"}),
        ({"stage": "promised"}, {"industry"}),
        ({"stage": "in_hand"}, {"small_loan"}),
        ({"stage": "ended"}, {"partner"}),
        ({"stage": "dropped"}, {"donation"}),
        ({"term": "late"}, {"industry"}),
        ({"term": "soon"}, {"dibao"}),
        ({"term": "over"}, set()),
        ({"fund": "central"}, {"dibao"}),
        ({"risk": "illness"}, {"dibao", "industry"}),
        ({"group": "finance"}, {"small_loan"}),
        ({"measure": "donation"}, {"donation"}),
        ({"q": "孙小红"}, {"family_doctor"}),
        ({"q": "外乡龘"}, set()),
    ],
)
def test_each_filter_keeps_what_it_says(client, place, staff, given, query, expected):
    assert names(client, staff.officer, **query) == expected


def test_places_are_ones_own(client, place, staff, given):
    assert names(client, staff.officer, town=place.town.pk) == {
        "dibao",
        "industry",
        "small_loan",
        "donation",
        "partner",
    }
    assert names(client, staff.officer, town=place.town.pk, village=place.village.pk) == {"dibao", "industry"}
    assert names(client, staff.cadre) == {"dibao", "industry"}
    assert names(client, staff.other_reviewer) == {"family_doctor"}


def test_stages_of_the_filter_are_those_of_each_row(given, today):
    for stage, rows in IN_STAGE.items():
        assert {one.stage_on(today) for one in rows(Delivery.objects.all(), today)} == {Stage(stage)}


def test_the_total_counts_measures_households_and_people(client, place, staff, given):
    client.force_login(staff.reviewer)
    assert "5 项，2 户，按人享受的 1 人" in client.get(reverse(URL)).content.decode()


def test_a_whole_identity_number_is_not_searched(client, place, staff, given):
    client.force_login(staff.reviewer)
    answer = client.get(reverse(URL), {"q": "379999196405170012"})
    assert answer.status_code == 302
    assert "3799" not in answer.headers["Location"]


def test_thirty_rows_cost_as_many_queries_as_three(client, place, staff, make, today):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(URL)).status_code == 200
        return len(asked)

    client.force_login(staff.officer)
    for _number in range(3):
        give(make.household(place.village), "industry", begun_on=today)
    cost()  # the numbers in the menu are kept from here on
    few = cost()
    for _number in range(27):
        give(make.household(place.village), "industry", begun_on=today)
    assert cost() <= few
