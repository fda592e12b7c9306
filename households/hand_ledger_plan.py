"""Match a ledger kept by hand with the register, and hand its rows to the apps above."""

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts import audit
from accounts.encryption import blind_index
from accounts.models import Region
from households import codes, signals
from households.facts import mark_changed
from households.hand_ledger import HEADER_DEPTH, MARKERS, LedgerForm, LedgerRow
from households.identity import person_number
from households.import_preview import Beat, Counts, Preview, RowOutcome, still
from households.models import BatchKind, Household, ImportBatch, ImportRow, Member, RowStatus
from households.models.households import ID_NUMBER
from households.workbook_reader import WorkbookRefused, open_sheet

ROWS_AT_ONCE = 500
MARK = "ledger_row"
# 主要返贫风险, contact and 认定时间 belong to the household; hand-kept ledgers write them in its first row only.
OF_HOUSEHOLD = {"main_risk": "主要返贫风险", "helper_name": "帮扶联系人姓名", "helper_unit": "帮扶联系人的单位",
                "decided_on": "认定时间"}  # fmt: skip
LAST_IN = (RowStatus.REFUSED, RowStatus.UNCHANGED, RowStatus.CHANGED, RowStatus.NEW)


def preview_ledger(content: bytes, region: Region, beat: Beat = still) -> Preview:
    """Read a ledger and match its people within the region; raises WorkbookRefused for the file as a whole."""
    form = LedgerForm()
    rows: list[LedgerRow] = []
    with open_sheet(content, header_depth=HEADER_DEPTH, markers=MARKERS) as sheet:
        for row in form.read(sheet.rows):
            rows.append(row)
            if len(rows) % ROWS_AT_ONCE == 0:
                beat(len(rows))
    if not rows:
        raise WorkbookRefused("台账里没有填人，请填好后再导入。")
    layout = {"header_row": form.header_row, "headers": form.headers, "places": {}}
    outcomes = _conclude(rows, region)
    return Preview(layout=layout, total=len(rows), chunks=_chunks(outcomes), counts=_count(outcomes))


def _conclude(rows: list[LedgerRow], region: Region) -> list[RowOutcome]:
    members = _find_members(rows, region)
    found: dict[int, Member] = {}
    families: dict[Any, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        identity = row.values.get("identity")
        if not identity or not identity.number:
            continue  # its error is told already
        member = members.get(blind_index(person_number(identity.number), ID_NUMBER))
        if member is None:
            row.errors.append("身份证号码：导入范围内的名册里没有这个人。请先导入名册，或核对号码。")
        else:
            found[row.row_no] = member
            families[member.household_id].append(row)
    for family in families.values():
        _check_family(family, found)
    marks = _last_marks(list(families))
    return [_outcome(row, found.get(row.row_no), families, marks) for row in rows]


def _find_members(rows: list[LedgerRow], region: Region) -> dict[str, Member]:
    numbers = [row.values["identity"].number for row in rows if row.values.get("identity")]
    digests = [blind_index(person_number(number), ID_NUMBER) for number in numbers if number]
    found: dict[str, Member] = {}
    for start in range(0, len(digests), ROWS_AT_ONCE):
        present = Member.objects.in_regions([region]).present().filter(household__closed_on=None)
        some = present.filter(id_digest__in=digests[start : start + ROWS_AT_ONCE])
        found.update({member.id_digest: member for member in some.select_related("household__village")})
    return found


def _check_family(family: list[LedgerRow], found: dict[int, Member]) -> None:
    """One part, one contact, one date for a household; each person once; the part that belongs to its 户类型."""
    household = found[family[0].row_no].household
    first_rows: dict[Any, int] = {}
    for row in family:
        earlier = first_rows.setdefault(found[row.row_no].pk, row.row_no)
        if earlier != row.row_no:
            row.errors.append(f"身份证号码：这个人在第 {earlier} 行已有，请删掉一行。")
    if len({row.monitor_class for row in family}) > 1:
        _tell(family, "同一户既在第一部分又在第二部分，请只留一处。")
    expected = {
        codes.HouseholdType.ORDINARY: codes.MonitorClass.EDGE,
        codes.HouseholdType.LIFTED: codes.MonitorClass.RELAPSE,
    }.get(codes.HouseholdType(household.household_type))
    if expected and any(row.monitor_class != expected for row in family):
        part = "一" if expected == codes.MonitorClass.EDGE else "二"
        _tell(family, f"这户在名册里是{household.get_household_type_display()}，应写在第{part}部分，请核对。")
    for key, label in OF_HOUSEHOLD.items():
        if len({row.values[key] for row in family if row.values.get(key)}) > 1:
            _tell(family, f"{label}：同一户各行填得不一样，请改成一样，或只填在户主那一行。")
    if not any(row.decided_on for row in family):
        _tell(family, "认定时间：没有填，请写成“2020年3月”。")


def _tell(family: list[LedgerRow], sentence: str) -> None:
    for row in family:
        row.errors.append(sentence)


def _last_marks(households: list[Any]) -> dict[str, str]:
    """For each person, the digest of the row that was last written of him, so that the same file changes nothing."""
    marks: dict[str, str] = {}
    for start in range(0, len(households), ROWS_AT_ONCE):
        written = ImportRow.objects.filter(
            household__in=households[start : start + ROWS_AT_ONCE],
            batch__kind=BatchKind.LEDGER,
            applied_at__isnull=False,
        )
        for row in written.order_by("applied_at"):
            kept = json.loads(row.before)
            marks[kept["member"]] = kept["mark"]
    return marks


def _outcome(
    row: LedgerRow, member: Member | None, families: dict[Any, list[LedgerRow]], marks: dict[str, str]
) -> RowOutcome:
    payload: dict[str, Any] = {
        "cells": row.cells,
        "name": member.name if member else row.values.get("head_name") or "",
        "village": member.household.village.name if member else row.values.get("village") or "",
    }
    if member is None or row.errors:
        key = member.household.number if member else f"?{row.row_no}"
        return RowOutcome(row.row_no, key, RowStatus.REFUSED, row.errors, payload)
    values = _values(row, member, families[member.household_id])
    earlier = marks.get(str(member.pk))
    status = RowStatus.NEW if earlier is None else RowStatus.CHANGED
    if earlier == _mark(values):
        status = RowStatus.UNCHANGED
    named = row.values.get("head_name")
    reasons = ["户主姓名与名册不同，请核对。"] if named and named != member.household.head_name else []
    return RowOutcome(row.row_no, member.household.number, status, reasons, {**payload, "values": values})


def _values(row: LedgerRow, member: Member, family: list[LedgerRow]) -> dict[str, Any]:
    of_household = {
        key: next((other.values[key] for other in family if other.values.get(key)), "") for key in OF_HOUSEHOLD
    }
    return {
        **of_household,
        "decided_on": of_household["decided_on"].isoformat(),
        "member": str(member.pk),
        "measures": row.measures,
        "monitor_class": row.monitor_class.value,
    }


def _mark(values: dict[str, Any]) -> str:
    return blind_index(json.dumps(values, sort_keys=True, ensure_ascii=False), MARK)


def _chunks(outcomes: list[RowOutcome]) -> Iterator[list[RowOutcome]]:
    for start in range(0, len(outcomes), ROWS_AT_ONCE):
        yield outcomes[start : start + ROWS_AT_ONCE]


def _count(outcomes: list[RowOutcome]) -> Counts:
    households: dict[str, RowStatus] = {}
    for one in outcomes:
        households[one.household_key] = max(
            one.status, households.get(one.household_key, RowStatus.REFUSED), key=LAST_IN.index
        )
    return Counts(
        households=Counter(status.value for status in households.values()),
        people=Counter(one.status.value for one in outcomes),
    )


def apply_ledger_households(batch: ImportBatch, keys: list[str]) -> Counter[str]:
    """Hand these households' rows to the apps above inside the caller's transaction; counts of what was handed on.

    A person who has left the household since the preview is refused.
    """
    rows = batch.rows.filter(household_key__in=keys, applied_at=None, status__in=(RowStatus.NEW, RowStatus.CHANGED))
    households = {one.number: one for one in Household.objects.filter(number__in=keys).select_related("village")}
    done: Counter[str] = Counter()
    told: set[str] = set()
    for row in rows.order_by("row_no"):
        values = json.loads(row.payload)["values"]
        household = households[row.household_key]
        member = household.members.present().filter(pk=values["member"]).first()
        if member is None or household.closed_on or not batch.region.contains(household.village):
            row.status, row.reasons = RowStatus.REFUSED, ["预览以后这个人离开了本户，请核对后重新导入。"]
        else:
            _hand_on(batch, household, member, values)
            row.household, row.applied_at = household, timezone.now()
            row.before = json.dumps({"member": values["member"], "mark": _mark(values)})
            if row.household_key not in told:
                told.add(row.household_key)
                done[f"households.{row.status}"] += 1
        done[f"people.{row.status}"] += 1
        row.save(update_fields=["status", "reasons", "household", "applied_at", "before"])
    # Who is designated counts as a fact; the night judges them, not the import.
    mark_changed(Household.objects.filter(number__in=told))
    return done


def _hand_on(batch: ImportBatch, household: Household, member: Member, values: dict[str, Any]) -> None:
    signals.ledger_row_found.send(
        sender=ImportBatch,
        household=household,
        member=member,
        measures=values["measures"],
        main_risk=values["main_risk"],
        helper_name=values["helper_name"],
        helper_unit=values["helper_unit"],
        decided_on=datetime.date.fromisoformat(values["decided_on"]),
        monitor_class=codes.MonitorClass(values["monitor_class"]),
        batch=batch,
        user=batch.requested_by,
    )
    audit.record(
        action="household.ledger_import",
        actor=batch.requested_by,
        target=household,
        region=household.village,
        batch=str(batch.pk),
        member=str(member.pk),
    )
