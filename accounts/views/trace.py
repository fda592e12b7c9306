"""The trace of what was done, and the state of the machine."""

import shutil

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.jobs import JobState, job_models
from accounts.models import AuditEvent
from accounts.names import ACTIONS
from accounts.roles import Role, role_required

PER_PAGE = 50
READERS = AuditEvent.objects.none().reader_roles
GIGABYTE = 1024**3


@require_safe
@role_required(*READERS)
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what in one's regions, newest first; events of the system itself only for administrators."""
    events = AuditEvent.objects.visible_to(request.user)
    if request.user.holds(Role.SYSTEM_ADMIN):
        events = events | AuditEvent.objects.unplaced()
    action, name, day = (request.GET.get(key, "").strip() for key in ("action", "name", "day"))
    if action in ACTIONS:
        events = events.filter(action=action)
    if name:
        events = events.filter(actor__name__contains=name)
    if day and _date(day):
        events = events.filter(at__date=_date(day))
    page = Paginator(events.select_related("actor", "on_behalf_of", "region"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    for event in page:
        event.label = ACTIONS.get(event.action, event.action)
    return render(
        request,
        "accounts/audit.html",
        {"page_obj": page, "actions": ACTIONS.items(), "action": action, "name": name, "day": day},
    )


@require_safe
@role_required(Role.SYSTEM_ADMIN)
def status(request: HttpRequest) -> HttpResponse:
    """Whether the machine does its work: jobs waiting and failed, trace unsealed, disk, locked accounts."""
    disk = shutil.disk_usage(settings.VAR_DIR)
    jobs = [
        {
            "label": model._meta.verbose_name,
            "counts": {
                row["state"]: row
                for row in model._default_manager.values("state")
                .order_by()
                .annotate(n=Count("pk"), oldest=Min("created_at"))
            },
        }
        for model in job_models()
    ]
    locked = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME,
    )
    context = {
        "jobs": jobs,
        "states": [
            (JobState.QUEUED, "排队"),
            (JobState.RUNNING, "在办"),
            (JobState.FAILED, "没有办成"),
            (JobState.DONE, "完成"),
        ],
        "locked": locked,
        "unsealed": AuditEvent.objects.unsealed().count(),
        "free": disk.free // GIGABYTE,
        "engine": connection.vendor,
        "broker": "Redis" if settings.REDIS_URL else "文件队列",
    }
    return render(request, "accounts/status.html", context)


@require_POST
@role_required(Role.SYSTEM_ADMIN)
def unlock(request: HttpRequest) -> HttpResponse:
    """Let an account that typed five wrong passwords try again now."""
    username = request.POST.get("username", "")
    if reset(username=username):
        audit.record(action="user.unlock", actor=request.user, username=username)
        messages.success(request, "已解锁，可以重新登录。")
    return redirect("accounts:status")


def _date(text: str) -> object:
    try:
        return parse_date(text)
    except ValueError:
        return None
