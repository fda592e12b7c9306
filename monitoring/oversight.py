"""督导: what was found wrong, what was mended, and who accepts it. Nobody accepts what he mended himself."""

import datetime
import uuid
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.departments import acting_for
from accounts.idempotency import made, spend, spend_on
from accounts.models import Posting, Region, User
from accounts.roles import OFFICE_ROLES, Role
from households.attachments import store_all
from households.incoming_files import IncomingFile
from households.models import AttachmentKind, Household
from monitoring import oversight_bell
from monitoring.models import Case, Finding, FindingState, Rectification
from monitoring.oversight_units import unit_of

FINDERS = (*OFFICE_ROLES, Role.INSPECTOR)
MOVED = "这一条刚被别人办过，没有重复办理，请看清再办。"


def desk_for(finding: Finding, user: User) -> Posting | None:
    """The posting by which somebody mends a finding: at the desk of its unit, or as the clerk of the department named."""
    region, roles = unit_of(finding.place, finding.answerable)
    posting = user.posting_over(region, *roles)
    if posting is None and finding.answerable is None:
        return acting_for(user, finding.department, finding.place)
    return posting


def may_rectify(finding: Finding, user: User) -> bool:
    """Whether the person sits at the desk that answers for the finding, and it waits to be mended."""
    return finding.state == FindingState.OPEN and desk_for(finding, user) is not None


def may_judge(finding: Finding, user: User) -> bool:
    """Whether the person may accept or return what was reported: who found it, or the district; never who mended it."""
    return finding.state == FindingState.REPORTED and not _why_not_judge(finding, user)


def may_withdraw(finding: Finding, user: User) -> bool:
    """Who recorded a finding takes it back while nothing was reported to it."""
    return finding.state == FindingState.OPEN and _recorded_it(finding, user)


@transaction.atomic
def record_finding(
    *,
    by: User,
    found_on: datetime.date,
    place: Region,
    what: str,
    due_on: datetime.date,
    answerable: Region | None,
    department: str = "",
    finder: str = "",
    household: Household | None = None,
    case: Case | None = None,
    idempotency_key: str = "",
) -> Finding:
    """Write down what was found wrong; with a household it lies in its village.

    Raises PermissionDenied, or ValidationError: a day to come, a term before it, a unit that has nothing to do with it.
    """
    if by.posting_over(place, *FINDERS) is None:
        raise PermissionDenied("您的岗位不能登记这里的督导问题。")
    _check_days(found_on, due_on)
    if answerable is not None and not answerable.contains(place):
        raise ValidationError("责任单位要是这个地方，或管这个地方的镇（街）、区（市）。")
    if household is not None and household.village_id != place.pk:
        raise ValidationError("这一户不在这个村。")
    key = uuid.uuid4()
    if idempotency_key and not spend(idempotency_key, by, str(key)):
        first = made(idempotency_key, by, Finding.objects.all())
        if first is not None:
            return first
    finding = Finding.objects.create(
        pk=key, found_on=found_on, finder=finder.strip(), place=place, what=what.strip(), household=household, case=case,
        answerable=answerable, department="" if answerable else department.strip(), due_on=due_on, recorded_by=by,
    )  # fmt: skip
    _trace("finding.record", finding, by, due_on=due_on)
    return finding


@transaction.atomic
def rectify_finding(
    *,
    finding: Finding,
    by: User,
    done_on: datetime.date,
    what: str,
    evidence: str,
    version: int,
    files: Iterable[File | IncomingFile] = (),
    idempotency_key: str = "",
) -> Rectification:
    """Report what was mended and by what it is shown; it then waits for who found it, or the district.

    Raises PermissionDenied, or ValidationError: a day before it was found or to come, nothing to show, somebody faster.
    """
    posting = desk_for(finding, by)
    if posting is None:
        raise PermissionDenied(f"这一条由{finding.unit}整改。")
    if not finding.found_on <= done_on <= timezone.localdate():
        raise ValidationError("整改日期不能早于发现日期，也不能晚于今天。")
    if idempotency_key and not spend_on(idempotency_key, by, f"rectify:{finding.pk}"):
        return finding.rectifications.latest("reported_at")
    _move(finding, FindingState.OPEN, version, state=FindingState.REPORTED)
    report = finding.rectifications.create(
        done_on=done_on, what=what.strip(), evidence=evidence.strip(), reported_by=by, on_behalf_of=posting.on_behalf_of
    )
    report.attachments.set(
        store_all(files, kind=AttachmentKind.RECTIFICATION, village=finding.place, household=finding.household, by=by)
    )
    _trace("finding.rectify", finding, by)
    return report


@transaction.atomic
def judge_finding(
    *,
    finding: Finding,
    by: User,
    accept: bool,
    verdict: str,
    version: int,
    due_on: datetime.date | None = None,
    idempotency_key: str = "",
) -> Finding:
    """Accept what was reported, or return it with a reason and perhaps a new term.

    Raises PermissionDenied, or ValidationError: one's own report, no reason, a term that is over, somebody faster.
    """
    if why := _why_not_judge(finding, by):
        raise PermissionDenied(why)
    if not accept and not verdict.strip():
        raise ValidationError("退回整改要写明原因。")
    if due_on is not None and due_on < timezone.localdate():
        raise ValidationError("新的期限不能早于今天。")
    if idempotency_key and not spend_on(idempotency_key, by, f"judge:{finding.pk}"):
        return finding
    columns = (
        {"state": FindingState.ACCEPTED, "closed_on": timezone.localdate()}
        if accept
        else {"state": FindingState.OPEN, "due_on": due_on or finding.due_on}
    )
    _move(finding, FindingState.REPORTED, version, **columns)
    finding.rectifications.filter(accepted=None).update(
        accepted=accept, verdict=verdict.strip(), judged_by=by, judged_at=timezone.now()
    )
    _trace("finding.accept" if accept else "finding.return", finding, by)
    if not accept:
        oversight_bell.tell_returned(finding, by)
    return finding


@transaction.atomic
def withdraw_finding(*, finding: Finding, by: User, reason: str, version: int) -> Finding:
    """Take back what was recorded by mistake; it stays on the list with its reason.

    Raises PermissionDenied, or ValidationError when something was reported to it meanwhile.
    """
    if not _recorded_it(finding, by):
        raise PermissionDenied("只有登记人可以撤回。")
    if not reason.strip():
        raise ValidationError("请写明撤回的原因。")
    _move(
        finding, FindingState.OPEN, version, state=FindingState.WITHDRAWN, closed_on=timezone.localdate(),
        closing_note=reason.strip(),
    )  # fmt: skip
    _trace("finding.withdraw", finding, by)
    return finding


def _check_days(found_on: datetime.date, due_on: datetime.date) -> None:
    if found_on > timezone.localdate():
        raise ValidationError("发现日期不能晚于今天。")
    if due_on < found_on:
        raise ValidationError("整改期限不能早于发现日期。")


def _move(finding: Finding, source: str, version: int, **columns: object) -> None:
    """Take hold of the row: state and version are part of the WHERE clause, so of two people only one moves it."""
    mine = Finding.objects.filter(pk=finding.pk, state=source, version=version)
    if not mine.update(version=F("version") + 1, **columns):
        raise ValidationError(MOVED)
    finding.refresh_from_db()


def _recorded_it(finding: Finding, user: User) -> bool:
    """Recorded it himself, or stands in for who did, and is still posted over the place."""
    still_there = user.posting_over(finding.place, *FINDERS) is not None
    return still_there and finding.recorded_by_id in user.capacities(finding.place)


def _why_not_judge(finding: Finding, user: User) -> str:
    district = user.posting_over(finding.place, Role.DISTRICT_OFFICER) is not None
    if not district and not _recorded_it(finding, user):
        return "由发现人或区（市）验收。"
    waiting = finding.rectifications.filter(accepted=None).last()
    me = user.capacities(finding.place)
    if waiting is not None and me & {waiting.reported_by_id, waiting.on_behalf_of_id}:
        return "自己上报的整改要请另一位同事验收。"
    return ""


def _trace(action: str, finding: Finding, by: User, **detail: object) -> None:
    audit.record(
        action=action, actor=by, target=finding, region=finding.place, household=finding.household_id, **detail
    )
