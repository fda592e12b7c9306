"""What stands beside the steps of a household's cases, for its timeline."""

from typing import Any

from django.dispatch import receiver

from households.models import Household
from households.signals import timeline_asked
from households.timeline import Entry
from monitoring.case_course import beside_steps_of


@receiver(timeline_asked)
def tell_of_cases(sender: Any, household: Household, **more: Any) -> list[Entry]:
    """Leads, meetings, notices, objections, comparisons and removals."""
    return [Entry(line.on, line.at, line.what, line.who, line.text) for line in beside_steps_of(household)]
