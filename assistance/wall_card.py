"""帮扶明白卡: what a family has, from whom, and whom it may ask; handed to the family, and often put up on its wall.

Whoever comes to the house can read it. Therefore it holds no income, no identity number, no risk cause, nothing of
anybody's health, and no telephone number of the family; the telephone of the contact and of the offices is its purpose.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils import timezone

from accounts.models import Region
from assistance.models import Delivery, Helper, Stage
from assistance.paper_words import amount_words, giver_words, term_words
from households.models import Household, Member
from households.models.households import HouseholdQuerySet
from monitoring.models import Case
from monitoring.notices_sheet import HOTLINE

SHOWN = (Stage.IN_PLACE, Stage.IN_HAND, Stage.PROMISED)


@dataclass(frozen=True)
class CardLine:
    """One measure as the family reads it; whoever has it on the same terms stands in one line."""

    name: str
    whose: str
    amount: str
    term: str
    giver: str


@dataclass(frozen=True)
class WallCard:
    """Everything on one card."""

    household: Household
    members: list[Member]
    in_place: list[CardLine]
    coming: list[CardLine]
    helper: Helper | None
    village: Region
    town: Region | None
    hotline: str = HOTLINE


def cards_of(households: HouseholdQuerySet, today: datetime.date) -> list[WallCard]:
    """A card for each of the households, in village order; as many queries for one as for three hundred."""
    rows = households.select_related("village__parent").in_village_order()
    return [_card(one, today) for one in rows.prefetch_related(*_whole(today))]


def card_of(household: Household) -> WallCard:
    """The card of one household, as of today."""
    return cards_of(Household.objects.filter(pk=household.pk), timezone.localdate())[0]


def with_card(households: HouseholdQuerySet, today: datetime.date) -> HouseholdQuerySet:
    """Households that have something to read on a card: on the register, or with a measure in place or under way."""
    designated = Case.objects.designated_on(today).order_by().values("household")
    in_place = Delivery.objects.in_place_on(today).order_by().values("household")
    waiting = Delivery.objects.waiting_on(today).order_by().values("household")
    return households.present().filter(Q(pk__in=designated) | Q(pk__in=in_place) | Q(pk__in=waiting))


def _whole(today: datetime.date) -> tuple[Prefetch, ...]:
    return (
        Prefetch("members", Member.objects.present().head_first(), to_attr="people"),
        Prefetch("deliveries", Delivery.objects.select_related("member").order_by("begun_on", "pk"), to_attr="given"),
        Prefetch("helpers", Helper.objects.in_force(today), to_attr="contacts"),
    )


def _card(household: Household, today: datetime.date) -> WallCard:
    shown: dict[Stage, list[Delivery]] = {stage: [] for stage in SHOWN}
    for delivery in household.given:  # type: ignore[attr-defined]
        stage = delivery.stage_on(today)
        # A grant of a year ago is no help that he has now.
        if stage in shown and not (delivery.is_grant and delivery.begun_on and delivery.begun_on.year < today.year):
            shown[stage].append(delivery)
    places = {member.pk: place for place, member in enumerate(household.people)}  # type: ignore[attr-defined]
    lines = {stage: list(_lines(given, places, today)) for stage, given in shown.items()}
    return WallCard(
        household=household,
        members=household.people,  # type: ignore[attr-defined]
        in_place=lines[Stage.IN_PLACE],
        coming=lines[Stage.IN_HAND] + lines[Stage.PROMISED],
        helper=next(iter(household.contacts), None),  # type: ignore[attr-defined]
        village=household.village,
        town=household.village.parent,
    )


def _lines(given: Iterable[Delivery], places: Mapping[UUID, int], today: datetime.date) -> Iterator[CardLine]:
    """One for each measure with its terms; the names in the order of the family, unless it is everybody."""
    alike: dict[tuple[str, ...], list[Delivery]] = {}
    for one in given:
        amount = amount_words(one.amount, one.every)
        terms = (one.name, amount, term_words(one, today), giver_words(one), "" if one.member else "全家")
        alike.setdefault(terms, []).append(one)
    for (name, amount, term, giver, whole), found in alike.items():
        people = sorted((one.member for one in found if one.member), key=lambda one: places.get(one.pk, len(places)))
        each = "每人" if amount and len(people) > 1 else ""
        everybody = len(people) > 1 and {one.pk for one in people} == set(places)
        names = f"全家{len(people)}口" if everybody else "、".join(one.name for one in people)
        yield CardLine(name, whole or names, each + amount, term, giver)
