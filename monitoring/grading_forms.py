"""What may be typed in 三色分级: a level with its reason, a step's note, the days of a round, the filters of the list."""

import datetime
from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Level, Region, User
from accounts.roles import HOUSEHOLD_READERS
from households.models import Household
from monitoring.case_forms import KeyedForm
from monitoring.grading import MOST_NOTE, basis_of
from monitoring.grading_grounds import Ground
from monitoring.grading_rounds import span_in
from monitoring.grading_steps import GradingStep
from monitoring.models import Grading
from monitoring.policy.values import Policy

LEVELS = ((3, "蓝 三级"), (2, "黄 二级"), (1, "红 一级"))


class ProposeForm(KeyedForm):
    """A level, and why where it is not what the rules suggest."""

    basis = forms.CharField(widget=forms.HiddenInput, max_length=60)
    level = forms.TypedChoiceField(
        label="村里定为", choices=tuple(reversed(LEVELS)), coerce=int, widget=forms.RadioSelect,
        error_messages={"required": "请选一个等级。", "invalid_choice": "请选一个等级。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="原因", required=False, max_length=MOST_NOTE, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="和系统建议一样的可以不写；不一样的要写家里的实际情况。",
    )  # fmt: skip

    def __init__(self, *args: Any, ground: Ground, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ground = ground
        self.fields["basis"].initial = basis_of(ground)
        self.fields["level"].initial = ground.open.level if ground.open else ground.suggested
        self.fields["reason"].initial = ground.open.reason if ground.open else ""

    def clean(self) -> dict[str, Any]:
        """A level that needs a reason has one."""
        cleaned = super().clean() or {}
        level = cleaned.get("level")
        if level and not cleaned.get("reason", "").strip() and (wanted := self.ground.reason_wanted(level)):
            self.add_error("reason", wanted)
        return cleaned


class GradingStepForm(KeyedForm):
    """The note of a step, and the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="意见", required=False, max_length=MOST_NOTE, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可以不填。",
    )  # fmt: skip

    def __init__(self, *args: Any, step: GradingStep, grading: Grading, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = grading.version
        if step.needs_note:
            self.fields["note"].label = "原因"
            self.fields["note"].required = True
            self.fields["note"].help_text = "写清楚，对方照着办。"
            self.fields["note"].error_messages["required"] = "请写明原因。"


class RoundForm(KeyedForm):
    """From when until when a round runs."""

    begins_on = forms.DateField(label="开始", widget=date_input(), error_messages=NO_DATE)
    due_on = forms.DateField(
        label="截止",
        widget=date_input(),
        error_messages=NO_DATE,
        help_text="这一天还算按时。镇（街）审核、备案也在内。",
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        span = span_in(policy, timezone.localdate())
        self.fields["begins_on"].initial = span.begins_on
        self.fields["due_on"].initial = span.due_on

    def clean(self) -> dict[str, Any]:
        """The last day does not come before the first."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("begins_on"), cleaned.get("due_on")
        if isinstance(first, datetime.date) and isinstance(last, datetime.date) and last < first:
            self.add_error("due_on", "截止日期不能早于开始日期。")
        return cleaned


class GradingFilter(django_filters.FilterSet):
    """By town, village, level suggested, and name or number."""

    town = django_filters.ModelChoiceFilter(label="镇（街）", queryset=None, empty_label="全部", method="in_place")
    village = django_filters.ModelChoiceFilter(label="村", queryset=None, empty_label="全部", method="in_place")
    suggested = django_filters.ChoiceFilter(
        label="系统建议", choices=LEVELS[::-1], empty_label="全部", method="suggested_as"
    )
    q = django_filters.CharFilter(label="找户", max_length=40, method="named")

    class Meta:
        model = Household
        fields: Sequence[str] = []

    def __init__(self, *args: Any, user: User, district: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.visible_to(user, *HOUSEHOLD_READERS).in_regions([district])
        towns, villages = regions.filter(level=Level.TOWN), regions.filter(level=Level.VILLAGE)
        town = self.data.get("town", "")
        if town.isdecimal() and len(town) < 10 and (chosen := towns.filter(pk=town).first()):
            villages = villages.in_regions([chosen])
        self.filters["town"].queryset, self.filters["village"].queryset = towns, villages
        self.form.fields["q"].widget.attrs.update(type="search", placeholder="姓名、户编号、后四位")
        if towns.count() < 2:
            del self.form.fields["town"]
        if villages.count() < 2:
            del self.form.fields["village"]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """The rows asked for."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def in_place(self, queryset: Any, _name: str, place: Region | None) -> QuerySet:
        """Rows under a town or a village."""
        return queryset.in_regions([place]) if place else queryset

    def suggested_as(self, queryset: QuerySet, _name: str, level: str) -> QuerySet:
        """Rows for which the rules suggest this level."""
        return queryset.filter(suggested=int(level)) if level else queryset

    def named(self, queryset: Any, _name: str, words: str) -> QuerySet:
        """By the words typed."""
        return queryset.matching(words) if words else queryset
