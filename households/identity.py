"""Identity numbers as people write them (GB 11643): cleaned, checked, and read for birthday and sex."""

import datetime
import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from stdnum.exceptions import ValidationError as BadCheckDigit
from stdnum.iso7064 import mod_11_2

from households import codes

ID_LENGTH = 18
OLD_LENGTH = 15
DISABILITY_LENGTHS = (20, 22)
EARLIEST_BIRTHDAY = datetime.date(1900, 1, 1)
# The first two digits stand for a province (GB/T 2260); 83 is for residents from Taiwan, 91 for foreign residents.
PROVINCES = frozenset(
    str(number)
    for first, last in [(11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91)]
    for number in range(first, last + 1)
)


@dataclass(frozen=True)
class Identity:
    """What an identity number says; ``disability_*`` are empty unless it was a disability card."""

    id_type: codes.IdType
    number: str
    born_on: datetime.date | None
    sex: str
    disability_category: str = ""
    disability_level: str = ""


NOT_YET = Identity(codes.IdType.NOT_YET, "", None, "")


def clean_number(text: str) -> str:
    """The number without spaces and separators, with half-width digits and a capital X."""
    plain = unicodedata.normalize("NFKC", text or "").upper()
    return re.sub(r"[\s\u200b\u200e\u200f\u202a-\u202e\ufeff'`\-]", "", plain)


def read_identity(text: str) -> Identity:
    """The identity behind an 18-digit number or a 20- or 22-digit disability card.

    Raises ValidationError with a sentence that says what to do; the sentence never quotes the number.
    A person without a number yet (a newborn) is NOT_YET, which callers choose themselves: blank is refused here.
    """
    number = clean_number(text)
    _refuse_wrong_length(number)
    holder = number[:ID_LENGTH]
    if not re.fullmatch(r"[0-9]{17}[0-9X]", holder):
        raise ValidationError("证件号码前17位是数字，第18位是数字或X，请对照证件重填。", code="characters")
    if holder[:2] not in PROVINCES:
        raise ValidationError("证件号码开头的地区代码不存在，请对照证件看前6位。", code="area")
    born_on = _birthday(holder[6:14])
    try:
        mod_11_2.validate(holder)
    except BadCheckDigit as fault:
        raise ValidationError("证件号码第18位对不上，请对照证件从头再输一次。", code="check_digit") from fault
    sex = codes.Sex.MALE if int(holder[16]) % 2 else codes.Sex.FEMALE
    if len(number) == ID_LENGTH:
        return Identity(codes.IdType.IDENTITY_CARD, number, born_on, sex)
    category, level = _disability(number[ID_LENGTH:])
    return Identity(codes.IdType.DISABILITY_CARD, number, born_on, sex, category, level)


def person_number(number: str) -> str:
    """The 18 digits that stand for the person: a disability card begins with its holder's identity number."""
    return number[:ID_LENGTH]


def _refuse_wrong_length(number: str) -> None:
    if not number:
        raise ValidationError("请填证件号码；新生儿还没有证件的，请选“暂无证件”。", code="blank")
    if len(number) == OLD_LENGTH:
        raise ValidationError("15位的旧号码已停用，请换成18位的身份证号码。", code="old_number")
    if len(number) not in (ID_LENGTH, *DISABILITY_LENGTHS):
        raise ValidationError(
            f"证件号码是{len(number)}位，应为18位（残疾人证为20位或22位），请看是不是多打或漏打了。", code="length"
        )


def _birthday(digits: str) -> datetime.date:
    try:
        born_on = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as fault:
        raise ValidationError("证件号码里的出生日期不存在，请对照证件看第7到14位。", code="birthday") from fault
    if born_on > timezone.localdate():
        raise ValidationError("证件号码里的出生日期还没有到，请对照证件看第7到14位。", code="future")
    if born_on < EARLIEST_BIRTHDAY:
        raise ValidationError("证件号码里的出生年份早于1900年，请对照证件看第7到14位。", code="too_early")
    return born_on


def _disability(suffix: str) -> tuple[str, str]:
    """Category and level from digits 19 and 20; digits 21 and 22 (a replaced card) say nothing here."""
    categories = [value for value, _label in codes.DISABILITY_CATEGORIES]
    levels = [value for value, _label in codes.DISABILITY_LEVELS]
    if not re.fullmatch(r"[1-7][1-4]([0-9B][0-9])?", suffix):
        raise ValidationError(
            "残疾人证第19位是残疾类别（1到7），第20位是等级（1到4），请对照证件重填。", code="disability"
        )
    return categories[int(suffix[0]) - 1], levels[int(suffix[1]) - 1]
