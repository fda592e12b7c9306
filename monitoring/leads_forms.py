"""What may be asked of the list of leads, and typed to report, assign, visit, close and match one."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region, User
from households.codes import RiskCause
from monitoring.case_forms import KeyedForm
from monitoring.case_querysets import of_household
from monitoring.leads_list import Joined
from monitoring.models import Assessment, CloseReason, LeadEvidence, LeadSource, RiskLevel
from monitoring.models.leads import LeadQuerySet
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.screening_forms import CODES

REASONS = [(code.value, code.label) for code in CloseReason]


class LeadSieveForm(forms.Form):
    """Village, source, conclusion, and the head's name or household number."""

    village = forms.ModelChoiceField(label="村", queryset=None, required=False, empty_label="全部")
    source = forms.ChoiceField(label="来源", required=False, choices=[("", "全部"), *LeadSource.choices])
    outcome = forms.ChoiceField(label="系统结论", required=False, choices=[("", "全部"), *CODES])
    q = forms.CharField(label="户主、户编号", required=False, max_length=60)

    def __init__(self, *args: Any, villages: QuerySet[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]


class LeadSieve:
    """Stored leads and conclusions, sifted by the same form."""

    def __init__(
        self, data: QueryDict, *, user: User, leads: LeadQuerySet, conclusions: AssessmentQuerySet | None
    ) -> None:
        self.form = LeadSieveForm(data, villages=Region.objects.visible_to(user).villages())
        self.form.is_valid()
        asked = self.form.cleaned_data
        found = Assessment.objects.none() if conclusions is None else conclusions
        found = found.select_related("household", "village__parent", "facts__survey")
        if asked.get("village"):
            leads, found = leads.filter(village=asked["village"]), found.filter(village=asked["village"])
        if asked.get("q"):
            leads, found = leads.filter(of_household(asked["q"])), found.filter(of_household(asked["q"]))
        if asked.get("source"):
            leads = leads.filter(pk__in=LeadEvidence.objects.filter(source=asked["source"]).values("lead"))
            found = found if asked["source"] == LeadSource.SCREENED else found.none()
        if code := asked.get("outcome"):
            column = "level" if code in RiskLevel.values else "outcome"
            leads, found = leads.none(), found.filter(**{column: code})
        self.found = Joined(leads, found)


class ReportForm(KeyedForm):
    """What one source says of a household, entered by hand."""

    source = forms.ChoiceField(
        label="从哪里知道的",
        choices=[
            (LeadSource.DECLARED, "农户申报（书面）"),
            (LeadSource.VISITED, "干部走访"),
            (LeadSource.PUSHED, "部门预警"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选从哪里知道的。"},
    )
    unit = forms.CharField(
        label="哪个部门", required=False, max_length=60, help_text="选了“部门预警”才填，如：区医保局。"
    )
    happened_on = forms.DateField(label="哪一天", widget=date_input(), error_messages=NO_DATE)
    cause = forms.ChoiceField(
        label="主要困难",
        choices=RiskCause.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一种困难。"},
    )
    words = forms.CharField(
        label="情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一两句话：什么时候、出了什么事、花了多少钱。不写证件号、电话。",
        error_messages={"required": "请写一写情况。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        """A department's warning says which department."""
        cleaned = super().clean() or {}
        if cleaned.get("source") == LeadSource.PUSHED and not cleaned.get("unit"):
            self.add_error("unit", "部门预警要写明是哪个部门。")
        return cleaned


class AssignForm(KeyedForm):
    """To whom."""

    to = forms.ChoiceField(label="分给谁", error_messages={"required": "请选一个人。"})

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        choices = [
            (key, f"{person.name}（{person.unit}）" if person.unit else person.name)
            for key, person in self.people.items()
        ]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    @property
    def person(self) -> User:
        """The person chosen."""
        return self.people[self.cleaned_data["to"]]


class CloseForm(KeyedForm):
    """Why there is no risk."""

    reason = forms.ChoiceField(
        label="核实以后是什么情况",
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "请选办结的原因。"},
    )
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=300,
        help_text="选“其他”的要写。农户查结果时会看到，不写证件号、电话、病情。",
    )


class LeadVisitForm(KeyedForm):
    """When somebody was there, and what he found."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    visited_on = forms.DateField(label="入户日期", widget=date_input(), error_messages=NO_DATE)
    found = forms.CharField(
        label="看到什么情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写入户看到的情况。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visited_on"].initial = timezone.localdate
