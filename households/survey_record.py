"""A submitted visit as a page prints it: each answer beside the visit before, or beside what somebody else typed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from households import codes
from households.income import per_capita
from households.models import Household, Survey
from households.models.surveys import GUARANTEE_FIELDS, INCOME_FIELDS, MONEY_LABELS, RIGID_FIELDS
from households.questions import GUARANTEE_QUESTIONS, LIST_QUESTIONS, ListQuestion

UNASKED = "没问到"
NOT_SAID = "没有填"


@dataclass(frozen=True)
class Row:
    """One answer in each of the visits; ``change`` is what is new against the visit before."""

    label: str
    values: list[str]
    change: str = ""
    total: bool = False


@dataclass(frozen=True)
class RecordGroup:
    """Answers under one heading, and the headings of their columns."""

    title: str
    columns: list[str]
    rows: list[Row]
    words: bool = False  # words rather than figures, which are set to the right


def record_groups(survey: Survey) -> list[RecordGroup]:
    """All answers of a visit, beside the visit before and, for a correction, beside what it corrected."""
    visits = [("这次", survey)]
    if survey.supersedes:
        visits.append(("更正前", survey.supersedes))
    if earlier := visit_before(survey):
        visits.append((f"{earlier.visited_on:%Y-%m-%d}", earlier))
    columns = [heading for heading, _visit in visits]
    surveys = [visit for _heading, visit in visits]
    return [
        RecordGroup("收入（元）", columns, [*_amounts(INCOME_FIELDS, surveys), *_sums(surveys)]),
        RecordGroup("刚性支出（元）", columns, [*_amounts(RIGID_FIELDS, surveys), _total(surveys)]),
        RecordGroup("三保障、饮水和原因", columns, _words(_answered(surveys), surveys), words=True),
    ]


def visit_before(survey: Survey) -> Survey | None:
    """The standing visit before this one, which is not the one it corrected."""
    earlier = survey.household.surveys.filter(superseded_by=None, visited_on__lt=survey.visited_on)
    return earlier.exclude(pk__in=[survey.pk, survey.supersedes_id or survey.pk]).newest_first().first()


def both_versions(stored: Survey | None, typed: Mapping[str, Any], household: Household) -> list[RecordGroup]:
    """What stands now beside what was typed, only where they differ; without a stored visit, the family now."""
    mine = Survey(household=household, **typed)
    if stored is None:
        living = household.members.living_together().head_first()
        names = "、".join(member.name for member in living)
        row = Row("一起过日子的人", [f"{names}（{len(living)} 人）", f"{mine.persons} 人"])
        return [RecordGroup("家里人", ["现在登记的", "您填的"], [row], words=True)]
    pair = [stored, mine]
    rows = [
        *_words([("入户日期", lambda one: f"{one.visited_on:%Y-%m-%d}"), ("共同生活人口", _persons)], pair),
        *_amounts((*INCOME_FIELDS, *RIGID_FIELDS), pair),
        *_words(_answered(pair), pair),
    ]
    differing = [replace(row, change="") for row in rows if row.values[0] != row.values[1]]
    return [RecordGroup("两边不一样的", [f"{stored.entered_by}提交的", "您填的"], differing, words=True)]


def money_words(fen: int | None) -> str:
    """An amount in fen as yuan, with the fen only where there are any; None was not asked."""
    if fen is None:
        return UNASKED
    sign, yuan, rest = "-" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    return f"{sign}{yuan:,}" + (f".{rest:02d}" if rest else "")


def _amounts(names: Iterable[str], surveys: Sequence[Survey]) -> list[Row]:
    return [_amount(MONEY_LABELS[name], [getattr(one, name) for one in surveys]) for name in names]


def _amount(label: str, amounts: list[int | None], *, total: bool = False) -> Row:
    now, before = amounts[0], amounts[-1]
    change = ""
    if len(amounts) > 1 and now is not None and before is not None and now != before:
        change = f"{'少' if now < before else '多'} {money_words(abs(now - before))}"
    return Row(label, [money_words(one) for one in amounts], change, total)


def _sums(surveys: Sequence[Survey]) -> list[Row]:
    return [
        _amount("纯收入", [one.net_income for one in surveys], total=True),
        Row("共同生活人口", [_persons(one) for one in surveys]),
        _amount("人均纯收入", [per_capita(one) for one in surveys], total=True),
        Row("上年纯收入", [_known(one.last_year_income) for one in surveys]),
    ]


def _known(fen: int | None) -> str:
    return "—" if fen is None else money_words(fen)


def _total(surveys: Sequence[Survey]) -> Row:
    return _amount("刚性支出合计", [one.rigid_total for one in surveys], total=True)


def _words(questions: Iterable[tuple[str, Callable[[Survey], str]]], surveys: Sequence[Survey]) -> list[Row]:
    rows = []
    for label, answer in questions:
        values = [answer(one) for one in surveys]
        rows.append(Row(label, values, "有变化" if _differs(values[0], values[-1]) else ""))
    return rows


def _differs(now: str, before: str) -> bool:
    """Whether two answers differ; what was not asked differs from nothing."""
    return now != before and before not in (UNASKED, NOT_SAID)


def _persons(survey: Survey) -> str:
    hukou = survey.hukou_persons
    return f"{survey.persons} 人" + (f"（户籍 {hukou} 人）" if hukou not in (None, survey.persons) else "")


def _guarantee(name: str) -> Callable[[Survey], str]:
    def answer(survey: Survey) -> str:
        words = {True: "有保障", False: "没有", None: UNASKED}[getattr(survey, name)]
        return f"{words}，{survey.housing_grade}" if name == "housing_ok" and survey.housing_grade else words

    return answer


def _causes(survey: Survey) -> str:
    labels = [codes.RiskCause(cause).label for cause in survey.risk_causes]
    if not labels:
        return "没有" if "risk_causes" in (survey.confirmed_fields or ()) else NOT_SAID
    return "、".join(labels) + (f"：{survey.other_cause}" if survey.other_cause else "")


def _change_reasons(survey: Survey) -> str:
    reasons: dict[str, list[str]] = {}
    for name, words in (survey.change_reasons or {}).items():
        reasons.setdefault(words, []).append(MONEY_LABELS.get(name, name))
    return "；".join(f"{'、'.join(names)}：{words}" for words, names in reasons.items()) or NOT_SAID


def _list_answer(question: ListQuestion) -> Callable[[Survey], str]:
    def answer(survey: Survey) -> str:
        given = getattr(survey, question.name)
        if given is None:
            return NOT_SAID
        return "、".join(label for value, label in question.choices if value in given) or question.none

    return answer


def _answered(surveys: Sequence[Survey]) -> list[tuple[str, Callable[[Survey], str]]]:
    """What all visits are asked, and what only some rule sets ask, where one of the visits has an answer to it."""
    further = [
        (name, answer) for name, answer in _FURTHER.items() if any(getattr(one, name) is not None for one in surveys)
    ]
    return [*_GUARANTEES, *_SAID, *(answer for _name, answer in further), ("说明", lambda one: one.note or NOT_SAID)]


_GUARANTEES = [(GUARANTEE_QUESTIONS[name][1].label, _guarantee(name)) for name in GUARANTEE_FIELDS]
_SAID: list[tuple[str, Callable[[Survey], str]]] = [
    ("风险原因", _causes),
    ("收入变化原因", _change_reasons),
]
_FURTHER: dict[str, tuple[str, Callable[[Survey], str]]] = {
    "stable_income": ("收入稳定", lambda one: {True: "稳定", False: "不稳定", None: NOT_SAID}[one.stable_income]),
    **{
        question.name: (str(Survey._meta.get_field(question.name).verbose_name), _list_answer(question))
        for question in LIST_QUESTIONS
    },
}
