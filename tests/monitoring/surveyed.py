"""A visited household, written directly: a survey and its facts row, without the form."""

import datetime
from typing import Any

from accounts.models import User
from households import codes
from households.facts import mark_changed
from households.models import Facts, Household, Survey

INCOME = {
    "wage": 12_000_00,
    "operating_gross": 3_000_00,
    "operating_cost": 0,
    "property_income": 0,
    "transfer": 0,
    "transfer_expense": 0,
}
FACTS = (
    "net_income",
    "disposable_income",
    "guarantee_bits",
    "guarantees_unanswered",
    "negative_bits",
    "household_type",
)


def visit(
    household: Household, by: User, on: datetime.date, *, risks: tuple[codes.RiskCause, ...] = (), **given: Any
) -> Survey:
    """A visit on a day; without more, three persons with 5,000.00 yuan each, no risk and no difficulty.

    Income items go to the survey, facts of these names to the facts row. An earlier facts row ends with the visit.
    As after every change of facts, the household waits to be judged.
    """
    facts = {name: given.pop(name) for name in FACTS if name in given}
    survey = Survey.objects.create(
        household=household,
        village=household.village,
        visited_on=on,
        period_start=on - datetime.timedelta(days=365),
        period_end=on,
        entered_by=by,
        risk_causes=[risk.value for risk in risks],
        **{"persons": 3, **INCOME, **given},
    )
    net, expense = survey.net_income, survey.transfer_expense
    Facts.objects.filter(household=household, replaced_on=None).update(replaced_on=on)
    Facts.objects.create(
        survey=survey,
        household=household,
        village=household.village,
        begins_on=on,
        visited_on=on,
        persons=survey.persons,
        risk_bits=sum(codes.RISK_BITS[risk] for risk in risks),
        **{
            "household_type": household.household_type,
            "replaced_on": household.closed_on,
            "net_income": net,
            "disposable_income": None if None in (net, expense) else net - expense,
            **facts,
        },
    )
    mark_changed([household])
    return survey
