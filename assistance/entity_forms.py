"""What may be typed about entities, ties, receipts, courses and their rosters."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region
from accounts.models.regions import RegionQuerySet
from assistance.models import EntityKind, TieKind, TraineeOutcome
from households.money import YuanField


class PlacedForm(forms.Form):
    """Something that a region has: sent twice it is there once."""

    region = forms.ModelChoiceField(
        label="在哪里", queryset=Region.objects.none(), to_field_name="code", empty_label=None
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, regions: RegionQuerySet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]


class EntityForm(PlacedForm):
    """A firm, a cooperative, a 致富带头人."""

    kind = forms.ChoiceField(label="类型", choices=EntityKind)
    name = forms.CharField(label="名称", max_length=60)


class TieForm(forms.Form):
    """A household tied to an entity."""

    household = forms.UUIDField(label="哪一户", error_messages={"required": "请选一户。"})
    kind = forms.ChoiceField(label="方式", choices=TieKind)
    begun_on = forms.DateField(label="从哪天起", widget=date_input(), error_messages=NO_DATE)


class UntieForm(forms.Form):
    """The last day of a tie."""

    ended_on = forms.DateField(label="到哪天", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate)


class ReceiptForm(forms.Form):
    """What a household received."""

    amount = YuanField(label="收到（元）", required=True)
    received_on = forms.DateField(
        label="哪天收到", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
    note = forms.CharField(label="说明", max_length=120, required=False, help_text="如：二季度工资、年底分红。")
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)


class StrikeForm(forms.Form):
    """Why a receipt is taken out."""

    reason = forms.CharField(label="为什么删除", max_length=120)


class TrainingForm(PlacedForm):
    """A course."""

    title = forms.CharField(label="培训名称", max_length=60)
    unit = forms.CharField(label="培训单位", max_length=60)
    begins_on = forms.DateField(label="开始日期", widget=date_input(), error_messages=NO_DATE)
    ends_on = forms.DateField(label="结束日期", widget=date_input(), error_messages=NO_DATE)


class EnrolForm(forms.Form):
    """Somebody for the roster."""

    member = forms.UUIDField(widget=forms.HiddenInput)


class FollowForm(forms.Form):
    """What came of the course."""

    outcome = forms.ChoiceField(
        label="培训后", choices=[(value, label) for value, label in TraineeOutcome.choices if value]
    )
    followed_on = forms.DateField(
        label="回访日期", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
