"""What the first version stored, carried to today's tables; run as a program over an empty database, prints JSON."""

import datetime
import json
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # the apps have to be ready
from django.utils import timezone  # noqa: E402

from assistance.models import Delivery, Helper, Visit  # noqa: E402
from monitoring.models import Assessment, Ballot, Case, Meeting, PinnedProcedure  # noqa: E402
from monitoring.procedures import Procedure  # noqa: E402
from tests.support.released import at_version  # noqa: E402

RELEASED = [(app, "0001_initial") for app in ("accounts", "households", "monitoring", "assistance")]
VISIT, BIRTH = datetime.date(2020, 5, 8), datetime.date(2020, 6, 1)
CLOSING = datetime.date(2020, 6, 20)
HELD = datetime.date(2020, 6, 1)
CASES = (
    ("1", "procedure", "notice_due", "zaozhuang_2020"), ("2", "procedure", "meeting", "zaozhuang_2020"),
    ("3", "procedure", "town", "hubei_2020"), ("4", "stock", "registered", "zaozhuang_2020"),
)  # fmt: skip


def store_conclusions(models: Any, village: Any, cadre: Any) -> None:
    """Two families of two, visited; in one a child is born, the other is closed."""
    for number, closed_on in (("7", None), ("8", CLOSING)):
        household = models.get_model("households", "Household").objects.create(
            number=number, household_type="lifted", village=village, closed_on=closed_on
        )
        survey = models.get_model("households", "Survey").objects.create(
            household=household,
            village=village,
            entered_by=cadre,
            visited_on=VISIT,
            period_start=datetime.date(2019, 5, 1),
            period_end=datetime.date(2020, 4, 30),
            persons=2,
            operating_gross=100,
            operating_cost=300,
        )
        models.get_model("households", "Facts").objects.create(
            survey=survey, household=household, village=village, household_type="lifted", visited_on=VISIT, persons=3
        )
        for on, persons, outcome, met in ((VISIT, 2, "RELAPSE", ["Z01", "Z03"]), (BIRTH, 3, "WATCH", ["Z02"])):
            models.get_model("monitoring", "Assessment").objects.create(
                household=household,
                village=village,
                survey=survey,
                on=on,
                policy_date=on,
                ruleset="zaozhuang_2020",
                outcome=outcome,
                rules_met=met,
                flags=["GUARANTEE_TASK"],
                figures={"decision": 4, "household_type": "lifted", "persons": persons},
            )


def store_cases(models: Any, village: Any, cadre: Any) -> None:
    """Three cases under way, two of them judged at one meeting, and one that came from elsewhere."""
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


def store_help(models: Any, village: Any, cadre: Any) -> None:
    """A family whose house was made safe, with a contact, who came once and was told that nothing is new."""
    household = models.get_model("households", "Household").objects.create(
        number="9", household_type="lifted", village=village
    )
    models.get_model("assistance", "Delivery").objects.create(
        household=household, measure="housing", begun_on=VISIT, ended_on=HELD, note="翻修屋顶", entered_by=cadre
    )
    models.get_model("assistance", "Helper").objects.create(
        household=household, name="孙宁", unit="驻村工作队", begun_on=VISIT, entered_by=cadre
    )
    models.get_model("assistance", "Visit").objects.create(
        household=household, visited_on=VISIT, mood="same", sentence="都好", visitor=cadre
    )


def conclusions() -> list[dict[str, object]]:
    """Every conclusion with its facts, in the order of households and days."""
    rows = Assessment.objects.order_by("household__number", "on")
    return list(
        rows.values(
            *("household__number", "on", "replaced_on", "outcome", "rule_bits", "flag_bits", "decision"),
            *("facts__persons", "facts__begins_on", "facts__replaced_on", "facts__operating_loss"),
        )
    )


def cases() -> list[list[object]]:
    """Each case with the steps it walks and who decides."""
    found = Case.objects.select_related("household", "procedure").order_by("household__number")
    return [
        [
            one.household.number,
            one.kind,
            [*Procedure.of(one.procedure.content).stages] if one.procedure else None,
            one.procedure.content["decides"] if one.procedure else None,
        ]
        for one in found
    ]


def store_released() -> None:
    """One village of the first version with both."""
    models = at_version(RELEASED)
    village = models.get_model("accounts", "Region").objects.create(
        code="370403002001", name="兴仁村", level="village", path="0001."
    )
    cadre = models.get_model("accounts", "User").objects.create(username="cadre")
    store_conclusions(models, village, cadre)
    store_cases(models, village, cadre)
    store_help(models, village, cadre)


store_released()
call_command("migrate", verbosity=0)
told = {
    "conclusions": conclusions(),
    "cases": cases(),
    "procedures": PinnedProcedure.objects.count(),
    "meetings": [[one.held_on.isoformat(), one.due, one.present] for one in Meeting.objects.all()],
    "deliveries": [
        [one.name, one.kind, one.column, one.lead, one.begun_on, one.ended_on, one.note]
        for one in Delivery.objects.all()
    ],
    "helpers": [[one.name, one.unit, one.begun_on, one.user] for one in Helper.objects.all()],
    "visits": [[one.visited_on, one.way, one.chips, one.mood, one.sentence] for one in Visit.objects.all()],
    "ballots": sorted([one.case.household.number, one.in_favour, one.present] for one in Ballot.objects.all()),
}
print(json.dumps(told, default=str))
