"""规模参考 of document 001, three (二): monitored people beside the registered poor of a district. Shown, never enforced."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from accounts.models import Region
from households.codes import HouseholdType
from households.models import Household, Member
from monitoring.models import Case
from monitoring.policy.shapes import SizeGuide
from monitoring.policy.values import PolicyNotInForce, policy_in_force

# 建档立卡人口: those who were lifted out stay registered.
REGISTERED_TYPES = (HouseholdType.LIFTED, HouseholdType.REGISTERED_POOR)


@dataclass(frozen=True)
class Size:
    """How many are monitored in a district, of how many registered, and what the document expects."""

    district: Region
    guide: SizeGuide
    monitored: int  # people
    registered: int  # people

    @property
    def percent(self) -> Decimal | None:
        """Monitored people in percent of the registered, to one decimal; None where nobody is registered."""
        if not self.registered:
            return None
        return (Decimal(self.monitored) * 100 / self.registered).quantize(Decimal("0.1"), ROUND_HALF_UP)


def size_of(district: Region, on: datetime.date) -> Size | None:
    """The figures of a district on a day; None where its rule set lays down no size."""
    try:
        guides = policy_in_force(district, on).ruleset.size
    except PolicyNotInForce:
        return None
    guide = next((one for one in guides if one.deep_poverty == district.deep_poverty), None)
    if guide is None:
        return None
    monitored = Case.objects.designated_on(on).in_regions([district]).order_by().values("household")
    registered = Household.objects.present().in_regions([district]).filter(household_type__in=REGISTERED_TYPES)
    together = Member.objects.living_together()
    return Size(
        district,
        guide,
        together.filter(household__in=monitored).count(),
        together.filter(household__in=registered.values("pk")).count(),
    )


def sizes_of(districts: Iterable[Region], on: datetime.date) -> list[Size]:
    """The figures of several districts, in the order given; those without guidance are left out."""
    return [size for size in (size_of(district, on) for district in districts) if size is not None]
