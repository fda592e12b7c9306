"""The Celery application, which web, worker and beat share."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun
from django.db import close_old_connections

import fangpin.broker  # noqa: F401  registers the atomicfs:// transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")

app = Celery("fangpin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def _keep_good_connections(**_signal: Any) -> None:
    """A worker keeps its connection to PostgreSQL from task to task, as a page's process does, until it is old or broken."""
    close_old_connections()
