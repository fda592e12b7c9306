"""The key of a form acts once, for one person and one thing; used for another it is refused and never answered with 已办."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.idempotency import made, spend, spend_on
from assistance.models import Visit
from households.import_files import blank_template
from households.models import Household, ImportBatch
from ledgers.models import Export
from monitoring.models import Case, Screening, Stage
from tests.isolation import one_of_everything
from tests.monitoring.casework import bring, surveyed


@pytest.fixture
def key():
    return str(uuid.uuid4())


def visit_form(key, sentence="都好"):
    return {"visited_on": f"{timezone.localdate()}", "mood": "same", "sentence": sentence, "idempotency_key": key}


def test_a_key_of_somebody_else_is_refused(staff, key):
    assert spend(key, staff.cadre, "one")
    with pytest.raises(ValidationError):
        spend(key, staff.second_cadre, "one")
    assert not spend(key, staff.cadre, "one")


def test_a_key_spent_on_one_thing_is_refused_for_another(staff, key):
    assert spend_on(key, staff.cadre, "visit:1")
    assert not spend_on(key, staff.cadre, "visit:1")
    with pytest.raises(ValidationError):
        spend_on(key, staff.cadre, "visit:2")


def test_what_a_key_made_is_found_again_and_nothing_else(place, staff, make, key):
    household = make.household(place.village)
    assert made(key, staff.cadre, Household.objects.all()) is None
    spend(key, staff.cadre, str(household.pk))
    assert made(key, staff.cadre, Household.objects.all()) == household
    with pytest.raises(ValidationError):
        made(key, staff.cadre, Export.objects.all())


def test_a_visit_with_a_colleagues_key_is_not_called_recorded(client, place, staff, make, key):
    households = make.household(place.village), make.household(place.village)
    client.force_login(staff.cadre)
    client.post(reverse("assistance:visit-new", args=[households[0].pk]), visit_form(key), follow=True)
    client.force_login(staff.second_cadre)
    answer = client.post(reverse("assistance:visit-new", args=[households[1].pk]), visit_form(key), follow=True)
    assert "刚记" not in answer.content.decode()
    assert "页面已过期" in answer.content.decode()
    assert Visit.objects.count() == 1


def test_a_visit_to_another_household_with_the_same_key_is_not_called_recorded(client, place, staff, make, key):
    households = make.household(place.village), make.household(place.village)
    client.force_login(staff.cadre)
    client.post(reverse("assistance:visit-new", args=[households[0].pk]), visit_form(key))
    answer = client.post(reverse("assistance:visit-new", args=[households[1].pk]), visit_form(key))
    assert "页面已过期" in answer.content.decode()
    assert Visit.objects.get().household == households[0]


@pytest.mark.parametrize("used", ["visit", "nonsense", ""])
def test_keys_that_will_not_do_are_answered_with_a_sentence_everywhere(client, place, staff, used, key):
    own = one_of_everything(place.village, staff.cadre, staff.officer, "王大海")
    sent = key if used == "visit" else used
    client.force_login(staff.reviewer)
    if used == "visit":
        client.post(reverse("assistance:visit-new", args=[own.household.pk]), visit_form(key))
    today = f"{timezone.localdate()}"
    rows = [Export, Screening, ImportBatch, Case]
    before = [model.objects.count() for model in rows]
    batch = f"{own.case.pk}:{own.case.version}"
    tries = {
        "ledgers:export-new": {"region": place.town.code, "on": today, "row_mode": "member"},
        "monitoring:screening-new": {"region": place.town.pk, "on": today},
        "monitoring:cases-batch": {"step": "endorse", "case": batch, "confirm": "1"},
        "households:import-new": {
            "kind": "roster", "region": place.town.pk, "workbook": SimpleUploadedFile("a.xlsx", blank_template()),
        },
    }  # fmt: skip
    for name, form in tries.items():
        answer = client.post(reverse(name), {**form, "idempotency_key": sent}, follow=True)
        assert answer.status_code in (200, 422), name
        assert "已办 " not in answer.content.decode(), name
    assert [model.objects.count() for model in rows] == before


@pytest.mark.parametrize("version", ["²", "9" * 5000, "-1", "", "x"])
def test_a_batch_with_a_version_that_is_no_number_does_nothing(client, place, staff, make, key, version):
    household = surveyed(make.household(place.village), staff.cadre)
    case = bring(household, Stage.TOWN, village=staff.team, town=staff.reviewer, district=staff.officer)
    client.force_login(staff.second_reviewer)
    form = {"step": "endorse", "case": f"{case.pk}:{version}", "confirm": "1", "idempotency_key": key}
    assert client.post(reverse("monitoring:cases-batch"), form).status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.TOWN
