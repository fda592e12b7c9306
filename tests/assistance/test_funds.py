"""资金: how often an amount fell due, sums by source, and each number opens a list whose total is the number."""

import datetime
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assistance import funds
from assistance.models import Delivery
from tests.ledgers.conftest import designate, give

YUAN = 100
TODAY = datetime.date(2020, 9, 15)


def day(text):
    return datetime.date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("every", "begun", "ended", "until", "times"),
    [
        ("once", "2020-01-01", None, None, 1),
        ("once", "2020-12-31", None, None, 0),
        ("once", "2019-12-31", None, None, 0),
        ("month", "2020-09-15", None, None, 1),
        ("month", "2020-08-15", None, None, 2),
        ("month", "2020-08-16", None, None, 1),
        ("month", "2020-01-31", None, None, 8),
        ("month", "2019-06-10", None, None, 9),
        ("month", "2019-06-10", "2020-02-09", None, 1),
        ("month", "2019-06-10", "2020-02-10", None, 2),
        ("month", "2019-06-10", "2019-12-31", None, 0),
        ("month", "2020-01-01", None, "2020-03-31", 3),
        ("year", "2018-09-15", None, None, 1),
        ("year", "2018-09-16", None, None, 0),
        ("year", "2020-03-01", None, None, 1),
    ],
)
def test_how_often_an_amount_fell_due(every, begun, ended, until, times):
    delivery = Delivery(every=every, begun_on=day(begun), ended_on=day(ended), runs_until=day(until), kind="running")
    assert funds.times_in(delivery, datetime.date(2020, 1, 1), TODAY) == times


def test_what_lasts_counts_when_it_is_done():
    house = Delivery(every="once", kind="lasting", begun_on=day("2019-11-01"), ended_on=day("2020-03-01"))
    assert funds.times_in(house, datetime.date(2020, 1, 1), TODAY) == 1
    house.ended_on = None
    assert funds.times_in(house, datetime.date(2020, 1, 1), TODAY) == 0


def test_a_month_counts_in_one_year_only():
    delivery = Delivery(every="month", begun_on=day("2018-05-31"), ended_on=day("2020-08-30"), kind="running")
    years = [
        funds.times_in(delivery, datetime.date(year, 1, 1), datetime.date(year, 12, 31)) for year in range(2017, 2022)
    ]
    assert years == [0, 8, 12, 7, 0]


@pytest.fixture
def given(place, make):
    """This year's money of three villages and two towns, and of elsewhere."""
    today = timezone.localdate()
    first = today.replace(month=1, day=1)
    here, neighbour, far, foreign = (
        make.household(where, name)
        for where, name in ((place.village, "王大海"), (place.neighbour, "冯桂香"), (place.other_village, "孙小红"), (place.foreign_village, "外乡龘"))
    )  # fmt: skip
    for family in (here, neighbour, far, foreign):
        designate(family)
    give(here, "temporary_relief", begun_on=first, amount=3_000 * YUAN, fund="county")
    give(here, "public_post", here.head, begun_on=first, amount=600 * YUAN, every="month", fund="province")
    give(neighbour, "temporary_relief", begun_on=first, amount=1_234_56, fund="society")
    give(far, "industry", begun_on=first, amount=5_000 * YUAN)
    give(far, "family_doctor", begun_on=first)
    give(foreign, "temporary_relief", begun_on=first, amount=9_999 * YUAN, fund="county")
    return today.month


def test_sums_by_source_and_place(place, staff, given):
    found = funds.shares(staff.officer, place.zone, timezone.localdate().year, timezone.localdate())
    rows, total = funds.table(place.zone, found, "place")
    assert [row.name for row in rows] == ["青石镇", "白河镇"]
    assert rows[0].sums == {"county": 3_000 * YUAN, "province": 600 * YUAN * given, "society": 1_234_56}
    assert rows[1].sums == {"none": 5_000 * YUAN}
    assert sum(row.total for row in rows) == total.total
    assert funds.without_amount(staff.officer, place.zone, timezone.localdate().year) == 1


@pytest.mark.parametrize("by", ["place", "group", "measure"])
@pytest.mark.parametrize(("who", "where"), [("officer", "zone"), ("reviewer", "town"), ("cadre", "village")])
def test_each_number_opens_a_list_with_that_total(client, place, staff, given, by, who, where):
    client.force_login(getattr(staff, who))
    page = client.get(reverse("assistance:funds"), {"by": by, "region": getattr(place, where).code}).content.decode()
    found = re.findall(r'href="([^"]*funds/list/[^"]*)">([\d,.]+)<', page)
    assert len(found) >= 6
    for url, shown in found:
        answer = client.get(url.replace("&amp;", "&"))
        listed = answer.context["page_obj"].paginator.object_list
        assert sum(one.fen for one in listed) == answer.context["total"] == Decimal(shown.replace(",", "")) * 100
        assert "外乡龘" not in answer.content.decode()


def test_nobody_reads_another_regions_money(client, place, staff, given):
    client.force_login(staff.other_reviewer)
    page = client.get(reverse("assistance:fund-list"), {"region": place.town.code}).content.decode()
    assert "王大海" not in page
    assert "孙小红" in page
    client.force_login(staff.clerk)
    assert client.get(reverse("assistance:funds")).status_code == 403
