"""What may be typed for an objection: who says what about whom; who looks into it; what was found and answered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import User
from households.phones import read_phone
from monitoring.case_forms import KeyedForm
from monitoring.models import Case, ObjectionChannel

CHANNELS = [
    (channel.value, channel.label)
    for channel in (ObjectionChannel.PAPER, ObjectionChannel.PHONE, ObjectionChannel.VISIT)
]


class ObjectionForm(KeyedForm):
    """Who objects to which household, and to what."""

    case = forms.ChoiceField(label="对哪一户", error_messages={"required": "请选对哪一户。"})
    channel = forms.ChoiceField(
        label="怎么提的", choices=CHANNELS, widget=forms.RadioSelect, error_messages={"required": "请选怎么提的。"}
    )
    raised_on = forms.DateField(label="提出日期", widget=date_input(), error_messages=NO_DATE)
    raised_by = forms.CharField(
        label="提出人", required=False, max_length=30, help_text="可以不填。填了加密保存，只有核查人看得到。"
    )
    contact = forms.CharField(
        label="联系电话", required=False, max_length=20, help_text="可以不填。用来答复。",
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip
    content = forms.CharField(
        label="异议内容",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写异议内容。"},
    )

    def __init__(self, *args: Any, cases: Sequence[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(case.pk), str(case.household)) for case in cases]
        self.fields["case"].choices = known if len(known) == 1 else [("", "请选"), *known]  # type: ignore[attr-defined]
        self.fields["raised_on"].initial = timezone.localdate

    def clean_contact(self) -> str:
        """A telephone number, or nothing."""
        return read_phone(self.cleaned_data["contact"])


class InvestigatorForm(forms.Form):
    """Who looks into an objection, of those who may."""

    investigator = forms.ChoiceField(label="由谁核查", error_messages={"required": "请选核查人。"})

    def __init__(self, *args: Any, candidates: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = {str(person.pk): person for person in candidates}
        choices = [(key, person.name) for key, person in self.candidates.items()]
        self.fields["investigator"].choices = [("", "请选"), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        """The person."""
        return self.candidates[self.cleaned_data["investigator"]]


class FindingForm(forms.Form):
    """What was found about an objection, and what its author is answered."""

    finding = forms.CharField(
        label="核查情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="记入办理记录：问了谁、看了什么、查实是什么情况。",
        error_messages={"required": "请写明核查情况。"},
    )
    upheld = forms.TypedChoiceField(
        label="结论",
        choices=[("no", "异议不成立，公示继续"), ("yes", "异议成立，回到民主评议")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选结论。"},
    )
    reply = forms.CharField(
        label="给提出人的书面答复",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="印在答复书上。不写别人家的证件号、电话、病情和收入。",
        error_messages={"required": "请写给提出人的答复。"},
    )
