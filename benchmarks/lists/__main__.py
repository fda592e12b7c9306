"""Builds a district on a private PostgreSQL, times both ways in turn, prints, and fails when a goal is missed."""

import argparse
import os
import sys
import time
from importlib import import_module

import django

from benchmarks.screening import server
from tests.support.services import start_redis

LINES, ROUNDS = 100_000, 3


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="bin/bench-lists", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES, help="how long the list is")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at least 3 for medians that mean something")
    return parser.parse_args()


def main() -> int:
    """The number of goals missed."""
    asked = arguments()
    os.environ |= {"DATABASE_URL": server.start(), "REDIS_URL": start_redis()}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")
    django.setup()
    course = import_module("benchmarks.lists.course")  # after Django is set up, because it imports models
    return course.run(asked.lines, asked.rounds)


if __name__ == "__main__":
    begun = time.monotonic()
    missed = main()
    print(f"{time.monotonic() - begun:.0f} s in all", flush=True)
    sys.exit(missed > 0)
