"""What may be typed to ask for the dossiers of a village."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Region
from assistance.models import DossierForm, DossierWhose

OUTSIDE = "这个村不在您负责的范围内。"


class DossiersForm(forms.Form):
    """Of which village, whose, and in which form."""

    village = forms.CharField(max_length=12, widget=forms.HiddenInput)
    whose = forms.ChoiceField(
        label="哪些户", choices=DossierWhose, widget=forms.RadioSelect, initial=DossierWhose.ON_FILE
    )
    form = forms.ChoiceField(
        label="形式",
        choices=DossierForm,
        widget=forms.RadioSelect,
        initial=DossierForm.PRINT,
        help_text="打印的文件里照片缩小；压缩包按区、镇、村、户分文件夹，附件原样放在每户里。",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, villages: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.villages = villages

    def clean_village(self) -> Region:
        """One of the villages that the person may read."""
        village = self.villages.filter(code=self.cleaned_data["village"]).first()
        if village is None:
            raise ValidationError(OUTSIDE)
        return village
