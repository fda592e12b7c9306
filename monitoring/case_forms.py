"""What may be typed in casework: a step, a meeting, a correction."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from households import codes
from households.attachment_forms import AttachmentsField
from households.codes import MonitorClass, RiskCause
from households.incoming_files import IncomingFile
from households.money import YuanField
from monitoring.corrections import Field
from monitoring.models import Case, FigureDecision, FigureItem
from monitoring.steps import Step

# What ends a case so that its household gets a printed answer.
ANSWERED = frozenset({"refuse", "district_refuse", "close_watch"})


def number_box(unit: str = "人") -> forms.NumberInput:
    """A box for a whole number of people."""
    return forms.NumberInput(attrs={"data-unit": unit, "inputmode": "numeric", "min": "0"})


class KeyedForm(forms.Form):
    """A form that acts once, however often it is sent."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=36)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idempotency_key"].initial = lambda: str(uuid.uuid4())


class StepForm(KeyedForm):
    """The note of a step; for the town's step, the main risk."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="可以不填。"
    )

    def __init__(self, *args: Any, step: Step, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = case.version
        if step.needs_note:
            self.fields["note"].label = "原因"
            self.fields["note"].required = True
            self.fields["note"].help_text = _words_for(step)
            self.fields["note"].error_messages["required"] = "请写明原因。"
        if step.name == "endorse":
            self.fields["main_risk"] = main_risk_field(case)


def _words_for(step: Step) -> str:
    """Who will read the reason."""
    if step.returns:
        return "写清楚，对方照着办。"
    if step.name in ANSWERED:
        return "写进办理记录，也印在给农户的告知书上。不写别人家的情况。"
    return "写进办理记录。"


def main_risk_field(case: Case) -> forms.ChoiceField:
    """The main risk for the ledger; the causes of the survey stand first."""
    found = [cause for cause in case.risk_causes if cause in RiskCause.values]
    others = [cause.value for cause in RiskCause if cause.value not in found]
    chosen = case.main_risk or (found[0] if len(found) == 1 else "")
    return forms.ChoiceField(
        label="主要返贫风险",
        choices=[("", "请选"), *((cause, RiskCause(cause).label) for cause in [*found, *others])],
        initial=chosen,
        error_messages={"required": "请选主要返贫风险，台账要印这一项。"},
    )


class FigureForm(KeyedForm):
    """What a department has sent for a household."""

    item = forms.ChoiceField(label="指标", choices=FigureItem.choices)
    amount = YuanField(label="金额（元）", help_text="房屋等级不填这一格。")
    grade = forms.ChoiceField(label="房屋等级", required=False, choices=[("", "不是房屋等级"), *codes.HOUSING_GRADES])
    department = forms.CharField(label="哪个部门", max_length=30, error_messages={"required": "请写是哪个部门的数据。"})
    as_of = forms.DateField(label="数据日期", widget=date_input(), error_messages=NO_DATE)

    def clean(self) -> dict[str, Any]:
        """An amount or a grade, as the item has it."""
        cleaned = super().clean() or {}
        if cleaned.get("item") == FigureItem.HOUSING_GRADE:
            cleaned["amount"] = None
            if not cleaned.get("grade"):
                self.add_error("grade", "请选房屋等级。")
        else:
            cleaned["grade"] = ""
            amount = cleaned.get("amount")
            if amount is None and "amount" not in self.errors:
                self.add_error("amount", "请填金额。")
            elif amount is not None and amount < 0:
                self.add_error("amount", "金额不能小于 0；没有就填 0。")
        return cleaned


class FigureDecisionForm(KeyedForm):
    """Whose figure counts, and why."""

    side = forms.ChoiceField(label="以谁为准", choices=FigureDecision.Side.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label="理由", max_length=280, error_messages={"required": "请写明理由。"})


class ExtensionForm(KeyedForm):
    """Until when a case may take, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = forms.DateField(label="延到", widget=date_input(), error_messages=NO_DATE)
    reason = forms.CharField(
        label="为什么延期",
        max_length=280,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明为什么要延期。"},
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = case.version


class OpenForm(KeyedForm):
    """Why a household is watched."""

    note = forms.CharField(
        label="为什么要关注", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class SittingForm(KeyedForm):
    """What all households of a meeting share."""

    held_on = forms.DateField(label="评议日期", widget=date_input(), error_messages=NO_DATE)
    place = forms.CharField(label="地点", required=False, max_length=60)
    due = forms.IntegerField(label="应到", required=False, min_value=1, max_value=500, widget=number_box())
    present = forms.IntegerField(label="实到", min_value=1, max_value=500, widget=number_box())
    chair = forms.CharField(label="主持人", max_length=30, error_messages={"required": "请写主持人。"})
    minute_taker = forms.CharField(label="记录人", max_length=30, error_messages={"required": "请写记录人。"})
    minutes = forms.CharField(
        label="评议记录",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="大家怎么说的，几句话写清楚。",
        error_messages={"required": "请写评议记录。"},
    )
    sign_in = AttachmentsField(label="签到表", required=False, help_text="")
    minutes_scan = AttachmentsField(label="会议记录（签过字的）", required=False, help_text="")
    meeting_photo = AttachmentsField(label="会议照片", required=False, help_text="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].initial = timezone.localdate

    def take_papers(self) -> dict[str, list[IncomingFile]]:
        """What was sent, by kind; taken out of the cleaned data, which then are the meeting itself."""
        names = {"sign_in": "sign_in", "minutes_scan": "minutes", "meeting_photo": "meeting_photo"}
        return {kind: self.cleaned_data.pop(name) for name, kind in names.items()}


class BallotForm(forms.Form):
    """The votes on one household; left out when it is not ticked."""

    include = forms.BooleanField(label="本次评议", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
    in_favour = forms.IntegerField(label="同意", required=False, min_value=0, max_value=500, widget=number_box())
    against = forms.IntegerField(label="不同意", required=False, min_value=0, max_value=500, widget=number_box())
    abstained = forms.IntegerField(label="弃权", required=False, min_value=0, max_value=500, widget=number_box())
    recognised = forms.TypedChoiceField(
        label="结论",
        choices=[("yes", "同意"), ("no", "不同意")],
        coerce=lambda value: value == "yes",
        required=False,
        widget=forms.RadioSelect,
        empty_value=None,
    )
    reason = forms.CharField(label="不同意的原因", required=False, max_length=500)

    def __init__(self, *args: Any, case: Case, ticked: bool, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"case-{case.pk}", **kwargs)
        self.case = case
        self.fields["version"].initial = case.version
        self.fields["include"].initial = ticked
        for name in ("in_favour", "against", "abstained"):
            self.fields[name].widget.attrs["aria-label"] = f"{case.household.head_name} {self.fields[name].label}"

    def clean(self) -> dict[str, Any]:
        """A ticked household needs votes and a conclusion; a refusal needs a reason."""
        cleaned = super().clean() or {}
        if not cleaned.get("include"):
            return cleaned
        if cleaned.get("in_favour") is None and "in_favour" not in self.errors:
            self.add_error("in_favour", "请填同意的人数。")
        if cleaned.get("recognised") is None:
            self.add_error("recognised", "请选结论。")
        if cleaned.get("recognised") is False and not cleaned.get("reason"):
            self.add_error("reason", "不同意要写明原因。")
        return cleaned


class CorrectionForm(KeyedForm):
    """What is to be corrected, to what, and why."""

    field = forms.ChoiceField(label="更正哪一项", choices=Field.choices, widget=forms.RadioSelect)
    monitor_class = forms.ChoiceField(
        label="监测对象类别改为", required=False, choices=[("", "请选"), *MonitorClass.choices]
    )
    main_risk = forms.ChoiceField(label="主要返贫风险改为", required=False, choices=[("", "请选"), *RiskCause.choices])
    decided_on = forms.DateField(label="认定时间改为", required=False, widget=date_input(), error_messages=NO_DATE)
    contact_name = forms.CharField(label="帮扶联系人改为", required=False, max_length=30)
    contact_unit = forms.CharField(label="帮扶联系人的单位", required=False, max_length=60)
    reason = forms.CharField(
        label="更正原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明更正原因。"},
    )

    def clean(self) -> dict[str, Any]:
        """The box of the chosen field must be filled in."""
        cleaned = super().clean() or {}
        chosen = cleaned.get("field")
        if chosen == Field.CONTACT:
            for name in ("contact_name", "contact_unit"):
                if not cleaned.get(name):
                    self.add_error(name, "帮扶联系人要填姓名和单位。")
        elif chosen and chosen not in self.errors and not cleaned.get(chosen):
            self.add_error(chosen, "请填要改成什么。")
        return cleaned

    @property
    def new_value(self) -> Any:
        """What the chosen field should become."""
        data = self.cleaned_data
        if data["field"] == Field.CONTACT:
            return {"name": data["contact_name"], "unit": data["contact_unit"]}
        return data[data["field"]]
