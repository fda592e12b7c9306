"""What posts do when a person moves, and what they put into the inbox."""

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import VILLAGE_ROLES, Role
from assistance import receivers  # noqa: F401  # its receivers run first: they carry the deliveries over
from assistance.limits import months_after
from assistance.models import Delivery, OfferAnswer, PostMonth, PostOffer
from assistance.models.posts import PostOfferQuerySet
from assistance.post_months import MONTHS_TO_PAY, Fault, last_day
from assistance.posts import PUBLIC_POST
from households.models import Member
from households.signals import member_moved
from monitoring.signals import InboxLine, work_asked, work_counted


@receiver(member_moved)
def carry_places_over(sender: Any, old: Member, new: Member, on: datetime.date, **more: Any) -> None:
    """Who founds a family of his own keeps his place; an offer that waits for an answer goes with him."""
    his = Q(answer=OfferAnswer.OPEN) | Q(
        answer=OfferAnswer.TAKEN, delivery__member=new
    )  # what begins later went with him
    PostOffer.objects.filter(his, member=old).update(member=new)
    for offer in PostOffer.objects.filter(member=old, answer=OfferAnswer.TAKEN, delivery__ended_on=on):
        carried = Delivery.objects.filter(member=new, measure=PUBLIC_POST, ended_on=None, post_offer=None).first()
        if carried is not None:
            PostOffer.objects.create(
                post_id=offer.post_id, member=new, offered_on=offer.offered_on, answer=OfferAnswer.TAKEN,
                reason=offer.reason, delivery=carried, entered_by_id=offer.entered_by_id,
            )  # fmt: skip


@receiver(work_asked)
def tell_months(sender: Any, user: User, **more: Any) -> list[InboxLine]:
    """Last month without attendance for the village, months without wages for the town."""
    today, url, found = timezone.localdate(), reverse("assistance:wages"), []
    last = months_after(today.replace(day=1), -1)
    if count := _without_attendance(user, last).count():
        title = f"{count} 人上个月的公益岗位没有记考勤"
        found.append(("post", title, "记了考勤才能发工资", f"{url}?fault={Fault.NO_ATTENDANCE}", last_day(today)))
    if count := (unpaid := _without_wages(user, last)).count():
        first = unpaid.earliest("month").month
        title = f"{count} 个月的公益岗位工资到期没有发"
        due = last_day(months_after(first, MONTHS_TO_PAY))
        found.append(("post", title, "按月足额发，发了就登记", f"{url}?fault={Fault.UNPAID}", due))
    return found


@receiver(work_counted)
def count_months(sender: Any, user: User, **more: Any) -> int:
    """How many lines that is."""
    last = months_after(timezone.localdate().replace(day=1), -1)
    return _without_attendance(user, last).exists() + _without_wages(user, last).exists()


def _without_attendance(user: User, last: datetime.date) -> PostOfferQuerySet:
    """Who had a place in the last month, of which nothing is noted."""
    if not user.holds(*VILLAGE_ROLES):
        return PostOffer.objects.none()
    there = PostOffer.objects.visible_to(user, *VILLAGE_ROLES).filter(
        Q(delivery__ended_on=None) | Q(delivery__ended_on__gte=last),
        answer=OfferAnswer.TAKEN,
        delivery__begun_on__lte=last_day(last),
    )
    return there.exclude(Exists(PostMonth.objects.filter(offer=OuterRef("pk"), month=last)))


def _without_wages(user: User, last: datetime.date) -> QuerySet[PostMonth]:
    """Months with work whose wage should have been paid by the end of the last month."""
    if not user.holds(Role.TOWN_REVIEWER):
        return PostMonth.objects.none()
    mine = PostOffer.objects.visible_to(user, Role.TOWN_REVIEWER).filter(answer=OfferAnswer.TAKEN)
    due = months_after(last, -MONTHS_TO_PAY)
    return PostMonth.objects.filter(offer__in=mine, paid=None, days__gte=1, month__lte=due)
