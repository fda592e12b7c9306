"""What may be typed to ask for a ledger."""

import datetime
import uuid
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import RegionField, date_input
from accounts.models import Level, Region, User
from accounts.models.regions import SEGMENT
from ledgers.models import EXPORT_ROLES, FULL_ID_ROLES, RowMode

MOST_VILLAGES = 150  # a longer list is not offered to choose from; the village is then typed
OUTSIDE = "这个区域不在您负责的范围内。"


class LedgerForm(forms.Form):
    """范围, 日期, 行式, and masked or full with a purpose."""

    region = forms.CharField(label="范围", max_length=12, widget=forms.Select)
    village = RegionField(label="只要一个村", required=False, help_text="填村名或12位代码；不填就是上面选的范围。")
    on = forms.DateField(
        label="台账日期", widget=date_input(), help_text="按这一天在册的户、在享受的政策和联系人出表。"
    )
    row_mode = forms.ChoiceField(label="行式", choices=RowMode, widget=forms.RadioSelect, initial=RowMode.MEMBER)
    full_ids = forms.BooleanField(
        label="含完整证件号（上报版）", required=False, help_text="不选就打星号。上报版要写用途，每次下载都留痕。"
    )
    purpose = forms.CharField(label="用途", max_length=200, required=False, help_text="如：3月份报区扶贫办汇总。")
    idempotency_key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.regions = Region.objects.visible_to(user, *EXPORT_ROLES)
        villages = self.regions.villages()
        listed = list(self.regions.order_by("path"))
        if many := villages.count() > MOST_VILLAGES:
            listed = [region for region in listed if region.level != Level.VILLAGE]
            self.fields["village"].choices = villages  # type: ignore[attr-defined]
        if not many:
            del self.fields["village"]
        if not user.holds(*FULL_ID_ROLES):
            del self.fields["full_ids"], self.fields["purpose"]
        self.fields["region"].widget.choices = _grouped(listed)
        self.fields["on"].initial = timezone.localdate
        self.fields["idempotency_key"].initial = uuid.uuid4

    def clean_region(self) -> Region:
        """One of the regions that the person may export."""
        region = self.regions.filter(code=self.cleaned_data["region"]).first()
        if region is None:
            raise ValidationError(OUTSIDE)
        return region

    def clean_on(self) -> datetime.date:
        """A day that has come."""
        if self.cleaned_data["on"] > timezone.localdate():
            raise ValidationError("台账日期不能晚于今天。")
        return self.cleaned_data["on"]

    def clean(self) -> dict[str, Any]:
        """Whole numbers need a purpose; a village that was typed goes before the region chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("full_ids") and not (cleaned.get("purpose") or "").strip():
            self.add_error("purpose", "含完整证件号的台账要写明用途。")
        if "full_ids" not in self.fields and self.data.get("full_ids"):
            raise ValidationError("您的岗位只能导出证件号打星号的台账。")
        cleaned["region"] = cleaned.pop("village", None) or cleaned.get("region")
        cleaned.setdefault("full_ids", False)
        cleaned.setdefault("purpose", "")
        return cleaned


def _grouped(regions: list[Region]) -> list[Any]:
    """Options for the select: offices by themselves, villages in a group under their town's name."""
    names = {region.path: region.paper_name() for region in regions}
    options: list[Any] = []
    for is_village, run in groupby(regions, key=lambda region: region.level == Level.VILLAGE):
        some = [(region.code, names[region.path], region.path[:-SEGMENT]) for region in run]
        if not is_village:
            options += [(code, name) for code, name, _above in some]
            continue
        for above, villages in groupby(some, key=lambda option: option[2]):
            group = [(code, name) for code, name, _above in villages]
            options += [(f"{names[above]}各村", group)] if above in names else group
    return options
