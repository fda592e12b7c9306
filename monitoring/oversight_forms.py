"""What may be typed of a finding, its rectification, a consultation and its decisions."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts.departments import in_full
from accounts.forms import NO_DATE, RegionField, date_input
from accounts.models import Level, Region, User
from accounts.roles import OFFICE_ROLES
from households.attachment_forms import AttachmentsField
from monitoring.case_forms import KeyedForm
from monitoring.models import Case
from monitoring.oversight import FINDERS
from monitoring.oversight_consultations import MOST_CASES, Resolved

DEPARTMENT = "department"
UNITS = (
    (Level.VILLAGE, "村"),
    (Level.TOWN, "镇（街）"),
    (Level.COUNTY, "区（市）"),
    (DEPARTMENT, "部门"),
)
PLACES = (Level.VILLAGE, Level.TOWN)
DECISIONS_OFFERED = 6
MOST_SUGGESTIONS = 4


def area(rows: int = 3) -> forms.Textarea:
    """A box for some sentences."""
    return forms.Textarea(attrs={"rows": rows})


class FindingForm(KeyedForm):
    """Who found what, where and when; whose work it is, and until when."""

    found_on = forms.DateField(label="发现日期", widget=date_input(), error_messages=NO_DATE)
    finder = forms.CharField(
        label="发现人", required=False, max_length=60, help_text="自己发现的不填；上级或外来督查组的，写单位和姓名。"
    )
    place = RegionField(label="发现地点", help_text="填村名、镇（街）名或 12 位代码；重名的连同镇名。")
    what = forms.CharField(
        label="发现的问题", max_length=1000, widget=area(), error_messages={"required": "请写发现了什么问题。"}
    )
    unit = forms.ChoiceField(label="责任单位", choices=UNITS, widget=forms.RadioSelect, initial=Level.VILLAGE)
    department = forms.CharField(
        label="责任部门",
        required=False,
        max_length=60,
        help_text="选“部门”时填，如：区医保局。有经办账号的部门自己上报整改，没有的由区（市）代为上报。",
    )
    due_on = forms.DateField(
        label="整改期限", widget=date_input(), error_messages=NO_DATE, help_text="这一天办完算按期。"
    )

    def __init__(self, *args: Any, user: User, case: Case | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.fields["found_on"].initial = timezone.localdate
        if case is not None:
            del self.fields["place"]
        else:
            visible = Region.objects.visible_to(user, *FINDERS)
            self.fields["place"].choices = visible.filter(level__in=PLACES)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The unit becomes a region over the place, or a department with its name."""
        cleaned = super().clean() or {}
        place = self.case.village if self.case else cleaned.get("place")
        unit = cleaned.pop("unit", None)
        if place is None or unit is None:
            return cleaned
        cleaned["place"], cleaned["answerable"] = place, None
        if unit == DEPARTMENT:
            cleaned["department"] = in_full(cleaned.get("department", ""), place)
            if not cleaned["department"]:
                self.add_error("department", "请写是哪个部门。")
            return cleaned
        cleaned["department"] = ""
        cleaned["answerable"] = place.lineage().get(unit)
        if cleaned["answerable"] is None:
            self.add_error("unit", "发现地点是镇（街），责任单位不能选村。")
        return cleaned


class RectificationForm(KeyedForm):
    """What was mended, when, and by what it is shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    done_on = forms.DateField(label="整改日期", widget=date_input(), error_messages=NO_DATE)
    what = forms.CharField(
        label="整改情况", max_length=1000, widget=area(), error_messages={"required": "请写怎么整改的。"}
    )
    evidence = forms.CharField(
        label="佐证材料", max_length=300, help_text="写有什么材料、在哪里，如：整改照片 2 张，村委会档案柜。",
        error_messages={"required": "请写有什么材料可以看。"},
    )  # fmt: skip

    files = AttachmentsField(label="照片、扫描件", required=False)

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version
        self.fields["done_on"].initial = timezone.localdate


class VerdictForm(KeyedForm):
    """Whether what was reported is enough."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    accept = forms.TypedChoiceField(
        label="验收结论",
        choices=[("yes", "验收通过"), ("no", "退回再整改")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选验收结论。"},
    )
    verdict = forms.CharField(
        label="意见", required=False, max_length=300, widget=area(2), help_text="退回的要写原因。"
    )
    due_on = forms.DateField(
        label="新的期限",
        required=False,
        widget=date_input(),
        error_messages=NO_DATE,
        help_text="退回时可以改，不填就不变。",
    )

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version


class WithdrawForm(forms.Form):
    """Why a finding is taken back."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="撤回原因", max_length=300, widget=area(2), error_messages={"required": "请写明撤回的原因。"}
    )

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version


class ConsultationForm(KeyedForm):
    """When, where, who was present, about what."""

    region = forms.ModelChoiceField(label="会商单位", queryset=None, empty_label=None)
    topic = forms.CharField(label="议题", max_length=120)
    held_on = forms.DateField(label="会商日期", widget=date_input(), error_messages=NO_DATE)
    venue = forms.CharField(label="地点", max_length=60)
    chair = forms.CharField(label="主持人", max_length=30)
    minute_taker = forms.CharField(label="记录人", max_length=30)
    present = forms.CharField(label="参加人", max_length=1000, widget=area(2), help_text="单位和姓名，用顿号隔开。")
    named = forms.CharField(
        label="涉及的户", required=False, max_length=2000, widget=area(2),
        help_text="一行一户，写户编号或户主姓名；只议专题的不填。",
    )  # fmt: skip
    minutes = forms.CharField(label="会商记录", max_length=4000, widget=area(5))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        mine = [posting.region_id for posting in user.postings_in_force() if posting.role in OFFICE_ROLES]
        self.fields["region"].queryset = Region.objects.visible_to(user, *OFFICE_ROLES).filter(pk__in=mine)  # type: ignore[attr-defined]
        self.fields["held_on"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        """Names become cases under way or on the register, in the region that held the consultation."""
        cleaned = super().clean() or {}
        region, typed = cleaned.get("region"), cleaned.pop("named", "")
        cleaned["cases"] = []
        if region is None:
            return cleaned
        words = list(dict.fromkeys(line.strip() for line in re.split(r"[\n、，,；;]", typed) if line.strip()))
        if len(words) > MOST_CASES:
            self.add_error("named", f"一次会商最多写 {MOST_CASES} 户。")
            return cleaned
        cases = Case.objects.visible_to(self.user, *OFFICE_ROLES).in_regions([region]).designations().live()
        for one in words:
            self._take(one, cases, cleaned["cases"])
        return cleaned

    def _take(self, words: str, cases: Any, found: list[Case]) -> None:
        named = Q(household__number=words) | Q(household__head_name=words.removesuffix("户"))
        here = list(cases.filter(named).select_related("household", "village")[: MOST_SUGGESTIONS + 1])
        if not here:
            self.add_error("named", f"“{words}”不是这里在办或在册的户。")
        elif len(here) > 1:
            numbers = "；".join(f"{case.household.number} {case.village.name}" for case in here[:MOST_SUGGESTIONS])
            self.add_error("named", f"“{words}”有 {len(here)} 户，请写户编号：{numbers}")
        elif here[0] not in found:
            found.append(here[0])


class DecisionForm(forms.Form):
    """One thing decided; left out when nothing is written."""

    what = forms.CharField(label="议定事项", required=False, max_length=300)
    unit = forms.CharField(label="责任单位", required=False, max_length=60)
    about = forms.CharField(label="关于哪一户", required=False, max_length=60)
    due_on = forms.DateField(label="期限", required=False, widget=date_input(), error_messages=NO_DATE)

    def clean(self) -> dict[str, Any]:
        """What is decided needs a unit and a term."""
        cleaned = super().clean() or {}
        if not cleaned.get("what"):
            if cleaned.get("unit") or cleaned.get("due_on") or cleaned.get("about"):
                self.add_error("what", "请写议定了什么事。")
            return cleaned
        if not cleaned.get("unit"):
            self.add_error("unit", "请写责任单位。")
        if not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "请选期限。")
        return cleaned

    def resolved(self, region: Region, cases: list[Case]) -> Resolved | None:
        """The decision with its unit and household found; None when nothing was written. Raises ValidationError."""
        data = self.cleaned_data
        if not data.get("what"):
            return None
        about = data["about"].strip().removesuffix("户")
        case = next((one for one in cases if about in (one.household.head_name, one.household.number)), None)
        if about and case is None:
            raise ValidationError(f"“{about}”不在上面写的户里。")
        unit = data["unit"].strip()
        under = Region.objects.under(region)
        here = list(under.filter(Q(name=unit) | Q(code=unit) | Q(name=f"{unit.removesuffix('村')}村委会"))[:2])
        if len(here) > 1:
            raise ValidationError(f"“{unit}”有同名的，请填 12 位代码。")
        answerable = here[0] if here else None
        department = "" if answerable else in_full(unit, region)
        return Resolved(data["what"], answerable, department, data["due_on"], case)


DecisionFormSet = forms.formset_factory(DecisionForm, extra=DECISIONS_OFFERED, max_num=20, validate_max=True)


class SettleForm(KeyedForm):
    """What became of a decision."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    done = forms.TypedChoiceField(
        label="落实情况",
        choices=[("yes", "已落实"), ("no", "没有落实")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选落实情况。"},
    )
    note = forms.CharField(
        label="说明",
        max_length=300,
        widget=area(2),
        error_messages={"required": "请写明怎么落实的，或者为什么没有落实。"},
    )

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version
