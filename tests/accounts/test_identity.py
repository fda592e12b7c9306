"""Two accounts of one person are one actor: the administrator says whose they are, and the number is kept nowhere."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.identity_numbers import digest_of
from accounts.models import AuditEvent, User
from accounts.roles import Role
from tests.factories import add_user, invented_id


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_digest_is_the_same_however_the_number_is_written():
    number = invented_id()
    assert digest_of(number) == digest_of(f" {number[:6]} {number[6:].lower()} ") != ""
    assert number not in digest_of(number)
    assert digest_of("  ") == ""


@pytest.mark.parametrize("typed", ["12345", "a" * 18, "0" * 18, "11010519491231002Y"])
def test_a_number_that_is_none_is_refused_without_being_quoted(typed):
    with pytest.raises(ValidationError) as refused:
        digest_of(typed)
    assert typed not in str(refused.value)


def test_a_wrong_check_digit_is_refused():
    number = invented_id()
    with pytest.raises(ValidationError):
        digest_of(number[:-1] + ("0" if number[-1] != "0" else "1"))


def test_two_accounts_with_the_same_number_act_as_one_person(place, staff):
    digest = digest_of(invented_id())
    assert services.set_identity(by=staff.admin, person=staff.cadre, identity_index=digest) == 0
    assert services.set_identity(by=staff.admin, person=staff.reviewer, identity_index=digest) == 1
    assert User.objects.get(pk=staff.cadre.pk).capacities(place.village) == {staff.cadre.pk, staff.reviewer.pk}
    services.set_identity(by=staff.admin, person=staff.reviewer, identity_index="")
    assert User.objects.get(pk=staff.cadre.pk).capacities(place.village) == {staff.cadre.pk}
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert sorted(actions) == ["user.forget_identity", "user.identify", "user.identify"]


def test_nobody_says_so_of_himself_or_of_people_elsewhere(place, staff):
    elsewhere = add_user("waiqu", "外区人", Role.DISTRICT_OFFICER, place.foreign_county)
    for person in (staff.admin, elsewhere):
        with pytest.raises(ValidationError):
            services.set_identity(by=staff.admin, person=person, identity_index="x")


def test_the_page_keeps_the_digest_and_shows_the_number_nowhere(client, staff):
    number = invented_id()
    page = reverse("accounts:user-identity", args=[staff.cadre.pk])
    answer = log_in(client, staff.admin).post(page, {"identity_index": number}, follow=True)
    assert "没有查到他的其他账号" in answer.content.decode()
    assert number not in answer.content.decode()
    assert User.objects.get(pk=staff.cadre.pk).identity_index == digest_of(number)
    assert number not in client.get(page).content.decode()
    assert number not in str(list(AuditEvent.objects.values_list("detail", flat=True)))
    client.post(page, {"identity_index": ""})
    assert User.objects.get(pk=staff.cadre.pk).identity_index == ""


def test_a_new_person_may_be_entered_with_his_number(client, place, staff):
    number = invented_id()
    told = {
        "name": "新来", "username": "xinlai", "unit": "", "role": Role.VILLAGE_CADRE, "region": place.village.code,
        "begins_on": "2026-01-01", "identity_index": number,
    }  # fmt: skip
    answer = log_in(client, staff.admin).post(reverse("accounts:user-new"), told)
    assert number not in answer.content.decode()
    assert User.objects.get(username="xinlai").identity_index == digest_of(number)
