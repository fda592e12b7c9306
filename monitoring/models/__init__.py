"""Screenings and their results, cases, meetings, notices, corrections, dated policy values and what-if runs."""

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
from monitoring.models.digests import ClueDigest, DigestEntry, DigestReading
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
from monitoring.models.whatif import PolicyTrial, TrialCount

__all__ = [
    "CLASSES",
    "OPEN_STAGES",
    "Assessment",
    "Case",
    "CaseEvent",
    "CaseSource",
    "ClueDigest",
    "Correction",
    "DigestEntry",
    "DigestReading",
    "Meeting",
    "Notice",
    "Objection",
    "Outcome",
    "PolicyTrial",
    "PolicyValue",
    "RiskLevel",
    "Screening",
    "ScreeningMode",
    "ScreeningPart",
    "Stage",
    "TrialCount",
]
