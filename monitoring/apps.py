"""The monitoring app: what the policy says, and what people decide."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class MonitoringConfig(AppConfig):
    """Rules, screening, cases, meetings and notices."""

    name = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        """Listen to households and answer the menu; refuse to start with a rule set that is not whole."""
        from monitoring import (  # noqa: F401  # each listens by being imported
            bell_receivers,
            case_receivers,
            grading_receivers,
            leads_receivers,
            notices_receivers,
            receivers,
            timeline_receivers,
        )
        from monitoring.policy.checking import check_rulesets
        from monitoring.policy.shapes import RuleSetRefused

        try:
            check_rulesets()
        except RuleSetRefused as fault:
            raise ImproperlyConfigured(fault.messages[0]) from fault
