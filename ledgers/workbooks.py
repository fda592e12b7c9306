"""The form as a workbook, streamed: openpyxl lays out everything but the body, whose rows go straight into the file.

A cell of the body costs a few hundred nanoseconds and no memory. Text is written as text (inline strings), never
as a formula; what begins like one carries quotePrefix, so that it stays text when somebody edits the cell.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook

from accounts.templatetags.ui import masked_id
from ledgers.columns import COLUMNS
from ledgers.layout import BODY_HEIGHT, FIRST_BODY_ROW, NAME_PLACE, Heading, Layout, lay_out
from ledgers.rows import LedgerRow

SHEET_PATH = "xl/worksheets/sheet1.xml"
COUNTED = ("docProps/core.xml", "docProps/custom.xml")  # written last, when the counts are known
# Characters that XML 1.0 does not allow: one of them in one name would make the whole file unreadable.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
FORMULA_LIKE = ("=", "+", "-", "@")
PERSONS = 6  # place of column G
ID_NUMBER = 5  # place of column F
# Places of the columns with words of any length; the others are as wide as what stands in them.
WORDY = tuple(place for place, column in enumerate(COLUMNS) if column.letter in "ABCDERST")


@dataclass
class Counts:
    """What went into a ledger."""

    households: int = 0
    rows: int = 0


def write_ledger(
    target: IO[bytes],
    *,
    heading: Heading,
    part_one: Iterable[list[LedgerRow]],
    part_two: Iterable[list[LedgerRow]],
    full_ids: bool,
    after_chunk: Callable[[Counts], None],
) -> Counts:
    """Write the workbook and return what is in it; ``after_chunk`` is called after each chunk and may raise to stop."""
    counts = Counts()
    skeleton, layout = _skeleton(heading, Layout(0, 0))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name, content in skeleton.items():
            if name != SHEET_PATH and name not in COUNTED:
                package.writestr(name, content)
        with package.open(SHEET_PATH, "w", force_zip64=True) as sheet:
            body = Body(sheet, layout, full_ids=full_ids, counts=counts, after_chunk=after_chunk)
            sheet.write(_between(skeleton, None, layout.second_heading))
            rows_one = body.write(part_one, FIRST_BODY_ROW)
            skeleton, layout = _skeleton(heading, Layout(rows_one, 0))
            sheet.write(_between(skeleton, layout.second_heading, layout.notes))
            rows_two = body.write(part_two, layout.second_body)
            skeleton, layout = _skeleton(heading, Layout(rows_one, rows_two, counts.households))
            sheet.write(_between(skeleton, layout.notes, None))
        for name in COUNTED:
            package.writestr(name, skeleton[name])
    return counts


def _skeleton(heading: Heading, layout: Layout) -> tuple[dict[str, bytes], Layout]:
    """The parts of a workbook that has everything but the body's rows, with gaps where these belong."""
    book = Workbook()
    layout.styles = lay_out(book, heading, layout)
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        return {name: package.read(name) for name in package.namelist()}, layout


def _between(skeleton: dict[str, bytes], first: int | None, last: int | None) -> bytes:
    """The sheet from row ``first`` (its beginning) up to, without, row ``last`` (its end)."""
    xml = re.sub(rb"<dimension[^>]*/>", b"", skeleton[SHEET_PATH])  # the size is not known when the head is written
    begin = xml.index(b'<row r="%d"' % first) if first else 0
    end = xml.index(b'<row r="%d"' % last) if last else len(xml)
    return xml[begin:end]


class Body:
    """Writes rows of cells as XML, without building a sheet in memory."""

    def __init__(
        self,
        sheet: IO[bytes],
        layout: Layout,
        *,
        full_ids: bool,
        counts: Counts,
        after_chunk: Callable[[Counts], None],
    ) -> None:
        self.sheet, self.counts, self.after_chunk, self.full_ids = sheet, counts, after_chunk, full_ids
        # For each column: its letter with its style, plain and with quotePrefix.
        self.plain = [f'" s="{style}"' for style, _quoted in layout.styles]
        self.quoted = [f'" s="{quoted}"' for _style, quoted in layout.styles]
        self.coloured = {
            level: (f'" s="{style}"', f'" s="{quoted}"') for level, (style, quoted) in layout.coloured.items()
        }

    def write(self, chunks: Iterable[list[LedgerRow]], first_row: int) -> int:
        """Write all chunks from this row on; returns the rows written, or one empty row and 0 when there is none."""
        number = first_row
        for chunk in chunks:
            lines = []
            for row in chunk:
                lines.append(self._row(number, self._cells(row), row.level))
                number += 1
                self.counts.households += row.starts_household
            self.counts.rows += len(chunk)
            self.sheet.write("".join(lines).encode())
            self.after_chunk(self.counts)
        if number == first_row:
            self.sheet.write(self._row(number, [""] * len(COLUMNS)).encode())
        return number - first_row

    def _cells(self, row: LedgerRow) -> list[str | int]:
        cells = list(row.cells)
        if not self.full_ids and cells[ID_NUMBER]:
            cells[ID_NUMBER] = masked_id(str(cells[ID_NUMBER]))
        return cells

    def _row(self, number: int, cells: list[str | int], level: int | None = None) -> str:
        inside = "".join([self._cell(number, place, cell, level) for place, cell in enumerate(cells)])
        return f'<row r="{number}" ht="{_height(cells)}" customHeight="1">{inside}</row>'

    def _cell(self, number: int, place: int, cell: str | int, level: int | None) -> str:
        start = f'<c r="{COLUMNS[place].letter}{number}'
        if cell == "":
            return f"{start}{self.plain[place]}/>"
        if place == PERSONS:
            return f"{start}{self.plain[place]}><v>{int(cell)}</v></c>"
        text = readable(str(cell))
        plain, quoted = self.plain[place], self.quoted[place]
        if level and place == NAME_PLACE:
            plain, quoted = self.coloured[level]
        style = quoted if text.startswith(FORMULA_LIKE) else plain
        return f'{start}{style} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def readable(text: str) -> str:
    """The text without control characters; a line break or tab becomes a space."""
    return UNWRITABLE.sub("", text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\t", " "))


def _height(cells: list[str | int]) -> float:
    """Points of height: WPS and Excel fit wrapped rows only when somebody edits them."""
    lines = max(-(-_units(str(cells[place])) // int(COLUMNS[place].width - 1)) for place in WORDY)
    return BODY_HEIGHT + 13 * (max(1, min(lines, 8)) - 1)


def _units(text: str) -> int:
    """Width in characters as a spreadsheet counts: a Chinese one is two."""
    return sum(1 if character.isascii() else 2 for character in text)
