"""The households app: facts, as entered; it knows no policy."""

from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    """Registry of households and members, rosters and home visits."""

    name = "households"
    verbose_name = "农户档案"
