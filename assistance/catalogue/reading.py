"""Read the file of measures strictly: what is unknown, missing or of another kind is refused with its line."""

from pathlib import Path

from assistance.catalogue.shapes import CatalogueMeasure, Condition, GivenTo, Group, Kind, LedgerColumn, Source
from households.codes import Guarantee, RiskCause
from monitoring.policy.strict import Table, read_file

FILE = Path(__file__).parent / "measures.toml"
NEEDED = ("code", "name", "group", "given_to", "lead", "units", "checks", "asks", "papers", "sources")
NUMBERS = ("amount_least", "amount_most", "months_least", "months_most")
DAYS = ("starts_on", "ends_on")
OTHERS = ("kind", "ticks", "causes", "guarantees", "excludes", "has_term", "note")


def read(path: Path = FILE) -> dict[str, CatalogueMeasure]:
    """The measures of a file by their codes; raises RuleSetRefused with file and line of what is wrong."""
    return read_file(path, _build, "帮扶措施目录")


def _build(whole: Table) -> dict[str, CatalogueMeasure]:
    whole.only(("documents", "measures"))
    titles = whole.table("documents")
    documents = {key: titles.text(key) for key in titles.raw}
    found: dict[str, CatalogueMeasure] = {}
    tables = whole.tables("measures")
    for table in tables:
        measure = _measure(table, documents)
        if measure.code in found:
            raise table.flaw(f"措施 {measure.code} 写了两次。", "code")
        found[measure.code] = measure
    for table in tables:
        _check_excludes(table, found)
    return found


def _measure(table: Table, documents: dict[str, str]) -> CatalogueMeasure:
    table.only(NEEDED, (*NUMBERS, *DAYS, *OTHERS))
    measure = CatalogueMeasure(
        code=table.text("code"),
        name=table.text("name"),
        group=Group(table.one_of("group", Group.values)),
        given_to=GivenTo(table.one_of("given_to", GivenTo.values)),
        kind=Kind(table.one_of("kind", Kind.values)) if "kind" in table.raw else Kind.RUNNING,
        column=table.one_of("ticks", LedgerColumn.values) if "ticks" in table.raw else "",
        lead=table.text("lead"),
        units=table.text("units"),
        causes=table.words("causes", RiskCause.values, []),
        guarantees=table.words("guarantees", Guarantee.values, []),
        checks=tuple(Condition(one) for one in table.words("checks", Condition.values)),
        asks=table.words("asks"),
        papers=table.words("papers"),
        sources=tuple(_source(one, documents) for one in table.tables("sources")),
        excludes=table.words("excludes", None, []),
        has_term=table.yes("has_term", default=False),
        note=table.text("note", ""),
        **{key: table.whole(key) for key in NUMBERS if key in table.raw},
        **{key: table.date(key) for key in DAYS if key in table.raw},
    )
    _check_bounds(table, measure)
    if not measure.causes and not measure.guarantees:
        raise table.flaw(f"措施 {measure.code} 没有写对应的风险或保障。", "code")
    if not measure.sources:
        raise table.flaw(f"措施 {measure.code} 没有出处。", "sources")
    return measure


def _check_bounds(table: Table, measure: CatalogueMeasure) -> None:
    pairs = (
        ("amount_most", measure.amount_least, measure.amount_most),
        ("months_most", measure.months_least, measure.months_most),
        ("ends_on", measure.starts_on, measure.ends_on),
    )
    for key, least, most in pairs:
        if least is not None and most is not None and most < least:
            raise table.flaw(f"{key} 不能比下限还小。", key)


def _source(table: Table, documents: dict[str, str]) -> Source:
    table.only(("document", "article"))
    return Source(documents[table.one_of("document", list(documents))], table.text("article"))


def _check_excludes(table: Table, found: dict[str, CatalogueMeasure]) -> None:
    for number, other in enumerate(table.words("excludes", None, [])):
        if other not in found:
            raise table.flaw(f"excludes 里的 {other} 不在目录里。", "excludes", number)
