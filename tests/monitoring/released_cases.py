"""Cases as the first version stored them, carried to today's tables; run as a program over an empty database, prints JSON."""

import datetime
import json

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # the apps have to be ready
from django.utils import timezone  # noqa: E402

from monitoring.models import Ballot, Case, Meeting, PinnedProcedure  # noqa: E402
from monitoring.procedures import Procedure  # noqa: E402
from tests.support.released import at_version  # noqa: E402

RELEASED = [("accounts", "0001_initial"), ("households", "0001_initial"), ("monitoring", "0001_initial")]
HELD = datetime.date(2020, 6, 1)
CASES = (
    ("1", "procedure", "notice_due", "zaozhuang_2020"), ("2", "procedure", "meeting", "zaozhuang_2020"),
    ("3", "procedure", "town", "hubei_2020"), ("4", "stock", "registered", "zaozhuang_2020"),
)  # fmt: skip


def store_released_cases() -> None:
    """Three cases under way, two of them judged at one meeting, and one that came from elsewhere."""
    models = at_version(RELEASED)
    region = models.get_model("accounts", "Region")
    village = region.objects.create(code="370403002001", name="兴仁村", level="village", path="0001.")
    cadre = models.get_model("accounts", "User").objects.create(username="cadre")
    for number, source, stage, ruleset in CASES:
        household = models.get_model("households", "Household").objects.create(
            number=number, household_type="ordinary", village=village
        )
        case = models.get_model("monitoring", "Case").objects.create(
            household=household, village=village, monitor_class="edge", stage=stage, stage_since=timezone.now(),
            source=source, ruleset=ruleset, decided_on=HELD if stage == "registered" else None,
        )  # fmt: skip
        if number in "13":
            models.get_model("monitoring", "Meeting").objects.create(
                case=case, held_on=HELD, place="村部", due=20, present=21, in_favour=20, against=1, recognised=True,
                minutes="逐户评议", recorded_by=cadre,
            )  # fmt: skip


store_released_cases()
call_command("migrate", verbosity=0)
print(
    json.dumps(
        {
            "cases": [
                [
                    case.household.number,
                    case.kind,
                    [*Procedure.of(case.procedure.content).stages] if case.procedure else None,
                    case.procedure.content["decides"] if case.procedure else None,
                ]
                for case in Case.objects.select_related("household", "procedure").order_by("household__number")
            ],
            "procedures": PinnedProcedure.objects.count(),
            "meetings": [[one.held_on.isoformat(), one.due, one.present] for one in Meeting.objects.all()],
            "ballots": sorted([one.case.household.number, one.in_favour, one.present] for one in Ballot.objects.all()),
        }
    )
)
