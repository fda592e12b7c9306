"""公益岗位: who comes first and why, never more people than places, a place is a delivery, attendance before pay."""

import datetime
import threading
import uuid
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from assistance import post_candidates, post_months, posts
from assistance.catalogue import MEASURES
from assistance.limits import months_after
from assistance.models import Delivery, OfferAnswer, Post, PostMonth, PostOffer
from assistance.post_months import Fault
from assistance.services import as_it_stands, change_delivery, remove_delivery, told_by
from households.codes import LabourSkill, RiskCause
from households.models import Member, Survey
from households.signals import member_moved
from monitoring.models import Grade, Grading
from tests.ledgers.conftest import designate, give

ONE_DAY = datetime.timedelta(days=1)
YUAN = 100


@pytest.fixture
def today():
    return timezone.localdate()


def opened(staff, region, places=1, **more):
    today = timezone.localdate()
    told = {
        "title": "保洁员", "places": places, "wage": 600 * YUAN, "fund": "county", "unit": "村委会",
        "opens_on": today - 700 * ONE_DAY, "closes_on": today + 200 * ONE_DAY, "idempotency_key": str(uuid.uuid4()), **more,
    }  # fmt: skip
    return posts.open_post(by=staff.reviewer, region=region, **told)


def offered(post, member, by, **more):
    told = {"idempotency_key": str(uuid.uuid4()), "monitored": True, **more}
    posts.offer_place(post=post, member=member, by=by, **told)
    return PostOffer.objects.get(post=post, member=member, answer=OfferAnswer.OPEN)


def seated(post, member, by, begun_on):
    offer = offered(post, member, by)
    posts.take_place(offer=offer, by=by, begun_on=begun_on)
    offer.refresh_from_db()
    return offer


def grade(family, level, staff):
    today = timezone.localdate()
    survey = Survey.objects.create(
        household=family, village=family.village, visited_on=today, entered_by=staff.cadre, persons=3,
        period_start=today - 400 * ONE_DAY, period_end=today - 30 * ONE_DAY,
    )  # fmt: skip
    grading = Grading.objects.create(
        household=family, village=family.village, survey=survey, suggested=level, level=level, stage="filed",
        filed_on=today, stage_since=timezone.now(),
    )  # fmt: skip
    Grade.objects.create(
        household=family, village=family.village, grading=grading, level=level, begins_on=today - 9 * ONE_DAY
    )


# ---- who comes first ----


def test_red_before_yellow_before_others_and_who_cannot_work_not_at_all(place, staff, make, today):
    plain, yellow, red = (make.household(place.village, name) for name in ("王大海", "赵玉梅", "钱永福"))
    make.household(place.village, "不在册")
    neighbour = make.household(place.neighbour, "冯桂香")
    for family in (plain, yellow, red, neighbour):
        designate(family, main_risk=RiskCause.UNSTABLE_JOB)
    grade(red, 1, staff)
    grade(yellow, 2, staff)
    Member.objects.filter(household=red, relation="配偶").update(labour_skill=LabourSkill.LOST)
    Member.objects.filter(household=yellow, relation="配偶").update(labour_skill="")
    give(plain, "public_post", plain.members.get(relation="配偶"), begun_on=today - 5 * ONE_DAY)
    found = post_candidates.candidates(opened(staff, place.town), staff.cadre, today)
    assert [(one.member.name, one.level) for one in found] == [
        ("钱永福", 1), ("赵玉梅", 2), (yellow.members.get(relation="配偶").name, 2), ("王大海", None),
    ]  # fmt: skip
    assert "一级·红" in found[0].reasons
    assert any("因务工就业不稳" in reason for reason in found[0].reasons)
    assert found[2].asks
    assert "家里已有就业帮扶" in found[3].reasons
    wider = post_candidates.candidates(opened(staff, place.town, title="护林员"), staff.reviewer, today)
    assert "冯桂香" in [one.member.name for one in wider]


def test_who_waits_or_has_a_post_is_not_on_the_list_and_who_refused_comes_last(place, staff, make, today):
    first, second = make.household(place.village, "王大海"), make.household(place.village, "赵玉梅")
    for family in (first, second):
        designate(family)
    post = opened(staff, place.village, places=3)
    offer = offered(post, first.head, staff.cadre)
    assert first.head not in [one.member for one in post_candidates.candidates(post, staff.cadre, today)]
    posts.refuse_place(offer=offer, by=staff.cadre, reason="要照顾孙子")
    last = post_candidates.candidates(post, staff.cadre, today)[-1]
    assert last.member == first.head
    assert "要照顾孙子" in last.refused


def test_somebody_who_is_not_monitored_needs_a_reason(place, staff, make, today):
    family = make.household(place.village)
    post = opened(staff, place.village)
    with pytest.raises(ValidationError, match="写明原因"):
        offered(post, family.head, staff.cadre, monitored=False)
    assert offered(post, family.head, staff.cadre, monitored=False, reason="监测户都有岗了").reason
    assert post_candidates.is_monitored(family, today) is False


# ---- places ----


def test_a_place_taken_is_a_delivery_with_wage_term_and_fund(place, staff, make, today):
    family = make.household(place.village)
    post = opened(staff, place.village)
    offer = seated(post, family.head, staff.cadre, today - 10 * ONE_DAY)
    delivery = offer.delivery
    assert (delivery.measure, delivery.member, delivery.amount, delivery.every, delivery.fund) == (
        "public_post", family.head, 600 * YUAN, "month", "county",
    )  # fmt: skip
    assert (delivery.begun_on, delivery.runs_until) == (today - 10 * ONE_DAY, post.closes_on)
    assert Delivery.objects.in_place_on(today).get() == delivery
    assert AuditEvent.objects.filter(action="post.take").count() == 1
    posts.leave_place(offer=offer, by=staff.cadre, ended_on=today - ONE_DAY, reason="外出务工")
    assert posts.free_places(post, today) == 1
    delivery.refresh_from_db()
    assert delivery.ended_on == today - ONE_DAY


def test_what_a_plan_has_promised_is_taken_for_it(place, staff, make, today):
    family = make.household(place.village)
    promised = Delivery.objects.create(
        household=family, member=family.head, **told_by(MEASURES["public_post"]), promised_on=today - 30 * ONE_DAY
    )
    offer = seated(opened(staff, place.village), family.head, staff.cadre, today)
    assert offer.delivery == promised
    assert Delivery.objects.get().begun_on == today


def test_an_offer_keeps_its_place_until_it_is_answered(place, staff, make, today):
    first, second = make.household(place.village, "王大海"), make.household(place.village, "赵玉梅")
    post = opened(staff, place.village)
    offer = offered(post, first.head, staff.cadre)
    with pytest.raises(ValidationError, match="名额已经满了"):
        offered(post, second.head, staff.cadre)
    posts.refuse_place(offer=offer, by=staff.cadre, reason="不愿意")
    assert offered(post, second.head, staff.cadre)


def test_nothing_is_left_of_a_place_that_could_not_be_taken(place, staff, make, today):
    family = make.household(place.village)
    post = opened(staff, place.village, closes_on=None)
    offer = offered(post, family.head, staff.cadre)
    for days in ({"begun_on": today + ONE_DAY, "runs_until": today + 90 * ONE_DAY}, {"begun_on": today}):
        with pytest.raises(ValidationError):
            posts.take_place(offer=offer, by=staff.cadre, **days)
    give(family, "public_post", family.head, begun_on=today - 5 * ONE_DAY)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        posts.take_place(offer=offer, by=staff.cadre, begun_on=today, runs_until=today + 90 * ONE_DAY)
    offer.refresh_from_db()
    assert (offer.answer, offer.delivery) == (OfferAnswer.OPEN, None)
    assert Delivery.objects.count() == 1


def test_the_same_offer_twice_is_one(place, staff, make):
    family, key = make.household(place.village), str(uuid.uuid4())
    post = opened(staff, place.village, places=2)
    told = {"post": post, "member": family.head, "by": staff.cadre, "monitored": True, "idempotency_key": key}
    assert [posts.offer_place(**told), posts.offer_place(**told)] == [True, False]
    with pytest.raises(ValidationError, match="等答复"):
        offered(post, family.head, staff.second_cadre)
    assert PostOffer.objects.count() == 1


def test_only_ones_own_people_are_offered_a_place(place, staff, make):
    mine, far = make.household(place.village), make.household(place.other_village)
    post = opened(staff, place.town)
    with pytest.raises(PermissionDenied):
        offered(post, mine.head, staff.neighbour_cadre)
    with pytest.raises(ValidationError, match="不能安排别处的人"):
        offered(post, far.head, staff.officer)
    child = mine.members.get(relation="之子")
    with pytest.raises(ValidationError, match="不能安排"):
        offered(post, child, staff.cadre)


def test_a_closed_post_is_offered_to_nobody(place, staff, make, today):
    family = make.household(place.village)
    post = opened(staff, place.village, closes_on=None)
    posts.close_post(post=post, by=staff.reviewer, closes_on=today - ONE_DAY)
    with pytest.raises(ValidationError, match="已经停了"):
        offered(post, family.head, staff.cadre)
    with pytest.raises(ValidationError, match="不能往后改"):
        posts.close_post(post=post, by=staff.reviewer, closes_on=today)


def test_who_founds_a_family_of_his_own_keeps_his_place(place, staff, make, today):
    family, new = make.household(place.village), make.household(place.village, "王新户")
    post = opened(staff, place.village)
    old = family.head
    seated(post, old, staff.cadre, today - 60 * ONE_DAY)
    member_moved.send(sender=Member, old=old, new=new.head, on=today - ONE_DAY)
    Member.objects.filter(pk=old.pk).update(left_on=today - ONE_DAY)
    assert [one.member for one in posts.holders(post, today)] == [new.head]
    assert posts.free_places(post, today) == 0


def test_a_place_that_begins_after_he_left_goes_with_him(place, staff, make, today):
    family, new = make.household(place.village), make.household(place.village, "王新户")
    post = opened(staff, place.village)
    offer = seated(post, family.head, staff.cadre, today)
    member_moved.send(sender=Member, old=family.head, new=new.head, on=today - 9 * ONE_DAY)
    Member.objects.filter(pk=family.head.pk).update(left_on=today - 9 * ONE_DAY)
    offer.refresh_from_db()
    assert (offer.member, Delivery.objects.get().member) == (new.head, new.head)
    assert [one.pk for one in posts.holders(post, today)] == [offer.pk]


# ---- two at once ----


def at_once(acts):
    """Run them at the same moment; what each was refused with."""
    start, refused = threading.Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            act()
        except ValidationError as fault:
            refused.append(fault.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.django_db(transaction=True)
def test_two_at_once_offer_the_last_place_to_one(place, staff, make):
    families = [make.household(place.village, name) for name in ("王大海", "赵玉梅")]
    post = opened(staff, place.village)
    people = [(families[0].head, staff.cadre), (families[1].head, staff.second_cadre)]
    refused = at_once([lambda member=member, by=by: offered(post, member, by) for member, by in people])
    assert refused == [posts.FULL]
    assert PostOffer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_are_not_offered_to_one_person(place, staff, make):
    head = make.household(place.village).head
    posts_here = [opened(staff, place.village, title=title) for title in ("保洁员", "护林员")]
    people = zip(posts_here, (staff.cadre, staff.second_cadre), strict=True)
    refused = at_once([lambda post=post, by=by: offered(post, head, by) for post, by in people])
    assert refused == ["这个人已有一个岗位在等答复，先答复再说。"]
    assert PostOffer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_one_place_once(place, staff, make, today):
    families = [make.household(place.village, name) for name in ("王大海", "赵玉梅")]
    post = opened(staff, place.village, places=2)
    offers = [offered(post, family.head, staff.cadre) for family in families]
    Post.objects.filter(pk=post.pk).update(places=1)  # as if one place had gone since they were asked
    acts = [lambda offer=offer: posts.take_place(offer=offer, by=staff.cadre, begun_on=today) for offer in offers]
    assert at_once(acts) == [posts.FULL]
    assert Delivery.objects.count() == PostOffer.objects.filter(answer=OfferAnswer.TAKEN).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_pay_a_month_once(place, staff, make, today):
    family = make.household(place.village)
    offer = seated(opened(staff, place.village), family.head, staff.cadre, today - 90 * ONE_DAY)
    month = post_months.attend(offer=offer, by=staff.cadre, month=months_after(today, -1), days=20)
    acts = [
        lambda by=by: post_months.pay(month=month, by=by, paid=600 * YUAN, paid_on=today)
        for by in (staff.reviewer, staff.second_reviewer)
    ]
    assert len(at_once(acts)) == 1
    assert AuditEvent.objects.filter(action="post.pay").count() == 1


# ---- months ----


@pytest.fixture
def there(place, staff, make, today):
    """王大海 has a place since the first day of the month four months ago."""
    family = make.household(place.village)
    return seated(opened(staff, place.town), family.head, staff.cadre, months_after(today.replace(day=1), -4))


def test_attendance_comes_before_pay_and_pay_is_never_more_than_agreed(place, staff, there, today):
    first = months_after(today.replace(day=1), -1)
    idle = post_months.attend(offer=there, by=staff.cadre, month=first, days=0)
    with pytest.raises(ValidationError, match="没有出勤"):
        post_months.pay(month=idle, by=staff.reviewer, paid=600 * YUAN, paid_on=today)
    month = post_months.attend(offer=there, by=staff.cadre, month=first, days=22, note="请假两天")
    with pytest.raises(ValidationError, match="不能当工资发"):
        post_months.pay(month=month, by=staff.reviewer, paid=601 * YUAN, paid_on=today)
    with pytest.raises(ValidationError, match="在出勤以后"):
        post_months.pay(month=month, by=staff.reviewer, paid=600 * YUAN, paid_on=first)
    with pytest.raises(PermissionDenied):
        post_months.pay(month=month, by=staff.second_cadre, paid=600 * YUAN, paid_on=today)
    post_months.pay(month=month, by=staff.reviewer, paid=600 * YUAN, paid_on=today)
    with pytest.raises(ValidationError, match="考勤不能再改"):
        post_months.attend(offer=there, by=staff.cadre, month=first, days=23)
    assert PostMonth.objects.get().paid_by == staff.reviewer


def test_who_notes_the_attendance_does_not_note_the_pay(place, staff, there, today):
    month = post_months.attend(offer=there, by=staff.reviewer, month=months_after(today, -1), days=20)
    with pytest.raises(ValidationError, match="另一个人"):
        post_months.pay(month=month, by=staff.reviewer, paid=600 * YUAN, paid_on=today)
    type(staff.reviewer).objects.filter(pk__in=[staff.reviewer.pk, staff.second_reviewer.pk]).update(
        identity_index="same"
    )
    with pytest.raises(ValidationError, match="另一个人"):
        post_months.pay(month=month, by=staff.second_reviewer, paid=600 * YUAN, paid_on=today)


def test_months_in_which_nobody_was_there_have_no_attendance(place, staff, there, today):
    for month, days in (
        (months_after(today, -5), 1),
        (months_after(today, 1), 1),
        (months_after(today, -1), 32),
        (today, today.day + 1),
    ):
        with pytest.raises(ValidationError):
            post_months.attend(offer=there, by=staff.cadre, month=month, days=days)


def test_what_is_not_paid_in_full_and_on_time_is_listed(client, place, staff, there, today):
    this = today.replace(day=1)
    ago = {back: months_after(this, -back) for back in range(1, 5)}
    paid_on = {4: months_after(this, -2), 3: months_after(this, -2) + 3 * ONE_DAY}
    for back in (4, 3, 2):
        month = post_months.attend(offer=there, by=staff.cadre, month=ago[back], days=20)
        if back in paid_on:
            post_months.pay(
                month=month, by=staff.reviewer, paid=(600 if back == 4 else 500) * YUAN, paid_on=paid_on[back]
            )
    found = {(month.first, fault) for month, fault in post_months.faulty(staff.reviewer, today)}
    assert found == {
        (ago[4], Fault.LATE), (ago[3], Fault.SHORT), (ago[2], Fault.UNPAID), (ago[1], Fault.NO_ATTENDANCE),
    }  # fmt: skip
    client.force_login(staff.reviewer)
    for fault in Fault:
        answer = client.get(reverse("assistance:wages"), {"fault": fault.value})
        assert answer.context["page_obj"].paginator.count == 1
        assert there.member.name in answer.content.decode()
    client.force_login(staff.other_reviewer)
    assert there.member.name not in client.get(reverse("assistance:wages")).content.decode()
    assert "工资到期没有发" in home(client, staff.reviewer)
    assert "没有记考勤" in home(client, staff.cadre)


def home(client, user):
    client.force_login(user)
    return client.get(reverse("ledgers:home")).content.decode()


# ---- pages ----


def test_the_way_through_the_pages(client, place, staff, make, today):
    family = make.household(place.village)
    designate(family)
    client.force_login(staff.cadre)
    told = {
        "region": place.village.code, "title": "保洁员", "places": 1, "wage": "600", "fund": "county", "unit": "村委会",
        "opens_on": f"{today - 100 * ONE_DAY}", "closes_on": f"{today + 100 * ONE_DAY}", "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert client.post(reverse("assistance:post-new"), told).status_code == 302
    assert client.post(reverse("assistance:post-new"), told).status_code == 302
    post = Post.objects.get()
    page = client.get(reverse("assistance:post", args=[post.pk])).content.decode()
    assert "没有评定等级" in page
    sent = {"member": family.head.pk, "idempotency_key": str(uuid.uuid4())}
    assert client.post(reverse("assistance:post-offer", args=[post.pk]), sent).status_code == 302
    place_of = reverse("assistance:place", args=[PostOffer.objects.get().pk])
    assert client.post(f"{place_of}take/", {"begun_on": f"{today - 40 * ONE_DAY}", "runs_until": ""}).status_code == 302
    assert client.post(f"{place_of}attend/", {"month": f"{today - 40 * ONE_DAY:%Y-%m}", "days": 1}).status_code == 302
    client.force_login(staff.reviewer)
    month = PostMonth.objects.get()
    assert client.post(f"{place_of}pay/", {"month": month.pk, "paid": "600", "paid_on": f"{today}"}).status_code == 302
    assert "600.00" in client.get(place_of).content.decode()
    assert client.post(f"{place_of}nothing/", {}).status_code == 404
    assert client.post(f"{place_of}leave/", {"ended_on": f"{today}"}).status_code == 200


def test_a_village_sees_its_towns_posts_but_not_the_people_of_others(client, place, staff, make, today):
    neighbour = make.household(place.neighbour, "冯桂香")
    post = opened(staff, place.town, places=2)
    offer = seated(post, neighbour.head, staff.neighbour_cadre, today)
    client.force_login(staff.cadre)
    page = client.get(reverse("assistance:post", args=[post.pk])).content.decode()
    assert "在岗 <b>1</b> 人" in page
    assert "冯桂香" not in page
    assert client.get(reverse("assistance:place", args=[offer.pk])).status_code == 404
    client.force_login(staff.other_reviewer)
    assert client.get(reverse("assistance:post", args=[post.pk])).status_code == 404


def test_the_number_of_queries_does_not_grow(place, staff, make, today, django_assert_max_num_queries):
    for number in range(20):
        designate(make.household(place.village, f"户{number}"))
    post = opened(staff, place.village)
    with django_assert_max_num_queries(14):
        assert len(post_candidates.candidates(post, staff.cadre, today)) >= 20


def test_the_delivery_of_a_place_is_not_taken_out_from_under_it(place, staff, make, today):
    family = make.household(place.village)
    offer = seated(opened(staff, place.village), family.head, staff.cadre, today)
    with pytest.raises(ValidationError, match="不能删"):
        remove_delivery(delivery=offer.delivery, by=staff.cadre, reason="录错")
    assert Delivery.objects.filter(pk=offer.delivery.pk).exists()


def test_the_wage_of_a_place_is_mended_nowhere_else(client, place, make, staff, today):
    family = make.household(place.village)
    offer = seated(opened(staff, place.village), family.head, staff.cadre, today - 5 * ONE_DAY)
    delivery = offer.delivery
    stands = as_it_stands(delivery)
    with pytest.raises(ValidationError, match="岗位约定的"):
        change_delivery(
            delivery=delivery, by=staff.cadre, version=delivery.version, to=replace(stands, amount=9 * YUAN)
        )
    url = reverse("assistance:delivery-edit", args=[family.pk, delivery.pk])
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    assert {"amount", "every", "runs_until"}.isdisjoint(client.get(url).context["form"].fields)
    sent = {"version": delivery.version, "begun_on": f"{today - 6 * ONE_DAY}", "amount": "9", "note": "早一天"}
    assert client.post(url, sent).status_code == 302
    assert as_it_stands(Delivery.objects.get()) == replace(stands, begun_on=today - 6 * ONE_DAY, note="早一天")
