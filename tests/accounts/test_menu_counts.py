"""The numbers in a menu: counted at 工作台 and after a step of one's own, otherwise kept for a minute."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.navigation import KEPT_SECONDS, WAITING, counting_work
from tests.factories import Staff

PAGE = "accounts:password"


@pytest.fixture
def counted() -> Iterator[list[str]]:
    """Whose work was counted, in order."""
    asked: list[str] = []

    def count(sender: object, user: User, **more: object) -> dict[str, int]:
        asked.append(user.username)
        return {"households:list": len(asked)}

    counting_work.connect(count)
    yield asked
    counting_work.disconnect(count)


@pytest.fixture
def reviewer(client: Client, staff: Staff) -> Client:
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, name: str = PAGE) -> int:
    """The number beside 农户档案 on a page."""
    menu = {item.url: item.count for item in client.get(reverse(name)).context["nav_items"]}
    return menu[reverse("households:list")]


def counted_some_time_ago(client: Client, seconds: float) -> None:
    session = client.session
    session[WAITING] |= {"at": timezone.now().timestamp() - seconds}
    session.save()


def test_pages_one_after_another_are_counted_once(reviewer: Client, counted: list[str]) -> None:
    assert [shown(reviewer) for _page in range(3)] == [1, 1, 1]
    assert len(counted) == 1


def test_the_first_page_of_the_work_always_counts(reviewer: Client, counted: list[str]) -> None:
    assert [shown(reviewer, name) for name in (PAGE, "ledgers:home", "ledgers:home", PAGE)] == [1, 2, 3, 3]


def test_a_step_of_ones_own_is_seen_on_the_next_page(reviewer: Client, counted: list[str]) -> None:
    assert shown(reviewer) == 1
    assert reviewer.post(reverse("accounts:notifications-read")).status_code == 302
    assert shown(reviewer) == 2


def test_a_step_that_was_refused_changes_nothing(reviewer: Client, counted: list[str]) -> None:
    assert shown(reviewer) == 1
    assert reviewer.post(reverse("ledgers:home")).status_code == 405
    assert shown(reviewer) == 1


@pytest.mark.parametrize("passed", [KEPT_SECONDS, -5], ids=["after a minute", "the clock was put back"])
def test_what_others_do_shows_after_a_minute(reviewer: Client, counted: list[str], passed: int) -> None:
    assert shown(reviewer) == 1
    counted_some_time_ago(reviewer, seconds=KEPT_SECONDS - 5)
    assert shown(reviewer) == 1
    counted_some_time_ago(reviewer, seconds=passed)
    assert shown(reviewer) == 2


def test_each_person_has_numbers_of_his_own(reviewer: Client, staff: Staff, counted: list[str]) -> None:
    shown(reviewer)
    reviewer.force_login(staff.officer, backend="django.contrib.auth.backends.ModelBackend")
    assert shown(reviewer) == 2
    assert counted == [staff.reviewer.username, staff.officer.username]
