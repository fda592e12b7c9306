"""The household and the place that a page of assistance is about: the person's own, or not found; what is typed to find."""

import re
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, Role, View
from assistance.places import asked_place
from households.models import Household
from households.views.listing import WHOLE_NUMBER


def no_whole_number(view: View) -> View:
    """Ask again who typed a whole identity number to find somebody: it does not belong into an address."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" and WHOLE_NUMBER.search(re.sub(r"\s", "", request.GET.get("q", ""))):
            messages.warning(request, "找人请只输证件号码的后四位，不要输整个号码。")
            return redirect(request.path)
        return view(request, *args, **kwargs)

    return checked


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
