"""Submit and correct home visits, and keep what a cadre has typed so far."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import parse, spend, spent
from accounts.keys import key_in_order
from accounts.models import User
from accounts.roles import SURVEY_ROLES
from households import codes, signals
from households.facts import write_facts
from households.last_year import accounting_months, accounting_period, last_year, standing_surveys
from households.models import Household, LastYearSource, Survey, SurveyDraft
from households.models.surveys import GUARANTEE_FIELDS, INCOME_FIELDS, RIGID_FIELDS
from households.questions import LIST_QUESTIONS
from households.register import StaleHousehold, open_change

MOST_PERSONS = 30
ASKED_LISTS = {question.name: {value for value, _label in question.choices} for question in LIST_QUESTIONS}
ANSWERS = (
    "visited_on",
    "visitor_name",
    "persons",
    *INCOME_FIELDS,
    *RIGID_FIELDS,
    "last_year_income",
    *GUARANTEE_FIELDS,
    "housing_grade",
    "risk_causes",
    "other_cause",
    "stable_income",
    *ASKED_LISTS,
    "note",
    "change_reasons",
    "confirmed_fields",
    "untouched_fields",
)

# What makes two visits the same: not how the boxes came to be filled, nor last year's figures.
SAID = ("persons", *INCOME_FIELDS, *RIGID_FIELDS, *GUARANTEE_FIELDS, "stable_income")
SAID_IN_WORDS = ("visitor_name", "housing_grade", "other_cause", "note")


class StaleSurvey(ValidationError):
    """The household was surveyed or changed since the form was opened; nothing was written.

    ``stored`` is the newest survey now (None: only the family changed), ``typed`` the answers that were refused.
    """

    def __init__(self, message: str, stored: Survey | None, typed: Mapping[str, Any]) -> None:
        super().__init__(message, code="stale")
        self.stored = stored
        self.typed = typed


class HouseholdClosed(ValidationError):
    """The household died, moved or was merged away meanwhile; nothing was written."""


@transaction.atomic
def submit_survey(
    *,
    household: Household,
    by: User,
    answers: Mapping[str, Any],
    expected_version: int | None,
    idempotency_key: str,
    corrects: Survey | None = None,
    reason: str = "",
) -> Survey:
    """Write one visit with its facts row, and tell the apps above; the same key again gives the same survey.

    The same person sending the same answers for the same day from a reloaded page (the reply was lost, he went back)
    gets the first survey too. ``answers`` are the columns named in ANSWERS, amounts in fen; what is left out or None
    was not asked. With ``corrects`` the new survey supersedes that one, for a ``reason``. Raises ValidationError for
    answers that cannot be, StaleSurvey when somebody was first, and HouseholdClosed for a household that is gone.
    """
    if not corrects and (twin := _twin(household, by, answers)):
        return twin
    survey_id = key_in_order()
    if idempotency_key and not spend(idempotency_key, by, str(survey_id)):
        return _sent_again(idempotency_key, by)
    _take(household, expected_version, corrects, answers)
    survey = _filled(household, by, answers, corrects)
    survey.pk = survey_id
    if corrects:
        survey.supersedes, survey.correction_reason = corrects, _reason(reason)
    survey.save(force_insert=True)
    write_facts(survey)
    SurveyDraft.objects.filter(household=household, author=by, corrects=corrects).delete()
    action = "survey.correct" if corrects else "survey.submit"
    audit.record(
        action=action,
        actor=by,
        target=survey,
        region=household.village,
        household=str(household.pk),
        visited_on=survey.visited_on,
        for_a_colleague=bool(survey.visitor_name),
    )
    signals.survey_submitted.send(sender=Survey, survey=survey, user=by)
    return survey


@transaction.atomic
def save_draft(
    *,
    household: Household,
    by: User,
    typed: Mapping[str, Any],
    page_version: int,
    corrects: Survey | None = None,
    idempotency_key: str = "",
) -> SurveyDraft | None:
    """Keep what has been typed on a page; None when that page was submitted already, and there is nothing to keep."""
    # Whoever submits takes the same row first, so that a late draft never outlives its survey.
    Household.objects.select_for_update().get(pk=household.pk)
    if idempotency_key and spent(idempotency_key, by):
        return None
    draft, _new = SurveyDraft.objects.update_or_create(
        household=household,
        author=by,
        corrects=corrects,
        defaults={"typed": dict(typed), "household_version": page_version, "village": household.village},
        create_defaults={
            "typed": dict(typed),
            "household_version": page_version,
            "village": household.village,
            "based_on": next(iter(standing_surveys(household)), None),
        },
    )
    return draft


def discard_draft(*, household: Household, by: User, corrects: Survey | None = None) -> None:
    """Throw away one's own draft."""
    SurveyDraft.objects.filter(household=household, author=by, corrects=corrects).delete()


def _twin(household: Household, by: User, answers: Mapping[str, Any]) -> Survey | None:
    """The person's own standing survey of that day with these very answers: nothing new was said."""
    if not (visited_on := answers.get("visited_on")):
        return None
    day = household.surveys.filter(entered_by=by, visited_on=visited_on, superseded_by=None)
    return next((one for one in day if _says_the_same(one, answers)), None)


def _says_the_same(survey: Survey, answers: Mapping[str, Any]) -> bool:
    return (
        all(getattr(survey, name) == answers.get(name) for name in SAID)
        and all(getattr(survey, name) == answers.get(name, "") for name in SAID_IN_WORDS)
        and set(survey.risk_causes) == set(answers.get("risk_causes", ()))
        and all(_as_set(getattr(survey, name)) == _as_set(answers.get(name)) for name in ASKED_LISTS)
    )


def _as_set(answer: Iterable[str] | None) -> set[str] | None:
    return None if answer is None else set(answer)


def submitted_before(key: str, by: User) -> Survey | None:
    """What the first sending of a form with this key became: looked at before the answers are judged anew."""
    outcome = spent(key, by) if key else None
    return Survey.objects.filter(pk=parse(outcome)).first() if outcome else None


def _sent_again(key: str, by: User) -> Survey:
    """What the first sending of this form became; a key that was somebody else's is refused."""
    survey = submitted_before(key, by)
    if survey is None:
        raise ValidationError("页面已过期，请刷新后再提交。您填的内容还在。", code="guard")
    return survey


def _take(
    household: Household, expected_version: int | None, corrects: Survey | None, answers: Mapping[str, Any]
) -> None:
    """Take the household's row for this transaction; of two people who submit at once, one is told."""
    try:
        open_change(household, expected_version)
    except StaleHousehold as fault:
        if household.closed_on:
            raise HouseholdClosed(closed_words(household), code="closed") from fault
        stored = next(iter(standing_surveys(household)), None)
        raise StaleSurvey("您打开这一页以后，这户有人改过。您填的还没有提交。", stored, answers) from fault
    if corrects and (newer := Survey.objects.filter(supersedes=corrects).first()):
        raise StaleSurvey("这次调查已经有人更正过。您填的还没有提交。", newer, answers)


def closed_words(household: Household) -> str:
    """Why nothing can be submitted for a household that is gone."""
    why = f"（{household.closed_reason}）" if household.closed_reason else ""
    return f"这户已于 {household.closed_on:%Y-%m-%d} 注销{why}，不能再提交入户调查。"


def _filled(household: Household, by: User, answers: Mapping[str, Any], corrects: Survey | None) -> Survey:
    """The survey as it follows from the answers, the day and the years before; not saved yet."""
    if unknown := set(answers) - set(ANSWERS):
        raise ValueError(f"A survey has no such answers: {sorted(unknown)}")
    _check(answers)
    visited_on: datetime.date = answers["visited_on"]
    start, end = accounting_period(visited_on, accounting_months(household, visited_on))
    before = last_year(household, visited_on, without=corrects)
    posting = by.posting_over(household.village, *SURVEY_ROLES)
    survey = Survey(
        household=household,
        village=household.village,
        period_start=start,
        period_end=end,
        entered_by=by,
        on_behalf_of=posting.on_behalf_of if posting else None,
        hukou_persons=household.members.present().count(),
        rigid_last_year=before.rigid,
        **answers,
    )
    if before.income is not None:
        survey.last_year_income, survey.last_year_source = before.income, before.source
    elif survey.last_year_income is not None:
        survey.last_year_source = LastYearSource.ENTERED
    return survey


def _check(answers: Mapping[str, Any]) -> None:
    """Refuse what cannot be; each fault by the name of its answer."""
    faults: dict[str, str] = {}
    if not answers.get("visited_on"):
        faults["visited_on"] = "请填入户日期。"
    elif answers["visited_on"] > timezone.localdate():
        faults["visited_on"] = "入户日期不能晚于今天。"
    persons = answers.get("persons") or 0
    if persons < 1:
        faults["persons"] = "一起过日子的至少 1 口人；家里没有人了，请到“家庭变动”办整户注销。"
    elif persons > MOST_PERSONS:
        faults["persons"] = f"最多 {MOST_PERSONS} 口人，请核对是不是多打了。"
    for name in (*INCOME_FIELDS, *RIGID_FIELDS):
        if (answers.get(name) or 0) < 0:
            faults[name] = "不能填负数；亏了的，把本钱填在“花了多少本钱”。"
    faults |= {
        name: "请从列出的原因、情况里选。"
        for name, values in {"risk_causes": set(codes.RiskCause.values), **ASKED_LISTS}.items()
        if set(answers.get(name) or ()) - values
    }
    if faults:
        raise ValidationError(faults)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "请写一句为什么更正。"})
    return reason.strip()
