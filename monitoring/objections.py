"""异议: tickets with a receipt, a clock and an investigator who did not submit the case; finding, conclusion, reply."""

import datetime
import secrets
import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OrderBy, Q
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Posting, User
from accounts.models.people import same_people
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES
from monitoring import notices_scanner as scanner
from monitoring import workdays
from monitoring.models import Case, Notice, Objection, ObjectionChannel, Stage
from monitoring.notices import mark_closed
from monitoring.policy.values import policy_in_force
from monitoring.steps import BY_NAME, OPENINGS, VILLAGE
from monitoring.workflow import note_event, take

RECEIPT_DIGITS = 12
INVESTIGATORS = CASEWORK_ROLES
ASSIGNERS = OFFICE_ROLES
LIMIT = "objection_days"
LONGEST = 500


# ---- taking one in ----


@transaction.atomic
def record_objection(
    *,
    notice: Notice,
    case: Case,
    by: User,
    raised_on: datetime.date,
    content: str,
    channel: str = ObjectionChannel.PAPER,
    raised_by: str = "",
    contact: str = "",
    idempotency_key: str = "",
) -> Objection | None:
    """Write down what somebody objects to while the notice runs; None when the form came a second time.

    The case gets a new version, so that nobody closes the notice at the same moment without having seen it.
    """
    if by.posting_over(notice.village, *CASEWORK_ROLES) is None:
        raise ValidationError("您的岗位不能登记异议。")
    if not notice.starts_on <= raised_on <= timezone.localdate():
        raise ValidationError(
            f"提出日期要在公示开始以后（{notice.starts_on:%m-%d} 起），不能晚于今天。", code="raised_on"
        )
    if raised_on > notice.ends_on:
        raise ValidationError("公示已经期满，期满以后的意见请向镇（街）反映，不按异议登记。")
    if channel == ObjectionChannel.PUBLIC or channel not in ObjectionChannel.values:
        raise ValidationError("请选异议是怎么来的。")
    if idempotency_key and not spend_on(idempotency_key, by, f"objection:{notice.pk}"):
        return None
    current = notice.cases.filter(pk=case.pk).first() if notice.waits else None
    # Taken hold of before anything is written: either the clock finds a new version, or the case is gone from here.
    standing = Case.objects.filter(pk=case.pk, stage=Stage.NOTICE)
    if current is None or not standing.update(version=F("version") + 1):
        raise ValidationError("这一户不在公示中，不能登记异议。")
    return _keep(
        notice, current, by, receipt=f"{secrets.randbelow(10**RECEIPT_DIGITS):0{RECEIPT_DIGITS}d}", channel=channel,
        raised_on=raised_on, raised_by=raised_by.strip(), contact=contact.strip(), content=content.strip(),
    )  # fmt: skip


@transaction.atomic
def take_in_public(
    *, notice: Notice, case: Case, sealed_id: uuid.UUID, receipt: str, raised_on: datetime.date, content: str,
    raised_by: str, contact: str,
) -> Objection | None:  # fmt: skip
    """Keep what came by the public page, each once; None when it is here. The case may have gone on meanwhile."""
    if Objection.objects.filter(sealed_id=sealed_id).exists():
        return None
    return _keep(
        notice, case, None, sealed_id=sealed_id, receipt=receipt, channel=ObjectionChannel.PUBLIC, raised_on=raised_on,
        raised_by=raised_by, contact=contact, content=content,
    )  # fmt: skip


def _keep(notice: Notice, case: Case, by: User | None, **columns: object) -> Objection:
    objection = Objection(notice=notice, case=case, recorded_by=by, **columns)
    objection.due_on = due_on(case, objection.raised_on)
    objection.full_clean()
    objection.save(force_insert=True)
    audit.record(
        action="objection.record", actor=by, target=objection, region=notice.village, household=case.household_id,
        channel=objection.channel, due_on=objection.due_on,
    )  # fmt: skip
    note_event(case=case, step="objection", by=by, note="")
    return objection


def due_on(case: Case, day: datetime.date) -> datetime.date | None:
    """The last day for looking into an objection that was raised on a day; None where no limit is set."""
    policy = policy_in_force(case.village, day, case.ruleset)
    if LIMIT not in policy.ruleset.parameters or not policy.is_set(LIMIT):
        return None
    return workdays.add(day, policy.whole(LIMIT), policy.ruleset.parameters[LIMIT].unit)


# ---- who looks into it ----


def submitters(case: Case) -> set[int]:
    """The accounts of everybody who brought the case to its notice: surveyed, opened or moved it at the village's desk."""
    village_steps = [*OPENINGS, *(name for name, step in BY_NAME.items() if step.desk == VILLAGE)]
    events = case.events.filter(step__in=village_steps).values_list("by", "on_behalf_of")
    surveys = case.household.surveys.filter(Q(pk=case.survey_id) | Q(submitted_at__gte=case.opened_at))
    pairs = [*events, *surveys.values_list("entered_by", "on_behalf_of")]
    return same_people({key for pair in (*pairs, (case.opened_by_id,)) for key in pair if key})


def candidates(objection: Objection) -> list[User]:
    """Who may look into it: posted over the village, did not submit the case, and where there is a choice did not record it."""
    village = objection.notice.village
    postings = Posting.objects.in_force(timezone.localdate()).filter(
        region__path__in=village.ancestor_paths, role__in=INVESTIGATORS, user__is_active=True
    )
    people = User.objects.filter(pk__in=postings.values("user")).order_by("name", "pk")
    barred, recorders = submitters(objection.case), same_people({objection.recorded_by_id} - {None})
    acting = {person: person.capacities(village) for person in people}
    free = [person for person, names in acting.items() if not names & barred]
    others = [person for person in free if not acting[person] & recorders]
    return others or free


def why_not(objection: Objection, by: User) -> str:
    """Why this person may not look into it; empty when he may."""
    village = objection.notice.village
    if by.posting_over(village, *INVESTIGATORS) is None:
        return "您的岗位不能核查异议。"
    if by.capacities(village) & submitters(objection.case):
        return "这一户是您办理或代办的，异议要请另一位同事核查；村里没有别人的，由镇（街）指定。"
    if objection.investigator_id and objection.investigator_id not in by.capacities(village):
        return f"这条异议由{objection.investigator.name}核查。"
    if by.pk not in {person.pk for person in candidates(objection)}:
        return "这条异议是您登记的，要请另一位同事核查；村里没有别人的，由镇（街）指定。"
    return ""


@transaction.atomic
def assign(*, objection: Objection, by: User, investigator: User) -> Objection:
    """Name who looks into it. The town and the district name anybody who may; anybody who may takes it on himself.

    Raises ValidationError for somebody who may not, and when it has been settled.
    """
    village = objection.notice.village
    if by.pk != investigator.pk and by.posting_over(village, *ASSIGNERS) is None:
        raise ValidationError("只有镇（街）和区（市）可以指定核查人。")
    if investigator.pk not in {person.pk for person in candidates(objection)}:
        raise ValidationError("这位同事不能核查这条异议：他办理过这一户，或者异议是他登记的。")
    waiting = Objection.objects.filter(pk=objection.pk, upheld=None)
    if by.posting_over(village, *ASSIGNERS) is None:
        waiting = waiting.filter(Q(investigator=None) | Q(investigator=investigator))
    if not waiting.update(investigator=investigator):
        raise ValidationError("这条异议已经核查过，或者已经有人在核查。")
    audit.record(action="objection.assign", actor=by, target=objection, region=village, people=1)
    objection.refresh_from_db()
    return objection


def may_read_contact(objection: Objection, user: User) -> bool:
    """Only who looks into it reads who objected and how to reach him."""
    return bool(objection.investigator_id and objection.investigator_id in user.capacities(objection.notice.village))


def record_reading(*, objection: Objection, by: User) -> None:
    """Put on the trace that somebody read who objected; raises ValidationError for who does not look into it."""
    if not may_read_contact(objection, by):
        raise ValidationError("只有核查人可以看提出人和联系电话。")
    audit.record(action="objection.contact", actor=by, target=objection, region=objection.notice.village)


# ---- what was found ----


@transaction.atomic
def settle_objection(*, objection: Objection, by: User, finding: str, upheld: bool, reply: str = "") -> Objection:
    """Write down what was found and answered; an objection that is right sends its household back to the meeting.

    Raises ValidationError without a finding or reply, for who may not look into it, for a reply that tells too much, and
    when somebody else has settled it meanwhile.
    """
    _check_words(finding, reply)
    if objection.upheld is None and (reason := why_not(objection, by)):
        raise ValidationError(reason)
    # By the investigator of whom that was asked: the town may have named another one meanwhile.
    waiting = Objection.objects.filter(pk=objection.pk, upheld=None, investigator=objection.investigator)
    settled = waiting.update(
        finding=finding.strip(), upheld=upheld, reply=reply.strip(), settled_by=by, settled_at=timezone.now(),
        investigator=objection.investigator or by,
    )  # fmt: skip
    if not settled:
        raise ValidationError("这条异议已经有人核查过，或者刚换了核查人，没有重复提交。")
    audit.record(
        action="objection.settle", actor=by, target=objection, region=objection.notice.village,
        household=objection.case.household_id, upheld=upheld,
    )  # fmt: skip
    _draw_consequences(objection, by, finding.strip(), upheld)
    objection.refresh_from_db()
    return objection


def _check_words(finding: str, reply: str) -> None:
    if not finding.strip():
        raise ValidationError("请写明核查情况。")
    if not reply.strip():
        raise ValidationError("请写给提出人的答复。")
    if len(finding.strip()) > LONGEST or len(reply.strip()) > LONGEST:
        raise ValidationError(f"核查情况和答复各最多 {LONGEST} 个字。")
    scanner.refuse(reply, where="答复")


def _draw_consequences(objection: Objection, by: User, finding: str, upheld: bool) -> None:
    """Upheld: the household goes back, unless it went back before; dismissed: it goes on when the notice is over."""
    case = Case.objects.select_related("household", "village").get(pk=objection.case_id)
    stands_here = case.stage == Stage.NOTICE and case.notices.order_by("-posted_at").first() == objection.notice
    if upheld and stands_here:
        take("uphold_objection", case=case, by=by, note=finding)
        mark_closed(objection.notice, by)
    else:
        step = "objection_upheld" if upheld else "objection_dismissed"
        note_event(case=case, step=step, by=by, note=finding)


def soonest_first() -> list[OrderBy | str]:
    """The order of a list: what is due soonest, then what was raised first."""
    return [F("due_on").asc(nulls_last=True), "raised_on"]
