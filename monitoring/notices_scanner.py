"""What must not stand in any free text that leaves the house: identity numbers, telephones, cards, illness, cause, income.

Numbers are looked for however they are written: full width, with anything between the digits, in Chinese digits, with
letters that look like digits.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError

ID_NUMBER, PHONE, CARD, ILLNESS, CAUSE, INCOME, NAME = (
    "身份证号", "电话号码", "银行卡号", "病情或残疾", "致贫返贫原因", "收入金额", "姓名",
)  # fmt: skip
# Digits as they are also written: in characters, as on cheques, as telephones are said (幺), as markets write them (〡), and
# what passes for nought and one.
WRITTEN = {
    "0": "〇零○◯OoОоΟο", "1": "一壹弌幺〡IlΙІ", "2": "二贰貳弍两兩〢", "3": "三叁參弎〣", "4": "四肆〤", "5": "五伍〥", "6": "六陆陸〦",
    "7": "七柒〧", "8": "八捌〨", "9": "九玖〩",
}  # fmt: skip
AS_DIGITS = str.maketrans({sign: digit for digit, signs in WRITTEN.items() for sign in signs})
DIGIT = f"[0-9{''.join(WRITTEN.values())}]"
# As many as a telephone has, with anything between them that is neither letter nor character: fewer are words, like 一二组.
LIKE_A_NUMBER = re.compile(rf"{DIGIT}(?:(?:[^\w○◯]|_)*{DIGIT}){{10,}}")
TRADITIONAL = str.maketrans("殘腫癱瘓腎聾啞癡壓臟腦術礙", "残肿瘫痪肾聋哑痴压脏脑术碍")
LETTERS_LIKE_X = str.maketrans({"x": "X", "×": "X", "✕": "X", "╳": "X", "х": "X", "Х": "X", "χ": "X"})
# Digits with anything between them that is no letter and no Chinese character; an X may end an identity number.
RUN = re.compile(r"[0-9](?:[\W_]*[0-9X])*")
PIECE = re.compile(r"[0-9X]+")
PROVINCES = {
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83, 91,
}  # fmt: skip
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
LONG, SHORT = 18, 15
MOBILE = re.compile(r"(?:86|086|0086)?1[3-9][0-9]{9}")
LANDLINE = re.compile(r"(?<![0-9])0[1-9][0-9]{1,2}[\s\-－—)）]{0,3}[2-9][0-9]{6,7}(?![0-9])")
CARD_LENGTHS = range(16, 20)
CARD_BEGINS = "3456"
# Names of offices and of policies that speak of illness without telling of anybody's.
HARMLESS = (
    "残疾人联合会",
    "残联",
    "大病保险",
    "大病统筹",
    "疾控中心",
    "疾病预防",
    "精神病院",
    "慢性病门诊",
    "肿瘤医院",
)
ILL = (
    "癌", "肿瘤", "白血病", "尿毒症", "透析", "化疗", "放疗", "残疾", "精神病", "精神障碍", "精神分裂", "抑郁", "艾滋", "乙肝", "肝炎",
    "肝硬化", "糖尿病", "高血压", "心脏病", "冠心病", "脑梗", "脑出血", "脑瘫", "中风", "偏瘫", "瘫痪", "肺结核", "结核病", "尘肺",
    "肾衰", "肾病", "癫痫", "痴呆", "智障", "智力障碍", "失能", "帕金森", "血友病", "罕见病", "患病", "患有", "重病", "大病", "慢性病",
    "慢病", "病重", "病危", "生病", "得病", "住院", "手术", "截肢", "失明", "聋哑", "盲人", "HIV", "AIDS", "流产", "不孕",
)  # fmt: skip
CAUSES = (
    "因病",
    "因残",
    "因学",
    "因灾",
    "因意外",
    "因婚",
    "缺劳力",
    "缺劳动力",
    "缺技术",
    "缺资金",
    "致贫原因",
    "返贫原因",
    "致贫风险是",
)
INCOME_WORDS = re.compile(
    r"(?:收入|年收|月收|存款|工资|人均|挣|赚)[^，。；,;]{0,8}(?:[0-9]|[一二三四五六七八九十两几半][十百千万元])"
)
EARLIEST = 1900


def refuse(text: str, *, where: str, names: Iterable[str] = ()) -> None:
    """Raises ValidationError naming what was found, never repeating it; ``names`` are those that must not stand there."""
    if found := findings(text, names=names):
        raise ValidationError(f"{where}里不能写{'、'.join(found)}，请删去再提交。", code="private")


def findings(text: str, *, names: Iterable[str] = ()) -> list[str]:
    """What of the forbidden kinds stands in a text, each kind once."""
    plain = _plain(text)
    numbers = list(_runs(plain))
    bare = _bare(plain)
    found = {
        ID_NUMBER: any(_holds_id(run) for run in numbers) or _hides_id(plain),
        PHONE: any(_holds_phone(run) for run in numbers) or LANDLINE.search(plain) is not None,
        CARD: any(_holds_card(run) for run in numbers),
        ILLNESS: _holds_word(bare, ILL),
        CAUSE: _holds_word(bare, CAUSES),
        INCOME: INCOME_WORDS.search(bare) is not None,
        NAME: any(name and len(name) > 1 and name in bare for name in names),
    }
    return [kind for kind, there in found.items() if there]


def long_number(text: str) -> bool:
    """Whether an identity number or a card stands where only a telephone should."""
    runs = list(_runs(_plain(text)))
    return any(_holds_id(run) or _holds_card(run) for run in runs)


def _plain(text: str) -> str:
    """Half width, Latin digits, without characters that cannot be seen."""
    wide = unicodedata.normalize("NFKC", text)
    seen = "".join(character for character in wide if unicodedata.category(character) not in ("Cf", "Mn", "Me"))
    digits = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in seen)
    latin = LIKE_A_NUMBER.sub(lambda match: match.group().translate(AS_DIGITS), digits)
    return latin.translate(LETTERS_LIKE_X)


def _bare(plain: str) -> str:
    """Only letters, digits and Chinese characters, so that 尿 毒 症 is found too."""
    return re.sub(r"[\W_]", "", plain).translate(TRADITIONAL)


def _runs(plain: str) -> Iterator[list[str]]:
    """Numbers as they may be put together: the pieces of each run of digits."""
    for match in RUN.finditer(plain):
        yield PIECE.findall(match.group())


def _windows(pieces: list[str], lengths: Iterable[int]) -> Iterator[str]:
    """What some neighbouring pieces say together, where that has one of the lengths."""
    wanted = set(lengths)
    longest = max(wanted)
    for start in range(len(pieces)):
        joined = ""
        for piece in pieces[start:]:
            joined += piece
            if len(joined) in wanted:
                yield joined
            if len(joined) > longest:
                break


def _holds_id(pieces: list[str]) -> bool:
    """An identity number of 18 or 15 places; within a longer row of digits only one whose check digit is right."""
    if any(_is_long_id(one) for one in _windows(pieces, (LONG,))):
        return True
    if any(_is_short_id(one) for one in _windows(pieces, (SHORT,))):
        return True
    return _checked_id_in("".join(pieces))


def _hides_id(plain: str) -> bool:
    """A number whose digits stand apart by words: only one whose check digit is right."""
    return _checked_id_in("".join(PIECE.findall(plain)))


def _checked_id_in(digits: str) -> bool:
    """A number with its right check digit anywhere in a row of digits. Days of this year and the last are no birthdays
    there: they are what a notice speaks of, and with numbers before and after them would now and then look like one."""
    places = range(len(digits) - LONG + 1)
    found = (digits[at : at + LONG] for at in places)
    newest = datetime.datetime.now(tz=datetime.UTC).year - 2
    return any(_is_long_id(one) and int(one[6:10]) <= newest and _check_digit_is_right(one) for one in found)


def _is_long_id(number: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{17}[0-9X]", number)) and _is_place(number) and _is_birthday(number[6:14])


def _is_short_id(number: str) -> bool:
    return number.isdecimal() and _is_place(number) and _is_birthday(f"19{number[6:12]}")


def _is_place(number: str) -> bool:
    return int(number[:2]) in PROVINCES


def _is_birthday(written: str) -> bool:
    try:
        day = datetime.date(int(written[:4]), int(written[4:6]), int(written[6:8]))
    except ValueError:
        return False
    return EARLIEST <= day.year < EARLIEST + 200


def _check_digit_is_right(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11] == number[17]


def _holds_phone(pieces: list[str]) -> bool:
    """Eleven digits of a mobile number, with or without 86 before them."""
    return any(MOBILE.fullmatch(one) for one in _windows(pieces, (11, 13, 14, 15)))


def _holds_card(pieces: list[str]) -> bool:
    return any(_is_card(one) for one in _windows(pieces, CARD_LENGTHS))


def _is_card(number: str) -> bool:
    """A bank card by its length, its first digit and the check of Luhn."""
    if not number.isdecimal() or number[0] not in CARD_BEGINS:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _holds_word(bare: str, words: Iterable[str]) -> bool:
    for phrase in HARMLESS:
        bare = bare.replace(phrase, "")
    return any(word in bare.upper() for word in words)
