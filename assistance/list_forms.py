"""What may be typed when a department's list is brought in."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from accounts.models import Region, User
from assistance.lead_units import measures_led, regions_of
from assistance.models import Every, FundSource
from households.workbook_reader import MAX_FILE, WorkbookRefused, check_container


class ListForm(forms.Form):
    """The workbook, of which measure, for which month and region."""

    measure = forms.ChoiceField(label="哪项措施")
    region = forms.ModelChoiceField(label="名单的范围", queryset=Region.objects.none(), empty_label=None)
    month = forms.DateField(
        label="哪个月的名单",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
        error_messages={"required": "请选月份。", "invalid": "月份要写成 2026-03 这样。"},
    )
    every = forms.ChoiceField(
        label="名单上的金额",
        choices=[("", "看措施：按月享受的算每月，一次给付的算一次"), *Every.choices],
        required=False,
    )
    fund = forms.ChoiceField(label="资金来源", choices=[("", "不写"), *FundSource.choices], required=False)
    ends_missing = forms.BooleanField(
        label="上次名单上有、这次没有的，算停发",
        required=False,
        help_text="只停以前的名单核实过的，停在这个月的前一天；村里手工登记的不动，只告诉您有几个。有一行证件号码读不出，就一个也不停。",
    )
    workbook = forms.FileField(
        label="Excel 文件",
        help_text=".xlsx，不超过 10 MB、10 万行。旧版 .xls、.csv 请先另存为 .xlsx；有打开密码的请先去掉密码。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = regions_of(user)
        self.fields["region"].queryset = Region.objects.filter(pk__in=[one.pk for one in regions])
        led = {code: one for region in regions for code, one in measures_led(user, region).items()}
        self.fields["measure"].choices = [(code, f"{one.name}（{one.lead}）") for code, one in led.items()]
        self.fields["month"].initial = timezone.localdate().replace(day=1)

    def clean_month(self) -> datetime.date:
        """Its first day."""
        return self.cleaned_data["month"].replace(day=1)

    def clean_workbook(self) -> bytes:
        """The file's content, when it is a plain .xlsx; what is not is refused here and now."""
        file: UploadedFile = self.cleaned_data["workbook"]
        if (file.size or 0) > MAX_FILE:
            raise ValidationError("文件超过 10 MB，请按镇（街）分成几个文件。")
        content = file.read()
        try:
            check_container(content)
        except WorkbookRefused as refused:
            raise ValidationError(str(refused)) from refused
        return content
