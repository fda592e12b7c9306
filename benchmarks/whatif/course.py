"""The course of one run of the command: today's conclusions stand, each draft is tried, put in force and rescreened."""

import datetime
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from django.core.management import call_command
from django.utils import timezone

from accounts.models import Posting, Region, User
from accounts.roles import Role
from benchmarks.screening import population, product, rows
from benchmarks.whatif.browser import Browser, Draft
from monitoring import whatif
from monitoring.models import PolicyTrial
from monitoring.parameters import confirm_value
from monitoring.parts import NOT_VISITED
from tests.support.processes import WorkerProcess

MOST_SECONDS = 3.0
DRAFTS = (
    Draft("another line", "zaozhuang_2020", {"income_line": "5600", "edge_line": "6000"}),
    Draft("another rule set", "hubei_2020", {"line_percent": "160"}),
    Draft("colours", "luan_2019", {}),
)
REMEMBER = f"""
DROP TABLE IF EXISTS bench_today;
CREATE UNLOGGED TABLE bench_today AS
SELECT home.id, home.village_id, coalesce(nullif(stands.level, ''), stands.outcome, '{NOT_VISITED}') AS code
FROM households_household home
LEFT JOIN monitoring_assessment stands ON stands.household_id = home.id AND stands.replaced_on IS NULL
WHERE home.closed_on IS NULL
"""  # noqa: S608
MOVED = f"""
SELECT today.village_id, today.code, coalesce(nullif(stands.level, ''), stands.outcome, '{NOT_VISITED}'), count(*)
FROM bench_today today
LEFT JOIN monitoring_assessment stands ON stands.household_id = today.id AND stands.replaced_on IS NULL
GROUP BY 1, 2, 3
"""  # noqa: S608
Moves = Counter[tuple[int, str, str]]


def run(households: int, rounds: int) -> int:
    """Measure, print, and return how many goals are missed."""
    call_command("migrate", verbosity=0)
    today = timezone.localdate()
    print(f"Building {households:,} households …", flush=True)
    city = Region.objects.get(pk=population.build(households, today).pk)
    officer, second = (_officer(name, city) for name in ("officer", "second"))
    product.screen(city, today, product.FULL)
    rows.run("VACUUM (ANALYZE)")
    missed = 0
    with _worker():
        browser = Browser(officer)
        for draft in DRAFTS:
            missed += _one(draft, browser, rounds, city, today, (officer, second))
    print("All goals met." if not missed else f"{missed} goals missed.", flush=True)
    return missed


def _officer(name: str, city: Region) -> User:
    user = User.objects.create_user(username=name, name=name)
    Posting.objects.create(user=user, role=Role.DISTRICT_OFFICER, region=city, begins_on=datetime.date(2020, 1, 1))
    return user


@contextmanager
def _worker() -> Iterator[None]:
    """One worker with one child, as make run starts it."""
    worker = WorkerProcess()
    worker.start()
    try:
        yield
    finally:
        worker.kill9()


def _one(
    draft: Draft, browser: Browser, rounds: int, city: Region, today: datetime.date, people: tuple[User, User]
) -> int:
    clicks = [browser.click(draft, today) for _round in range(rounds)]
    seconds = median(click.seconds for click in clicks)
    late = seconds > MOST_SECONDS
    each = ", ".join(f"{click.seconds:.2f}" for click in clicks)
    print(
        f"{draft.title}: {seconds:.2f} s from the click to the matrix ({each}; "
        f"the job itself {median(click.job_seconds for click in clicks):.2f} s; "
        f"the bar moved on {max(click.looks for click in clicks)} times), "
        f"goal ≤ {MOST_SECONDS:g} s: {'MISSED' if late else 'met'}",
        flush=True,
    )
    unequal = _real_rescreening_differs(clicks[-1].trial, city, today, people)
    return late + unequal


def _real_rescreening_differs(
    trial: PolicyTrial, city: Region, today: datetime.date, people: tuple[User, User]
) -> bool:
    """Put the draft in force as two people do, rescreen, and compare every move of every village."""
    rows.run(REMEMBER)
    for proposed in whatif.propose_trial(
        trial=trial, by=people[0], source="示例文件〔2026〕1号 第一条", starts_on=today
    ):
        confirm_value(proposed=proposed, by=people[1])
    screening = product.screen(city, today, product.CHANGED)
    said = Counter({(one.village_id, one.before, one.after): one.households for one in trial.counts.all()})
    done: Moves = Counter({row[:3]: row[3] for row in rows.ask(MOVED)})
    told = Counter({tuple(move.split(">")): number for move, number in screening.moves.items()})
    moved = Counter[tuple[str, ...]]()
    for (_village, before, after), number in said.items():
        if before != after and after != NOT_VISITED:
            moved[before.replace(NOT_VISITED, ""), after] += number
    equal = said == done and moved == told
    villages = len({village for village, _before, _after in said})
    moving = sum(number for (_village, before, after), number in said.items() if before != after)
    print(
        f"  then put in force and rescreened: {villages:,} villages, {moving:,} of {sum(said.values()):,} households "
        f"have another code; {'the same as the trial said' if equal else 'NOT what the trial said'}",
        flush=True,
    )
    return not equal
