"""The course of one run of the command: each size is built, timed round by round, printed and emptied."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Region, User
from benchmarks.screening import population, report, rows
from benchmarks.screening.goals import GOALS
from benchmarks.screening.peers import Peers
from benchmarks.screening.scene import Scene
from benchmarks.screening.variants import Rounds, Size
from tests.support.processes import WorkerProcess


@dataclass(frozen=True)
class Plan:
    """What is measured: households, rounds of everything, households judged one by one, and workers that take parts."""

    sizes: tuple[int, ...]
    rounds: int
    savings: int
    workers: int


def run(plan: Plan) -> int:
    """Measure, print, and return how many goals are missed."""
    call_command("migrate", verbosity=0)
    rows.run("SET statement_timeout = 0")
    with _others(plan) as peers:
        print(report.machine(peers.ask("versions"), plan.workers), flush=True)
        measured = {size: _measure(size, peers, plan) for size in plan.sizes}
    verdicts = [goal.verdict(measured) for goal in GOALS]
    print("\nGoals, by the median of each round's own ratio at the largest size:")
    print("\n".join(f"  {line}" for _missed, line in verdicts), flush=True)
    return sum(missed for missed, _line in verdicts)


@contextmanager
def _others(plan: Plan) -> Iterator[Peers]:
    """The peers' process, and beside this one a worker of the product, which comes when it is called for help."""
    peers, worker = Peers(_address(), timezone.localdate().isoformat()), WorkerProcess()
    try:
        if plan.workers > 1:
            worker.start()
        yield peers
    finally:
        peers.close()
        worker.kill9()


def _measure(size: int, peers: Peers, plan: Plan) -> Rounds:
    today = timezone.localdate()
    print(f"\nBuilding {size:,} households …", flush=True)
    city = population.build(size, today)
    one_size = Size(Region.objects.get(pk=city.pk), today, Scene(today, User.objects.get()), peers)
    one_size.prepare()
    for number in range(plan.rounds):
        print(f"Round {number + 1} of {plan.rounds} …", flush=True)
        one_size.one_round()
    one_size.one_by_one(plan.savings)
    print(report.table(one_size.rounds), flush=True)
    population.empty()
    return one_size.rounds


def _address() -> str:
    """The server's address for the peers' own process."""
    given = connection.settings_dict
    return f"host={given['HOST']} user={given['USER']} dbname={given['NAME']}"
