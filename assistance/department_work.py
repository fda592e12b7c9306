"""What a department has to do: the measures that it leads, by how far they are, and what runs out soon."""

import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, Role
from assistance.catalogue import Kind
from assistance.lead_units import desks, leads_of
from assistance.models import Delivery
from assistance.models.measures import DeliveryQuerySet, in_place

SOON = datetime.timedelta(days=30)
WAITING, LATE, RUNNING_OUT, IN_PLACE, DROPPED = "waiting", "late", "running_out", "in_place", "dropped"
VIEWS = {
    WAITING: "要落实的",
    LATE: "超期没有落实",
    RUNNING_OUT: "30 天内到期",
    IN_PLACE: "已落实",
    DROPPED: "不再办的",
}
# Promised or in hand: what lasts also while it is being built.
WAITS = (Q(begun_on=None) | Q(kind=Kind.LASTING, ended_on=None)) & Q(dropped_on=None)
ORDERS: dict[str, tuple[Any, ...]] = {
    WAITING: (F("due_on").asc(nulls_last=True), "pk"),
    LATE: ("due_on", "pk"),
    RUNNING_OUT: ("runs_until", "pk"),
    IN_PLACE: ("-begun_on", "pk"),
    DROPPED: ("-dropped_on", "pk"),
}


def led_by(user: User) -> DeliveryQuerySet:
    """The measures that somebody's desks lead in their regions, of households that are still there."""
    found = Q(pk__in=[])
    for desk in desks(user):
        start, end = desk.region.path_range
        there = Q(household__village__path__gte=start, household__village__path__lt=end)
        found |= there & Q(lead__in=leads_of(desk.unit)) if desk.unit else there
    mine = Delivery.objects.visible_to(user, Role.DEPARTMENT_CLERK, Role.DISTRICT_OFFICER)
    return mine.filter(found, household__closed_on=None)


def in_view(view: str, today: datetime.date) -> Q:
    """What belongs to a view."""
    if view == LATE:
        return WAITS & Q(due_on__lt=today)
    if view == RUNNING_OUT:
        return runs_out(today)
    if view == IN_PLACE:
        return in_place(today)
    return Q(dropped_on__isnull=False) if view == DROPPED else WAITS


def view_of(deliveries: DeliveryQuerySet, view: str, today: datetime.date) -> DeliveryQuerySet:
    """Those of one view, what is due first on top."""
    return deliveries.filter(in_view(view, today)).order_by(*ORDERS.get(view, ORDERS[WAITING]))


def tally(deliveries: DeliveryQuerySet, today: datetime.date) -> list[dict[str, Any]]:
    """How many there are in each view, by measure: one look at all of them, however many views there are."""
    counts = {view: Count("pk", filter=in_view(view, today)) for view in VIEWS}
    return list(deliveries.order_by("measure", "name").values("measure", "name").annotate(**counts))


def loaded(keys: Iterable[UUID]) -> list[Delivery]:
    """The measures of one page with their people, in its order: joined for a page, not for all that are sorted."""
    wanted = list(keys)
    found = Delivery.objects.select_related("household__village__parent", "member").in_bulk(wanted)
    return [found[key] for key in wanted]


def runs_out(today: datetime.date) -> Q:
    """What runs, and was agreed until a day within the next 30, or until one that has passed without anybody's word."""
    runs = Q(ended_on=None, begun_on__isnull=False, dropped_on=None, kind=Kind.RUNNING)
    return runs & Q(runs_until__lte=today + SOON)


def running_out_near(user: User, today: datetime.date) -> DeliveryQuerySet:
    """What runs out in somebody's villages."""
    mine = Delivery.objects.visible_to(user, *CASEWORK_ROLES).filter(household__closed_on=None)
    return mine.filter(runs_out(today)).order_by(*ORDERS[RUNNING_OUT])
