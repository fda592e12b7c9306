"""Read a JSON file of worked cases and ask the rules about them; what is not understood is refused with a sentence."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from households import codes

INCOME = {
    "wage": "wage",
    "operating_gross": "operating_gross",
    "operating_cost": "operating_cost",
    "property": "property_income",
    "transfer": "transfer",
    "transfer_expense": "transfer_expense",
}
RIGID = {
    "医疗": "rigid_medical",
    "教育": "rigid_education",
    "住房": "rigid_housing",
    "残疾康复": "rigid_disability",
    "灾害": "rigid_disaster",
    "其他": "rigid_other",
}
OTHER_NAMES_OF_RISKS = {
    "因产业项目失败": codes.RiskCause.FAILED_VENTURE,
    "因自然灾害": codes.RiskCause.DISASTER,
    "因意外事故": codes.RiskCause.ACCIDENT,
    "其他": codes.RiskCause.OTHER,
}
RISKS = {str(cause.label): cause for cause in codes.RiskCause} | OTHER_NAMES_OF_RISKS
CLASSES = {
    "脱贫监测户": codes.MonitorClass.RELAPSE,
    "脱贫不稳定户": codes.MonitorClass.RELAPSE,
    "边缘户": codes.MonitorClass.EDGE,
    "边缘易致贫户": codes.MonitorClass.EDGE,
    "突发严重困难户": codes.MonitorClass.SUDDEN,
}
GUARANTEE_WORDS = {
    codes.Guarantee.FOOD_CLOTHING: "吃|穿|粮|衣",
    codes.Guarantee.EDUCATION: "教育|上学|辍学|失学|学生",
    codes.Guarantee.MEDICAL: "医|保险|参保|看病",
    codes.Guarantee.HOUSING: "房",
    codes.Guarantee.WATER: "水",
}
UNNAMED_GUARANTEE = 1 << len(codes.Guarantee)
UNNAMED_FEATURE = 1 << len(codes.LevelTwoFeature)
KEY_GROUPS = {str(group.label): bit for group, bit in codes.KEY_GROUP_BITS.items()}
FEATURES = {str(feature.label): bit for feature, bit in codes.LEVEL_TWO_BITS.items()}
REQUIRED = {
    "id", "household_type", "persons", "income", "rigid", "risks", "already_tagged", "guarantee_new_problem",
    "negative_hits",
}  # fmt: skip
OPTIONAL = {
    "head", "hukou_persons", "description", "last_year_income", "rigid_last_year", "has_labour", "stable_income",
    "yellow_features", "key_groups", "dibao", "expected", "ambiguity", "note",
}  # fmt: skip
MOST_PERSONS = 999
MOST_BITS = 30


class CasesRefused(ValidationError):
    """The file cannot be read as worked cases; the sentence says where and why."""


@dataclass(frozen=True)
class WorkedCase:
    """One household of the file: money in fen, choices as the register keeps them."""

    id: str
    head: str
    household_type: str
    persons: int
    hukou_persons: int | None
    income: Mapping[str, int | None]
    rigid: Mapping[str, int | None]
    last_year_income: int | None
    rigid_last_year: int | None
    risks: tuple[codes.RiskCause, ...]
    tagged: codes.MonitorClass | None
    has_labour: bool | None
    stable_income: bool | None
    guarantee_bits: int
    yellow_bits: int
    key_group_bits: int
    negative_bits: int
    on_dibao: bool
    in_words: Mapping[str, str]  # figures that the case words itself


@dataclass(frozen=True)
class CaseFile:
    """The cases, and the numbers that the file wants to be used instead of those shipped."""

    params: Mapping[str, Decimal]
    cases: tuple[WorkedCase, ...]


def read_cases(text: str) -> CaseFile:
    """Read the text of a file; raises CasesRefused naming the case and the field."""
    try:
        raw = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError as fault:
        raise CasesRefused(f"文件不是完好的 JSON：{fault}") from fault
    if not isinstance(raw, dict) or not isinstance(raw.get("cases"), list):
        raise CasesRefused("文件要是一个对象，其中 cases 是案例的列表。")
    if unknown := set(raw) - {"params", "cases"}:
        raise CasesRefused(f"文件里有不认识的项：{'、'.join(sorted(unknown))}。")
    params = raw.get("params", {})
    if not isinstance(params, dict):
        raise CasesRefused("params 要是一个对象。")
    cases = tuple(_case(entry, place) for place, entry in enumerate(raw["cases"], start=1))
    ids = [case.id for case in cases]
    if doubled := {one for one in ids if ids.count(one) > 1}:
        raise CasesRefused(f"案例编号重复：{'、'.join(sorted(doubled))}。")
    return CaseFile({key: _decimal(value, f"params 的 {key}") for key, value in params.items()}, cases)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} 不是数。")


def _case(raw: Any, place: int) -> WorkedCase:
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise CasesRefused(f"第 {place} 个案例没有编号 id。")
    where = f"案例 {raw['id']} 的 "
    if missing := REQUIRED - set(raw):
        raise CasesRefused(f"案例 {raw['id']} 缺少 {'、'.join(sorted(missing))}。")
    if unknown := set(raw) - REQUIRED - OPTIONAL:
        raise CasesRefused(f"案例 {raw['id']} 有不认识的项：{'、'.join(sorted(unknown))}。")
    return WorkedCase(
        id=raw["id"],
        head=_text(raw.get("head"), where + "head"),
        household_type=_household_type(raw["household_type"], where),
        persons=_persons(raw["persons"], where + "persons"),
        hukou_persons=_persons(raw["hukou_persons"], where + "hukou_persons") if raw.get("hukou_persons") else None,
        income=_amounts(raw["income"], INCOME, where + "income", None),
        rigid=_amounts(raw["rigid"], RIGID, where + "rigid", 0),
        last_year_income=_fen(raw.get("last_year_income"), where + "last_year_income"),
        rigid_last_year=_fen(raw.get("rigid_last_year"), where + "rigid_last_year"),
        risks=tuple(_chosen(name, RISKS, where + "risks") for name in _names(raw["risks"], where + "risks")),
        tagged=_tagged(raw["already_tagged"], where),
        has_labour=_yes_or_no(raw.get("has_labour"), where + "has_labour"),
        stable_income=_yes_or_no(raw.get("stable_income"), where + "stable_income"),
        guarantee_bits=_guarantees(_names(raw["guarantee_new_problem"], where + "guarantee_new_problem")),
        yellow_bits=_features(_names(raw.get("yellow_features", []), where + "yellow_features")),
        key_group_bits=sum(
            _chosen(name, KEY_GROUPS, where + "key_groups")
            for name in set(_names(raw.get("key_groups", []), where + "key_groups"))
        ),
        negative_bits=_one_bit_each(_names(raw["negative_hits"], where + "negative_hits")),
        in_words=_words(raw),
        on_dibao="低保" in _text(raw.get("dibao"), where + "dibao"),
    )


def _household_type(value: Any, where: str) -> str:
    types = {str(kind.label): kind.value for kind in codes.HouseholdType}
    return _chosen(value, types, where + "household_type")


def _chosen(value: Any, choices: Mapping[str, Any], where: str) -> Any:
    if not isinstance(value, str) or value not in choices:
        raise CasesRefused(f"{where} 不认识“{value}”，可用的有：{'、'.join(choices)}。")
    return choices[value]


def _text(value: Any, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CasesRefused(f"{where} 要是文字。")
    return value


def _names(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise CasesRefused(f"{where} 要是文字的列表。")
    return value


def _persons(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_PERSONS:
        raise CasesRefused(f"{where} 要是 0 到 {MOST_PERSONS} 的整数。")
    return value


def _yes_or_no(value: Any, where: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise CasesRefused(f"{where} 要是 true、false 或 null。")
    return value


def _tagged(value: Any, where: str) -> codes.MonitorClass | None:
    return _chosen(value, CLASSES, where + "already_tagged") if value else None


def _amounts(value: Any, fields: Mapping[str, str], where: str, unnamed: int | None) -> dict[str, int | None]:
    """Amounts in fen by the register's names; ``unnamed`` stands for what the file does not name."""
    if not isinstance(value, dict):
        raise CasesRefused(f"{where} 要是一个对象。")
    if unknown := set(value) - set(fields):
        raise CasesRefused(f"{where} 有不认识的项：{'、'.join(sorted(unknown))}。")
    return {field: _fen(value[name], f"{where}.{name}") if name in value else unnamed for name, field in fields.items()}


def _decimal(value: Any, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise CasesRefused(f"{where} 要是数。")
    try:
        number = Decimal(value)
    except InvalidOperation as fault:
        raise CasesRefused(f"{where}“{value}”不是数。") from fault
    if not number.is_finite():
        raise CasesRefused(f"{where}“{value}”不是数。")
    return number


def _fen(value: Any, where: str) -> int | None:
    if value is None:
        return None
    fen = _decimal(value, where) * 100
    if fen != fen.to_integral_value() or abs(fen) >= 2**53:
        raise CasesRefused(f"{where}“{value}”要是最多两位小数的金额。")
    return int(fen)


def _guarantees(difficulties: list[str]) -> int:
    """A bit for each guarantee that a difficulty speaks of; one in other words counts too."""
    bits = 0
    for words in difficulties:
        named = [guarantee for guarantee, pattern in GUARANTEE_WORDS.items() if re.search(pattern, words)]
        bits |= sum(codes.GUARANTEE_BITS[guarantee] for guarantee in named) or UNNAMED_GUARANTEE
    return bits


def _features(features: list[str]) -> int:
    """The level-2 features; one in other words counts too."""
    return sum({FEATURES.get(feature, UNNAMED_FEATURE) for feature in features})


def _words(raw: dict[str, Any]) -> dict[str, str]:
    named = {"difficulties": raw["guarantee_new_problem"], "features": raw.get("yellow_features", [])}
    return {figure: "、".join(words) for figure, words in named.items() if words}


def _one_bit_each(names: list[str]) -> int:
    """One bit for each different name, by its place: what counts is whether there is any."""
    return (1 << min(len(set(names)), MOST_BITS)) - 1
