"""What the command prints: the machine, a table for each size, the goals."""

import os
import platform
from statistics import median

from benchmarks.screening import goals, rows, server
from benchmarks.screening.orm_loop import looped
from benchmarks.screening.variants import Rounds

TITLES = {
    "ours, full": "ours: full, every row written",
    "ours, changes": "ours: changes only, 3 % of the facts new",
    "ours, dirty": "ours: dirty only, 1 % of the facts new",
    "by hand": "SQL by hand over the same facts, every row written",
    "by hand, members": "SQL by hand, all members added up, every row written",
    "orm loop": "ORM loop with prefetch, Python rules, bulk_create",
    "openfisca": "OpenFisca in memory, no database",
    "openfisca, copy": "OpenFisca with COPY out and COPY in",
    "numpy": "numpy in memory, no database",
    "scan": "reading the three tables once",
}
LINE = "{:<54}{:>10}{:>13}{:>10}{:>12}"


def machine(versions: dict[str, str], workers: int) -> str:
    """What this was measured on."""
    postgres = rows.ask("SHOW server_version")[0][0].split()[0]
    settings = server.settings()
    others = ", ".join(f"{name} {version}" for name, version in versions.items())
    shown = ("fsync", "synchronous_commit", "wal_compression", "shared_buffers", "work_mem", "jit", "max_wal_size")
    return (
        f"{os.cpu_count()} cores, {server.memory_mb() / 1024:.0f} GiB, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, PostgreSQL {postgres}, {others}\n"
        f"PostgreSQL: {', '.join(f'{name} {settings[name]}' for name in shown)}\n"
        f"A screening of ours is done by {workers} worker{'s' * (workers > 1)}; every peer is one process, or one statement."
    )


def table(rounds: Rounds) -> str:
    """One size: medians, households in a second, and ratios."""
    count = len(rounds.seconds["by hand"])
    lines = [
        f"{rounds.households:,} households, {rounds.members:,} members; medians of {count} interleaved rounds",
        LINE.format("", "seconds", "households/s", "/by hand", "/OpenFisca"),
    ]
    for name, title in TITLES.items():
        seconds = median(rounds.seconds[name])
        against = (goals.paired(rounds, name, other) for other in ("by hand", "openfisca"))
        ratios = (f"{ratio:.2f}" for ratio in against)
        lines.append(LINE.format(title, f"{seconds:.3f}", f"{rounds.households / seconds:,.0f}", *ratios))
    if (some := looped(rounds.households)) < rounds.households:
        lines.append(f"The ORM loop was run over the first {some:,} households; its time is multiplied up.")
    written = ", ".join(f"{TITLES[name]}: {number:,}" for name, number in rounds.written.items())
    lines.append(f"Rows written, {written}.")
    if rounds.one_household:
        lines.append(_one_household(rounds.one_household))
    return "\n".join(lines)


def _one_household(seconds: list[float]) -> str:
    p50, p95 = median(seconds) * 1000, goals.percentile_95(seconds) * 1000
    return f"ours: one household right after saving, with commit: p50 {p50:.1f} ms, p95 {p95:.1f} ms ({len(seconds)} times)"
