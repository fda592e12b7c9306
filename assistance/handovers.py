"""交接: a 联系人 who leaves gives all his households to another; who gives and who takes both say so (001 四)."""

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend, spend_on
from accounts.models import Posting, Region, User
from accounts.models.people import same_people
from accounts.models.regions import paths_down_to
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES, VILLAGE_ROLES
from assistance.models import Handover, HandoverStage, Helper
from households.models import Household
from monitoring.signals import InboxLine

GIVERS = (*VILLAGE_ROLES, *OFFICE_ROLES)


@dataclass(frozen=True)
class Contact:
    """A 联系人 as the register names him, and how many households he has."""

    name: str
    unit: str
    households: int


@dataclass
class Taken:
    """What came of a handover: how many households changed hands, and why the others did not."""

    households: int = 0
    kept: Counter[str] | None = None


def contacts_of(user: User, words: str = "") -> list[Contact]:
    """The 联系人 of the person's villages, by a part of their name or unit, with how many households each has."""
    found = Q(name__contains=words) | Q(unit__contains=words)
    mine = _helpers(user).filter(found).order_by("unit", "name").values("name", "unit")
    return [Contact(**row) for row in mine.annotate(households=Count("household", distinct=True))]


def caseload(user: User, name: str, unit: str) -> QuerySet[Helper]:
    """The households of a 联系人 that the person may hand over, in village order."""
    found = _helpers(user).filter(name=name, unit=unit).select_related("household__village")
    return found.order_by("household__village__path", "household__group_no", "household__number")


def region_around(helpers: Collection[Helper]) -> Region:
    """The smallest region in which all of these households lie: their village, or what is above their villages."""
    shared = set.intersection(*({*paths_down_to(helper.household.village.path)} for helper in helpers))
    return Region.objects.get(path=max(shared, key=len))


def _helpers(user: User) -> QuerySet[Helper]:
    here = Helper.objects.visible_to(user, *GIVERS).in_force(timezone.localdate())
    return here.filter(ended_on=None, household__closed_on=None)


def takers_for(region: Region, by: User) -> QuerySet[User]:
    """Who can take households of a region: active accounts with a desk for the whole of it; never who hands them over."""
    desks = Posting.objects.in_force(timezone.localdate()).filter(
        role__in=CASEWORK_ROLES, region__path__in=region.ancestor_paths, on_behalf_of=None
    )
    there = User.objects.filter(is_active=True, pk__in=desks.values("user"))
    return there.exclude(pk__in=by.capacities(region)).order_by("name", "pk")


def propose(
    *,
    by: User,
    name: str,
    unit: str,
    households: Collection[UUID],
    to: User,
    begins_on: datetime.date,
    reason: str,
    idempotency_key: str,
) -> Handover:
    """Ask somebody to take households over; nothing changes before he says yes. Sent twice it is one.

    Raises ValidationError with a sentence for a disabled account, for somebody without a desk for all of their villages, for
    himself in whichever account, for a day to come or before one of them began, and where nothing of the person's is left.
    """
    if earlier := made(idempotency_key, by, Handover.objects.all()):
        return earlier
    chosen = list(caseload(by, name, unit).filter(household__in=list(households)))
    if not chosen:
        raise ValidationError("没有选农户，或者这些户的联系人刚换过，请刷新。")
    region = region_around(chosen)
    _check(to, region, begins_on, reason, name)
    newest = max(chosen, key=lambda helper: helper.begun_on)
    if begins_on < newest.begun_on:
        raise ValidationError({"begins_on": f"{newest.household}的联系人 {newest.begun_on} 才开始，交接日期不能更早。"})
    if to.pk in by.capacities(region):
        raise ValidationError({"to": "交接要两个人办：您提出的，不能自己接手，请换一位同事提出。"})
    keys = [helper.household_id for helper in chosen]
    with transaction.atomic():
        handover = Handover(
            region=region, from_name=name, from_unit=unit, to_user=to, to_name=to.name,
            to_unit=to.unit or region.name,
            begins_on=begins_on, reason=reason.strip(), proposed_by=by,
        )  # fmt: skip
        if not spend(idempotency_key, by, str(handover.pk)):
            return made(idempotency_key, by, Handover.objects.all()) or handover
        handover.save(force_insert=True)
        handover.households.set(keys)
        audit.record(
            action="handover.propose", actor=by, target=handover, region=region, households=len(keys), on=begins_on
        )
    return handover


def _check(to: User, region: Region, begins_on: datetime.date, reason: str, name: str) -> None:
    if not to.is_active:
        raise ValidationError({"to": f"{to.name}的账号已停用，请另选接手人。"})
    if to.posting_over(region, *CASEWORK_ROLES) is None:
        raise ValidationError({"to": f"{to.name}在{region.name}没有岗位，看不到这些户，请另选接手人或先给他加岗位。"})
    if to.name == name:
        raise ValidationError({"to": "接手人就是原联系人，不用交接。"})
    if begins_on > timezone.localdate():
        raise ValidationError({"begins_on": "日期不能晚于今天。"})
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么交接，如：工作调动。"})


@transaction.atomic
def take_over(*, handover: Handover, by: User, answer: str, idempotency_key: str) -> Taken:
    """The one who was asked says yes: from the day on he keeps in touch with every household that is still the other's.

    One that has got another 联系人 meanwhile, or is no more, stays as it is and is told. Raises ValidationError when
    the handover is over already, or his desk there is.
    """
    if not spend_on(idempotency_key, by, f"handover:{handover.pk}"):
        return Taken(kept=Counter())
    _answer(handover, by, HandoverStage.TAKEN, answer)
    if by.posting_over(handover.region, *CASEWORK_ROLES) is None:
        raise ValidationError(f"您在{handover.region.name}已经没有岗位，不能接手。")
    keys = list(handover.households.order_by("pk").values_list("pk", flat=True))
    list(Household.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    standing = Helper.objects.filter(household__in=keys, ended_on=None).select_related("household")
    kept: Counter[str] = Counter()
    moving = []
    for helper in standing:
        if helper.household.closed_on:
            kept["已经注销"] += 1
        elif (helper.name, helper.unit) != (handover.from_name, handover.from_unit):
            kept["联系人已另换"] += 1
        elif helper.begun_on > handover.begins_on:
            kept[f"原联系人 {helper.begun_on} 才开始，比交接日期晚"] += 1
        else:
            moving.append(helper)
    if without := len(keys) - len(standing):
        kept["没有联系人"] += without
    Helper.objects.filter(pk__in=[helper.pk for helper in moving]).update(ended_on=handover.begins_on)
    Helper.objects.bulk_create(
        Helper(
            household=helper.household, name=handover.to_name, unit=handover.to_unit, user=by, begun_on=handover.begins_on, entered_by=by, handover=handover,
        )
        for helper in moving
    )  # fmt: skip
    for helper in moving:
        audit.record(
            action="assistance.change_helper", actor=by, target=helper.household, region=helper.household.village,
            begun_on=handover.begins_on,
        )  # fmt: skip
    audit.record(
        action="handover.take", actor=by, target=handover, region=handover.region, households=len(moving),
        kept=sum(kept.values()),
    )  # fmt: skip
    return Taken(len(moving), kept)


@transaction.atomic
def refuse(*, handover: Handover, by: User, answer: str) -> None:
    """The one who was asked says no, and why."""
    if not answer.strip():
        raise ValidationError("不接手的，请写明原因。")
    _answer(handover, by, HandoverStage.REFUSED, answer)
    audit.record(action="handover.refuse", actor=by, target=handover, region=handover.region, reason=answer.strip())


@transaction.atomic
def withdraw(*, handover: Handover, by: User) -> None:
    """Who proposed it takes it back before it is answered."""
    if handover.proposed_by_id not in same_people({by.pk}):
        raise PermissionDenied("只有提出交接的人可以撤回。")
    _move(handover, HandoverStage.WITHDRAWN, "")
    audit.record(action="handover.withdraw", actor=by, target=handover, region=handover.region)


def _answer(handover: Handover, by: User, stage: HandoverStage, answer: str) -> None:
    if handover.to_user_id not in same_people({by.pk}):
        raise PermissionDenied("要由接手人本人确认。")
    _move(handover, stage, answer)


def _move(handover: Handover, stage: HandoverStage, answer: str) -> None:
    waiting = Handover.objects.filter(pk=handover.pk, stage=HandoverStage.PROPOSED)
    if not waiting.update(stage=stage, answer=answer.strip()[:200], answered_at=timezone.now()):
        now = Handover.objects.get(pk=handover.pk)
        raise ValidationError(f"这次交接现在是“{now.get_stage_display()}”，没有重复办理。")


# ---- who sees them ----


def handovers_for(user: User) -> QuerySet[Handover]:
    """Those of the person's regions, and those that he is asked to take, the newest first."""
    here = Handover.objects.visible_to(user, *GIVERS)
    asked = Handover.objects.filter(user.named_in("to_user"))
    found = Handover.objects.filter(pk__in=here.values("pk")) | Handover.objects.filter(pk__in=asked.values("pk"))
    return found.select_related("region", "proposed_by").annotate(count=Count("households")).order_by("-proposed_at")


def waiting_for(user: User) -> QuerySet[Handover]:
    """Handovers that the person is asked to take."""
    return Handover.objects.filter(user.named_in("to_user"), stage=HandoverStage.PROPOSED)


def waiting_lines(user: User, address: Callable[[UUID], str]) -> Iterator[InboxLine]:
    """One line of the inbox for each handover that waits for the person's answer."""
    for handover in waiting_for(user).annotate(count=Count("households")):
        yield (
            "handover", f"接手{handover.from_name}的 {handover.count} 户", f"{handover.reason} · 请确认接不接",
            address(handover.pk), timezone.localdate(handover.proposed_at),
        )  # fmt: skip
