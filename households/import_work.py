"""What a worker does for an import batch: read it, write it once confirmed, take it back; killed anywhere, it goes on."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Min

from accounts import audit
from accounts.jobs import JobState
from accounts.roles import OFFICE_ROLES
from households import signals
from households.hand_ledger_plan import apply_ledger_households, preview_ledger
from households.import_preview import Preview, preview_roster
from households.models import BatchKind, ImportBatch, ImportRow, RowStatus
from households.models.imports import BatchPhase
from households.roster_apply import RegisterMoved, apply_households, undo_households
from households.villages import Villages
from households.workbook_reader import WorkbookRefused

HOUSEHOLDS_AT_ONCE = 50
TRIES = 5
SIGNALLED = "signalled"
Chunk = Callable[[list[str]], Counter[str]]
TO_WRITE = (RowStatus.NEW, RowStatus.CHANGED)


def work(batch: ImportBatch) -> None:
    """Do what the batch waits for; the caller has claimed it. Raises LeaseLost when somebody else took it over."""
    person = batch.requested_by
    if person is not None and not person.posting_over(batch.region, *OFFICE_ROLES):
        batch.fail("发起人已不负责这个区域，请由现在负责的人重新导入。")
        return
    {BatchPhase.PARSING: parse, BatchPhase.APPLYING: apply, BatchPhase.UNDOING: undo}[BatchPhase(batch.phase)](batch)


def preview(content: bytes, batch: ImportBatch) -> Preview:
    """The preview of a roster or a ledger; raises WorkbookRefused."""
    kinds = {BatchKind.ROSTER: preview_roster, BatchKind.LEDGER: preview_ledger}
    return kinds[BatchKind(batch.kind)](content, batch.region, lambda count: batch.checkpoint(done_count=count))


def parse(batch: ImportBatch) -> None:
    """Read the stored file into rows with their conclusions, then wait for somebody to confirm."""
    with transaction.atomic():
        batch.rows.all().delete()  # of a worker that died half-way
        batch.checkpoint(done_count=0)
    try:
        with default_storage.open(batch.stored_name) as file:
            seen = preview(file.read(), batch)
    except FileNotFoundError:
        _reject(batch, "上传的文件已不在，请重新上传。")
        return
    except WorkbookRefused as refused:
        _reject(batch, str(refused))
        return
    batch.checkpoint(total_count=seen.total, done_count=0)
    _keep_rows(batch, seen)
    with transaction.atomic():
        counts = {**seen.counts.as_json(), "layout": seen.layout}
        _record(batch, "import.preview", **seen.counts.as_json())
        batch.checkpoint(
            state=JobState.DRAFT,
            phase=BatchPhase.PREVIEW,
            token=None,
            attempts=0,
            counts=counts,
            data_date=seen.data_date,
        )
        _forget_file_on_commit(batch)


def _keep_rows(batch: ImportBatch, seen: Preview) -> None:
    """Keep the rows with their conclusions, some in each transaction."""
    stored = 0
    for chunk in seen.chunks:
        with transaction.atomic():
            ImportRow.objects.bulk_create(
                (
                    ImportRow(
                        batch=batch,
                        row_no=one.row_no,
                        household_key=one.household_key,
                        status=one.status,
                        reasons=one.reasons,
                        payload=json.dumps(one.payload, ensure_ascii=False),
                    )
                    for one in chunk
                ),
                batch_size=500,
            )
            stored += len(chunk)
            batch.checkpoint(done_count=stored)


def apply(batch: ImportBatch) -> None:
    """Write the confirmed households, fifty in each transaction, in the order of the file."""
    if batch.kind == BatchKind.ROSTER:
        write = partial(apply_households, batch, villages=Villages.of(batch.region))
    else:
        write = partial(apply_ledger_households, batch)
    _run_in_chunks(batch, "written", write, int(batch.cursor or 0), status__in=TO_WRITE, applied_at=None)
    with transaction.atomic():
        _record(batch, "import.apply", **batch.counts.get("written", {}))
        batch.finish(phase=BatchPhase.APPLIED)


def undo(batch: ImportBatch) -> None:
    """Tell the apps above first, then take back the register's part."""
    if not batch.cursor:
        with transaction.atomic():
            signals.batch_undone.send(sender=ImportBatch, batch=batch, user=batch.requested_by)
            if batch.kind == BatchKind.LEDGER:
                batch.rows.exclude(applied_at=None).update(applied_at=None)
            batch.checkpoint(cursor=SIGNALLED)
    after = 0 if batch.cursor == SIGNALLED else int(batch.cursor)
    _run_in_chunks(batch, "undone", partial(undo_households, batch), after, applied_at__isnull=False)
    with transaction.atomic():
        _record(batch, "import.undo", **batch.counts.get("undone", {}))
        batch.finish(phase=BatchPhase.UNDONE)


def _run_in_chunks(batch: ImportBatch, tally: str, work_on: Chunk, after: int, **conditions: Any) -> None:
    """Do the work for households by fifties, each chunk with its progress and its tally in one transaction."""

    def once(keys: list[str], last_row: int) -> None:
        total = Counter(batch.counts.get(tally, {})) + work_on(keys)
        batch.checkpoint(
            cursor=str(last_row), done_count=batch.done_count + len(keys), counts={**batch.counts, tally: dict(total)}
        )

    for keys, last_row in _households(batch, after, **conditions):
        _in_one_transaction(partial(once, keys, last_row))


def _households(batch: ImportBatch, after: int, **conditions: Any) -> Iterator[tuple[list[str], int]]:
    """户编号 by fifties with the first row of the last, in the order of the file, beginning after a row."""
    rows = batch.rows.filter(**conditions).order_by().values_list("household_key")
    found = list(rows.annotate(first=Min("row_no")).filter(first__gt=after).order_by("first"))
    for start in range(0, len(found), HOUSEHOLDS_AT_ONCE):
        chunk = found[start : start + HOUSEHOLDS_AT_ONCE]
        yield [key for key, _first in chunk], chunk[-1][1]


def _in_one_transaction(write_chunk: Callable[[], None]) -> None:
    """Run a chunk; when somebody changed the register at the same moment, roll back and do it again."""
    for _attempt in range(TRIES - 1):
        try:
            with transaction.atomic():
                return write_chunk()
        except (RegisterMoved, IntegrityError):
            continue
    with transaction.atomic():
        return write_chunk()


def _reject(batch: ImportBatch, sentence: str) -> None:
    with transaction.atomic():
        _record(batch, "import.reject")
        batch.checkpoint(phase=BatchPhase.REJECTED)
        batch.fail(sentence)
        _forget_file_on_commit(batch)


def _forget_file_on_commit(batch: ImportBatch) -> None:
    """The uploaded file is full of personal data: it goes as soon as its rows are kept, encrypted."""
    transaction.on_commit(lambda: default_storage.delete(batch.stored_name))


def _record(batch: ImportBatch, action: str, **counts: Any) -> None:
    audit.record(action=action, actor=batch.requested_by, target=batch, region=batch.region, **counts)
