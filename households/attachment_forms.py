"""The box by which photos and scans are sent, for any form; and the form of a household's own papers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from households.incoming_files import IncomingFile, examine
from households.models import AttachmentKind

MOST_FILES = 9
TAKEN = "image/*,application/pdf"  # without `capture`, so that a phone offers both the camera and the album
HELP = (
    "JPG、PNG 照片或 PDF 扫描件，一次最多 {most} 个。照片自动缩小，并去掉拍摄地点。表单没有通过时，文件要重新选一次。"
)
# What is filed with a household as such; what proves a step is filed where the step is taken.
OF_A_HOUSEHOLD = (
    AttachmentKind.VISIT_PHOTO,
    AttachmentKind.DECLARATION,
    AttachmentKind.CONSENT,
    AttachmentKind.SIGN_IN,
    AttachmentKind.MINUTES,
    AttachmentKind.EVIDENCE,
    AttachmentKind.OTHER,
)


class FilesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class AttachmentsField(forms.FileField):
    """Photos and scans; cleans to a list of IncomingFile for ``attachments.store_all`` (or ``store``).

    ``most`` is how many at once: with one, the input takes a single file, and the list has at most one. Each is opened
    here, once, and refused with a sentence that names it. The form needs ``enctype="multipart/form-data"``; a page that
    includes ``households/_photos_script.html`` in its block ``scripts`` sends photos small already.
    """

    default_error_messages = {"required": "请选择照片或者扫描件。"}

    def __init__(self, *, most: int = MOST_FILES, **kwargs: Any) -> None:
        self.most = most
        widget = FilesInput if most > 1 else forms.FileInput
        super().__init__(**{"help_text": HELP.format(most=most), "widget": widget, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """What a phone or computer offers to choose."""
        return {"accept": TAKEN, "data-photos": True}

    def clean(self, data: Any, initial: Any = None) -> list[IncomingFile]:
        """Every file, examined; all that is wrong with any of them is told at once."""
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:
            raise ValidationError(f"一次最多 {self.most} 个文件，您选了 {len(files)} 个。请分几次上传。", code="most")
        found, wrong = [], []
        for file in files:
            try:
                found.append(examine(file))
            except ValidationError as refused:
                wrong.append(refused)
        if wrong:
            raise ValidationError(wrong)
        return found


class HouseholdPapersForm(forms.Form):
    """Photos or papers of one household, all of one kind."""

    kind = forms.ChoiceField(label="是什么", choices=[(kind.value, kind.label) for kind in OF_A_HOUSEHOLD])
    files = AttachmentsField(label="照片或扫描件")
