"""Identity numbers: cleaned, checked and read; every refusal is a sentence that does not quote the number."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from households import codes
from households.identity import Identity, read_identity
from households.models import Member
from households.names import initials
from tests.factories import CHECK_DIGITS, WEIGHTS, invented_id

GOOD = "370499196405170038"


def with_check_digit(body: str) -> str:
    """Seventeen digits and the right eighteenth."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + CHECK_DIGITS[total % 11]


def ending_in_x() -> str:
    """An invented number whose check digit is X."""
    return next(
        number for serial in range(400) if (number := with_check_digit(f"37049919640517{serial:03d}")).endswith("X")
    )


def refusal(text: str) -> ValidationError:
    """The error that a text is refused with."""
    with pytest.raises(ValidationError) as caught:
        read_identity(text)
    return caught.value


def test_birthday_and_sex_come_from_the_number():
    assert read_identity(GOOD) == Identity(codes.IdType.IDENTITY_CARD, GOOD, datetime.date(1964, 5, 17), codes.Sex.MALE)
    assert read_identity(invented_id(male=False)).sex == codes.Sex.FEMALE


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda number: f"  {number} ",
        lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
        lambda number: "".join(chr(ord(character) + 0xFEE0) for character in number),
        lambda number: f"\u202a{number}\ufeff",
    ],
)
def test_ways_of_writing_the_same_number_are_understood(change):
    number = ending_in_x()
    assert read_identity(change(number)).number == number


def test_a_disability_card_says_category_and_level_besides():
    for suffix in ("44", "4401", "44B1"):
        identity = read_identity(GOOD + suffix)
        assert identity.id_type == codes.IdType.DISABILITY_CARD
        assert identity.number == GOOD + suffix
        assert (identity.disability_category, identity.disability_level) == ("肢体", "四级")
        assert identity.born_on == datetime.date(1964, 5, 17)


TOMORROW = timezone.localdate() + datetime.timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "blank", "暂无证件"),
        ("370499640517003", "old_number", "18位"),
        (GOOD[:17], "length", "17位"),
        (GOOD + "0", "length", "19位"),
        ("3704X9196405170038"[:17] + "0", "characters", "数字"),
        ("A" + GOOD[1:], "characters", "数字"),
        (with_check_digit("99049919640517003"), "area", "地区"),
        (with_check_digit("37049919640230003"), "birthday", "不存在"),
        (with_check_digit(f"370499{TOMORROW:%Y%m%d}003"), "future", "还没有到"),
        (with_check_digit("37049918991231003"), "too_early", "1900"),
        (GOOD[:17] + "9", "check_digit", "第18位"),
        (GOOD + "81", "disability", "类别"),
        (GOOD + "15", "disability", "等级"),
    ],
)
def test_each_kind_of_error_has_its_own_sentence(text, code, words):
    error = refusal(text)
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize("text", [GOOD[:17] + "9", GOOD[:17], with_check_digit("99049919640517003"), GOOD + "81"])
def test_no_sentence_quotes_the_number(text):
    message = refusal(text).message
    assert text not in message
    assert text[:6] not in message
    assert text[-4:] not in message


def test_the_right_check_digit_is_never_told():
    assert ending_in_x()[-1] not in refusal(ending_in_x()[:17] + "0").message


def test_a_number_made_of_other_digits_is_refused():
    assert refusal("٣٧٠٤٩٩١٩٦٤٠٥١٧٠٠٣٨").code == "characters"


def test_a_disability_card_and_the_identity_card_are_the_same_person():
    card, disability_card = Member(name="王某"), Member(name="王某")
    card.take_identity(read_identity(GOOD))
    disability_card.take_identity(read_identity(GOOD + "44"))
    assert card.id_digest == disability_card.id_digest
    assert card.id_tail_digest == disability_card.id_tail_digest
    assert disability_card.disability_level == "四级"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("王大海", "wdh"), ("单雄", "sx"), ("买买提·吐尔逊", "mmttex"), ("Ａ君", "aj"), ("", ""), ("=cmd|'/c", "cmdc")],
)
def test_initials_of_names(name, expected):
    assert initials(name) == expected
