"""What people are told on the way: who waits longest, that a closed household's case goes on, a ledger in one click."""

import datetime

import pytest
from django.urls import reverse

from households.codes import LifeEventKind
from ledgers.models import Export
from monitoring.models import Case, Notice, Stage
from tests.monitoring.casework import bring, surveyed


@pytest.fixture
def waiting(make, place, staff):
    household = surveyed(make.household(place.village, "王久等"), staff.cadre)
    case = bring(household, Stage.TOWN, village=staff.cadre, town=staff.reviewer, district=staff.officer)
    since = case.stage_since - datetime.timedelta(days=9)
    Case.objects.filter(pk=case.pk).update(stage_since=since)
    case.refresh_from_db()
    return case


def look(client, user, name, *args):
    client.force_login(user)
    return client.get(reverse(name, args=args)).content.decode()


def test_the_home_page_says_who_waits_longest(client, staff, waiting):
    words = f"等了 {waiting.days_here} 天"
    assert words in look(client, staff.reviewer, "ledgers:home")
    assert words in look(client, staff.officer, "ledgers:home")
    inspected = look(client, staff.inspector, "ledgers:home")
    assert words in inspected and "要我办" not in inspected


def test_closing_a_household_warns_of_its_live_case(client, make, place, staff, waiting):
    page = look(client, staff.reviewer, "households:life-event", waiting.household_id, LifeEventKind.CLOSED)
    assert "正在办“镇（街）认定”" in page
    other = make.household(place.village)
    assert "正在办" not in look(client, staff.reviewer, "households:life-event", other.pk, LifeEventKind.CLOSED)


def test_a_ledger_of_today_is_asked_for_with_one_button(client, staff, waiting):
    page = look(client, staff.officer, "ledgers:home")
    names = ("region", "on", "row_mode", "idempotency_key")
    typed = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in names}
    client.post(reverse("ledgers:export-new"), typed)
    asked = Export.objects.get()
    assert (asked.requested_by, asked.full_ids) == (staff.officer, False)


def test_a_notice_that_is_too_short_is_told_before_it_is_looked_at_and_phones_come_from_the_last(
    client, make, place, staff, today
):
    first = surveyed(make.household(place.village, "王先"), staff.cadre)
    bring(first, Stage.NOTICE, village=staff.cadre, town=staff.reviewer, district=staff.officer)
    Notice.objects.update(village_phone="0632-1234567", town_phone="0632-7654321")
    second = surveyed(make.household(place.village, "王后"), staff.cadre)
    case = bring(second, Stage.NOTICE_DUE, village=staff.cadre, town=staff.reviewer, district=staff.officer)
    page = look(client, staff.cadre, "monitoring:notice-new")
    assert 'value="0632-1234567"' in page and 'value="0632-7654321"' in page
    typed = {"case": f"{case.pk}:{case.version}", "starts_on": today, "ends_on": today, "idempotency_key": "once"}
    answer = client.post(reverse("monitoring:notice-new"), typed).content.decode()
    assert "公示不能少于" in answer and "请核对" not in answer
