"""Limits that run when the days off change: what was counted by the old calendar is counted by the new one."""

import datetime

from django.utils import timezone

from monitoring.models import OPEN_STAGES, Case
from monitoring.procedures import Procedure
from monitoring.workdays import WORKDAYS, Overrides, add


def recount(before: Overrides, after: Overrides) -> int:
    """Move the limits of open cases from one calendar to the other; returns how many cases were moved.

    Only limits in 工作日 that end on or after the first day that changed. A limit that is no longer what the procedure
    gives was set by somebody, and stays. Nobody acted on the case, so its version stays too.
    """
    changed = [day for day in {*before, *after} if before.get(day) != after.get(day)]
    if not changed:
        return 0
    first = min(changed)
    running = Case.objects.filter(stage__in=OPEN_STAGES, procedure__isnull=False).select_related("procedure")
    return sum(_move(case, before, after) for case in running if _ends_after(case, first))


def _ends_after(case: Case, first: datetime.date) -> bool:
    return any(day is not None and day >= first for day in (case.due_on, case.total_due_on))


def _move(case: Case, before: Overrides, after: Overrides) -> bool:
    procedure = Procedure.of(case.procedure.content)  # type: ignore[union-attr]
    step = procedure.step_at(case.stage)
    begun, opened = timezone.localdate(case.stage_since), timezone.localdate(case.opened_at)
    columns = {}
    if step is not None:
        columns["due_on"] = _counted(case.due_on, begun, step.days, step.unit, before, after)
    total_unit = procedure.total_unit
    columns["total_due_on"] = _counted(case.total_due_on, opened, procedure.total_days, total_unit, before, after)
    moved = {name: day for name, day in columns.items() if day != getattr(case, name)}
    if not moved:
        return False
    still = {name: getattr(case, name) for name in moved}
    return bool(Case.objects.filter(pk=case.pk, stage=case.stage, **still).update(**moved))


def _counted(
    due: datetime.date | None, begun: datetime.date, days: int | None, unit: str, before: Overrides, after: Overrides
) -> datetime.date | None:
    """The limit by the new calendar where it was what the old one gave; else as it is."""
    if due is None or days is None or unit != WORKDAYS or due != add(begun, days, unit, before):
        return due
    return add(begun, days, unit, after)
