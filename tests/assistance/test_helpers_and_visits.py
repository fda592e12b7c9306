"""Who keeps in touch, one at a time, and the visits that are paid."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from assistance import services, visiting
from assistance.models import Helper, Visit, VisitMood
from households.models import Household
from monitoring.signals import contact_asked, correction_accepted
from tests.factories import Make, Place, Staff

MARCH = datetime.date(2020, 3, 1)
MAY = datetime.date(2020, 5, 1)


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    return make.household(place.village)


def appoint(family: Household, staff: Staff, name: str, begun_on: datetime.date = MARCH) -> Helper:
    return services.change_helper(household=family, by=staff.cadre, name=name, unit="青石镇", begun_on=begun_on)


def visit(family: Household, staff: Staff, **fields: object) -> Visit | None:
    values = {"visited_on": MAY, "mood": VisitMood.SAME, "idempotency_key": str(uuid.uuid4()), **fields}
    return visiting.add_visit(household=family, by=staff.cadre, **values)  # type: ignore[arg-type]


def test_the_new_helper_ends_the_former(family: Household, staff: Staff) -> None:
    former = appoint(family, staff, "李敏")
    appoint(family, staff, "孙立", MAY)
    former.refresh_from_db()
    assert former.ended_on == MAY
    names = {day: family.helpers.in_force(day).get().name for day in (MARCH, MAY)}
    assert names == {MARCH: "李敏", MAY: "孙立"}
    assert AuditEvent.objects.filter(action="assistance.change_helper").count() == 2


def test_a_helper_does_not_begin_before_the_one_he_follows(family: Household, staff: Staff) -> None:
    appoint(family, staff, "李敏", MAY)
    with pytest.raises(ValidationError, match="不能更早"):
        appoint(family, staff, "孙立", MARCH)
    assert family.helpers.get(ended_on=None).name == "李敏"


def test_a_second_click_appoints_nobody_again(family: Household, staff: Staff) -> None:
    appoint(family, staff, "李敏")
    with pytest.raises(ValidationError, match="没有重复更换"):
        appoint(family, staff, "李敏")
    assert family.helpers.count() == 1


def test_a_correction_that_two_people_agreed_on_changes_the_helper(family: Household, staff: Staff) -> None:
    appoint(family, staff, "李敏")
    new = {"name": "孙立", "unit": "白河镇"}
    correction_accepted.send(sender=None, household=family, new=new, begun_on=MAY, user=staff.reviewer)
    assert [answer for _receiver, answer in contact_asked.send(sender=None, household=family)] == [new]


def test_who_has_nobody_is_told_so(family: Household) -> None:
    assert [answer for _receiver, answer in contact_asked.send(sender=None, household=family)] == [None]


def test_a_visit_is_three_chips_and_a_sentence(family: Household, staff: Staff) -> None:
    visit(family, staff, mood=VisitMood.BETTER, sentence="  找到工作了 ", visitor_name="刘村医")
    saved = Visit.objects.get()
    assert (saved.mood, saved.sentence, saved.visitor, saved.visitor_name) == (
        VisitMood.BETTER,
        "找到工作了",
        staff.cadre,
        "刘村医",
    )
    assert AuditEvent.objects.get(action="assistance.add_visit").region == family.village


def test_a_new_difficulty_needs_a_word(family: Household, staff: Staff) -> None:
    with pytest.raises(ValidationError, match="是什么困难"):
        visit(family, staff, mood=VisitMood.WORSE)


def test_a_visit_is_not_paid_tomorrow(family: Household, staff: Staff, today: datetime.date) -> None:
    with pytest.raises(ValidationError, match="不能晚于今天"):
        visit(family, staff, visited_on=today + datetime.timedelta(days=1))


def test_a_second_click_is_one_visit(family: Household, staff: Staff) -> None:
    key = str(uuid.uuid4())
    assert visit(family, staff, idempotency_key=key)
    assert visit(family, staff, idempotency_key=key) is None
    assert Visit.objects.count() == 1
