"""What may be typed of a household and of its members; numbers that are known stay masked and are only replaced."""

import re
import uuid
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils import timezone

from accounts.models import Region
from accounts.roles import CASEWORK_ROLES
from accounts.templatetags.ui import masked_id, masked_phone
from households import codes
from households.disclosure import Reason
from households.identity import NOT_YET, read_identity
from households.models import Household, Member
from households.models.households import full_years
from households.phones import read_phone

SCHOOL_AGE_ENDS = 16
Sections = tuple[tuple[str, tuple[str, ...]], ...]
YES_NO = [("", "没有填"), ("true", "是"), ("false", "否")]
ARRIVAL_KINDS = [
    (codes.LifeEventKind.BIRTH, "出生"),
    (codes.LifeEventKind.MARRIED_IN, "婚入"),
    (codes.LifeEventKind.MOVED_IN, "迁入"),
    ("", "原来漏登"),
]


class GuardForm(forms.Form):
    """The hidden part of a form that writes: its key, spent once, and the version that was on the screen."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    idempotency_key = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def for_page(cls, data: Any, version: int | None) -> "GuardForm":
        """A new key for a page that is opened, the old one for a page that was sent."""
        return cls(data or None, initial={"version": version, "idempotency_key": str(uuid.uuid4())})

    def taken(self) -> dict[str, Any]:
        """``expected_version`` and ``idempotency_key``; a page without them raises ValidationError."""
        if not self.is_valid():
            raise ValidationError("页面已过期，请刷新后再提交。", code="guard")
        return {
            "expected_version": self.cleaned_data["version"],
            "idempotency_key": self.cleaned_data["idempotency_key"],
        }


class DayInput(forms.DateInput):
    """A native date box that ends on the day it is shown."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """The last day is today."""
        return {**super().build_attrs(base_attrs, extra_attrs), "max": f"{timezone.localdate()}"}


class TypedDateField(forms.DateField):
    """A day as people type it: 2026-10-31, 2026/10/31, 2026.10.31, 20261031, 2026年10月31日."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", DayInput())
        super().__init__(input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"], **options)


class YesNoField(forms.TypedChoiceField):
    """是, 否, or not said, which is neither."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=YES_NO, coerce=lambda value: value == "true", empty_value=None, required=False, **options
        )

    def prepare_value(self, value: Any) -> Any:
        """The stored claim as the value of an option."""
        return {True: "true", False: "false", None: ""}.get(value, value)


class VillageField(forms.ModelChoiceField):
    """A choice of villages, each with its town, because names repeat."""

    def label_from_instance(self, village: Region) -> str:
        """青石镇 / 柳河村."""
        return f"{village.parent} / {village}" if village.parent else str(village)


class Sectioned:
    """A form whose boxes stand in groups, each with a heading."""

    SECTIONS: ClassVar[Sections] = ()

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The groups with those of their boxes that this form has."""
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in self.SECTIONS]
        return [(title, boxes) for title, boxes in found if boxes]


class HouseholdForm(Sectioned, forms.ModelForm):
    """Columns of a household that people type; with an instance the village and the number stay."""

    SECTIONS = (
        ("", ("village", "number", "household_type")),
        ("住址和电话", ("group_no", "natural_village", "address", "phone")),
        ("家里的情况", ("unsafe_house", "safe_water", "whole_without_labour")),
    )
    village = VillageField(label="所在村", queryset=Region.objects.none())
    phone = forms.CharField(label="户联系电话", required=False, max_length=20)
    unsafe_house = YesNoField(label="危房户")
    safe_water = YesNoField(label="饮水安全已解决")

    class Meta:
        model = Household
        fields: ClassVar[list[str]] = [
            "village",
            "number",
            "group_no",
            "natural_village",
            "address",
            "household_type",
            "phone",
            "unsafe_house",
            "safe_water",
            "whole_without_labour",
        ]

    def __init__(self, data: Any, *, user: Any, instance: Household | None = None) -> None:
        super().__init__(data, instance=instance)
        self.on_record = instance.phone if instance else ""
        self.fields["phone"].widget.attrs.update(inputmode="tel", autocomplete="off")
        self.fields["address"].widget.attrs["placeholder"] = "如 12 号"
        self.fields["number"].help_text = "国扶系统里的编号；没有就空着，系统给一个。"
        self.fields["number"].required = False
        speak_plainly(self)
        self.fields["group_no"].widget.attrs.update(min=1, max=99)
        _keep_masked(self, "phone", masked_phone(self.on_record) if self.on_record else "")
        if instance:
            del self.fields["village"], self.fields["number"]
            return
        villages = Region.objects.visible_to(user, *CASEWORK_ROLES).villages()
        self.fields["village"].queryset = villages.select_related("parent")
        if villages.count() == 1:
            self.fields["village"].initial = villages.get()

    def clean_phone(self) -> str:
        """The phone, cleaned; left blank it stays what it was."""
        return read_phone(self.cleaned_data["phone"]) or self.on_record

    def columns(self) -> dict[str, Any]:
        """What goes to the service, without the village."""
        return {name: value for name, value in self.cleaned_data.items() if name != "village"}


class MemberForm(Sectioned, forms.ModelForm):
    """Columns of a person. The number is never shown in full; a blank box leaves what is on record."""

    SECTIONS = (
        ("", ("name", "relation", "ethnic_group", "phone")),
        ("", ("id_text", "not_yet")),
        ("", ("born_on", "sex")),
        ("身体和劳动", ("health", "labour_skill", "work_months", "disability_category", "disability_level")),
        ("文化程度，在上学的只填在校生状况", ("education", "student_status")),
        ("保障", ("medical_insured", "serious_illness_insured", "pension_insured", "dibao", "tekun")),
        ("", ("lives_here",)),
    )
    id_text = forms.CharField(
        label="证件号码",
        required=False,
        max_length=40,
        help_text="18位身份证号码，或20位、22位残疾人证号码。",
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "spellcheck": "false"}),
    )
    not_yet = forms.BooleanField(label="暂无证件（新生儿）", required=False)
    born_on = TypedDateField(label="出生日期", required=False, help_text="有证件号码的不用填。")
    health = forms.MultipleChoiceField(
        label="健康状况", choices=codes.Health, required=False, widget=forms.CheckboxSelectMultiple
    )
    medical_insured = YesNoField(label="参加基本医保")
    serious_illness_insured = YesNoField(label="参加大病保险")
    pension_insured = YesNoField(label="参加养老保险")
    phone = forms.CharField(label="本人电话", required=False, max_length=20)

    class Meta:
        model = Member
        fields: ClassVar[list[str]] = [
            "name",
            "relation",
            "id_text",
            "not_yet",
            "born_on",
            "sex",
            "health",
            "labour_skill",
            "education",
            "student_status",
            "work_months",
            "medical_insured",
            "serious_illness_insured",
            "pension_insured",
            "dibao",
            "tekun",
            "disability_category",
            "disability_level",
            "ethnic_group",
            "phone",
            "lives_here",
        ]

    def __init__(
        self,
        data: Any,
        *,
        household: Household | None = None,
        instance: Member | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(data, instance=instance, prefix=prefix)
        self.household = household
        # Read before validation puts what was typed into the instance.
        self.before = {"number": instance.id_number, "phone": instance.phone} if instance else {}
        _keep_masked(self, "id_text", masked_id(self.before["number"]) if self.before.get("number") else "")
        _keep_masked(self, "phone", masked_phone(self.before["phone"]) if self.before.get("phone") else "")
        self.fields["lives_here"].help_text = "一起过日子、收支在一起的才算；在外上学、打工仍算。"
        self.fields["work_months"].widget.attrs.update(min=0, max=12)
        speak_plainly(self)
        is_head = bool(instance and instance.relation == codes.HEAD)
        if household is None or is_head:
            del self.fields["relation"]
        else:
            choices = [choice for choice in codes.RELATIONS if choice[0] != codes.HEAD]
            self.fields["relation"].choices = [("", "请选择"), *choices]
        if household is None:
            del self.fields["lives_here"]
        if household is None or self.before.get("number"):  # the number says the birthday and the sex
            del self.fields["not_yet"], self.fields["born_on"], self.fields["sex"]

    def clean_phone(self) -> str:
        """The phone, cleaned; left blank it stays what it was."""
        return read_phone(self.cleaned_data["phone"]) or self.before.get("phone", "")

    def clean_work_months(self) -> int | None:
        """At most a year."""
        months = self.cleaned_data["work_months"]
        if months is not None and months > 12:
            raise ValidationError("一年最多 12 个月。")
        return months

    def clean_health(self) -> list[str]:
        """Healthy, or what ails him."""
        values = self.cleaned_data["health"]
        if codes.Health.HEALTHY in values and len(values) > 1:
            raise ValidationError("选了“健康”，就不能再选别的。")
        return values

    def clean(self) -> dict[str, Any]:
        """Who the person is, and what cannot be true together."""
        typed = super().clean()
        self._read_identity(typed)
        if typed.get("education") and typed.get("student_status"):
            self.add_error("student_status", "在上学的只填在校生状况，不填文化程度。")
        if typed.get("relation") == codes.SPOUSE and self._other_spouse():
            self.add_error("relation", "这户已经有一位配偶，请核对与户主的关系。")
        born_on = typed["identity"].born_on if typed.get("identity") else typed.get("born_on")
        if (
            born_on
            and full_years(born_on, timezone.localdate()) < SCHOOL_AGE_ENDS
            and typed.get("labour_skill") in codes.ABLE_TO_WORK
        ):
            self.add_error("labour_skill", "不满16岁的，劳动技能选“无劳动力”。")
        return typed

    def _post_clean(self) -> None:
        """What was typed goes to the service; the instance stays as it is on record."""

    def columns(self) -> dict[str, Any]:
        """Columns for the service; the identity goes beside them."""
        leave_out = {"id_text", "not_yet", "identity"}
        if self.cleaned_data.get("identity") or self.before.get("number"):
            leave_out |= {"born_on", "sex"}  # the number says them
        return {name: value for name, value in self.cleaned_data.items() if name not in leave_out}

    def identity(self) -> Any:
        """The identity that was typed: NOT_YET for a newborn, None when it stays as it is on record."""
        return self.cleaned_data["identity"] or (None if self.before else NOT_YET)

    def _read_identity(self, typed: dict[str, Any]) -> None:
        typed["identity"] = None
        text, not_yet = typed.get("id_text", ""), typed.get("not_yet")
        if text and not_yet:
            self.add_error("not_yet", "填了证件号码，就不要再选“暂无证件”。")
        elif text:
            try:
                typed["identity"] = read_identity(text)
            except ValidationError as fault:
                self.add_error("id_text", fault)
        elif not (not_yet or self.before.get("number")):
            hint = "；新生儿还没有的，选“暂无证件”" if "not_yet" in self.fields else ""
            self.add_error("id_text", f"请填证件号码{hint}。")
        elif not_yet or not self.before.get("number"):
            for name, words in (("born_on", "请填出生日期。"), ("sex", "请选性别。")):
                if not typed.get(name) and name not in self.errors:
                    self.add_error(name, words)

    def _other_spouse(self) -> bool:
        spouses = self.household.members.present().filter(relation=codes.SPOUSE) if self.household else None
        return bool(spouses is not None and spouses.exclude(pk=self.instance.pk).exists())


class ArrivalForm(forms.Form):
    """How a new member came, and on which day."""

    kind = forms.ChoiceField(label="怎么来的", choices=ARRIVAL_KINDS, required=False, widget=forms.RadioSelect)
    happened_on = TypedDateField(label="哪一天", required=False, help_text="新生儿填出生那天；原来漏登的不用填。")
    note = forms.CharField(label="说明", required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """An event has its day."""
        typed = super().clean()
        if typed.get("kind") and not typed.get("happened_on") and "happened_on" not in self.errors:
            self.add_error("happened_on", "请填是哪一天。")
        return typed


class RevealForm(forms.Form):
    """Why a full number is needed."""

    reason = forms.ChoiceField(label="为什么要看", choices=Reason, widget=forms.RadioSelect)
    note = forms.CharField(label="说明", required=False, max_length=60, help_text="选“其他”的，请写一句。")

    def clean_note(self) -> str:
        """The note is kept in the log, where no number belongs."""
        note = self.cleaned_data["note"]
        if re.search(r"\d{6}", note):
            raise ValidationError("说明里不要写号码。")
        return note

    def clean(self) -> dict[str, Any]:
        """其他 needs a word."""
        typed = super().clean()
        if typed.get("reason") == Reason.OTHER and not typed.get("note") and "note" not in self.errors:
            self.add_error("note", "请写一句用途。")
        return typed


def speak_plainly(form: forms.BaseForm) -> None:
    """Say what to do in a box that must be filled, and 没有填 where nothing has been chosen yet."""
    for field in form.fields.values():
        field.error_messages["required"] = f"请填{field.label}。"
        blank = "请选择" if field.required else "没有填"
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = blank
        elif isinstance(field, forms.ChoiceField) and field.choices and field.choices[0] == BLANK_CHOICE_DASH[0]:
            field.choices = [("", blank), *field.choices[1:]]


def _keep_masked(form: forms.BaseForm, name: str, masked: str) -> None:
    """Show what is on record as its mask only; the box itself stays empty."""
    form.initial[name] = ""
    if masked:
        form.fields[name].help_text = f"现在是 {masked}；不改就空着。"
