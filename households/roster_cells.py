"""What a cell of a roster says, as a value of ours; what it should have said, when it says something else."""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from households import codes
from households.identity import NOT_YET, Identity, read_identity
from households.money import parse_yuan
from households.workbook_reader import Cell

Reader = Callable[[Cell], Any]
# What cannot be seen, and what no workbook or document can hold (U+FFFE, U+FFFF).
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\ufeff\ufffe\uffff]")
BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
NOTHING_SAID = {"", "无", "/", "-", "—", "不详"}
EARLIEST = datetime.date(1949, 10, 1)
MONTHS_OF_A_YEAR = 12
LONGEST_CHOICE_LIST = 8
YES_NO = {"是": True, "否": False, "有": True, "无": False}
REMOVED = {**YES_NO, "已消除": True, "风险已消除": True, "未消除": False, "风险未消除": False}
HOUSEHOLD_TYPES = {
    "一般农户": codes.HouseholdType.ORDINARY,
    "普通农户": codes.HouseholdType.ORDINARY,
    "一般户": codes.HouseholdType.ORDINARY,
    "非建档立卡户": codes.HouseholdType.ORDINARY,
    "脱贫户": codes.HouseholdType.LIFTED,
    "已脱贫户": codes.HouseholdType.LIFTED,
    "建档立卡脱贫户": codes.HouseholdType.LIFTED,
    "脱贫享受政策户": codes.HouseholdType.LIFTED,
    "未脱贫建档立卡户": codes.HouseholdType.REGISTERED_POOR,
    "未脱贫户": codes.HouseholdType.REGISTERED_POOR,
}
MONITOR_CLASSES = {
    "脱贫监测户": codes.MonitorClass.RELAPSE,
    "脱贫不稳定户": codes.MonitorClass.RELAPSE,
    "脱贫不稳定": codes.MonitorClass.RELAPSE,
    "脱贫监测对象": codes.MonitorClass.RELAPSE,
    "返贫监测户": codes.MonitorClass.RELAPSE,
    "边缘户": codes.MonitorClass.EDGE,
    "边缘易致贫户": codes.MonitorClass.EDGE,
    "边缘易致贫": codes.MonitorClass.EDGE,
    "突发严重困难户": codes.MonitorClass.SUDDEN,
    "突发严重困难": codes.MonitorClass.SUDDEN,
    "否": "",
    "无": "",
    "非监测对象": "",
}
RELATION_WORDS = {"本人": codes.HEAD, "本人或户主": codes.HEAD, "户主本人": codes.HEAD, "妻子": "配偶", "丈夫": "配偶",
                  "儿子": "之子", "女儿": "之女", "父亲": "之父", "母亲": "之母"}  # fmt: skip
HEALTH_WORDS = {"慢性病": "长期慢性病", "大病": "患有大病", "残疾人": "残疾"}
LABOUR_WORDS = {"弱劳动力": "弱劳动力或半劳动力", "半劳动力": "弱劳动力或半劳动力", "弱半劳动力": "弱劳动力或半劳动力"}
WITHOUT_PAPERS = {"暂无证件", "暂无", "无证件"}


def text_of(cell: Cell) -> str:
    """The cell as one line of text, without control characters; a whole number without its decimal point.

    Raises ValidationError for a formula or an error value.
    """
    if cell is None:
        return ""
    kind, value = ("s", cell) if isinstance(cell, str) else (cell[0], cell[1])
    if kind == "f":
        raise ValidationError("单元格里是公式，请复制整列，用“选择性粘贴—数值”贴回去。")
    if kind == "e":
        raise ValidationError("单元格里是错误值（如 #N/A），请填正确的内容。")
    if kind == "n":
        return _number_text(value)
    if kind == "d":
        return value[:10]
    return CONTROL.sub("", value).replace("\n", " ").replace("\t", " ").strip()


def _number_text(value: str) -> str:
    number = Decimal(value)
    if not number.is_finite():
        raise ValidationError("单元格里的数太大，请填正确的内容。")
    return f"{number:f}" if number != number.to_integral_value() else f"{number.to_integral_value():f}"


def plain(cell: Cell) -> str:
    """The text with half-width letters and digits and without any space: for codes, figures and choices."""
    return "".join(unicodedata.normalize("NFKC", text_of(cell)).split())


def read_text(longest: int) -> Reader:
    """Free text up to a length."""

    def read(cell: Cell) -> str:
        text = BETWEEN_HAN.sub("", text_of(cell))
        if len(text) > longest:
            raise ValidationError(f"超过 {longest} 个字，请改短。")
        return text

    return read


def read_code(cell: Cell) -> str:
    """户编号 or 人编号: digits and letters. A number of more than 15 digits has lost its last ones in the workbook."""
    code = plain(cell).upper()
    if isinstance(cell, list) and cell[0] == "n" and len(code) > 15:
        raise ValidationError("是数字格式，后几位已丢失。请把这一列设为文本，从原表重新粘贴。")
    if len(code) > 30 or not re.fullmatch(r"[0-9A-Z_\-]*", code):
        raise ValidationError("只能是数字和字母，最多 30 位，请对照原表重填。")
    return code


def read_person(cell: Cell) -> Identity | None:
    """The identity; None for a blank. A number that was typed as a number is refused, never repaired."""
    if isinstance(cell, list) and cell[0] in ("n", "d"):
        raise ValidationError("证件号码是数字格式，后几位可能已变成 0。请把这一列设为文本，从原表重新粘贴。")
    number = plain(cell)
    if not number:
        return None
    return NOT_YET if number in WITHOUT_PAPERS else read_identity(number)


def read_choice(labels: Mapping[str, Any]) -> Reader:
    """One of the labels; a blank is None."""

    def read(cell: Cell) -> Any:
        said = plain(cell)
        if not said:
            return None
        if said not in labels:
            raise ValidationError(f"写法不在可选范围内，请填{_some(labels)}。")
        return labels[said]

    return read


def _some(labels: Mapping[str, Any]) -> str:
    """The labels that people should use: the first of each value, as many as a sentence holds."""
    first: dict[Any, str] = {}
    for label, value in labels.items():
        first.setdefault(value, label)
    words = list(first.values())
    return "、".join(words[:LONGEST_CHOICE_LIST]) + (
        "等（见空白模板的填表说明）" if len(words) > LONGEST_CHOICE_LIST else ""
    )


def labelled(choices: Any, words: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Labels to values of a code list, with other words for the same."""
    labels = {unicodedata.normalize("NFKC", label): value for value, label in choices}
    return {**labels, **{word: labels[label] for word, label in (words or {}).items()}}


RELATIONS = {
    **labelled(codes.RELATIONS, RELATION_WORDS),
    **{label[1:]: value for value, label in codes.RELATIONS if label.startswith("之")},
}
ETHNIC_GROUPS = {
    **labelled(codes.ETHNIC_GROUPS),
    **{label.removesuffix("族"): value for value, label in codes.ETHNIC_GROUPS if label.endswith("族")},
}
HEALTH = labelled(codes.Health.choices, HEALTH_WORDS)


def read_health(cell: Cell) -> list[str] | None:
    """Several values, divided by commas; in the order of the code list. A blank is None."""
    said = [word for word in re.split(r"[,、;/]", plain(cell)) if word]
    if not said:
        return None
    if any(word not in HEALTH for word in said):
        raise ValidationError("写法不在可选范围内，请填健康、长期慢性病、患有大病、残疾，有几样的用逗号隔开。")
    values = {HEALTH[word] for word in said}
    if codes.Health.HEALTHY in values and len(values) > 1:
        raise ValidationError("“健康”不能和疾病或残疾同时填，请核对。")
    return [str(value) for value in codes.Health.values if value in values]


def read_count(most: int, unit: str) -> Reader:
    """A whole number from 0; a blank is None."""

    def read(cell: Cell) -> int | None:
        said = plain(cell).removesuffix(unit)
        if not said:
            return None
        if not re.fullmatch(r"\d{1,4}", said) or int(said) > most:
            raise ValidationError(f"请填 0 到 {most} 的整数。")
        return int(said)

    return read


def read_income(cell: Cell) -> int | None:
    """Yuan as fen; a blank is None. What a calculation left behind the second decimal is rounded."""
    text = plain(cell)
    if isinstance(cell, list) and cell[0] == "n":
        text = str(Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return parse_yuan(text)


def read_phone(cell: Cell) -> str:
    """A phone number with its separators; empty when there is none."""
    said = plain(cell)
    if said in NOTHING_SAID:
        return ""
    if not re.fullmatch(r"[\d\-+/、,()]{7,40}", said):
        raise ValidationError("不像电话号码，请填 11 位手机号或区号加号码；没有就空着。")
    return said


def read_date(cell: Cell) -> datetime.date | None:
    """2019-12-31, 2019/12/31, 2019年12月31日, 20191231, 2019-12 and 201912 (its first day); a blank is None."""
    said = re.sub(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", plain(cell))
    if said in NOTHING_SAID:
        return None
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})?", said) or re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)", said
    )
    try:
        if not found:
            raise ValueError
        day = datetime.date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError as fault:
        raise ValidationError("不是有效的日期，请写成 2019-12-31 或 201912。") from fault
    if day < EARLIEST:
        raise ValidationError("日期太早，请核对年份。")
    if day > timezone.localdate():
        raise ValidationError("日期还没有到，请核对。")
    return day
