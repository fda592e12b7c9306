"""日历: rounds and limits of the documents, a district's own dates, cases that are due, notices that end, visits to repeat."""

import calendar
import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max
from django.urls import reverse

from accounts.models import User
from accounts.navigation import address
from accounts.roles import HOUSEHOLD_READERS
from households.models import Survey
from monitoring.calendar_dates import districts_of, fixed_for
from monitoring.models import OPEN_STAGES, Case, DistrictDate, Notice, Stage
from monitoring.policy.values import Policy, PolicyNotInForce, months_before, policy_in_force
from monitoring.workdays import Overrides, is_workday, known_year, load_overrides

MONTHS_SHOWN = 6
SOON = 7  # days
ONE_DAY = datetime.timedelta(days=1)
VALIDITY = "survey_validity_months"
GRADING_MONTHS = (("grading_first_month", "上半年"), ("grading_second_month", "下半年"))
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Entry:
    """Something on a day: ``source`` is the document that names it, ``url`` where it is done, ``clock`` that it can be late."""

    date: datetime.date
    title: str
    detail: str
    source: str = ""
    url: str = ""
    clock: bool = False
    reference: bool = False  # by a document that nobody in force here has taken
    own: DistrictDate | None = None

    def days_left(self, today: datetime.date) -> int | None:
        """Days until it is due where it can be late and is near; None for all the rest."""
        days = (self.date - today).days
        return days if self.clock and days <= SOON else None


@dataclass(frozen=True)
class Month:
    """A month of the calendar with its entries by day; ``free`` and ``worked`` are days unlike other weeks, in words."""

    first: datetime.date
    entries: list[tuple[Entry, int | None]]
    free: str
    worked: str


@dataclass(frozen=True)
class CalendarPage:
    """What the page shows: what is late, then months."""

    late: list[tuple[Entry, int | None]]
    months: list[Month]


def page_of(user: User, first: datetime.date, today: datetime.date) -> CalendarPage:
    """The months from the one of ``first`` on; what is late stands before them while the present is shown."""
    starts = [shift(first, months) for months in range(MONTHS_SHOWN)]
    last = shift(first, MONTHS_SHOWN) - ONE_DAY
    found = sorted(entries(user, starts[0], last, today), key=lambda one: (one.date, one.title))
    late = [one for one in _late(user, today) if starts[0] <= today <= last]
    overrides = load_overrides(starts[0], last)
    return CalendarPage(
        late=[(one, one.days_left(today)) for one in late],
        months=[_month(start, found, today, overrides) for start in starts],
    )


def shift(day: datetime.date, months: int) -> datetime.date:
    """The first of the month so many months later, or earlier."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, 1)


def entries(user: User, first: datetime.date, last: datetime.date, today: datetime.date) -> Iterator[Entry]:
    """All that lies between two days on somebody's calendar; cases and notices from today on, the earlier are late."""
    policies = _policies(user, today)
    yield from _fixed(user, first, last, policies)
    yield from _graded(first, last, policies)
    yield from _own(user, first, last)
    if user.holds(*HOUSEHOLD_READERS):
        yield from _cases(user, max(first, today), last)
        yield from _notices(user, max(first, today), last)
        yield from _visits(user, max(first, today), last, policies)


# ---- what documents and districts say ----


def _policies(user: User, today: datetime.date) -> list[Policy]:
    """What holds in the districts in which somebody works; without one whose rule set has not begun."""
    found = []
    for district in districts_of(user):
        try:
            found.append(policy_in_force(district, today))
        except PolicyNotInForce:
            continue
    return found


def _fixed(user: User, first: datetime.date, last: datetime.date, policies: list[Policy]) -> Iterator[Entry]:
    taken = {policy.ruleset.code for policy in policies}
    for one in fixed_for(posting.role for posting in user.postings_in_force()):
        if one.graded and any(_grades(policy) for policy in policies):
            continue  # the rule set has months of its own
        for day in one.between(first, last):
            yield Entry(day, one.title, one.detail, one.source, reference=not taken & set(one.rulesets))


def _grades(policy: Policy) -> bool:
    return bool(policy.ruleset.graded_types) and all(key in policy.values for key, _half in GRADING_MONTHS)


def _graded(first: datetime.date, last: datetime.date, policies: list[Policy]) -> Iterator[Entry]:
    """The rounds of 三色分级 in the months that the rule set, or the district, has for them."""
    rounds = {
        (half, policy.whole(key), policy.values[key].source)
        for policy in policies
        if _grades(policy)
        for key, half in GRADING_MONTHS
    }
    for half, month, source in sorted(rounds):
        for year in range(first.year, last.year + 1):
            end = datetime.date(year, month, calendar.monthrange(year, month)[1])
            if first <= end <= last:
                detail = f"{month} 月 1 日开始，月底截止；重点群体同时排查"
                yield Entry(end, f"{half}风险等级划分截止", detail, source, address("monitoring:grading"))


def _own(user: User, first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    dates = DistrictDate.objects.read_by(user).filter(date__range=(first, last)).select_related("region")
    for one in dates:
        yield Entry(one.date, one.title, one.region.name, one.source, own=one)


# ---- what the work brings ----


def _cases(user: User, first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    """Open cases by the day on which their step is due: each in a village, counted by stage in an office."""
    due = Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES, due_on__range=(first, last))
    if user.works_in_village:
        yield from (_one_case(case) for case in due.select_related("household"))
        return
    counted = due.order_by().values_list("due_on", "stage").annotate(count=Count("pk"))
    yield from (_counted_cases(*one) for one in counted)


def _one_case(case: Case) -> Entry:
    head = case.household.head_name or case.household.number
    url = reverse("monitoring:case", args=[case.pk])
    return Entry(case.due_on, f"{head}：{case.get_stage_display()}", "", "", url, clock=True)


def _counted_cases(day: datetime.date, stage: str, count: int, *, words: str = "到期") -> Entry:
    url = f"{reverse('monitoring:cases')}?stage={stage}"
    return Entry(day, f"{Stage(stage).label}{words} {count} 户", "在办的户", "", url, clock=True)


def _late(user: User, today: datetime.date) -> list[Entry]:
    """Open cases whose day has passed: by stage, at the day of the one that is late longest."""
    if not user.holds(*HOUSEHOLD_READERS):
        return []
    late = Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES, due_on__lt=today).order_by("due_on")
    if user.works_in_village:
        return [_one_case(case) for case in late.select_related("household")]
    days: dict[str, list[datetime.date]] = {}
    for day, stage in late.values_list("due_on", "stage"):
        days.setdefault(stage, []).append(day)
    return [_counted_cases(found[0], stage, len(found), words="超期") for stage, found in days.items()]


def _notices(user: User, first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    """Notices that are on their last day: each in a village and a town, counted where a day has many."""
    ending = Notice.objects.visible_to(user).filter(closed_on=None, ends_on__range=(first, last))
    by_day: dict[datetime.date, list[Notice]] = {}
    for notice in ending.select_related("village").order_by("ends_on", "village__path"):
        by_day.setdefault(notice.ends_on, []).append(notice)
    for day, notices in by_day.items():
        if len(notices) > NAMES_SHOWN:
            yield Entry(
                day, f"{len(notices)} 份公示期满", _names(notices), "", reverse("monitoring:notices"), clock=True
            )
            continue
        for notice in notices:
            detail = f"{notice.starts_on:%m-%d} 开始，{len(notice.snapshot)} 户；第二天自动转下一步"
            url = reverse("monitoring:notice", args=[notice.pk])
            yield Entry(day, f"{notice.village.name}：公示期满", detail, "", url, clock=True)


def _names(notices: list[Notice]) -> str:
    villages = list(dict.fromkeys(one.village.name for one in notices))
    return "、".join(villages[:NAMES_SHOWN]) + ("等" if len(villages) > NAMES_SHOWN else "")


def _visits(user: User, first: datetime.date, last: datetime.date, policies: list[Policy]) -> Iterator[Entry]:
    """Registered households whose last visit runs out: by day with names in a village, by month in an office."""
    months = {policy.whole(VALIDITY) for policy in policies}
    if not months or first > last:
        return
    validity = min(months)
    registered = Case.objects.visible_to(user).filter(stage=Stage.REGISTERED).order_by()
    visits = Survey.objects.visible_to(user).filter(household__in=registered.values("household"), superseded_by=None)
    visited = visits.order_by().values_list("household", "household__head_name").annotate(visited_on=Max("visited_on"))
    ending = visited.filter(visited_on__range=(months_before(first, validity) - ONE_DAY, last))
    by_day: dict[datetime.date, list[str]] = {}
    for _household, head, visited_on in ending:
        day = _months_after(visited_on, validity) - ONE_DAY
        if first <= day <= last:
            by_day.setdefault(day if user.works_in_village else _end_of_month(day), []).append(head)
    for day, heads in by_day.items():
        who = "、".join(heads[:NAMES_SHOWN]) + ("等" if len(heads) > NAMES_SHOWN else "")
        detail = f"{who}，过了这天研判按没有入户算" if user.works_in_village else f"{day:%m} 月里到期，要再入户复查"
        yield Entry(day, f"在册 {len(heads)} 户入户调查到期", detail, "", reverse("households:list"))


def _months_after(day: datetime.date, months: int) -> datetime.date:
    return months_before(day, -months)


def _end_of_month(day: datetime.date) -> datetime.date:
    return shift(day, 1) - ONE_DAY


# ---- months ----


def _month(start: datetime.date, found: list[Entry], today: datetime.date, overrides: Overrides) -> Month:
    end = _end_of_month(start)
    days = [start + ahead * ONE_DAY for ahead in range((end - start).days + 1)]
    unlike = [day for day in days if is_workday(day, overrides) != (day.weekday() < 5)]
    return Month(
        first=start,
        entries=[(one, one.days_left(today)) for one in found if start <= one.date <= end],
        free=_in_words([day for day in unlike if day.weekday() < 5]),
        worked=_in_words([day for day in unlike if day.weekday() >= 5]),
    )


def _in_words(days: list[datetime.date]) -> str:
    """Days of a month as 1–3、8 日."""
    spans: list[list[int]] = []
    for day in days:
        if spans and day.day == spans[-1][-1] + 1:
            spans[-1].append(day.day)
        else:
            spans.append([day.day])
    words = [f"{span[0]}–{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans]
    return f"{'、'.join(words)} 日" if words else ""


def days_off(year: int, overrides: Overrides) -> tuple[list[tuple[datetime.date, str]], list[datetime.date]]:
    """The free weekdays of a year with their names, and the weekend days that are worked."""
    known = known_year(year)
    start = datetime.date(year, 1, 1)
    days = [start + ahead * ONE_DAY for ahead in range((datetime.date(year, 12, 31) - start).days + 1)]
    free = [
        (day, known.free.get(day, "登记放假")) for day in days if day.weekday() < 5 and not is_workday(day, overrides)
    ]
    return free, [day for day in days if day.weekday() >= 5 and is_workday(day, overrides)]
