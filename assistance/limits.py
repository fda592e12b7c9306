"""What bounds a measure: the amount and the term that its document sets."""

import calendar
import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from assistance.catalogue import CatalogueMeasure
from assistance.models import Every
from households.money import FEN, format_yuan

MONTHS_OF_A_YEAR = 12
MOST = 1_000_000  # yuan; where a document sets no bound, what is more for one family was mistyped
YEARS_AHEAD = 50  # what is later was mistyped, and beyond the calendar no term can be reckoned
ONE_DAY = datetime.timedelta(days=1)


def check_amount(measure: CatalogueMeasure, amount: int | None, every: str) -> None:
    """Raises ValidationError for an amount (fen) beyond what the measure's document allows, or beyond all sense; what is paid
    by the year is held against the least amount of a month."""
    if amount is None:
        return
    if amount < 0:
        raise ValidationError("金额不能是负数。")
    if measure.amount_most is not None and amount > measure.amount_most * FEN:
        raise ValidationError(
            f"{measure.name}不超过 {measure.amount_most:,} 元，填的是 {format_yuan(amount)} 元（{measure.sources[0]}）。"
        )
    if measure.amount_most is None and amount > MOST * FEN:
        raise ValidationError(f"{measure.name}填的是 {format_yuan(amount)} 元，请核对是不是多写了几位。")
    paid = amount / MONTHS_OF_A_YEAR if every == Every.YEAR else amount
    if measure.amount_least is not None and paid < measure.amount_least * FEN:
        raise ValidationError(
            f"{measure.name}不低于 {measure.amount_least:,} 元，填的是 {format_yuan(amount)} 元（{measure.sources[0]}）。"
        )


def check_term(measure: CatalogueMeasure, begins_on: datetime.date | None, runs_until: datetime.date | None) -> None:
    """Raises ValidationError for a term that ends before it begins, is too long or too short, or lies in no year of ours."""
    for day in (begins_on, runs_until):
        if day is not None and day.year > timezone.localdate().year + YEARS_AHEAD:
            raise ValidationError(f"{measure.name}的日期 {day} 年份不对，请核对。")
    if begins_on is None or runs_until is None:
        return
    if runs_until < begins_on:
        raise ValidationError(f"{measure.name}的到期日期 {runs_until} 早于开始日期 {begins_on}。")
    if measure.months_most is not None and runs_until > months_after(begins_on, measure.months_most):
        raise ValidationError(f"{measure.name}的期限不超过 {measure.months_most} 个月（{measure.sources[0]}）。")
    if measure.months_least is not None and runs_until < months_after(begins_on, measure.months_least) - ONE_DAY:
        raise ValidationError(f"{measure.name}的期限不少于 {measure.months_least} 个月（{measure.sources[0]}）。")


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later (before, where they are negative); the last of a month that is shorter."""
    years, month = divmod(day.month - 1 + months, MONTHS_OF_A_YEAR)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
