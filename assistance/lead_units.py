"""Whose measures a person may handle: the department that leads a measure is known by the name of its clerk's unit."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from accounts.departments import clerkships
from accounts.models import Region, User
from accounts.roles import Role
from assistance.catalogue import CatalogueMeasure
from assistance.measures import measures_at

DESK_ROLES = (Role.DEPARTMENT_CLERK, Role.DISTRICT_OFFICER)
SHORTEST = 2


@dataclass(frozen=True)
class Desk:
    """For which department somebody acts, and where; the district office ("") for all of them."""

    unit: str
    region: Region

    def leads(self, lead: str) -> bool:
        """Whether it leads what has this 牵头单位: 枣庄高新区医保局 is 医保局."""
        return not self.unit or lead in leads_of(self.unit)


def desks(user: User) -> list[Desk]:
    """The departments for which somebody acts today: his own unit, that of the colleague for whom he stands in, or all."""
    offices = [posting.region for posting in user.postings_in_force() if posting.role == Role.DISTRICT_OFFICER]
    return [Desk(one.department, one.region) for one in clerkships(user)] + [Desk("", region) for region in offices]


def desk_over(user: User, region: Region, lead: str) -> Desk | None:
    """The desk from which somebody handles what this 牵头单位 leads at a place; None when there is none."""
    mine = (desk for desk in desks(user) if desk.region.contains(region) and desk.leads(lead))
    return next(mine, None)


def leads_of(unit: str) -> list[str]:
    """How the catalogue may call a unit: every ending of its name, so that an index finds what it leads."""
    return [unit[place:] for place in range(len(unit) - SHORTEST + 1)]


def regions_of(user: User) -> list[Region]:
    """Where somebody may upload lists, the widest first."""
    return sorted({desk.region for desk in desks(user)}, key=lambda region: region.path)


def measures_led(user: User, region: Region) -> dict[str, CatalogueMeasure]:
    """What somebody may upload lists of at a place, in the order of the catalogue."""
    mine = [desk for desk in desks(user) if desk.region.contains(region)]
    return {code: one for code, one in measures_at(region).items() if any(desk.leads(one.lead) for desk in mine)}


def check_leads(user: User, region: Region, measure: CatalogueMeasure) -> Desk:
    """The desk from which somebody handles a measure at a place; raises ValidationError when it is not his."""
    desk = desk_over(user, region, measure.lead)
    if desk is None:
        raise ValidationError(f"{measure.name}由{measure.lead}牵头，不归您的单位在{region}办理。")
    return desk
