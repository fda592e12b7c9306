"""Takes orders, one JSON line each, and answers with one JSON line: python -m benchmarks.screening.memory DSN."""

import json
import sys
import time
from importlib.metadata import version
from typing import Any

import psycopg2

from benchmarks.screening.memory import arrays, fisca, plain


class Peers:
    """Keeps the facts in memory, so that only the work itself is timed."""

    def __init__(self, address: str) -> None:
        self.connection = psycopg2.connect(address)
        self.system = fisca.country()
        self.facts: arrays.Facts | None = None

    def versions(self, on: str) -> dict[str, Any]:
        """What is compared with."""
        return {name: version(name) for name in ("OpenFisca-Core", "numpy", "polars")}

    def load(self, on: str) -> dict[str, Any]:
        """Bring the facts of a day into memory; not timed."""
        self.facts = arrays.read_facts(self.connection, on)
        return {"households": len(self.facts.kind), "persons": len(self.facts.household_of)}

    def numpy(self, on: str) -> dict[str, Any]:
        """From arrays to arrays, by numpy."""
        begun = time.perf_counter()
        found = plain.judge(self.facts)
        return {"seconds": time.perf_counter() - begun, **found.tally()}

    def openfisca(self, on: str) -> dict[str, Any]:
        """From arrays to arrays, by OpenFisca: entities built, inputs set, calculated."""
        begun = time.perf_counter()
        found = fisca.judge(self.system, self.facts)
        return {"seconds": time.perf_counter() - begun, **found.tally()}

    def round_trip(self, on: str) -> dict[str, Any]:
        """From tables to tables, by OpenFisca: COPY out, calculate, COPY in, commit."""
        begun = time.perf_counter()
        facts = arrays.read_facts(self.connection, on)
        found = fisca.judge(self.system, facts)
        arrays.write_conclusions(self.connection, facts, found, on)
        return {"seconds": time.perf_counter() - begun, **found.tally()}


def main() -> None:
    """Serve until the other side closes."""
    peers = Peers(sys.argv[1])
    for line in sys.stdin:
        order, on = json.loads(line)
        answer = getattr(peers, order)(on)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
