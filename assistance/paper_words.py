"""What papers say of a measure: how much, until when, from whom, in words that need no glossary."""

import datetime

from accounts.templatetags.ui import yuan, yuan0
from assistance.models import Delivery, Every, FundSource
from households.money import FEN


def amount_words(amount: int | None, every: str) -> str:
    """每月 500 元, 一次 3,000 元; empty where no amount is known."""
    if amount is None:
        return ""
    figure = yuan0(amount) if amount % FEN == 0 else yuan(amount)
    return f"{Every(every).label} {figure} 元"


def term_words(delivery: Delivery, today: datetime.date) -> str:
    """Since when, and until when where that is known; of what is promised, the day by which it is to be there."""
    if delivery.begun_on is None or delivery.begun_on > today:
        return f"应在 {_day(delivery.due_on)}前落实" if delivery.due_on else "正在办"
    if delivery.is_grant:
        return f"{_day(delivery.begun_on)}发放"
    if delivery.ended_on:
        return f"{_day(delivery.begun_on)} 至 {_day(delivery.ended_on)}"
    until = f"，到 {_day(delivery.runs_until)}" if delivery.runs_until else ""
    over = "（已到期，续不续请问一问）" if delivery.runs_until and delivery.runs_until < today else ""
    return f"{_day(delivery.begun_on)}起{until}{over}"


def giver_words(delivery: Delivery) -> str:
    """From which unit, and whose money where that was entered."""
    unit = delivery.unit or delivery.lead
    fund = f"{FundSource(delivery.fund).label}资金" if delivery.fund else ""
    return "，".join(part for part in (unit, fund) if part)


def _day(on: datetime.date) -> str:
    return f"{on.year} 年 {on.month} 月 {on.day} 日"
