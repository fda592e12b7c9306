"""消息: what somebody was told, newest first; opening one marks it as read and leads to where it is done."""

import datetime
import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from accounts import notifications
from accounts.models import Notification

PER_PAGE = 30


@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    """What I was told; the unread ones stand out."""
    mine = Notification.objects.visible_to(request.user)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "unread": mine.unread().count(),
        "now": timezone.now(),
        "days": notifications.KEPT_DAYS,
    }
    return render(request, "accounts/notifications.html", context)


@require_POST
def notification_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark one as read and go to where it is done."""
    mine = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    return redirect(notifications.open_notification(notification=mine, by=request.user))


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all that the page knew of as read."""
    until = _moment(request.POST.get("until", ""))
    if until is not None and (read := notifications.read_all(by=request.user, until=until)):
        messages.success(request, f"{read} 条消息已标为看过。")
    return redirect("accounts:notifications")


def _moment(text: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
