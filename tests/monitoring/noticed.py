"""What the tests of notices share: cases at any stage in one village, and a notice that hangs since today."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from monitoring import notices
from monitoring.models import Case, Notice, PolicyValue, Stage
from tests.monitoring.casework import bring, surveyed

At = Callable[..., Case]


@pytest.fixture
def at(place, staff, make) -> At:
    """Brings a household with a telephone to a stage; the cadre surveys, opens and posts."""

    def build(stage: Stage, head: str = "王大海", **household: Any) -> Case:
        family = surveyed(make.household(place.village, head, phone="13800001234", **household), staff.cadre)
        return bring(family, stage, village=staff.cadre, town=staff.reviewer, district=staff.officer)

    return build


@pytest.fixture
def running(at, staff) -> Notice:
    """One notice for two households, posted today."""
    return hang([at(Stage.NOTICE_DUE), at(Stage.NOTICE_DUE, "赵玉梅", group_no=3)], staff.cadre)


def hang(cases: list[Case], by: Any, **more: Any) -> Notice:
    """A notice of five days from today."""
    today = timezone.localdate()
    last = today + datetime.timedelta(days=4)
    return notices.post(cases=cases, by=by, starts_on=today, ends_on=last, village_phone="0000-0000001", **more)


def enable(place, staff) -> None:
    """The district has the public pages on."""
    notices.switch_web_notices(district=place.zone, by=staff.officer, on=True)


def set_number(place, staff, key: str, value: str) -> None:
    """A number of the rule set as the district has confirmed it."""
    PolicyValue.objects.create(
        region=place.zone, ruleset="zaozhuang_2020", key=key, value=value, starts_on=datetime.date(2020, 6, 1), source="某文",
        proposed_by=staff.admin, confirmed_by=staff.officer, confirmed_at="2020-06-01T00:00:00Z",
    )  # fmt: skip


def after(notice: Notice, days: int = 1) -> datetime.datetime:
    """Noon so many days after the last day of the notice."""
    day = notice.ends_on + datetime.timedelta(days=days)
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))
