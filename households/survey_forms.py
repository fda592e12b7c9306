"""The home visit as people type it: blank is not asked, 没有 is zero, 没问到 says that nobody knows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from households import codes
from households.causes import Proposal, changed_much, propose_causes
from households.last_year import LastYear
from households.models import Household, Member, Survey
from households.models.surveys import GUARANTEE_FIELDS, INCOME_FIELDS
from households.money import YuanField, format_yuan
from households.questions import (
    CHANGE_REASONS,
    EXPENSE_QUESTIONS,
    GUARANTEE_QUESTIONS,
    HAS,
    INCOME_GROUPS,
    INCOME_QUESTIONS,
    LACKS,
    LIST_QUESTIONS,
    MONEY_QUESTIONS,
    NO,
    NOBODY,
    STABLE_INCOME,
    YES,
    Group,
    ListQuestion,
    MoneyQuestion,
)
from households.register_forms import TypedDateField
from households.surveys import MOST_PERSONS

LONGEST_ANSWER = 300
PERSONS_MISSING = "一起过日子的至少 1 口人；家里没有人了，请到“家庭变动”办整户注销。"


@dataclass(frozen=True)
class MoneyLine:
    """One amount on the page: its question, its box, its two ticks, and last time's amount in fen."""

    question: MoneyQuestion
    box: BoundField
    same: BoundField
    unasked: BoundField | None
    last: int | None


class SurveyForm(forms.Form):
    """One visit. Drafts keep what is typed as it is; ``clean`` insists on what a submitted survey needs."""

    visited_on = TypedDateField(label="哪天去的")
    visitor_name = forms.CharField(
        label="谁去的", required=False, max_length=60, help_text="替没有账号的同事录入时填他的姓名；自己去的不填。"
    )
    persons = forms.IntegerField(
        label="一起过日子的有几口人",
        min_value=1,
        max_value=MOST_PERSONS,
        error_messages={"required": PERSONS_MISSING, "min_value": PERSONS_MISSING, "invalid": "请填人数，如 4。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-persons": ""}),
    )
    family_changed = forms.ChoiceField(
        label="有没有人出生、去世、嫁娶、外出？",
        choices=[("no", "没有"), ("yes", "有")],
        required=False,
        widget=forms.RadioSelect,
    )
    income_rest = forms.BooleanField(required=False)
    expense_rest = forms.BooleanField(required=False)
    last_year_income = YuanField(label="去年全家纯收入", help_text="以前没有调查过，名册里也没有。不知道就空着。")
    all_ok = forms.BooleanField(label="都有保障", required=False)
    housing_grade = forms.ChoiceField(
        label="房屋等级", choices=codes.HOUSING_GRADES, required=False, widget=forms.RadioSelect
    )
    risk_causes = forms.MultipleChoiceField(
        label="有哪些难处",
        choices=codes.RiskCause.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    no_cause = forms.BooleanField(label="没有这些难处", required=False)
    other_cause = forms.CharField(label="其他原因是什么", required=False, max_length=100)
    stable_income = forms.ChoiceField(
        label="收入稳定吗？", choices=[(YES, "稳定"), (NO, "不稳定")], required=False, widget=forms.RadioSelect
    )
    change_reasons = forms.MultipleChoiceField(
        label="和去年差得多，为什么？", choices=CHANGE_REASONS, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label="说一句情况",
        required=False,
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "如：腰伤不能干重活"}),
    )
    reason = forms.CharField(label="为什么更正", max_length=200, error_messages={"required": "请写一句为什么更正。"})

    def __init__(
        self,
        data: Any = None,
        *,
        household: Household,
        members: Iterable[Member],
        before: Survey | None,
        last_year: LastYear,
        corrects: Survey | None = None,
        asked: Collection[str] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.household, self.members, self.before, self.last_year = household, list(members), before, last_year
        self.corrects = corrects
        self.confirmed: list[str] = []
        self.untouched: list[str] = []
        self.proposals: list[Proposal] = []
        for question in MONEY_QUESTIONS:
            self._add_money(question)
        for name, (label, _guarantee, hint) in GUARANTEE_QUESTIONS.items():
            choices = [HAS, LACKS] if name != "education_ok" else [HAS, LACKS, (NOBODY, "没有该上学的孩子")]
            self.fields[name] = forms.ChoiceField(
                label=label, help_text=hint, choices=choices, required=False, widget=forms.RadioSelect
            )
        self.list_questions = [question for question in LIST_QUESTIONS if question.asked_by in asked]
        for question in self.list_questions:
            self._add_list(question)
        if STABLE_INCOME not in asked:
            del self.fields["stable_income"]
        if last_year.income is not None:
            del self.fields["last_year_income"]
        if not corrects:
            del self.fields["reason"]

    def _add_money(self, question: MoneyQuestion) -> None:
        box = YuanField(label=question.label)
        last = self.last(question.name)
        box.widget.attrs["data-last"] = "0" if last is None else format_yuan(last)
        box.widget.attrs["data-unit"] = "元"
        self.fields[question.name] = box
        self.fields[f"{question.name}_same"] = forms.BooleanField(required=False)
        if question.name in INCOME_FIELDS:
            self.fields[f"{question.name}_unasked"] = forms.BooleanField(required=False)

    def _add_list(self, question: ListQuestion) -> None:
        last = question.carried_over(getattr(self.before, question.name, None)) or ()
        words = "、".join(label for value, label in question.choices if value in last)
        self.fields[question.name] = forms.MultipleChoiceField(
            label=question.label,
            help_text=f"上次选的是{words}，已点好，变了再改。" if words and not self.corrects else "",
            choices=question.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields[f"{question.name}_none"] = forms.BooleanField(label=question.none, required=False)

    def last(self, name: str) -> int | None:
        """What the visit before said of an amount, in fen."""
        return getattr(self.before, name) if self.before else None

    # ---- for the page ----

    def income_groups(self) -> list[tuple[Group, list[MoneyLine]]]:
        """The amounts of income, by heading."""
        return [
            (group, [self._line(one) for one in INCOME_QUESTIONS if one.group == group.name]) for group in INCOME_GROUPS
        ]

    def expense_lines(self) -> list[MoneyLine]:
        """The amounts of rigid expenses."""
        return [self._line(question) for question in EXPENSE_QUESTIONS]

    def guarantee_fields(self) -> list[BoundField]:
        """The questions of 两不愁三保障 and water."""
        return [self[name] for name in GUARANTEE_QUESTIONS]

    def list_fields(self) -> list[tuple[BoundField, BoundField]]:
        """The further questions that take several answers, each with its tick for none of them."""
        return [(self[question.name], self[f"{question.name}_none"]) for question in self.list_questions]

    def _line(self, question: MoneyQuestion) -> MoneyLine:
        name = question.name
        unasked = self[f"{name}_unasked"] if name in INCOME_FIELDS else None
        return MoneyLine(question, self[name], self[f"{name}_same"], unasked, self.last(name))

    # ---- what was typed ----

    def clean(self) -> dict[str, Any]:
        """Everything that no single box can say."""
        cleaned = super().clean()
        for question in MONEY_QUESTIONS:
            self._clean_money(question, cleaned)
        self._clean_guarantees(cleaned)
        self._clean_causes(cleaned)
        for question in self.list_questions:
            self._clean_list(question, cleaned)
        if cleaned.get("visited_on") and cleaned["visited_on"] > timezone.localdate():
            self.add_error("visited_on", "入户日期不能晚于今天。")
        return cleaned

    def _clean_money(self, question: MoneyQuestion, cleaned: dict[str, Any]) -> None:
        name = question.name
        if name not in cleaned:
            return
        value, last = cleaned[name], self.last(name)
        same, unasked = cleaned.get(f"{name}_same"), cleaned.get(f"{name}_unasked")
        rest = cleaned.get("income_rest" if name in INCOME_FIELDS else "expense_rest")
        usual = last if last is not None else 0
        try:
            if unasked:
                value = _unasked(value, last, same)
            elif same:
                value = _same(value, usual, first_time=last is None)
            elif value is None and rest:
                value = usual
            elif value is None and name in INCOME_FIELDS:
                raise ValidationError(
                    "没填。填数，或者点“没问到”。" if last is not None else "没填。填数，或者点“没有”“没问到”。"
                )
            elif value is not None and value < 0:
                raise ValidationError("不能填负数；亏了的，把本钱填在“花了多少本钱”。")
        except ValidationError as fault:
            self.add_error(name, fault)
            return
        cleaned[name] = value
        if value is not None and value == last:
            (self.confirmed if same or rest else self.untouched).append(name)

    def _clean_guarantees(self, cleaned: dict[str, Any]) -> None:
        for name in GUARANTEE_FIELDS:
            answer = cleaned.get(name) or (YES if cleaned.get("all_ok") else "")
            cleaned[name] = None if not answer else answer != NO
        if cleaned["housing_ok"] and cleaned.get("housing_grade") in codes.UNSAFE_HOUSING:
            self.add_error("housing_ok", "C级、D级是危房：请点“没有”，或者改等级。")

    def _clean_causes(self, cleaned: dict[str, Any]) -> None:
        amounts = {question.name: cleaned.get(question.name) for question in MONEY_QUESTIONS}
        last = {question.name: self.last(question.name) for question in MONEY_QUESTIONS}
        self.proposals = propose_causes(self.members, amounts, last)
        chosen, none = cleaned.get("risk_causes") or [], cleaned.get("no_cause")
        if chosen and none:
            self.add_error("risk_causes", "点了原因，又点了“没有这些难处”，请改一处。")
        elif self.proposals and not chosen and not none:
            self.add_error("risk_causes", "请点原因；都不是，就点“没有这些难处”。")
        if codes.RiskCause.OTHER in chosen and not cleaned.get("other_cause"):
            self.add_error("other_cause", "点了“其他”，请写一下是什么。")

    def _clean_list(self, question: ListQuestion, cleaned: dict[str, Any]) -> None:
        """What was chosen; nothing for the tick that says so; None where neither was touched."""
        if question.name not in cleaned:
            return
        chosen, none = cleaned[question.name], cleaned.get(f"{question.name}_none")
        if chosen and none:
            self.add_error(question.name, f"点了情况，又点了“{question.none}”，请改一处。")
        elif not chosen and not none:
            cleaned[question.name] = None

    @property
    def nothing_touched(self) -> bool:
        """Whether every amount stayed as the visit before had it and none was confirmed."""
        known = [question.name for question in MONEY_QUESTIONS if self.last(question.name) is not None]
        return bool(known) and not self.corrects and set(known) == set(self.untouched)

    def big_changes(self) -> list[str]:
        """Amounts of income that went up or down by 30 percent or more."""
        return [name for name in INCOME_FIELDS if changed_much(self.last(name), self.cleaned_data.get(name))]

    def answers(self) -> dict[str, Any]:
        """What goes to the service; only of a valid form."""
        cleaned = self.cleaned_data
        words = "、".join(cleaned["change_reasons"])
        answers = {name: cleaned[name] for name in ("visited_on", "visitor_name", "persons", "housing_grade", "note")}
        answers |= {question.name: cleaned[question.name] for question in MONEY_QUESTIONS}
        answers |= {name: cleaned[name] for name in GUARANTEE_FIELDS}
        answers |= self._further_answers()
        answers["risk_causes"] = cleaned["risk_causes"]
        answers["other_cause"] = cleaned["other_cause"] if codes.RiskCause.OTHER in cleaned["risk_causes"] else ""
        answers["change_reasons"] = dict.fromkeys(self.big_changes(), words) if words else {}
        answers["confirmed_fields"] = [*self.confirmed, *(["risk_causes"] if cleaned["no_cause"] else [])]
        answers["untouched_fields"] = self.untouched
        if "last_year_income" in cleaned:
            answers["last_year_income"] = cleaned["last_year_income"]
        return answers

    def _further_answers(self) -> dict[str, Any]:
        """What only some rule sets ask; what is not asked any more stays in a correction as it was answered."""
        names = ("stable_income", *(question.name for question in LIST_QUESTIONS))
        answers = {name: getattr(self.corrects, name) for name in names} if self.corrects else {}
        if "stable_income" in self.cleaned_data:
            answers["stable_income"] = {YES: True, NO: False}.get(self.cleaned_data["stable_income"])
        return answers | {question.name: self.cleaned_data[question.name] for question in self.list_questions}

    def typed(self) -> dict[str, Any]:
        """What stands in the boxes, as text, to be kept as a draft."""
        typed: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, {}, name)
            if value not in (None, "", False, []):
                typed[name] = [str(one)[:LONGEST_ANSWER] for one in value] if isinstance(value, list) else value
        return {name: value[:LONGEST_ANSWER] if isinstance(value, str) else value for name, value in typed.items()}


def as_repeated(form: SurveyForm) -> list[tuple[str, str]]:
    """A valid form as hidden boxes, each tick replaced by the amount that it stood for: “last time” may be another now."""
    ticks = [f"{question.name}_same" for question in MONEY_QUESTIONS]
    typed = {name: value for name, value in form.typed().items() if name not in (*ticks, "income_rest", "expense_rest")}
    typed |= {question.name: format_yuan(form.cleaned_data[question.name]) for question in MONEY_QUESTIONS}
    return [(name, one) for name, values in as_posted(typed).lists() for one in values]


def as_posted(typed: Mapping[str, Any]) -> MultiValueDict:
    """Kept text as a form receives it, to be read again."""
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in typed.items()})


def _unasked(value: int | None, last: int | None, same: bool | None) -> None:
    """Nobody asked: unknown, even where last time's amount still stands in the box."""
    if same or (value is not None and value != last):
        raise ValidationError("又填了数，又点了“没问到”，请改一处。")


def _same(value: int | None, usual: int, *, first_time: bool) -> int:
    """The amount that the tick stands for: last time's, or none at all on a first visit."""
    if value is not None and value != usual:
        word = "没有" if first_time else "和去年一样"
        raise ValidationError(f"框里的数和“{word}”对不上，请改一处。")
    return usual
