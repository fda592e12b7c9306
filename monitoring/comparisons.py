"""承诺授权 and 信息比对: record what was allowed and answered; a hit holds the case until it is explained with evidence."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import User
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES, VILLAGE_ROLES
from households.attachments import store_all
from households.facts import keep_negative_hits
from households.incoming_files import IncomingFile
from monitoring.gates import NOT_AUTHORISED, comparison_lacks, is_authorised
from monitoring.models import Authorisation, Case, ComparisonAnswer, NegativeItem, Stage
from monitoring.models.cases import EXPLAIN_HOLD, OPEN_STAGES
from monitoring.models.comparison import BITS
from monitoring.procedures import Procedure, pinned, procedure_of
from monitoring.screening import assess_household
from monitoring.workflow import note_event, policy_for

LONGEST = 500


@dataclass(frozen=True)
class Answer:
    """What was answered on one item; ``detail`` says what was found."""

    item: str
    hit: bool
    detail: str = ""


@transaction.atomic
def authorise(
    *,
    case: Case,
    by: User,
    signed_on: datetime.date,
    signed_by: str,
    explained_by: str,
    for_minors: bool = False,
    papers: Sequence[IncomingFile] = (),
    idempotency_key: str = "",
) -> Authorisation:
    """Record the signed authorisation of a case; the scan is filed with the household.

    Raises PermissionDenied outside the village's roles, ValidationError for a day that cannot be, or a second one.
    """
    if by.posting_over(case.village, *VILLAGE_ROLES) is None:
        raise PermissionDenied("承诺授权由村里登记。")
    if idempotency_key and not spend_on(idempotency_key, by, f"authorise:{case.pk}"):
        return case.authorisations.latest("recorded_at")
    if case.stage not in OPEN_STAGES:
        raise ValidationError("这一户没有在办，不用登记承诺授权。")
    if not timezone.localdate(case.opened_at) - datetime.timedelta(days=30) <= signed_on <= timezone.localdate():
        raise ValidationError("签字日期不能晚于今天，也不能早于开始办理前 30 天。", code="signed_on")
    try:
        with transaction.atomic():
            made = Authorisation.objects.create(
                case=case, signed_on=signed_on, signed_by=signed_by.strip(), explained_by=explained_by.strip(),
                for_minors=for_minors, recorded_by=by,
            )  # fmt: skip
    except IntegrityError as fault:
        raise ValidationError("这一户已经登记过承诺授权。") from fault
    made.papers.add(*store_all(papers, kind="consent", village=case.village, household=case.household, by=by))
    audit.record(action="authorisation.record", actor=by, target=case, region=case.village, signed_on=signed_on)
    return made


@transaction.atomic
def withdraw_authorisation(*, case: Case, by: User, reason: str, idempotency_key: str = "") -> None:
    """The family takes it back: nothing is compared from here on; help that is under way is not touched.

    Raises PermissionDenied, or ValidationError without a reason or without an authorisation.
    """
    if by.posting_over(case.village, *CASEWORK_ROLES) is None:
        raise PermissionDenied("您的岗位不能登记撤回授权。")
    if idempotency_key and not spend_on(idempotency_key, by, f"withdraw:{case.pk}"):
        return
    if not reason.strip():
        raise ValidationError("请写明为什么撤回。")
    withdrawn = case.authorisations.in_force().update(
        withdrawn_on=timezone.localdate(), withdrawn_reason=reason.strip()[:300]
    )
    if not withdrawn:
        raise ValidationError("这一户没有有效的承诺授权。")
    audit.record(action="authorisation.withdraw", actor=by, target=case, region=case.village)


def items_of(case: Case) -> list[NegativeItem]:
    """What is compared for a case, as its procedure has it."""
    return [NegativeItem(item) for item in _procedure(case).compares]


def _procedure(case: Case) -> Procedure:
    """As it was pinned; the policy is asked only of a case that has none."""
    return pinned(case) or procedure_of(case, policy_for(case))


@transaction.atomic
def keep_answers(
    *, case: Case, by: User, answers: Sequence[Answer], answered_on: datetime.date, idempotency_key: str = ""
) -> int:
    """Store what the departments answered; a changed answer takes the explanation with it. How many are new or changed.

    The facts get the hits from today on, and the household is judged again. Raises PermissionDenied, or ValidationError
    with a sentence, without authorisation among others.
    """
    # Held, so that two people who enter answers at the same moment do not overwrite each other, and the case stays.
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("household", "village", "procedure").get(pk=case.pk)
    )
    if idempotency_key and not spend_on(idempotency_key, by, f"answers:{case.pk}"):
        return 0
    _check_may_compare(case, by)
    asked = set(items_of(case))
    if answered_on > timezone.localdate():
        raise ValidationError("反馈日期不能晚于今天。")
    changed = 0
    for answer in answers:
        if answer.item not in asked:
            raise ValidationError("这一项不在比对范围里。")
        if answer.hit and not answer.detail.strip():
            raise ValidationError(f"“{NegativeItem(answer.item).label}”比中了，请写明部门反馈的内容。")
        if len(answer.detail.strip()) > LONGEST:
            raise ValidationError(f"“{NegativeItem(answer.item).label}”反馈的内容最多 {LONGEST} 个字，请写要点。")
        changed += _keep(case, by, answer, answered_on)
    if changed:
        bits = sum(BITS[NegativeItem(item)] for item in _hits(case))
        if keep_negative_hits(case.household, bits):
            assess_household(case.household, timezone.localdate(), by)
        note_event(case=case, step="compared", by=by, note="")
    return changed


@transaction.atomic
def explain_hit(
    *, answer: ComparisonAnswer, by: User, explanation: str, evidence: Sequence[IncomingFile], idempotency_key: str = ""
) -> None:
    """What was found of a hit, with evidence; nothing is rejected by itself, the offices decide (reading A17).

    The words stay with the answer, encrypted; the record of the case says that they are there. Raises PermissionDenied, or
    ValidationError with a sentence.
    """
    case = answer.case
    if by.posting_over(case.village, *OFFICE_ROLES) is None:
        raise PermissionDenied("只有镇（街）和区（市）可以写核实情况。")
    if idempotency_key and not spend_on(idempotency_key, by, f"explain:{answer.pk}"):
        return
    words = explanation.strip()
    if not words:
        raise ValidationError("请写明核实情况。")
    if len(words) > LONGEST:
        raise ValidationError(f"核实情况最多 {LONGEST} 个字。")
    if case.stage not in OPEN_STAGES:
        raise ValidationError("这一户没有在办，不用再写核实情况。")
    if not evidence and not answer.evidence.exists():
        raise ValidationError("请附上佐证：照片、证明或者说明的扫描件。")
    # Of the answer that was read: one that was entered anew since has to be looked into anew.
    same = ComparisonAnswer.objects.filter(pk=answer.pk, hit=True, entered_at=answer.entered_at)
    if not same.update(explanation=words, explained_by=by, explained_at=timezone.now()):
        raise ValidationError("这一项没有比中，或者部门反馈刚有变化，请刷新再看。")
    answer.evidence.add(
        *store_all(evidence, kind="evidence", village=case.village, household=case.household, by=by, sensitive=True)
    )
    note_event(case=case, step=EXPLAIN_HOLD, by=by, note=f"{answer.get_item_display()}：已写核实情况、附佐证")


def what_is_missing(case: Case) -> str:
    """Why the comparison of a case is not over; empty when it is."""
    return comparison_lacks(case, _procedure(case))


def answers_by_item(case: Case) -> Mapping[str, ComparisonAnswer]:
    """What has been answered so far."""
    return {answer.item: answer for answer in case.answers.prefetch_related("evidence")}


def _check_may_compare(case: Case, by: User) -> None:
    if by.posting_over(case.village, *OFFICE_ROLES) is None:
        raise PermissionDenied("只有镇（街）和区（市）可以登记比对反馈。")
    if case.stage not in (Stage.SURVEY, Stage.COMPARE):
        raise ValidationError(f"这一户现在在“{case.get_stage_display()}”，不在比对。")
    if not is_authorised(case):
        raise ValidationError(NOT_AUTHORISED)


def _hits(case: Case) -> list[str]:
    return list(case.answers.filter(hit=True).values_list("item", flat=True))


def _keep(case: Case, by: User, answer: Answer, answered_on: datetime.date) -> bool:
    detail = answer.detail.strip() if answer.hit else ""
    known = case.answers.filter(item=answer.item).first()
    if known and (known.hit, known.detail) == (answer.hit, detail):
        return False
    new = {"hit": answer.hit, "detail": detail, "answered_on": answered_on, "entered_by": by}
    if known is None:
        ComparisonAnswer.objects.create(case=case, item=answer.item, **new)
    else:
        known.evidence.clear()
        for name, value in {**new, "explanation": "", "explained_by": None, "explained_at": None}.items():
            setattr(known, name, value)
        known.save()
    return True
