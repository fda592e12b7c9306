"""Pages of assistance: the overview and what it finds missing, the tick sheet, ending, the helper, visits, and scope."""

import datetime
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from assistance.models import Delivery, Helper, Visit, VisitMood
from households.models import Household
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import appoint, designate, give

FORBIDDEN = ("clerk", "admin", "unposted")
LISTS = (
    "plan-list", "catalogue", "delivery-list", "effect", "funds", "posts", "trainings", "entities", "running-out", "tasks",
    "visits", "snapshots", "handovers", "dossiers",
)  # fmt: skip


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    household = make.household(place.village)
    household.members.update(medical_insured=False)
    designate(household)
    return household


def sit_down(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(name: str, *rows: Any) -> str:
    return reverse(f"assistance:{name}", args=[row.pk for row in rows])


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def tick(client: Client, family: Household, **boxes: list[str]) -> Any:
    typed = {"begun_on": "2020-03-01", "idempotency_key": str(uuid.uuid4()), **boxes}
    return client.post(address("delivery-new", family), typed)


def test_the_overview_says_what_is_missing(
    client: Client, place: Place, staff: Staff, make: Make, today: datetime.date
) -> None:
    for name in ("没人管", "有人管"):
        designate(make.household(place.village, name))
    cared = Household.objects.get(head_name="有人管")
    give(cared, "family_doctor")
    appoint(cared)
    Visit.objects.create(household=cared, visited_on=today, mood=VisitMood.SAME, visitor=staff.cadre)
    sit_down(client, staff.reviewer)
    shown = page(client, address("overview"))
    assert "没人管" in shown
    assert "李敏" in shown
    for lack in ("measures", "helper", "visit"):
        shown = page(client, address("overview") + f"?lack={lack}")
        assert "没人管" in shown
        assert "有人管" not in shown


def test_the_overview_shows_designated_households_of_ones_own_region_only(
    client: Client, place: Place, staff: Staff, make: Make
) -> None:
    for name, village in (
        ("本村在册", place.village),
        ("邻镇在册", place.other_village),
        ("外区", place.foreign_village),
    ):
        designate(make.household(village, name))
    make.household(place.village, "不在册")
    shown = page(sit_down(client, staff.reviewer), address("overview"))
    assert "本村在册" in shown
    for hidden in ("邻镇在册", "外区", "不在册"):
        assert hidden not in shown
    shown = page(sit_down(client, staff.inspector), address("overview") + f"?region={place.other_town.code}")
    assert "邻镇在册" in shown
    assert "本村在册" not in shown
    assert "登记措施" not in shown
    for refused in ("visits", "running-out"):
        assert f'href="{address(refused)}"' not in shown


def test_three_and_thirty_households_cost_the_same_queries(
    client: Client, place: Place, staff: Staff, make: Make
) -> None:
    sit_down(client, staff.reviewer)

    def queries(url: str) -> int:
        page(client, url)
        with CaptureQueriesContext(connection) as captured:
            page(client, url)
        return len(captured)

    urls = (address("overview"), address("visits"))
    for _number in range(3):
        designate(make.household(place.village))
    few = [queries(url) for url in urls]
    for _number in range(27):
        designate(make.household(place.village))
    assert [queries(url) for url in urls] == few


def test_ticks_of_the_sheet_become_measures(client: Client, family: Household, staff: Staff) -> None:
    sit_down(client, staff.cadre)
    head = family.head
    boxes = {f"member_{head.pk.hex}": ["dibao", "medical"], "household": ["housing"]}
    assert tick(client, family, **boxes).status_code == 302
    entered = {(one.measure, one.member) for one in Delivery.objects.all()}
    assert entered == {("dibao", head), ("medical", head), ("housing", None)}
    shown = page(client, address("delivery-new", family))
    assert "低保（2020-03-01 起）" in shown
    assert tick(client, family, **boxes).status_code == 200
    assert Delivery.objects.count() == 3


def test_an_empty_sheet_and_a_day_to_come_are_told(
    client: Client, family: Household, staff: Staff, today: datetime.date
) -> None:
    sit_down(client, staff.cadre)
    assert "还没有勾选措施" in tick(client, family).content.decode()
    tomorrow = (today + datetime.timedelta(days=1)).isoformat()
    answer = tick(client, family, begun_on=tomorrow, household=["family_doctor"])  # type: ignore[arg-type]
    assert "日期不能晚于今天" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_relief_of_this_year_can_be_granted_once_more(
    client: Client, family: Household, staff: Staff, today: datetime.date
) -> None:
    sit_down(client, staff.cadre)
    give(family, "temporary_relief", begun_on=today.replace(day=1, month=1))
    assert tick(client, family, household=["temporary_relief"]).status_code == 302


def test_a_measure_is_ended_mended_and_taken_out(client: Client, family: Household, staff: Staff) -> None:
    sit_down(client, staff.cadre)
    doctor = give(family, "family_doctor")
    url = address("delivery-edit", family, doctor)
    opened = {"version": doctor.version}
    mended = {"begun_on": "2020-03-20", "ended_on": "2020-06-01", "amount": "1,200", "every": "year"}
    assert client.post(url, {**opened, **mended}).status_code == 302
    doctor.refresh_from_db()
    assert (doctor.begun_on, doctor.ended_on) == (datetime.date(2020, 3, 20), datetime.date(2020, 6, 1))
    assert (doctor.amount, doctor.every) == (1_200_00, "year")
    stale = client.post(url, {**opened, "begun_on": "2020-04-01", "ended_on": ""})
    assert "已被他人修改" in stale.content.decode()
    removal = address("delivery-remove", family, doctor)
    assert client.post(removal, {"reason": ""}).status_code == 200
    assert client.post(removal, {"reason": "录错户"}).status_code == 302
    assert not Delivery.objects.exists()


def test_the_helper_is_changed(client: Client, family: Household, staff: Staff) -> None:
    sit_down(client, staff.cadre)
    former = appoint(family)
    typed = {"name": "孙立", "unit": "白河镇", "phone": "", "begun_on": "2020-05-01"}
    assert client.post(address("helper-change", family), typed).status_code == 302
    former.refresh_from_db()
    assert former.ended_on == datetime.date(2020, 5, 1)
    assert Helper.objects.get(ended_on=None).name == "孙立"


def test_who_waited_longest_is_visited_first(
    client: Client, place: Place, staff: Staff, make: Make, today: datetime.date
) -> None:
    for name, ago in (("刚去过", 0), ("很久没去", 90), ("从没去过", None)):
        household = make.household(place.village, name)
        designate(household)
        if ago is not None:
            day = today - datetime.timedelta(days=ago)
            Visit.objects.create(household=household, visited_on=day, mood=VisitMood.SAME, visitor=staff.cadre)
    shown = page(sit_down(client, staff.cadre), f"{address('visits')}?tab=all")
    order = sorted(("刚去过", "很久没去", "从没去过"), key=lambda name: shown.index(f"<b>{name}</b>"))
    assert order == ["从没去过", "很久没去", "刚去过"]
    assert "共 3 户，超期 2 户" in shown


def test_a_visit_is_saved_with_one_chip(client: Client, family: Household, staff: Staff, today: datetime.date) -> None:
    sit_down(client, staff.cadre)
    typed = {"mood": "same", "sentence": "", "visited_on": today.isoformat(), "idempotency_key": str(uuid.uuid4())}
    for _click in range(2):
        assert client.post(address("visit-new", family), typed).status_code == 302
    assert Visit.objects.get().visitor == staff.cadre
    worse = {**typed, "mood": "worse", "idempotency_key": str(uuid.uuid4())}
    assert "是什么困难" in client.post(address("visit-new", family), worse).content.decode()


@pytest.mark.parametrize("name", ["delivery-new", "helper-change", "visit-new"])
def test_another_village_cannot_even_find_it(client: Client, family: Household, staff: Staff, name: str) -> None:
    for person in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
        sit_down(client, person)
        assert client.get(address(name, family)).status_code == 404
        assert client.post(address(name, family), {}).status_code == 404
    for person in (*FORBIDDEN, "inspector"):
        assert sit_down(client, getattr(staff, person)).get(address(name, family)).status_code == 403


def test_a_measure_is_found_only_under_its_own_household_and_region(
    client: Client, family: Household, staff: Staff, place: Place, make: Make
) -> None:
    doctor = give(family, "family_doctor")
    other = make.household(place.village)
    for name in ("delivery-edit", "delivery-remove"):
        posted = sit_down(client, staff.neighbour_cadre).post(address(name, family, doctor), {"reason": "x"})
        assert posted.status_code == 404
        assert sit_down(client, staff.cadre).post(address(name, other, doctor), {"reason": "x"}).status_code == 404
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("person", FORBIDDEN)
def test_lists_are_closed_to_those_who_see_no_families(client: Client, staff: Staff, person: str) -> None:
    sit_down(client, getattr(staff, person))
    assert client.get(address("overview")).status_code == 403
    assert client.get(address("visits")).status_code == 403


def test_every_page_of_assistance_stands_in_the_menu_and_the_overview_leads_to_it(client: Client, staff: Staff) -> None:
    sit_down(client, staff.reviewer)
    overview = page(client, address("overview"))
    for name in LISTS:
        url = address(name)
        assert f'href="{url}"' in overview, name
        assert re.search(r'aria-current="page">.{0,200}?帮扶管理', page(client, url), re.DOTALL), name


def test_a_village_gets_to_all_of_it_from_a_home_that_is_no_longer_for_it(client: Client, staff: Staff) -> None:
    sit_down(client, staff.cadre)
    home = page(client, reverse("ledgers:home"))
    assert home.count('class="section-head"') == 3
    for name in ("overview", "plan-list", "visits"):
        assert f'href="{address(name)}"' in home, name
    overview = page(client, address("overview"))
    for name in LISTS:
        if name != "snapshots":
            assert f'href="{address(name)}"' in overview, name
            assert client.get(address(name)).status_code == 200, name
