"""What every answer carries, and what no address, log line or error page gives away."""

import logging

import pytest
from django.urls import reverse

from fangpin.logs import DiscreetFormatter
from tests.factories import PASSWORD
from tests.isolation import one_of_everything

PAGES = (
    "ledgers:home",
    "ledgers:dashboard",
    "ledgers:exports",
    "households:list",
    "households:new",
    "households:import-list",
    "households:import-new",
    "monitoring:cases",
    "monitoring:clues",
    "monitoring:digests",
    "monitoring:notices",
    "monitoring:corrections",
    "monitoring:parameters",
    "monitoring:screenings",
    "assistance:overview",
    "accounts:me",
    "accounts:password",
    "accounts:audit",
    "accounts:regions",
)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_somebody_logged_in_is_kept_by_a_browser(client, staff, page):
    client.force_login(staff.officer)
    answer = client.get(reverse(page))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_household_and_a_case_are_not_kept_either(client, place, staff):
    own = one_of_everything(place.village, staff.cadre, staff.officer, "王大海")
    client.force_login(staff.reviewer)
    for address in (
        reverse("households:detail", args=[own.household.pk]),
        reverse("assistance:dossier", args=[own.household.pk]),
        reverse("monitoring:case", args=[own.case.pk]),
        reverse("monitoring:case-paper", args=[own.case.pk]),
    ):
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code == 200
            assert "no-store" in answer.headers["Cache-Control"], address


def test_refusals_and_redirects_are_not_kept_either(client, staff):
    assert "no-store" in client.get(reverse("households:list")).headers["Cache-Control"]
    client.force_login(staff.clerk)
    for address, code in ((reverse("households:list"), 403), ("/no-such-page/", 404)):
        answer = client.get(address)
        assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (code, True)


@pytest.mark.parametrize("address", ["/", "/login/", "/ping", "/no-such-page/", "/gs/nobody-knows-this/"])
def test_every_answer_tells_the_browser_what_it_may_do(client, staff, address):
    client.force_login(staff.officer)
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "address", ["/households/?q=%00", "/audit/?name=%00", "/regions/?under=%00", "/dashboard/?area=%00", "/gs/%00/"]
)
def test_a_nul_in_an_address_is_a_bad_request_and_never_reaches_the_database(client, staff, address):
    client.force_login(staff.officer)
    assert client.get(address).status_code == 400


@pytest.mark.parametrize(
    "query", ["town=²", f"town={'9' * 5000}", "per=²", f"per={'9' * 5000}", "group_no=nan", "page=²", "risk=<x>"]
)
def test_digits_that_are_no_numbers_do_not_break_the_list(client, staff, query):
    client.force_login(staff.officer)
    assert client.get(f"{reverse('households:list')}?{query}").status_code == 200


def test_what_people_search_for_does_not_reach_the_log():
    record = logging.LogRecord(
        "django.server",
        logging.INFO,
        __file__,
        1,
        '"%s" %s %s',
        ("GET /households/?q=王大海&per=20 HTTP/1.1", 200, 9),
        None,
    )
    line = DiscreetFormatter().format(record)
    assert "王大海" not in line
    assert "/households/?[query] HTTP/1.1" in line


def test_a_refused_page_logs_neither_name_nor_number(client, place, staff, caplog):
    own = one_of_everything(place.village, staff.cadre, staff.officer, "孟凡星")
    head = own.household.members.get(relation="户主")
    caplog.set_level(logging.INFO)
    client.force_login(staff.reviewer)
    client.get(reverse("households:list"), {"q": "孟凡星"})
    client.get(reverse("households:reveal", args=[own.household.pk]), {"member": "²"})
    client.post(reverse("households:new"), {"head-name": "孟凡星", "head-id_text": head.id_number})
    client.post("/no-such-page/", {"id_number": head.id_number})
    said = " ".join(DiscreetFormatter().format(record) for record in caplog.records)
    assert "孟凡星" not in said
    assert head.id_number not in said


def test_an_address_elsewhere_is_never_where_a_login_leads(client, staff):
    for target in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"):
        form = {"username": "officer", "password": PASSWORD, "next": target}
        answer = client.post(reverse("accounts:login"), form)
        assert answer.headers["Location"] == "/"
        assert client.get(reverse("accounts:login"), {"next": target}).headers["Location"] == "/"
        client.logout()
