"""The way that most programs would go: look the lines of each chunk up, decide in Python, bulk_create with update_conflicts."""

from django.db import transaction
from django.utils import timezone

from assistance.catalogue import MEASURES
from assistance.models import Delivery, DepartmentList, DepartmentListRow
from assistance.services import told_by
from households.models import Member

CHUNK = 2_000
REMEMBERED = ("begun_on", "ended_on", "runs_until", "amount", "every", "fund", "list_row_id")
CHANGED = ("begun_on", "runs_until", "amount", "every", "fund", "list_row", "version")
ANSWERED = ("status", "reason", "member", "household", "before", "applied_at")


def write(batch: DepartmentList) -> None:
    """Match and write every line of the list, chunk by chunk."""
    last = batch.rows.order_by("-row_no").values_list("row_no", flat=True)[0]
    for after in range(0, last, CHUNK):
        with transaction.atomic():
            _chunk(batch, after)
            batch.checkpoint(cursor=str(after + CHUNK))


def _chunk(batch: DepartmentList, after: int) -> None:
    # What is encrypted stays shut, which makes this faster than a program that reads everything.
    lines = list(batch.rows.filter(row_no__gt=after, row_no__lte=after + CHUNK).defer("payload"))
    digests = [line.id_digest for line in lines]
    found = Member.objects.filter(id_digest__in=digests).select_related("household__village")
    members: dict[str, Member] = {}
    for member in found.only(
        "id", "id_digest", "left_on", "left_reason", "household__closed_on", "household__village__path"
    ):
        if member.id_digest not in members or member.left_on is None:
            members[member.id_digest] = member
    standing = Delivery.objects.filter(
        measure=batch.measure, member__in=members.values(), dropped_on=None, ended_on=None
    )
    deliveries = {one.member_id: one for one in standing.select_related("list_row__batch").defer("list_row__payload")}
    upserts = []
    for line in lines:
        _answer(batch, line, members.get(line.id_digest), deliveries, upserts)
    Delivery.objects.bulk_create(
        upserts, update_conflicts=True, unique_fields=["id"], update_fields=CHANGED, batch_size=CHUNK
    )
    for line in lines:
        line.payload = ""  # not among the columns that are changed
    DepartmentListRow.objects.bulk_create(
        lines, update_conflicts=True, unique_fields=["id"], update_fields=ANSWERED, batch_size=CHUNK
    )


def _answer(
    batch: DepartmentList, line: DepartmentListRow, member: Member | None, deliveries: dict, upserts: list[Delivery]
) -> None:
    start, end = batch.region.path_range
    if member is None:
        line.status = "unknown"
        return
    path = member.household.village.path
    if member.left_on or not start <= path < end or member.household.closed_on:
        line.status = "gone" if start <= path < end else "foreign"
        return
    line.member, line.household = member, member.household
    delivery = deliveries.get(member.pk)
    if delivery is None:
        line.status = "new"
        delivery = Delivery(
            household=member.household, member=member, **told_by(MEASURES[batch.measure]), begun_on=batch.month,
            unit=batch.department, entered_by_id=batch.requested_by_id,
        )  # fmt: skip
    else:
        same = delivery.list_row is not None and line.amount in (None, delivery.amount)
        line.status = "unchanged" if same else "known"
        line.before = {name: getattr(delivery, name) for name in REMEMBERED}
        line.before |= {name: str(value) for name, value in line.before.items() if hasattr(value, "isoformat")}
        delivery.version += 1
    if line.amount is not None:
        delivery.amount, delivery.every = line.amount, batch.every
    delivery.fund, delivery.list_row = batch.fund or delivery.fund, line
    line.applied_at = timezone.now()
    upserts.append(delivery)
