"""技能培训: a roster, who passed is a delivery made once, and what came of it three months later."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from assistance import trainings
from assistance.catalogue import MEASURES
from assistance.limits import months_after
from assistance.models import Delivery, Trainee, Training
from assistance.services import told_by
from tests.assistance.test_posts import at_once

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


def course(staff, region, ends_on, **more):
    told = {"title": "月嫂培训", "unit": "青石职校", "begins_on": ends_on - 9 * ONE_DAY, "ends_on": ends_on, **more}
    return trainings.add_training(by=staff.reviewer, region=region, idempotency_key=str(uuid.uuid4()), **told)


def test_who_passed_was_given_a_training_on_its_last_day_once(place, staff, make, today):
    family = make.household(place.village)
    training = course(staff, place.town, today - ONE_DAY)
    trainee = trainings.enrol(training=training, member=family.head, by=staff.cadre)
    delivery = trainings.settle(trainee=trainee, by=staff.cadre, passed=True)
    assert (delivery.measure, delivery.member, delivery.begun_on, delivery.unit) == (
        "skill_training", family.head, today - ONE_DAY, "青石职校",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="刚被别人登记过"):
        trainings.settle(trainee=trainee, by=staff.reviewer, passed=False)
    with pytest.raises(ValidationError, match="刚被别人登记过"):
        trainings.strike(trainee=trainee, by=staff.cadre)
    assert Delivery.objects.count() == 1


def test_who_did_not_pass_was_given_nothing_and_nobody_passes_before_the_end(place, staff, make, today):
    family = make.household(place.village)
    running = course(staff, place.village, today + ONE_DAY)
    trainee = trainings.enrol(training=running, member=family.head, by=staff.cadre)
    with pytest.raises(ValidationError, match="才结束"):
        trainings.settle(trainee=trainee, by=staff.cadre, passed=True)
    trainings.strike(trainee=trainee, by=staff.cadre)
    over = course(staff, place.village, today)
    failed = trainings.enrol(training=over, member=family.head, by=staff.cadre)
    assert trainings.settle(trainee=failed, by=staff.cadre, passed=False) is None
    assert Delivery.objects.count() == 0


def test_what_a_plan_promised_or_a_list_confirmed_is_taken_for_it(place, staff, make, today):
    family = make.household(place.village)
    promised = Delivery.objects.create(
        household=family, member=family.head, **told_by(MEASURES["skill_training"]), promised_on=today - 90 * ONE_DAY
    )
    spouse = family.members.get(relation="配偶")
    known = Delivery.objects.create(
        household=family, member=spouse, **told_by(MEASURES["skill_training"]), begun_on=today
    )
    training = course(staff, place.village, today)
    found = [
        trainings.settle(
            trainee=trainings.enrol(training=training, member=one, by=staff.cadre), by=staff.cadre, passed=True
        )
        for one in (family.head, spouse)
    ]
    assert found == [promised, known]
    second = course(staff, place.village, today, title="电工培训")
    trainee = trainings.enrol(training=second, member=spouse, by=staff.cadre)
    assert trainings.settle(trainee=trainee, by=staff.cadre, passed=True) != known


def test_three_months_later_somebody_asks(client, place, staff, make, today):
    family = make.household(place.village)
    due = course(staff, place.village, months_after(today, -3))
    early = course(staff, place.village, months_after(today, -3) + ONE_DAY)
    for training, member in ((due, family.head), (early, family.members.get(relation="配偶"))):
        trainee = trainings.enrol(training=training, member=member, by=staff.cadre)
        trainings.settle(trainee=trainee, by=staff.cadre, passed=True)
    trainee = Trainee.objects.get(training=due)
    assert list(trainings.to_follow(staff.cadre, today)) == [trainee]
    assert list(trainings.to_follow(staff.neighbour_cadre, today)) == []
    client.force_login(staff.cadre)
    assert client.get(reverse("assistance:follow-list")).context["page_obj"].paginator.count == 1
    for outcome, day in (("", today), ("rich", today), ("job", today + ONE_DAY), ("job", due.ends_on - ONE_DAY)):
        with pytest.raises(ValidationError):
            trainings.follow_up(trainee=trainee, by=staff.cadre, outcome=outcome, followed_on=day)
    sent = {"outcome": "job", "followed_on": f"{today}"}
    assert client.post(reverse("assistance:trainee-follow", args=[trainee.pk]), sent).status_code == 302
    assert list(trainings.to_follow(staff.cadre, today)) == []
    with pytest.raises(ValidationError, match="刚被别人"):
        trainings.follow_up(trainee=trainee, by=staff.reviewer, outcome="none", followed_on=today)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_say_once_that_he_passed(place, staff, make, today):
    family = make.household(place.village)
    trainee = trainings.enrol(training=course(staff, place.village, today), member=family.head, by=staff.cadre)
    acts = [
        lambda by=by: trainings.settle(trainee=trainee, by=by, passed=True) for by in (staff.cadre, staff.second_cadre)
    ]
    assert len(at_once(acts)) == 1
    assert Delivery.objects.count() == 1


def test_only_ones_own_people(client, place, staff, make, today):
    mine, far = make.household(place.village, "王大海"), make.household(place.other_village)
    training = course(staff, place.town, today)
    with pytest.raises(PermissionDenied):
        trainings.enrol(training=training, member=mine.head, by=staff.neighbour_cadre)
    with pytest.raises(ValidationError, match="不能登记别处的人"):
        trainings.enrol(training=training, member=far.head, by=staff.officer)
    trainee = trainings.enrol(training=training, member=mine.head, by=staff.cadre)
    with pytest.raises(ValidationError, match="没有重复登记"):
        trainings.enrol(training=training, member=mine.head, by=staff.reviewer)
    client.force_login(staff.neighbour_cadre)
    page = client.get(reverse("assistance:training", args=[training.pk])).content.decode()
    assert "王大海" not in page
    assert "全部 1 人" in page
    assert client.post(reverse("assistance:trainee-settle", args=[trainee.pk, "passed"])).status_code == 404
    client.force_login(staff.other_reviewer)
    assert client.get(reverse("assistance:training", args=[training.pk])).status_code == 404


def test_the_way_through_the_pages(client, place, staff, make, today):
    family = make.household(place.village, "王大海")
    client.force_login(staff.cadre)
    told = {
        "region": place.village.code, "title": "月嫂培训", "unit": "职校", "begins_on": f"{today}", "ends_on": f"{today}",
        "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert client.post(reverse("assistance:training-new"), told).status_code == 302
    assert client.post(reverse("assistance:training-new"), told).status_code == 302
    url = reverse("assistance:training", args=[Training.objects.get().pk])
    assert family.head in client.get(url, {"q": "王大海"}).context["found"]
    assert client.post(url, {"member": family.head.pk}).status_code == 302
    trainee = Trainee.objects.get()
    assert client.post(reverse("assistance:trainee-settle", args=[trainee.pk, "nothing"])).status_code == 404
    assert client.post(reverse("assistance:trainee-settle", args=[trainee.pk, "passed"])).status_code == 302
    assert "结业" in client.get(url).content.decode()
    answer = client.post(reverse("assistance:trainee-settle", args=[trainee.pk, "failed"]), follow=True)
    assert "刚被别人登记过" in answer.content.decode()


def test_a_long_roster_has_pages(client, place, staff, make, today):
    training, family = course(staff, place.town, today - ONE_DAY), make.household(place.village)
    people = [make.member(family, name=f"学员{number:02d}", relation="之子") for number in range(52)]
    Trainee.objects.bulk_create(Trainee(training=training, member=one, entered_by=staff.cadre) for one in people)
    client.force_login(staff.cadre)
    url = reverse("assistance:training", args=[training.pk])
    pages = [client.get(url, {"page": page}) for page in (1, 2)]
    assert [len(page.context["page_obj"]) for page in pages] == [50, 2]
    assert "52 人" in pages[0].content.decode()
