"""The ledger's file alone: a prefecture's 200,000 rows must take seconds, and no more memory than a village's."""

import io
import resource
from collections.abc import Callable, Iterator
from datetime import date

from assistance.catalogue import LedgerColumn
from benchmarks.timing import benchmark
from ledgers.layout import Heading
from ledgers.rows import LedgerRow
from ledgers.workbooks import write_ledger

FEW, MANY, CHUNK = 10_000, 200_000, 1_000
GROWTH_MB = 48  # what the allocator may hold back; the rows themselves would take ten times as much


class Nowhere(io.RawIOBase):
    """A file that keeps nothing, so that only the writer's own memory is seen."""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return len(data)


def invented(count: int) -> Iterator[list[LedgerRow]]:
    """Rows of three-person households, in chunks."""
    for begin in range(0, count, CHUNK):
        yield [invented_row(number) for number in range(begin, begin + CHUNK)]


def invented_row(number: int) -> LedgerRow:
    """One person's row."""
    return LedgerRow(
        county="云山高新区",
        town="青石镇",
        village=f"第{number // 60}村",
        head_name="王大海",
        relation="户主" if number % 3 == 0 else "之子",
        id_number=f"370499{number:012d}",
        persons=3,
        ticks=frozenset({LedgerColumn.MEDICAL, LedgerColumn.DIBAO}),
        main_risk="因病",
        helper_name="李敏",
        helper_unit="青石镇社会事务办公室",
        designated="2020年3月",
        starts_household=number % 3 == 0,
    )


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(count: int) -> None:
    """One workbook with so many rows in its first part."""
    heading = Heading("台账", "青石镇", "379903002000", date(2020, 6, 30), "示例")
    counts = write_ledger(
        Nowhere(), heading=heading, part_one=invented(count), part_two=(), full_ids=True, after_chunk=lambda _: None
    )
    assert counts.rows == count


@benchmark("ledger, one row of 200,000, memory flat", limit=0.0005)
def many_rows() -> tuple[Callable[[], object], int]:
    write(FEW)
    before = peak_mb()

    def action() -> None:
        write(MANY)
        assert peak_mb() - before < GROWTH_MB, f"memory grew by {peak_mb() - before:.0f} MB"

    return action, MANY
