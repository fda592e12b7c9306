"""Time goes by: everything that happened to the households of a test lies so many days further back."""

import datetime

from django.db.models import DateField, DateTimeField, F, Model

from assistance.models import Delivery, Helper, Visit
from households.models import Facts, Survey
from monitoring.models import (
    Assessment,
    Case,
    CaseEvent,
    Lead,
    LeadEvidence,
    Meeting,
    Notice,
    Objection,
    Reinstatement,
    Removal,
)

DATED: tuple[type[Model], ...] = (
    Survey, Facts, Assessment, Case, CaseEvent, Meeting, Objection, Reinstatement, Delivery, Helper, Visit, Lead, LeadEvidence,
)  # fmt: skip
MOMENTS = ("opening_conditions", "visit_conditions", "decision_conditions")


def days_pass(days: int) -> None:
    """Move every day and moment of casework so far into the past."""
    by = datetime.timedelta(days=days)
    for model in DATED:
        dated = [field.name for field in model._meta.concrete_fields if isinstance(field, DateField | DateTimeField)]
        model.objects.update(**{name: F(name) - by for name in dated})
    for notice in Notice.objects.all():
        counted = [_earlier(day, by) for day in notice.counted_days]
        Notice.objects.filter(pk=notice.pk).update(
            starts_on=F("starts_on") - by,
            ends_on=F("ends_on") - by,
            posted_at=F("posted_at") - by,
            counted_days=counted,
        )
    for removal in Removal.objects.all():
        told = {name: [_told_earlier(row, by) for row in getattr(removal, name)] for name in MOMENTS}
        Removal.objects.filter(pk=removal.pk).update(**told)


def _told_earlier(row: dict, by: datetime.timedelta) -> dict:
    return {**row, **{name: _earlier(row[name], by) for name in ("on", "since") if row.get(name)}}


def _earlier(day: str, by: datetime.timedelta) -> str:
    return (datetime.date.fromisoformat(day) - by).isoformat()
