"""Take a department's list in, confirm it, discard it, take it back: what people order; list_work does it."""

import datetime
import hashlib
import uuid
from pathlib import Path, PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend
from accounts.jobs import JobState
from accounts.models import Region, User
from accounts.roles import Role
from assistance.catalogue import Kind
from assistance.lead_units import check_leads, desks
from assistance.measures import measure_of
from assistance.models import Delivery, DepartmentList, Every, ListPhase
from assistance.models.lists import DepartmentListQuerySet
from households.roster_cells import CONTROL
from households.workbook_reader import check_container

FOLDER = "lists"
UPLOAD_AGE = datetime.timedelta(hours=1)
EARLIEST_YEAR = 2015
WAITING = Q(phase=ListPhase.PREVIEW, state=JobState.DRAFT)
# Work that was given up half-way can be taken up again, or taken back.
HALF_WRITTEN = Q(phase=ListPhase.APPLYING, state=JobState.FAILED)
APPLIED = Q(phase=ListPhase.APPLIED, state=JobState.DONE)
HALF_UNDONE = Q(phase=ListPhase.UNDOING, state=JobState.FAILED)
ORDERS = {ListPhase.APPLYING: "list.confirm", ListPhase.UNDOING: "list.undo_ordered"}
AFRESH = {"attempts": 0, "cursor": "", "done_count": 0, "message": "", "started_at": None, "finished_at": None}


def lists_for(user: User) -> DepartmentListQuerySet:
    """The lists that somebody may see: those of his department in his region, all of them at the district office."""
    found = Q(pk__in=[])
    for desk in desks(user):
        start, end = desk.region.path_range
        there = Q(region__path__gte=start, region__path__lt=end)
        found |= there & Q(department=desk.unit) if desk.unit else there
    return DepartmentList.objects.visible_to(user, Role.DEPARTMENT_CLERK, Role.DISTRICT_OFFICER).filter(found)


def open_list(
    *,
    content: bytes,
    file_name: str,
    region: Region,
    measure: str,
    month: datetime.date,
    by: User,
    idempotency_key: str,
    every: str = "",
    fund: str = "",
    ends_missing: bool = False,
    ring: bool = True,
) -> DepartmentList:
    """Keep the workbook under a name of ours and queue its reading; a form sent twice gives the same list.

    Raises WorkbookRefused for what is no plain .xlsx, ValidationError for a measure that the person's unit does not lead
    there, for a month to come, and for what is given once but said to come every month; where ``every`` is not said, the
    measure's kind says it. For ``ring`` see households.imports.open_batch.
    """
    if earlier := made(idempotency_key, by, DepartmentList.objects.all()):
        return earlier
    chosen = measure_of(measure, region)
    desk = check_leads(by, region, chosen)
    first = month.replace(day=1)
    if first > timezone.localdate() or first.year < EARLIEST_YEAR:
        raise ValidationError({"month": "月份不对：名单是已经过去的月份或者本月的。"})
    every = every or (Every.MONTH if chosen.kind == Kind.RUNNING else Every.ONCE)
    if chosen.kind != Kind.RUNNING and every != Every.ONCE:
        raise ValidationError({"every": f"{chosen.name}是一次给付、一次办成的，金额只能选一次。"})
    if ends_missing and chosen.kind != Kind.RUNNING:
        raise ValidationError({"ends_missing": f"{chosen.name}不是按月享受的，没有停发。"})
    check_container(content)
    batch = DepartmentList(
        pk=uuid.uuid4(), region=region, department=desk.unit or chosen.lead, measure=measure, month=first, every=every,
        fund=fund, ends_missing=ends_missing, requested_by=by, file_name=CONTROL.sub("", PurePath(file_name).name)[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    batch.stored_name = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.xlsx", ContentFile(content))
    with transaction.atomic():
        if not spend(idempotency_key, by, str(batch.pk)):
            default_storage.delete(batch.stored_name)
            return made(idempotency_key, by, DepartmentList.objects.all()) or batch
        batch.save(force_insert=True)
        audit.record(
            action="list.upload",
            actor=by,
            target=batch,
            region=region,
            measure=chosen.name,
            month=f"{first:%Y-%m}",
            bytes=len(content),
        )
        if ring:
            batch.ring_on_commit()
    return batch


def same_file(batch: DepartmentList) -> DepartmentList | None:
    """The list that the same file was uploaded as before, for the same measure and month, where it still counts."""
    same = DepartmentList.objects.filter(
        sha256=batch.sha256,
        measure=batch.measure,
        month=batch.month,
        region=batch.region,
        created_at__lt=batch.created_at,
    )
    gone = Q(phase__in=(ListPhase.UNDONE, ListPhase.REJECTED)) | Q(state=JobState.CANCELLED)
    return same.exclude(gone).select_related("requested_by").order_by("created_at").first()


def confirm_list(*, batch: DepartmentList, by: User, ring: bool = True) -> bool:
    """Queue the writing; False when somebody (a second click) was first.

    Raises ValidationError when nothing is to write, and while another list over the same deliveries is being written or
    taken back: what this one would remember of them are values of which nobody knows yet whether they stay.
    """
    check_leads(by, batch.region, measure_of(batch.measure, batch.region))
    if not batch.counts.get("writes"):
        raise ValidationError("没有可以写入的：要么没有变化，要么没有通过。", code="nothing")
    with transaction.atomic():
        others = _held_neighbours(batch)
        if busy := others.filter(phase__in=(ListPhase.APPLYING, ListPhase.UNDOING)).first():
            raise ValidationError(
                f"{busy.month:%Y 年 %-m 月}的名单{busy.get_phase_display()}，还没有办完，请等那一份办完再确认这一份。"
            )
        return _order(batch, WAITING | HALF_WRITTEN, ListPhase.APPLYING, by, ring)


def undo_list(*, batch: DepartmentList, by: User, ring: bool = True) -> bool:
    """Queue the undoing; False when somebody was first. Raises ValidationError where a later list rests on this one."""
    check_leads(by, batch.region, measure_of(batch.measure, batch.region))
    with transaction.atomic():
        _held_neighbours(batch)
        if later := rests_on(batch):
            raise ValidationError(f"{later.month:%Y 年 %-m 月}的名单是在这份之后写入的，请先撤销那一份，再撤销这一份。")
        return _order(batch, APPLIED | HALF_WRITTEN | HALF_UNDONE, ListPhase.UNDOING, by, ring)


def rests_on(batch: DepartmentList) -> DepartmentList | None:
    """The last list that was written after this one over the same deliveries; what it remembers are this one's values."""
    if batch.confirmed_at is None:
        return None
    written = _neighbours(batch).filter(phase__in=(ListPhase.APPLYING, ListPhase.APPLIED, ListPhase.UNDOING))
    return written.filter(confirmed_at__gt=batch.confirmed_at).order_by("-confirmed_at").first()


def _neighbours(batch: DepartmentList) -> QuerySet[DepartmentList]:
    """The other lists that may speak of the same deliveries: of the measure, in the region, under it or over it."""
    start, end = batch.region.path_range
    near = Q(region__path__gte=start, region__path__lt=end) | Q(region__path__in=batch.region.ancestor_paths)
    same = DepartmentList.objects.filter(near, measure=batch.measure).exclude(pk=batch.pk)
    return same.exclude(state=JobState.CANCELLED)


def _held_neighbours(batch: DepartmentList) -> QuerySet[DepartmentList]:
    """The same, locked with the list itself: of two orders at the same moment the second sees what the first has done."""
    keys = [batch.pk, *_neighbours(batch).values_list("pk", flat=True)]
    list(DepartmentList.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
    return _neighbours(batch)


def discard_list(*, batch: DepartmentList, by: User) -> bool:
    """Throw away a preview with its lines; nothing was written of it. False when it is no longer a preview."""
    with transaction.atomic():
        dropped = DepartmentList.objects.filter(WAITING, pk=batch.pk).update(state=JobState.CANCELLED, counts={})
        if dropped:
            batch.rows.all().delete()
            audit.record(action="list.discard", actor=by, target=batch, region=batch.region)
    batch.refresh_from_db()
    return bool(dropped)


def forget_uploads(now: datetime.datetime) -> int:
    """Delete uploaded workbooks that nobody will read any more; returns how many. A young file may be about to be saved."""
    unread = DepartmentList.objects.filter(phase=ListPhase.PARSING, state__in=(JobState.QUEUED, JobState.RUNNING))
    wanted = set(unread.values_list("stored_name", flat=True))
    gone = 0
    for path in (Path(settings.MEDIA_ROOT) / FOLDER).glob("*"):
        if f"{FOLDER}/{path.name}" not in wanted and path.stat().st_mtime < (now - UPLOAD_AGE).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def confirmed_by(deliveries: list[Delivery]) -> dict[int, DepartmentList]:
    """The lists that confirm these deliveries, by the key of the line."""
    rows = [delivery.list_row_id for delivery in deliveries if delivery.list_row_id]
    found = DepartmentList.objects.filter(rows__in=rows).values_list("rows", "pk") if rows else []
    lists = DepartmentList.objects.in_bulk({pk for _row, pk in found})
    return {row: lists[pk] for row, pk in found}


def _order(batch: DepartmentList, allowed: Q, phase: ListPhase, by: User, ring: bool) -> bool:
    """Queue the list for its next phase; the phase it must be in is part of the WHERE clause."""
    with transaction.atomic():
        more = {"confirmed_at": timezone.now()} if phase == ListPhase.APPLYING else {}
        taken = DepartmentList.objects.filter(allowed, pk=batch.pk).update(
            **AFRESH, **more, state=JobState.QUEUED, phase=phase, requested_by=by, total_count=batch.rows.count()
        )
        if taken:
            audit.record(action=ORDERS[phase], actor=by, target=batch, region=batch.region)
            if ring:
                batch.ring_on_commit()
    batch.refresh_from_db()
    return bool(taken)
