"""日历: rounds and limits by month, a district's own dates, and the days off that limits are counted by."""

import datetime
import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.keys import key_or_none
from accounts.models import Region
from accounts.roles import OFFICE_ROLES, Role, role_required
from monitoring import calendar, calendar_dates, calendar_overrides, workdays
from monitoring.calendar_forms import DaysForm, DistrictDateForm
from monitoring.models import DistrictDate, WorkdayOverride
from monitoring.parameters import SETTERS

READERS = (*OFFICE_ROLES, Role.INSPECTOR, Role.SYSTEM_ADMIN)
FIRST_YEAR, LAST_YEAR = 2000, 2100


@require_safe
@role_required(*Role)
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Six months from this one, or from ``?from=2026-04``."""
    today = timezone.localdate()
    first = _month(request.GET.get("from", "")) or today.replace(day=1)
    context = {
        "page": calendar.page_of(request.user, first, today),
        "on_phone": request.user.works_in_village,
        "shows_now": first <= today < calendar.shift(first, calendar.MONTHS_SHOWN),
        "before": calendar.shift(first, -calendar.MONTHS_SHOWN),
        "after": calendar.shift(first, calendar.MONTHS_SHOWN),
        "may_set": request.user.holds(*SETTERS),
        "may_read_workdays": request.user.holds(*READERS),
    }
    return render(request, "monitoring/calendar.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*SETTERS)
def date_new(request: HttpRequest) -> HttpResponse:
    """Put a date on the calendars of a district."""
    form = DistrictDateForm(request.POST or None, regions=_settable(request))
    if form.is_valid():
        try:
            calendar_dates.add_date(by=request.user, today=timezone.localdate(), **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, "日期已经加上，本区（市）的镇（街）和村都看得到。")
            return redirect(f"{reverse('monitoring:calendar')}?from={form.cleaned_data['date']:%Y-%m}")
    return render(request, "monitoring/calendar_date_new.html", {"form": form})


@require_POST
@role_required(*SETTERS)
def date_remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a district's own date off the calendars."""
    mine = get_object_or_404(DistrictDate.objects.visible_to(request.user, *SETTERS).select_related("region"), pk=pk)
    try:
        calendar_dates.remove_date(date=mine, by=request.user)
        messages.success(request, f"“{mine.title}”已从日历上去掉。")
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    return redirect("monitoring:calendar")


@require_safe
@role_required(*READERS)
def workday_list(request: HttpRequest) -> HttpResponse:
    """The days off and the worked weekends of a year, and what waits for a second person."""
    today = timezone.localdate()
    year = _year(request.GET.get("year", ""), today.year)
    rows = WorkdayOverride.objects.visible_to(request.user, *READERS)
    people = ("set_by", "confirmed_by", "withdrawn_by")
    free, worked = calendar.days_off(
        year, workdays.load_overrides(datetime.date(year, 1, 1), datetime.date(year, 12, 31))
    )
    context = {
        "year": year,
        "years": range(today.year - 1, today.year + 3),
        "free": free,
        "worked": worked,
        "arranged": workdays.known_year(year).arranged,
        "rows": rows.of_year(year).in_force(),
        "waiting": rows.waiting().select_related(*people),
        "may_set": request.user.holds(*SETTERS),
    }
    return render(request, "monitoring/workdays.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*SETTERS)
def workday_new(request: HttpRequest) -> HttpResponse:
    """A pasted list: first what it would change, then, looked over, it is proposed."""
    form = DaysForm(request.POST or None)
    if not form.is_valid():
        return render(request, "monitoring/workdays_new.html", {"form": form})
    if "confirmed" in request.POST:
        try:
            found = calendar_overrides.propose(by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已登记 {len(found)} 天，另一位同事复核以后算数。")
            return redirect(f"{reverse('monitoring:workdays')}?year={min(form.cleaned_data['days']).year}")
    lines = calendar_overrides.plan(form.cleaned_data["days"])
    context = {"form": form, "lines": lines, "fresh": sum(line.is_new for line in lines)}
    return render(request, "monitoring/workdays_new.html", context)


@require_POST
@role_required(*SETTERS)
def workday_settle(request: HttpRequest) -> HttpResponse:
    """The second person agrees, or somebody takes back, or asks that a day goes."""
    rows = _chosen(request)
    try:
        match request.POST.get("verdict"):
            case "confirm":
                count = calendar_overrides.confirm(by=request.user, rows=rows)
                messages.success(request, f"已复核 {count} 天，从现在起按新的算，正在走的限期也跟着改。")
            case "refuse":
                count = calendar_overrides.refuse(by=request.user, rows=rows)
                messages.success(request, f"{count} 天没有同意，照原来的算。")
            case "withdraw" if rows:
                calendar_overrides.withdraw(by=request.user, row=rows[0])
                messages.success(request, "已提出撤销，另一位同事复核以后不再算数。")
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    return redirect("monitoring:workdays")


def _chosen(request: HttpRequest) -> list[WorkdayOverride]:
    keys = [key for key in map(key_or_none, request.POST.getlist("day")) if key]
    rows = WorkdayOverride.objects.visible_to(request.user, *SETTERS).filter(pk__in=keys)
    return list(rows.select_related("set_by", "withdrawn_by"))


def _settable(request: HttpRequest) -> QuerySet[Region]:
    return Region.objects.visible_to(request.user, *SETTERS).districts()


def _month(text: str) -> datetime.date | None:
    try:
        found = datetime.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year < LAST_YEAR else None


def _year(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:5]) < LAST_YEAR else otherwise
