"""What may be typed about a plan, a team, and a measure that a district adds."""

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from accounts.models import Region
from assistance.catalogue import CatalogueMeasure, Condition, GivenTo, Group, Kind, LedgerColumn
from assistance.forms import DatedForm
from assistance.models import Every, FundSource, Plan, PlanItem, TeamPart
from households.codes import Guarantee, RiskCause
from households.models import Member
from households.money import YuanField

BLANK = ("", "没有定")
LATEST = datetime.timedelta(days=5 * 366)  # of the day by which a measure is to be in place
REASON_NEEDED = {"required": "请写明原因。"}


class BeginPlanForm(forms.Form):
    """Why a confirmed plan is changed."""

    reason = forms.CharField(label="为什么改", max_length=200, error_messages=REASON_NEEDED)


class PlanForm(forms.Form):
    """The goal of the whole, and for each who can work and has no measure, why."""

    goal = forms.CharField(
        label="总目标",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="如：年底前人均纯收入稳定在线以上，住房修好，孩子不因钱失学。",
        error_messages={"required": "请写总目标。"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, plan: Plan, people: Iterable[Member], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"goal": plan.goal, "version": plan.version})
        super().__init__(*args, **kwargs)
        self.people = {f"reason_{member.pk.hex}": member for member in people}
        for name, member in self.people.items():
            self.fields[name] = forms.CharField(
                label=f"{member.name}有劳动力，没有措施的原因",
                max_length=100,
                required=False,
                initial=plan.unhelped.get(str(member.pk), ""),
                help_text="如：在外务工收入稳定；在家照顾病人，离不开。",
            )

    def change(self) -> dict[str, Any]:
        """What the service needs."""
        reasons = {str(member.pk): self.cleaned_data[name] for name, member in self.people.items()}
        told = self.cleaned_data
        return {"goal": told["goal"], "expected_version": told["version"], "unhelped": reasons}


class PlanItemForm(forms.Form):
    """Goal, who is answerable, day, term, amount and fund of one measure."""

    goal = forms.CharField(label="目标", max_length=120, widget=forms.Textarea(attrs={"rows": 2}))
    unit = forms.CharField(label="责任单位", max_length=60)
    person = forms.CharField(label="责任人", max_length=30)
    due_on = forms.DateField(label="哪天以前落实", widget=date_input(), error_messages=NO_DATE)
    runs_until = forms.DateField(
        label="到哪天为止", required=False, widget=date_input(), error_messages=NO_DATE,
        help_text="贷款、岗位、协议有期限的填；没有就不填。",
    )  # fmt: skip
    amount = YuanField(label="金额（元）", help_text="没有金额或者还没有定，就不填。")
    every = forms.ChoiceField(label="多久一次", choices=Every.choices, initial=Every.ONCE)
    fund = forms.ChoiceField(label="资金来源", choices=[BLANK, *FundSource.choices], required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, item: PlanItem) -> "PlanItemForm":
        """The form as it is opened."""
        names = ("goal", "unit", "person", "due_on", "runs_until", "amount", "every", "fund")
        return cls(initial={**{name: getattr(item, name) for name in names}, "version": item.plan.version})

    def clean_due_on(self) -> datetime.date:
        """A promise is for a day that can still be kept, and soon enough to be checked."""
        due_on: datetime.date = self.cleaned_data["due_on"]
        today = timezone.localdate()
        if due_on < today:
            raise ValidationError("这一天已经过了，请填今天或以后的日子。")
        if due_on > today + LATEST:
            raise ValidationError("日子太远了，请核对年份。")
        return due_on

    def change(self) -> dict[str, Any]:
        """What the service needs."""
        told = dict(self.cleaned_data)
        return {"expected_version": told.pop("version"), **told}


class RegisterForm(forms.Form):
    """A measure that is in place: for whom, since when, how much, until when."""

    member = forms.ChoiceField(label="享受人", required=False)
    begun_on = forms.DateField(
        label="从哪天起", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
    ended_on = forms.DateField(label="哪天办成", required=False, widget=date_input(), error_messages=NO_DATE)
    runs_until = forms.DateField(
        label="到哪天为止",
        required=False,
        widget=date_input(),
        error_messages=NO_DATE,
        help_text="协议、合同写的日子。",
    )
    amount = YuanField(label="金额（元）")
    every = forms.ChoiceField(label="多久一次", choices=Every.choices, initial=Every.ONCE)
    fund = forms.ChoiceField(label="资金来源", choices=[BLANK, *FundSource.choices], required=False)
    note = forms.CharField(label="说明", max_length=200, required=False)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, measure: CatalogueMeasure, members: Iterable[Member], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(member.pk): member for member in members}
        whole = [] if measure.given_to == GivenTo.PERSON else [("", "全户")]
        names = [(key, f"{one.name}（{one.relation}）") for key, one in self.people.items()]
        self.fields["member"].choices = [*whole, *names]
        if measure.given_to == GivenTo.HOUSEHOLD:
            del self.fields["member"]
        if measure.kind != Kind.LASTING:
            del self.fields["ended_on"]
        if not measure.has_term:
            del self.fields["runs_until"]

    def told(self) -> dict[str, Any]:
        """What the service needs."""
        told = {"ended_on": None, "runs_until": None, **self.cleaned_data}
        return {**told, "member": self.people.get(told.pop("member", ""))}


class SeenForm(forms.Form):
    """The version of the plan that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class SendBackForm(SeenForm):
    """Why a plan goes back to the village."""

    reason = forms.CharField(label="退回的原因", max_length=200, error_messages=REASON_NEEDED)


class TeamForm(DatedForm):
    """Somebody who joins a household's team."""

    part = forms.ChoiceField(label="来自", choices=TeamPart, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名", max_length=30)
    unit = forms.CharField(label="单位、职务", max_length=60)
    begun_on = forms.DateField(
        label="从哪天起", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )


class TeamEndForm(DatedForm):
    """His last day on the team."""

    ended_on = forms.DateField(
        label="到哪天为止", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class OwnMeasureForm(forms.Form):
    """A measure that a district adds, with the document on which it rests."""

    region = forms.ModelChoiceField(label="区（市）", queryset=Region.objects.none(), empty_label=None)
    name = forms.CharField(label="措施名称", max_length=60)
    group = forms.ChoiceField(label="类别", choices=Group)
    given_to = forms.ChoiceField(label="按户还是按人", choices=GivenTo, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="怎样算落实", choices=Kind, initial=Kind.RUNNING, widget=forms.RadioSelect)
    column = forms.ChoiceField(label="台账栏", choices=[("", "不打√"), *LedgerColumn.choices], required=False)
    lead = forms.CharField(label="牵头单位", max_length=60)
    units = forms.CharField(label="责任单位", max_length=120, required=False)
    causes = forms.MultipleChoiceField(
        label="针对哪些风险", choices=RiskCause, required=False, widget=forms.CheckboxSelectMultiple
    )
    guarantees = forms.MultipleChoiceField(
        label="针对哪些保障", choices=Guarantee, required=False, widget=forms.CheckboxSelectMultiple
    )
    checks = forms.MultipleChoiceField(
        label="系统能核对的条件", choices=Condition, required=False, widget=forms.CheckboxSelectMultiple
    )
    asks = forms.CharField(
        label="要问的条件", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="一行一条。"
    )
    papers = forms.CharField(
        label="材料", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="一行一种。"
    )
    amount_most = forms.IntegerField(label="金额上限（元）", required=False, min_value=1, max_value=100_000_000)
    months_most = forms.IntegerField(label="期限上限（月）", required=False, min_value=1, max_value=600)
    document = forms.CharField(label="文件", max_length=120, help_text="文件全称和文号。")
    article = forms.CharField(label="条款", max_length=60, help_text="第几条、第几款。")
    starts_on = forms.DateField(
        label="从哪天起", widget=date_input(), error_messages=NO_DATE, initial=timezone.localdate
    )
    ends_on = forms.DateField(label="到哪天止", required=False, widget=date_input(), error_messages=NO_DATE)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, districts: list[Region], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(pk__in=[one.pk for one in districts])
        self.fields["region"].initial = districts[0].pk if districts else None

    def clean_asks(self) -> list[str]:
        """One a line."""
        return _lines(self.cleaned_data["asks"])

    def clean_papers(self) -> list[str]:
        """One a line."""
        return _lines(self.cleaned_data["papers"])

    def clean(self) -> dict[str, Any]:
        """It answers a need."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned["causes"] and not cleaned["guarantees"]:
            raise ValidationError("请选这项措施针对哪些风险或保障。")
        cleaned["has_term"] = cleaned.get("months_most") is not None
        return cleaned
