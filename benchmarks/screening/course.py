"""The course of one run of the command: each size is built, timed round by round, printed and emptied."""

from collections.abc import Sequence

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Region, User
from benchmarks.screening import population, report, rows
from benchmarks.screening.goals import GOALS
from benchmarks.screening.peers import Peers
from benchmarks.screening.scene import Scene
from benchmarks.screening.variants import Rounds, Size


def run(sizes: Sequence[int], rounds: int, savings: int) -> int:
    """Measure, print, and return how many goals are missed."""
    call_command("migrate", verbosity=0)
    rows.run("SET statement_timeout = 0")
    peers = Peers(_address(), timezone.localdate().isoformat())
    try:
        print(report.machine(peers.ask("versions")), flush=True)
        measured = {size: _measure(size, peers, rounds, savings) for size in sizes}
    finally:
        peers.close()
    verdicts = [goal.verdict(measured) for goal in GOALS]
    print("\nGoals, by the median of each round's own ratio at the largest size:")
    print("\n".join(f"  {line}" for _missed, line in verdicts), flush=True)
    return sum(missed for missed, _line in verdicts)


def _measure(size: int, peers: Peers, rounds: int, savings: int) -> Rounds:
    today = timezone.localdate()
    print(f"\nBuilding {size:,} households …", flush=True)
    city = population.build(size, today)
    one_size = Size(Region.objects.get(pk=city.pk), today, Scene(today, User.objects.get()), peers)
    one_size.prepare()
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds} …", flush=True)
        one_size.one_round()
    one_size.one_by_one(savings)
    print(report.table(one_size.rounds), flush=True)
    population.empty()
    return one_size.rounds


def _address() -> str:
    """The server's address for the peers' own process."""
    given = connection.settings_dict
    return f"host={given['HOST']} user={given['USER']} dbname={given['NAME']}"
