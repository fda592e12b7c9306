"""Money is whole fen in the database; people see and type yuan."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

FEN = 100
MOST_YUAN = Decimal(100_000_000)


def money(label: str, **options: Any) -> models.BigIntegerField:
    """A column of whole fen; None means not asked yet, which is not zero."""
    return models.BigIntegerField(label, null=True, blank=True, **options)


def parse_yuan(text: str) -> int | None:
    """What a person typed for yuan, in fen: 1200, 1,200.50, １２００, 1.2万, 1200元; blank is None.

    Raises ValidationError with a sentence in Chinese when it is not an amount.
    """
    typed = unicodedata.normalize("NFKC", text or "").replace(",", "").replace("、", "").replace(" ", "")
    if not typed:
        return None
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)(万)?元?", typed)
    if not found:
        raise ValidationError("请填数字，如 1200 或 1.2万；没有就填 0。", code="not_money")
    yuan = Decimal(found[1]) * (10_000 if found[2] else 1)
    if abs(yuan) > MOST_YUAN:
        raise ValidationError("金额太大，请核对是不是多打了几位。", code="too_much")
    fen = yuan * FEN
    if fen != fen.to_integral_value():
        raise ValidationError("最多填到分（两位小数）。", code="finer_than_fen")
    return int(fen)


def format_yuan(fen: int | None) -> str:
    """Fen as the text that goes into a box: 1200, 1200.5 → ``1200``, ``1200.50``; None is empty."""
    if fen is None:
        return ""
    yuan = Decimal(fen) / FEN
    return f"{yuan:.0f}" if fen % FEN == 0 else f"{yuan:.2f}"


class YuanField(forms.CharField):
    """A box for an amount in yuan; gives fen, or None when it is left blank."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(**options)  # without max_length, which would measure the whole number

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A number pad on the phone, without the browser's own number box."""
        return {
            **super().widget_attrs(widget),
            "inputmode": "decimal",
            "maxlength": "20",
            "autocomplete": "off",
            "data-money": "",
        }

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what was typed stays as typed."""
        return format_yuan(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """Fen, or None."""
        return value if isinstance(value, int) else parse_yuan(value or "")
