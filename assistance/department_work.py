"""What a department has to do: the measures that it leads, by how far they are, and what runs out soon."""

import datetime

from django.db.models import F, Q

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, Role
from assistance.catalogue import Kind
from assistance.lead_units import desks, leads_of
from assistance.models import Delivery
from assistance.models.measures import DeliveryQuerySet

SOON = datetime.timedelta(days=30)
WAITING, LATE, RUNNING_OUT, IN_PLACE, DROPPED = "waiting", "late", "running_out", "in_place", "dropped"
VIEWS = {
    WAITING: "要落实的",
    LATE: "超期没有落实",
    RUNNING_OUT: "30 天内到期",
    IN_PLACE: "已落实",
    DROPPED: "不再办的",
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


def view_of(deliveries: DeliveryQuerySet, view: str, today: datetime.date) -> DeliveryQuerySet:
    """Those of one view, what is due first on top."""
    if view == LATE:
        return waiting(deliveries).filter(due_on__lt=today).order_by("due_on", "pk")
    if view == RUNNING_OUT:
        return running_out(deliveries, today)
    if view == IN_PLACE:
        return deliveries.in_place_on(today).order_by("-begun_on", "pk")
    if view == DROPPED:
        return deliveries.filter(dropped_on__isnull=False).order_by("-dropped_on", "pk")
    return waiting(deliveries).order_by(F("due_on").asc(nulls_last=True), "pk")


def waiting(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    """Promised or in hand: what lasts also while it is being built."""
    return deliveries.filter(Q(begun_on=None) | Q(kind=Kind.LASTING, ended_on=None), dropped_on=None)


def running_out(deliveries: DeliveryQuerySet, today: datetime.date) -> DeliveryQuerySet:
    """What runs, and was agreed until a day within the next 30, or until one that has passed without anybody's word."""
    runs = deliveries.filter(ended_on=None, begun_on__isnull=False, dropped_on=None, kind=Kind.RUNNING)
    return runs.filter(runs_until__lte=today + SOON).order_by("runs_until", "pk")


def running_out_near(user: User, today: datetime.date) -> DeliveryQuerySet:
    """What runs out in somebody's villages."""
    mine = Delivery.objects.visible_to(user, *CASEWORK_ROLES).filter(household__closed_on=None)
    return running_out(mine, today)
