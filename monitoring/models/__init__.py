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
from monitoring.models.screenings import (
    CLASSES,
    Assessment,
    Outcome,
    RiskLevel,
    Screening,
    ScreeningMode,
    ScreeningPart,
)
from monitoring.models.values import PolicyValue

__all__ = [
    "CLASSES",
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
    "RiskLevel",
    "Screening",
    "ScreeningMode",
    "ScreeningPart",
    "Stage",
]
