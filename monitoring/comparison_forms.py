"""What may be typed of an authorisation, of the departments' answers, and of what was found of a hit."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from households.attachment_forms import AttachmentsField
from households.workbook_reader import MAX_FILE, WorkbookRefused, check_container
from monitoring.case_forms import KeyedForm
from monitoring.comparisons import Answer, answers_by_item, items_of
from monitoring.models import Case
from monitoring.models.comparison import DEPARTMENTS


class AuthorisationForm(KeyedForm):
    """Who signed, when, and who explained it."""

    signed_on = forms.DateField(label="签字日期", widget=date_input(), error_messages=NO_DATE)
    signed_by = forms.CharField(label="签字人", max_length=30, error_messages={"required": "请写谁签的字。"})
    explained_by = forms.CharField(label="谁讲解的", max_length=30, error_messages={"required": "请写谁讲解的。"})
    for_minors = forms.BooleanField(label="家里有不满 14 岁的，监护人已代签", required=False)
    papers = AttachmentsField(label="授权书（签字、按手印的）", required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed_on"].initial = timezone.localdate
        self.fields["signed_by"].initial = case.household.head_name


class WithdrawalForm(KeyedForm):
    """Why an authorisation is taken back."""

    reason = forms.CharField(label="为什么撤回", max_length=300, error_messages={"required": "请写明为什么撤回。"})


class AnswersForm(KeyedForm):
    """One answer for each item that is compared; nothing chosen is not answered yet."""

    answered_on = forms.DateField(label="反馈日期", widget=date_input(), error_messages=NO_DATE)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answered_on"].initial = timezone.localdate
        self.items = items_of(case)
        known = answers_by_item(case)
        for item in self.items:
            answer = known.get(item)
            self.fields[item] = forms.ChoiceField(
                label=item.label, required=False, widget=forms.RadioSelect, choices=[("no", "没有"), ("yes", "有")],
                initial=None if answer is None else "yes" if answer.hit else "no",
                help_text=f"由{DEPARTMENTS[item]}反馈。",
            )  # fmt: skip
            self.fields[f"{item}_detail"] = forms.CharField(
                label=f"{item.label}：反馈的内容",
                required=False,
                max_length=300,
                initial=answer.detail if answer else "",
            )

    def clean(self) -> dict[str, Any]:
        """What was found must be said."""
        cleaned = super().clean() or {}
        for item in self.items:
            if cleaned.get(item) == "yes" and not cleaned.get(f"{item}_detail"):
                self.add_error(f"{item}_detail", "比中了，请写明部门反馈的内容。")
        return cleaned

    @property
    def answers(self) -> list[Answer]:
        """Those that were given."""
        data = self.cleaned_data
        return [Answer(item, data[item] == "yes", data[f"{item}_detail"]) for item in self.items if data.get(item)]


class ExplanationForm(KeyedForm):
    """What was found of a hit."""

    explanation = forms.CharField(
        label="核实情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：经营用车、残疾人代步车、已转让未过户。", error_messages={"required": "请写明核实情况。"},
    )  # fmt: skip
    evidence = AttachmentsField(label="佐证", required=False)


class RequestForm(forms.Form):
    """For what the list with identity numbers is taken."""

    purpose = forms.CharField(
        label="用途",
        max_length=100,
        initial="报部门比对",
        error_messages={"required": "名单里有完整证件号，请写明用途。"},
    )


class AnswersUploadForm(forms.Form):
    """The list as the departments filled it in."""

    answered_on = forms.DateField(label="反馈日期", widget=date_input(), error_messages=NO_DATE)
    workbook = forms.FileField(
        label="填好的比对名单", help_text=".xlsx，不超过 10 MB。", widget=forms.FileInput(attrs={"accept": ".xlsx"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answered_on"].initial = timezone.localdate

    def clean_workbook(self) -> bytes:
        """The file's content, when it is a plain .xlsx."""
        content = self.cleaned_data["workbook"].read(MAX_FILE + 1)
        try:
            check_container(content)
        except WorkbookRefused as fault:
            raise ValidationError(str(fault)) from fault
        return content
