"""Write a confirmed roster into the register, some households in each transaction, and take it back again."""

import json
from collections import Counter
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from accounts import audit
from households import codes, signals
from households.facts import refresh_facts
from households.models import Household, ImportBatch, ImportRow, Member, RowStatus
from households.names import initials
from households.register import refresh_head
from households.roster import Layout, read_row
from households.roster_families import put_together
from households.roster_plan import HOUSEHOLD_COLUMNS, FamilyPlan, MemberPlan, plan_families
from households.villages import Villages

IDENTITY_COLUMNS = (
    "id_type",
    "id_number",
    "id_digest",
    "id_tail_digest",
    "born_on",
    "sex",
    "disability_category",
    "disability_level",
)
KEPT = "撤销时保留：导入以后又办过别的事，请在农户档案里处理。"


class RegisterMoved(Exception):
    """Somebody changed a household between our reading and our writing; the transaction must be done again."""


def apply_households(batch: ImportBatch, keys: list[str], villages: Villages) -> Counter[str]:
    """Write these households of the batch inside the caller's transaction; counts of what was written.

    They are compared with the register anew: it may have changed since the preview. A household that can no longer
    be taken is marked as refused. Raises RegisterMoved.
    """
    layout = Layout.from_json(batch.counts["layout"])
    kept = {row.row_no: row for row in batch.rows.filter(household_key__in=keys, applied_at=None).order_by("row_no")}
    rows = [read_row(row.row_no, json.loads(row.payload)["cells"], layout, villages) for row in kept.values()]
    plans = plan_families(put_together(rows), batch.region)
    written: Counter[str] = Counter()
    _add_households([plan for plan in plans if plan.status == RowStatus.NEW], batch, kept)
    for plan in plans:
        if plan.status == RowStatus.CHANGED:
            _change_household(plan, batch, kept)
        _close_rows(plan, kept)
        written.update({f"households.{plan.status}": 1})
        written.update({f"people.{status}": count for status, count in plan.count_people().items()})
    ImportRow.objects.bulk_update(
        kept.values(), ["status", "reasons", "before", "household", "applied_at"], batch_size=100
    )
    return written


def _add_households(plans: list[FamilyPlan], batch: ImportBatch, kept: dict[int, ImportRow]) -> None:
    for plan in plans:
        head = plan.family.head.values
        plan.household = Household(
            number=plan.family.key,
            village=plan.family.village,
            head_name=head["name"],
            head_initials=initials(head["name"]),
            **{HOUSEHOLD_COLUMNS[key]: value for key, value in plan.changes.items()},
        )
    Household.objects.bulk_create([plan.household for plan in plans if plan.household])
    members = []
    for plan in plans:
        for position, one in enumerate(plan.members):
            members.append(_new_member(plan, one, position))
            _remember(kept, one, {"created": str(members[-1].pk)})
        _remember(kept, plan.members[0], {"new_household": True, "version": 1})
    Member.objects.bulk_create(members)
    for plan in plans:
        _tell(plan, batch)


def _new_member(plan: FamilyPlan, one: MemberPlan, position: int) -> Member:
    member = Member(household=plan.household, position=position, **one.changes)
    member.take_identity(one.row.values["identity"])
    member.initials = initials(member.name)
    return member


def _change_household(plan: FamilyPlan, batch: ImportBatch, kept: dict[int, ImportRow]) -> None:
    household = plan.household
    assert household is not None
    names = {HOUSEHOLD_COLUMNS[key]: value for key, value in plan.changes.items()}
    before = {name: getattr(household, name) for name in names}
    # The version is part of the WHERE clause, so nobody's change of this moment is overwritten.
    same = Household.objects.filter(pk=household.pk, version=household.version, closed_on=None)
    if not same.update(version=F("version") + 1, updated_at=timezone.now(), **names):
        raise RegisterMoved
    _remember(kept, plan.members[0], {"household": before, "version": household.version + 1})
    # Who ceases to be the head first: a household never has two.
    for one in sorted(plan.members, key=lambda plan: plan.row.values["relation"] == codes.HEAD):
        _write_member(plan, one, kept)
    household.refresh_from_db()
    refresh_head(household)
    refresh_facts(household)
    _tell(plan, batch)
    signals.household_changed.send(sender=Household, household=household, user=batch.requested_by)


def _write_member(plan: FamilyPlan, one: MemberPlan, kept: dict[int, ImportRow]) -> None:
    if one.member is None:
        position = max((other.member.position for other in plan.members if other.member), default=0) + 1
        member = _new_member(plan, one, position)
        member.save(force_insert=True)
        _remember(kept, one, {"created": str(member.pk)})
        return
    if not one.changes:
        return
    changes = dict(one.changes)
    identity = changes.pop("identity", None)
    names = [*changes, "initials", *(IDENTITY_COLUMNS if identity else ())]
    before = {name: getattr(one.member, name) for name in names}
    for name, value in changes.items():
        setattr(one.member, name, value)
    if identity:
        one.member.take_identity(identity)
    one.member.initials = initials(one.member.name)
    one.member.save(update_fields=names)
    _remember(kept, one, {"member": str(one.member.pk), "fields": before})


def _tell(plan: FamilyPlan, batch: ImportBatch) -> None:
    """Trace the household's import, and tell the apps above of one that is designated already."""
    household, said = plan.household, plan.family.said
    assert household is not None
    audit.record(
        action="household.import",
        actor=batch.requested_by,
        target=household,
        region=household.village,
        batch=str(batch.pk),
        status=plan.status.value,
    )
    if plan.is_stock:
        signals.stock_found.send(
            sender=ImportBatch,
            household=household,
            monitor_class=said("monitor_class"),
            decided_on=said("risk_found_on"),
            first_cause=plan.family.head.values.get("first_cause") or said("first_cause") or "",
            batch=batch,
            user=batch.requested_by,
        )


def _remember(kept: dict[int, ImportRow], one: MemberPlan, what: dict[str, Any]) -> None:
    """Keep with the row what it replaced."""
    row = kept[one.row.row_no]
    before = {**(json.loads(row.before) if row.before else {}), **what}
    row.before = json.dumps(before, cls=DjangoJSONEncoder, ensure_ascii=False)


def _close_rows(plan: FamilyPlan, kept: dict[int, ImportRow]) -> None:
    written = plan.status in (RowStatus.NEW, RowStatus.CHANGED)
    for row in plan.family.rows:
        kept[row.row_no].status = plan.status
        kept[row.row_no].reasons = plan.remarks(row)
        kept[row.row_no].household = plan.household
        kept[row.row_no].applied_at = timezone.now() if written else None


def undo_households(batch: ImportBatch, keys: list[str]) -> Counter[str]:
    """Take back what these households' rows wrote, inside the caller's transaction; restored, deleted and kept.

    What was used since (another change, a survey, a case) is kept, and its rows say so.
    """
    families: dict[str, list[ImportRow]] = {}
    rows = batch.rows.filter(household_key__in=keys).exclude(applied_at=None).select_related("household__village")
    for row in rows.order_by("row_no"):
        families.setdefault(row.household_key, []).append(row)
    done: Counter[str] = Counter()
    for family in families.values():
        try:
            with transaction.atomic():
                done[_undo_household(batch, family)] += 1
        except (ProtectedError, RegisterMoved):
            done["kept"] += 1
            for row in family:
                row.reasons = [*row.reasons, KEPT]
                row.save(update_fields=["reasons"])
    return done


def _undo_household(batch: ImportBatch, rows: list[ImportRow]) -> str:
    memory = [json.loads(row.before) if row.before else {} for row in rows]
    family = next(one for one in memory if "version" in one)
    household = rows[0].household
    if household is None:
        raise RegisterMoved  # deleted by somebody else since
    same = Household.objects.filter(pk=household.pk, version=family["version"])
    if not same.update(version=F("version") + 1, updated_at=timezone.now()):
        raise RegisterMoved
    audit.record(
        action="household.import_undone",
        actor=batch.requested_by,
        target=household,
        region=household.village,
        batch=str(batch.pk),
    )
    batch.rows.filter(pk__in=[row.pk for row in rows]).update(applied_at=None)
    Member.objects.filter(pk__in=[one["created"] for one in memory if "created" in one]).delete()
    if family.get("new_household"):
        household.delete()
        return "deleted"
    _restore(household, family["household"])
    changed = [one for one in memory if "fields" in one]
    for one in sorted(changed, key=lambda one: one["fields"].get("relation") == codes.HEAD):
        _restore(Member.objects.get(pk=one["member"]), one["fields"])
    household.refresh_from_db()
    refresh_head(household)
    refresh_facts(household)
    signals.household_changed.send(sender=Household, household=household, user=batch.requested_by)
    return "restored"


def _restore(instance: Household | Member, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(instance, name, instance._meta.get_field(name).to_python(value))
    instance.save(update_fields=list(fields))
