"""The list of notices: what waits to be posted, what hangs, what is over, what is disputed; one line for each."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import Role
from monitoring.models import Case, Notice, NoticeKind, Stage
from monitoring.models.notices import NoticeQuerySet
from monitoring.notices import KIND_OF_CASE, countdown, fallen_back
from monitoring.public.countdown import Countdown
from monitoring.steps import AT_VILLAGE_OR_TOWN

FIRST_NAMES = 3
DUE, RUNNING, OVER, DISPUTED = "due", "running", "over", "disputed"
TABS = ((DUE, "待发起"), (RUNNING, "公示中"), (OVER, "已期满"), (DISPUTED, "有异议"))


@dataclass(frozen=True)
class Line:
    """A notice as a list shows it."""

    notice: Notice
    countdown: Countdown
    objections: int
    open_objections: int
    photos: int

    @property
    def first(self) -> list[dict]:
        """Its first rows."""
        return self.notice.snapshot[:FIRST_NAMES]

    @property
    def lacks_photo(self) -> bool:
        """Whether a photo is asked for and none is there."""
        return self.notice.photo_due_on is not None and not self.photos


@dataclass(frozen=True)
class Due:
    """Households of one village that wait for the same notice; for a correction, the notice that is corrected."""

    village: Region
    kind: NoticeKind
    count: int
    corrects: Notice | None = None


def line_of(notice: Notice) -> Line:
    """The line of a notice whose objections and photos are at hand."""
    objections = list(notice.objections.all())
    waiting = sum(one.upheld is None for one in objections)
    return Line(notice, countdown(notice), len(objections), waiting, len(notice.photos.all()))


def lines(notices: QuerySet[Notice]) -> list[Line]:
    """The lines of a page; the number of queries does not grow with them."""
    return [
        line_of(notice) for notice in notices.select_related("village__parent").prefetch_related("objections", "photos")
    ]


def in_tab(notices: NoticeQuerySet, tab: str, today: datetime.date | None = None) -> NoticeQuerySet:
    """The notices of a tab; what hangs ends soonest first, what is over began latest first."""
    day = today or timezone.localdate()
    hangs = notices.not_closed().filter(ends_on__gte=day)
    if tab == RUNNING:
        return hangs.order_by("ends_on", "posted_at")
    if tab == DISPUTED:
        return notices.disputed()
    return notices.exclude(pk__in=hangs.values("pk"))


def tab_counts(notices: NoticeQuerySet, waiting: Iterable[Due]) -> list[tuple[str, str, int]]:
    """Each tab with its words and how much is behind it."""
    numbers = {tab: in_tab(notices, tab).count() for tab in (RUNNING, OVER, DISPUTED)}
    return [(tab, words, numbers.get(tab, sum(one.count for one in waiting))) for tab, words in TABS]


def waiting_for(user: User) -> list[Due]:
    """What somebody may post now, village by village, and what of his was posted and should be taken back."""
    present = Case.objects.filter(household__closed_on=None)
    cases = present.visible_to(user, *AT_VILLAGE_OR_TOWN).filter(stage=Stage.NOTICE_DUE)
    results = present.visible_to(user, Role.TOWN_REVIEWER).filter(stage=Stage.ANNOUNCE)
    counted: dict[tuple[Region, NoticeKind], int] = {}
    for case in [*cases.select_related("village"), *results.select_related("village")]:
        kind = NoticeKind.RESULT if case.stage == Stage.ANNOUNCE else KIND_OF_CASE[case.kind]  # type: ignore[index]
        counted[(case.village, kind)] = counted.get((case.village, kind), 0) + 1
    found = [Due(village, kind, count) for (village, kind), count in counted.items()]
    found += [
        Due(notice.village, NoticeKind.CORRECTION, len(fallen), notice)
        for notice, fallen in fallen_back(Notice.objects.visible_to(user, *AT_VILLAGE_OR_TOWN)).items()
    ]
    return sorted(found, key=lambda one: (one.village.path, one.kind))
