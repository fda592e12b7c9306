"""Several people, or one impatient person, press the same button in the same moment: it happens once."""

import threading
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assistance.models import Visit
from ledgers.models import Export
from monitoring.corrections import propose_correction
from monitoring.models import CaseEvent, Stage
from tests.factories import add_place, add_staff
from tests.monitoring.casework import bring, surveyed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    place = add_place()
    return place, add_staff(place)


def all_at_once(users, address, forms):
    """The codes of the answers to these forms, sent by these people in one moment."""
    clients, codes, start = [Client() for _user in users], [], threading.Barrier(len(users))
    for client, user in zip(clients, users, strict=True):
        client.force_login(user)

    def press(client, form):
        start.wait()
        try:
            codes.append(client.post(address, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=pair) for pair in zip(clients, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def test_two_reviewers_who_endorse_at_once_endorse_once(people, make):
    place, staff = people
    household = surveyed(make.household(place.village), staff.cadre)
    case = bring(household, Stage.TOWN, village=staff.team, town=staff.reviewer, district=staff.officer)
    forms = [{"version": case.version, "main_risk": "illness", "idempotency_key": str(uuid.uuid4())} for _ in range(4)]
    users = [staff.reviewer, staff.second_reviewer] * 2
    codes = all_at_once(users, reverse("monitoring:case-step", args=[case.pk, "endorse"]), forms)
    assert all(code < 500 for code in codes)
    assert CaseEvent.objects.filter(case=case, step="endorse").count() == 1


def test_a_correction_settled_at_once_is_settled_once(people, make):
    place, staff = people
    household = surveyed(make.household(place.village), staff.cadre)
    case = bring(household, Stage.REGISTERED, village=staff.team, town=staff.reviewer, district=staff.officer)
    correction = propose_correction(case=case, by=staff.cadre, field="main_risk", new="disability", reason="某因")
    forms = [{"verdict": verdict} for verdict in ("accept", "refuse", "accept", "refuse")]
    users = [staff.reviewer, staff.second_reviewer, staff.officer, staff.reviewer]
    codes = all_at_once(users, reverse("monitoring:correction-settle", args=[correction.pk]), forms)
    assert set(codes) == {302}
    assert CaseEvent.objects.filter(case=case, step="correct").count() == 1


def test_an_impatient_thumb_records_one_visit(people, make):
    place, staff = people
    household = make.household(place.village)
    form = {
        "visited_on": f"{timezone.localdate()}",
        "mood": "same",
        "sentence": "好",
        "idempotency_key": str(uuid.uuid4()),
    }
    address = reverse("assistance:visit-new", args=[household.pk])
    assert set(all_at_once([staff.cadre] * 5, address, [form] * 5)) == {302}
    assert Visit.objects.count() == 1


def test_an_impatient_officer_gets_one_ledger(people):
    place, staff = people
    form = {"region": place.town.code, "on": f"{timezone.localdate()}", "row_mode": "member"}
    forms = [{**form, "idempotency_key": str(uuid.uuid4())} for _ in range(3)]
    assert set(all_at_once([staff.reviewer] * 3, reverse("ledgers:export-new"), forms)) == {302}
    assert Export.objects.count() == 1
