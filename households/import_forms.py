"""What may be typed when a workbook is brought in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Level, Region, User
from accounts.roles import OFFICE_ROLES
from households.models import BatchKind
from households.workbook_reader import MAX_FILE, WorkbookRefused, check_container

KINDS = [
    (BatchKind.ROSTER, "农户名册（全国系统人员名单，32 列）"),
    (BatchKind.LEDGER, "手工台账（即时帮扶情况台账）"),
]


class ImportForm(forms.Form):
    """The workbook, what it is, and for which region."""

    kind = forms.ChoiceField(label="导入什么", choices=KINDS, widget=forms.RadioSelect, initial=BatchKind.ROSTER)
    region = forms.ModelChoiceField(
        label="导入范围",
        queryset=Region.objects.none(),
        empty_label=None,
        help_text="只收这个范围里的村；表里有别处的村，那几户会被退回。",
    )
    workbook = forms.FileField(
        label="Excel 文件",
        help_text=".xlsx，不超过 10 MB、大约 2 万行。旧版 .xls、.csv 请先另存为 .xlsx；有打开密码的请先去掉密码。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Region.objects.visible_to(user, *OFFICE_ROLES).exclude(level=Level.VILLAGE).select_related("parent")
        self.fields["region"].queryset = mine
        self.fields["region"].label_from_instance = _with_parent

    def clean_workbook(self) -> bytes:
        """The file's content, when it is a plain .xlsx; what is not is refused here and now."""
        file: UploadedFile = self.cleaned_data["workbook"]
        if (file.size or 0) > MAX_FILE:
            raise ValidationError("文件超过 10 MB，请按镇（街）或村分成几个文件。")
        content = file.read()
        try:
            check_container(content)
        except WorkbookRefused as refused:
            raise ValidationError(str(refused)) from refused
        return content


def _with_parent(region: Region) -> str:
    return f"{region.parent} {region}" if region.level == Level.TOWN else region.name
