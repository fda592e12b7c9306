"""The monitoring app: what the policy says, and what people decide."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Rules, screening, cases, meetings and notices."""

    name = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        """Listen to households and answer the menu."""
        from monitoring import case_receivers, receivers  # noqa: F401
