"""The eight key groups (document 004 二（二）): unregistered households known to be in one, and who was visited this round."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import Region, User
from households.codes import KEY_GROUP_BITS, HouseholdType, KeyGroup
from households.family_bits import only_in_a_group, register_group_bits
from households.models import Facts, Household, Member
from households.models.households import HouseholdQuerySet
from monitoring.models import GradingRound

CLAUSE_GROUPS = "六政办〔2019〕15号 二（二）：原则上每半年组织一次，对未建档立卡的重点群体开展入户排查"


@dataclass(frozen=True)
class KeyGroupRow:
    """A household with the groups that it is known to be in, and whether it has been visited in the round."""

    household: Household
    groups: str
    surveyed: bool


def in_key_groups(user: User, district: Region) -> HouseholdQuerySet:
    """Households that were never registered as poor and are known to be in a group: by their last visit, or, while nobody
    has been there, by the register. Each with ``visited_on`` and ``group_bits`` of its last visit."""
    facts = Facts.objects.filter(household=OuterRef("pk"), replaced_on=None)
    members = only_in_a_group(Member.objects.living_together().filter(household=OuterRef("pk")))
    rows = Household.objects.visible_to(user).in_regions([district]).present()
    return (
        rows.filter(household_type=HouseholdType.ORDINARY)
        .annotate(
            visited_on=Subquery(facts.values("visited_on")[:1]),
            group_bits=Subquery(facts.values("key_group_bits")[:1]),
        )
        .filter(Q(group_bits__gt=0) | Q(group_bits=None) & (Q(unsafe_house=True) | Exists(members)))
    )


def not_yet_surveyed(user: User, district: Region, found: GradingRound) -> HouseholdQuerySet:
    """Those whom nobody has visited in the round."""
    return in_key_groups(user, district).filter(Q(visited_on=None) | Q(visited_on__lt=found.visited_from))


def key_group_rows(households: Iterable[Household], found: GradingRound | None) -> list[KeyGroupRow]:
    """The rows of a page, with the groups in words."""
    listed = list(households)
    unvisited = [one.pk for one in listed if one.group_bits is None]
    members: dict[object, list[Member]] = {}
    for member in Member.objects.living_together().filter(household__in=unvisited):
        members.setdefault(member.household_id, []).append(member)
    rows = []
    for one in listed:
        bits = one.group_bits
        if bits is None:
            bits = register_group_bits(one, members.get(one.pk, []))
        surveyed = bool(found and one.visited_on and one.visited_on >= found.visited_from)
        rows.append(KeyGroupRow(one, group_words(bits), surveyed))
    return rows


def group_words(bits: int) -> str:
    """The groups in words, in the document's order."""
    return "、".join(str(KeyGroup(group).label) for group, bit in KEY_GROUP_BITS.items() if bits & bit)
