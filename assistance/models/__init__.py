"""What is promised and given, who helps, visits, tasks, posts, and what is reported of it."""

from assistance.models.helpers import Handover, HandoverStage, Helper, TeamMember, TeamPart
from assistance.models.lists import DepartmentList, DepartmentListRow, LineStatus, ListPhase, WrittenLine
from assistance.models.measures import Delivery, DistrictMeasure, Every, FundSource, Stage
from assistance.models.papers import DeliveryPaper
from assistance.models.plans import OPEN_PLAN, Plan, PlanItem, PlanStage
from assistance.models.posts import (
    Entity,
    EntityKind,
    OfferAnswer,
    Post,
    PostMonth,
    PostOffer,
    Tie,
    TieKind,
    TieReceipt,
    Trainee,
    TraineeOutcome,
    Training,
)
from assistance.models.reports import DossierForm, DossierJob, DossierWhose, Snapshot
from assistance.models.tasks import GuaranteeTask, TaskKind
from assistance.models.visits import Visit, VisitChip, VisitDraft, VisitMood, VisitWay

__all__ = [
    "OPEN_PLAN",
    "Delivery",
    "DeliveryPaper",
    "DepartmentList",
    "DepartmentListRow",
    "DistrictMeasure",
    "DossierForm",
    "DossierJob",
    "DossierWhose",
    "Entity",
    "EntityKind",
    "Every",
    "FundSource",
    "GuaranteeTask",
    "Handover",
    "HandoverStage",
    "Helper",
    "LineStatus",
    "ListPhase",
    "OfferAnswer",
    "Plan",
    "PlanItem",
    "PlanStage",
    "Post",
    "PostMonth",
    "PostOffer",
    "Snapshot",
    "Stage",
    "TaskKind",
    "TeamMember",
    "TeamPart",
    "Tie",
    "TieKind",
    "TieReceipt",
    "Trainee",
    "TraineeOutcome",
    "Training",
    "Visit",
    "VisitChip",
    "VisitDraft",
    "VisitMood",
    "VisitWay",
    "WrittenLine",
]
