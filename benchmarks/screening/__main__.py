"""Builds each size on a private PostgreSQL, times every variant, prints, and fails when a goal is missed."""

import argparse
import os
import sys
import time
from importlib import import_module

import django

from benchmarks.screening import server
from tests.support.services import start_redis

QUICK, WHOLE = (10_000, 100_000), (10_000, 100_000, 1_000_000)
ROUNDS = 3
SAVINGS, FEW_SAVINGS = 300, 60


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="bin/bench-screening", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 and 100,000 households only")
    parser.add_argument("--sizes", type=int, nargs="+", help="other sizes, in households")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at least 3 for medians that mean something")
    parser.add_argument("--alone", action="store_true", help="without a second worker that takes parts")
    return parser.parse_args()


def main() -> int:
    """The number of goals missed."""
    asked = arguments()
    os.environ |= {"DATABASE_URL": server.start(), "REDIS_URL": start_redis()}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")
    django.setup()
    course = import_module("benchmarks.screening.course")  # after Django is set up, because it imports models
    plan = course.Plan(
        sizes=tuple(asked.sizes or (QUICK if asked.quick else WHOLE)),
        rounds=asked.rounds,
        savings=FEW_SAVINGS if asked.quick else SAVINGS,
        workers=1 if asked.alone else 2,
    )
    return course.run(plan)


if __name__ == "__main__":
    begun = time.monotonic()
    missed = main()
    print(f"{time.monotonic() - begun:.0f} s in all", flush=True)
    sys.exit(missed > 0)
