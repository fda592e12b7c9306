"""The tree of regions, and what papers print for each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.forms import RegionOfficeForm
from accounts.models import Region
from accounts.roles import Role, role_required

EDITORS = (Role.SYSTEM_ADMIN, Role.DISTRICT_OFFICER, Role.TOWN_REVIEWER)


@require_safe
@role_required(*EDITORS)
def regions(request: HttpRequest) -> HttpResponse:
    """The regions at the top of one's scope, or those under ``?under=code``; ``?unnamed=1`` are towns without duties."""
    visible = Region.objects.visible_to(request.user, *EDITORS)
    unnamed = visible.without_duty()
    code = request.GET.get("under", "")
    if code:
        parent = get_object_or_404(visible, code=code)
        shown = visible.filter(parent=parent)
    elif request.GET.get("unnamed"):
        parent, shown = None, unnamed
    else:
        parent = None
        mine = [posting.region for posting in request.user.postings_in_force() if posting.role in EDITORS]
        shown = visible.filter(pk__in=[region.pk for region in mine])
    return render(
        request,
        "accounts/regions.html",
        {
            "regions": shown.order_by("path"),
            "parent": parent,
            "above": _above(parent, visible),
            "unnamed": unnamed.count(),
        },
    )


@require_http_methods(["GET", "POST"])
@role_required(*EDITORS)
def region_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a region's office and the people printed on papers."""
    region = get_object_or_404(Region.objects.visible_to(request.user, *EDITORS), code=code)
    form = RegionOfficeForm(request.POST or None, instance=region, by=request.user)
    if form.is_valid():
        if form.changed_data:
            services.change_region_office(by=request.user, region=form.instance, changed=form.changed_data)
        messages.success(request, f"{region}的单位信息已保存，以后的台账和公示照此打印。")
        return redirect("accounts:regions")
    return render(request, "accounts/region_form.html", {"form": form, "region": region})


def _above(parent: Region | None, visible: object) -> list[Region]:
    if parent is None:
        return []
    return list(visible.filter(path__in=parent.ancestor_paths).order_by("path"))  # type: ignore[attr-defined]
