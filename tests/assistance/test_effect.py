"""成效: each number opens a list of as many households; help within a month; the drawing of a household."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from assistance import effect
from assistance.effect_chart import BASE, WIDTH, effect_of
from assistance.limits import months_after
from households.codes import Dibao, RiskCause
from households.models import Survey
from tests.ledgers.conftest import designate, give

ONE_DAY = datetime.timedelta(days=1)
YUAN = 100


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def families(place, make, today):
    """In 北石桥 one ill with medical aid, one ill with a project (no answer to illness; 低保 is one), one without a cause; in 南石桥 one
    with nothing; in 柳河 one of another town; and one elsewhere."""
    ill, wrong, unknown = (make.household(place.village, name) for name in ("王大海", "赵玉梅", "钱永福"))
    bare = make.household(place.neighbour, "冯桂香")
    far = make.household(place.other_village, "孙小红")
    foreign = make.household(place.foreign_village, "外乡龘")
    half_year_ago = today - 180 * ONE_DAY
    designate(unknown, decided_on=half_year_ago, main_risk="")
    for family in (ill, wrong, bare, far, foreign):
        designate(family, decided_on=half_year_ago, main_risk=RiskCause.ILLNESS)
    give(ill, "medical_aid", ill.head, begun_on=half_year_ago + 10 * ONE_DAY)
    give(wrong, "industry", begun_on=half_year_ago + 90 * ONE_DAY)
    give(far, "dibao", far.head, begun_on=half_year_ago - 300 * ONE_DAY)
    return ill, wrong, unknown, bare, far, foreign


def numbers_on(page):
    """Every number of a page that opens a list, with its address."""
    return [
        (url.replace("&amp;", "&"), int(count))
        for url, count in re.findall(r'href="([^"]*effect/list/[^"]*)">(\d+)<', page)
    ]


@pytest.mark.parametrize(
    ("who", "where"), [("officer", "zone"), ("reviewer", "town"), ("cadre", "village"), ("inspector", "town")]
)
def test_each_number_opens_a_list_of_as_many_households(client, place, staff, families, who, where):
    client.force_login(getattr(staff, who))
    page = client.get(reverse("assistance:effect"), {"region": getattr(place, where).code}).content.decode()
    found = numbers_on(page)
    assert len(found) > 8
    for url, count in found:
        answer = client.get(url)
        assert answer.context["page_obj"].paginator.count == count, url
        assert "外乡龘" not in answer.content.decode()


def test_the_numbers_are_those_of_a_plain_reading(place, staff, families, today):
    found = effect.overview(staff.officer, place.zone, today)
    assert {key: found.of(key) for key in ("registered", "helped", "nothing", "open")} == {
        "registered": 5, "helped": 3, "nothing": 2, "open": 2,
    }  # fmt: skip
    assert {key: found.of(key) for key in ("due", "in_time", "later", "never", "young")} == {
        "due": 5, "in_time": 2, "later": 1, "never": 2, "young": 0,
    }  # fmt: skip
    assert (found.of("registered", place.town), found.of("registered", place.other_town)) == (4, 1)
    rows = {row.name: [cell.count for cell in row.cells[:4]] for row in effect.matrix(found.risks)}
    assert rows == {"因病": [4, 2, 0, 2], "没有填原因": [1, 0, 0, 0]}


def test_dibao_that_only_the_register_tells_is_a_measure(place, staff, make, today):
    family = make.household(place.village)
    family.members.filter(pk=family.head.pk).update(dibao=Dibao.RURAL)
    designate(family, main_risk=RiskCause.ILLNESS)
    found = effect.overview(staff.officer, place.zone, today)
    assert [found.of(key) for key in ("helped", "nothing", "open", "risk.illness.safety_net")] == [1, 0, 0, 1]


def test_places_stand_in_administrative_order_and_add_up(place, staff, families, today):
    rows = effect.overview(staff.officer, place.zone, today).rows()
    assert [row.name for row in rows] == ["青石镇", "白河镇", "合计"]
    for number in range(len(effect.PLACE_COLUMNS)):
        assert sum(row.cells[number].count for row in rows[:-1]) == rows[-1].cells[number].count


@pytest.mark.parametrize(
    ("begun_after", "ended_after", "kind", "key"),
    [
        (0, None, "industry", "in_time"),
        (30, None, "industry", "in_time"),
        (32, None, "industry", "later"),
        (-200, -100, "industry", "never"),
        (-200, 0, "industry", "in_time"),
        (-60, 10, "housing", "in_time"),
        (5, None, "housing", "never"),
        (5, 40, "housing", "later"),
        (20, None, "temporary_relief", "in_time"),
    ],
)
def test_within_a_month_of_the_designation(place, staff, make, today, begun_after, ended_after, kind, key):
    family = make.household(place.village)
    # The second of a month with 31 days, so that a month is 31 days long.
    decided = next(
        day
        for day in (today - n * ONE_DAY for n in range(60, 300))
        if day.day == 2 and months_after(day, 1) - day == 31 * ONE_DAY
    )
    designate(family, decided_on=decided)
    ended = None if ended_after is None else decided + ended_after * ONE_DAY
    give(family, kind, begun_on=decided + begun_after * ONE_DAY, ended_on=ended)
    assert effect.promptness(staff.cadre, place.village, today).of(key) == 1


def test_a_month_that_is_not_over_counts_for_nobody(place, staff, make, today):
    designate(make.household(place.village), decided_on=today - 5 * ONE_DAY)
    found = effect.promptness(staff.cadre, place.village, today)
    assert (found.of("young"), found.of("due")) == (1, 0)


def test_nobody_reads_another_region(client, place, staff, families):
    client.force_login(staff.other_reviewer)
    answer = client.get(reverse("assistance:effect"), {"region": place.town.code})
    assert answer.context["place"] == place.other_town
    listed = client.get(reverse("assistance:effect-list"), {"region": place.town.code, "what": "registered"})
    assert [line.case.household.head_name for line in listed.context["page_obj"]] == ["孙小红"]
    client.force_login(staff.clerk)
    assert client.get(reverse("assistance:effect")).status_code == 403


@pytest.mark.parametrize("what", ["", "risk", "risk.nothing", "risk.illness.x", "risk.illness.none.jobs", "'; --"])
def test_a_number_that_there_is_none_of_is_not_found(client, place, staff, what):
    client.force_login(staff.cadre)
    assert client.get(reverse("assistance:effect-list"), {"what": what}).status_code == 404


def test_the_number_of_queries_does_not_grow(place, staff, make, today, django_assert_max_num_queries):
    for number in range(30):
        family = make.household(place.village, f"户{number}")
        designate(family, decided_on=today - 100 * ONE_DAY)
        give(family, "industry", begun_on=today - 90 * ONE_DAY)
    with django_assert_max_num_queries(14):
        assert effect.overview(staff.officer, place.zone, today).of("registered") == 30


# ---- the drawing of a household ----


def visit(family, day, wage, staff):
    return Survey.objects.create(
        household=family, village=family.village, visited_on=day, entered_by=staff.cadre, persons=3,
        period_start=day - 400 * ONE_DAY, period_end=day - 30 * ONE_DAY, wage=wage * 3 * YUAN, operating_gross=0,
        operating_cost=0, property_income=0, transfer=0, transfer_expense=0, submitted_at=timezone.now(),
    )  # fmt: skip


def test_three_years_with_the_line_of_each_and_measures_on_the_same_axis(place, staff, make):
    today = datetime.date(2022, 6, 30)
    family = make.household(place.village)
    visit(family, datetime.date(2020, 9, 1), 4000, staff)
    visit(family, datetime.date(2022, 5, 1), 8000, staff)
    designate(family, decided_on=datetime.date(2020, 9, 20))
    give(family, "industry", begun_on=datetime.date(2021, 1, 1))
    give(family, "dibao", family.head, begun_on=datetime.date(2019, 1, 1), ended_on=datetime.date(2020, 12, 31))
    give(family, "temporary_relief", begun_on=datetime.date(2021, 7, 1))
    give(family, "dibao", family.members.last(), begun_on=None, promised_on=datetime.date(2022, 1, 1))
    drawn = effect_of(family, today)
    assert [(one.year, one.value, one.visited) for one in drawn.years] == [
        (2020, 4000 * YUAN, True), (2021, None, False), (2022, 8000 * YUAN, True),
    ]  # fmt: skip
    assert all(one.line for one in drawn.years)
    assert drawn.years[2].height > drawn.years[0].height > drawn.years[1].height == 0
    assert all(one.line_at <= BASE for one in drawn.years)
    bars = {bar.name.split("（")[0]: bar for bar in drawn.bars}
    assert set(bars) == {"低保", "产业项目扶持", "临时救助"}
    assert (bars["低保"].x, bars["低保"].over) == (0, True)
    third = WIDTH / 3
    assert bars["低保"].width == pytest.approx(third, abs=1)
    assert bars["产业项目扶持"].x == pytest.approx(third, abs=1)
    assert bars["产业项目扶持"].x + bars["产业项目扶持"].width == pytest.approx(third * 2.5, abs=2)
    assert bars["临时救助"].is_moment
    assert [mark.label for mark in drawn.marks] == ["认定"]


def test_a_household_without_visits_and_measures_has_no_card(client, place, staff, make):
    family = make.household(place.village)
    assert effect_of(family) is None
    client.force_login(staff.cadre)
    assert "三年人均纯收入" not in client.get(reverse("households:assistance", args=[family.pk])).content.decode()
    give(family, "industry", begun_on=timezone.localdate())
    assert "三年人均纯收入" in client.get(reverse("households:assistance", args=[family.pk])).content.decode()


def test_more_measures_than_there_is_room_for_are_told(place, make, today):
    family = make.household(place.village)
    for number in range(15):
        give(family, "temporary_relief", begun_on=today - number * ONE_DAY)
    drawn = effect_of(family, today)
    assert (
        len(drawn.bars) + drawn.left_out == sum((today - n * ONE_DAY).year >= today.year - 2 for n in range(15)) == 15
    )
