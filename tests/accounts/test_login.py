"""Logging in: five wrong passwords lock, nobody learns who exists, targets stay on this site."""

import datetime

from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tasks import forget_sessions
from tests.factories import PASSWORD

LOGIN = "/login/"


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client, staff):
    for _ in range(5):
        answer = client.post(LOGIN, {"username": "cadre", "password": "wrong"})
    answer = client.post(LOGIN, {"username": "cadre", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟" in answer.content.decode()


def test_the_lock_does_not_reach_a_colleague_behind_the_same_address(client, staff):
    for _ in range(6):
        client.post(LOGIN, {"username": "cadre", "password": "wrong"})
    assert client.post(LOGIN, {"username": "reviewer", "password": PASSWORD}).status_code == 302


def test_an_administrator_unlocks(client, staff):
    for _ in range(5):
        client.post(LOGIN, {"username": "cadre", "password": "wrong"})
    client.post(LOGIN, {"username": "admin", "password": PASSWORD})
    assert "cadre" in client.get(reverse("accounts:status")).content.decode()
    client.post(reverse("accounts:unlock"), {"username": "cadre"})
    client.post(reverse("accounts:logout"))
    assert client.post(LOGIN, {"username": "cadre", "password": PASSWORD}).status_code == 302


def test_a_wrong_name_and_a_wrong_password_sound_alike(client, staff):
    unknown = client.post(LOGIN, {"username": "nobody", "password": "wrong"}).content.decode()
    wrong = client.post(LOGIN, {"username": "cadre", "password": "wrong"}).content.decode()
    assert "账号或密码不对" in unknown
    assert "账号或密码不对" in wrong


def test_the_target_after_login_stays_on_this_site(client, staff):
    answer = client.post(LOGIN, {"username": "cadre", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_pages_are_closed_without_login(client, db):
    assert client.get(reverse("accounts:me")).headers["Location"].startswith(LOGIN)


def test_a_login_leaves_a_trace(client, staff):
    client.post(LOGIN, {"username": "cadre", "password": PASSWORD})
    assert AuditEvent.objects.filter(action="session.login", actor=staff.cadre).exists()


def test_a_weak_password_is_refused_in_chinese(client, staff):
    client.post(LOGIN, {"username": "cadre", "password": PASSWORD})
    form = {"old": PASSWORD, "new": "12345678901", "again": "12345678901"}
    assert "数字" in client.post(reverse("accounts:password"), form).content.decode()


def test_sessions_that_are_over_are_forgotten_and_others_go_on(client, staff):
    Client().force_login(staff.officer, backend="django.contrib.auth.backends.ModelBackend")
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(minutes=1))
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    forget_sessions()
    assert Session.objects.count() == 1
    assert client.get(reverse("accounts:me")).status_code == 200


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client, staff):
    page = "http://testserver/visits/?page=2"
    answer = client.post(reverse("accounts:logout"), headers={"referer": page})
    assert answer.url == f"{LOGIN}?next=/visits/%3Fpage%3D2"
    assert "刚才那一步没有办成" in client.get(answer.url).content.decode()
    elsewhere = client.post(reverse("accounts:logout"), headers={"referer": "https://elsewhere.example/x"})
    assert elsewhere.url == f"{LOGIN}?next=/"
