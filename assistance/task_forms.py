"""What may be typed about a task: the next day of a house, and how it was solved with its evidence."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from accounts.forms import NO_DATE, date_input
from assistance.forms import DatedForm
from assistance.models import GuaranteeTask
from assistance.task_work import NO_EVIDENCE
from households.attachment_forms import AttachmentsField


class TaskStepForm(DatedForm):
    """The day of the step that comes next."""

    step = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    on = forms.DateField(label="日期", widget=date_input(), error_messages=NO_DATE)

    def __init__(self, *args: Any, task: GuaranteeTask, step: tuple[str, str], **kwargs: Any) -> None:
        initial = {"step": step[0], "version": task.version, "on": timezone.localdate}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["on"].label = f"{step[1]}日期"


class TaskCloseForm(DatedForm):
    """How it was solved, when, and what proves it."""

    outcome = forms.CharField(
        label="怎样解决的",
        max_length=200,
        help_text="一句话，如：已返校就读；已接通自来水。不写证件号、电话。",
        error_messages={"required": "请写怎样解决的。"},
    )
    closed_on = forms.DateField(label="解决日期", widget=date_input(), error_messages=NO_DATE)
    files = AttachmentsField(label="佐证", error_messages={"required": NO_EVIDENCE})
    version = forms.IntegerField(widget=forms.HiddenInput)
    idempotency_key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, task: GuaranteeTask, proved: str, **kwargs: Any) -> None:
        initial = {"version": task.version, "closed_on": timezone.localdate, "idempotency_key": uuid.uuid4}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["files"].required = not proved
        if proved:
            self.fields["files"].help_text = f"{proved}，可以不传。"
