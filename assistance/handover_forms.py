"""Who takes the households of a 联系人, from when, why, and which of them."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.forms import date_input
from accounts.models import User
from assistance.models import Helper


class HandoverForm(forms.Form):
    """One page: the households ticked, the taker, the day, the reason."""

    to = forms.ModelChoiceField(label="谁接手", queryset=User.objects.none(), empty_label="请选")
    begins_on = forms.DateField(
        label="从哪天起", widget=date_input(), help_text="原联系人到这一天为止。", initial=timezone.localdate
    )
    reason = forms.CharField(label="为什么交接", max_length=200, help_text="如：工作调动、驻村期满。")
    households = forms.MultipleChoiceField(
        label="交接的户", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请至少选一户。"}
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, takers: QuerySet[User], helpers: Iterable[Helper], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = takers
        self.fields["to"].label_from_instance = lambda user: f"{user.name}（{user.unit or '单位未填'}）"
        listed = [(str(one.household_id), f"{one.household}（{one.household.village.name}）") for one in helpers]
        self.fields["households"].choices = listed
        self.fields["households"].initial = [key for key, _label in listed]


class AnswerForm(forms.Form):
    """What the taker says; needed where he does not take them."""

    answer = forms.CharField(label="说明", max_length=200, required=False, help_text="不接手的，请写原因。")
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)
