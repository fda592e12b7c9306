"""What may be typed for a what-if run: other numbers of a rule set, and the day from which they would hold."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from monitoring.case_forms import KeyedForm
from monitoring.models import PolicyTrial
from monitoring.parameters_page import in_words, unit_of
from monitoring.policy.reading import DAYS
from monitoring.policy.rulesets import Parameter
from monitoring.policy.values import Policy, read_value

PREFIX = "value_"
# What the procedure and the survey go by, and no rule, beside all that is counted in days: to change these moves nobody.
NOT_JUDGED_BY = ("accounting_", "meeting_", "notice_", "removal_", "visit_", "task_")  # how the keys begin
NOT_JUDGED_UNITS = (*DAYS, "月份")
SWITCH_CHOICES = [("", "不改"), ("1", "1（是）"), ("0", "0（否）")]


@dataclass(frozen=True)
class NumberLine:
    """A parameter with its box, and what holds now; ``now`` is empty where nobody has set it."""

    parameter: Parameter
    box: BoundField
    now: str


class TrialForm(KeyedForm):
    """One box for each number of a rule set; a box left blank keeps the number."""

    starts_on = forms.DateField(
        label="从哪天起",
        widget=date_input(),
        help_text="户情都按今天的算；这一天以前已经定下、到时候才生效的数也算进去。",
        error_messages=NO_DATE,
    )

    def __init__(self, *args: Any, policy: Policy, typed: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        self.fields["starts_on"].initial = timezone.localdate()
        self.parameters = {
            key: parameter for key, parameter in policy.ruleset.parameters.items() if may_move_somebody(parameter)
        }
        for key, parameter in self.parameters.items():
            self.fields[PREFIX + key] = self._box(parameter)
            self.fields[PREFIX + key].initial = (typed or {}).get(key, "")

    def _box(self, parameter: Parameter) -> forms.Field:
        if parameter.is_switch:
            return forms.ChoiceField(label=parameter.title, choices=SWITCH_CHOICES, required=False)
        widget = forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "不改", "autocomplete": "off"})
        return forms.CharField(label=parameter.title, max_length=20, required=False, widget=widget)

    @property
    def numbers(self) -> Iterator[NumberLine]:
        """The lines of the table."""
        for key, parameter in self.parameters.items():
            now = self.policy.values.get(key)
            yield NumberLine(parameter, self[PREFIX + key], in_words(now.value, parameter) if now else "")

    def clean(self) -> dict[str, Any]:
        """Each number by itself, so that every fault is told at its box."""
        cleaned = super().clean() or {}
        for key, text in self._typed(cleaned).items():
            try:
                read_value(key, text, self.policy.ruleset.code)
            except ValidationError as fault:
                self.add_error(PREFIX + key, fault)
        return cleaned

    @property
    def draft(self) -> dict[str, Any]:
        """What the service is asked for."""
        return {
            "values": self._typed(self.cleaned_data),
            "starts_on": self.cleaned_data["starts_on"],
            "idempotency_key": self.cleaned_data["idempotency_key"],
        }

    def _typed(self, cleaned: Mapping[str, Any]) -> dict[str, str]:
        return {key: cleaned[PREFIX + key] for key in self.parameters if cleaned.get(PREFIX + key)}


def may_move_somebody(parameter: Parameter) -> bool:
    """Whether a rule may read the number."""
    return not parameter.key.startswith(NOT_JUDGED_BY) and parameter.unit not in NOT_JUDGED_UNITS


@dataclass(frozen=True)
class Change:
    """One thing that a draft changes: what holds without it, and what it says."""

    title: str
    before: str
    after: str
    unit: str


def changes(trial: PolicyTrial, before: Policy) -> list[Change]:
    """What the draft changes, in words, next to today's policy."""
    rules = trial.rules
    changed = [Change("规则集", before.ruleset.title, rules.title, "")] if trial.takes_ruleset else []
    for key, value in trial.values.items():
        parameter = rules.parameter(key)
        held = before.values.get(key) if before.ruleset.code == rules.code else None
        was = in_words(held.value, parameter) if held else "未设" if before.ruleset.code == rules.code else "—"
        changed.append(Change(parameter.title, was, in_words(Decimal(value), parameter), unit_of(parameter)))
    return changed


def same_day_or_today(day: datetime.date) -> datetime.date:
    """The day a proposal begins when nothing else is typed: the draft's, or today when that is past."""
    return max(day, timezone.localdate())
