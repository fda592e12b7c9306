"""Open a workbook that somebody sent: look at its container here, read its cells in a limited child process."""

import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from households.limited_process import Limits, child_over, how_it_ended

CHILD = "workbook_child.py"
MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_PARTS = 400
MAX_UNPACKED = 80 * MEGABYTE
MAX_PART = 40 * MEGABYTE
MAX_RATIO = 120  # of a part above one megabyte
MAX_ROWS = 50_000
MAX_COLUMNS = 80
# About 100,000 cells a second: 50,000 rows of 32 columns take 20 seconds on a slow machine.
LIMITS = Limits(megabytes=700, cpu_seconds=90, seconds=300)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ACTIVE_PARTS = ("xl/vbaproject", "xl/macrosheets", "xl/activex", "xl/ctrlprops", "customui")
SAVE_AS = "请用 Excel 或 WPS“另存为”，类型选“Excel 工作簿（*.xlsx）”，再上传。"
SPLIT = "请按镇（街）或村分成几个文件，分别导入。"

# A text cell, an empty cell, or kind and text (see workbook_child).
Cell = str | None | list[str]


class WorkbookRefused(Exception):
    """The workbook as a whole cannot be taken; the sentence, in Chinese, says why and what to do."""


@dataclass
class Sheet:
    """The sheet that was meant; its rows are read while they are iterated, once."""

    title: str
    rows: Iterator[tuple[int, list[Cell]]] = field(repr=False)


def check_container(content: bytes) -> None:
    """Refuse what is no plain .xlsx, or what would unpack to too much, before any of it is parsed."""
    if len(content) > MAX_FILE:
        raise WorkbookRefused(f"文件超过 10 MB。{SPLIT}")
    if not content:
        raise WorkbookRefused("文件是空的，请重新选择。")
    if content.startswith(OLE):
        if ENCRYPTED in content:
            raise WorkbookRefused("工作簿设了打开密码。请在 Excel 里去掉密码（文件—信息—保护工作簿），保存后再上传。")
        raise WorkbookRefused(f"这是旧版 .xls 文件。{SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            _check_parts(container.infolist())
    except zipfile.BadZipFile as fault:
        raise WorkbookRefused(f"这不是 Excel 工作簿，或者文件已损坏。{SAVE_AS}") from fault
    except (ValueError, NotImplementedError, OSError) as fault:
        raise WorkbookRefused(f"文件已损坏，打不开。{SAVE_AS}") from fault


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower() for part in parts]
    if len(parts) > MAX_PARTS or len(set(names)) != len(names) or any(_leads_outside(name) for name in names):
        raise WorkbookRefused("工作簿的内部结构不正常。请新建一个工作簿，把内容复制过去，保存后再上传。")
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookRefused("文件加了密码。请去掉密码，保存后再上传。")
    if "xl/workbook.bin" in names:
        raise WorkbookRefused(f"这是 .xlsb 文件。{SAVE_AS}")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise WorkbookRefused(f"这不是 Excel 工作簿（.xlsx）。{SAVE_AS}")
    if any(name.startswith(ACTIVE_PARTS) for name in names):
        raise WorkbookRefused(f"工作簿带有宏或控件，为了安全不能导入。{SAVE_AS}")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise WorkbookRefused(
            "工作簿链接了别的文件。请全选后“选择性粘贴—数值”，或在“数据—编辑链接”里断开链接，保存后再上传。"
        )
    if any(name.startswith("xl/embeddings/") for name in names):
        raise WorkbookRefused("工作簿里嵌入了别的文件。请删掉嵌入的对象，保存后再上传。")
    if any(part.file_size > MAX_PART for part in parts) or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise WorkbookRefused(f"工作表太大（内容超过 40 MB，大约 2 万行）。如果下面有许多空行，请先删除；否则{SPLIT}")
    if any(part.file_size > MEGABYTE and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts):
        raise WorkbookRefused("工作簿的压缩比例不正常，不能打开。请新建一个工作簿，把内容复制过去，保存后再上传。")


def _leads_outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


@contextmanager
def open_sheet(
    content: bytes, *, header_depth: int, markers: tuple[str, ...], max_rows: int = MAX_ROWS
) -> Iterator[Sheet]:
    """The visible sheet whose first ``header_depth`` rows hold one of the marker texts, else the first one.

    Raises WorkbookRefused here or while the rows are iterated. The child process ends with the block.
    """
    check_container(content)
    arguments = (str(max_rows + header_depth), str(MAX_COLUMNS), str(header_depth), *markers)
    with child_over(content, CHILD, *arguments, limits=LIMITS) as child:
        lines = _lines(child)
        first = next(lines, None)
        if not isinstance(first, dict) or "sheet" not in first:
            raise _refusal(first or {"error": how_it_ended(child)}, max_rows)
        yield Sheet(title=first["sheet"], rows=_rows(child, lines, max_rows))


def _lines(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    assert child.stdout is not None
    for line in child.stdout:
        try:
            yield json.loads(line)
        except ValueError:
            return  # cut off by a limit in the middle of a line


def _rows(child: subprocess.Popen[bytes], lines: Iterator[Any], max_rows: int) -> Iterator[tuple[int, list[Cell]]]:
    for line in lines:
        if isinstance(line, list):
            yield line[0], line[1]
        elif "end" in line:
            return
        else:
            raise _refusal(line, max_rows)
    raise _refusal({"error": how_it_ended(child)}, max_rows)  # no last line


def _refusal(line: Any, max_rows: int) -> WorkbookRefused:
    kind = line.get("error") if isinstance(line, dict) else None
    if kind == "too_many_rows":
        return WorkbookRefused(f"表格超过 {max_rows:,} 行。如果下面是空行，请先删除；否则{SPLIT}")
    if kind == "no_sheet":
        return WorkbookRefused("工作簿里没有工作表，请检查文件。")
    if kind == "damaged":
        return WorkbookRefused(f"文件已损坏，读不出来。{SAVE_AS}")
    return WorkbookRefused(f"工作簿太大，读不完。{SPLIT}")
