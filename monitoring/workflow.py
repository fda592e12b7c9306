"""Moving a case: the only code that assigns a stage. The table of steps is in steps.py."""

import datetime
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Posting, User
from households.codes import HouseholdType, MonitorClass, RiskCause
from households.models import Household, ImportBatch, Survey
from monitoring.gates import Act
from monitoring.models import Assessment, Case, CaseEvent, CaseKind, CaseSource, Outcome, Stage
from monitoring.models.cases import LIVE_STAGES
from monitoring.policy.values import Policy, policy_in_force
from monitoring.procedures import Procedure, pin, procedure_of
from monitoring.registered_poor import register_as_poor
from monitoring.removal_gates import visitor_accounts
from monitoring.signals import case_moved, case_noted
from monitoring.steps import AT_VILLAGE_OR_TOWN, BY_NAME, OPENINGS, STEPS, VILLAGE, Step, event_label

__all__ = [
    "STEPS",
    "AlreadyMoved",
    "Choice",
    "begin_case",
    "enter_designated",
    "forget_designated",
    "label_of",
    "note_event",
    "open_case",
    "steps_for",
    "take",
]

HOUSEHOLD_IS_GONE = "这一户已经注销或并入别的户，不能再往下办，请镇（街）办“户已注销，办结”。"
SET_BACK = datetime.timedelta(days=2)
SUGGESTED = (Outcome.RELAPSE, Outcome.EDGE, Outcome.WATCH)


class AlreadyMoved(ValidationError):
    """Somebody was faster: nothing was done a second time."""


class Choice(NamedTuple):
    """A step that somebody may take on a case; ``blocked`` says in a sentence why not yet."""

    step: Step
    label: str
    blocked: str


def policy_for(case: Case, on: datetime.date | None = None) -> Policy:
    """The policy of the case's own rule set in its village."""
    return policy_in_force(case.village, on or timezone.localdate(), case.ruleset)


def steps_for(case: Case, user: User, policy: Policy | None = None) -> list[Choice]:
    """The steps that the person's role allows where the case stands, in the order of the table.

    Those that are rarely needed (``only_when_ready``) are there only when they can be taken.
    """
    policy = policy or policy_for(case)
    procedure = procedure_of(case, policy)
    choices: list[Choice] = []
    act = Act(case, user, timezone.now(), "", policy, procedure, {})
    elsewhere = cache(partial(_acted_elsewhere, case, user))  # looked up once, however many steps ask
    for step in STEPS:
        here = case.stage in step.sources and step.exists_in(case, procedure)
        if here and user.posting_over(case.village, *step.roles):
            blocked = _blocked(step, act, elsewhere)
            if not (blocked and step.only_when_ready):
                choices.append(Choice(step, step.label_for(procedure), blocked))
    return choices


def label_of(step: Step, case: Case) -> str:
    """The words on the button for this case."""
    return step.label_for(procedure_of(case, policy_for(case)))


def take(
    step_name: str,
    *,
    case: Case,
    by: User | None,
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
    policy: Policy | None = None,
    at: datetime.datetime | None = None,
    **data: Any,
) -> Case:
    """Take one step; returns the case as it is afterwards.

    ``expected_version`` is the version that the person saw (the given instance's own when left out). Raises
    PermissionDenied for a role that may not, AlreadyMoved when somebody was faster, ValidationError with a sentence for
    everything else. A key that was spent before changes nothing. ``at`` is for what happened earlier (demonstration).
    ``by`` None is the clock, which takes only the steps that are due by themselves.
    """
    step = BY_NAME[step_name]
    posting = by.posting_over(case.village, *step.roles) if by else None
    if posting is None and not (by is None and step.by_clock):
        raise PermissionDenied(f"您的岗位不能办“{step.label}”。")
    version = case.version if expected_version is None else expected_version
    with transaction.atomic():
        if idempotency_key and by and not spend_on(idempotency_key, by, f"{step.name}:{case.pk}"):
            return Case.objects.get(pk=case.pk)
        act = _claim(step, case, by, note.strip(), version, policy, at or timezone.now(), data)
        _check(step, act)
        columns = step.keep(act)
        target = step.leads_to(act.case, act.procedure)
        if step.target is not None:
            due_on = act.procedure.due_on(target, act.day)
            columns |= {"stage": target, "stage_since": act.at, "due_on": due_on}
        if columns:
            Case.objects.filter(pk=case.pk).update(**columns)
        _record(act.case, step.name, target, by, posting, act.note, act.at)
        if target == Stage.DONE:
            _finish(act)
        moved = Case.objects.select_related("household", "village").get(pk=case.pk)
        case_moved.send(sender=Case, case=moved, step=step.name, user=by)
    return moved


def _claim(
    step: Step,
    case: Case,
    by: User | None,
    note: str,
    version: int,
    policy: Policy | None,
    at: datetime.datetime,
    data: dict[str, Any],
) -> Act:
    """Take hold of the row: stage and version are part of the WHERE clause, so of two people only one gets it."""
    mine = Case.objects.filter(pk=case.pk, stage__in=step.sources, version=version)
    claimed = mine.update(version=F("version") + 1)
    current = Case.objects.select_related("household", "village", "survey", "procedure", "about").get(pk=case.pk)
    if not claimed:
        raise _too_late(step, current, version, by)
    at = _not_before(current, at)
    policy = policy or policy_for(current, timezone.localdate(at))
    return Act(current, by, at, note, policy, procedure_of(current, policy), data)


def _not_before(case: Case, at: datetime.datetime) -> datetime.datetime:
    """A moment as it may stand on the record: with a clock that was set back, the one at which the case came to its stage.

    By some hours or a day: a clock that had been weeks ahead does not hold the record there.
    """
    return max(at, case.stage_since) if case.stage_since - at < SET_BACK else at


def _check(step: Step, act: Act) -> None:
    if not step.exists_in(act.case, act.procedure):
        raise ValidationError(f"这一户的程序里没有“{step.label}”这一步。")
    if step.needs_note and not act.note:
        raise ValidationError("请写明原因。")
    if len(act.note) > 500:
        raise ValidationError("说明最多 500 个字。")
    if blocked := _blocked(step, act):
        raise ValidationError(blocked)


def _blocked(step: Step, act: Act, elsewhere: Callable[[str], str] | None = None) -> str:
    """Why the step cannot be taken yet by this person; empty when it can."""
    if step.leads_on and act.case.household.closed_on:
        return HOUSEHOLD_IS_GONE
    if step.apart and act.by and (who := (elsewhere or partial(_acted_elsewhere, act.case, act.by))(step.desk)):
        return f"这一户的{who}是您办理或代办的，“{step.label_for(act.procedure)}”要请另一位同事办。"
    try:
        step.ready(act)
    except ValidationError as fault:
        return fault.messages[0]
    return ""


def _acted_elsewhere(case: Case, by: User, here: str) -> str:
    """What the person, or one he stands in for, did on this case at another desk; empty for nothing.

    Acting again at one's own desk after a return is no second capacity.
    """
    me = by.capacities(case.village)
    # Also what was entered or corrected since the case was opened: the evidence is read from the newest survey.
    surveys = case.household.surveys.filter(Q(pk=case.survey_id) | Q(submitted_at__gte=case.opened_at))
    if me & visitor_accounts(case):
        return "入户核实"
    if surveys.filter(Q(entered_by__in=me) | Q(on_behalf_of__in=me)).exists():
        return "入户调查"
    for event in case.events.all():
        done = BY_NAME.get(event.step)
        desk = done.desk if done else VILLAGE if event.step in OPENINGS else ""
        if desk and desk != here and me & {event.by_id, event.on_behalf_of_id}:
            return f"“{event_label(event.step)}”"
    return ""


def _too_late(step: Step, current: Case, version: int, by: User | None) -> ValidationError:
    head = current.household.head_name or current.household.number
    last = current.events.exclude(by=None).select_related("by").first()
    if current.version == version or last is None:
        return ValidationError(f"{head}现在在“{current.get_stage_display()}”，不能办“{step.label}”。")
    who = "您" if by and last.by_id == by.pk else last.by.name  # type: ignore[union-attr]
    return AlreadyMoved(f"{head} {timezone.localtime(last.at):%H:%M} 已由 {who} 办理，没有重复提交。")


def _record(
    case: Case, step: str, to_stage: str, by: User | None, posting: Posting | None, note: str, at: datetime.datetime
) -> None:
    stands_in_for = posting.on_behalf_of if posting else None
    from_stage = "" if step in (*OPENINGS, *CaseSource.values) else case.stage
    CaseEvent.objects.create(
        case=case,
        step=step,
        from_stage=from_stage,
        to_stage=to_stage,
        by=by,
        on_behalf_of=stands_in_for,
        note=note,
        at=at,
    )
    audit.record(
        action=f"case.{step}", actor=by, target=case, region=case.village, on_behalf_of=stands_in_for,
        household=case.household_id, from_stage=from_stage, to_stage=to_stage,
    )  # fmt: skip


def _finish(act: Act) -> None:
    """What a finished removal, or a finished registration, changes beside itself."""
    if act.case.kind == CaseKind.REMOVAL:
        _take_off_the_register(act)
    elif act.case.kind == CaseKind.REGISTRATION:
        decided_on = Case.objects.values_list("decided_on", flat=True).get(pk=act.case.pk)
        register_as_poor(act, decided_on or act.day)


def _take_off_the_register(act: Act) -> None:
    """The designation that a finished removal is about ends on the day of the decision."""
    about, day = act.case.about, act.day
    assert about is not None  # a constraint of the case
    taken = Case.objects.filter(pk=about.pk, stage=Stage.REGISTERED).update(
        stage=Stage.REMOVED, stage_since=act.at, removed_on=day, due_on=None, version=F("version") + 1
    )
    if not taken:
        raise ValidationError("这一户已经不在册，没有重复移出。")
    _record(about, "removed", Stage.REMOVED, act.by, None, "", act.at)
    case_moved.send(sender=Case, case=Case.objects.get(pk=about.pk), step="removed", user=act.by)


def note_event(*, case: Case, step: str, by: User | None, note: str) -> None:
    """Put something on the case's record that moves it nowhere (an objection, a correction), and raise its version.

    Whoever has the case open now must look again before he acts.
    """
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    case.refresh_from_db()
    posting = by.posting_over(case.village) if by else None
    _record(case, step, case.stage, by, posting, note, _not_before(case, timezone.now()))
    case_noted.send(sender=Case, case=case, step=step, user=by)


def open_case(
    *,
    household: Household,
    by: User,
    note: str,
    monitor_class: str | None = None,
    survey: Survey | None = None,
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
) -> Case:
    """Put a household under 预警关注, filed with the town the same day, whatever the figures say (002 三（一）).

    A reason is required where the rules do not suggest it. Raises PermissionDenied, or ValidationError with a sentence.
    """
    posting = by.posting_over(household.village, *AT_VILLAGE_OR_TOWN)
    if posting is None:
        raise PermissionDenied("只有村和镇（街）可以列预警关注。")
    at = at or timezone.now()
    day = timezone.localdate(at)
    if household.closed_on:
        raise ValidationError("这户已经注销，不能列为预警关注。")
    if not note.strip() and not _is_suggested(household, day):
        raise ValidationError("系统没有提示这一户，请写明为什么要关注。")
    with transaction.atomic():
        if idempotency_key and not spend_on(idempotency_key, by, f"open:{household.pk}"):
            return Case.objects.designations().filter(household=household).latest("opened_at")
        chosen = monitor_class or class_of(household)
        return begin_case(
            household=household, kind=CaseKind.DESIGNATION, by=by, posting=posting, step="open", note=note, at=at,
            policy=policy_in_force(household.village, day), monitor_class=chosen, filed_on=day, survey=survey,
            risk_causes=survey.risk_causes if survey else [],
        )  # fmt: skip


def begin_case(
    *,
    household: Household,
    kind: CaseKind,
    by: User,
    posting: Posting,
    step: str,
    note: str,
    at: datetime.datetime,
    policy: Policy,
    monitor_class: str,
    **columns: Any,
) -> Case:
    """Begin a case of any kind on the first stage of its procedure, which is pinned now. In the caller's transaction.

    Raises ValidationError when one of this kind is under way for the household already.
    """
    day = timezone.localdate(at)
    pinned = pin(policy, kind, lifted=monitor_class == MonitorClass.RELAPSE)
    procedure = Procedure.of(pinned.content)
    first = procedure.stages[0]
    case = _create(
        household, stage=first, at=at, kind=kind, procedure=pinned, ruleset=policy.ruleset.code, opened_by=by,
        due_on=procedure.due_on(first, day), total_due_on=procedure.total_due_on(day), monitor_class=monitor_class,
        **columns,
    )  # fmt: skip
    _record(case, step, first, by, posting, note.strip(), at)
    case_moved.send(sender=Case, case=case, step=step, user=by)
    return case


def class_of(household: Household) -> str:
    """脱贫监测户 for a 脱贫户, else 边缘户."""
    return MonitorClass.RELAPSE if household.household_type == HouseholdType.LIFTED else MonitorClass.EDGE


def _is_suggested(household: Household, day: datetime.date) -> bool:
    standing = Assessment.objects.filter(household=household).standing_on(day).first()
    return standing is not None and standing.outcome in SUGGESTED


def _create(household: Household, *, stage: Stage, at: datetime.datetime, **columns: Any) -> Case:
    try:
        with transaction.atomic():
            return Case.objects.create(
                household=household, village=household.village, stage=stage, stage_since=at, **columns
            )
    except IntegrityError as fault:
        raise ValidationError("这户已经在办或在册，没有重复列入。") from fault


@transaction.atomic
def enter_designated(
    *,
    household: Household,
    by: User | None,
    source: CaseSource,
    monitor_class: str,
    decided_on: datetime.date,
    main_risk: str,
    unverified: bool,
    batch: ImportBatch | None,
    note: str,
) -> Case:
    """Put a household on the register that was designated elsewhere: it did not pass our procedure, and says so.

    Raises ValidationError when the household has a live case.
    """
    case = _create(
        household, stage=Stage.REGISTERED, at=timezone.now(), source=source, monitor_class=monitor_class,
        decided_on=decided_on, main_risk=main_risk, main_risk_unverified=unverified, stock_batch=batch, opened_by=by,
        risk_causes=[main_risk] if main_risk and main_risk != RiskCause.OTHER else [],
        ruleset=policy_in_force(household.village, timezone.localdate()).ruleset.code,
    )  # fmt: skip
    _record(case, source, Stage.REGISTERED, by, None, note, timezone.now())
    case_moved.send(sender=Case, case=case, step=source, user=by)
    return case


@transaction.atomic
def forget_designated(*, batch: ImportBatch, by: User | None) -> int:
    """Remove the cases that a batch entered and nobody has touched since; returns how many."""
    untouched = Case.objects.filter(
        stock_batch=batch, source__in=(CaseSource.STOCK, CaseSource.HAND_LEDGER), version=1, stage__in=LIVE_STAGES
    ).select_related("village")
    forgotten = 0
    for case in untouched:
        audit.record(
            action="case.forget",
            actor=by,
            target=case,
            region=case.village,
            household=case.household_id,
            batch=batch.pk,
        )
        case.corrections.all().delete()
        case.events.all().delete()
        case.delete()
        forgotten += 1
    return forgotten
