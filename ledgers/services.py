"""Ask for a ledger, make its file, fetch it, and let it expire; scope is checked each time for the person who asked."""

import datetime
import hashlib
import os
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.duty import duty_of
from accounts.idempotency import made, spend
from accounts.jobs import JobState, LeaseLost
from accounts.models import Region, User
from ledgers import columns
from ledgers.layout import Heading
from ledgers.models import EXPORT_ROLES, FULL_ID_ROLES, Export, ExportKind
from ledgers.national_entry import waiting, write_worklist
from ledgers.rows import chunks, household_count
from ledgers.workbooks import Counts, write_ledger
from monitoring.policy.values import policy_in_force

KEPT_DAYS = 7
SAME_REQUEST = datetime.timedelta(minutes=1)
ORPHAN_AGE = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Made:
    """What is known of a finished file."""

    counts: Counts
    sha256: str
    size: int


def may_export(user: User, region: Region, *, full_ids: bool) -> bool:
    """Whether one of the person's postings over the region lets him take this ledger out."""
    return user.posting_over(region, *(FULL_ID_ROLES if full_ids else EXPORT_ROLES)) is not None


@transaction.atomic
def request_export(
    *,
    by: User,
    region: Region,
    on: datetime.date,
    row_mode: str,
    full_ids: bool,
    purpose: str,
    idempotency_key: str,
    kind: str = ExportKind.LEDGER,
) -> Export:
    """Queue a ledger, or give back the same request of the last minute.

    Raises PermissionDenied outside the person's scope, ValidationError for a date or a purpose that will not do.
    """
    if not may_export(by, region, full_ids=full_ids):
        raise PermissionDenied("您的岗位不能导出这个范围的台账。")
    purpose = purpose.strip() if full_ids else ""
    if full_ids and not purpose:
        raise ValidationError({"purpose": "含完整证件号的要写明用途：给谁、做什么用。"})
    policy_title(region, on)
    wanted = {"requested_by": by, "kind": kind, "region": region, "on": on, "row_mode": row_mode, "full_ids": full_ids}
    # One request of a person at a time: the second of two clicks waits here and then finds the first.
    User.objects.select_for_update().get(pk=by.pk)
    if existing := _same_request(by, idempotency_key, {**wanted, "purpose": purpose}):
        return existing
    key = uuid.uuid4()
    if not spend(idempotency_key, by, str(key)) and (first := made(idempotency_key, by, Export.objects.all())):
        return first
    export = Export.objects.create(pk=key, purpose=purpose, file_name=file_name(region, on, kind), **wanted)
    audit.record(
        action="ledger.request", actor=by, target=export, region=region, on=on, full_ids=full_ids, purpose=purpose,
        what=ExportKind(kind).label,
    )  # fmt: skip
    export.ring_on_commit()
    return export


def _same_request(by: User, idempotency_key: str, wanted: dict) -> Export | None:
    if first := made(idempotency_key, by, Export.objects.all()):
        return first
    alive = Export.objects.exclude(state__in=(JobState.FAILED, JobState.CANCELLED))
    return alive.filter(created_at__gte=timezone.now() - SAME_REQUEST, **wanted).first()


def policy_title(region: Region, on: datetime.date) -> str:
    """The policy in force on the ledger's day; raises ValidationError for a day that has none, or has not come."""
    if on > timezone.localdate():
        raise ValidationError({"on": "台账日期不能晚于今天。"})
    return policy_in_force(region, on).ruleset.title


def file_name(region: Region, on: datetime.date, kind: str = ExportKind.LEDGER) -> str:
    """薛城区_即时帮扶台账_2020-06-30.xlsx, as the person who fetches the file sees it."""
    return f"{region.paper_name()}_{ExportKind(kind).label}_{on.isoformat()}.xlsx"


def make_ledger(
    path: Path,
    *,
    region: Region,
    on: datetime.date,
    row_mode: str,
    full_ids: bool,
    after_chunk: Callable[[Counts], None],
) -> Made:
    """Write the ledger to ``path``: the file is there whole or not at all. Raises OSError where it cannot be."""
    heading = Heading(
        columns.title(region), region.office_name, region.code, on, policy_title(region, on), duty_of(region).words
    )
    read = partial(chunks, region, on, row_mode)
    return _keep(
        path,
        lambda file: write_ledger(
            file,
            heading=heading,
            part_one=read(columns.Part.EDGE),
            part_two=read(columns.Part.RELAPSE),
            full_ids=full_ids,
            after_chunk=after_chunk,
        ),
    )


def make_worklist(path: Path, *, region: Region, full_ids: bool, after_chunk: Callable[[Counts], None]) -> Made:
    """Write the worklist of the national system to ``path``, whole or not at all. Raises OSError where it cannot be."""
    return _keep(path, lambda file: write_worklist(file, region=region, full_ids=full_ids, after_chunk=after_chunk))


def _keep(path: Path, write: Callable[[IO[bytes]], Counts]) -> Made:
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        with unfinished.open("wb") as file:
            counts = write(file)
            file.flush()
            os.fsync(file.fileno())
        with unfinished.open("rb") as file:
            made = Made(counts, hashlib.file_digest(file, "sha256").hexdigest(), unfinished.stat().st_size)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return made


def produce(export: Export) -> None:
    """Make the file of a claimed export. Killed in the middle, it is begun anew; the row alone says which file counts.

    Raises LeaseLost when the export was cancelled or another worker took it over; nothing is left behind then.
    """
    asker = export.requested_by
    if asker is None or not may_export(asker, export.region, full_ids=export.full_ids):
        export.fail("发起人现在的岗位不能导出这个范围，没有生成。")
        return
    path = _fresh_path(export)
    try:
        made = _make(export, path)
        _finish(export, path, made)
    except LeaseLost:
        path.unlink(missing_ok=True)
        raise
    except ValidationError as fault:
        export.fail(" ".join(fault.messages))


def _make(export: Export, path: Path) -> Made:
    """The file of the export's kind, with its progress."""
    region, full_ids = export.region, export.full_ids

    def note(counts: Counts) -> None:
        export.checkpoint(done_count=counts.households)

    if export.kind == ExportKind.NATIONAL:
        export.checkpoint(total_count=waiting(export.region).count(), done_count=0)
        return make_worklist(path, region=region, full_ids=full_ids, after_chunk=note)
    export.checkpoint(total_count=household_count(export.region, export.on), done_count=0)
    return make_ledger(path, on=export.on, region=region, full_ids=full_ids, row_mode=export.row_mode, after_chunk=note)


def _fresh_path(export: Export) -> Path:
    """A name for this attempt's file; what killed attempts left is cleared away."""
    folder = exports_folder()
    for left in (*folder.glob(f".{export.pk.hex}-*"), *folder.glob(f"{export.pk.hex}-*")):
        left.unlink(missing_ok=True)
    return folder / f"{export.pk.hex}-{secrets.token_hex(8)}.xlsx"


@transaction.atomic
def _finish(export: Export, path: Path, made: Made) -> None:
    now = timezone.now()
    export.finish(
        stored_name=path.name,
        sha256=made.sha256,
        size=made.size,
        household_count=made.counts.households,
        row_count=made.counts.rows,
        done_count=export.total_count,
        ruleset=policy_title(export.region, export.on)[:60],
        expires_at=now + datetime.timedelta(days=KEPT_DAYS),
    )
    audit.record(
        action="ledger.make",
        actor=export.requested_by,
        target=export,
        region=export.region,
        households=made.counts.households,
        rows=made.counts.rows,
        full_ids=export.full_ids,
        sha256=made.sha256,
    )


@transaction.atomic
def cancel_export(*, export: Export, by: User) -> None:
    """Stop an export that is not over; raises ValidationError when it is."""
    if not export.cancel():
        raise ValidationError("这份台账已经办完，不用取消。")
    audit.record(action="ledger.cancel", actor=by, target=export, region=export.region)


@transaction.atomic
def fetch(*, export: Export, by: User) -> Path:
    """Hand out the file once more, and trace it; raises PermissionDenied or ValidationError with the reason."""
    if export.requested_by_id != by.pk or not may_export(by, export.region, full_ids=export.full_ids):
        raise PermissionDenied("您现在的岗位不能下载这份台账。")
    now = timezone.now()
    if export.state != JobState.DONE:
        raise ValidationError("这份台账还没有生成好。")
    if not export.stored_name or export.expires_at is None or export.expires_at <= now or not export.path.exists():
        raise ValidationError("这份台账已过期，请重新生成。")
    Export.objects.filter(pk=export.pk).update(fetched_at=now)
    audit.record(
        action="ledger.fetch",
        actor=by,
        target=export,
        region=export.region,
        full_ids=export.full_ids,
        purpose=export.purpose,
    )
    return export.path


def expire_exports(now: datetime.datetime) -> int:
    """Delete the files whose days are over, and what killed workers left; returns how many files went."""
    gone = 0
    for export in Export.objects.filter(expires_at__lte=now).exclude(stored_name=""):
        export.path.unlink(missing_ok=True)
        Export.objects.filter(pk=export.pk).update(stored_name="")
        gone += 1
    named = set(Export.objects.exclude(stored_name="").values_list("stored_name", flat=True))
    for path in exports_folder().iterdir():
        if path.name not in named and path.stat().st_mtime < (now - ORPHAN_AGE).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def exports_folder() -> Path:
    """Where the files lie; nobody but this program reads it."""
    folder = Path(settings.MEDIA_ROOT) / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
