"""The scanner of what leaves the house: however a number is written it is found, and harmless words pass."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring import notices_scanner as scanner
from tests.factories import invented_id

SEPARATORS = [
    "", " ", "-", "—", ".", "。", "·", "、", "，", ",", "/", "\\", "_", "\u3000", "\u200b", "\u00ad", "\t", "\n", "|", "~", "（", "）",
    "*", "：", "…", "★", "\u2060",
]  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")
ALPHABETS = (
    "0123456789", "零一二三四五六七八九", "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖", "零幺两三四五六七八九",
    "○一二三四五六七八九", "O123456789", "Ol23456789", "oI23456789", "〇〡〢〣〤〥〦〧〨〩", "０１２３４５６７８９",
)  # fmt: skip

# A busy machine takes its time; what is drawn is small.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
birthdays = st.dates(datetime.date(1920, 1, 1), datetime.date(2025, 12, 31))
identities = st.builds(invented_id, birthdays, male=st.booleans(), serial=st.integers(1, 9000))


def short_form(number: str) -> str:
    """The fifteen places that identity cards had until 1999."""
    return number[:6] + number[8:17]


@st.composite
def written(draw, numbers):
    """A number with anything between its digits, some of them full width, X in any form, words around it."""
    number = draw(numbers)
    number = number.replace("X", draw(st.sampled_from(["X", "x", "×", "Ｘ", "ｘ"])))
    if draw(st.booleans()):
        number = number.translate(FULL_WIDTH)
    apart = draw(st.lists(st.sampled_from(SEPARATORS), min_size=len(number), max_size=len(number)))
    text = "".join(digit + between for digit, between in zip(number, apart, strict=True))
    return (
        draw(st.sampled_from(["", "证号", "户主（", "共 4 户："]))
        + text
        + draw(st.sampled_from(["", "，请核对", "）"]))
    )


@patiently
@given(written(identities))
def test_an_identity_number_is_found_however_it_is_written(text):
    assert scanner.ID_NUMBER in scanner.findings(text)


old_birthdays = st.dates(datetime.date(1920, 1, 1), datetime.date(1999, 12, 31))


@patiently
@given(written(st.builds(invented_id, old_birthdays, serial=st.integers(1, 9000)).map(short_form)))
def test_one_of_fifteen_places_too(text):
    assert scanner.ID_NUMBER in scanner.findings(text)


@patiently
@given(written(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)))
def test_a_mobile_number_is_found_however_it_is_written(text):
    assert scanner.PHONE in scanner.findings(text)


@patiently
@given(st.one_of(identities, st.just("13800001234")), st.lists(st.sampled_from(ALPHABETS), min_size=18, max_size=18),
       st.lists(st.sampled_from(SEPARATORS), min_size=18, max_size=18))  # fmt: skip
def test_a_number_of_which_each_digit_is_written_in_another_way_is_found(number, alphabets, apart):
    signs = [alphabet[int(one)] if one != "X" else "X" for one, alphabet in zip(number, alphabets, strict=False)]
    text = "".join(sign + between for sign, between in zip(signs, apart, strict=False))
    assert {scanner.ID_NUMBER, scanner.PHONE} & set(scanner.findings(text))


def luhn(body: str) -> str:
    """A card number with its check digit."""
    return next(body + str(last) for last in range(10) if scanner._is_card(body + str(last)))


@patiently
@given(written(st.from_regex(r"62[0-9]{13,16}", fullmatch=True).filter(str.isascii).map(luhn)))
def test_a_card_is_found_however_it_is_written(text):
    assert scanner.CARD in scanner.findings(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (invented_id(serial=7).translate(CIRCLED), scanner.ID_NUMBER),
        (invented_id(serial=8).replace("X", "0").translate(CHINESE)[:17] + "8", scanner.ID_NUMBER),
        ("一三八〇〇〇〇一二三四", scanner.PHONE),
        ("电话 0632-8123456", scanner.PHONE),
        ("+86 138 0000 1234", scanner.PHONE),
        ("家里有人得了尿 毒 症", scanner.ILLNESS),
        ("肺　癌", scanner.ILLNESS),
        ("hiv 阳性", scanner.ILLNESS),
        ("户主系残疾人", scanner.ILLNESS),
        ("因病返贫", scanner.CAUSE),
        ("因 学 致 贫", scanner.CAUSE),
        ("人均纯收入 4200 元", scanner.INCOME),
        ("年收入约３万元", scanner.INCOME),
        ("年收入三万元", scanner.INCOME),
        ("打工一年挣 3000", scanner.INCOME),
        ("幺三八 零零零零 一二三四", scanner.PHONE),
        ("一三八 〇〇〇〇 一二三四", scanner.PHONE),
        ("138〇〇〇〇1234", scanner.PHONE),
        ("患有腫瘤", scanner.ILLNESS),
        ("殘疾人", scanner.ILLNESS),
    ],
)
def test_each_forbidden_kind_is_named(text, kind):
    assert kind in scanner.findings(text)


def test_an_identity_number_with_words_between_its_digits_is_found():
    number = invented_id(serial=11)
    assert scanner.ID_NUMBER in scanner.findings(f"前半 {number[:9]} 后半 {number[9:]}")


def test_names_that_the_notice_masks_may_not_be_written_beside_it():
    assert scanner.findings("王大海户已核", names=["王大海"]) == [scanner.NAME]


def test_the_refusal_says_what_kind_and_never_repeats_it():
    number = invented_id(serial=12)
    with pytest.raises(ValidationError) as refused:
        scanner.refuse(f"证号{number}", where="补充说明")
    assert "身份证号" in refused.value.messages[0]
    assert number not in refused.value.messages[0]


# ---- precision: none of five hundred harmless texts is refused ----

OPENINGS = (
    "本次公示共 {n} 户", "公示期 2026 年 {m} 月 {d} 日至 {m} 月 2{x} 日", "经村民代表会议 {n} 人讨论", "依据枣扶贫组办字〔2020〕{n} 号",
    "公示编号 青石公示〔2026〕{n} 号", "2026-0{x}-1{x} 张贴，2026-0{x}-2{x} 结束", "张贴在 {n} 组公示栏", "全国咨询监督电话 12317",
    "到会 {n} 人，同意 {d} 人", "第 {n} 期，总第 20260{x} 期",
)  # fmt: skip
ENDINGS = (
    "，请村民监督", "，有意见请到村委会反映", "，名单以张贴的为准", "，由镇扶贫办和残疾人联合会共同审核", "，工作日 8:30 至 17:30 受理",
    "，大病保险政策咨询请到便民服务中心", "，公示栏在村委会大门东侧 20 米", "，欢迎监督", "，邮编 277000，门牌 12-3-401", "。特此公示",
)  # fmt: skip
HARMLESS = [
    opening.format(n=n * 7 + 3, m=n + 1, d=n + 10, x=n) + ending
    for opening in OPENINGS
    for ending in ENDINGS
    for n in range(1, 6)
]


@pytest.mark.parametrize(
    "text",
    [
        "一、二、三、四、五、六、七、八、九、十、十一组各贴一张",
        "一组、二组、三组都在公示栏，四五六组在小卖部",
        "二〇二六年十一月二十二日上午九点",
        "●●○○○ 第二天，共五天；○○○○○○○○○○○○",
        "两委会 Oo Il 一 二 三",
        "人均分一份材料",
    ],
)
def test_characters_that_only_count_are_no_numbers(text):
    assert scanner.findings(text) == []


def test_five_hundred_harmless_texts_pass():
    assert len(set(HARMLESS)) >= 450
    assert {text: found for text in HARMLESS if (found := scanner.findings(text))} == {}
