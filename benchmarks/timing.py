"""How long something takes: the best of several runs, which other work on the machine disturbs least."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

BENCHMARKS: list["Benchmark"] = []


@dataclass(frozen=True)
class Benchmark:
    """One thing to time: a function that prepares, and gives back what is timed and how many times it did it."""

    title: str
    limit: float  # seconds for one; above it the run fails
    prepare: Callable[[], tuple[Callable[[], object], int]]


def benchmark(title: str, *, limit: float) -> Callable:
    """Registers a function as a benchmark; the limit in seconds is generous, as machines differ."""

    def register(prepare: Callable[[], tuple[Callable[[], object], int]]) -> Callable:
        BENCHMARKS.append(Benchmark(title, limit, prepare))
        return prepare

    return register


def best_of(action: Callable[[], object], runs: int = 3) -> float:
    """Seconds of the fastest run."""
    times = []
    for _ in range(runs):
        gc.collect()
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return min(times)
