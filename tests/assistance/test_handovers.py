"""A caseload changes hands when both say so: all of it, once, and nothing that has changed meanwhile."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from assistance import handovers
from assistance.models import Handover, HandoverStage, Helper
from monitoring.inbox import todo
from tests.ledgers.conftest import designate

DAY = datetime.date(2026, 3, 2)
MANY = 8


@pytest.fixture
def caseload(place, make):
    """Eight households of 赵卫东, and one of somebody else."""
    mine = [make.household(place.village, f"户{number}") for number in range(MANY)]
    for household in mine:
        designate(household)
        Helper.objects.create(household=household, name="赵卫东", unit="农业农村局", begun_on=DAY)
    other = make.household(place.village, "钱永福")
    Helper.objects.create(household=other, name="李红", unit="卫健委", begun_on=DAY)
    return mine


def proposed(place, staff, households, **changed):
    given = {
        "by": staff.reviewer, "name": "赵卫东", "unit": "农业农村局", "to": staff.second_reviewer,
        "households": [one.pk for one in households], "begins_on": timezone.localdate(), "reason": "工作调动",
        "idempotency_key": str(uuid.uuid4()), **changed,
    }  # fmt: skip
    return handovers.propose(**given)


def taken(handover, by, **changed):
    given = {"answer": "", "idempotency_key": str(uuid.uuid4()), **changed}
    return handovers.take_over(handover=handover, by=by, **given)


def names(households):
    return set(Helper.objects.filter(household__in=households, ended_on=None).values_list("name", flat=True))


def test_all_households_change_hands_when_the_taker_says_yes(place, staff, caseload, django_assert_max_num_queries):
    handover = proposed(place, staff, caseload)
    assert names(caseload) == {"赵卫东"}
    with django_assert_max_num_queries(3 * MANY + 25):  # the trace of each household, the rest at once
        done = taken(handover, staff.second_reviewer)
    assert (done.households, sum(done.kept.values())) == (MANY, 0)
    assert names(caseload) == {staff.second_reviewer.name}
    now = Helper.objects.filter(household__in=caseload, ended_on=None)
    assert set(now.values_list("user", "handover")) == {(staff.second_reviewer.pk, handover.pk)}
    assert Helper.objects.filter(household__in=caseload, ended_on=timezone.localdate()).count() == MANY
    assert names([Helper.objects.get(name="李红").household]) == {"李红"}
    assert AuditEvent.objects.filter(action="handover.take").count() == 1
    assert AuditEvent.objects.filter(action="assistance.change_helper").count() == MANY


def test_a_second_click_and_a_second_answer_change_nothing(place, staff, caseload):
    handover = proposed(place, staff, caseload)
    key = str(uuid.uuid4())
    taken(handover, staff.second_reviewer, idempotency_key=key)
    assert taken(handover, staff.second_reviewer, idempotency_key=key).households == 0
    with pytest.raises(ValidationError, match="已接手"):
        taken(handover, staff.second_reviewer)
    with pytest.raises(ValidationError, match="已接手"):
        handovers.withdraw(handover=handover, by=staff.reviewer)
    assert Helper.objects.filter(household__in=caseload).count() == 2 * MANY


def test_the_same_proposal_sent_twice_is_one(place, staff, caseload):
    key = str(uuid.uuid4())
    first = proposed(place, staff, caseload, idempotency_key=key)
    assert proposed(place, staff, caseload, idempotency_key=key) == first
    assert Handover.objects.count() == 1


def test_only_who_was_asked_answers(place, staff, caseload):
    handover = proposed(place, staff, caseload)
    for user in (staff.reviewer, staff.officer, staff.cadre):
        with pytest.raises(PermissionDenied):
            taken(handover, user)
        with pytest.raises(PermissionDenied):
            handovers.refuse(handover=handover, by=user, answer="不行")
    with pytest.raises(PermissionDenied):
        handovers.withdraw(handover=handover, by=staff.second_reviewer)
    assert names(caseload) == {"赵卫东"}


def test_a_refusal_needs_a_reason_and_leaves_everything(place, staff, caseload):
    handover = proposed(place, staff, caseload)
    with pytest.raises(ValidationError, match="写明原因"):
        handovers.refuse(handover=handover, by=staff.second_reviewer, answer=" ")
    handovers.refuse(handover=handover, by=staff.second_reviewer, answer="我手上已有八十户")
    handover.refresh_from_db()
    assert (handover.stage, names(caseload)) == (HandoverStage.REFUSED, {"赵卫东"})


@pytest.mark.parametrize(
    ("who", "changed", "said"),
    [
        ("disabled", {}, "账号已停用"),
        ("other_reviewer", {}, "没有岗位"),
        ("clerk", {}, "没有岗位"),
        ("second_reviewer", {"begins_on": datetime.date(2999, 1, 1)}, "不能晚于今天"),
        ("second_reviewer", {"begins_on": datetime.date(2000, 1, 1)}, "交接日期不能更早"),
        ("second_reviewer", {"reason": "  "}, "为什么交接"),
        ("second_reviewer", {"name": "没有此人"}, "没有选农户"),
    ],
)
def test_what_will_not_do_is_refused_in_words(place, staff, caseload, who, changed, said):
    to = staff.second_reviewer if who == "disabled" else getattr(staff, who)
    if who == "disabled":
        to.is_active = False
        to.save(update_fields=["is_active"])
    with pytest.raises(ValidationError) as fault:
        proposed(place, staff, caseload, to=to, **changed)
    assert said in str(fault.value.messages)
    assert not Handover.objects.exists()


def test_what_has_changed_meanwhile_stays_and_is_told(place, staff, caseload):
    handover = proposed(place, staff, caseload)
    swapped, closed, alone, *rest = caseload
    Helper.objects.filter(household=swapped).update(name="孙丽", unit="民政局")
    type(closed).objects.filter(pk=closed.pk).update(closed_on=timezone.localdate())
    Helper.objects.filter(household=alone).update(ended_on=timezone.localdate())
    done = taken(handover, staff.second_reviewer)
    assert done.households == len(rest)
    assert dict(done.kept) == {"联系人已另换": 1, "已经注销": 1, "没有联系人": 1}
    assert names([swapped]) == {"孙丽"}


def test_nobody_hands_over_households_of_another_place(place, staff, caseload):
    for user in (staff.other_reviewer, staff.neighbour_cadre, staff.clerk, staff.inspector):
        with pytest.raises(ValidationError, match="没有选农户"):
            proposed(place, staff, caseload, by=user, to=user)


def test_who_has_only_one_of_the_villages_cannot_take_those_of_both(place, staff, make, caseload):
    beside = make.household(place.neighbour, "冯桂香")
    Helper.objects.create(household=beside, name="赵卫东", unit="农业农村局", begun_on=DAY)
    with pytest.raises(ValidationError) as fault:
        proposed(place, staff, [*caseload, beside], to=staff.cadre)
    assert f"在{place.town.name}没有岗位" in str(fault.value.messages)
    assert taken(proposed(place, staff, caseload, to=staff.cadre), staff.cadre).households == MANY


def test_it_waits_in_the_takers_inbox_until_it_is_answered(place, staff, caseload):
    handover = proposed(place, staff, caseload)
    mine = [line for line in todo(staff.second_reviewer) if line.url == handover_page(handover)]
    assert [line.title for line in mine] == [f"接手赵卫东的 {MANY} 户"]
    taken(handover, staff.second_reviewer)
    assert not [line for line in todo(staff.second_reviewer) if line.url == handover_page(handover)]


def handover_page(handover):
    return reverse("assistance:handover", args=[handover.pk])


def test_the_pages_from_the_list_to_the_taking(client, place, staff, caseload):
    client.force_login(staff.reviewer)
    listed = client.get(reverse("assistance:handovers")).content.decode()
    assert "交接赵卫东的户" in listed
    form = {
        "name": "赵卫东", "unit": "农业农村局", "to": staff.second_reviewer.pk, "begins_on": timezone.localdate(),
        "reason": "驻村期满", "households": [one.pk for one in caseload[:5]], "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    answer = client.post(reverse("assistance:handover-new"), form)
    handover = Handover.objects.get()
    assert answer.url == handover_page(handover)
    client.force_login(staff.second_reviewer)
    page = client.get(handover_page(handover)).content.decode()
    assert "接手 5 户" in page
    take = reverse("assistance:handover-answer", args=[handover.pk, "take"])
    done = client.post(take, {"answer": "", "idempotency_key": str(uuid.uuid4())}, follow=True)
    assert "已接手 5 户" in done.content.decode()
    assert names(caseload[:5]) == {staff.second_reviewer.name}
    assert names(caseload[5:]) == {"赵卫东"}
    client.force_login(staff.other_reviewer)
    assert client.get(handover_page(handover)).status_code == 404


def test_many_contacts_and_handovers_are_paged_and_a_contact_is_found_by_name_or_unit(client, place, staff, make):
    household = make.household(place.village)
    for number in range(60):
        another = make.household(place.village, f"邻{number}")
        Helper.objects.create(household=another, name=f"干部{number:02d}", unit="税务局", begun_on=DAY)
    Helper.objects.create(household=household, name="赵卫东", unit="农业农村局", begun_on=DAY)
    for number in range(12):
        handover = Handover.objects.create(
            region=place.village, from_name=f"原{number}", from_unit="税务局", to_user=staff.second_reviewer, to_name="新",
            to_unit="镇", begins_on=DAY, reason="调动", stage=HandoverStage.REFUSED, proposed_by=staff.reviewer,
        )  # fmt: skip
        handover.households.add(household)
    client.force_login(staff.reviewer)
    url = reverse("assistance:handovers")
    first, second = (client.get(url, {"page": page}).content.decode() for page in (1, 2))
    assert [page.count('aria-label="交接') - page.count('交接记录"') for page in (first, second)] == [50, 11]
    assert (first + second).count("交接赵卫东的户") == 1
    assert "看全部 12 次" in first
    assert client.get(url, {"show": "all"}).content.decode().count("→ 新") == 12
    for words in ("卫东", "农村局"):
        found = client.get(url, {"q": words}).content.decode()
        assert ("交接赵卫东的户" in found, "交接干部" in found) == (True, False)
    assert "没有找到" in client.get(url, {"q": "没有这个人"}).content.decode()
