"""Wiring: imports every app, imported by none."""

from fangpin.celery import app as celery_app

__all__ = ["celery_app"]
