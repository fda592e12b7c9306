"""Working days: China's holidays and 调休 by year, what people have registered on top of them, and counting in both units.

The day of an event does not count, the last day does. Every function is pure when it is given the overrides; without them
it reads them itself, one query, so that nobody counts on a calendar that another process has changed meanwhile.
"""

import datetime
import functools
from collections.abc import Mapping
from typing import NamedTuple

from holidays.countries.china import China

from monitoring.models import WorkdayOverride

DAYS, WORKDAYS = "天", "工作日"
UNITS = (DAYS, WORKDAYS)
ONE_DAY = datetime.timedelta(days=1)
SATURDAY = 5

Overrides = Mapping[datetime.date, bool]


class Year(NamedTuple):
    """The days of a year that differ from Monday-to-Friday, with their names; ``worked`` are the weekend days of 调休."""

    free: Mapping[datetime.date, str]
    worked: frozenset[datetime.date]

    @property
    def arranged(self) -> bool:
        """Whether the State Council's arrangement of the year is known; before that, only the statutory days are."""
        return bool(self.worked)


@functools.cache
def known_year(year: int) -> Year:
    """What the holidays library knows of a year. It never changes while a process runs, unlike the overrides.

    An instance of its own for each year: the library's fill themselves while they are read, and threads would see half.
    """
    found = China(years=year, expand=False, language="zh_CN")
    return Year(
        free={day: name for day, name in found.items() if day.year == year},
        worked=frozenset(day for day in found.weekend_workdays if day.year == year),
    )


def load_overrides(first: datetime.date | None = None, last: datetime.date | None = None) -> Overrides:
    """The confirmed overrides of a range of days, both ends included; one query. Once for each request is enough."""
    rows = WorkdayOverride.objects.in_force()
    if first is not None:
        rows = rows.filter(date__gte=first)
    if last is not None:
        rows = rows.filter(date__lte=last)
    return dict(rows.values_list("date", "works"))


def is_workday(day: datetime.date, overrides: Overrides | None = None) -> bool:
    """Whether offices work on a day: what people registered wins, then the arrangement of the year, then the weekday."""
    known = load_overrides(day, day) if overrides is None else overrides
    if day in known:
        return known[day]
    return works_by_law(day)


def works_by_law(day: datetime.date) -> bool:
    """Whether a day is worked as far as the library knows, without overrides."""
    year = known_year(day.year)
    return day in year.worked or (day.weekday() < SATURDAY and day not in year.free)


def add(day: datetime.date, number: int, unit: str, overrides: Overrides | None = None) -> datetime.date:
    """The last day of a limit: ``number`` of 天 or 工作日 after the day of the event, which itself does not count.

    No days at all is the day itself. Raises ValueError for a negative number or another unit.
    """
    _check(number, unit)
    if unit == DAYS:
        return day + number * ONE_DAY
    known = load_overrides(day) if overrides is None else overrides
    while number:
        day += ONE_DAY
        number -= is_workday(day, known)
    return day


def between(start: datetime.date, end: datetime.date, unit: str, overrides: Overrides | None = None) -> int:
    """How many 天 or 工作日 lie after the start, up to and with the end; negative when the end comes first."""
    _check(0, unit)
    if unit == DAYS:
        return (end - start).days
    if end < start:
        return -between(end, start, unit, overrides)
    known = load_overrides(start, end) if overrides is None else overrides
    days = (end - start).days
    return sum(is_workday(start + ahead * ONE_DAY, known) for ahead in range(1, days + 1))


def days_left(due: datetime.date, today: datetime.date, unit: str, overrides: Overrides | None = None) -> int:
    """What is left of a limit, in its unit; 0 is the last day itself, negative is late and always in 天.

    A last day that became free after it was fixed is still ahead: one is left, not none.
    """
    if today >= due:
        return (due - today).days
    return max(1, between(today, due, unit, overrides))


def _check(number: int, unit: str) -> None:
    if unit not in UNITS:
        raise ValueError(f"时限的单位是“天”或“工作日”，不是“{unit}”。")
    if number < 0:
        raise ValueError("时限不能是负数。")
