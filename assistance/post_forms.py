"""What may be typed about public posts: the post, the offer, its answer, the months."""

import datetime
import uuid
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region
from accounts.models.regions import RegionQuerySet
from assistance.models import FundSource, PostMonth, PostOffer
from households.money import YuanField

MONTH_FORMAT = "%Y-%m"


class PostForm(forms.Form):
    """A post with its places."""

    region = forms.ModelChoiceField(
        label="在哪里", queryset=Region.objects.none(), to_field_name="code", empty_label=None
    )
    title = forms.CharField(label="岗位名称", max_length=40, help_text="如：村内保洁员、护林员、河道巡查员。")
    places = forms.IntegerField(label="名额", min_value=1, max_value=500)
    wage = YuanField(label="月工资（元）", required=True)
    fund = forms.ChoiceField(label="资金来源", choices=FundSource)
    unit = forms.CharField(label="用人单位", max_length=60)
    opens_on = forms.DateField(
        label="开始日期", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
    closes_on = forms.DateField(
        label="结束日期",
        required=False,
        widget=date_input(),
        error_messages=NO_DATE,
        help_text="长期的不填；协议仍要有期限。",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, regions: RegionQuerySet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """From when on nobody is offered the post any more."""

    closes_on = forms.DateField(label="到哪天停", widget=date_input(), error_messages=NO_DATE)


class OfferForm(forms.Form):
    """Somebody who is offered a place."""

    member = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="为什么先安排他", max_length=120, required=False)
    idempotency_key = forms.CharField(widget=forms.HiddenInput)


class TakeForm(forms.Form):
    """He begins."""

    begun_on = forms.DateField(
        label="哪天上岗", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
    runs_until = forms.DateField(label="协议到哪天", required=False, widget=date_input(), error_messages=NO_DATE)

    def __init__(self, offer: PostOffer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["runs_until"].initial = offer.post.closes_on
        self.fields["runs_until"].required = offer.post.closes_on is None


class RefuseForm(forms.Form):
    """He does not want it."""

    reason = forms.CharField(label="为什么不愿意", max_length=120)


class LeaveForm(forms.Form):
    """His last day."""

    ended_on = forms.DateField(label="最后一天", widget=date_input(), error_messages=NO_DATE)
    reason = forms.CharField(label="为什么离岗", max_length=120)


class AttendForm(forms.Form):
    """Days at work in a month."""

    month = forms.DateField(
        label="哪个月",
        input_formats=[MONTH_FORMAT],
        widget=forms.DateInput(format=MONTH_FORMAT, attrs={"type": "month"}),
        error_messages={"invalid": "请填年月，如 2020-06。", "required": "请填年月，如 2020-06。"},
    )
    days = forms.IntegerField(
        label="出勤天数",
        min_value=0,
        max_value=31,
        error_messages={"max_value": "一个月最多 31 天，请改成实际出勤的天数。"},
    )
    note = forms.CharField(label="考勤说明", max_length=120, required=False, help_text="请假、新上岗、离岗的写一句。")


class PayForm(forms.Form):
    """The wage of one month."""

    month = forms.ModelChoiceField(label="哪个月", queryset=PostMonth.objects.none(), empty_label=None)
    paid = YuanField(label="实发工资（元）", required=True)
    paid_on = forms.DateField(label="发放日期", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate)

    def __init__(self, offer: PostOffer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unpaid = PostMonth.objects.filter(offer=offer, paid=None, days__gte=1).order_by("month")
        self.fields["month"].queryset = unpaid  # type: ignore[attr-defined]
        self.fields["month"].label_from_instance = _month_words  # type: ignore[attr-defined]
        self.fields["paid"].initial = f"{offer.post.wage / 100:g}"


def _month_words(month: PostMonth) -> str:
    first: datetime.date = month.month
    return f"{first:%Y 年 %m 月}，出勤 {month.days} 天"
