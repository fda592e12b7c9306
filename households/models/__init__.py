"""Households, their members and life events, home visits, and the workbooks they come from."""

from households.models.attachments import Attachment, AttachmentKind
from households.models.households import Household, LifeEvent, Member
from households.models.imports import BatchKind, ImportBatch, ImportRow, RowStatus
from households.models.surveys import ChangedHousehold, Facts, LastYearSource, Survey, SurveyDraft

__all__ = [
    "Attachment",
    "AttachmentKind",
    "BatchKind",
    "ChangedHousehold",
    "Facts",
    "Household",
    "ImportBatch",
    "ImportRow",
    "LastYearSource",
    "LifeEvent",
    "Member",
    "RowStatus",
    "Survey",
    "SurveyDraft",
]
