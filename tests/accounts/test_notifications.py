"""The bell: told once, seen by whom it is for, marked as read, forgotten when old."""

import datetime

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import jobs, notifications
from accounts.jobs import MAX_ATTEMPTS, JobState, LeaseLost
from accounts.models import Notification, NotificationKind
from accounts.notifications import forget_notifications, notify, people_posted, read_all, unread_count
from accounts.roles import VILLAGE_ROLES, Role
from ledgers.models import Export
from monitoring.models import Screening


def tell(*people, region=None, key="k", link="/", text="王大海户退回村里补正"):
    notify(people=people, kind=NotificationKind.RETURNED, text=text, link=link, key=key, region=region)


@pytest.fixture
def export(place, staff, today):
    return Export.objects.create(requested_by=staff.reviewer, region=place.town, on=today)


def sit(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_same_thing_is_told_once_to_each_person(place, staff):
    tell(staff.cadre, staff.team, staff.cadre, region=place.village)
    tell(staff.cadre, staff.second_cadre, region=place.village, text="王大海户又退回了")
    assert Notification.objects.count() == 3
    assert {one.text for one in Notification.objects.visible_to(staff.cadre)} == {"王大海户退回村里补正"}


def test_who_has_left_the_region_is_not_told_of_it_any_more(place, staff, today):
    tell(staff.cadre, region=place.village)
    assert unread_count(staff.cadre) == 1
    staff.cadre.postings.update(ends_on=today - datetime.timedelta(days=1))
    assert unread_count(staff.cadre) == 0


def test_people_posted_are_those_who_work_over_the_region_today_and_may_log_in(place, staff, today):
    assert people_posted(place.village, *VILLAGE_ROLES) == [staff.cadre, staff.second_cadre, staff.team]
    assert people_posted(place.village, Role.TOWN_REVIEWER) == [staff.reviewer, staff.second_reviewer]
    staff.second_reviewer.is_active = False
    staff.second_reviewer.save(update_fields=["is_active"])
    staff.team.postings.update(ends_on=today - datetime.timedelta(days=1))
    assert people_posted(place.village, *VILLAGE_ROLES) == [staff.cadre, staff.second_cadre]
    assert people_posted(place.village, Role.TOWN_REVIEWER) == [staff.reviewer]


def test_a_finished_export_tells_who_asked_for_it_once(export, staff):
    Export.claim(export.pk).finish()
    told = Notification.objects.get()
    assert (told.person, told.kind, told.text) == (staff.reviewer, "job", "台账导出已完成：青石镇")
    assert told.link == reverse("ledgers:export-detail", args=[export.pk])


def test_a_failed_export_says_so_and_keeps_its_reason_on_its_own_page(export):
    Export.claim(export.pk).fail("王大海户的数据不全")
    assert Notification.objects.get().text == "台账导出没有办成，去看原因：青石镇"


def test_a_worker_that_lost_its_lease_and_a_cancelled_job_tell_nobody(export):
    first = Export.claim(export.pk)
    export.cancel()
    with pytest.raises(LeaseLost):
        first.finish()
    assert not Notification.objects.exists()


def test_a_job_given_up_by_the_sweeper_tells_once_however_often_it_is_swept(export):
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    Export.objects.filter(pk=export.pk).update(created_at=long_ago, attempts=MAX_ATTEMPTS)
    jobs.sweep()
    jobs.sweep()
    assert Notification.objects.get().text.startswith("台账导出没有办成")
    export.refresh_from_db()
    assert (export.state, export.message) == (JobState.FAILED, jobs.GIVEN_UP)


def test_a_job_of_the_night_that_nobody_asked_for_tells_nobody(place, today, db):
    job = Screening.objects.create(region=place.town, on=today, ruleset="zaozhuang_2020")
    Screening.claim(job.pk).finish()
    assert not Notification.objects.exists()


def test_what_is_told_is_taken_back_with_the_transaction_of_the_job(export):
    running = Export.claim(export.pk)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        running.finish()
        raise ZeroDivisionError
    assert not Notification.objects.exists()


def test_the_page_lists_ones_own_and_the_head_counts_them(client, place, staff):
    tell(staff.reviewer, region=place.town, key="a")
    tell(staff.other_reviewer, region=place.other_town, key="b", text="李春生户退回")
    page = sit(client, staff.reviewer).get(reverse("accounts:notifications")).content.decode()
    assert "王大海户退回村里补正" in page and "李春生户" not in page
    assert '消息 <span class="badge">1</span>' in page


def test_opening_one_marks_it_and_leads_to_where_it_is_done(client, place, staff):
    tell(staff.cadre, region=place.village, link=reverse("households:list"))
    one = Notification.objects.get()
    answer = sit(client, staff.cadre).post(reverse("accounts:notification-open", args=[one.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("households:list"))
    assert unread_count(staff.cadre) == 0
    first = Notification.objects.get().read_at
    client.post(reverse("accounts:notification-open", args=[one.pk]))
    assert Notification.objects.get().read_at == first


def test_somebody_elses_notification_cannot_be_opened(client, place, staff):
    tell(staff.cadre, region=place.village)
    one = Notification.objects.get()
    answer = sit(client, staff.second_cadre).post(reverse("accounts:notification-open", args=[one.pk]))
    assert answer.status_code == 404
    assert unread_count(staff.cadre) == 1


def test_marking_all_leaves_what_came_after_the_page_was_made(client, place, staff):
    tell(staff.cadre, region=place.village, key="a")
    seen = timezone.now()
    tell(staff.cadre, region=place.village, key="b")
    sit(client, staff.cadre).post(reverse("accounts:notifications-read"), {"until": seen.isoformat()})
    assert [one.key for one in Notification.objects.unread()] == ["b"]


@pytest.mark.parametrize("until", ["", "昨天", "2026-13-01T00:00:00+08:00", "2026-01-01T00:00:00"])
def test_marking_all_with_a_mangled_moment_marks_nothing(client, place, staff, until):
    tell(staff.cadre, region=place.village)
    answer = sit(client, staff.cadre).post(reverse("accounts:notifications-read"), {"until": until})
    assert answer.status_code == 302
    assert unread_count(staff.cadre) == 1


def test_a_phone_page_leads_to_what_is_unread(client, place, staff):
    tell(staff.cadre, region=place.village)
    home = sit(client, staff.cadre).get("/").content.decode()
    assert "<b>1 条</b>新消息" in home
    read_all(by=staff.cadre, until=timezone.now())
    assert "新消息" not in client.get("/").content.decode()


def test_what_is_old_is_forgotten_read_or_not(place, staff):
    tell(staff.cadre, region=place.village, key="old")
    tell(staff.cadre, region=place.village, key="new")
    now = timezone.now()
    kept = datetime.timedelta(days=notifications.KEPT_DAYS)
    Notification.objects.filter(key="old").update(created_at=now - kept - datetime.timedelta(minutes=1))
    assert (forget_notifications(now), forget_notifications(now)) == (1, 0)
    assert [one.key for one in Notification.objects.all()] == ["new"]
