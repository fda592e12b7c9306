"""Several people, or one impatient thumb, act on a grading in the same moment: it happens once."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from monitoring import grading
from monitoring.grading import basis_of
from monitoring.grading_grounds import ground_of
from monitoring.grading_proof import grading_faults
from monitoring.grading_rounds import open_rounds_due
from monitoring.models import Grade, Grading, GradingEvent, GradingRound
from tests.factories import add_place, add_staff
from tests.monitoring.graded import begin, lifted, take_luan, visited
from tests.security.test_at_once import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    place = add_place()
    staff = add_staff(place)
    take_luan(place, staff)
    return place, staff


@pytest.fixture
def blue(people, make):
    place, staff = people
    begin(place, staff)
    return visited(lifted(make, place.village), staff.cadre)


def test_two_people_of_a_village_who_propose_at_once_propose_once(people, blue):
    _place, staff = people
    basis = basis_of(ground_of(blue, timezone.localdate()))
    forms = [{"level": 3, "reason": "", "basis": basis, "idempotency_key": str(uuid.uuid4())} for _each in range(4)]
    users = [staff.team, staff.cadre] * 2
    codes = all_at_once(users, reverse("monitoring:grading-household", args=[blue.pk]), forms)
    assert set(codes) <= {200, 302}
    assert Grading.objects.count() == GradingEvent.objects.count() == 1


def test_two_reviewers_and_the_proposer_agree_once(people, blue):
    _place, staff = people
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    forms = [{"version": 1, "note": "", "idempotency_key": str(uuid.uuid4())} for _each in range(5)]
    users = [staff.reviewer, staff.second_reviewer, staff.team, staff.reviewer, staff.second_reviewer]
    codes = all_at_once(users, reverse("monitoring:grading-step", args=[proposed.pk, "agree"]), forms)
    assert all(code < 500 for code in codes)
    assert GradingEvent.objects.filter(step="agree").count() == 1
    assert AuditEvent.objects.filter(action="grading.agree").count() == 1


def test_a_village_filed_twice_at_once_is_filed_once(people, blue):
    _place, staff = people
    proposed = grading.propose(household=blue, level=3, by=staff.team)
    grading.take("agree", grading=proposed, by=staff.reviewer)
    form = {"action": "file", "household": [f"{blue.pk}:2"], "confirm": "1"}
    forms = [{**form, "idempotency_key": str(uuid.uuid4())} for _each in range(4)]
    codes = all_at_once([staff.officer] * 4, reverse("monitoring:grading-batch"), forms)
    assert all(code < 500 for code in codes)
    assert Grade.objects.count() == 1
    assert list(grading_faults()) == []


def test_a_round_that_the_county_and_the_clock_open_is_opened_once(people):
    place, staff = people
    first = timezone.localdate().replace(month=10, day=1)
    form = {"begins_on": f"{first}", "due_on": f"{first.replace(day=31)}"}
    forms = [{**form, "idempotency_key": str(uuid.uuid4())} for _each in range(3)]
    codes = all_at_once([staff.officer] * 3, reverse("monitoring:grading-round-new"), forms)
    assert set(codes) <= {200, 302}
    assert open_rounds_due(first) == []
    assert GradingRound.objects.filter(district=place.zone).count() == 1
