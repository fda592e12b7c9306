"""A visit as a service and as a form receive it, for tests of the home visit."""

import datetime
import re
import uuid
from typing import Any

from accounts.models import User
from households.models import Household, Survey
from households.surveys import submit_survey

YUAN = 100
INCOME = {
    "wage": 12_000 * YUAN,
    "operating_gross": 6_000 * YUAN,
    "operating_cost": 2_000 * YUAN,
    "property_income": 0,
    "transfer": 4_000 * YUAN,
    "transfer_expense": 500 * YUAN,
}
# The same visit as a person types it.
TYPED = {
    "persons": "3",
    "wage": "12000",
    "operating_gross": "6000",
    "operating_cost": "2000",
    "property_income": "0",
    "transfer": "4000",
    "transfer_expense": "500",
    "all_ok": "on",
}


def submit(household: Household, by: User, on: datetime.date, **given: Any) -> Survey:
    """Submit a visit of three persons with 20,000 yuan net; ``given`` changes answers or arguments of the service."""
    names = ("expected_version", "idempotency_key", "corrects", "reason")
    arguments = {name: given.pop(name) for name in names if name in given}
    household.refresh_from_db()
    return submit_survey(
        household=household,
        by=by,
        answers={"visited_on": on, "persons": 3, **INCOME, **given},
        **{"expected_version": household.version, "idempotency_key": str(uuid.uuid4()), **arguments},
    )


def hidden(page: str, name: str) -> str:
    """The value of a hidden box of a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    assert found, name
    return found[1]
