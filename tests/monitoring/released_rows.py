"""Rows as the first version stored them, carried to today's tables; run as a program over an empty database, prints JSON."""

import datetime
import json

import django

django.setup()

from django.db import connection  # noqa: E402  # the apps have to be ready
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from tests.support.released import at_version  # noqa: E402

RELEASED = [("accounts", "0001_initial"), ("households", "0001_initial"), ("monitoring", "0001_initial")]
VISIT, BIRTH = datetime.date(2020, 5, 8), datetime.date(2020, 6, 1)
CLOSING = datetime.date(2020, 6, 20)


def store_released_rows() -> None:
    """Two families of two, visited; in one a child is born, the other is closed."""
    models = at_version(RELEASED)
    village = models.get_model("accounts", "Region").objects.create(
        code="370403002001", name="兴仁村", level="village", path="0001."
    )
    cadre = models.get_model("accounts", "User").objects.create(username="cadre")
    for number, closed_on in (("1", None), ("2", CLOSING)):
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


def carried_over() -> list[dict[str, object]]:
    """Every conclusion with its facts, after all migrations, in the order of households and days."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    models = MigrationExecutor(connection).loader.project_state().apps
    rows = models.get_model("monitoring", "Assessment").objects.order_by("household__number", "on")
    return list(
        rows.values(
            *("household__number", "on", "replaced_on", "outcome", "rule_bits", "flag_bits", "decision"),
            *("facts__persons", "facts__begins_on", "facts__replaced_on", "facts__operating_loss"),
        )
    )


if __name__ == "__main__":
    store_released_rows()
    print(json.dumps(carried_over(), default=str))
