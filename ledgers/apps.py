"""The ledgers app: what leaves the building, and the figures on the home page."""

from django.apps import AppConfig


class LedgersConfig(AppConfig):
    """Ledger workbooks and home pages."""

    name = "ledgers"
    verbose_name = "台账"
