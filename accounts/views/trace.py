"""The trace of what was done, and the state of the machine."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from accounts.machine import SHOWN_STATES, state_of_machine, unlock_account
from accounts.models import AuditEvent, User
from accounts.names import ACTIONS
from accounts.roles import HOUSEHOLD_READERS, Role, role_required
from accounts.trace_words import FOR_OFFICES, details, household_key

PER_PAGE = 50
READERS = AuditEvent.objects.none().reader_roles


@require_safe
@role_required(*READERS)
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what in one's regions, newest first; events of the system itself only for administrators."""
    asked = {key: request.GET.get(key, "").strip() for key in ("action", "name", "day")}
    events = _asked_events(request.user, **asked).select_related("actor", "on_behalf_of", "region")
    page = Paginator(events, PER_PAGE).get_page(request.GET.get("page"))
    for event in page:
        event.label = ACTIONS.get(event.action, event.action)
        event.details = details(event, for_office=_handles(request.user, event))
        event.household = household_key(event)
    opens_households = request.user.holds(*HOUSEHOLD_READERS)
    context = {"page_obj": page, "actions": ACTIONS.items(), "opens_households": opens_households, **asked}
    return render(request, "accounts/audit.html", context)


def _handles(user: User, event: AuditEvent) -> bool:
    return event.region is None or user.posting_over(event.region, Role.DISTRICT_OFFICER) is not None


def _asked_events(user: User, *, action: str, name: str, day: str) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.visible_to(user).exclude(action__in=FOR_OFFICES["actions"])
    events = events | AuditEvent.objects.visible_to(user, Role.DISTRICT_OFFICER)
    if user.holds(Role.SYSTEM_ADMIN):
        events = events | AuditEvent.objects.unplaced()
    if action in ACTIONS:
        events = events.filter(action=action)
    if name:
        events = events.filter(actor__name__contains=name)
    if day and _date(day):
        events = events.filter(at__date=_date(day))
    return events


@require_safe
@role_required(Role.SYSTEM_ADMIN)
def status(request: HttpRequest) -> HttpResponse:
    """Whether the machine does its work: jobs waiting and failed, trace unsealed, disk, locked accounts."""
    return render(request, "accounts/status.html", {"states": SHOWN_STATES, **state_of_machine()})


@require_POST
@role_required(Role.SYSTEM_ADMIN)
def unlock(request: HttpRequest) -> HttpResponse:
    """Let an account that typed five wrong passwords try again now."""
    if unlock_account(by=request.user, username=request.POST.get("username", "")):
        messages.success(request, "已解锁，可以重新登录。")
    return redirect("accounts:status")


def _date(text: str) -> object:
    try:
        return parse_date(text)
    except ValueError:
        return None
