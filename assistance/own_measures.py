"""A district adds a measure of its own to the catalogue, with its source; it counts once a second person has confirmed it."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Level, Region, User
from accounts.roles import Role
from assistance.measures import Known
from assistance.models import DistrictMeasure

DISTRICT_LEVELS = (Level.COUNTY, Level.ZONE)
SETTERS = (Role.DISTRICT_OFFICER,)


def districts_of(user: User) -> list[Region]:
    """The districts for which the person may add measures."""
    own = [one.region for one in user.postings_in_force() if one.role in SETTERS]
    return list(dict.fromkeys(region for region in own if region.level in DISTRICT_LEVELS))


def to_confirm(user: User) -> QuerySet[DistrictMeasure]:
    """Measures of the person's districts that wait for him: those that somebody else added."""
    waiting = DistrictMeasure.objects.filter(region__in=districts_of(user), confirmed_by=None)
    return waiting.exclude(user.named_in("entered_by")) if user.holds(*SETTERS) else waiting.none()


@transaction.atomic
def propose_measure(*, region: Region, by: User, idempotency_key: str, **told: Any) -> DistrictMeasure | None:
    """Add a measure that waits for a second person; sent twice it is one, and the second gives None.

    Raises PermissionDenied, or ValidationError: no source, bounds that are no bounds, a name that is there already.
    """
    _may_set(by, region)
    for name, words in (("document", "文件"), ("article", "条款"), ("name", "措施名称"), ("lead", "牵头单位")):
        if not told[name].strip():
            raise ValidationError(f"请写明{words}。")
    if not told["causes"] and not told["guarantees"]:
        raise ValidationError("请选这项措施针对哪些风险或保障。")
    if told["ends_on"] and told["ends_on"] < told["starts_on"]:
        raise ValidationError("到哪天止不能早于从哪天起。")
    known = Known([region], timezone.localdate()).at(region).values()
    waiting = DistrictMeasure.objects.filter(region=region, confirmed_by=None).values_list("name", flat=True)
    if told["name"].strip() in {*(one.name for one in known), *waiting}:
        raise ValidationError("目录里已有同名的措施，不用再加。")
    if not spend_on(idempotency_key, by, f"measure:{region.pk}"):
        return None
    code = f"own_{region.code[:6]}_{uuid.uuid4().hex[:12]}"
    measure = DistrictMeasure.objects.create(region=region, code=code, entered_by=by, **told)
    _record("assistance.propose_measure", measure, by)
    return measure


@transaction.atomic
def confirm_measure(*, measure: DistrictMeasure, by: User) -> None:
    """From now on it stands in the district's catalogue; never by who entered it, nor by another account of his."""
    _may_set(by, measure.region)
    if by.capacities(measure.region) & _entered_by(measure):
        raise ValidationError("自己加的措施要请另一位同事复核。")
    mine = DistrictMeasure.objects.filter(pk=measure.pk, confirmed_by=None)
    if not mine.update(confirmed_by=by, confirmed_at=timezone.now()):
        raise ValidationError("这项措施已经有人复核过，没有重复办理。")
    _record("assistance.confirm_measure", measure, by)


@transaction.atomic
def withdraw_measure(*, measure: DistrictMeasure, by: User) -> None:
    """Take back what nobody has confirmed. Raises ValidationError when somebody has."""
    _may_set(by, measure.region)
    _record("assistance.withdraw_measure", measure, by)
    deleted, _kinds = DistrictMeasure.objects.filter(pk=measure.pk, confirmed_by=None).delete()
    if not deleted:
        raise ValidationError("这项措施已经复核生效或撤回，不能再撤。")


def _entered_by(measure: DistrictMeasure) -> set[int]:
    """All accounts of who entered it, and of those in whose name he did."""
    return measure.entered_by.capacities(measure.region, timezone.localdate(measure.entered_at))


def _may_set(by: User, region: Region) -> None:
    posting = by.posting_over(region, *SETTERS)
    if posting is None or region.level not in DISTRICT_LEVELS:
        raise PermissionDenied("只有本区（市）的业务员可以加措施。")


def _record(action: str, measure: DistrictMeasure, by: User) -> None:
    audit.record(action=action, actor=by, target=measure, region=measure.region, measure=measure.name)
