"""The course of the command: both ways in turn, round by round, each from the same tables, and what they came to compared."""

import gc
import os
import platform
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.core.management import call_command
from django.db import connection, transaction

from accounts.jobs import JobState
from assistance import list_work, lists
from assistance.models import DepartmentList, ListPhase
from benchmarks.lists import orm_upsert
from benchmarks.lists.scene import MEASURE, Scene
from benchmarks.screening import rows, server

LEAST_LINES_A_SECOND, LEAST_RATIO = 20_000, 5
LINE = "{:<66}{:>9}{:>12}{:>9}{:>9}"
OWN = Path("/proc/self")
CLOCK = """The clock runs from the lines as they were read from the file, stored and not yet answered, to the last commit: every line
is matched and answered (what the clerk looks at), and once he has confirmed all are matched anew and written, range by range.
The ORM matches once, and writes the same rows. CPU: of this process and of its session at the database together.
MiB: what this process holds at most meanwhile, the interpreter with Django included."""


class NotEqual(RuntimeError):
    """The ways came to different ends: their times may not be compared."""


@dataclass(frozen=True)
class Lap:
    """How long something took, on the clock and of the processors, and what memory."""

    seconds: float
    cpu: float
    memory: float

    def __add__(self, other: "Lap") -> "Lap":
        return Lap(self.seconds + other.seconds, self.cpu + other.cpu, max(self.memory, other.memory))


def run(lines: int, rounds: int) -> int:
    """Measure, print, and return how many goals are missed."""
    call_command("migrate", verbosity=0)
    rows.run("SET statement_timeout = 0")
    print(_machine(), flush=True)
    print(f"\nBuilding a district for a list of {lines:,} lines …", flush=True)
    scene = Scene(lines)
    previews, writings, theirs = [], [], []
    _ours(scene)  # not counted: caches fill
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds} …", flush=True)
        preview, writing = _ours(scene)
        came = scene.came()
        previews.append(preview)
        writings.append(writing)
        theirs.append(_lap(orm_upsert.write, scene.restore()))
        if scene.came() != came:
            raise NotEqual(f"ours: {came}\nORM: {scene.came()}")
    ours = [one + two for one, two in zip(previews, writings, strict=True)]
    named = {
        "ours: matched and answered, confirmed, matched anew, written": ours,
        "   of that, until every line has its answer": previews,
        "   of that, from the confirmation to the last commit": writings,
        "ORM: looked up, bulk_create(update_conflicts=True), 2,000 at once": theirs,
        "beforehand, once: from the uploaded workbook to the preview": [_read(scene, came)],
    }
    print(_table(lines, named), flush=True)
    print("\n".join(f"{status:<10}{many:>8,}" for status, many, _digest in came[:-2]), "lines; the same, row by row")
    return _verdict(lines / median(lap.seconds for lap in ours), _ratios(theirs, ours))


def _ours(scene: Scene) -> tuple[Lap, Lap]:
    """Matched and answered, as after the reading; and written, as after the confirmation."""
    batch = scene.restore()
    return _lap(_preview, batch), _lap(list_work.apply, batch)


def _preview(batch: DepartmentList) -> None:
    with transaction.atomic():
        list_work.preview(batch)


def _read(scene: Scene, came: list[tuple]) -> Lap:
    """The same list as a workbook, read by the product; the answers must be those of the lines."""
    content = scene.workbook()
    scene.restore()
    uploaded = lists.open_list(
        content=content, file_name="名单.xlsx", region=scene.district, measure=MEASURE, month=scene.list.month,
        by=scene.clerk, idempotency_key=str(uuid.uuid4()), ring=False,
    )  # fmt: skip
    batch = DepartmentList.claim(uploaded.pk)
    lap = _lap(list_work.parse, batch)
    read, expected = (
        sorted(batch.counts.get("lines", {}).items()),
        [(status, many) for status, many, _digest in came[:-2]],
    )
    if (batch.phase, batch.state, read) != (ListPhase.PREVIEW, JobState.DRAFT, expected):
        raise NotEqual(f"the workbook: {batch.phase} {batch.message} {read}\nthe lines: {expected}")
    return lap


def _lap(action: Callable[[DepartmentList], object], batch: DepartmentList) -> Lap:
    gc.collect()
    (OWN / "clear_refs").write_text("5")  # the most memory so far is forgotten
    begun, worked = time.perf_counter(), _worked()
    action(batch)
    seconds, cpu = time.perf_counter() - begun, _worked() - worked
    held = re.search(r"VmHWM:\s+(\d+) kB", (OWN / "status").read_text())
    assert held is not None
    return Lap(seconds, cpu, int(held[1]) / 1024)


def _worked() -> float:
    """Seconds of the processors for this process, those that it has ended, and its session at the database."""
    session = connection.connection.info.backend_pid
    ticks = Path(f"/proc/{session}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(os.times()[:4]) + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _machine() -> str:
    postgres = rows.ask("SHOW server_version")[0][0].split()[0]
    settings = server.settings()
    shown = ("fsync", "synchronous_commit", "shared_buffers", "work_mem", "jit")
    return (
        f"{os.cpu_count()} cores, {server.memory_mb() / 1024:.0f} GiB, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres}\n"
        f"PostgreSQL: {', '.join(f'{name} {settings[name]}' for name in shown)}\n{CLOCK}"
    )


def _table(lines: int, named: dict[str, list[Lap]]) -> str:
    told = [f"\n{lines:,} lines; medians of interleaved rounds", LINE.format("", "seconds", "lines/s", "CPU s", "MiB")]
    for name, laps in named.items():
        seconds, cpu, memory = (median(getattr(lap, name) for lap in laps) for name in ("seconds", "cpu", "memory"))
        told.append(LINE.format(name, f"{seconds:.2f}", f"{lines / seconds:,.0f}", f"{cpu:.2f}", f"{memory:.0f}"))
    return "\n".join(told)


def _ratios(theirs: list[Lap], ours: list[Lap]) -> list[float]:
    return [one.seconds / other.seconds for one, other in zip(theirs, ours, strict=True)]


def _verdict(speed: float, ratios: list[float]) -> int:
    """Print both goals; how many are missed."""
    ratio = median(ratios)
    goals = (
        (speed >= LEAST_LINES_A_SECOND, f"lines matched and written a second ≥ {LEAST_LINES_A_SECOND:,}: {speed:,.0f}"),
        (
            ratio >= LEAST_RATIO,
            f"ORM upsert / ours ≥ {LEAST_RATIO} x, the median of each round's own ratio: {ratio:.1f} x",
        ),
    )
    print("\nGoals:")
    print("\n".join(f"  {'met   ' if met else 'MISSED'}  {words}" for met, words in goals), flush=True)
    return sum(not met for met, _words in goals)
