"""How far an amount is from a line, and who drew the line."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import FEN, Policy

CENT = Decimal("0.01")
TENTH = Decimal("0.1")
# What stands at the head of a source when the document gives no number.
NOT_IN_THE_DOCUMENT = "文件"
# The line that says who is poor, which is for town and district alone.
POVERTY_STANDARD = "poverty_standard"


def apart(mine: Fraction, line: Fraction, *, name: str = "线", wanted: bool = False) -> str:
    """How far an amount in fen is from a line, in yuan and percent: 比线高 230 元（4.6%）.

    ``wanted``: the rule looks for amounts from the line upwards, so that what is below still lacks something.
    """
    if mine == line:
        return f"正好在{name}上"
    gap = abs(mine - line)
    yuan = _apart_in_yuan(gap, ROUND_DOWN if mine > line else ROUND_UP)
    share = f"（{percent(gap / line)}）" if line > 0 else ""
    if mine < line and wanted:
        return f"还差 {yuan} 元{share}到{name}"
    return f"比{name}{'高' if mine > line else '低'} {yuan} 元{share}"


def _apart_in_yuan(gap: Fraction, rounding: str) -> str:
    """The gap as it adds up with the amount, which is printed rounded down: 8,606.66 above, 0.01 below."""
    found = (_decimal(gap) / FEN).quantize(CENT, rounding)
    return f"{found:,}".removesuffix(".00") if found else f"不到 {CENT}"


def percent(share: Fraction) -> str:
    """A share in percent with one decimal at most: 4.6%, 127%."""
    if not share:
        return "0%"
    found = (_decimal(share) * 100).quantize(TENTH, ROUND_HALF_UP)
    return f"{found.normalize():f}%" if found else "不到 0.1%"


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / number.denominator


def origin(value: DatedValue) -> str:
    """Since when a value holds, who set it, and by which article; a quotation from the article is left to the clause."""
    by_itself = value.source.startswith(NOT_IN_THE_DOCUMENT)
    article = value.source if by_itself else value.source.split("：")[0]
    setter = f"{value.set_by}定，" if value.set_by else ""
    return f"{value.starts_on:%Y-%m-%d} 起，{setter}{article}"


def open_line(policy: Policy, household_type: str) -> Fraction | None:
    """The line per head in fen that the village may see for this type of household.

    None where none is set, and where it is the poverty standard itself: who lies below that is asked in the offices.
    """
    if policy.ruleset.line_of(household_type) == POVERTY_STANDARD and "percent" not in policy.ruleset.lines:
        return None
    return policy.line(household_type)
