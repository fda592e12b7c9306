"""The months of a place: attendance first, then the wage, in full and on time (003 二（二）8: 不得变相发钱); what is not so."""

import calendar
import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, TextChoices
from django.utils import timezone

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES
from assistance.limits import months_after
from assistance.models import OfferAnswer, PostMonth, PostOffer
from assistance.models.posts import PostOfferQuerySet
from assistance.posts import trace
from households.money import format_yuan

ONE_DAY = datetime.timedelta(days=1)
# 文件未规定，参数: the wage of a month is there by the end of the next one; what is looked at are the last twelve months.
MONTHS_TO_PAY = 1
MONTHS_LOOKED_AT = 12


class Fault(TextChoices):
    """What is wrong with a month."""

    NO_ATTENDANCE = "no_attendance", "没有考勤"
    UNPAID = "unpaid", "到期没有发工资"
    SHORT = "short", "没有发足"
    LATE = "late", "发晚了"


@dataclass(frozen=True)
class Month:
    """One month of one place as it stands; ``kept`` None: nobody has noted its attendance."""

    offer: PostOffer
    first: datetime.date
    kept: PostMonth | None
    today: datetime.date

    @property
    def due_on(self) -> datetime.date:
        """The last day on which its wage is in time."""
        return last_day(months_after(self.first, MONTHS_TO_PAY))

    @property
    def missing(self) -> int:
        """How much less than the wage was paid, in fen."""
        paid = self.kept.paid if self.kept else None
        return 0 if paid is None else max(0, self.offer.post.wage - paid)

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with it today."""
        return list(self._faults())

    @property
    def may_be_paid(self) -> bool:
        """Whether there was work, and no pay yet."""
        return self.kept is not None and self.kept.days > 0 and self.kept.paid is None

    def _faults(self) -> Iterator[Fault]:
        if self.kept is None:
            if last_day(self.first) < self.today:
                yield Fault.NO_ATTENDANCE
            return
        if self.may_be_paid and self.due_on < self.today:
            yield Fault.UNPAID
        if self.missing:
            yield Fault.SHORT
        if self.kept.paid_on and self.kept.paid_on > self.due_on:
            yield Fault.LATE


def last_day(day: datetime.date) -> datetime.date:
    """The last day of the day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def placed(user: User, *roles: object) -> PostOfferQuerySet:
    """The places that people in somebody's regions have or had, with their months at hand."""
    rows = PostOffer.objects.visible_to(user, *roles).filter(answer=OfferAnswer.TAKEN, delivery__isnull=False)
    months = Prefetch("months", queryset=PostMonth.objects.select_related("attended_by", "paid_by"))
    at_hand = rows.select_related("post__region", "member__household__village__parent", "delivery")
    return at_hand.prefetch_related(months).order_by(
        "member__household__village__path", "member__household__number", "pk"
    )


def months_of(offer: PostOffer, today: datetime.date) -> list[Month]:
    """The months of a place from its first to its last or this one, the newest first; at most the last twelve."""
    kept = {one.month: one for one in offer.months.all()}
    begun, ended = offer.delivery.begun_on, offer.delivery.ended_on
    last = min(ended or today, today).replace(day=1)
    first = max(begun.replace(day=1), months_after(last, 1 - MONTHS_LOOKED_AT))
    found = []
    while last >= first:
        found.append(Month(offer, last, kept.get(last), today))
        last = months_after(last, -1)
    return found


def faulty(user: User, today: datetime.date, *roles: object) -> list[tuple[Month, Fault]]:
    """Every month with something wrong, of the places in somebody's regions."""
    return [
        (month, fault) for offer in placed(user, *roles) for month in months_of(offer, today) for fault in month.faults
    ]


# ---- writes ----


@transaction.atomic
def attend(*, offer: PostOffer, by: User, month: datetime.date, days: int, note: str = "") -> PostMonth:
    """Note how many days somebody was at work in a month, or mend that while it is not paid.

    Raises PermissionDenied, and ValidationError for a month or days that will not do, and where the wage is paid already.
    """
    _check_may(offer, by, *CASEWORK_ROLES)
    first, today = month.replace(day=1), timezone.localdate()
    most = _days_there(offer, first, today)
    if not most:
        raise ValidationError("这个月不在岗，不能记考勤。")
    if not 0 <= days <= most:
        raise ValidationError(f"这个月到今天最多 {most} 天，填的是 {days} 天。")
    told = {"days": days, "attendance_note": note.strip(), "attended_by": by, "attended_at": timezone.now()}
    if not PostMonth.objects.filter(offer=offer, month=first, paid=None).update(**told):
        try:
            with transaction.atomic():
                PostMonth.objects.create(offer=offer, month=first, **told)
        except IntegrityError as fault:
            raise ValidationError("这个月的工资已经发了，考勤不能再改。") from fault
    trace("post.attend", offer, by, month=f"{first:%Y-%m}", attended_days=days)
    return PostMonth.objects.get(offer=offer, month=first)


@transaction.atomic
def pay(*, month: PostMonth, by: User, paid: int, paid_on: datetime.date) -> None:
    """Note that the wage of a month was paid: only of a month with attendance, by somebody else, never more than agreed.

    Raises PermissionDenied and ValidationError.
    """
    offer = month.offer
    _check_may(offer, by, *OFFICE_ROLES)
    if month.days < 1:
        raise ValidationError("这个月没有出勤，不能发工资。")
    # One person in two accounts is one person, and so are he and who stands in for him, whichever of them noted it.
    village, noted_on = offer.member.household.village, timezone.localdate(month.attended_at)
    if by.capacities(village) & month.attended_by.capacities(village, noted_on):
        raise ValidationError("考勤是您自己记的，工资要由另一个人登记。")
    if paid < 1:
        raise ValidationError("请填实发的工资。")
    if paid > offer.post.wage:
        raise ValidationError(
            f"约定的月工资是 {format_yuan(offer.post.wage)} 元，填的是 {format_yuan(paid)} 元；多出来的不能当工资发。"
        )
    if not month.month + (month.days - 1) * ONE_DAY <= paid_on <= timezone.localdate():
        raise ValidationError("发放日期要在出勤以后，不能晚于今天。")
    # What was noted is part of the WHERE clause: of two people one pays, and none pays for days that were mended meanwhile.
    unpaid = PostMonth.objects.filter(pk=month.pk, paid=None, days=month.days, attended_by=month.attended_by_id)
    if not unpaid.update(paid=paid, paid_on=paid_on, paid_by=by):
        raise ValidationError("这个月的工资刚被别人登记过，或者考勤改过，请刷新再看。")
    trace("post.pay", offer, by, month=f"{month.month:%Y-%m}", wage=format_yuan(paid), paid_on=paid_on)


def _days_there(offer: PostOffer, first: datetime.date, today: datetime.date) -> int:
    """How many days of a month somebody had the place, up to today."""
    if offer.answer != OfferAnswer.TAKEN or offer.delivery is None or offer.delivery.begun_on is None:
        return 0
    begins = max(first, offer.delivery.begun_on)
    ends = min(last_day(first), offer.delivery.ended_on or today, today)
    return max(0, (ends - begins).days + 1)


def _check_may(offer: PostOffer, by: User, *roles: object) -> None:
    if by.posting_over(offer.member.household.village, *roles) is None:  # type: ignore[arg-type]
        raise PermissionDenied("考勤由村里和镇（街）记，工资由镇（街）、区（市）登记。")
