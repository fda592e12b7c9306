"""What moves by itself when its time has come: every few minutes, each case once, however often or seldom this runs."""

import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from monitoring import notices_public, objections_intake
from monitoring.models import Case, Notice, Stage
from monitoring.notices import mark_closed
from monitoring.workflow import take


class Moved(NamedTuple):
    """What one round of the clock did."""

    objections: int  # that came by the public pages
    cases: int
    notices: int  # that are over


def move_due(now: datetime.datetime | None = None) -> Moved:
    """Take in what the public pages hold, then move the cases of every notice whose last day has passed.

    Objections come first: what was raised on the last day must stop its household. When the public pages cannot be
    reached this raises and nothing moves; the next round makes up for it, as it does for rounds that were left out.
    """
    at = now or timezone.now()
    day = timezone.localdate(at)
    taken = objections_intake.fetch()
    due = Notice.objects.not_closed().filter(ends_on__lt=day).select_related("village").order_by("ends_on", "pk")
    cases = closed = 0
    for notice in due:
        cases += _move(notice, at)
        closed += mark_closed(notice, None, day)
    notices_public.publish_everywhere()
    return Moved(taken, cases, closed)


def _move(notice: Notice, at: datetime.datetime) -> int:
    """Every household of the notice that may go; one with an open objection stays, and is asked again next time."""
    moved = 0
    for case in notice.cases.filter(stage=Stage.NOTICE).select_related("household", "village"):
        moved += _take(case, at)
    return moved


def _take(case: Case, at: datetime.datetime) -> bool:
    try:
        take("close_notice", case=case, by=None, at=at)
    except ValidationError:  # not yet (an objection, a photo), or another process was faster
        return False
    return True
