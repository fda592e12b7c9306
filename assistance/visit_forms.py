"""What may be typed about a visit."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from assistance.forms import DatedForm
from assistance.models import VisitChip, VisitMood, VisitWay
from households.attachment_forms import AttachmentsField
from households.incoming_files import IncomingFile
from households.models.attachments import MediaType
from households.phones import read_phone
from monitoring.leads_forms import ReportForm

NOT_KEPT = ("csrfmiddlewaretoken", "idempotency_key", "photo")  # of what is typed, in a draft
PHOTO_HELP = "选填。照片自动缩小，并去掉拍摄地点。表单没有通过时，照片要重新选一次。"


class WayInput(forms.RadioSelect):
    """The ways; whoever called is asked for the number."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One of them; choosing 打电话 shows the box for the number (field.js)."""
        option = super().create_option(name, value, *args, **kwargs)
        if value == VisitWay.PHONE:
            option["attrs"]["data-shows"] = "contact"
        return option


class VisitForm(DatedForm):
    """A visit: how, how things stand, some chips, one sentence, perhaps a photo and the number that was called."""

    way = forms.ChoiceField(
        label="怎么联系的", choices=VisitWay, widget=WayInput, required=False, initial=VisitWay.VISIT
    )
    mood = forms.ChoiceField(
        label="家里情况",
        choices=VisitMood,
        widget=forms.RadioSelect,
        error_messages={"required": "请选家里情况，没变化也点一下。"},
    )
    chips = forms.MultipleChoiceField(
        label="看到、做了什么", choices=VisitChip, widget=forms.CheckboxSelectMultiple, required=False
    )
    sentence = forms.CharField(label="一句话", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    photo = AttachmentsField(label="照片", most=1, required=False, help_text=PHOTO_HELP)
    contact_phone = forms.CharField(
        label="打给谁的电话",
        max_length=30,
        required=False,
        help_text="外出的家人或联系人的号码，加密保存，下次好找。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    visited_on = forms.DateField(
        label="走访日期", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
    visitor_name = forms.CharField(
        label="代谁录入", max_length=60, required=False, help_text="同事走访、您代录时填同事姓名；自己走访不填。"
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_way(self) -> str:
        """Without a word it was a visit."""
        return self.cleaned_data["way"] or VisitWay.VISIT

    def clean_contact_phone(self) -> str:
        """A telephone number, or nothing."""
        return read_phone(self.cleaned_data["contact_phone"])

    def clean_photo(self) -> IncomingFile | None:
        """At most one photo; a scan is filed with the household's papers."""
        files: list[IncomingFile] = self.cleaned_data["photo"]
        if files and files[0].media_type != MediaType.PHOTO:
            raise ValidationError("这里放照片；扫描件请在农户档案的“附件”里上传。")
        return files[0] if files else None

    def typed(self) -> dict[str, Any]:
        """What a draft keeps of the page as it was sent, and gives back as initial values."""
        kept = [name for name in self.fields if name not in NOT_KEPT and name in self.data]
        return {name: self.data.getlist(name) if name == "chips" else self.data[name] for name in kept}


class VisitLeadForm(ReportForm):
    """A lead that a visit opens: who noticed and when are known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("source", "happened_on", "unit"):
            self.fields[name].widget = forms.HiddenInput()
