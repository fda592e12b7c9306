"""Each way to rescreen, with what must stand before it and what must have come of it."""

import datetime
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Region
from benchmarks.screening import hand_written, orm_loop, product, rows
from benchmarks.screening.peers import Peers
from benchmarks.screening.scene import Scene

CHANGED_SHARE, DIRTY_SHARE = 0.03, 0.01
SCANNED = {"households_facts": "net_income", "households_household": "version", "households_member": "position"}


class NotEqual(RuntimeError):
    """Two ways came to different conclusions: their times may not be compared."""


@dataclass
class Rounds:
    """Seconds of each variant, round by round, of one size of the population."""

    households: int
    members: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)  # rows that a run added
    one_household: list[float] = field(default_factory=list)

    def add(self, name: str, seconds: float) -> None:
        """Note one time."""
        self.seconds.setdefault(name, []).append(seconds)


class Size:
    """All variants over one population."""

    def __init__(self, region: Region, on: datetime.date, scene: Scene, peers: Peers) -> None:
        self.region, self.on, self.scene, self.peers = region, on, scene, peers
        loaded = peers.ask("load")
        self.rounds = Rounds(loaded["households"], loaded["persons"])
        self.truth = hand_written.expected(region, on)

    def prepare(self) -> None:
        """A first run of everything that is not timed: caches fill, and there are conclusions to call yesterday's."""
        self.scene.nothing_judged()
        product.screen(self.region, self.on, product.FULL)
        self._agree("ours, full", hand_written.written(), self.truth)
        self.scene.remember()
        for order in ("numpy", "openfisca"):
            self._agree(order, self.peers.ask(order), self.truth)

    def one_round(self) -> None:
        """Every variant once, each after the other, so that a busy minute of the machine disturbs all alike."""
        self._from_nothing("by hand", lambda: hand_written.write(self.region, self.on, hand_written.KEPT))
        self._from_nothing("by hand, members", lambda: hand_written.write(self.region, self.on, hand_written.ADDED_UP))
        self._from_nothing("ours, full", lambda: product.screen(self.region, self.on, product.FULL))
        self._in_memory("openfisca")
        self._changes()
        self._in_memory("numpy")
        self._orm_loop()
        self._round_trip()
        self._note("scan", self._scan)

    def one_by_one(self, times: int) -> None:
        """Households judged one after the other, each right after its facts have changed."""
        self.scene.judged_yesterday()
        self.scene.change(times * 1.1 / self.rounds.households)
        keys = [key for (key,) in rows.ask("SELECT id FROM bench_visit ORDER BY bench_draw(number, 11)")]
        households = [product.Household.objects.select_related("village").get(pk=key) for key in keys]
        for household in households[:10]:
            product.save_one(household, self.on)
        self.rounds.one_household = [product.save_one(household, self.on) for household in households[10:]]
        self._agree("ours, one household", hand_written.written(), hand_written.expected(self.region, self.on))
        self.scene.undo_changes()

    def _from_nothing(self, name: str, action: Callable[[], object]) -> None:
        self.scene.nothing_judged()
        self._note(name, action)
        self._agree(name, hand_written.written(), self.truth)

    def _changes(self) -> None:
        """The nightly run after a visit to 3 %, then the run over 1 % that changed since."""
        self.scene.judged_yesterday()
        for name, share, mode in (
            ("ours, changes", CHANGED_SHARE, product.CHANGED),
            ("ours, dirty", DIRTY_SHARE, product.DIRTY),
        ):
            self.scene.change(share)
            rows.run("ANALYZE households_facts")
            before = self._newest()
            self._note(name, lambda mode=mode: product.screen(self.region, self.on, mode))
            self.rounds.written[name] = self._newest() - before
            self._agree(name, hand_written.written(), hand_written.expected(self.region, self.on))
        self.scene.undo_changes()

    def _orm_loop(self) -> None:
        self.scene.nothing_judged()
        some = orm_loop.looped(self.rounds.households)
        seconds = self._time(lambda: orm_loop.write(self.region, self.on, some))
        self.rounds.add("orm loop", seconds * self.rounds.households / some)
        if different := self.scene.unequal():
            raise NotEqual(f"The ORM loop came to another conclusion for {different} households.")

    def _in_memory(self, order: str) -> None:
        answer = self.peers.ask(order)
        self.rounds.add(order, answer["seconds"])
        self._agree(order, answer, self.truth)

    def _round_trip(self) -> None:
        self.scene.nothing_judged()
        answer = self.peers.ask("round_trip")
        self.rounds.add("openfisca, copy", answer["seconds"])
        self._agree("openfisca, copy", hand_written.written(), self.truth)

    def _scan(self) -> None:
        for table, column in SCANNED.items():
            rows.ask(f"SELECT sum({column}) FROM {table}")

    def _note(self, name: str, action: Callable[[], object]) -> None:
        self.rounds.add(name, self._time(action))

    def _time(self, action: Callable[[], object]) -> float:
        gc.collect()
        begun = time.perf_counter()
        action()
        return time.perf_counter() - begun

    def _newest(self) -> int:
        return rows.ask("SELECT coalesce(max(id), 0) FROM monitoring_assessment")[0][0]

    def _agree(self, name: str, found: dict[str, Any], truth: dict[str, Any]) -> None:
        if other := {key: (found.get(key), value) for key, value in truth.items() if found.get(key) != value}:
            raise NotEqual(f"{name}: other conclusions than the hand-written query (found, expected): {other}")
