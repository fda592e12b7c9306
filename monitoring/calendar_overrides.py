"""调休 that people register: a list is read and looked over, one person proposes it, a second one puts it in force."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Region, User
from accounts.models.people import same_people
from monitoring.calendar_recount import recount
from monitoring.models import WorkdayOverride
from monitoring.models.workdays import FREE, WORKS
from monitoring.parameters import SETTERS
from monitoring.workdays import load_overrides, works_by_law

MOST_LINES = 100
YEARS_AHEAD = 2
FIRST_YEAR = 2020
LINE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*[,，、:：]?\s*(?:调休)?(上班|放假|休息|工作)$")
SAYS = {"上班": True, "工作": True, "放假": False, "休息": False}


@dataclass(frozen=True)
class Line:
    """A line of the list as it was understood, and what it would change."""

    date: datetime.date
    works: bool
    known: bool  # what counts for the day now
    registered: WorkdayOverride | None = None

    @property
    def words(self) -> str:
        """上班 or 放假."""
        return WORKS if self.works else FREE

    @property
    def is_new(self) -> bool:
        """Whether it has to be registered: the day counts otherwise now, and nobody has said anything of it."""
        return self.registered is None and self.known != self.works

    @property
    def clashes(self) -> bool:
        """Whether the opposite is registered, which has to be withdrawn first."""
        return self.registered is not None and self.registered.works != self.works

    @property
    def outcome(self) -> str:
        """What will become of the line, in words."""
        if self.clashes:
            return f"已登记为{self.registered.words}，先撤销那一条"  # type: ignore[union-attr]
        if self.registered is not None:
            return "已登记，不重复"
        return f"原来按{WORKS if self.known else FREE}算，要登记" if self.is_new else "本来就这样算，不用登记"


def read_list(text: str, today: datetime.date) -> dict[datetime.date, bool]:
    """The days of a pasted list, one on each line: 2026-02-14 上班. Raises ValidationError naming every wrong line."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise ValidationError("请写至少一行，如：2026-02-14 上班。")
    if len(lines) > MOST_LINES:
        raise ValidationError(f"一次最多 {MOST_LINES} 行，请分几次登记。")
    days: dict[datetime.date, bool] = {}
    wrong = []
    for number, line in lines:
        try:
            date, works = _read_line(line, today)
            if days.setdefault(date, works) != works:
                raise ValueError("这一天前面写的相反")
        except ValueError as fault:
            wrong.append(f"第 {number} 行：{fault}。")
    if wrong:
        raise ValidationError(wrong)
    return days


def _read_line(line: str, today: datetime.date) -> tuple[datetime.date, bool]:
    found = LINE.match(line)
    if found is None:
        raise ValueError("要写成“2026-02-14 上班”或“2026-02-16 放假”")
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    if not FIRST_YEAR <= year <= today.year + YEARS_AHEAD:
        raise ValueError(f"年份要在 {FIRST_YEAR} 到 {today.year + YEARS_AHEAD} 之间")
    try:
        return datetime.date(year, month, day), SAYS[found.group(4)]
    except ValueError as fault:
        raise ValueError("没有这一天") from fault


def plan(days: Mapping[datetime.date, bool]) -> list[Line]:
    """What each day of a list would change, in the order of the days; one query."""
    rows = {row.date: row for row in WorkdayOverride.objects.filter(date__in=days)}
    lines = []
    for date, works in sorted(days.items()):
        row = rows.get(date)
        counted = row is not None and row.confirmed_by_id is not None
        lines.append(Line(date, works, row.works if counted and row else works_by_law(date), row))
    return lines


@transaction.atomic
def propose(
    *, by: User, days: Mapping[datetime.date, bool], source: str, idempotency_key: str = ""
) -> list[WorkdayOverride]:
    """Register what differs of a list of days; it counts once a second person has confirmed it. Returns the new rows.

    Days that count so already are left out. Raises PermissionDenied, or ValidationError: no document, the opposite is
    registered, nothing differs.
    """
    region = _may_set(by)
    if not source.strip():
        raise ValidationError("请写明依据哪份文件。")
    if idempotency_key and not spend_on(idempotency_key, by, f"workdays:{min(days)}"):
        return []
    lines = plan(days)
    if clash := next((line for line in lines if line.clashes), None):
        raise ValidationError(f"{clash.date:%Y-%m-%d} {clash.outcome}。")
    fresh = [line for line in lines if line.is_new]
    if not fresh:
        raise ValidationError("这些日子本来就这样算，或者已经登记，没有要登记的。")
    rows = [
        WorkdayOverride(date=line.date, works=line.works, source=source.strip()[:200], set_by=by, set_at=timezone.now())
        for line in fresh
    ]
    WorkdayOverride.objects.bulk_create(rows, ignore_conflicts=True)
    mine = list(WorkdayOverride.objects.filter(pk__in=[row.pk for row in rows]))
    if len(mine) < len(rows):
        raise ValidationError("有的日子刚刚有人登记了，请重新看一遍再登记。")
    _record("workday.propose", by, region, mine)
    return mine


@transaction.atomic
def confirm(*, by: User, rows: Sequence[WorkdayOverride]) -> int:
    """Put proposals in force, and let go what is to go; returns how many days. The second person is another one.

    Limits that run are counted anew. Raises PermissionDenied, or ValidationError: one's own proposal, or somebody was faster; then nothing is done.
    """
    region = _may_set(by)
    if _signers(rows) & _capacities(by):
        raise ValidationError("自己登记或提出撤销的，要请另一位同事复核。")
    before = load_overrides()
    new, leaving = [row for row in rows if not row.goes], [row for row in rows if row.goes]
    done = WorkdayOverride.objects.filter(pk__in=[row.pk for row in new], confirmed_by=None).update(
        confirmed_by=by, confirmed_at=timezone.now()
    )
    for row in leaving:  # as it was asked: kept meanwhile and asked again by somebody else is another question
        done += WorkdayOverride.objects.filter(pk=row.pk, withdrawn_by=row.withdrawn_by_id).delete()[0]
    if done < len(rows) or not rows:
        raise ValidationError("有的已经有人办过，没有重复办理，请刷新再看。")
    for action, some in (("workday.confirm", new), ("workday.remove", leaving)):
        if some:
            _record(action, by, region, some)
    recount(before, load_overrides())
    return len(rows)


@transaction.atomic
def refuse(*, by: User, rows: Sequence[WorkdayOverride]) -> int:
    """Take back proposals, one's own or another's, and keep in force what was to go; returns how many days.

    Raises PermissionDenied, or ValidationError when somebody was faster; then nothing is done.
    """
    region = _may_set(by)
    new, leaving = [row for row in rows if not row.goes], [row for row in rows if row.goes]
    taken_back = WorkdayOverride.objects.filter(pk__in=[row.pk for row in new], confirmed_by=None).delete()[0]
    kept = WorkdayOverride.objects.filter(pk__in=[row.pk for row in leaving]).exclude(withdrawn_by=None)
    if taken_back + kept.update(withdrawn_by=None, withdrawn_at=None) < len(rows) or not rows:
        raise ValidationError("有的已经有人办过，没有重复办理，请刷新再看。")
    _record("workday.refuse", by, region, rows)
    return len(rows)


@transaction.atomic
def withdraw(*, by: User, row: WorkdayOverride) -> None:
    """Ask that a day in force counts by the known holidays again; it does once a second person agrees.

    Raises PermissionDenied, or ValidationError when that was asked before.
    """
    region = _may_set(by)
    standing = WorkdayOverride.objects.filter(pk=row.pk, withdrawn_by=None).exclude(confirmed_by=None)
    if not standing.update(withdrawn_by=by, withdrawn_at=timezone.now()):
        raise ValidationError("这一天已经提出撤销，或者还没有复核。")
    _record("workday.withdraw", by, region, [row])


def _may_set(by: User) -> Region:
    """The region for which the person acts; raises PermissionDenied."""
    for posting in by.postings_in_force():
        if posting.role in SETTERS:
            return posting.region
    raise PermissionDenied("只有区（市）的业务员和管理员可以登记调休。")


def _capacities(by: User, on: datetime.date | None = None) -> set[int]:
    """Keys of the accounts in whose name somebody acts on a day: his own ones alone where he has the right himself."""
    rights = [posting for posting in by.postings_in_force(on) if posting.role in SETTERS]
    if any(posting.on_behalf_of_id is None for posting in rights):
        return same_people({by.pk})
    return same_people({by.pk, *(posting.on_behalf_of_id for posting in rights if posting.on_behalf_of_id)})


def _signers(rows: Sequence[WorkdayOverride]) -> set[int]:
    """In whose names the proposals, and the wishes to withdraw, stand."""
    signed = {}
    for row in rows:
        person, at = (row.withdrawn_by, row.withdrawn_at) if row.goes else (row.set_by, row.set_at)
        signed[person.pk, timezone.localdate(at)] = person  # type: ignore[union-attr]
    return {key for (_pk, day), person in signed.items() for key in _capacities(person, day)}  # type: ignore[arg-type]


def _record(action: str, by: User, region: Region, rows: Sequence[WorkdayOverride]) -> None:
    days = [f"{row.date:%Y-%m-%d} {row.words}" for row in rows]
    audit.record(action=action, actor=by, region=region, days=days, source=rows[0].source)
