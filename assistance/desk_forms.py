"""What may be typed on the desk of a department, and about one measure's step."""

import re
import uuid
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.keys import key_or_none
from assistance.delivery_steps import DeliveryStep, Mark, Pick
from assistance.models import Delivery, Every
from households.attachment_forms import AttachmentsField
from households.money import YuanField

PICK = re.compile(r"(?P<key>[^:]*):(?P<version>[0-9]{1,9})")


class MarkForm(forms.Form):
    """The step, its day, and what goes with it."""

    step = forms.ChoiceField(label="标为", choices=DeliveryStep)
    on = forms.DateField(label="哪天", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate)
    amount = YuanField(label="金额（元）", help_text="没有金额的不填；已落实的才用。")
    every = forms.ChoiceField(label="多久一次", choices=[("", "不改"), *Every.choices], required=False)
    runs_until = forms.DateField(
        label="到期日期",
        required=False,
        widget=date_input(),
        error_messages=NO_DATE,
        help_text="有期限的要填，续期也填在这里。",
    )
    reason = forms.CharField(label="原因", max_length=200, required=False, help_text="不再办、结束的要写。")
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, steps: list[DeliveryStep] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if steps is not None:
            self.fields["step"].choices = [(step.value, step.label) for step in steps]

    def mark(self) -> Mark:
        """What was typed."""
        given = {name: self.cleaned_data[name] for name in ("on", "amount", "every", "runs_until", "reason")}
        return Mark(step=DeliveryStep(self.cleaned_data["step"]), **given)


class StepForm(MarkForm):
    """The same about one measure, with the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def about(cls, delivery: Delivery, steps: list[DeliveryStep]) -> "StepForm":
        """For a measure as it stands."""
        known = {"version": delivery.version, "amount": delivery.amount, "runs_until": delivery.runs_until}
        return cls(initial=known, steps=steps)


class PapersForm(forms.Form):
    """What proves a measure."""

    files = AttachmentsField(label="凭证")
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)


def picks_of(entries: list[str]) -> list[Pick]:
    """What was ticked, as ``key:version``; raises ValidationError for what no page of ours sends."""
    found = (PICK.fullmatch(entry) for entry in entries)
    read = [(key_or_none(one["key"]), int(one["version"])) for one in found if one]
    picks = [Pick(key, version) for key, version in read if key]
    if len(picks) < len(entries):
        raise forms.ValidationError("页面已过期，请刷新后再选。")
    return picks
