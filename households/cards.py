"""Cards that the apps above put on the 帮扶 tab of a household: each a template with what it shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from households.models import Household
from households.signals import assistance_asked


@dataclass(frozen=True)
class Card:
    """One card: its place from the top (10, 20 …), its template, and what the template finds under ``card``."""

    place: int
    template: str
    context: dict[str, Any]


def cards_for(household: Household, user: User) -> list[Card]:
    """All cards for this person, in the order of their places."""
    answers: Iterable[list[Card] | None] = (
        answer for _app, answer in assistance_asked.send(sender=Household, household=household, user=user)
    )
    return sorted((card for answer in answers for card in answer or ()), key=lambda card: card.place)
