"""The assistance app: what is done for a household."""

from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    """Measures, helpers and visits."""

    name = "assistance"
    verbose_name = "帮扶"

    def ready(self) -> None:
        """Connect the receivers."""
        import assistance.receivers  # noqa: F401
