"""Departments (医保局, 民政局 …) by the clerks who act for them: a department is known by the name of its clerk's unit."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Posting, Region, User
from accounts.roles import Role


@dataclass(frozen=True)
class Clerkship:
    """A department for which somebody acts, and where."""

    department: str
    region: Region
    posting: Posting


def clerkships(user: User) -> list[Clerkship]:
    """The departments for which somebody acts today: his own unit, or that of the colleague for whom he stands in."""
    held = (posting for posting in user.postings_in_force() if posting.role == Role.DEPARTMENT_CLERK)
    found = ((posting, (posting.on_behalf_of or user).unit.strip()) for posting in held)
    return [Clerkship(unit, posting.region, posting) for posting, unit in found if unit]


def acting_for(user: User, department: str, place: Region) -> Posting | None:
    """The posting by which somebody acts for a department of this name at a place; None when he does not."""
    mine = (one for one in clerkships(user) if one.department == department and one.region.contains(place))
    return next((one.posting for one in mine), None)


def departments_over(place: Region) -> list[str]:
    """The departments over a place that have a clerk."""
    posted = Posting.objects.in_force(timezone.localdate()).filter(
        role=Role.DEPARTMENT_CLERK, region__path__in=place.ancestor_paths, user__is_active=True, on_behalf_of=None
    )
    units = posted.exclude(user__unit="").order_by("user__unit").values_list("user__unit", flat=True)
    return list(dict.fromkeys(unit.strip() for unit in units))


def in_full(typed: str, place: Region) -> str:
    """A department's name as its clerk's unit has it: 区医保局 is 枣庄高新区医保局 where only one ends so; else as typed."""
    name = typed.strip()
    known = departments_over(place)
    ending = [one for one in known if name and one.endswith(name)]
    return name if name in known or len(ending) != 1 else ending[0]
