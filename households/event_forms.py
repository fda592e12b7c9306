"""What may be typed of an event of a family; each form gives the details that its service takes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from households import codes
from households.life_events import CLOSING_REASONS
from households.models import Household, Member
from households.phones import read_phone
from households.register_forms import TypedDateField, speak_plainly

Kind = codes.LifeEventKind
FOLLOWS = "按新户主推算"


class EventForm(forms.Form):
    """The day of an event, and a sentence."""

    happened_on = TypedDateField(label="发生日期")
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, data: Any, *, household: Household, absorbed: Household | None = None) -> None:
        super().__init__(data)
        self.household, self.absorbed = household, absorbed
        self.family = list(household.members.present().head_first())
        self.prepare()
        speak_plainly(self)
        self.order_fields([name for name in self.fields if name not in ("happened_on", "note")])

    def prepare(self) -> None:
        """Offer the members of this household."""

    def details(self) -> dict[str, Any]:
        """The keyword arguments of the service."""
        return {"happened_on": self.cleaned_data["happened_on"], "note": self.cleaned_data["note"]}

    def relation_boxes(self) -> list[forms.BoundField]:
        """The boxes in which relations may be given, to print them apart."""
        return [self[name] for name in self.fields if name.startswith("relation_")]

    def main_boxes(self) -> list[forms.BoundField]:
        """All other boxes."""
        return [self[name] for name in self.fields if not name.startswith("relation_")]

    def choose(self, name: str, label: str, *, required: bool = True, empty: str = "请选择", hint: str = "") -> None:
        """A box in which one of the family is chosen."""
        choices = [("", empty), *((str(member.pk), f"{member.name}（{member.relation}）") for member in self.family)]
        self.fields[name] = forms.TypedChoiceField(
            label=label, choices=choices, coerce=self.person, empty_value=None, required=required, help_text=hint
        )

    def person(self, key: str) -> Member:
        """The member of the family behind a choice."""
        return next(member for member in self.family if str(member.pk) == key)

    def ask_relations(self, members: Iterable[Member], empty: str) -> None:
        """A box for what each of them is to the head; left alone, the relation follows from the old ones."""
        choices = [("", empty), *(choice for choice in codes.RELATIONS if choice[0] != codes.HEAD)]
        for member in members:
            self.fields[f"relation_{member.pk}"] = forms.ChoiceField(
                label=f"{member.name}是新户主的", choices=choices, required=False
            )

    def relations(self, members: Iterable[Member]) -> dict[Member, str]:
        """The relations that were given."""
        return {member: given for member in members if (given := self.cleaned_data.get(f"relation_{member.pk}"))}


class DepartureForm(EventForm):
    """去世、婚出、迁出: who, and who takes over if it is the head."""

    def prepare(self) -> None:
        """One leaves; the others may become head."""
        self.choose("member", "是谁")
        if len(self.family) > 1:
            hint = "走的人是户主时才选。" if self.household.head else ""
            self.choose("new_head", "新户主", required=False, empty="户主没变", hint=hint)
            self.ask_relations(self.family, FOLLOWS)

    def details(self) -> dict[str, Any]:
        """Who leaves and who takes over."""
        return {
            **super().details(),
            "member": self.cleaned_data["member"],
            "new_head": self.cleaned_data.get("new_head"),
            "relations": self.relations(self.family),
        }


class HeadForm(EventForm):
    """更换户主."""

    def prepare(self) -> None:
        """Anybody but the head."""
        self.choose("new_head", "新户主")
        self.ask_relations(self.family, FOLLOWS)

    def details(self) -> dict[str, Any]:
        """Who takes over, and what the others are to him."""
        return {
            **super().details(),
            "new_head": self.cleaned_data["new_head"],
            "relations": self.relations(self.family),
        }


class SplitForm(EventForm):
    """分户: who goes, under which head, and where the new household is."""

    number = forms.CharField(label="新户的户编号", required=False, max_length=30, help_text="没有就空着，系统给一个。")
    group_no = forms.IntegerField(label="新户在几组", required=False, min_value=1, max_value=99)
    address = forms.CharField(label="新户住址", required=False, max_length=120)
    phone = forms.CharField(label="新户联系电话", required=False, max_length=20)

    def prepare(self) -> None:
        """Anybody may go, but not everybody."""
        choices = [(str(member.pk), f"{member.name}（{member.relation}）") for member in self.family]
        self.fields["members"] = forms.TypedMultipleChoiceField(
            label="分出去的人", choices=choices, coerce=self.person, widget=forms.CheckboxSelectMultiple
        )
        self.choose("new_head", "新户的户主")
        hint = "户主要分出去时才选。"
        self.choose("remaining_head", "原户的新户主", required=False, empty="原户主没变", hint=hint)
        self.fields["group_no"].initial = self.household.group_no
        self.ask_relations(self.family, FOLLOWS)
        self.order_fields(["members", "new_head", "remaining_head", "number", "group_no", "address", "phone"])

    def clean_phone(self) -> str:
        """The phone, cleaned."""
        return read_phone(self.cleaned_data["phone"])

    def details(self) -> dict[str, Any]:
        """Who goes, the heads, and the new household."""
        return {
            **super().details(),
            **{name: self.cleaned_data[name] for name in ("members", "new_head", "remaining_head")},
            "fields": {name: self.cleaned_data[name] for name in ("number", "group_no", "address", "phone")},
            "relations": self.relations(self.family),
        }


class MergeForm(EventForm):
    """并户: everybody of another household comes under this head."""

    absorbed_version = forms.IntegerField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Everybody who comes needs a relation to the head."""
        self.coming = list(self.absorbed.members.present().head_first()) if self.absorbed else []
        if self.absorbed:
            self.fields["absorbed_version"].initial = self.absorbed.version
        self.ask_relations(self.coming, "其他")
        for member in self.coming:
            self.fields[f"relation_{member.pk}"].label = f"{member.name}是{self.household.head_name}的"

    def details(self) -> dict[str, Any]:
        """Which household comes, and its people's relations."""
        if self.absorbed is None:
            raise ValidationError("请先选并进来的那一户。", code="absorbed")
        return {
            **super().details(),
            "absorbed": self.absorbed,
            "absorbed_version": self.cleaned_data["absorbed_version"],
            "relations": self.relations(self.coming),
        }


class ClosingForm(EventForm):
    """整户注销."""

    reason = forms.ChoiceField(
        label="为什么注销", choices=[(reason, reason) for reason in CLOSING_REASONS], widget=forms.RadioSelect
    )

    def details(self) -> dict[str, Any]:
        """Why."""
        return {**super().details(), "reason": self.cleaned_data["reason"]}


EVENT_FORMS: dict[str, type[EventForm]] = {
    Kind.DEATH: DepartureForm,
    Kind.MARRIED_OUT: DepartureForm,
    Kind.MOVED_OUT: DepartureForm,
    Kind.HEAD_CHANGED: HeadForm,
    Kind.SPLIT: SplitForm,
    Kind.MERGED: MergeForm,
    Kind.CLOSED: ClosingForm,
}
