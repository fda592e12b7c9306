"""Telephone numbers as people write them: cleaned and checked."""

import re
import unicodedata

from django.core.exceptions import ValidationError

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}", re.ASCII)


def read_phone(text: str) -> str:
    """A mobile or landline number without spaces; blank stays blank.

    Raises ValidationError with a sentence that does not quote the number.
    """
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", text or ""))
    if not number:
        return ""
    mobile = number.removeprefix("+86").removeprefix("86") if len(number) > 11 else number
    mobile = mobile.replace("-", "")
    if MOBILE.fullmatch(mobile):
        return mobile
    if LANDLINE.fullmatch(number):
        return number
    raise ValidationError("请填11位手机号码，或带区号的座机号码，如0632-1234567。", code="phone")
