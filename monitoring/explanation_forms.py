"""The day for which a basis is asked."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import NO_DATE, date_input


class DayForm(forms.Form):
    """One day, today or earlier."""

    on = forms.DateField(label="看哪一天的", widget=date_input(), error_messages=NO_DATE)

    def clean_on(self) -> datetime.date:
        """A day to come has no facts yet."""
        day: datetime.date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError("日期不能晚于今天。")
        return day
