"""Leads (线索): reported from four sources, assigned, visited, closed as 已核-无风险, or taken up as a case."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.departments import acting_for
from accounts.idempotency import made, spend
from accounts.models import Posting, Region, User
from accounts.roles import CASEWORK_ROLES, SURVEY_ROLES, VILLAGE_ROLES, Role
from households.disclosure import check_quota
from households.models import Household
from monitoring import notices_scanner as scanner
from monitoring import workdays
from monitoring.clues import asking
from monitoring.models import Assessment, Case, CloseReason, Declaration, Lead, LeadEvidence, LeadSource, LeadState
from monitoring.policy.values import PolicyNotInForce, policy_in_force
from monitoring.workflow import open_case

VISIT_DAYS = "declaration_visit_days"  # the parameter
OLDEST = datetime.timedelta(days=366)
# What a family may read on a public page of why it was refused names none of these.
NOT_TO_BE_TOLD = frozenset({scanner.ID_NUMBER, scanner.PHONE, scanner.CARD, scanner.ILLNESS})


class AlreadyHandled(ValidationError):
    """Somebody was faster, or the conclusion has changed: nothing was done."""


def visit_due(village: Region, on: datetime.date) -> datetime.date | None:
    """The last day for the visit to a household of which something was noticed on a day; None before the rule set begins."""
    try:
        policy = policy_in_force(village, on)
    except PolicyNotInForce:
        return None
    return workdays.add(on, policy.whole(VISIT_DAYS), policy.ruleset.parameter(VISIT_DAYS).unit)


@transaction.atomic
def report(
    *,
    village: Region,
    source: str,
    by: User | None,
    happened_on: datetime.date,
    household: Household | None = None,
    declaration: Declaration | None = None,
    assessment: Assessment | None = None,
    idempotency_key: str = "",
    **said: Any,
) -> Lead:
    """Note what one source says of a household: a new lead, or further evidence of the one that is open.

    ``said`` are cause, words, unit. ``by`` None is the system itself, for what came from the public page. Raises
    PermissionDenied, or ValidationError with a sentence. The same key twice makes one piece of evidence.
    """
    if by is not None and not _may_report(by, village, source, said.get("unit", "")):
        raise PermissionDenied("您的岗位不能登记线索。")
    before = made(idempotency_key, by, Lead.objects.all()) if by and idempotency_key else None
    if before is not None:
        return before
    _check_report(village, household, happened_on)
    lead, joined = _open_lead(village, household, happened_on if by is None else timezone.localdate())
    if by and idempotency_key and not spend(idempotency_key, by, str(lead.pk)):
        return lead
    evidence = LeadEvidence(
        lead=lead, source=source, happened_on=happened_on, declaration=declaration, entered_by=by, **said
    )
    if assessment is not None:
        evidence.assessment, evidence.rule_bits = assessment, assessment.rule_bits
        evidence.outcome, evidence.level = assessment.outcome, assessment.level
    evidence.save()
    if joined:
        Lead.objects.filter(pk=lead.pk).update(version=F("version") + 1)
        lead.refresh_from_db()
    _record("lead.join" if joined else "lead.report", lead, by, lead_source=source)
    return lead


def store_conclusion(*, assessment: Assessment, by: User) -> Lead:
    """Make a lead of what the rules say now of a household, so that something can be done with it.

    Raises AlreadyHandled when they say something else meanwhile.
    """
    if not Assessment.objects.filter(asking(), pk=assessment.pk, replaced_on=None).exists():
        raise AlreadyHandled(f"{assessment.household}的研判结论变了，请刷新再看。")
    standing = Lead.objects.open().filter(household=assessment.household_id, evidence__assessment=assessment)
    return standing.first() or report(
        village=assessment.village, household=assessment.household, source=LeadSource.SCREENED, by=by,
        happened_on=assessment.on, assessment=assessment,
    )  # fmt: skip


@transaction.atomic
def assign(*, lead: Lead, to: User, by: User, version: int | None = None) -> Lead:
    """Give a lead to a person of its village; raises ValidationError where he has no posting there."""
    _require(by, lead, CASEWORK_ROLES, "您的岗位不能分派线索。")
    if not to.posting_over(lead.village, *VILLAGE_ROLES):
        raise ValidationError(f"{to.name}不在{lead.village}任职，不能分派给他。")
    _claim(lead, by, version, assigned_to=to)
    _record("lead.assign", lead, by, assigned_to=to.pk)
    return lead


def people_of(*villages: Region) -> list[User]:
    """Whom a lead of each of these villages may be given to; one query."""
    paths = {path for village in villages for path in village.ancestor_paths}
    posted = Posting.objects.in_force(timezone.localdate()).filter(
        role__in=VILLAGE_ROLES, region__path__in=paths, user__is_active=True
    )
    regions: dict[User, list[Region]] = {}
    for posting in posted.select_related("user", "region").order_by("user__name", "user"):
        regions.setdefault(posting.user, []).append(posting.region)
    return [
        person
        for person, theirs in regions.items()
        if all(any(region.contains(village) for region in theirs) for village in villages)
    ]


def tells_too_much(words: str) -> list[str]:
    """What stands in a reason that the family reads, and must not: numbers, and what somebody is ill with."""
    return [kind for kind in scanner.findings(words) if kind in NOT_TO_BE_TOLD]


@transaction.atomic
def visit(*, lead: Lead, by: User, visited_on: datetime.date, found: str, version: int | None = None) -> Lead:
    """Write down that somebody was there and what he found; the lead stays open until it is closed or taken up."""
    _require(by, lead, SURVEY_ROLES, "只有村和镇（街）的人入户核实。")
    if not lead.opened_on <= visited_on <= timezone.localdate():
        raise ValidationError(
            f"入户日期不能早于登记线索那天（{lead.opened_on:%m-%d}），也不能晚于今天。", code="visited_on"
        )
    if not found.strip():
        raise ValidationError("请写入户看到的情况。")
    _claim(lead, by, version, visited_on=visited_on, found=found.strip()[:500])
    _record("lead.visit", lead, by, visited_on=visited_on)
    return lead


@transaction.atomic
def close(*, lead: Lead, by: User, reason: str, note: str = "", version: int | None = None) -> Lead:
    """已核-无风险: what the rules say of the household now becomes evidence, and is not asked again until it changes."""
    _require(by, lead, SURVEY_ROLES, "只有村和镇（街）的人办结线索。")
    if reason not in CloseReason.values:
        raise ValidationError("请选办结的原因。")
    if reason == CloseReason.OTHER and not note.strip():
        raise ValidationError("选“其他”的，请写明原因。")
    if private := tells_too_much(note):
        raise ValidationError(f"说明里不要写{'、'.join(private)}，农户查结果时会看到。")
    _claim(lead, by, version, state=LeadState.CLOSED, reason=reason, note=note.strip()[:300])
    _settle(lead, by)
    _keep_conclusion(lead, by)
    _record("lead.close", lead, by, close_reason=reason)
    return lead


def take_up(*, lead: Lead, by: User, note: str = "", version: int | None = None) -> Case:
    """列为预警关注, with where the lead came from as the reason; the lead follows by way of the case's opening."""
    if lead.household is None:
        raise ValidationError("先对上农户，再列为预警关注。")
    if version is not None and not Lead.objects.open().filter(pk=lead.pk, version=version).exists():
        raise _too_late(lead)
    return open_case(household=lead.household, by=by, note=(note.strip() or reason_in_words(lead))[:500])


def reason_in_words(lead: Lead) -> str:
    """Where a lead came from, without what the family said: 线索：农户申报 11-20 因病."""
    parts = [
        f"{one.get_source_display()} {one.happened_on:%m-%d}{' ' + one.get_cause_display() if one.cause else ''}"
        for one in lead.evidence.all()
    ]
    return "线索：" + "；".join(parts)


def case_opened(case: Case, by: User | None) -> None:
    """Whoever opened a case of a household took up what was open of it."""
    for lead in Lead.objects.open().filter(household=case.household_id).select_related("village"):
        _claim(lead, by, None, state=LeadState.TAKEN_UP, case=case)
        _settle(lead, by)
        _record("lead.take_up", lead, by)


@transaction.atomic
def match(*, lead: Lead, household: Household, by: User, version: int | None = None) -> Lead:
    """Say whose declaration it is; where that household has an open lead already, this one's evidence joins it."""
    _require(by, lead, SURVEY_ROLES, "只有村和镇（街）的人对户。")
    if lead.household_id or household.village_id != lead.village_id or household.closed_on:
        raise ValidationError("只能对到这个村在册、没有注销的户。")
    other = Lead.objects.open().filter(household=household).first()
    if other is None:
        try:
            with transaction.atomic():
                _claim(lead, by, version, household=household)
        except IntegrityError as fault:
            raise AlreadyHandled("这一户刚有了另一条线索，请再对一次。") from fault
        _record("lead.match", lead, by)
        return lead
    _claim(lead, by, version, state=LeadState.JOINED, joined_to=other)
    _settle(lead, by)
    lead.evidence.update(lead=other)
    Lead.objects.filter(pk=other.pk).update(version=F("version") + 1)
    other.refresh_from_db()
    _record("lead.join", other, by, lead_source=LeadSource.DECLARED)
    return other


@transaction.atomic
def reveal_phone(*, lead: Lead, by: User) -> list[str]:
    """The telephones that a family declared, for who must call it; who looked is on the trace.

    Raises ValidationError when somebody has been shown as many numbers today as he may.
    """
    _require(by, lead, SURVEY_ROLES, "只有村和镇（街）的人看电话。")
    check_quota(by)
    phones = [one.declaration.phone for one in lead.evidence.exclude(declaration=None).select_related("declaration")]
    _record("lead.reveal", lead, by)
    return [phone for phone in phones if phone]


# ---- within ----


def _may_report(by: User, village: Region, source: str, unit: str) -> bool:
    """Whoever does casework there; and the clerk of a department, what his own department warns of."""
    if by.posting_over(village, *CASEWORK_ROLES) is not None:
        return True
    return source == LeadSource.PUSHED and acting_for(by, unit, village) is not None


def _check_report(village: Region, household: Household | None, happened_on: datetime.date) -> None:
    if household is not None and (household.village_id != village.pk or household.closed_on):
        raise ValidationError("这一户不在这个村，或者已经注销。")
    today = timezone.localdate()
    if not today - OLDEST <= happened_on <= today:
        raise ValidationError("日期不能晚于今天，也不能早于一年以前。", code="happened_on")


def _open_lead(village: Region, household: Household | None, on: datetime.date) -> tuple[Lead, bool]:
    """The household's open lead, and whether it was there before."""
    if household is not None and (lead := Lead.objects.open().filter(household=household).first()):
        return lead, True
    try:
        with transaction.atomic():
            fresh = Lead(village=village, household=household, opened_on=on, due_on=visit_due(village, on))
            fresh.save(force_insert=True)
            return fresh, False
    except IntegrityError:  # two reported the same household at once
        return Lead.objects.open().get(household=household), True


def _require(by: User, lead: Lead, roles: Sequence[Role], words: str) -> None:
    if by.posting_over(lead.village, *roles) is None:
        raise PermissionDenied(words)


def _claim(lead: Lead, by: User | None, version: int | None, **columns: Any) -> None:
    """Change an open lead as the person saw it: of two people only one does."""
    seen = lead.version if version is None else version
    mine = Lead.objects.open().filter(pk=lead.pk, version=seen)
    if not mine.update(version=F("version") + 1, **columns):
        raise _too_late(lead)
    lead.refresh_from_db()


def _too_late(lead: Lead) -> AlreadyHandled:
    whose = str(lead.household) if lead.household else "这条线索"
    return AlreadyHandled(f"{whose}刚有人办过，没有重复提交，请刷新再看。")


def _settle(lead: Lead, by: User | None) -> None:
    Lead.objects.filter(pk=lead.pk).update(settled_by=by, settled_at=timezone.now())
    lead.refresh_from_db()


def _keep_conclusion(lead: Lead, by: User) -> None:
    """The conclusion that stood beside the lead when it was closed, as evidence."""
    if lead.household_id is None:
        return
    standing = Assessment.objects.filter(asking(), household=lead.household_id, replaced_on=None).first()
    if standing is None or lead.evidence.filter(assessment=standing).exists():
        return
    LeadEvidence.objects.create(
        lead=lead, source=LeadSource.SCREENED, happened_on=standing.on, assessment=standing, entered_by=by,
        outcome=standing.outcome, level=standing.level, rule_bits=standing.rule_bits,
    )  # fmt: skip


def _record(action: str, lead: Lead, by: User | None, **detail: Any) -> None:
    audit.record(action=action, actor=by, target=lead, region=lead.village, household=lead.household_id or "", **detail)
