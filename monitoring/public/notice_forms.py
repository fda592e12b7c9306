"""What may be typed under a public notice: which household, what is wrong, and who says so if he wants to."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from households.phones import read_phone

LONGEST = 300
EXPIRED = "页面已过期，请重新扫码。"


class PublicObjectionForm(forms.Form):
    """One objection; the household is chosen by its row, because the page knows no more of it."""

    row = forms.ChoiceField(label="对哪一户有异议", widget=forms.RadioSelect, error_messages={"required": "请选一户。"})
    content = forms.CharField(
        label="哪里不对",
        max_length=LONGEST,
        help_text="一两句话写清楚。不要写身份证号和银行卡号。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写哪里不对。", "max_length": f"最多 {LONGEST} 个字。"},
    )
    name = forms.CharField(
        label="您的姓名", required=False, max_length=30, help_text="可以不填。填了加密保存，不公开。"
    )
    contact = forms.CharField(
        label="您的电话",
        required=False,
        max_length=20,
        help_text="可以不填。填了只有核查的人看得到，用来答复您。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": EXPIRED, "invalid": EXPIRED})

    def __init__(self, *args: Any, rows: Sequence[dict], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["row"].choices = [(str(place), in_words(row)) for place, row in enumerate(rows)]  # type: ignore[attr-defined]
        self.fields["form_key"].initial = uuid.uuid4

    def clean_contact(self) -> str:
        """A telephone number, or nothing."""
        typed = self.cleaned_data["contact"]
        return read_phone(typed) if typed else ""

    @property
    def answers(self) -> dict[str, str]:
        """What is sealed."""
        return {name: str(value) for name, value in self.cleaned_data.items() if name != "form_key"}


def in_words(row: dict) -> str:
    """A row as one reads it: 王*海，3 组，4 人."""
    group = f"{row['group_no']} 组，" if row.get("group_no") else ""
    return f"{row['head_name']}（{group}{row['persons']} 人）"
