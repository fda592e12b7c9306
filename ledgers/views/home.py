"""Home pages: what I must do first, and the figures of my region second."""

import uuid

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Level, Posting, Region, User
from accounts.models.regions import RegionQuerySet
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, Role, role_required
from households.codes import MonitorClass
from households.models import Household, SurveyDraft
from ledgers.chart import paired_columns
from ledgers.figures import overview
from ledgers.models import EXPORT_ROLES, Export
from monitoring.digests import digests_for
from monitoring.inbox import todo
from monitoring.models import Case, Notice
from monitoring.oversight_size import sizes_of

FIRST_ON_PHONE = 5
FIRST_IN_OFFICE = 12
FILES_SHOWN = 3
VILLAGES_SHOWN = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The desk of the person who asks."""
    user = request.user
    if user.works_in_village:
        return _village_home(request)
    if user.holds(*HOUSEHOLD_READERS):
        return _office_home(request)
    if user.holds(Role.DEPARTMENT_CLERK):
        return _department_home(request)
    if user.holds(Role.SYSTEM_ADMIN):
        return _administrator_home(request)
    return render(request, "ledgers/home_empty.html")


def _village_home(request: HttpRequest) -> HttpResponse:
    work = todo(request.user)
    shown = work if request.GET.get("all") else work[:FIRST_ON_PHONE]
    households = Household.objects.visible_to(request.user).present()
    context = {
        "work": shown,
        "work_count": len(work),
        "groups": households.groups(),
        "household_count": households.count(),
        "drafts": SurveyDraft.objects.visible_to(request.user).filter(author=request.user).count(),
    }
    return render(request, "ledgers/home_village.html", context)


def _office_home(request: HttpRequest) -> HttpResponse:
    work = todo(request.user)
    today = timezone.localdate()
    region = own_region(request.user)
    changed = digests_for(request.user).covering(today)
    context = {
        "work": work if request.GET.get("all") else work[:FIRST_IN_OFFICE],
        "work_count": len(work),
        "region": region,
        "today": today,
        "figures": overview(Case.objects.visible_to(request.user), region, today),
        "notices": Notice.objects.visible_to(request.user)
        .running_on(today)
        .select_related("village")[:FIRST_IN_OFFICE],
        "may_work": request.user.holds(*CASEWORK_ROLES),
        "may_export": request.user.holds(*EXPORT_ROLES),
        "ledger_key": uuid.uuid4(),
        "digests": changed[:VILLAGES_SHOWN],
        "changed": changed.aggregate(villages=Count("pk"), households=Sum("changed")),
    }
    return render(request, "ledgers/home_office.html", context)


def _department_home(request: HttpRequest) -> HttpResponse:
    """A department's clerk: what his department has to mend or carry out; figures are entered on a page of their own."""
    context = {"work": todo(request.user), "today": timezone.localdate()}
    return render(request, "ledgers/home_department.html", context)


def _administrator_home(request: HttpRequest) -> HttpResponse:
    """An administrator: what waits for a second person; while nothing does, his accounts."""
    work = todo(request.user)
    if not work:
        return redirect("accounts:users")
    return render(request, "ledgers/home_admin.html", {"work": work, "today": timezone.localdate()})


@require_safe
@role_required(*OFFICE_ROLES, Role.INSPECTOR)
def dashboard(request: HttpRequest) -> HttpResponse:
    """监督看板: figures of the region, drilled down through ``?area=code``; towns in administrative order."""
    visible = Region.objects.visible_to(request.user, *OFFICE_ROLES, Role.INSPECTOR)
    code = request.GET.get("area", "")
    region = get_object_or_404(visible, code=code) if code else own_region(request.user)
    monitor_class = request.GET.get("class", "")
    figures = overview(Case.objects.visible_to(request.user), region, timezone.localdate(), monitor_class)
    context = {
        "region": region,
        "above": visible.filter(path__in=region.ancestor_paths).exclude(pk=region.pk).order_by("path"),
        "figures": figures,
        "chart": paired_columns(figures.months),
        "monitor_class": monitor_class,
        "classes": [(MonitorClass.EDGE, "边缘户"), (MonitorClass.RELAPSE, "脱贫监测户")],
        "largest": max([1, *(place.registered for place in figures.places)]),
        "most_common": figures.causes[0][1] if figures.causes else 1,
        "exports": Export.objects.visible_to(request.user).filter(requested_by=request.user)[:FILES_SHOWN],
        "now": timezone.now(),
        "sizes": sizes_of(_districts(visible, region), timezone.localdate()),
        "may_visit": request.user.holds(*CASEWORK_ROLES),
        "may_export": request.user.holds(*EXPORT_ROLES),
        "ledger_key": uuid.uuid4(),
        "drills": region.level != Level.TOWN,
    }
    return render(request, "ledgers/dashboard.html", context)


def _districts(visible: RegionQuerySet, region: Region) -> RegionQuerySet:
    """The district shown, or those of the city shown; below a district none."""
    return visible.in_regions([region]).districts() if region.level != Level.TOWN else visible.none()


def own_region(user: User) -> Region:
    """The widest region that the person reads: where his home page begins."""
    postings: list[Posting] = [one for one in user.postings_in_force() if one.role in HOUSEHOLD_READERS]
    return min(postings, key=lambda posting: len(posting.region.path)).region
