"""三色分级: proposing a level and taking it through town and county; the only code that assigns a grading's stage."""

import datetime
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Posting, User
from households.models import Household
from monitoring.grading_bell import tell_returned
from monitoring.grading_grounds import Ground, ground_of
from monitoring.grading_steps import BY_NAME, GRADING_STEPS, PROPOSE, GradingStep
from monitoring.models import Assessment, Case, CaseKind, Grade, Grading, GradingEvent, GradingStage
from monitoring.models.cases import LIVE_STAGES
from monitoring.models.grading import SUGGESTS, GradeLevel

MOST_NOTE = 300
PROPOSAL = BY_NAME[PROPOSE]


class AlreadyGraded(ValidationError):
    """Somebody was faster: nothing was done a second time."""


class GradingChoice(NamedTuple):
    """A step that somebody may take; ``blocked`` says in a sentence why not yet."""

    step: GradingStep
    blocked: str


def basis_of(ground: Ground) -> str:
    """What a proposal rests on, as one word for a hidden box: another visit or conclusion gives another word."""
    return f"{ground.facts.pk if ground.facts else 0}-{ground.assessment.pk if ground.assessment else 0}"


def propose(
    *,
    household: Household,
    level: int,
    by: User,
    reason: str = "",
    expected_basis: str = "",
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
    ground: Ground | None = None,
) -> Grading:
    """Propose a level for a household, or propose anew what was returned (004 二（一）1).

    ``expected_basis`` is the basis of the page that the person saw. Raises PermissionDenied for anybody but the village,
    ValidationError with a sentence: no fresh visit, no reason where one is needed, a grading on its way, something new
    since the page was opened.
    """
    posting = by.posting_over(household.village, *PROPOSAL.roles)
    if posting is None:
        raise PermissionDenied("风险等级由村两委、驻村工作队提出。")
    at = at or timezone.now()
    with transaction.atomic():
        if idempotency_key and not spend_on(idempotency_key, by, f"grade:{household.pk}"):
            return Grading.objects.filter(household=household).latest("stage_since")
        ground = ground or ground_of(household, timezone.localdate(at))
        _check_proposal(ground, level, reason.strip(), expected_basis)
        grading = _put(ground, GradeLevel(level), reason.strip(), at)
        came_from = ground.open.stage if ground.open else ""
        _record(PROPOSAL, grading, by, posting, reason.strip(), at, came_from)
    return grading


def _check_proposal(ground: Ground, level: int, reason: str, expected_basis: str) -> None:
    if level not in GradeLevel.values:
        raise ValidationError("请选一个等级。")
    if refusal := ground.why_not():
        raise ValidationError(refusal)
    if expected_basis and expected_basis != basis_of(ground):
        raise ValidationError("这户刚有新的入户或研判，请看过新的系统建议再提出。")
    if not reason and (wanted := ground.reason_wanted(level)):
        raise ValidationError(wanted)
    if len(reason) > MOST_NOTE:
        raise ValidationError(f"原因最多 {MOST_NOTE} 个字。")


def _put(ground: Ground, level: GradeLevel, reason: str, at: datetime.datetime) -> Grading:
    """A new row, or the returned one: of two people only one gets it."""
    columns = {
        "round": ground.round,
        "survey_id": ground.facts.survey_id if ground.facts else None,
        "assessment": ground.assessment,
        "suggested": ground.suggested,
        "level": level,
        "reason": reason,
        "stage": GradingStage.PROPOSED,
        "stage_since": at,
    }
    if ground.open:
        returned = Grading.objects.filter(
            pk=ground.open.pk,
            stage=GradingStage.RETURNED,
            version=ground.open.version,
            village=ground.household.village,
        )
        if not returned.update(version=F("version") + 1, **columns):
            raise AlreadyGraded("这户的等级刚由别人办理，没有重复提交。")
        return Grading.objects.select_related("household", "village").get(pk=ground.open.pk)
    try:
        with transaction.atomic():
            return Grading.objects.create(household=ground.household, village=ground.household.village, **columns)
    except IntegrityError as fault:
        raise AlreadyGraded("这户的等级已经提出，没有重复提出。") from fault


def choices_for(grading: Grading, user: User) -> list[GradingChoice]:
    """The steps that the person's role allows where the grading stands; proposing anew has a form of its own."""
    return [
        GradingChoice(step, blocked(step, grading, user))
        for step in GRADING_STEPS
        if step != PROPOSAL and grading.stage in step.sources and user.posting_over(grading.village, *step.roles)
    ]


def take(
    step_name: str,
    *,
    grading: Grading,
    by: User,
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
) -> Grading:
    """Take one step with a grading; returns it as it is afterwards.

    ``expected_version`` is what the person saw. Raises PermissionDenied for a role that may not, AlreadyGraded when
    somebody was faster, ValidationError with a sentence for everything else. A key spent before changes nothing.
    """
    step = BY_NAME[step_name]
    posting = by.posting_over(grading.village, *step.roles)
    if posting is None or step == PROPOSAL:
        raise PermissionDenied(f"您的岗位不能办“{step.label}”。")
    at = at or timezone.now()
    version = grading.version if expected_version is None else expected_version
    with transaction.atomic():
        if idempotency_key and not spend_on(idempotency_key, by, f"{step.name}:{grading.pk}"):
            return Grading.objects.get(pk=grading.pk)
        before = Grading.objects.get(pk=grading.pk)
        mine = Grading.objects.filter(pk=grading.pk, stage__in=step.sources, version=version)
        filed_on = timezone.localdate(at) if step.target == GradingStage.FILED else None
        moved = mine.update(version=F("version") + 1, stage=step.target, stage_since=at, filed_on=filed_on)
        current = Grading.objects.select_related("household__village", "village", "survey").get(pk=grading.pk)
        if not moved:
            raise _too_late(step, current, version, by)
        _check(step, current, by, note.strip())
        if step.target == GradingStage.FILED:
            _enter(current, timezone.localdate(at))
        _record(step, current, by, posting, note.strip(), at, before.stage)
        tell_returned(current, step, by)
    return current


def _check(step: GradingStep, grading: Grading, by: User, note: str) -> None:
    if step.needs_note and not note:
        raise ValidationError("请写明原因。")
    if len(note) > MOST_NOTE:
        raise ValidationError(f"说明最多 {MOST_NOTE} 个字。")
    if refusal := blocked(step, grading, by):
        raise ValidationError(refusal)


def blocked(
    step: GradingStep, grading: Grading, by: User, standing: Mapping[UUID, Assessment | None] | None = None
) -> str:
    """Why the step cannot be taken yet by this person; empty when it can. ``standing``: conclusions read already."""
    if step.only_present and grading.household.closed_on:
        return "这户已经注销，请退回或撤回。"
    if step.only_present and grading.household.village_id != grading.village_id:
        return "这户已经划到别的村，请退回或撤回。"
    if not step.apart:
        return ""
    if who := _acted_elsewhere(step, grading, by):
        return f"这一户的{who}是您办理或代办的，“{step.label}”要请另一位同事办。"
    now = _suggested_now(grading, standing)
    if now is not None and now != grading.suggested and now != grading.level:
        return f"提出以后这户有新情况，系统建议变为{now.label}，请退回村里重新提出。"
    return ""


def _acted_elsewhere(step: GradingStep, grading: Grading, by: User) -> str:
    """What the person, or one he stands in for, did for this grading at another desk; empty for nothing.

    Acting again at one's own desk after a return is no second capacity.
    """
    me = by.capacities(grading.village)
    if me & {grading.survey.entered_by_id, grading.survey.on_behalf_of_id}:
        return "入户调查"
    for event in grading.events.all():
        if BY_NAME[event.step].desk != step.desk and me & {event.by_id, event.on_behalf_of_id}:
            return f"“{BY_NAME[event.step].label}”"
    return ""


def _suggested_now(grading: Grading, standing: Mapping[UUID, Assessment | None] | None) -> GradeLevel | None:
    if standing is not None:
        found = standing.get(grading.household_id)
    else:
        found = Assessment.objects.filter(household=grading.household_id).standing_on(timezone.localdate()).first()
    return SUGGESTS.get(found.level) if found else None


def _enter(grading: Grading, day: datetime.date) -> None:
    """The filed level becomes the household's grade from this day on, and the mark of its case."""
    Grade.objects.filter(household=grading.household_id, replaced_on=None).update(replaced_on=day)
    Grade.objects.create(
        household=grading.household,
        village=grading.village,
        grading=grading,
        level=grading.level,
        suggested=grading.suggested,
        begins_on=day,
    )
    Case.objects.filter(household=grading.household_id, kind=CaseKind.DESIGNATION, stage__in=LIVE_STAGES).update(
        risk_level=grading.level
    )


def mark_case(case: Case) -> None:
    """A case that begins carries the household's grade in force, where it has one."""
    grade = Grade.objects.filter(household=case.household_id, replaced_on=None).first()
    if grade:
        Case.objects.filter(pk=case.pk).update(risk_level=grade.level)


def _too_late(step: GradingStep, current: Grading, version: int, by: User) -> ValidationError:
    head = current.household.head_name or current.household.number
    last = current.events.select_related("by").last()
    if current.version == version or last is None:
        return ValidationError(f"{head}现在是“{current.get_stage_display()}”，不能办“{step.label}”。")
    who = "您" if last.by_id == by.pk else last.by.name
    return AlreadyGraded(f"{head} {timezone.localtime(last.at):%H:%M} 已由 {who} 办理，没有重复提交。")


def _record(
    step: GradingStep,
    grading: Grading,
    by: User,
    posting: Posting,
    note: str,
    at: datetime.datetime,
    from_stage: str = "",
) -> None:
    GradingEvent.objects.create(
        grading=grading, step=step.name, from_stage=from_stage, to_stage=grading.stage, level=grading.level, by=by,
        on_behalf_of=posting.on_behalf_of, note=note, at=at,
    )  # fmt: skip
    audit.record(
        action=f"grading.{step.name}", actor=by, target=grading, region=grading.village,
        on_behalf_of=posting.on_behalf_of, household=grading.household_id, level=grading.get_level_display(),
    )  # fmt: skip
