"""The place that a page of assistance is about, and the places that it can be narrowed to."""

from typing import TypeVar

from django.http import HttpRequest

from accounts.models import Level, Region, User
from accounts.models.regions import RegionQuerySet
from accounts.roles import HOUSEHOLD_READERS, Role
from accounts.scoping import RegionScopedQuerySet

Rows = TypeVar("Rows", bound=RegionScopedQuerySet)


def near(rows: Rows, user: User, *roles: Role) -> Rows:
    """Of rows with a ``region`` those in somebody's regions, and those of the town and district over them: what the town
    offers (a post, a course, a firm) is there for its villages. Nobody's name stands in such a row."""
    asked = roles or HOUSEHOLD_READERS
    above = {path for one in user.postings_in_force() if one.role in asked for path in one.region.ancestor_paths}
    return rows.visible_to(user, *asked) | rows.filter(region__path__in=above)


def asked_place(request: HttpRequest) -> Region | None:
    """The region in the address, where the person may read it; else the largest that he may; None where he may none."""
    mine = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS)
    asked = mine.filter(code=request.GET.get("region", "")).first()
    return asked or mine.order_by("path").first()


def choices(places: RegionQuerySet, place: Region | None) -> list[Region]:
    """Towns to narrow to, and the villages of the one that is chosen."""
    towns = list(places.filter(level=Level.TOWN).order_by("path"))
    town = place if place and place.level == Level.TOWN else place.parent if place else None
    villages = places.villages().filter(parent=town) if town else places.villages().none()
    return [*towns, *villages.order_by("path")] if towns else list(places.villages().order_by("path"))


def tops(places: RegionQuerySet) -> list[Region]:
    """Districts and what stands above them, of those that the person reads: a page can be about each as a whole."""
    return list(places.exclude(level__in=(Level.TOWN, Level.VILLAGE)).order_by("path"))
