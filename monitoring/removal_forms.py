"""What may be typed of a removal, of its visitors, of a return to the register, of 返贫、新致贫, and of help before the procedure."""

from typing import Any

from django import forms

from accounts.models import User
from households.attachment_forms import AttachmentsField
from monitoring.case_forms import KeyedForm
from monitoring.models import Case
from monitoring.removal_gates import Visitors
from monitoring.removals import visitors_for


def reason_box(label: str, required_words: str, help_text: str = "") -> forms.CharField:
    """A box for a reason that must be given."""
    return forms.CharField(
        label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=help_text,
        error_messages={"required": required_words},
    )  # fmt: skip


class RemovalForm(KeyedForm):
    """Why the village proposes it."""

    note = forms.CharField(
        label="提名说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可以不填。比如：两个孩子都有了稳定工作。",
    )  # fmt: skip


class VisitorsForm(KeyedForm):
    """The two people who visited."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    first = forms.ModelChoiceField(label="入户人", queryset=User.objects.none(), empty_label=None)
    second = forms.ModelChoiceField(
        label="另一位入户人", queryset=User.objects.none(), required=False, empty_label="没有账号，填在下面"
    )
    second_name = forms.CharField(
        label="没有账号的，写姓名和单位", required=False, max_length=30, help_text="比如：区农业农村局 赵卫东。"
    )

    def __init__(self, *args: Any, case: Case, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = visitors_for(case.village)
        self.fields["version"].initial = case.version
        self.fields["first"].queryset = self.fields["second"].queryset = people  # type: ignore[attr-defined]
        self.fields["first"].initial = by.pk

    @property
    def visitors(self) -> Visitors:
        """Those who were named."""
        data = self.cleaned_data
        return Visitors(data["first"], data["second_name"].strip(), data["second"])


class ReinstateForm(KeyedForm):
    """Why the risk is back, and what proves it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = reason_box("风险怎么回来的", "请写明原因。")
    files = AttachmentsField(label="佐证材料", required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = case.version


class RegistrationForm(KeyedForm):
    """How it was found."""

    note = forms.CharField(
        label="怎么发现的", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="系统已经提示疑似返贫、新致贫的可以不写；没有提示的要写。",
    )  # fmt: skip


class UrgentForm(KeyedForm):
    """Why help cannot wait for the procedure."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = reason_box("为什么要先行帮扶", "请写明为什么要先行帮扶。", "比如：房子昨晚烧了，一家人没有地方住。")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = case.version
