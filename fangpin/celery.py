"""The Celery application, which web, worker and beat share."""

import os

from celery import Celery

import fangpin.broker  # noqa: F401  registers the atomicfs:// transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")

app = Celery("fangpin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
