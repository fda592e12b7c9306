"""What each document says of one household, read once more in plain Python, for the comparison in the property test.

Nothing here is taken from the product's rules: the sentences are those of the documents and of docs/decisions, in exact
fractions, one household at a time. Codes of rules, outcomes and flags are those that docs/policy.md prints.
"""

import calendar
import datetime
from collections.abc import Callable, Mapping, Sequence
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

    @property
    def lifted(self) -> bool:
        """脱贫户."""
        return self.household_type == LIFTED

    @property
    def ordinary(self) -> bool:
        """一般农户."""
        return self.household_type == ORDINARY

    @property
    def risk(self) -> bool:
        """Any cause."""
        return self.risk_bits != 0

    @property
    def guarantee(self) -> bool:
        """A new difficulty in any of the guarantees."""
        return self.guarantee_bits != 0

    @property
    def unanswered(self) -> bool:
        """A guarantee was not asked."""
        return self.guarantees_unanswered != 0

    @property
    def negative(self) -> bool:
        """Any hit on the negative list."""
        return self.negative_bits != 0


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
    loss = facts.operating_loss if numbers["floor_operating_at_zero"] else 0
    return replace(facts, net_income=facts.net_income + loss, disposable_income=facts.disposable_income + loss)


def read(code: str, facts: Facts, letter: str, rules: Sequence[bool], **own_flags: bool) -> Reading:
    """The reading; a household that is not judged has no flags. ``rules`` are those from number 4 on, as docs/policy.md
    prints them: the first three (nobody, outside, not asked) come before each document."""
    flags = {"NEGATIVE_HOLD": facts.negative, "GUARANTEE_TASK": facts.guarantee, **own_flags}
    shown = () if code in NOT_JUDGED else tuple(flag for flag, holds in flags.items() if holds)
    return Reading(code, shown, frozenset(f"{letter}{place:02d}" for place, holds in enumerate(rules, 4) if holds))


def class_of(facts: Facts) -> str:
    """脱贫户 may fall back, 一般农户 may fall into poverty."""
    return "RELAPSE" if facts.lifted else "EDGE"


def zaozhuang_2020(facts: Facts, numbers: Numbers) -> Reading:
    """枣扶贫组办字〔2020〕4号, with docs/decisions/0010."""
    net = a_head(facts.net_income, facts)
    lifted_low = facts.lifted and below(net, fen(numbers["income_line"]))
    ordinary_low = facts.ordinary and below(net, fen(numbers["edge_line"]))
    low = lifted_low or ordinary_low

    if facts.designated or (low and facts.risk):
        code = class_of(facts)
    elif low:
        code = "REVIEW_RISK"
    elif facts.risk or facts.guarantee:
        code = "WATCH"
    elif facts.unanswered:
        code = "INCOMPLETE"
    else:
        code = "NONE"

    risks = (facts.risk, facts.guarantee, facts.unanswered, facts.negative)
    return read(code, facts, "Z", (facts.designated, lifted_low, ordinary_low, *risks))


def hubei_2020(facts: Facts, numbers: Numbers) -> Reading:
    """湖北实施意见, with docs/decisions/0019."""
    disposable = a_head(facts.disposable_income, facts)
    standard = fen(numbers["poverty_standard"])
    line = standard * part(numbers["line_percent"])
    low, poor = below(disposable, line), below(disposable, standard)
    near = disposable is not None and line <= disposable <= line * (1 + part(numbers["band_percent"]))
    listed = (RiskCause.ILLNESS, RiskCause.DISABILITY, RiskCause.DISASTER, RiskCause.EPIDEMIC)
    unlisted = facts.risk and not any(facts.risk_bits & RISK_BITS[cause] for cause in listed)
    times = times_last_year(facts)
    over = times is not None and times > part(numbers["rigid_percent"])
    clearly_over = times is not None and times >= part(numbers["rigid_clear_percent"])
    fell = fell_by(facts.disposable_income, facts.last_year_income, numbers["drop_percent"])

    if low:
        code = class_of(facts)
    elif facts.risk and over:
        code = class_of(facts) if clearly_over else "BORDER"
    elif (facts.risk and fell) or facts.designated:
        code = class_of(facts)
    else:
        code = "NONE"

    recovered = facts.designated and disposable is not None and disposable >= line
    spending = (facts.risk, over, clearly_over, fell)
    marks = (facts.negative, facts.guarantee, poor, near, recovered, unlisted)
    return read(
        code,
        facts,
        "H",
        (facts.designated, low, *spending, *marks),
        POOR_SUSPECT=poor,
        BORDER_HINT=near,
        ELIM_REVIEW=recovered,
        CAUSE_NOT_LISTED=code != "NONE" and unlisted,
    )


def times_last_year(facts: Facts) -> Fraction | None:
    """How many times last year's income the rigid expenses are; None without both, or without an income last year."""
    if facts.rigid_total is None or facts.last_year_income is None or facts.last_year_income <= 0:
        return None
    return Fraction(facts.rigid_total, facts.last_year_income)


def luan_2019(facts: Facts, numbers: Numbers) -> Reading:
    """六政办〔2019〕15号, with docs/decisions/0020: a level for 脱贫户, a class for 一般农户."""
    net = a_head(facts.net_income, facts)
    low = facts.ordinary and below(net, fen(numbers["edge_line"]))
    poor = below(net, fen(numbers["poverty_standard"]))
    key_group = facts.ordinary and facts.key_group_bits != 0  # 未建档立卡的……重点群体
    no_labour, no_stable_income = facts.has_labour is False, facts.stable_income is False
    grown = rigid_has_grown(facts, numbers["rigid_percent"])
    feature = facts.yellow_bits != 0
    factor = no_labour or no_stable_income or grown
    factor_is_red = factor and numbers["factor_alone_is_red"] == 1

    if facts.lifted and (facts.guarantee or factor_is_red):
        code = "RED"
    elif facts.lifted and (factor or feature):
        code = "YELLOW"
    elif facts.lifted:
        code = "INCOMPLETE" if facts.unanswered else "BLUE"
    elif facts.designated or (low and facts.risk):
        code = "EDGE"
    elif key_group:
        code = "KEYGROUP"
    else:
        code = "NONE"

    grade = (facts.lifted, facts.guarantee, no_labour, no_stable_income, grown, feature, facts.unanswered)
    edge = (facts.designated, low, facts.risk, key_group)
    return read(code, facts, "L", (*grade, *edge, facts.negative, poor, factor_is_red), POOR_SUSPECT=poor)


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
    spent = False
    if facts.net_income is not None and facts.rigid_total is not None and facts.rigid_total > 0:
        spent = below(a_head(facts.net_income - facts.rigid_total, facts), line)
    fell = fell_by(facts.net_income, facts.last_year_income, numbers["drop_percent"])

    if facts.designated or (low and facts.risk):
        code = class_of(facts)
    elif facts.risk and (spent or fell):
        code = "SUDDEN"
    elif facts.guarantee:
        code = "CHECK"
    elif facts.unanswered:
        code = "INCOMPLETE"
    else:
        code = "NONE"

    marks = (facts.guarantee, facts.unanswered, facts.negative)
    return read(code, facts, "N", (facts.designated, low, facts.risk, spent, fell, *marks))


def xinbei_2020(facts: Facts, numbers: Numbers) -> Reading:
    """常新阳扶办〔2020〕8号, with docs/decisions/0023: whatever number it has comes from the district, or is missing."""
    net = a_head(facts.net_income, facts)
    no_line = "income_line" not in numbers
    low = not no_line and below(net, fen(numbers["income_line"]))
    poor = "poverty_standard" in numbers and below(net, fen(numbers["poverty_standard"]))
    spent = {"disaster": facts.disaster_expense, "medical": facts.medical_expense, "education": facts.education_expense}
    amounts = {kind: numbers.get(f"large_{kind}") for kind in spent}
    large = [is_large(spent[kind], amounts[kind]) for kind in spent]
    not_compared = any((spent[kind] or 0) > 0 and amounts[kind] is None for kind in spent)

    if facts.designated or (low and facts.risk):
        code = class_of(facts)
    elif low:
        code = "REVIEW_RISK"
    elif any(large) or facts.guarantee or (facts.risk and not no_line):
        code = "WATCH"
    elif facts.unanswered:
        code = "INCOMPLETE"
    elif no_line or not_compared:
        code = "NO_LINE"
    else:
        code = "NONE"

    marks = (facts.guarantee, facts.unanswered, facts.negative, not_compared, poor)
    return read(code, facts, "X", (facts.designated, low, no_line, facts.risk, *large, *marks), POOR_SUSPECT=poor)


def is_large(spent: int | None, amount: Decimal | None) -> bool:
    """大额支出: the district's amount itself counts; what was not answered does not."""
    return spent is not None and amount is not None and spent >= fen(amount)


@dataclass(frozen=True)
class Document:
    """How a rule set is read: with which numbers, by which function, and which codes and flags it can come to."""

    numbers: Numbers
    reading: Callable[[Facts, Numbers], Reading]
    own_codes: frozenset[str]
    own_flags: frozenset[str] = frozenset()
    not_given: tuple[str, ...] = ()  # numbers that the document leaves to the district

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
        if facts.persons == 0 or not (facts.lifted or facts.ordinary):
            return Reading("NA", (), frozenset())
        if facts.net_income is None or facts.disposable_income is None:  # an item was not asked, or transfer expense
            return Reading("INCOMPLETE", (), frozenset())
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
    "xinbei_2020": Document(
        numbers(survey_validity_months=12),
        xinbei_2020,
        frozenset({"RELAPSE", "EDGE", "REVIEW_RISK", "WATCH", "NO_LINE"}),
        frozenset({"POOR_SUSPECT"}),
        ("income_line", "poverty_standard", "large_disaster", "large_medical", "large_education"),
    ),
}
