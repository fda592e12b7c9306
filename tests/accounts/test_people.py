"""Adding, moving and disabling people: traced, within the administrator's regions, never one's own account."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Posting, User
from accounts.roles import Role
from tests.factories import PASSWORD


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_new_person_gets_a_one_time_password_and_must_change_it(client, place, staff):
    answer = log_in(client, staff.admin).post(
        reverse("accounts:user-new"),
        {
            "name": "新来",
            "username": "xinlai",
            "unit": "",
            "role": Role.VILLAGE_CADRE,
            "region": place.village.code,
            "begins_on": "2026-01-01",
        },
    )
    password = answer.context["password"]
    assert password in answer.content.decode()
    client.logout()
    client.post(reverse("accounts:login"), {"username": "XinLai", "password": password})
    assert client.get("/").headers["Location"] == reverse("accounts:password")
    client.post(reverse("accounts:password"), {"old": password, "new": "Qing-shi-4827", "again": "Qing-shi-4827"})
    assert client.get(reverse("accounts:me")).status_code == 200
    assert AuditEvent.objects.filter(action="user.add", actor=staff.admin).exists()


def test_an_administrator_cannot_post_people_outside_his_regions(place, staff):
    with pytest.raises(ValidationError):
        services.add_posting(
            by=staff.admin,
            person=staff.cadre,
            role=Role.VILLAGE_CADRE,
            region=place.foreign_village,
            begins_on=datetime.date(2026, 1, 1),
        )


def test_nobody_changes_his_own_postings_or_password_of_administration(place, staff):
    with pytest.raises(ValidationError):
        services.add_posting(
            by=staff.admin,
            person=staff.admin,
            role=Role.DISTRICT_OFFICER,
            region=place.zone,
            begins_on=datetime.date(2026, 1, 1),
        )
    with pytest.raises(ValidationError):
        services.set_active(by=staff.admin, person=staff.admin, active=False)


def test_moving_ends_the_old_posting_the_day_before(place, staff):
    posting = staff.cadre.postings.get()
    services.move_person(
        by=staff.admin,
        posting=posting,
        region=place.other_village,
        role=Role.VILLAGE_CADRE,
        begins_on=datetime.date(2026, 3, 1),
    )
    posting.refresh_from_db()
    assert posting.ends_on == datetime.date(2026, 2, 28)
    assert [one.region for one in staff.cadre.postings_in_force(datetime.date(2026, 3, 1))] == [place.other_village]
    assert [one.region for one in staff.cadre.postings_in_force(datetime.date(2026, 2, 28))] == [place.village]


def test_a_disabled_person_is_out_at_once(client, place, staff):
    log_in(client, staff.cadre)
    assert client.get(reverse("accounts:me")).status_code == 200
    services.set_active(by=staff.admin, person=staff.cadre, active=False)
    assert client.get(reverse("accounts:me")).status_code == 302
    assert User.objects.get(pk=staff.cadre.pk).postings_in_force() == []


def test_a_deputy_acts_for_a_colleague_and_both_are_named(place, staff, make, today):
    posting = staff.reviewer.postings.get()
    services.delegate(
        by=staff.reviewer,
        posting=posting,
        deputy=staff.second_cadre,
        begins_on=today,
        ends_on=today + datetime.timedelta(days=3),
    )
    assert staff.second_cadre.holds(Role.TOWN_REVIEWER)
    stand_in = staff.second_cadre.posting_over(place.neighbour, Role.TOWN_REVIEWER)
    assert stand_in.on_behalf_of == staff.reviewer


def test_a_delegation_goes_to_colleagues_nearby_and_no_further(place, staff, today):
    posting = staff.reviewer.postings.get()
    days = {"begins_on": today, "ends_on": today}
    with pytest.raises(ValidationError):
        services.delegate(by=staff.reviewer, posting=posting, deputy=staff.foreign_officer, **days)
    given = services.delegate(by=staff.reviewer, posting=posting, deputy=staff.second_reviewer, **days)
    with pytest.raises(ValidationError):
        services.delegate(by=staff.second_reviewer, posting=given, deputy=staff.other_reviewer, **days)


def test_another_districts_people_cannot_be_found(client, place, staff):
    log_in(client, staff.admin)
    assert client.get(reverse("accounts:user", args=[staff.foreign_officer.pk])).status_code == 404
    theirs = Posting.objects.get(user=staff.foreign_officer)
    assert client.get(reverse("accounts:posting-end", args=[theirs.pk])).status_code == 404


def test_a_region_is_found_by_code_or_name_and_ambiguity_is_explained(client, place, staff):
    log_in(client, staff.admin)
    address = reverse("accounts:posting-new", args=[staff.unposted.pk])
    form = {"role": Role.VILLAGE_TEAM, "region": "青石镇 北石桥", "begins_on": "2026-01-01", "ends_on": ""}
    assert client.post(address, form).status_code == 302
    assert staff.unposted.postings.get().region == place.village
    answer = client.post(address, {**form, "region": "没有这个村"})
    assert "没有找到这个区域" in answer.content.decode()


def test_capitals_make_no_difference_at_login(client, staff):
    client.post(reverse("accounts:login"), {"username": "CADRE", "password": PASSWORD})
    assert client.get(reverse("accounts:me")).status_code == 200


def test_a_posting_sent_twice_stands_once(client, place, staff):
    log_in(client, staff.admin)
    address = reverse("accounts:posting-new", args=[staff.unposted.pk])
    form = {"role": Role.VILLAGE_TEAM, "region": place.village.code, "begins_on": "2026-01-01", "ends_on": ""}
    assert client.post(address, form).status_code == 302
    assert "没有重复增加" in client.post(address, form).content.decode()
    assert staff.unposted.postings.count() == 1


def test_of_two_administrators_who_move_a_person_only_the_first_does(place, staff):
    seen_by_both = [staff.cadre.postings.get(), staff.cadre.postings.get()]
    move = {"by": staff.admin, "role": Role.VILLAGE_CADRE, "begins_on": datetime.date(2026, 3, 1)}
    services.move_person(posting=seen_by_both[0], region=place.other_village, **move)
    with pytest.raises(ValidationError, match="刚被别人改过"):
        services.move_person(posting=seen_by_both[1], region=place.neighbour, **move)
    assert staff.cadre.postings.count() == 2


def test_a_delegation_sent_twice_stands_once(place, staff, today):
    posting = staff.reviewer.postings.get()
    days = {"begins_on": today, "ends_on": today}
    services.delegate(by=staff.reviewer, posting=posting, deputy=staff.second_cadre, **days)
    with pytest.raises(ValidationError, match="没有重复增加"):
        services.delegate(by=staff.reviewer, posting=posting, deputy=staff.second_cadre, **days)


def test_a_user_name_taken_meanwhile_is_refused_with_a_sentence(place, staff):
    with pytest.raises(ValidationError, match="已有人使用"):
        services.add_person(
            by=staff.admin,
            username="cadre",
            name="重名",
            unit="",
            role=Role.VILLAGE_CADRE,
            region=place.village,
            begins_on=datetime.date(2026, 1, 1),
        )


def test_the_list_names_the_postings_of_today_only(client, place, staff):
    move = {"role": Role.VILLAGE_CADRE, "begins_on": datetime.date(2026, 3, 1)}
    services.move_person(by=staff.admin, posting=staff.cadre.postings.get(), region=place.other_village, **move)
    text = log_in(client, staff.admin).get(reverse("accounts:users"), {"q": "张桂英"}).content.decode()
    assert "柳河村委会 村干部" in text
    assert "北石桥村委会 村干部" not in text
