"""Whose desk a unit answerable is, and who stands one level above it."""

from accounts.models import Level, Region
from accounts.roles import VILLAGE_ROLES, Role

# The village mends what its village answers for, and so on.
DESKS: dict[str, tuple[Role, ...]] = {
    Level.VILLAGE: VILLAGE_ROLES,
    Level.TOWN: (Role.TOWN_REVIEWER,),
    Level.ZONE: (Role.DISTRICT_OFFICER,),
    Level.COUNTY: (Role.DISTRICT_OFFICER,),
}
ABOVE: dict[str, Role] = {Level.VILLAGE: Role.TOWN_REVIEWER, Level.TOWN: Role.DISTRICT_OFFICER}


def unit_of(place: Region, answerable: Region | None) -> tuple[Region, tuple[Role, ...]]:
    """The region and roles that act for a unit; for a department it is the district over ``place`` that reports."""
    if answerable is not None:
        return answerable, DESKS.get(answerable.level, (Role.DISTRICT_OFFICER,))
    return place, (Role.DISTRICT_OFFICER,)
