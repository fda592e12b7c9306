"""调度 (002 四: 定期调度): the figures of a region on a day, kept as they were counted, and what changed since the last."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts import audit
from accounts.models import Region, User
from accounts.models.regions import SEGMENT
from accounts.roles import OFFICE_ROLES
from assistance.catalogue import Group
from assistance.measures import groups_by_code
from assistance.models import Delivery, Snapshot
from households.codes import LifeEventKind, MonitorClass, RiskCause
from households.models import Household, LifeEvent, Member
from monitoring.models import Case

CAME = (LifeEventKind.BIRTH, LifeEventKind.MARRIED_IN, LifeEventKind.MOVED_IN)
WENT = (LifeEventKind.DEATH, LifeEventKind.MARRIED_OUT, LifeEventKind.MOVED_OUT)


@dataclass
class Line:
    """The figures of one place, or of all together: households (户) and persons (人)."""

    name: str
    code: str = ""
    households: int = 0
    persons: int = 0
    classes: dict[str, int] = field(default_factory=dict)  # households of each class
    class_persons: dict[str, int] = field(default_factory=dict)
    causes: dict[str, int] = field(default_factory=dict)  # households by main risk, "" while it is not entered
    cause_persons: dict[str, int] = field(default_factory=dict)
    added: int = 0  # households, since the last
    added_persons: int = 0
    removed: int = 0
    removed_persons: int = 0
    closed: int = 0  # of the removed, households that are no more (整户自然减少)
    came: int = 0  # persons: 自然增加
    went: int = 0  # persons: 自然减少
    helped: int = 0  # households with a measure in place
    groups: dict[str, int] = field(default_factory=dict)  # households with a measure of a group in place


@dataclass(frozen=True)
class Designated:
    """A household on the register on a day."""

    household: UUID
    place: str  # path of the place under the region
    monitor_class: str
    cause: str


@dataclass(frozen=True)
class Figures:
    """A snapshot's figures, read back: lines in administrative order, never ranked."""

    since: datetime.date | None
    lines: list[Line]
    total: Line

    def as_kept(self) -> dict[str, Any]:
        """As the row keeps them."""
        lines = [asdict(line) for line in self.lines]
        return {"since": self.since.isoformat() if self.since else None, "lines": lines, "total": asdict(self.total)}

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Figures":
        """Those of a row."""
        kept = snapshot.figures
        since = datetime.date.fromisoformat(kept["since"]) if kept["since"] else None
        return cls(since, [Line(**line) for line in kept["lines"]], Line(**kept["total"]))


def last_before(region: Region, on: datetime.date) -> Snapshot | None:
    """The snapshot of a region before a day that it is compared with."""
    return Snapshot.objects.filter(region=region, on__lt=on).order_by("-on").first()


def take_snapshot(*, region: Region, by: User) -> tuple[Snapshot, bool]:
    """Count the region as it stands today; whether it was not counted already today. Raises as count_on does."""
    return count_on(region=region, by=by, on=timezone.localdate())


def count_on(*, region: Region, by: User, on: datetime.date) -> tuple[Snapshot, bool]:
    """Count the region as the record has it for a day, beside the last count before; whether that was not done already.

    Raises PermissionDenied for somebody who is not in charge of the region, ValidationError for one without places below.
    """
    if not by.posting_over(region, *OFFICE_ROLES):
        raise PermissionDenied("调度由镇（街）、区（市）对自己的区域做。")
    if earlier := Snapshot.objects.filter(region=region, on=on).first():
        return earlier, False
    last = last_before(region, on)
    found = figures_of(region, on, last.on if last else None)
    if not found.lines:
        raise ValidationError("这个区域下面没有镇（街）或村，不能调度。")
    try:
        with transaction.atomic():
            snapshot = Snapshot.objects.create(region=region, on=on, figures=found.as_kept(), taken_by=by)
            audit.record(action="assistance.take_snapshot", actor=by, target=snapshot, region=region, on=on)
    except IntegrityError:  # somebody else did at the same moment
        return Snapshot.objects.get(region=region, on=on), False
    return snapshot, True


def figures_of(region: Region, on: datetime.date, since: datetime.date | None) -> Figures:
    """The figures of a region on a day, and what changed after an earlier one."""
    places = list(region.children.order_by("path"))
    lines = {place.path: Line(name=place.name, code=place.code) for place in places}
    total = Line(name="合计", code=region.code)
    now = list(designated(region, on))
    persons = _persons(region, [one.household for one in now], on)
    for one in now:
        for line in _of(lines, one.place, total):
            line.households += 1
            line.persons += persons[one.household]
            _add(line.classes, one.monitor_class, 1)
            _add(line.class_persons, one.monitor_class, persons[one.household])
            _add(line.causes, one.cause, 1)
            _add(line.cause_persons, one.cause, persons[one.household])
    _count_help(region, on, lines, total, {one.household: one.place for one in now})
    if since:
        _count_changes(region, on, since, lines, total, now, persons)
    return Figures(since, [lines[place.path] for place in places], total)


def designated(region: Region, on: datetime.date) -> Iterator[Designated]:
    """The households of a region that were on the register on a day, each once."""
    still_there = Q(household__closed_on=None) | Q(household__closed_on__gt=on)
    cases = Case.objects.designated_on(on).in_regions([region]).filter(still_there).order_by("-decided_on", "pk")
    seen: set[UUID] = set()
    for household, path, monitor_class, cause in cases.values_list(
        "household", "village__path", "monitor_class", "main_risk"
    ):
        if household not in seen:
            seen.add(household)
            yield Designated(household, path[: len(region.path) + SEGMENT], monitor_class, cause)


def _of(lines: dict[str, Line], place: str, total: Line) -> tuple[Line, ...]:
    return (lines[place], total) if place in lines else (total,)


def _add(counts: dict[str, int], key: str, number: int) -> None:
    counts[key] = counts.get(key, 0) + number


def _persons(region: Region, households: Iterable[UUID], on: datetime.date) -> Counter[UUID]:
    """How many lived together in each of these households on the day."""
    there = (Q(joined_on=None) | Q(joined_on__lte=on)) & (Q(left_on=None) | Q(left_on__gt=on))
    rows = Member.objects.filter(there, lives_here=True, household__village__in=region_villages(region))
    counted = Counter(dict(rows.order_by().values_list("household").annotate(found=Count("pk"))))
    return Counter({household: counted[household] for household in households})


def region_villages(region: Region) -> Any:
    """The keys of the villages of a region, as a subquery."""
    return Region.objects.in_regions([region]).villages().values("pk")


def _count_help(
    region: Region, on: datetime.date, lines: dict[str, Line], total: Line, places: dict[UUID, str]
) -> None:
    in_place = Delivery.objects.in_place_on(on).filter(household__village__in=region_villages(region)).order_by()
    have: dict[UUID, set[str]] = {}
    groups_of_code = groups_by_code()
    for household, code in in_place.values_list("household", "measure").distinct():
        if household in places:
            have.setdefault(household, set()).add(groups_of_code.get(code, ""))
    for household, groups in have.items():
        for line in _of(lines, places[household], total):
            line.helped += 1
            for group in groups:
                _add(line.groups, group, 1)


def _count_changes(
    region: Region, on: datetime.date, since: datetime.date, lines: dict[str, Line], total: Line,
    now: list[Designated], persons: Counter[UUID],
) -> None:  # fmt: skip
    before = {one.household: one for one in designated(region, since)}
    here = {one.household for one in now}
    closed = set(Household.objects.filter(pk__in=before, closed_on__lte=on).values_list("pk", flat=True))
    gone = _persons(region, before.keys() - here, since)
    for one in now:
        if one.household not in before:
            for line in _of(lines, one.place, total):
                line.added += 1
                line.added_persons += persons[one.household]
    for household, one in before.items():
        if household not in here:
            for line in _of(lines, one.place, total):
                line.removed += 1
                line.removed_persons += gone[household]
                line.closed += household in closed
    places = {**{key: one.place for key, one in before.items()}, **{one.household: one.place for one in now}}
    events = LifeEvent.objects.filter(
        happened_on__gt=since, happened_on__lte=on, kind__in=(*CAME, *WENT), household__in=list(places)
    )
    for household, kind in events.values_list("household", "kind"):
        for line in _of(lines, places[household], total):
            if kind in CAME:
                line.came += 1
            else:
                line.went += 1


# ---- in words ----


def prose(snapshot: Snapshot) -> str:
    """One paragraph to be read out on the telephone."""
    found = Figures.of(snapshot)
    total = found.total
    classes = "，".join(
        f"{label}{total.classes[code]}户{total.class_persons[code]}人"
        for code, label in MonitorClass.choices
        if total.classes.get(code)
    )
    said = [
        f"截至{snapshot.on:%Y}年{snapshot.on.month}月{snapshot.on.day}日，{snapshot.region.name}在册监测对象{total.households}户{total.persons}人"
    ]
    said[0] += f"，其中{classes}。" if classes else "。"
    if causes := _largest(total.causes, dict(RiskCause.choices)):
        said.append(f"主要风险：{causes}。")
    if found.since:
        year = "" if found.since.year == snapshot.on.year else f"{found.since.year}年"
        said.append(
            f"比{year}{found.since.month}月{found.since.day}日新增{total.added}户{total.added_persons}人，"
            f"移出{total.removed}户{total.removed_persons}人（其中整户自然减少{total.closed}户），"
            f"在册户自然增加{total.came}人、自然减少{total.went}人。"
        )
    said.append(f"已落实帮扶措施{total.helped}户，还没有措施{total.households - total.helped}户。")
    return "".join(said)


def _largest(counts: dict[str, int], labels: dict[str, str]) -> str:
    found = sorted(((number, code) for code, number in counts.items() if number and code), reverse=True)
    return "、".join(f"{labels.get(code, code)}{number}户" for number, code in found)


def causes_in(figures: Figures) -> list[tuple[str, str]]:
    """The main risks there are in the region, with their labels, in the order of the codes."""
    labels = [*RiskCause.choices, ("", "没有填")]
    return [(code, label) for code, label in labels if figures.total.causes.get(code)]


def groups_of(line: Line) -> list[tuple[str, int]]:
    """The groups of measures with how many households have one in place, in the catalogue's order."""
    return [(group.label, line.groups.get(group, 0)) for group in Group]


def difference(snapshot: Snapshot) -> int | None:
    """By how many households this count and the last one differ beyond 新增 and 移出: entered later, for earlier days."""
    last = last_before(snapshot.region, snapshot.on)
    found = Figures.of(snapshot)
    if last is None or found.since != last.on:
        return None
    before = Figures.of(last).total.households
    return found.total.households - (before + found.total.added - found.total.removed)
