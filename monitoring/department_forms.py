"""What a department's clerk may type: a household that he names himself, and what his department knows of it."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from households.codes import RiskCause
from monitoring.case_forms import FigureForm, KeyedForm


class HouseholdMeantField(forms.CharField):
    """Which household: by its number, or by the whole identity number of anybody who belongs to it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="户编号，或者家里任何一个人的身份证号", max_length=30,
            help_text="身份证号要填全。只用来找到这一户，不会再显示出来。",
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"required": "请填户编号或身份证号。"}, **options,
        )  # fmt: skip


class WarningForm(KeyedForm):
    """部门预警: what happened to whom, as far as the department knows."""

    typed = HouseholdMeantField()
    happened_on = forms.DateField(label="哪一天", widget=date_input(), error_messages=NO_DATE)
    cause = forms.ChoiceField(label="主要困难", choices=RiskCause.choices)
    words = forms.CharField(
        label="情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一两句话：出了什么事、花了多少钱。加密保存，只有核实的村和镇（街）看得到。不写证件号、电话。",
        error_messages={"required": "请写一写情况。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].initial = timezone.localdate


class OwnFigureForm(FigureForm):
    """A figure of the clerk's own department."""

    department = None  # type: ignore[assignment]  # his own
    whose = HouseholdMeantField()
    field_order = ("idempotency_key", "whose", "item", "amount", "grade", "as_of")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].initial = timezone.localdate
