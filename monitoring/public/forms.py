"""What may be typed on the public pages: four texts and two choices; a receipt and four digits."""

import re
import unicodedata
import uuid
from typing import Any

from django import forms

from households.codes import RiskCause
from households.identity import ID_LENGTH, read_identity
from households.phones import MOBILE, read_phone
from monitoring.public.declarations import RECEIPT_DIGITS, TAIL_DIGITS
from monitoring.public.models import VillagePage

# In a villager's own words.
CAUSES = (
    (RiskCause.ILLNESS, "家里有人生大病"),
    (RiskCause.EDUCATION, "孩子上学花费大"),
    (RiskCause.DISABILITY, "有人残疾"),
    (RiskCause.DISASTER, "遭了灾"),
    (RiskCause.ACCIDENT, "出了意外事故"),
    (RiskCause.UNSTABLE_JOB, "没有活干、挣钱少了"),
    (RiskCause.FAILED_VENTURE, "种养、买卖亏了"),
    (RiskCause.NO_LABOUR, "家里没有劳力"),
    (RiskCause.OTHER, "其他困难"),
)


class DeclarationForm(forms.Form):
    """One family's declaration."""

    name = forms.CharField(label="户主姓名", max_length=30, error_messages={"required": "请填户主姓名。"})
    phone = forms.CharField(
        label="手机号码",
        max_length=20,
        help_text="村里会打这个电话。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": "请填手机号码。"},
    )
    id_number = forms.CharField(
        label="户主身份证号",
        max_length=30,
        help_text="加密保存，只用来找到您家的档案。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填户主身份证号。"},
    )
    group = forms.ChoiceField(label="哪个村民小组", required=False)
    cause = forms.ChoiceField(
        label="主要是哪种困难",
        choices=[(code.value, words) for code, words in CAUSES],
        widget=forms.RadioSelect,
        error_messages={"required": "请选一种困难。"},
    )
    difficulty = forms.CharField(
        label="家里怎么了",
        max_length=300,
        help_text="一两句话就行：什么时候、出了什么事、花了多少钱。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请说一说家里的困难。"},
    )
    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "页面已过期，请重新扫码。", "invalid": "页面已过期，请重新扫码。"},
    )

    def __init__(self, *args: Any, page: VillagePage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(str(number), f"{number} 组") for number in page.groups]
        self.fields["group"].choices = [("", "不清楚"), *groups]  # type: ignore[attr-defined]
        self.fields["form_key"].initial = uuid.uuid4

    def clean_phone(self) -> str:
        """A mobile number."""
        wrong = forms.ValidationError("请填 11 位手机号码，查结果时要用它的后四位。")
        try:
            number = read_phone(self.cleaned_data["phone"])
        except forms.ValidationError as fault:
            raise wrong from fault
        if not MOBILE.fullmatch(number):
            raise wrong
        return number

    def clean_id_number(self) -> str:
        """The 18 digits of an identity card."""
        return read_identity(self.cleaned_data["id_number"]).number[:ID_LENGTH]

    @property
    def answers(self) -> dict[str, str]:
        """What is sealed: the four texts and the two choices."""
        return {name: str(value) for name, value in self.cleaned_data.items() if name != "form_key"}


class ReceiptNumberForm(forms.Form):
    """Asking by the number of a receipt alone."""

    receipt = forms.CharField(
        label="回执号",
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填回执号。"},
    )

    def clean_receipt(self) -> str:
        """Twelve digits, written with or without spaces."""
        number = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", self.cleaned_data["receipt"]))
        if not re.fullmatch(rf"[0-9]{{{RECEIPT_DIGITS}}}", number):
            raise forms.ValidationError(f"回执号是 {RECEIPT_DIGITS} 个数字，请对照回执再输一次。")
        return number


class ReceiptForm(ReceiptNumberForm):
    """Asking what has become of a declaration."""

    phone_tail = forms.RegexField(
        rf"^[0-9]{{{TAIL_DIGITS}}}$",
        label="手机号后四位",
        max_length=TAIL_DIGITS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填手机号后四位。", "invalid": "手机号后四位是 4 个数字。"},
    )
