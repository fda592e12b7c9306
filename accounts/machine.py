"""How the machine is: jobs waiting and failed, trace unsealed, disk, engines, and accounts that are locked."""

import shutil
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.jobs import BackgroundJob, JobState, job_models
from accounts.models import AuditEvent, User

GIGABYTE = 1024**3
SHOWN_STATES = (
    (JobState.QUEUED, "排队"),
    (JobState.RUNNING, "在办"),
    (JobState.FAILED, "没有办成"),
    (JobState.DONE, "完成"),
)


def state_of_machine() -> dict[str, Any]:
    """What the page 系统状态 prints; disk space in whole gigabytes."""
    return {
        "jobs": [{"label": model._meta.verbose_name, "counts": _by_state(model)} for model in job_models()],
        "locked": locked_accounts(),
        "unsealed": AuditEvent.objects.unsealed().count(),
        "free": shutil.disk_usage(settings.VAR_DIR).free // GIGABYTE,
        "engine": connection.vendor,
        "broker": "Redis" if settings.REDIS_URL else "文件队列",
    }


def locked_accounts() -> QuerySet[AccessAttempt]:
    """Failed logins that keep an account locked now."""
    return AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME,
    )


@transaction.atomic
def unlock_account(*, by: User, username: str) -> bool:
    """Let an account that typed five wrong passwords try again now; False when it was not locked."""
    unlocked = bool(reset(username=username))
    if unlocked:
        audit.record(action="user.unlock", actor=by, username=username)
    return unlocked


def _by_state(model: type[BackgroundJob]) -> dict[str, dict[str, Any]]:
    """For each state how many jobs there are, and since when the oldest waits."""
    rows = model._default_manager.order_by().values("state").annotate(n=Count("pk"), oldest=Min("created_at"))
    return {row["state"]: row for row in rows}
