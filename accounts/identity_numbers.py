"""By what two accounts of one person are known: a keyed digest of the identity number, which itself is not kept."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from stdnum.exceptions import ValidationError as BadCheckDigit
from stdnum.iso7064 import mod_11_2

from accounts.encryption import blind_index

PURPOSE = "accounts.user.identity"
SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
WRONG = "身份证号要填 18 位，请对照证件再输一次。"


def digest_of(typed: str) -> str:
    """The digest for what was typed; nothing for nothing. Raises ValidationError, whose sentence never quotes the number."""
    number = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not number:
        return ""
    if not SHAPE.fullmatch(number):
        raise ValidationError(WRONG)
    try:
        mod_11_2.validate(number)
    except BadCheckDigit as fault:
        raise ValidationError(WRONG) from fault
    return blind_index(number, PURPOSE)
