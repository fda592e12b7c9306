"""How far a notice is, by the days that were fixed when it was posted; needs no calendar and no register."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

CALENDAR_DAYS = "天"


@dataclass(frozen=True)
class Countdown:
    """Where a notice stands on a day; ``day`` is how many of its days have been reached."""

    day: int
    total: int
    unit: str
    begun: bool
    over: bool

    @classmethod
    def on(
        cls,
        today: datetime.date,
        *,
        starts_on: datetime.date,
        ends_on: datetime.date,
        counted: Sequence[str],
        unit: str,
    ) -> "Countdown":
        """From the days that count (ISO dates in their order); the last day of the notice counts whole."""
        reached = sum(day <= today.isoformat() for day in counted)
        return cls(reached, len(counted), unit, today >= starts_on, today > ends_on)

    @property
    def length(self) -> str:
        """5 天, or 5 个工作日."""
        return f"{self.total} {'天' if self.unit == CALENDAR_DAYS else f'个{self.unit}'}"

    @property
    def words(self) -> str:
        """第 2 天，共 5 天."""
        if self.over:
            return f"已满 {self.length}"
        if self.day:
            return f"第 {self.day} 天，共 {self.length}"
        return f"{'已张贴，还没起算' if self.begun else '还没开始'}，共 {self.length}"

    @property
    def days(self) -> list[bool]:
        """One mark for each day: reached or not."""
        return [number < self.day for number in range(self.total)]

    @property
    def dots(self) -> str:
        """The same in characters, for paper and readers: ●●○○○."""
        return "●" * self.day + "○" * (self.total - self.day)
