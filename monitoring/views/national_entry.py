"""录入国家系统: the worklist, one household field by field, and the tick."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.keys import key_or_none
from accounts.models import Region
from accounts.roles import OFFICE_ROLES, role_required
from households.national_codes import code_lists
from monitoring import national_entry
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.models import Case
from monitoring.models.cases import CaseQuerySet
from monitoring.national_entry import AT_ONCE, Work
from monitoring.national_entry_form import NOT_HELD
from monitoring.national_entry_forms import TickForm

PER_PAGE = 20
TABS = (Work.NEW, Work.CHANGED, Work.REMOVED, Work.DONE)


def _visible(request: HttpRequest) -> CaseQuerySet:
    return national_entry.worklist(Case.objects.visible_to(request.user, *OFFICE_ROLES))


@require_safe
@role_required(*OFFICE_ROLES)
def entry_list(request: HttpRequest) -> HttpResponse:
    """What must be keyed: new, changed, removed; and what has been. ``?area=code`` narrows it."""
    area = _area(request)
    national_entry.refresh([area] if area else _own_regions(request), most=AT_ONCE)
    work = request.GET.get("work") if request.GET.get("work") in Work.values else Work.NEW
    visible = _visible(request).in_regions([area]) if area else _visible(request)
    counts = dict(visible.order_by().values_list("work").annotate(Count("pk")))
    found = visible.filter(work=work).select_related("village").order_by("village__path", IN_GROUP_ORDER, "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "work": work,
        "tabs": [(tab.value, tab.label, counts.get(tab.value, 0)) for tab in TABS],
        "waiting": counts.get(Work.WAITING.value, 0),
        "rows": [_row(sheet) for sheet in national_entry.sheets(page.object_list)],
        "page": page,
        "area": area,
        "areas": _areas(request, visible if area is None else _visible(request)),
        "export_region": area or _own_regions(request)[0],
        "form": TickForm(),
        "export_key": uuid.uuid4(),
    }
    return render(request, "monitoring/national_entries.html", context)


def _own_regions(request: HttpRequest) -> list[Region]:
    mine = [posting.region for posting in request.user.postings_in_force() if posting.role in OFFICE_ROLES]
    return sorted(mine, key=lambda region: len(region.path))


def _areas(request: HttpRequest, visible: CaseQuerySet) -> list[Region]:
    """To narrow the list: of the places right under the person's own those that have somebody on it."""
    below = Region.objects.visible_to(request.user, *OFFICE_ROLES).filter(parent__in=_own_regions(request))
    paths = list(visible.order_by().values_list("village__path", flat=True).distinct())
    return [region for region in below.order_by("path") if any(path.startswith(region.path) for path in paths)]


def _area(request: HttpRequest) -> Region | None:
    code = request.GET.get("area", "")
    return get_object_or_404(Region.objects.visible_to(request.user, *OFFICE_ROLES), code=code) if code else None


def _row(sheet: Any) -> dict[str, Any]:
    return {
        "case": sheet.case,
        "people": len(sheet.people),
        "entry": getattr(sheet.case, "national_entry", None),
        "differing": national_entry.differing(sheet),
        "digest": national_entry.prints_of(sheet).digest,
    }


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def entry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One household in the order of the national form, to copy field by field, and to tick when it was keyed."""
    case = get_object_or_404(_visible(request).select_related("village", "household"), pk=pk)
    national_entry.refresh([case.village], most=AT_ONCE)
    sheet = next(national_entry.sheets([case]))
    form = TickForm(request.POST or None)

    def tick() -> None:
        national_entry.tick(
            case=sheet.case, by=request.user, digest=request.POST.get("digest", ""), **form.cleaned_data
        )

    if form.is_valid() and accepted(form, tick):
        messages.success(request, f"{sheet.case.household}已登记录入国家系统。")
        return redirect("monitoring:national-entries")
    context = {**_row(sheet), "sheet": sheet, "form": form, "work": case.work, "not_held": NOT_HELD}
    context["lists"] = [one for one in code_lists().values() if one.codes]
    return render(request, "monitoring/national_entry.html", context)


@require_POST
@role_required(*OFFICE_ROLES)
def entry_tick_many(request: HttpRequest) -> HttpResponse:
    """Tick those chosen on the list, each as it stood there; what changed meanwhile is named and left."""
    form = TickForm(request.POST)
    seen = dict(value.partition(":")[::2] for value in request.POST.getlist("case")[:PER_PAGE])
    keys = [key for key in map(key_or_none, seen) if key]
    done = 0
    if not form.is_valid() or not keys:
        messages.warning(request, "请勾选录好的户，选录入日期。")
    for case in _visible(request).filter(pk__in=keys).select_related("village", "household") if form.is_valid() else ():
        try:
            national_entry.tick(
                case=case, by=request.user, keyed_on=form.cleaned_data["keyed_on"], digest=seen[str(case.pk)]
            )
        except ValidationError as fault:
            messages.warning(request, f"{case.household}：{fault.messages[0]}")
        else:
            done += 1
    if done:
        messages.success(request, f"已登记录入 {done} 户。")
    kept = {name: request.POST.get(name, "") for name in ("work", "area") if request.POST.get(name, "").isalnum()}
    return redirect(f"{reverse('monitoring:national-entries')}?{urlencode(kept)}")
