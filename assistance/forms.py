"""What may be typed about measures and helpers."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import date_input
from assistance.catalogue import HOUSEHOLD_COLUMNS, MEASURES, Kind, LedgerColumn
from assistance.models import Delivery, Every
from assistance.services import Correction, Wish, agreed_elsewhere, as_it_stands
from assistance.ticks import Ticks
from households.models import Member
from households.money import YuanField

# The sheet offers the measures that have the names of the ledger's columns, and three more of the household.
PERSON_MEASURES = tuple(column.value for column in LedgerColumn if column not in HOUSEHOLD_COLUMNS)
HOUSEHOLD_MEASURES = (*(column.value for column in HOUSEHOLD_COLUMNS), "industry", "small_loan", "donation")
WHOLE_HOUSEHOLD = "household"
NOT_TO_COME = "日期不能晚于今天。"


class DatedForm(forms.Form):
    """A form about days that have come, but for the fields in ``ahead``."""

    ahead: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """No other day lies ahead."""
        cleaned = super().clean() or {}
        today = timezone.localdate()
        for name, value in list(cleaned.items()):
            if name not in self.ahead and isinstance(value, datetime.date) and value > today:
                self.add_error(name, NOT_TO_COME)
        return cleaned


class TickForm(DatedForm):
    """The ten policies as one sheet: boxes for the household, then for each member; what stands is not offered again."""

    begun_on = forms.DateField(
        label="从哪天起",
        widget=date_input(),
        help_text="危房改造、饮水安全填办成的日期，临时救助填给付的日期。",
        initial=timezone.localdate,
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(
        self, members: Iterable[Member], deliveries: Iterable[Delivery], ticks: Ticks, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {f"member_{member.pk.hex}": member for member in members}
        standing: dict[Any, dict[str, Delivery]] = defaultdict(dict)
        for delivery in deliveries:
            standing[delivery.member_id][delivery.measure] = delivery
        self._offer(WHOLE_HOUSEHOLD, "全户", HOUSEHOLD_MEASURES, standing[None], set())
        for name, member in self.people.items():
            stated = ticks.by_member.get(member.pk, set()) - {one.column for one in standing[member.pk].values()}
            label = f"{member.name}（{member.relation}）"
            self._offer(name, label, PERSON_MEASURES, standing[member.pk], stated)

    def _offer(
        self, name: str, label: str, measures: Iterable[str], standing: dict[str, Delivery], stated: set[str]
    ) -> None:
        here = [
            f"{one.name}（{f'{one.begun_on} 起' if one.begun_on else '已承诺，在“帮扶措施”里登记进度'}）"
            for one in standing.values()
        ]
        here += [f"{LedgerColumn(one).label}（名册）" for one in sorted(stated)]
        self.fields[name] = forms.MultipleChoiceField(
            label=label,
            required=False,
            choices=[(code, MEASURES[code].name) for code in measures if code not in standing],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "有一项已经登记过了，请刷新再看。"},
            help_text=f"已有：{'、'.join(here)}" if here else "",
        )

    def clean(self) -> dict[str, Any]:
        """At least one box is ticked."""
        cleaned = super().clean()
        if not self.errors and not self.wishes():
            raise ValidationError("还没有勾选措施。")
        return cleaned

    def wishes(self) -> list[Wish]:
        """What was ticked."""
        mine = [Wish(value) for value in self.cleaned_data.get(WHOLE_HOUSEHOLD, ())]
        return mine + [
            Wish(value, member) for name, member in self.people.items() for value in self.cleaned_data.get(name, ())
        ]


class DeliveryForm(DatedForm):
    """What stands of one measure in place, with the version that the form was opened with."""

    ahead = ("runs_until",)
    begun_on = forms.DateField(label="开始日期", widget=date_input())
    ended_on = forms.DateField(
        label="结束（办成）日期", required=False, widget=date_input(), help_text="还在享受就不填；这一天仍算享受。"
    )
    runs_until = forms.DateField(label="到期日期", required=False, widget=date_input(), help_text="没有期限的不填。")
    amount = YuanField(label="金额（元）", help_text="没有金额的不填。")
    every = forms.ChoiceField(label="多久一次", choices=[("", "——"), *Every.choices], required=False)
    note = forms.CharField(label="说明", max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, delivery: Delivery, typed: Any = None) -> None:
        super().__init__(typed, initial={name: getattr(delivery, name) for name in self.base_fields})
        self.stands = as_it_stands(delivery)
        if delivery.kind != Kind.RUNNING and delivery.runs_until is None:
            del self.fields["runs_until"]
        for name in agreed_elsewhere(delivery):
            self.fields.pop(name, None)

    def correction(self) -> Correction:
        """What is to stand; what the form does not ask stays."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if "amount" in typed:
            typed["every"] = "" if typed["amount"] is None else typed["every"] or Every.ONCE
        return replace(self.stands, **typed)


class RemovalForm(forms.Form):
    """Why a measure is taken out."""

    reason = forms.CharField(label="为什么删除", max_length=200, help_text="如：录错户。删除会留痕。")


class HelperForm(DatedForm):
    """帮扶联系人 with unit and the day on which he begins."""

    name = forms.CharField(label="帮扶联系人姓名", max_length=30)
    unit = forms.CharField(label="帮扶联系人的单位", max_length=60)
    phone = forms.CharField(
        label="电话", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    begun_on = forms.DateField(
        label="从哪天起", widget=date_input(), help_text="原联系人到这一天为止。", initial=timezone.localdate
    )
