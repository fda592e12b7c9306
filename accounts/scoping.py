"""Rows are reached through ``visible_to`` or not at all: a subtree of regions is a range of paths."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.roles import HOUSEHOLD_READERS, Role

if TYPE_CHECKING:
    from accounts.models import Region, User


class RegionScopedQuerySet(models.QuerySet):
    """A queryset whose rows belong to a region, found through ``region_lookup``."""

    region_lookup: ClassVar[str] = "village"
    reader_roles: ClassVar[tuple[Role, ...]] = HOUSEHOLD_READERS

    def visible_to(self, user: "User", *roles: Role) -> Self:
        """Rows under the user's postings in force today; without a posting, none.

        With ``roles``, only postings in one of these roles count: what somebody may do in one
        village does not follow him to the next.
        """
        return self.in_regions(
            posting.region for posting in user.postings_in_force() if posting.role in (roles or self.reader_roles)
        )

    def in_regions(self, regions: Iterable["Region"]) -> Self:
        """Rows in these subtrees: ranges of paths, which an index serves on both databases."""
        prefix = f"{self.region_lookup}__path" if self.region_lookup else "path"
        under = Q(pk__in=[])
        for start, end in {region.path_range for region in regions}:
            under |= Q(**{f"{prefix}__gte": start, f"{prefix}__lt": end})
        return self.filter(under)
