"""Guessing passwords, keeping sessions, and the way round the first change of password."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, add_user

LOGIN = "accounts:login"


def guess(client, username, password="wrong-Passphrase-1"):
    return client.post(reverse(LOGIN), {"username": username, "password": password})


@pytest.mark.parametrize("spelt", ["REVIEWER", "Reviewer", " reviewer ", "ｒeviewer"])
def test_another_spelling_of_the_account_brings_no_new_tries(client, staff, spelt):
    for _try in range(5):
        guess(client, "reviewer")
    assert guess(client, spelt, PASSWORD).status_code == 429
    assert guess(client, "reviewer", PASSWORD).status_code == 429


def test_tries_under_several_spellings_are_counted_together(client, staff):
    answers = [guess(client, name).status_code for name in ("cadre", "CADRE", "Cadre", "cAdre", "caDre")]
    assert answers[-1] == 429


def test_the_right_password_forgets_the_wrong_ones_however_the_account_is_spelt(client, staff):
    for _try in range(3):
        guess(client, "Cadre")
    assert guess(client, "CADRE", PASSWORD).status_code == 302
    client.post(reverse("accounts:logout"))
    assert [guess(client, "cadre").status_code for _try in range(3)] == [200, 200, 200]


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(client, staff):
    add_user("disabled", "停某", is_active=False)
    pages = [guess(Client(), name) for name in ("cadre", "nobody-has-this")] + [guess(Client(), "disabled", PASSWORD)]
    said = {page.content.decode().partition('class="errors"')[2].partition("</form>")[0][:200] for page in pages}
    assert {page.status_code for page in pages} == {200}
    assert all("账号或密码不对" in page.content.decode() for page in pages)
    assert len(said) == 1


def test_a_session_that_somebody_planted_is_not_the_one_after_the_login(staff):
    client = Client()
    client.cookies["sessionid"] = "planted0planted0planted0planted0"
    guess(client, "cadre", PASSWORD)
    assert client.cookies["sessionid"].value != "planted0planted0planted0planted0"
    other = Client()
    other.cookies["sessionid"] = "planted0planted0planted0planted0"
    assert other.get(reverse("accounts:me")).status_code == 302


@pytest.mark.parametrize(
    "page", ["ledgers:home", "households:list", "monitoring:cases", "ledgers:exports", "accounts:me"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_is_done_before_the_one_time_password_is_changed(client, staff, page, method):
    staff.officer.must_change_password = True
    staff.officer.save()
    client.force_login(staff.officer)
    for headers in ({}, {"HX-Request": "true"}):
        answer = getattr(client, method)(reverse(page), headers=headers)
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("accounts:password"))


def test_a_form_from_another_site_is_refused(staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff.officer)
    for name in ("accounts:logout", "accounts:me", "ledgers:export-new", "monitoring:cases-batch"):
        assert client.post(reverse(name)).status_code == 403
