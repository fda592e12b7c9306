"""Read one workbook from standard input and print its rows as JSON lines; started by limited_child, in a process of its own.

Arguments: the greatest row number to read, the greatest column, in how many rows to look for the header, and the
header texts one of which tells the sheet that is meant. The first line printed is ``{"sheet": …}``; then
``[row, cells]`` for each row that is not empty; last ``{"end": rows}`` or ``{"error": kind}``. A text cell is a string,
an empty one null; any other is a pair of its kind and its text: ``n`` number, ``d`` date, ``b`` yes or no,
``f`` formula, ``e`` error.
"""

import io
import json
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from typing import Any

LONGEST_TEXT = 2000
# A long text shared by many cells is small in the file and enormous outside; 50,000 full rows have a third of this.
MOST_CHARACTERS = 40_000_000


def main(max_row: int, max_column: int, depth: int, markers: list[str]) -> None:
    """Find the sheet and print it."""
    from openpyxl import load_workbook  # noqa: PLC0415  only after the limits are set

    book = load_workbook(
        io.BytesIO(sys.stdin.buffer.read()), read_only=True, data_only=False, keep_links=False, keep_vba=False
    )
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if not sheets:
        say({"error": "no_sheet"})
        return
    for sheet in sheets:
        sheet.reset_dimensions()  # what the file says of its size may be wrong
    sheet = next((one for one in sheets if is_marked(one, depth, max_column, markers)), sheets[0])
    say({"sheet": sheet.title[:60]})
    count = characters = 0
    # Without an upper bound of its own, so that rows beyond the limit are noticed and not lost in silence.
    for number, row in enumerate(sheet.iter_rows(max_col=max_column), start=1):
        if number > max_row:
            say({"error": "too_many_rows"})
            return
        cells = [printed(cell) for cell in row]
        if any(cell is not None for cell in cells):
            while cells[-1] is None:
                cells.pop()
            characters += sum(len(cell if isinstance(cell, str) else cell[1]) for cell in cells if cell)
            if characters > MOST_CHARACTERS:
                say({"error": "too_big"})
                return
            say([number, cells])
            count += 1
    say({"end": count})


def is_marked(sheet: Any, depth: int, max_column: int, markers: list[str]) -> bool:
    """Whether one of the first rows has a header that begins with one of the marker texts."""
    for row in sheet.iter_rows(max_row=depth, max_col=max_column):
        for cell in row:
            if isinstance(cell.value, str):
                text = "".join(unicodedata.normalize("NFKC", cell.value).split())
                if text.startswith(tuple(markers)):
                    return True
    return False


def printed(cell: Any) -> Any:
    """The cell with its kind: an identity number that was typed as a number must be known as a number."""
    value, kind = cell.value, cell.data_type
    if value is None or value == "":
        return None
    if kind == "f":
        return ["f", ""]
    if kind == "e":
        return ["e", ""]
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool):
        return ["b", "是" if value else "否"]
    if isinstance(value, int | float):
        return ["n", repr(value)]
    if hasattr(value, "isoformat"):
        return ["d", value.isoformat()]
    return ["e", ""]


def say(line: Any) -> None:
    """One JSON line."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def arguments() -> Iterator[Any]:
    """The arguments, the numbers as numbers."""
    yield from (int(text) for text in sys.argv[1:4])
    yield sys.argv[4:]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        main(*arguments())
    except MemoryError:
        say({"error": "too_big"})
    # A hostile or damaged file raises errors of many kinds: they end this process with 1, which the parent understands.
