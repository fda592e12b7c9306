"""Screenings and their results, cases, meetings, notices, corrections and dated policy values."""

from monitoring.models.cases import (
    OPEN_STAGES,
    Case,
    CaseEvent,
    CaseSource,
    Correction,
    Meeting,
    Notice,
    Objection,
    Stage,
)
from monitoring.models.screenings import Assessment, Outcome, Screening
from monitoring.models.values import PolicyValue

__all__ = [
    "OPEN_STAGES",
    "Assessment",
    "Case",
    "CaseEvent",
    "CaseSource",
    "Correction",
    "Meeting",
    "Notice",
    "Objection",
    "Outcome",
    "PolicyValue",
    "Screening",
    "Stage",
]
