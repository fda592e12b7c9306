"""What each document says of one household, read once more in plain Python, for the comparison in the property test.

Nothing here is taken from the product's rules: the sentences are those of the documents and of docs/decisions, in exact
fractions, one household at a time. Codes of rules, outcomes and flags are those that docs/policy.md prints.
"""

import calendar
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from households.codes import RISK_BITS, RiskCause

ORDINARY, LIFTED = "ordinary", "lifted"
NOT_JUDGED = ("NA", "INCOMPLETE")
Numbers = Mapping[str, Decimal]


def numbers(**given: int) -> Numbers:
    """The numbers of a document: yuan, percent, months, and 0 or 1 for a switch."""
    return {key: Decimal(value) for key, value in {"floor_operating_at_zero": 0, **given}.items()}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one household on one day: amounts in fen, None for what was not answered."""

    household_type: str
    persons: int
    hukou_persons: int | None
    net_income: int | None
    disposable_income: int | None
    operating_loss: int | None
    last_year_income: int | None
    rigid_total: int | None
    rigid_last_year: int | None
    medical_expense: int | None
    education_expense: int | None
    disaster_expense: int | None
    risk_bits: int
    guarantee_bits: int
    guarantees_unanswered: int
    has_labour: bool | None
    stable_income: bool | None
    yellow_bits: int
    key_group_bits: int
    negative_bits: int
    on_dibao: bool
    designated: bool


@dataclass(frozen=True)
class Reading:
    """The code, the flags in the order in which they are printed, and the rules that hold."""

    code: str
    flags: tuple[str, ...]
    met: frozenset[str]


def counts_on(visited_on: datetime.date, on: datetime.date, numbers: Numbers) -> bool:
    """Whether a visit still counts: it was made by the day, and after the same day some months before it.

    Where that month is shorter, its last day stands for the same day.
    """
    months = on.year * 12 + on.month - 1 - int(numbers["survey_validity_months"])
    year, month = months // 12, months % 12 + 1
    same_day = datetime.date(year, month, min(on.day, calendar.monthrange(year, month)[1]))
    return same_day < visited_on <= on


def fen(yuan: Decimal) -> Fraction:
    """An amount of the rule set in fen."""
    return Fraction(yuan) * 100


def part(percent: Decimal) -> Fraction:
    """A percentage as a fraction."""
    return Fraction(percent) / 100


def a_head(amount: int | None, facts: Facts) -> Fraction | None:
    """An amount for each person, not rounded; None where the amount or the persons are missing."""
    if amount is None or facts.persons == 0:
        return None
    return Fraction(amount, facts.persons)


def below(amount: Fraction | None, line: Fraction) -> bool:
    """低于: exactly the line is not below it (A1); what is not known is not below."""
    return amount is not None and amount < line


def fell_by(now: int | None, last_year: int | None, percent: Decimal) -> bool:
    """收入大幅缩减: by this part of last year's income or more (A9); without an income last year there is no fall."""
    if now is None or last_year is None or last_year <= 0:
        return False
    return Fraction(last_year - now, last_year) >= part(percent)


def counted(facts: Facts, numbers: Numbers) -> Facts:
    """The facts with a loss from farming or trade counted as nothing, where the district has switched that on (A15)."""
    if numbers["floor_operating_at_zero"] == 0 or facts.net_income is None or facts.operating_loss is None:
        return facts
    disposable = None if facts.disposable_income is None else facts.disposable_income + facts.operating_loss
    return replace(facts, net_income=facts.net_income + facts.operating_loss, disposable_income=disposable)


def income_is_missing(facts: Facts) -> bool:
    """An income item was not asked, transfer expense among them."""
    return facts.net_income is None or facts.disposable_income is None


def read(code: str, flags: Mapping[str, bool], met: Mapping[str, bool]) -> Reading:
    """The reading; a household that is not judged has no flags."""
    shown = () if code in NOT_JUDGED else tuple(flag for flag, holds in flags.items() if holds)
    return Reading(code, shown, frozenset(rule for rule, holds in met.items() if holds))


def class_of(facts: Facts) -> str:
    """脱贫户 may fall back, 一般农户 may fall into poverty."""
    return "RELAPSE" if facts.household_type == LIFTED else "EDGE"


def not_judged(facts: Facts) -> str:
    """What comes before everything else, the same in all rule sets; empty for a household that is judged."""
    if facts.persons == 0 or facts.household_type not in (LIFTED, ORDINARY):
        return "NA"
    return "INCOMPLETE" if income_is_missing(facts) else ""


def zaozhuang_2020(facts: Facts, numbers: Numbers) -> Reading:
    """枣扶贫组办字〔2020〕4号, with docs/decisions/0010."""
    net = a_head(facts.net_income, facts)
    lifted_low = facts.household_type == LIFTED and below(net, fen(numbers["income_line"]))
    ordinary_low = facts.household_type == ORDINARY and below(net, fen(numbers["edge_line"]))
    low = lifted_low or ordinary_low
    risk, guarantee = facts.risk_bits != 0, facts.guarantee_bits != 0

    if not_judged(facts):
        code = not_judged(facts)
    elif facts.designated or (low and risk):
        code = class_of(facts)
    elif low:
        code = "REVIEW_RISK"
    elif risk or guarantee:
        code = "WATCH"
    elif facts.guarantees_unanswered:
        code = "INCOMPLETE"
    else:
        code = "NONE"

    flags = {"NEGATIVE_HOLD": facts.negative_bits != 0, "GUARANTEE_TASK": guarantee}
    met = {
        "Z04": facts.designated,
        "Z05": lifted_low,
        "Z06": ordinary_low,
        "Z07": risk,
        "Z08": guarantee,
        "Z09": facts.guarantees_unanswered != 0,
        "Z10": facts.negative_bits != 0,
    }
    return read(code, flags, met)


def hubei_2020(facts: Facts, numbers: Numbers) -> Reading:
    """湖北实施意见, with docs/decisions/0019."""
    disposable = a_head(facts.disposable_income, facts)
    standard = fen(numbers["poverty_standard"])
    line = standard * part(numbers["line_percent"])
    low = below(disposable, line)
    near = disposable is not None and line <= disposable <= line * (1 + part(numbers["band_percent"]))
    risk = facts.risk_bits != 0
    listed = (RiskCause.ILLNESS, RiskCause.DISABILITY, RiskCause.DISASTER, RiskCause.EPIDEMIC)
    unlisted = risk and not any(facts.risk_bits & RISK_BITS[cause] for cause in listed)
    times = times_last_year(facts)
    over = times is not None and times > part(numbers["rigid_percent"])
    clearly_over = times is not None and times >= part(numbers["rigid_clear_percent"])
    fell = fell_by(facts.disposable_income, facts.last_year_income, numbers["drop_percent"])

    if not_judged(facts):
        code = not_judged(facts)
    elif low:
        code = class_of(facts)
    elif risk and over:
        code = class_of(facts) if clearly_over else "BORDER"
    elif (risk and fell) or facts.designated:
        code = class_of(facts)
    else:
        code = "NONE"

    recovered = facts.designated and disposable is not None and disposable >= line
    flags = {
        "NEGATIVE_HOLD": facts.negative_bits != 0,
        "GUARANTEE_TASK": facts.guarantee_bits != 0,
        "POOR_SUSPECT": below(disposable, standard),
        "BORDER_HINT": near,
        "ELIM_REVIEW": recovered,
        "CAUSE_NOT_LISTED": code != "NONE" and unlisted,
    }
    met = {
        "H04": facts.designated,
        "H05": low,
        "H06": risk,
        "H07": over,
        "H08": clearly_over,
        "H09": fell,
        "H10": facts.negative_bits != 0,
        "H11": facts.guarantee_bits != 0,
        "H12": below(disposable, standard),
        "H13": near,
        "H14": recovered,
        "H15": unlisted,
    }
    return read(code, flags, met)


def times_last_year(facts: Facts) -> Fraction | None:
    """How many times last year's income the rigid expenses are; None without both, or without an income last year."""
    if facts.rigid_total is None or facts.last_year_income is None or facts.last_year_income <= 0:
        return None
    return Fraction(facts.rigid_total, facts.last_year_income)


def luan_2019(facts: Facts, numbers: Numbers) -> Reading:
    """六政办〔2019〕15号, with docs/decisions/0020: a level for 脱贫户, a class for 一般农户."""
    net = a_head(facts.net_income, facts)
    lifted, ordinary = facts.household_type == LIFTED, facts.household_type == ORDINARY
    low = ordinary and below(net, fen(numbers["edge_line"]))
    risk, guarantee = facts.risk_bits != 0, facts.guarantee_bits != 0
    key_group = ordinary and facts.key_group_bits != 0  # 未建档立卡的……重点群体
    no_labour, no_stable_income = facts.has_labour is False, facts.stable_income is False
    grown = rigid_has_grown(facts, numbers["rigid_percent"])
    feature = facts.yellow_bits != 0
    factor = no_labour or no_stable_income or grown
    factor_is_red = factor and numbers["factor_alone_is_red"] == 1

    if not_judged(facts):
        code = not_judged(facts)
    elif lifted and (guarantee or factor_is_red):
        code = "RED"
    elif lifted and (factor or feature):
        code = "YELLOW"
    elif lifted:
        code = "INCOMPLETE" if facts.guarantees_unanswered else "BLUE"
    elif facts.designated or (low and risk):
        code = "EDGE"
    elif key_group:
        code = "KEYGROUP"
    else:
        code = "NONE"

    poor = below(net, fen(numbers["poverty_standard"]))
    flags = {"NEGATIVE_HOLD": facts.negative_bits != 0, "GUARANTEE_TASK": guarantee, "POOR_SUSPECT": poor}
    met = {
        "L04": lifted,
        "L05": guarantee,
        "L06": no_labour,
        "L07": no_stable_income,
        "L08": grown,
        "L09": feature,
        "L10": facts.guarantees_unanswered != 0,
        "L11": facts.designated,
        "L12": low,
        "L13": risk,
        "L14": key_group,
        "L15": facts.negative_bits != 0,
        "L16": poor,
        "L17": factor_is_red,
    }
    return read(code, flags, met)


def rigid_has_grown(facts: Facts, percent: Decimal) -> bool:
    """刚性支出增大: more than last year's, and at least this part of a net income above zero."""
    net, now, before = facts.net_income, facts.rigid_total, facts.rigid_last_year
    if net is None or now is None or before is None or net <= 0:
        return False
    return now > before and Fraction(now, net) >= part(percent)


def national_2021(facts: Facts, numbers: Numbers) -> Reading:
    """全国2021, the example of docs/decisions/0021; paid claims are transfer income already."""
    line = fen(numbers["income_line"])
    low = below(a_head(facts.net_income, facts), line)
    risk, guarantee = facts.risk_bits != 0, facts.guarantee_bits != 0
    spent = False
    if facts.net_income is not None and facts.rigid_total is not None and facts.rigid_total > 0:
        spent = below(a_head(facts.net_income - facts.rigid_total, facts), line)
    fell = fell_by(facts.net_income, facts.last_year_income, numbers["drop_percent"])

    if not_judged(facts):
        code = not_judged(facts)
    elif facts.designated or (low and risk):
        code = class_of(facts)
    elif risk and (spent or fell):
        code = "SUDDEN"
    elif guarantee:
        code = "CHECK"
    elif facts.guarantees_unanswered:
        code = "INCOMPLETE"
    else:
        code = "NONE"

    flags = {"NEGATIVE_HOLD": facts.negative_bits != 0, "GUARANTEE_TASK": guarantee}
    met = {
        "N04": facts.designated,
        "N05": low,
        "N06": risk,
        "N07": spent,
        "N08": fell,
        "N09": guarantee,
        "N10": facts.guarantees_unanswered != 0,
        "N11": facts.negative_bits != 0,
    }
    return read(code, flags, met)


@dataclass(frozen=True)
class Document:
    """How a rule set is read: with which numbers, by which function, and which codes and flags it can come to."""

    numbers: Numbers
    reading: Callable[[Facts, Numbers], Reading]
    own_codes: frozenset[str]
    own_flags: frozenset[str] = frozenset()

    @property
    def codes(self) -> frozenset[str]:
        """Every code, with those that each rule set has."""
        return self.own_codes | {"NA", "INCOMPLETE", "NONE"}

    @property
    def flags(self) -> frozenset[str]:
        """Every flag, with those that each rule set has."""
        return self.own_flags | {"NEGATIVE_HOLD", "GUARANTEE_TASK"}

    def read(self, facts: Facts, numbers: Numbers) -> Reading:
        """What the document says of the household."""
        return self.reading(counted(facts, numbers), numbers)


DOCUMENTS = {
    "zaozhuang_2020": Document(
        numbers(income_line=5000, edge_line=5000, survey_validity_months=12),
        zaozhuang_2020,
        frozenset({"RELAPSE", "EDGE", "REVIEW_RISK", "WATCH"}),
    ),
    "hubei_2020": Document(
        numbers(
            poverty_standard=4000,
            line_percent=150,
            band_percent=5,
            rigid_percent=100,
            rigid_clear_percent=110,
            drop_percent=30,
            survey_validity_months=12,
        ),
        hubei_2020,
        frozenset({"RELAPSE", "EDGE", "BORDER"}),
        frozenset({"POOR_SUSPECT", "BORDER_HINT", "ELIM_REVIEW", "CAUSE_NOT_LISTED"}),
    ),
    "luan_2019": Document(
        numbers(
            edge_line=5000, poverty_standard=4000, rigid_percent=50, factor_alone_is_red=0, survey_validity_months=6
        ),
        luan_2019,
        frozenset({"RED", "YELLOW", "BLUE", "EDGE", "KEYGROUP"}),
        frozenset({"POOR_SUSPECT"}),
    ),
    "national_2021": Document(
        numbers(income_line=7300, drop_percent=30, survey_validity_months=12),
        national_2021,
        frozenset({"RELAPSE", "EDGE", "SUDDEN", "CHECK"}),
    ),
}
