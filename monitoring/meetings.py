"""民主评议: one meeting of a village, several households, each with its own votes."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.idempotency import spend_on
from accounts.models import User
from monitoring.models import Case
from monitoring.workflow import take


@dataclass(frozen=True)
class Ballot:
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


@transaction.atomic
def record_meeting(*, by: User, sitting: Sitting, ballots: Sequence[Ballot], idempotency_key: str = "") -> list[Case]:
    """Record one meeting for all its households, or for none; returns the cases as they are afterwards.

    Raises ValidationError naming the household whose votes or reason are not right.
    """
    if not ballots:
        raise ValidationError("请至少选一户。")
    if len({ballot.case.village_id for ballot in ballots}) > 1:
        raise ValidationError("一次评议只能登记同一个村的户。")
    if idempotency_key and not spend_on(idempotency_key, by, f"meeting:{ballots[0].case.village_id}"):
        return [Case.objects.get(pk=ballot.case.pk) for ballot in ballots]
    return [_record_ballot(by, sitting, ballot) for ballot in ballots]


def _record_ballot(by: User, sitting: Sitting, ballot: Ballot) -> Case:
    head = ballot.case.household.head_name or ballot.case.household.number
    votes = ballot.in_favour + ballot.against + ballot.abstained
    if votes != sitting.present:
        raise ValidationError(f"{head}：同意、不同意、弃权加起来是 {votes}，要等于实到 {sitting.present} 人。")
    if not ballot.recognised and not ballot.reason.strip():
        raise ValidationError(f"{head}：不同意纳入要写明原因。")
    return take(
        "meeting_recognise" if ballot.recognised else "meeting_refuse",
        case=ballot.case,
        by=by,
        note=ballot.reason,
        expected_version=ballot.version,
        held_on=sitting.held_on,
        place=sitting.place,
        due=sitting.due,
        present=sitting.present,
        in_favour=ballot.in_favour,
        against=ballot.against,
        abstained=ballot.abstained,
        minutes=sitting.minutes,
    )
