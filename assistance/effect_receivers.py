"""The card 成效 on the 帮扶 tab of a household."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from assistance.effect_chart import effect_of
from households.cards import Card
from households.models import Household
from households.signals import assistance_asked

AFTER_THE_OTHERS = 40


@receiver(assistance_asked)
def show_effect(sender: Any, household: Household, user: User, **more: Any) -> list[Card]:
    """Income and measures of three years; without any, nothing."""
    effect = effect_of(household)
    return [Card(AFTER_THE_OTHERS, "assistance/_effect_card.html", {"effect": effect})] if effect else []
