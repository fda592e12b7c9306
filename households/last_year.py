"""What a visit is measured against: its accounting period, its further questions, and what the family had the year before."""

import datetime
from dataclasses import dataclass

from households import signals
from households.models import Household, LastYearSource, Survey

# The 12 months that end with the month before the visit: 核算期, as counties recognise households (安徽 2020, 定南 2024).
# A rule set in force may say another number; it answers accounting_months_asked.
ACCOUNTING_MONTHS = 12
# A visit less than half a year ago looked at half of the same months: it is not “last year”.
NEAREST_MONTHS = 6
# An older visit says nothing about last year.
FARTHEST_MONTHS = 24


@dataclass(frozen=True)
class LastYear:
    """Net income and rigid expenses of the year before, in fen, where they come from, and the visit that said so."""

    income: int | None = None
    source: str = ""
    rigid: int | None = None
    survey: Survey | None = None


@dataclass(frozen=True)
class IncomeLine:
    """The line that income per head is shown against, in fen, and what it is called."""

    fen: int
    label: str


def months_earlier(day: datetime.date, months: int) -> datetime.date:
    """The first day of the month that lies so many months before the day's."""
    count = day.year * 12 + day.month - 1 - months
    return datetime.date(count // 12, count % 12 + 1, 1)


def accounting_period(
    visited_on: datetime.date, months: int = ACCOUNTING_MONTHS
) -> tuple[datetime.date, datetime.date]:
    """First and last day of the months that income is asked for; the month of the visit does not count."""
    first_of_month = visited_on.replace(day=1)
    return months_earlier(visited_on, months), first_of_month - datetime.timedelta(days=1)


def accounting_months(household: Household, on: datetime.date) -> int:
    """How many months the policy above asks for; without an answer, twelve."""
    answers = signals.accounting_months_asked.send(sender=Household, household=household, on=on)
    return next((months for _receiver, months in answers if months), ACCOUNTING_MONTHS)


def questions_asked(household: Household, on: datetime.date) -> frozenset[str]:
    """The names of the further questions that the policy above asks of this household; without an answer, none."""
    answers = signals.survey_questions_asked.send(sender=Household, household=household, on=on)
    return frozenset(name for _receiver, names in answers for name in names or ())


def income_line(household: Household, on: datetime.date) -> IncomeLine | None:
    """The line of the policy above for this household; None where nobody answers."""
    answers = signals.income_line_asked.send(sender=Household, household=household, on=on)
    return next((IncomeLine(*answer) for _receiver, answer in answers if answer), None)


def standing_surveys(household: Household, *, without: Survey | None = None) -> list[Survey]:
    """Surveys that were not corrected, the last visit first; ``without`` leaves out the one being corrected."""
    found = household.surveys.filter(superseded_by=None).newest_first()
    return list(found.exclude(pk=without.pk) if without else found)


def last_year(household: Household, visited_on: datetime.date, *, without: Survey | None = None) -> LastYear:
    """The survey before; else what a visit of these months said; else 人均纯收入 × 人数 of the roster; else unknown."""
    earliest, latest = months_earlier(visited_on, FARTHEST_MONTHS), months_earlier(visited_on, NEAREST_MONTHS - 1)
    before = [one for one in standing_surveys(household, without=without) if earliest <= one.visited_on <= visited_on]
    for survey in before:
        if survey.visited_on < latest and survey.net_income is not None:
            return LastYear(survey.net_income, LastYearSource.SURVEY, survey.rigid_total, survey)
    for survey in before:
        if survey.last_year_income is not None:
            return LastYear(survey.last_year_income, survey.last_year_source, survey.rigid_last_year, survey)
    return _of_the_roster(household)


def _of_the_roster(household: Household) -> LastYear:
    each = household.roster_per_capita_income
    count = household.roster_member_count or household.members.present().count()
    if each is None or not count:
        return LastYear()
    return LastYear(each * count, LastYearSource.ROSTER)
