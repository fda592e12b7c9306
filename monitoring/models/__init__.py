"""Screenings and their results, cases, meetings, notices, corrections, dated policy values and what-if runs."""

from monitoring.models.cases import (
    OPEN_STAGES,
    Case,
    CaseEvent,
    CaseKind,
    CaseSource,
    Correction,
    Reinstatement,
    Stage,
)
from monitoring.models.clocks import ClockExtension
from monitoring.models.comparison import Authorisation, ComparisonAnswer, NegativeItem
from monitoring.models.department_figures import DepartmentFigure, FigureDecision, FigureItem
from monitoring.models.digests import ClueDigest, DigestEntry, DigestReading
from monitoring.models.grading import Grade, GradeLevel, Grading, GradingEvent, GradingRound, GradingStage
from monitoring.models.leads import (
    CloseReason,
    Declaration,
    DeclarationPage,
    Lead,
    LeadEvidence,
    LeadSource,
    LeadState,
)
from monitoring.models.meetings import Ballot, Meeting
from monitoring.models.national_entry import NationalEntry
from monitoring.models.notices import Notice, NoticeCounter, NoticeKind, Objection, ObjectionChannel
from monitoring.models.oversight import Consultation, Decision, DecisionState, Finding, FindingState, Rectification
from monitoring.models.procedures import PinnedProcedure
from monitoring.models.removals import Removal
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
from monitoring.models.workdays import DistrictDate, WorkdayOverride

__all__ = [
    "CLASSES",
    "OPEN_STAGES",
    "Assessment",
    "Authorisation",
    "Ballot",
    "Case",
    "CaseEvent",
    "CaseKind",
    "CaseSource",
    "ClockExtension",
    "CloseReason",
    "ClueDigest",
    "ComparisonAnswer",
    "Consultation",
    "Correction",
    "Decision",
    "DecisionState",
    "Declaration",
    "DeclarationPage",
    "DepartmentFigure",
    "DigestEntry",
    "DigestReading",
    "DistrictDate",
    "FigureDecision",
    "FigureItem",
    "Finding",
    "FindingState",
    "Grade",
    "GradeLevel",
    "Grading",
    "GradingEvent",
    "GradingRound",
    "GradingStage",
    "Lead",
    "LeadEvidence",
    "LeadSource",
    "LeadState",
    "Meeting",
    "NationalEntry",
    "NegativeItem",
    "Notice",
    "NoticeCounter",
    "NoticeKind",
    "Objection",
    "ObjectionChannel",
    "Outcome",
    "PinnedProcedure",
    "PolicyTrial",
    "PolicyValue",
    "Rectification",
    "Reinstatement",
    "Removal",
    "RiskLevel",
    "Screening",
    "ScreeningMode",
    "ScreeningPart",
    "Stage",
    "TrialCount",
    "WorkdayOverride",
]
