"""The assistance app: what is done for a household."""

from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    """Measures, helpers and visits."""

    name = "assistance"
    verbose_name = "帮扶"

    def ready(self) -> None:
        """Connect the receivers."""
        from assistance import (  # noqa: F401  # each listens by being imported
            delivery_inbox,
            effect_receivers,
            handover_receivers,
            paper_receivers,
            plan_receivers,
            post_receivers,
            receivers,
            visit_receivers,
        )
