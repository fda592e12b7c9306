"""What a confirmed 返贫 or 新致贫 changes in the register of households: the type, since when and after which decision."""

import datetime

from households.codes import HouseholdType
from households.services import change_household
from monitoring.gates import Act
from monitoring.models import Stage


def register_as_poor(act: Act, decided_on: datetime.date) -> None:
    """The household is 未脱贫建档立卡户 from the day of the decision on."""
    confirmed = act.procedure.step_at(Stage.DISTRICT)
    by = act.by or act.case.decided_by  # the clock closes what somebody has decided
    assert by is not None
    change_household(
        household=act.case.household,
        by=by,
        fields={
            "household_type": HouseholdType.REGISTERED_POOR,
            "type_since": decided_on,
            "type_source": confirmed.source[:120] if confirmed else "",
        },
    )
