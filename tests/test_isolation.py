"""Nobody reaches another region's rows: every address × every role × what lies elsewhere, with and without htmx."""

import pytest
from django.urls import reverse

from households.models import ImportBatch
from ledgers.models import Export
from monitoring.models import CaseEvent, Notice, Screening
from tests.isolation import FIXED, OPEN_TO_ALL, ROLES, TARGETS, forged, one_of_everything, routes

CANARY = "外乡龘"
NAMES = sorted(TARGETS)
PATTERNS = dict(routes())
WITH_TARGET = [name for name in NAMES if TARGETS[name]]
WITHOUT_TARGET = [name for name in NAMES if not TARGETS[name] and name not in OPEN_TO_ALL | {"accounts:logout"}]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def foreign(place, staff):
    return one_of_everything(place.foreign_village, staff.foreign_officer, staff.inspector, CANARY)


@pytest.fixture
def own(place, staff):
    return one_of_everything(place.village, staff.cadre, staff.officer, "本村龘")


def seated(client, staff, desk):
    client.force_login(getattr(staff, desk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(answer):
    """What an answer says; a workbook is not text, its cells have their own tests."""
    return "" if answer.streaming else answer.content.decode(errors="replace")


def address(name, things=None):
    target = TARGETS[name]
    return reverse(name.lstrip(":"), kwargs=target(things) if target else FIXED.get(name))


def test_every_address_is_known_here():
    assert sorted(name for name, _pattern in routes()) == NAMES


def test_every_page_but_a_few_asks_for_a_login(client, place, staff, own):
    for name in set(NAMES) - OPEN_TO_ALL:
        answer = client.get(address(name, own))
        assert answer.status_code in (302, 405), name
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login/"), name


def ways(desk):
    """Pages and fragments: one role reads pages and sends fragments, the next one the other way round."""
    return ({}, HTMX) if list(ROLES).index(desk) % 2 else (HTMX, {})


@pytest.mark.parametrize("desk", ROLES)
def test_what_lies_elsewhere_cannot_even_be_found(client, staff, foreign, desk):
    seated(client, staff, desk)
    reading, writing = ways(desk)
    before = CaseEvent.objects.count()
    for name in WITH_TARGET:
        read = client.get(address(name, foreign), **reading)
        assert read.status_code in (403, 404, 405), (name, read.status_code)
        written = client.post(address(name, foreign), forged(foreign), **writing)
        assert written.status_code in (403, 404, 405), (name, written.status_code)
        assert CANARY not in words(read) + words(written), name
    assert CaseEvent.objects.count() == before


@pytest.mark.parametrize("desk", ROLES)
def test_lists_and_forms_show_and_take_nothing_from_elsewhere(client, staff, own, foreign, desk):
    seated(client, staff, desk)
    reading, writing = ways(desk)
    counts = [model.objects.count() for model in (Export, Screening, ImportBatch, Notice, CaseEvent)]
    version = foreign.household.version
    for name in WITHOUT_TARGET:
        listed = client.get(address(name))
        assert CANARY not in words(listed), name
        assert listed.status_code in answers_to(ROLES[desk], name), (name, listed.status_code)
        if listed.status_code != 403:
            asked = {"q": CANARY, "area": foreign.village.code, "case": foreign.case.pk}
            read = client.get(address(name), asked, **reading)
            assert read.status_code in (200, 302, 400, 403, 404, 405), (name, read.status_code)
            assert f">{CANARY}" not in words(read).replace(f'value="{CANARY}"', ""), name
        written = client.post(address(name), forged(foreign), **writing)
        assert written.status_code in (200, 302, 303, 400, 403, 404, 405, 409, 422), (name, written.status_code)
        assert CANARY not in words(written), name
    assert counts == [model.objects.count() for model in (Export, Screening, ImportBatch, Notice, CaseEvent)]
    foreign.household.refresh_from_db()
    assert foreign.household.version == version


def answers_to(role, name):
    """How an address may answer a role: refused where it names roles and not this one; where it names none, any way."""
    allowed = getattr(PATTERNS[name].callback, "roles", None)
    if allowed is None:
        return range(200, 500)
    return (200, 302, 404, 405) if role in allowed else (403, 405)


@pytest.mark.parametrize("desk", ROLES)
def test_a_role_finds_its_own_pages_and_no_others(client, staff, own, desk):
    seated(client, staff, desk)
    for name in WITH_TARGET:
        answer = client.get(address(name, own))
        assert answer.status_code in answers_to(ROLES[desk], name), (name, answer.status_code)


def test_a_neighbouring_village_is_elsewhere_too(client, place, staff):
    neighbour = one_of_everything(place.neighbour, staff.neighbour_cadre, staff.officer, CANARY)
    for desk in ("cadre", "team"):
        seated(client, staff, desk)
        for name in WITH_TARGET:
            assert client.get(address(name, neighbour)).status_code in (403, 404, 405), name


def test_a_public_page_of_a_notice_is_closed_until_the_district_opens_it(client, foreign):
    assert client.get(address("public:notice", foreign)).status_code == 404
