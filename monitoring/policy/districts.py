"""The policy of many villages of one day, asked for once in each district."""

import datetime

from accounts.models import Region
from accounts.models.regions import SEGMENT
from monitoring.policy.distance import open_line
from monitoring.policy.values import Policy, PolicyNotInForce, policy_in_force

BELOW_DISTRICT = 2 * SEGMENT  # a town's and a village's part of the path


class Policies:
    """Asks the database once for each district; a town and its villages inherit."""

    def __init__(self, on: datetime.date) -> None:
        self.on = on
        self._known: dict[str, Policy | None] = {}

    def of(self, village: Region) -> Policy | None:
        """The policy of a village; None on a day before any rule set."""
        district = village.path[:-BELOW_DISTRICT]
        if district not in self._known:
            self._known[district] = self._ask(village)
        return self._known[district]

    def line(self, village: Region, household_type: str) -> int | None:
        """The line in whole fen that a list shows for a household of this type; None where there is none to show."""
        policy = self.of(village)
        line = open_line(policy, household_type) if policy else None
        return None if line is None else int(line)

    def _ask(self, village: Region) -> Policy | None:
        try:
            return policy_in_force(village, self.on)
        except PolicyNotInForce:
            return None
