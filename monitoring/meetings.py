"""民主评议: one meeting of a village, several households, each with its own votes."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.idempotency import spend_on
from accounts.models import User
from households.attachments import store_all
from households.incoming_files import IncomingFile
from households.models import AttachmentKind
from monitoring.models import Case, Meeting
from monitoring.workflow import take


@dataclass(frozen=True)
class Vote:
    """What the meeting said of one household; ``version`` is the one that the form was opened with."""

    case: Case
    version: int
    in_favour: int
    against: int
    abstained: int
    recognised: bool
    reason: str = ""


@dataclass(frozen=True)
class Sitting:
    """What all households of one meeting share."""

    held_on: datetime.date
    place: str
    due: int | None
    present: int
    minutes: str
    chair: str = ""
    minute_taker: str = ""


# What may be filed with a meeting.
PAPERS = (AttachmentKind.SIGN_IN, AttachmentKind.MINUTES, AttachmentKind.MEETING_PHOTO)


@transaction.atomic
def record_meeting(
    *,
    by: User,
    sitting: Sitting,
    votes: Sequence[Vote],
    papers: Mapping[str, Sequence[IncomingFile]] | None = None,
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
) -> list[Case]:
    """Record one meeting for all its households, or for none; returns the cases as they are afterwards.

    ``papers`` are scans and photos by their kind (PAPERS); ``at`` is for what happened earlier (demonstration).

    Raises ValidationError naming the household whose votes or reason are not right.
    """
    if not votes:
        raise ValidationError("请至少选一户。")
    village = votes[0].case.village
    if any(vote.case.village_id != village.pk for vote in votes):
        raise ValidationError("一次评议只能登记同一个村的户。")
    if idempotency_key and not spend_on(idempotency_key, by, f"meeting:{village.pk}"):
        return [Case.objects.get(pk=vote.case.pk) for vote in votes]
    if sitting.present < 1:
        raise ValidationError("实到人数至少 1 人。", code="present")
    if sitting.due is not None and sitting.present > sitting.due:
        raise ValidationError("实到人数不能多于应到人数。", code="present")
    meeting = Meeting(village=village, recorded_by=by, **asdict(sitting))
    meeting.full_clean()
    meeting.save()
    for kind, files in (papers or {}).items():
        meeting.papers.add(*store_all(files, kind=kind, village=village, by=by))
    return [_record_vote(by, meeting, vote, at) for vote in votes]


def _record_vote(by: User, meeting: Meeting, vote: Vote, at: datetime.datetime | None) -> Case:
    head = vote.case.household.head_name or vote.case.household.number
    cast = vote.in_favour + vote.against + vote.abstained
    if cast != meeting.present:
        raise ValidationError(f"{head}：同意、不同意、弃权加起来是 {cast}，要等于实到 {meeting.present} 人。")
    if not vote.recognised and not vote.reason.strip():
        raise ValidationError(f"{head}：不同意要写明原因。")
    return take(
        "meeting_recognise" if vote.recognised else "meeting_refuse",
        case=vote.case,
        by=by,
        note=vote.reason,
        expected_version=vote.version,
        at=at,
        meeting=meeting,
        in_favour=vote.in_favour,
        against=vote.against,
        abstained=vote.abstained,
    )
