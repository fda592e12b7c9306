"""录入国家系统: what must be keyed, what differs from what was keyed, and the tick.

Whether a case waits is asked of the database alone: an entry keeps the versions with which its digests were last
compared, so that only cases whose versions moved are read and compared, each once (``refresh``).
"""

import datetime
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Case as When_
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import audit
from accounts.encryption import blind_index
from accounts.idempotency import spend_on
from accounts.models import Level, Region, User
from accounts.models.regions import paths_down_to
from accounts.roles import OFFICE_ROLES
from households.models import Household, Member, Survey
from monitoring.models import Case, CaseKind, CaseSource, NationalEntry, Stage
from monitoring.models.cases import CaseQuerySet
from monitoring.national_entry_form import EDITION, Item, Sheet, sheet_of

CHUNK = 300  # households read together
AT_ONCE = 600  # compared while somebody waits for the page; the rest is for the nightly run
PART = 4  # hexadecimal digits of a field's digest: enough to name what differs, the whole digest decides
PURPOSE = "national_entry"


class Work(models.TextChoices):
    """What has to be done for a case in the national system."""

    NEW = "new", "要新录"
    CHANGED = "changed", "录入以后有变动"
    REMOVED = "removed", "要标注移出"
    DONE = "done", "已录"
    WAITING = "", "还没有核对"  # 存量 that was never compared: it came from there


@dataclass(frozen=True)
class Prints:
    """Keyed digests of a form: of the whole, and short ones of each field in order."""

    digest: str
    parts: dict[str, str]


def worklist(cases: CaseQuerySet) -> CaseQuerySet:
    """Cases that belong into the national system, each with its ``work`` (a value of Work)."""
    gone = Q(stage=Stage.REMOVED) | Q(household__closed_on__isnull=False)
    unticked = Q(national_entry=None)
    entitled = Q(kind=CaseKind.DESIGNATION, stage__in=(Stage.REGISTERED, Stage.REMOVED))
    entitled |= Q(kind=CaseKind.REGISTRATION, stage=Stage.DONE)
    work = When_(
        When(gone & (unticked | Q(national_entry__removed=False)), then=Value(Work.REMOVED)),
        When(unticked & Q(source=CaseSource.STOCK), then=Value(Work.WAITING)),
        When(unticked, then=Value(Work.NEW)),
        When(national_entry__differs=True, then=Value(Work.CHANGED)),
        default=Value(Work.DONE),
        output_field=CharField(),
    )
    return cases.filter(entitled).annotate(work=work)


def waits(user: User) -> bool:
    """Whether anything must be keyed in the regions of the person's office. Every page asks: narrow questions."""
    cases = Case.objects.visible_to(user, *OFFICE_ROLES)
    on_register = cases.filter(stage=Stage.REGISTERED)
    unticked = Q(national_entry=None) | Q(national_entry__removed=False)
    # Few are closed or differ, and each has a small index: begin there, not with all cases.
    closed = Household.objects.filter(closed_on__isnull=False).values("pk")
    found = (
        cases.filter(pk__in=NationalEntry.objects.filter(differs=True).values("case")),
        cases.filter(unticked, stage=Stage.REMOVED),
        on_register.filter(unticked, household__in=closed),
        on_register.exclude(source=CaseSource.STOCK).filter(national_entry=None),
        cases.filter(kind=CaseKind.REGISTRATION, stage=Stage.DONE, national_entry=None),
    )
    first, *others = (one.order_by().values("pk") for one in found)
    return bool(first.union(*others, all=True)[:1])


def waiting_count(user: User) -> int:
    """How many cases must be keyed in the regions of the person's office."""
    listed = worklist(Case.objects.visible_to(user, *OFFICE_ROLES))
    return listed.filter(work__in=(Work.NEW, Work.CHANGED, Work.REMOVED)).count() if waits(user) else 0


# ---- reading the form ----


def sheets(cases: Iterable[Case], *, with_ids: bool = True) -> Iterator[Sheet]:
    """The forms of these cases, in their order; a few queries for each chunk."""
    rest = iter(cases)
    while chunk := list(islice(rest, CHUNK)):
        yield from _sheets_of([case.pk for case in chunk], with_ids)


def _sheets_of(keys: list[uuid.UUID], with_ids: bool) -> Iterator[Sheet]:
    loaded = Case.objects.filter(pk__in=keys).select_related("household", "village", "national_entry")
    found = {case.pk: case for case in _versions(loaded).prefetch_related("household__helpers")}
    paths = {path for case in found.values() for path in paths_down_to(case.village.path)}
    regions = {region.path: region for region in Region.objects.filter(path__in=paths)}
    surveys = Survey.objects.in_bulk({case.survey_now for case in found.values() if case.survey_now})
    members: dict[uuid.UUID, list[Member]] = {}
    people = Member.objects.present().filter(household__in=[case.household_id for case in found.values()])
    for member in (people if with_ids else people.defer("id_number")).head_first():
        members.setdefault(member.household_id, []).append(member)
    for key in keys:
        case = found[key]
        lineage = _lineage(regions, case.village.path)
        people_here = members.get(case.household_id, [])
        yield sheet_of(case, lineage, surveys.get(case.survey_now), people_here, with_ids=with_ids)


def _lineage(regions: dict[str, Region], path: str) -> dict[str, Region]:
    found = [regions[one] for one in paths_down_to(path) if one in regions]
    return {Level.COUNTY if region.level == Level.ZONE else region.level: region for region in found}


def _versions(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with ``survey_now``, the survey that the form's income is of, and ``helper_now``."""
    day = Coalesce(OuterRef("removed_on"), OuterRef("decided_on"))
    surveys = Survey.objects.filter(household=OuterRef("household"), superseded_by=None, visited_on__lte=day)
    helpers = Household.objects.filter(pk=OuterRef("household"), helpers__ended_on=None)
    return cases.annotate(
        survey_now=Subquery(surveys.order_by("-visited_on", "-submitted_at").values("pk")[:1]),
        helper_now=Subquery(helpers.values("helpers__pk")[:1]),
    )


def prints_of(sheet: Sheet) -> Prints:
    """Digests of a form, under the installation's key: nothing of it can be read back, nor compared across households."""
    key = str(sheet.case.pk)
    whole = [[_compared(item) for item in sheet.household]]
    parts = {"household": _parts(key, sheet.household)}
    for member, items in sheet.people:
        whole.append([str(member.pk), *(_compared(item) for item in items)])
        parts[member.pk.hex] = _parts(f"{key}{member.pk.hex}", items)
    return Prints(blind_index(json.dumps([key, EDITION, whole], ensure_ascii=False), PURPOSE), parts)


def _parts(owner: str, items: list[Item]) -> str:
    return "".join(blind_index(f"{owner}\0{item.key}\0{_compared(item)}", PURPOSE)[:PART] for item in items)


def _compared(item: Item) -> str:
    return item.compared or f"{item.text}\0{item.code}"


def differing(sheet: Sheet) -> list[str]:
    """What is otherwise than when it was keyed: names of fields, with the person's name before his."""
    entry = getattr(sheet.case, "national_entry", None)
    if entry is None or not entry.differs:
        return []
    if entry.form != EDITION:
        return ["录入表有新版，请全部核对"]
    now, was = prints_of(sheet).parts, entry.parts
    found = [item.label for item in _moved(sheet.household, now["household"], was.get("household", ""))]
    for member, items in sheet.people:
        before = was.get(member.pk.hex)
        if before is None:
            found.append(f"{member.name}：新增的人")
            continue
        found += [f"{member.name}：{item.label}" for item in _moved(items, now[member.pk.hex], before)]
    left = len(was.keys() - now.keys())
    return [*found, *([f"减少 {left} 人"] if left else [])] or ["有变动，请全部核对"]


def _moved(items: list[Item], now: str, was: str) -> list[Item]:
    pieces = ([text[at : at + PART] for at in range(0, len(text), PART)] for text in (now, was))
    return [item for item, (new, old) in zip(items, zip_longest(*pieces), strict=False) if new != old]


# ---- comparing and ticking ----


def refresh(regions: Iterable[Region] | None = None, most: int | None = None) -> int:
    """Compare the cases whose versions moved, and begin those that came from the national system; returns how many."""
    keys = list(_stale(regions).values_list("pk", flat=True)[:most])
    for begin in range(0, len(keys), CHUNK):
        with transaction.atomic():
            _compare(list(_sheets_of(keys[begin : begin + CHUNK], with_ids=False)))
    return len(keys)


def _stale(regions: Iterable[Region] | None) -> QuerySet[Case]:
    cases = Case.objects.all() if regions is None else Case.objects.in_regions(regions)
    known = _versions(worklist(cases).exclude(work=Work.REMOVED, national_entry=None))
    same = Q(national_entry__case_version=F("version"), national_entry__household_version=F("household__version"))
    for column, now in (("survey", "survey_now"), ("helper", "helper_now")):
        name = f"national_entry__{column}"
        same &= Q(**{name: F(now)}) | Q(**{f"{name}__isnull": True, f"{now}__isnull": True})
    # What was keyed by another edition of the form differs until it is ticked again.
    same &= Q(national_entry__form=EDITION) | Q(national_entry__differs=True)
    fresh = When_(When(same, then=Value(1)), default=Value(0))
    waiting = Q(work=Work.WAITING) | Q(national_entry__isnull=False, fresh=0)
    return known.annotate(fresh=fresh).filter(waiting).order_by("pk")


def _compare(found: list[Sheet]) -> None:
    begun = []
    for sheet in found:
        prints, entry = prints_of(sheet), getattr(sheet.case, "national_entry", None)
        if entry is None:
            begun.append(_begun(sheet.case, prints))
            continue
        # A tick of the meantime is newer than what was read here.
        mine = NationalEntry.objects.filter(pk=entry.pk, ticks=entry.ticks)
        mine.update(differs=entry.form != EDITION or entry.digest != prints.digest, **_seen(sheet.case))
    NationalEntry.objects.bulk_create(begun, ignore_conflicts=True)


def _begun(case: Case, prints: Prints) -> NationalEntry:
    """The beginning of a household that came from the national system."""
    return NationalEntry(
        case=case, keyed_on=case.decided_on or timezone.localdate(), ticked_at=timezone.now(), digest=prints.digest,
        parts=prints.parts, form=EDITION, ticks=0, **_seen(case),
    )  # fmt: skip


def _seen(case: Case) -> dict[str, Any]:
    return {
        "case_version": case.version,
        "household_version": case.household.version,
        "survey": case.survey_now,
        "helper": case.helper_now,
    }


@transaction.atomic
def tick(*, case: Case, by: User, keyed_on: datetime.date, digest: str, idempotency_key: str = "") -> NationalEntry:
    """Say that a case was keyed as it stood on the page (``digest``); what differs later comes back.

    Raises PermissionDenied, or ValidationError: a day to come or before it was designated, changed since it was seen.
    """
    if by.posting_over(case.village, *OFFICE_ROLES) is None:
        raise PermissionDenied("国家系统录入由镇（街）和区（市）勾销。")
    if keyed_on > timezone.localdate():
        raise ValidationError("录入日期不能晚于今天。")
    if case.decided_on and keyed_on < case.decided_on:
        raise ValidationError("录入日期不能早于认定时间。")
    if idempotency_key and not spend_on(idempotency_key, by, f"tick:{case.pk}"):
        return NationalEntry.objects.get(case=case)
    sheet = next(sheets([case]))
    prints = prints_of(sheet)
    if prints.digest != digest:
        raise ValidationError(f"{case.household}的资料在您打开以后又变了，请看清再勾。")
    entry = _write(sheet.case, by, keyed_on, prints)
    audit.record(
        action="national_entry.tick", actor=by, target=case, region=case.village, household=case.household_id,
        keyed_on=keyed_on,
    )  # fmt: skip
    return entry


def _write(case: Case, by: User, keyed_on: datetime.date, prints: Prints) -> NationalEntry:
    columns = {
        "ticked_by": by,
        "keyed_on": keyed_on,
        "ticked_at": timezone.now(),
        "removed": case.stage == Stage.REMOVED or case.household.closed_on is not None,
        "digest": prints.digest,
        "parts": prints.parts,
        "form": EDITION,
        "differs": False,
        **_seen(case),
    }
    if not NationalEntry.objects.filter(case=case).update(ticks=F("ticks") + 1, **columns):
        try:
            with transaction.atomic():
                NationalEntry.objects.create(case=case, **columns)
        except IntegrityError as fault:
            raise ValidationError(f"{case.household}刚被别人勾销，没有重复登记。") from fault
    return NationalEntry.objects.get(case=case)
