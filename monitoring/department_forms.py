"""What a department's clerk may type: a household that he names himself, and what his department knows of it."""

from django import forms
from django.utils import timezone

from monitoring.case_forms import FigureForm


class OwnFigureForm(FigureForm):
    """A figure of the clerk's own department."""

    department = None  # type: ignore[assignment]  # his own
    whose = forms.CharField(
        label="户编号，或者家里任何一个人的身份证号",
        max_length=30,
        help_text="身份证号要填全。只用来找到这一户，不会再显示出来。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填户编号或身份证号。"},
    )
    field_order = ("idempotency_key", "whose", "item", "amount", "grade", "as_of")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].initial = timezone.localdate
