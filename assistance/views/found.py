"""The household and the place that a page of assistance is about: the person's own, or not found."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, Role
from assistance.places import asked_place
from households.models import Household


def household_to_read(request: HttpRequest, pk: UUID) -> Household:
    """A household that the person may read."""
    return get_object_or_404(Household.objects.visible_to(request.user).select_related("village__parent"), pk=pk)


def household_to_help(request: HttpRequest, pk: UUID, *roles: Role) -> Household:
    """A household that is not closed and for which the person works, in one of these roles if any is named."""
    mine = Household.objects.visible_to(request.user, *(roles or CASEWORK_ROLES)).present()
    return get_object_or_404(mine.select_related("village__parent"), pk=pk)


def place_to_read(request: HttpRequest) -> Region:
    """The region that the address names, or the largest that the person reads."""
    place = asked_place(request)
    if place is None:
        raise Http404("没有可看的区域。")
    return place
