"""The bell: tell people once, count what they have not read, forget what is old."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import BackgroundJob, JobState
from accounts.models import Notification, NotificationKind, Posting, Region, User
from accounts.roles import Role

KEPT_DAYS = 90
FindPeople = Callable[..., list[User]]  # as people_posted answers
WORDS = {
    JobState.DONE: "已完成",
    JobState.FAILED: "没有办成，去看原因",
    JobState.DRAFT: "读完了，等您确认",
}


def notify(
    *,
    people: Iterable[User],
    kind: NotificationKind,
    text: str,
    link: str,
    key: str,
    region: Region | None = None,
) -> int:
    """Tell these people in the caller's transaction; who was told under this key before is not told again.

    The text holds no personal data beyond the name of a head of household; the link is an address of our own. With a
    region, only who works there sees it. Returns for how many people a row was asked.
    """
    rows = [
        Notification(person=person, kind=kind, text=text[:200], link=link, key=key[:120], region=region)
        for person in {person.pk: person for person in people}.values()
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def people_posted(region: Region, *roles: Role) -> list[User]:
    """Who works over a region in one of these roles today and may log in."""
    postings = Posting.objects.in_force(timezone.localdate()).filter(
        role__in=roles, region__path__in=region.ancestor_paths, user__is_active=True
    )
    return list(User.objects.filter(pk__in=postings.values("user")).order_by("pk"))


def unread_count(user: User) -> int:
    """How many notifications somebody has not read."""
    return Notification.objects.visible_to(user).unread().count()


def open_notification(*, notification: Notification, by: User) -> str:
    """Mark one's own as read; returns where it leads to."""
    Notification.objects.visible_to(by).unread().filter(pk=notification.pk).update(read_at=timezone.now())
    return notification.link


def read_all(*, by: User, until: datetime.datetime) -> int:
    """Mark as read what somebody had been told when his page was made; what came since stays. Returns how many."""
    return Notification.objects.visible_to(by).unread().filter(created_at__lte=until).update(read_at=timezone.now())


def forget_notifications(now: datetime.datetime) -> int:
    """Delete what is older than its days, read or not; returns how many."""
    old = Notification.objects.filter(Q(created_at__lt=now - datetime.timedelta(days=KEPT_DAYS)))
    deleted, _kinds = old.delete()
    return deleted


def tell_of_job(job: BackgroundJob) -> None:
    """Tell who asked for a job that it is over, or waits for him; nobody asked for the nightly ones."""
    words = WORDS.get(JobState(job.state))
    if job.requested_by is None or words is None or not job.page_name:
        return
    region: Any = getattr(job, "region", None)
    of = f"：{region.name}" if region else ""
    notify(
        people=[job.requested_by],
        kind=NotificationKind.JOB,
        text=f"{job._meta.verbose_name}{words}{of}",
        link=reverse(job.page_name, args=[job.pk]),
        key=f"job:{job.pk}:{job.state}:{timezone.now():%Y%m%d%H%M%S%f}",
        region=region,
    )
