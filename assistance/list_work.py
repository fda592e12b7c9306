"""What a worker does for a department's list: read it, write it once confirmed, take it back; killed anywhere, it goes on."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max

from accounts import audit
from accounts.jobs import JobState
from assistance import list_writing
from assistance.catalogue import CatalogueMeasure
from assistance.exclusions import exclude_each_other
from assistance.lead_units import desk_over
from assistance.list_cells import HEADER_DEPTH, MARKERS, Line, LineReader, find_layout
from assistance.list_matching import ListMatcher
from assistance.list_sql import LINES, insert_many
from assistance.list_writing import DeliveriesMoved
from assistance.measures import Known, measure_of
from assistance.models import Delivery, DepartmentList, DepartmentListRow, LineStatus, ListPhase
from households.models import Member
from households.workbook_reader import WorkbookRefused, open_sheet

LINES_AT_ONCE = 2_000
MAX_LINES = 100_000
TRIES = 5
KEPT = ("batch_id", "row_no", "id_digest", "status", "reason", "begun_on", "runs_until", "amount", "payload")
PAYLOAD = DepartmentListRow._meta.get_field("payload")
WRONG_NAME = "姓名和名册里的对不上，请核对姓名和证件号码"
Counts = dict[str, int]


def work(batch: DepartmentList) -> None:
    """Do what the list waits for; the caller has claimed it. Raises LeaseLost when somebody else took it over."""
    measure = measure_of(batch.measure, batch.region)
    if batch.requested_by is None or desk_over(batch.requested_by, batch.region, measure.lead) is None:
        batch.fail("发起人已不办理这项措施，请由现在经办的人重新上传。")
        return
    {ListPhase.PARSING: parse, ListPhase.APPLYING: apply, ListPhase.UNDOING: undo}[ListPhase(batch.phase)](batch)


def matcher_of(batch: DepartmentList) -> ListMatcher:
    """The statements for a list."""
    measure = measure_of(batch.measure, batch.region)
    known = Known([batch.region], batch.month).at(batch.region).values()
    return ListMatcher(batch, measure, [other for other in known if exclude_each_other(measure, other)])


def parse(batch: DepartmentList) -> None:
    """Read the stored file into lines with their answers, then wait for somebody to confirm."""
    with transaction.atomic():
        batch.rows.all().delete()  # of a worker that died half-way
        batch.checkpoint(done_count=0)
    try:
        with default_storage.open(batch.stored_name) as file:
            kept = _keep_lines(batch, file.read())
    except FileNotFoundError:
        _reject(batch, "上传的文件已不在，请重新上传。")
        return
    except WorkbookRefused as refused:
        _reject(batch, str(refused))
        return
    if not kept:
        _reject(batch, "表头下面没有数据，请填好后再上传。")
        return
    batch.checkpoint(done_count=kept, total_count=kept)
    with transaction.atomic():
        counts = preview(batch)
        _record(batch, "list.preview", **counts["lines"])
        batch.checkpoint(
            state=JobState.DRAFT, phase=ListPhase.PREVIEW, token=None, attempts=0, counts=counts, total_count=kept
        )
        # The uploaded file is full of personal data: it goes as soon as its lines are kept, encrypted.
        transaction.on_commit(lambda: default_storage.delete(batch.stored_name))


def preview(batch: DepartmentList) -> dict[str, Any]:
    """Answer every kept line inside the caller's transaction; what the page counts."""
    matcher = matcher_of(batch)
    matcher.look_around()
    matcher.mark_doubles()
    unreadable = batch.rows.filter(id_digest="").count()
    # Whose number cannot be read may be anybody: before that is mended nobody is said to be missing.
    if batch.ends_missing and not unreadable:
        matcher.add_missing()
    matcher.match(0, _last(batch))
    writes = matcher.tally()["writes"]
    matcher.answer()
    matcher.forget()
    return {
        "lines": _by_status(batch),
        "writes": writes,
        "unreadable": unreadable,
        "unconfirmed": matcher.count_unconfirmed() if matcher.measure.kind == "running" else 0,
    }


def _keep_lines(batch: DepartmentList, content: bytes) -> int:
    """Read the workbook and keep its lines, encrypted, some in each transaction; how many there are."""
    measure, kept = measure_of(batch.measure, batch.region), 0
    for lines in _in_chunks(_lines(batch, measure, content)):
        _compare_names(batch, lines)
        with transaction.atomic():
            insert_many(LINES, KEPT, (_row(batch, line) for line in lines))
            kept += len(lines)
            batch.checkpoint(done_count=kept)
    return kept


def _row(batch: DepartmentList, line: Line) -> tuple[Any, ...]:
    """What is kept of a line, in the order of KEPT; until it is matched nobody is known by it."""
    status = LineStatus.REFUSED if line.reason else LineStatus.UNKNOWN
    sealed = PAYLOAD.get_prep_value(line.payload)
    return batch.pk, line.row_no, line.digest, status, line.reason, line.day, line.until, line.amount, sealed


def _lines(batch: DepartmentList, measure: CatalogueMeasure, content: bytes) -> Iterator[Line]:
    with open_sheet(content, header_depth=HEADER_DEPTH, markers=MARKERS, max_rows=MAX_LINES) as sheet:
        first = []
        for one in sheet.rows:
            first.append(one)
            if one[0] >= HEADER_DEPTH:
                break
        reader = LineReader(measure, batch.month, batch.every, find_layout(first))
        for row_no, cells in chain(first, sheet.rows):
            if row_no > reader.layout.header_row and not reader.layout.is_blank(cells):
                yield reader.read(row_no, cells)


def _in_chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, LINES_AT_ONCE)):
        yield chunk


def _compare_names(batch: DepartmentList, lines: list[Line]) -> None:
    """Refuse lines whose number is somebody else's: a slip in a number is not to hit a neighbour."""
    wanted = [line.digest for line in lines if line.digest and not line.reason]
    here = Member.objects.present().in_regions([batch.region]).filter(id_digest__in=wanted)
    names = dict(here.values_list("id_digest", "name"))
    for line in lines:
        known = names.get(line.digest)
        if known and not line.reason and _bare(known) != _bare(line.name):
            line.reason = WRONG_NAME


def _bare(name: str) -> str:
    """A name without what people type in different ways: spaces and the dot of 阿依古丽·买买提."""
    return "".join(letter for letter in name if letter.isalnum())


def apply(batch: DepartmentList) -> None:
    """Write the confirmed lines in the order of the file, so many in each transaction."""
    matcher = matcher_of(batch)
    _in_ranges(batch, "written", lambda after, until: list_writing.write(matcher, after, until))
    with transaction.atomic():
        counts = {**batch.counts, "lines": _by_status(batch)}
        _record(batch, "list.apply", **counts.get("written", {}))
        batch.finish(phase=ListPhase.APPLIED, counts=counts)


def undo(batch: DepartmentList) -> None:
    """Take back what was written, so many lines in each transaction."""
    _in_ranges(batch, "undone", lambda after, until: list_writing.undo(batch, after, until))
    with transaction.atomic():
        # What went with a person to another household stays there, and is no longer locked.
        Delivery.objects.filter(list_row__batch=batch).update(list_row=None, version=F("version") + 1)
        _record(batch, "list.undo", **batch.counts.get("undone", {}))
        batch.finish(phase=ListPhase.UNDONE)


def _in_ranges(batch: DepartmentList, tally: str, work_on: Callable[[int, int], Counts]) -> None:
    """Do the work for ranges of lines, each with its progress and its tally in one transaction."""
    for until in _ends(batch):
        _in_one_transaction(batch, tally, int(batch.cursor or 0), until, work_on)


def _in_one_transaction(
    batch: DepartmentList, tally: str, after: int, until: int, work_on: Callable[[int, int], Counts]
) -> None:
    """Do one range; when somebody changed a delivery at the same moment, roll back and do it again."""
    for _attempt in range(TRIES - 1):
        try:
            with transaction.atomic():
                _one_range(batch, tally, after, until, work_on)
        except (DeliveriesMoved, IntegrityError):
            continue
        return
    with transaction.atomic():
        _one_range(batch, tally, after, until, work_on)


def _one_range(
    batch: DepartmentList, tally: str, after: int, until: int, work_on: Callable[[int, int], Counts]
) -> None:
    done, before = work_on(after, until), batch.counts.get(tally, {})
    total = {key: before.get(key, 0) + done.get(key, 0) for key in {*before, *done}}
    lines = batch.rows.filter(row_no__gt=after, row_no__lte=until).count()
    counts = {**batch.counts, tally: total}
    batch.checkpoint(cursor=str(until), done_count=batch.done_count + lines, counts=counts)


def _ends(batch: DepartmentList) -> list[int]:
    """The last line numbers of the ranges that are still to be done."""
    last, size = _last(batch), settings.LIST_PART_SIZE
    begun = int(batch.cursor or 0)
    return [min(begun + size * number, last) for number in range(1, -(-(last - begun) // size) + 1)]


def _last(batch: DepartmentList) -> int:
    return batch.rows.aggregate(last=Max("row_no"))["last"] or 0


def _by_status(batch: DepartmentList) -> Counts:
    return dict(batch.rows.order_by().values_list("status").annotate(Count("pk")))


def _reject(batch: DepartmentList, sentence: str) -> None:
    with transaction.atomic():
        _record(batch, "list.reject")
        batch.checkpoint(phase=ListPhase.REJECTED)
        batch.fail(sentence)
        transaction.on_commit(lambda: default_storage.delete(batch.stored_name))


def _record(batch: DepartmentList, action: str, **counts: Any) -> None:
    audit.record(action=action, actor=batch.requested_by, target=batch, region=batch.region, **counts)
