"""Background work: the row is the truth, the message only a doorbell; killed or doubled, it acts once."""

import datetime
import uuid
from typing import Any, ClassVar, Self

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone
from kombu.exceptions import OperationalError

MAX_ATTEMPTS = 6
# Sent in the transaction in which a job stops running, done, failed or waiting for somebody, with ``job``. A job that
# was cancelled says nothing: whoever did that knows.
job_over = Signal()
GIVEN_UP = "多次办理中断，请重新发起。"


class LeaseLost(Exception):
    """Somebody else took the job over, or it was cancelled: stop without writing anything more."""


class JobState(models.TextChoices):
    """Where a job stands."""

    DRAFT = "draft", "待确认"
    QUEUED = "queued", "排队中"
    RUNNING = "running", "正在办理"
    DONE = "done", "已完成"
    FAILED = "failed", "没有办成"
    CANCELLED = "cancelled", "已取消"


class BackgroundJob(models.Model):
    """A piece of work with a claim, a lease, a cursor and progress; ``task_name`` is the Celery task that does it.

    ``page_name`` is the URL name of the page that shows it by its key; without one nobody is told that it is over.

    The task calls ``claim``; only one worker gets a token. Every step ends with ``checkpoint`` in the step's own
    transaction: it renews the lease, and raises LeaseLost when the token is no longer the row's.
    """

    task_name: ClassVar[str]
    page_name: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED, db_index=True)
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, editable=False)
    finished_at = models.DateTimeField("完成时间", null=True, editable=False)
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    cursor = models.CharField(max_length=80, blank=True, editable=False)
    done_count = models.PositiveIntegerField("已办", default=0, editable=False)
    total_count = models.PositiveIntegerField("总数", default=0, editable=False)
    message = models.CharField("说明", max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int:
        """Progress from 0 to 100, for the progress bar."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done_count * 100 // self.total_count) if self.total_count else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @classmethod
    def _free(cls, now: datetime.datetime) -> Q:
        return Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)

    @classmethod
    def claim(cls, pk: Any) -> Self | None:
        """Take the job if it is queued or its worker's lease has run out; None when somebody else has it."""
        now, token = timezone.now(), uuid.uuid4()
        taken = cls._default_manager.filter(cls._free(now), pk=pk).update(
            state=JobState.RUNNING,
            token=token,
            lease_until=now + lease(),
            attempts=F("attempts") + 1,
            started_at=models.functions.Coalesce("started_at", models.Value(now)),
        )
        return cls._default_manager.get(pk=pk, token=token) if taken else None

    def checkpoint(self, **progress: Any) -> None:
        """Renew the lease and store progress (cursor, done_count, …); raises LeaseLost when the job is not ours any more."""
        self._write(lease_until=timezone.now() + lease(), **progress)

    def finish(self, **result: Any) -> None:
        """Store the result and close the job; raises LeaseLost when it is not ours any more."""
        self._write(state=JobState.DONE, finished_at=timezone.now(), token=None, lease_until=None, **result)

    def fail(self, message: str) -> None:
        """Close the job with a sentence for the person who asked."""
        self._write(
            state=JobState.FAILED, finished_at=timezone.now(), token=None, lease_until=None, message=message[:300]
        )

    def cancel(self) -> bool:
        """Stop a job that is not over; a worker that still has it meets LeaseLost at its next step."""
        changed = (
            type(self)
            ._default_manager.filter(pk=self.pk, state__in=(JobState.DRAFT, JobState.QUEUED, JobState.RUNNING))
            .update(state=JobState.CANCELLED, finished_at=timezone.now(), token=None, lease_until=None)
        )
        self.refresh_from_db()
        return bool(changed)

    def _write(self, **values: Any) -> None:
        held = type(self)._default_manager.filter(pk=self.pk, token=self.token, state=JobState.RUNNING)
        if "state" not in values:
            self._wrote(held.update(**values), values)
            return
        with transaction.atomic():
            self._wrote(held.update(**values), values)
            job_over.send(sender=type(self), job=self)

    def _wrote(self, changed: int, values: dict[str, Any]) -> None:
        if not changed:
            raise LeaseLost
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def _give_up(cls, tired: models.QuerySet[Self], now: datetime.datetime) -> None:
        """Close jobs that failed too often, each once, and say so."""
        for job in tired:
            with transaction.atomic():
                closed = tired.filter(pk=job.pk).update(
                    state=JobState.FAILED, finished_at=now, token=None, lease_until=None, message=GIVEN_UP
                )
                if closed:
                    job.state = JobState.FAILED
                    job_over.send(sender=cls, job=job)

    def ring_on_commit(self) -> None:
        """Ring the doorbell once the row is committed; a lost ring is made good by the sweeper."""
        transaction.on_commit(self.ring)

    def ring(self) -> None:
        """Send the message that carries only the row's key; with the broker down the sweeper rings later."""
        ring_for(self.task_name, self.pk)


def ring_for(task_name: str, pk: Any) -> None:
    """Send a message that carries only a row's key; with the broker down nobody hears it."""
    try:
        current_app.send_task(task_name, [str(pk)], ignore_result=True)
    except (OperationalError, OSError):
        return


def lease() -> datetime.timedelta:
    """How long a worker may be silent before another takes over."""
    return datetime.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def job_models() -> list[type[BackgroundJob]]:
    """Every kind of background job that is installed."""
    return [model for model in apps.get_models() if issubclass(model, BackgroundJob)]


def sweep() -> int:
    """Ring again for work that nobody does, and give up what failed too often; returns the number of rings."""
    now, rings = timezone.now(), 0
    for model in job_models():
        # A job just queued has its own ring on the way.
        waiting = model._default_manager.filter(model._free(now), created_at__lt=now - lease() / 2)
        model._give_up(waiting.filter(attempts__gte=MAX_ATTEMPTS), now)
        for job in waiting.filter(attempts__lt=MAX_ATTEMPTS):
            job.ring()
            rings += 1
    return rings
