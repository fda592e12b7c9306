"""What the survey form opens with, and what it says of itself while it is filled in."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import User
from households import codes
from households.last_year import (
    IncomeLine,
    LastYear,
    accounting_months,
    accounting_period,
    income_line,
    last_year,
    questions_asked,
    standing_surveys,
)
from households.models import Household, LastYearSource, Member, Survey, SurveyDraft
from households.models.surveys import GUARANTEE_FIELDS, INCOME_FIELDS, RIGID_FIELDS
from households.money import format_yuan
from households.questions import GUARANTEE_QUESTIONS, LIST_QUESTIONS, MONEY_QUESTIONS, NO, SECTIONS, YES
from households.survey_forms import SurveyForm, as_posted

EMPTY, HALF, FULL = "没填", "填了一半", "已填好"
UNKNOWN = "没有填"
NET_FIELDS = tuple(name for name in INCOME_FIELDS if name != "transfer_expense")


@dataclass
class Opening:
    """Everything that a survey page of one household is built from."""

    household: Household
    by: User
    corrects: Survey | None = None
    today: datetime.date = field(default_factory=timezone.localdate)

    def __post_init__(self) -> None:
        self.members: list[Member] = list(self.household.members.present().head_first())
        self.standing = standing_surveys(self.household, without=self.corrects)
        self.before: Survey | None = self.standing[0] if self.standing else None
        day = self.corrects.visited_on if self.corrects else self.today
        self.last_year: LastYear = last_year(self.household, day, without=self.corrects)
        self.line: IncomeLine | None = income_line(self.household, day)
        self.months: int = accounting_months(self.household, day)
        self.asked = questions_asked(self.household, day)
        self.period = accounting_period(day, self.months)
        drafts = SurveyDraft.objects.filter(household=self.household, author=self.by, corrects=self.corrects)
        self.draft: SurveyDraft | None = drafts.select_related("based_on").first()

    @property
    def before_word(self) -> str:
        """去年 for a visit of the calendar year before, else 上次."""
        gap = self.today.year - self.before.visited_on.year if self.before else 1
        return "去年" if gap == 1 else "上次"

    @property
    def last_per_capita(self) -> int | None:
        """Last year's net income per head in fen, rounded down, by the heads counted then."""
        source = self.last_year.survey
        if self.last_year.source == LastYearSource.ROSTER:
            return self.household.roster_per_capita_income
        persons = source.persons if source else sum(1 for member in self.members if member.lives_here)
        return self.last_year.income // persons if self.last_year.income is not None and persons else None

    @property
    def last_year_words(self) -> str:
        """Where last year's income comes from, in words for the cadre."""
        if self.last_year.source == LastYearSource.ROSTER:
            return "名册人均纯收入 × 人数"
        visited_on = self.last_year.survey.visited_on if self.last_year.survey else None
        return f"{visited_on:%Y-%m-%d} 入户时的数" if visited_on else ""

    def typed(self) -> dict[str, Any]:
        """What the boxes open with: the draft; else the survey to be corrected; else last time's amounts."""
        if self.draft:
            return self.draft.typed
        if self.corrects:
            return values_of(self.corrects)
        living = sum(1 for member in self.members if member.lives_here)
        typed: dict[str, Any] = {"visited_on": f"{self.today:%Y-%m-%d}", "persons": str(living) if living else ""}
        if self.before:
            typed |= _carried_over(self.before)
        return typed

    def form(self, data: Any = None, initial: Mapping[str, Any] | None = None) -> SurveyForm:
        """The form of this page, bound to what was sent or showing what it opens with."""
        return SurveyForm(
            data,
            household=self.household,
            members=self.members,
            before=self.before,
            last_year=self.last_year,
            corrects=self.corrects,
            asked=self.asked,
            initial=initial,
        )

    def reading(self, typed: Mapping[str, Any]) -> SurveyForm:
        """The form read as if it had been sent, for sums and for how far it is; its faults are not shown."""
        form = self.form(as_posted(typed))
        form.full_clean()
        return form

    @property
    def news_since_draft(self) -> Survey | None:
        """The survey that somebody submitted after this draft was begun."""
        newest = self.before
        if not self.draft or newest is None or newest.pk == self.draft.based_on_id:
            return None
        return newest if newest.submitted_at > self.draft.created_at else None

    @property
    def submitted_today(self) -> bool:
        """Whether the visit before was submitted by the same person today: he may have come back by accident."""
        mine = self.before is not None and self.before.entered_by_id == self.by.pk and not self.corrects
        return mine and timezone.localdate(self.before.submitted_at) == self.today

    @property
    def family_changed_since_draft(self) -> bool:
        """Whether the household was changed after this draft was last kept."""
        return bool(self.draft) and self.draft.household_version != self.household.version


def values_of(survey: Survey) -> dict[str, Any]:
    """A submitted survey as the text of the boxes, to be corrected."""
    words = {True: YES, False: NO}
    typed: dict[str, Any] = {
        "visited_on": f"{survey.visited_on:%Y-%m-%d}",
        "visitor_name": survey.visitor_name,
        "persons": str(survey.persons),
        "housing_grade": survey.housing_grade,
        "risk_causes": list(survey.risk_causes),
        "other_cause": survey.other_cause,
        "note": survey.note,
        **_amounts(survey),
        **_lists({question.name: getattr(survey, question.name) for question in LIST_QUESTIONS}),
    }
    typed |= {name: words[answer] for name in GUARANTEE_FIELDS if (answer := getattr(survey, name)) is not None}
    if survey.stable_income is not None:
        typed["stable_income"] = words[survey.stable_income]
    if survey.last_year_source == LastYearSource.ENTERED:
        typed["last_year_income"] = format_yuan(survey.last_year_income)
    typed |= {f"{name}_unasked": True for name in INCOME_FIELDS if getattr(survey, name) is None}
    if not survey.risk_causes and "risk_causes" in survey.confirmed_fields:
        typed["no_cause"] = True
    reasons = next(iter(survey.change_reasons.values()), "")
    if reasons:
        typed["change_reasons"] = reasons.split("、")
    return typed


def _amounts(survey: Survey) -> dict[str, str]:
    known = {question.name: getattr(survey, question.name) for question in MONEY_QUESTIONS}
    return {name: format_yuan(value) for name, value in known.items() if value is not None}


def _lists(answers: Mapping[str, list[str] | None]) -> dict[str, Any]:
    """Answers to the questions that take several, as ticks."""
    typed: dict[str, Any] = {}
    for name, answer in answers.items():
        if answer is not None:
            typed |= {name: list(answer)} if answer else {f"{name}_none": True}
    return typed


def _carried_over(survey: Survey) -> dict[str, Any]:
    """What a new visit opens with of the visit before: its amounts, and what lasts of its further answers."""
    lasting = {question.name: question.carried_over(getattr(survey, question.name)) for question in LIST_QUESTIONS}
    return _amounts(survey) | _lists(lasting)


# ---- what the page says of what is typed ----


def texts(form: SurveyForm, last: LastYear) -> dict[str, str]:
    """The words beside the form, by the name of their place on the page; from a form that has been read."""
    cleaned = form.cleaned_data
    persons = cleaned.get("persons")
    words = {
        "people": f"{persons} 口人一起过日子" if persons else UNKNOWN,
        "income": _income_words(cleaned, last),
        "expenses": _expense_words(cleaned),
        "guarantees": _guarantee_words(cleaned),
        "causes": _cause_words(cleaned),
        "proposed": proposed_words(form),
        "changed": "有收入差了三成以上，请点一个原因。" if form.big_changes() else "",
    }
    return words | {f"state_{section.id}": states(form)[section.id] for section in SECTIONS}


def per_capita(form: SurveyForm) -> int | None:
    """Net income per head of what is typed, in fen rounded down; None while an item is missing."""
    net, persons = net_income(form.cleaned_data), form.cleaned_data.get("persons")
    return net // persons if net is not None and persons else None


def net_income(cleaned: Mapping[str, Any]) -> int | None:
    """Net income of the amounts typed so far, in fen; None while an item is missing."""
    return Survey(**{name: cleaned.get(name) for name in NET_FIELDS}).net_income


def states(form: SurveyForm) -> dict[str, str]:
    """How far each section is: 没填, 填了一半 or 已填好."""
    cleaned = form.cleaned_data
    income = [cleaned.get(name) is not None or bool(cleaned.get(f"{name}_unasked")) for name in INCOME_FIELDS]
    found = {
        "people": _state([bool(cleaned.get("persons")), bool(cleaned.get("visited_on"))]),
        "income": _state(income),
        "expenses": _state([cleaned.get(name) is not None for name in RIGID_FIELDS]),
        "guarantees": _state([cleaned.get(name) is not None for name in GUARANTEE_FIELDS]),
        "causes": FULL if "risk_causes" in cleaned and "other_cause" in cleaned else EMPTY,
    }
    waiting = [section.name for section in SECTIONS if section.id in ("people", "income") and found[section.id] != FULL]
    found["check"] = f"先填完{'、'.join(waiting)}" if waiting else "可以提交"
    return found


def proposed_words(form: SurveyForm) -> str:
    """Causes that the system sees, each with what it is read from."""
    return "\n".join(f"{proposal.cause.label}：{proposal.reason}" for proposal in form.proposals)


def _state(answered: list[bool]) -> str:
    return FULL if all(answered) else HALF if any(answered) else EMPTY


def _income_words(cleaned: Mapping[str, Any], last: LastYear) -> str:
    net = net_income(cleaned)
    if net is None:
        return f"还有 {sum(1 for name in NET_FIELDS if cleaned.get(name) is None)} 项没有数，算不出来"
    words = f"纯收入 {_yuan(net)} 元"
    if last.income is None or last.income == net:
        return words if last.income is None else f"{words}，和去年一样"
    return f"{words}，比去年{'少' if net < last.income else '多'} {_yuan(abs(net - last.income))}"


def _expense_words(cleaned: Mapping[str, Any]) -> str:
    spent = [
        f"{question.label} {_yuan(cleaned[question.name])}"
        for question in MONEY_QUESTIONS
        if question.name in RIGID_FIELDS and cleaned.get(question.name)
    ]
    blank = sum(1 for name in RIGID_FIELDS if cleaned.get(name) is None)
    if not spent:
        return UNKNOWN if blank == len(RIGID_FIELDS) else "没有大头支出" if not blank else f"{blank} 项没填"
    return "，".join(spent) + (f"，{blank} 项没填" if blank else "")


def _guarantee_words(cleaned: Mapping[str, Any]) -> str:
    lacking = [GUARANTEE_QUESTIONS[name][0] for name in GUARANTEE_FIELDS if cleaned.get(name) is False]
    blank = [GUARANTEE_QUESTIONS[name][0] for name in GUARANTEE_FIELDS if cleaned.get(name) is None]
    if len(blank) == len(GUARANTEE_FIELDS):
        return UNKNOWN
    words = [f"{'、'.join(lacking)}没有保障"] if lacking else []
    words += [f"{'、'.join(blank)}没有填"] if blank else []
    return "，".join(words) or "都有保障"


def _cause_words(cleaned: Mapping[str, Any]) -> str:
    chosen = [codes.RiskCause(cause).label for cause in cleaned.get("risk_causes") or []]
    words = ["、".join(chosen) or ("没有这些难处" if cleaned.get("no_cause") else UNKNOWN)]
    if answer := cleaned.get("stable_income"):
        words.append("收入稳定" if answer == YES else "收入不稳定")
    for question in LIST_QUESTIONS:
        words += [label for value, label in question.choices if value in (cleaned.get(question.name) or ())]
    return "；".join(words)


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}"
