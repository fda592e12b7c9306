"""Runs the benchmarks whose title contains the word given, or all: python -m benchmarks [word]."""

import os
import sys
from importlib import import_module

import django
from django.core.management import call_command

from benchmarks.timing import BENCHMARKS, best_of

SUBJECTS = ("benchmarks.security", "benchmarks.ledgers", "benchmarks.product")


def readable(seconds: float) -> str:
    """Seconds in the unit a person reads."""
    if seconds < 0.001:
        return f"{seconds * 1e6:8.1f} µs"
    return f"{seconds * 1e3:8.1f} ms" if seconds < 10 else f"{seconds:8.1f} s "


def main(word: str) -> int:
    """Time and print; the number of benchmarks above their limit."""
    slow = 0
    for benchmark in BENCHMARKS:
        if word not in benchmark.title:
            continue
        action, times = benchmark.prepare()
        seconds = best_of(action) / times
        slow += seconds > benchmark.limit
        verdict = f"  ABOVE {readable(benchmark.limit).strip()}" if seconds > benchmark.limit else ""
        print(f"{benchmark.title:<44} {readable(seconds)}{verdict}", flush=True)
    return slow


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    for subject in SUBJECTS:
        import_module(subject)  # after Django is set up, because they import models

    sys.exit(main(" ".join(sys.argv[1:])) > 0)
