"""What may be typed for a notice: its days, its phones, a remark; and its photos."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region
from households.attachment_forms import AttachmentsField
from monitoring import notices
from monitoring.case_forms import KeyedForm
from monitoring.models import Case, Stage
from monitoring.notices_calendar import check_first_day


class NoticeForm(KeyedForm):
    """From when to when a notice hangs, whom to call, and a remark if one is needed."""

    starts_on = forms.DateField(label="公示开始", widget=date_input(), error_messages=NO_DATE)
    ends_on = forms.DateField(label="公示结束", widget=date_input(), error_messages=NO_DATE)
    village_phone = forms.CharField(label="村监督电话", required=False, max_length=30)
    town_phone = forms.CharField(label="镇监督电话", required=False, max_length=30)
    remark = forms.CharField(
        label="补充说明",
        required=False,
        max_length=notices.LONGEST_REMARK,
        help_text="可以不填。不能写证件号、电话、病情、原因、收入和姓名，系统会检查。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, village: Region | None, cases: Sequence[Case], **kwargs: Any) -> None:
        super().__init__(*args, initial=notices.last_phones(village) if village else {}, **kwargs)
        self.village, self.cases = village, cases
        today = timezone.localdate()
        self.fields["starts_on"].initial = today
        if village:
            rule = self._rule(today)
            self.fields["ends_on"].initial = rule.last_day(today)
            self.fields["ends_on"].help_text = f"{rule.words}。"

    def _rule(self, starts_on: Any) -> notices.DayRule:
        if self.cases and self.cases[0].stage == Stage.ANNOUNCE:
            return notices.LEAST
        return notices.rule_for(self.cases, self.village, starts_on)  # type: ignore[arg-type]

    def clean_starts_on(self) -> datetime.date:
        """A day near enough to be counted from."""
        check_first_day(self.cleaned_data["starts_on"], timezone.localdate())
        return self.cleaned_data["starts_on"]

    def clean(self) -> dict[str, Any]:
        """What could not be posted is told now, before the notice is looked at."""
        cleaned = super().clean() or {}
        if self.village and not self.errors:
            draft = notices.Draft(**{name: cleaned[name] for name in notices.Draft.__dataclass_fields__})
            notices.check(draft, self._rule(draft.starts_on), self.cases, timezone.localdate())
        return cleaned


class PhotoForm(forms.Form):
    """Photos of the notice on its board."""

    files = AttachmentsField(label="张贴照片")
