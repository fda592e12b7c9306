"""docs/measures.md: every measure of the catalogue in words, with the documents that it stands in."""

from collections.abc import Iterator

from assistance.catalogue import HOUSEHOLD_COLUMNS, MEASURES
from assistance.catalogue.shapes import CatalogueMeasure, Group, LedgerColumn
from households.codes import Guarantee, RiskCause

HEAD = """# 帮扶措施目录

本页由 `python manage.py print_measures` 打印，不要手改。措施和出处写在 `assistance/catalogue/measures.toml`；区（市）可以自己加措施，要写文件和条款，
由第二个人确认。金额、期限没有写的，是文件没有规定。标“参数”的，是文件没有写、这里取的值。
"""


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *_columns(), *(line for group in Group for line in _group(group))))


def _columns() -> Iterator[str]:
    yield "## 台账十栏由哪些措施打√\n"
    yield "| 台账栏 | 措施 |"
    yield "|---|---|"
    for column in LedgerColumn:
        ticking = "、".join(measure.name for measure in MEASURES.values() if measure.column == column)
        yield f"| {column.label}（{'户' if column in HOUSEHOLD_COLUMNS else '人'}） | {ticking} |"
    yield ""


def _group(group: Group) -> Iterator[str]:
    yield f"## {group.label}\n"
    for measure in MEASURES.values():
        if measure.group == group:
            yield f"### {measure.name}（`{measure.code}`）\n"
            yield from (f"- {line}" for line in _lines(measure))
            yield ""


def _lines(measure: CatalogueMeasure) -> Iterator[str]:
    yield f"{measure.given_to.label}；{measure.kind.label}算落实"
    yield f"牵头单位：{measure.lead}；责任单位：{measure.units}"
    needs = [RiskCause(one).label for one in measure.causes] + [Guarantee(one).label for one in measure.guarantees]
    yield f"针对：{'、'.join(needs)}"
    if measure.checks:
        yield f"系统核对：{'、'.join(one.label for one in measure.checks)}"
    if measure.asks:
        yield f"要问：{'；'.join(measure.asks)}"
    yield from limits(measure)
    if measure.papers:
        yield f"材料：{'、'.join(measure.papers)}"
    if measure.column:
        yield f"台账栏：{LedgerColumn(measure.column).label}"
    if measure.excludes:
        yield f"不能同时享受：{'、'.join(MEASURES[one].name for one in measure.excludes)}"
    if measure.note:
        yield f"说明：{measure.note}"
    yield f"出处：{'；'.join(map(str, measure.sources))}"


def limits(measure: CatalogueMeasure) -> Iterator[str]:
    """Its bounds of amount, term and time in words."""
    if measure.amount_most is not None:
        yield f"金额：不超过 {measure.amount_most} 元"
    if measure.amount_least is not None:
        yield f"金额：不低于 {measure.amount_least} 元"
    if measure.months_most is not None:
        yield f"期限：一般不超过 {measure.months_most} 个月"
    if measure.months_least is not None:
        yield f"期限：不少于 {measure.months_least} 个月"
    if measure.starts_on and measure.ends_on:
        yield f"时间：{measure.starts_on} 至 {measure.ends_on}"
    elif measure.starts_on:
        yield f"时间：{measure.starts_on} 起"
    elif measure.ends_on:
        yield f"时间：到 {measure.ends_on} 为止"
