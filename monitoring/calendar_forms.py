"""What may be typed into the calendar: a list of 调休 days with its document, and a district's own date."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region
from monitoring.calendar_overrides import MOST_LINES, read_list
from monitoring.case_forms import KeyedForm


class DaysForm(KeyedForm):
    """Days, one on each line, and the document that says so."""

    days = forms.CharField(
        label="日期，一行一天",
        max_length=MOST_LINES * 40,
        widget=forms.Textarea(attrs={"rows": 10, "placeholder": "2026-02-14 上班\n2026-02-16 放假"}),
        help_text="可以整段粘贴。只写和平常星期不一样的日子：周末上班的、工作日放假的。",
        error_messages={"required": "请写至少一行，如：2026-02-14 上班。"},
    )
    source = forms.CharField(
        label="依据文件",
        max_length=200,
        help_text="如：国务院办公厅关于某年部分节假日安排的通知，写上文号。",
        error_messages={"required": "请写明依据哪份文件。"},
    )

    def clean_days(self) -> dict[datetime.date, bool]:
        """The days as they were understood."""
        return read_list(self.cleaned_data["days"], timezone.localdate())


class DistrictDateForm(KeyedForm):
    """A date of the district: where, when, what, by which document."""

    region = forms.ModelChoiceField(Region.objects.none(), label="哪个区（市）", to_field_name="code")
    date = forms.DateField(label="日期", widget=date_input(), error_messages=NO_DATE)
    title = forms.CharField(label="什么事", max_length=60, help_text="如：报三季度工作小结。不写户主姓名。")
    source = forms.CharField(label="依据文件", max_length=200, help_text="文号或会议名称。")
    field_order = ("idempotency_key", "region", "date", "title", "source")

    def __init__(self, *args: Any, regions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]
        self.fields["region"].empty_label = None  # type: ignore[attr-defined]
