"""What may be typed in casework: a step, a meeting, a notice, an objection, a correction, a parameter."""

import datetime
import uuid
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region
from households.codes import MonitorClass, RiskCause
from monitoring import notices
from monitoring.corrections import Field
from monitoring.models import Case
from monitoring.steps import Step


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
            self.fields["note"].help_text = "写清楚，对方照着办。" if step.returns else "写进办理记录。"
            self.fields["note"].error_messages["required"] = "请写明原因。"
        if step.name == "endorse":
            self.fields["main_risk"] = main_risk_field(case)


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
    minutes = forms.CharField(
        label="评议记录",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="谁主持、谁记录、大家怎么说的，几句话写清楚。",
        error_messages={"required": "请写评议记录。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].initial = timezone.localdate


class BallotForm(forms.Form):
    """The votes on one household; left out when it is not ticked."""

    include = forms.BooleanField(label="本次评议", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
    in_favour = forms.IntegerField(label="同意", required=False, min_value=0, max_value=500, widget=number_box())
    against = forms.IntegerField(label="不同意", required=False, min_value=0, max_value=500, widget=number_box())
    abstained = forms.IntegerField(label="弃权", required=False, min_value=0, max_value=500, widget=number_box())
    recognised = forms.TypedChoiceField(
        label="结论",
        choices=[("yes", "同意纳入"), ("no", "不同意")],
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
            self.add_error("reason", "不同意纳入要写明原因。")
        return cleaned


class NoticeForm(KeyedForm):
    """From when to when a notice hangs, and whom to call."""

    starts_on = forms.DateField(label="公示开始", widget=date_input(), error_messages=NO_DATE)
    ends_on = forms.DateField(label="公示结束", widget=date_input(), error_messages=NO_DATE)
    village_phone = forms.CharField(label="村监督电话", required=False, max_length=30)
    town_phone = forms.CharField(label="镇监督电话", required=False, max_length=30)

    def __init__(self, *args: Any, village: Region | None, **kwargs: Any) -> None:
        super().__init__(*args, initial=notices.last_phones(village) if village else {}, **kwargs)
        self.village = village
        days = notices.required_days(village) if village else 1
        today = timezone.localdate()
        self.fields["starts_on"].initial = today
        self.fields["ends_on"].initial = today + datetime.timedelta(days=days - 1)
        self.fields["ends_on"].help_text = f"至少 {days} 天，开始和结束这两天都算。"

    def clean(self) -> dict[str, Any]:
        """Days and phones that could not be posted are told now, before the notice is looked at."""
        cleaned = super().clean() or {}
        if self.village and not self.errors:
            typed = (cleaned[name] for name in ("starts_on", "ends_on", "village_phone", "town_phone"))
            notices.check(self.village, *typed)
        return cleaned


class ObjectionForm(KeyedForm):
    """Who objects to which household, and to what."""

    case = forms.ChoiceField(label="对哪一户")
    raised_on = forms.DateField(label="提出日期", widget=date_input(), error_messages=NO_DATE)
    raised_by = forms.CharField(
        label="提出人", required=False, max_length=30, help_text="可以不填；填了加密保存，不会公开。"
    )
    content = forms.CharField(
        label="异议内容",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写异议内容。"},
    )

    def __init__(self, *args: Any, cases: list[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"].choices = [(str(case.pk), str(case.household)) for case in cases]  # type: ignore[attr-defined]
        self.fields["raised_on"].initial = timezone.localdate


class FindingForm(forms.Form):
    """What was found about an objection."""

    finding = forms.CharField(
        label="核查情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明核查情况。"},
    )
    upheld = forms.TypedChoiceField(
        label="结论",
        choices=[("no", "异议不成立，公示继续"), ("yes", "异议成立，回到民主评议")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选结论。"},
    )


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
