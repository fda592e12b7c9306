"""What the home visit asks: each amount with its words on the phone, and the answers that can be tapped."""

from collections.abc import Sequence
from typing import NamedTuple

from households.codes import ASKED_FEATURES, ASKED_GROUPS, Guarantee, KeyGroup


class MoneyQuestion(NamedTuple):
    """One amount of the form. ``sign`` is how it enters net income: 1, -1, or 0 for not at all."""

    name: str
    label: str
    hint: str
    group: str
    sign: int


class Group(NamedTuple):
    """Amounts under one heading; ``sum_word`` is what the running sum is called."""

    name: str
    title: str
    sum_word: str


INCOME_GROUPS = (
    Group("wage", "打工、上班", "合计"),
    Group("operating", "种地、养殖、小买卖", "净"),
    Group("property", "土地流转、分红、利息", "合计"),
    Group("transfer", "国家补助、养老金", "合计"),
    Group("given", "交出去的钱", "合计"),
)
INCOME_QUESTIONS = (
    MoneyQuestion("wage", "全家打工收入", "工资、零工、公益岗", "wage", 1),
    MoneyQuestion("operating_gross", "卖了多少钱", "粮食、牲畜、店铺", "operating", 1),
    MoneyQuestion("operating_cost", "花了多少本钱", "种子、化肥、饲料、进货", "operating", -1),
    MoneyQuestion("property_income", "流转费、分红、利息", "", "property", 1),
    MoneyQuestion("transfer", "全家领了多少", "养老金、低保、各种补贴", "transfer", 1),
    MoneyQuestion("transfer_expense", "交的社保、给的赡养费", "不影响纯收入", "given", 0),
)
EXPENSE_QUESTIONS = (
    MoneyQuestion("rigid_medical", "看病自付", "报销以后自己掏的", "rigid", 0),
    MoneyQuestion("rigid_education", "上学", "学费、住宿、生活费", "rigid", 0),
    MoneyQuestion("rigid_housing", "修房、租房", "", "rigid", 0),
    MoneyQuestion("rigid_disability", "残疾康复、照护", "", "rigid", 0),
    MoneyQuestion("rigid_disaster", "受灾损失", "庄稼、牲畜、房屋", "rigid", 0),
    MoneyQuestion("rigid_other", "其他大额开支", "", "rigid", 0),
)
MONEY_QUESTIONS = (*INCOME_QUESTIONS, *EXPENSE_QUESTIONS)

YES, NO, NOBODY = "yes", "no", "nobody"
GUARANTEE_QUESTIONS = {
    "food_clothing_ok": ("吃穿", Guarantee.FOOD_CLOTHING, "一年四季吃得饱、穿得暖，隔三差五有肉蛋奶"),
    "education_ok": ("上学", Guarantee.EDUCATION, "该上小学、初中的都在上"),
    "medical_ok": ("看病", Guarantee.MEDICAL, "都参加了医保，常见病看得起"),
    "housing_ok": ("住房", Guarantee.HOUSING, "不是危房，刮风下雨不怕"),
    "water_ok": ("喝水", Guarantee.WATER, "水量够，水质好，取水方便"),
}
HAS, LACKS = (YES, "有保障"), (NO, "没有")

CHANGE_REASONS = [
    (word, word)
    for word in ("生病", "受伤", "没活干", "读书", "受灾", "行情不好", "家里少了人", "找到了活", "补助多了")
]


# Asked only where the rule set in force asks for it: the names by which it does.
STABLE_INCOME, LEVEL_TWO, KEY_GROUPS = "stable_income", "level_two", "key_groups"


class ListQuestion(NamedTuple):
    """A question that takes several answers, or ``none`` of them, asked where the rule set asks for ``asked_by``."""

    name: str
    asked_by: str
    label: str
    none: str
    choices: Sequence[tuple[str, str]]
    passing: Sequence[str] = ()  # what happened last time is asked anew

    def carried_over(self, answer: Sequence[str] | None) -> list[str] | None:
        """What stands in the boxes of last time's answer; None for nothing at all."""
        lasting = [value for value in answer or () if value not in self.passing]
        return lasting if lasting or answer == [] else None


LIST_QUESTIONS = (
    ListQuestion(
        "level_two_features",
        LEVEL_TWO,
        "产业、就业情况",
        "没有这些情况",
        [(feature.value, feature.label) for feature in ASKED_FEATURES],
    ),
    ListQuestion(
        "key_groups",
        KEY_GROUPS,
        "是不是这样的户",
        "都不是",
        [(group.value, group.label) for group in ASKED_GROUPS],
        passing=(KeyGroup.FAMILY_CHANGE,),
    ),
)


class Section(NamedTuple):
    """One page of the form: its anchor, its name in the list of steps, and its title."""

    id: str
    name: str
    title: str


SECTIONS = (
    Section("people", "家里人", "先看看家里人"),
    Section("income", "收入", "这一年家里的收入"),
    Section("expenses", "支出", "这一年的大头支出"),
    Section("guarantees", "三保障和饮水", "两不愁三保障和饮水"),
    Section("causes", "原因", "有没有难处"),
    Section("check", "核对提交", "核对一下，再提交"),
)
