"""What may be typed to propose a number of the policy, or another rule set."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.forms import NO_DATE, date_input
from monitoring.case_forms import KeyedForm
from monitoring.policy.rulesets import Parameter, RuleSet

SWITCH_CHOICES = [("", "请选"), ("1", "是"), ("0", "否")]


class BasisForm(forms.Form):
    """From when something holds, and by which document."""

    starts_on = forms.DateField(
        label="起始日期", widget=date_input(), help_text="从这一天起按新的算，以前的台账不变。", error_messages=NO_DATE
    )
    source = forms.CharField(
        label="依据文件和条款",
        max_length=200,
        help_text="文号和第几条，如：枣高扶贫组办发〔2021〕3号 第二条。",
        error_messages={"required": "请写明依据哪份文件、第几条。"},
    )


class ParameterForm(KeyedForm, BasisForm):
    """A new number from a day on, with its document."""

    value = forms.CharField(label="新的取值", max_length=20)
    field_order = ("idempotency_key", "value", "starts_on", "source")

    def __init__(self, *args: Any, parameter: Parameter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = {"inputmode": "decimal", "data-unit": parameter.unit, "autocomplete": "off"}
        widget = forms.Select(choices=SWITCH_CHOICES) if parameter.is_switch else forms.TextInput(attrs=unit)
        self.fields["value"].widget = widget
        self.fields["value"].help_text = parameter.note


class RuleSetForm(KeyedForm, BasisForm):
    """Another rule set from a day on, with the document by which the district takes it."""

    code = forms.ChoiceField(
        label="换成哪个规则集", widget=forms.RadioSelect, error_messages={"required": "请选规则集。"}
    )
    field_order = ("idempotency_key", "code", "starts_on", "source")

    def __init__(self, *args: Any, others: Sequence[RuleSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(rules.code, f"{rules.title}：{rules.document}") for rules in others]  # type: ignore[attr-defined]
