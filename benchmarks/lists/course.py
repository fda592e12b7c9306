"""The course of the command: both ways in turn, round by round, each from the same tables, and what they came to compared."""

import gc
import os
import platform
import time
from collections.abc import Callable
from statistics import median

from django.core.management import call_command

from assistance import list_work
from assistance.models import DepartmentList
from benchmarks.lists import orm_upsert
from benchmarks.lists.scene import Scene
from benchmarks.screening import rows, server

LEAST_LINES_A_SECOND, LEAST_RATIO = 20_000, 5
LINE = "{:<64}{:>10}{:>14}"


class NotEqual(RuntimeError):
    """The two ways came to different ends: their times may not be compared."""


def run(lines: int, rounds: int) -> int:
    """Measure, print, and return how many goals are missed."""
    call_command("migrate", verbosity=0)
    rows.run("SET statement_timeout = 0")
    print(_machine(), flush=True)
    print(f"\nBuilding a district for a list of {lines:,} lines …", flush=True)
    scene = Scene(lines)
    ours, theirs, looked = [], [], []
    _time(scene, list_work.apply)  # not counted: caches fill
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds} …", flush=True)
        ours.append(_time(scene, list_work.apply))
        came = scene.written()
        theirs.append(_time(scene, orm_upsert.write))
        if scene.written() != came:
            raise NotEqual(f"ours: {came}\nORM: {scene.written()}")
        looked.append(_time(scene, list_work.preview))
    print(_table(lines, ours, theirs, looked), flush=True)
    print("\n".join(f"{status:<10}{many:>8,}  written {written:,}" for status, many, written, _before in came[:-1]))
    return _verdict(lines / median(ours), [one / other for one, other in zip(theirs, ours, strict=True)])


def _time(scene: Scene, action: Callable[[DepartmentList], object]) -> float:
    batch = scene.restore()
    gc.collect()
    begun = time.perf_counter()
    action(batch)
    return time.perf_counter() - begun


def _machine() -> str:
    postgres = rows.ask("SHOW server_version")[0][0].split()[0]
    settings = server.settings()
    shown = ("fsync", "synchronous_commit", "shared_buffers", "work_mem", "jit")
    return (
        f"{os.cpu_count()} cores, {server.memory_mb() / 1024:.0f} GiB, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres}\n"
        f"PostgreSQL: {', '.join(f'{name} {settings[name]}' for name in shown)}"
    )


def _table(lines: int, ours: list[float], theirs: list[float], looked: list[float]) -> str:
    named = {
        "ours: matched anew and written, committed range by range": ours,
        "ORM: looked up, bulk_create(update_conflicts=True), 2,000 at once": theirs,
        "ours: the preview alone (matched, every line answered)": looked,
    }
    told = [f"\n{lines:,} lines; medians of {len(ours)} interleaved rounds", LINE.format("", "seconds", "lines/s")]
    for name, seconds in named.items():
        middle = median(seconds)
        told.append(LINE.format(name, f"{middle:.2f}", f"{lines / middle:,.0f}"))
    return "\n".join(told)


def _verdict(speed: float, ratios: list[float]) -> int:
    """Print both goals; how many are missed."""
    ratio = median(ratios)
    goals = (
        (speed >= LEAST_LINES_A_SECOND, f"lines a second ≥ {LEAST_LINES_A_SECOND:,}: {speed:,.0f}"),
        (
            ratio >= LEAST_RATIO,
            f"ORM upsert / ours ≥ {LEAST_RATIO} x, the median of each round's own ratio: {ratio:.1f} x",
        ),
    )
    print("\nGoals:")
    print("\n".join(f"  {'met   ' if met else 'MISSED'}  {words}" for met, words in goals), flush=True)
    return sum(not met for met, _words in goals)
