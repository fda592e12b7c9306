"""What may be typed when a household was keyed into the national system."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from monitoring.case_forms import KeyedForm


class TickForm(KeyedForm):
    """On which day it was keyed."""

    keyed_on = forms.DateField(label="录入日期", widget=date_input(), error_messages=NO_DATE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keyed_on"].initial = timezone.localdate
