"""Builds households on a private PostgreSQL, clicks 试算 as a browser would, then puts the draft in force and rescreens."""

import argparse
import os
import sys
import time
from importlib import import_module

import django

from benchmarks.screening import server

HOUSEHOLDS = 200_000
ROUNDS = 3


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="bin/bench-trial", description=__doc__)
    parser.add_argument(
        "--households", type=int, default=HOUSEHOLDS, help="how many are built; the goal is for 200,000"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each draft is tried")
    return parser.parse_args()


def main() -> int:
    """How many goals are missed."""
    asked = arguments()
    os.environ["DATABASE_URL"] = server.start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")
    django.setup()
    course = import_module("benchmarks.whatif.course")  # after Django is set up, because it imports models
    return course.run(asked.households, asked.rounds)


if __name__ == "__main__":
    begun = time.monotonic()
    missed = main()
    print(f"{time.monotonic() - begun:.0f} s in all", flush=True)
    sys.exit(missed > 0)
