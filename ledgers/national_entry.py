"""The worklist of the national system as a workbook: households and people on two sheets, names and codes side by side."""

from collections.abc import Callable, Iterator
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from accounts.models import Region
from accounts.templatetags.ui import masked_id, masked_phone
from households.national_codes import UNVERIFIED, code_lists
from ledgers.workbooks import FORMULA_LIKE, Counts, readable
from monitoring import national_entry
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.models import Case
from monitoring.models.cases import CaseQuerySet
from monitoring.national_entry import CHUNK, Work
from monitoring.national_entry_form import ID_NUMBER, NOT_HELD, Item, Sheet

HOUSEHOLDS, PEOPLE, SOURCES = "户信息", "人员信息", "代码出处"
LEAD = ("要办什么", "变动的项")
OF_A_PERSON = ("户编号", "户主")
CODE = "代码"
WIDTH = 16


def waiting(region: Region) -> CaseQuerySet:
    """The cases of a region that must be keyed, in the order of villages and groups."""
    listed = national_entry.worklist(Case.objects.in_regions([region]))
    to_do = listed.filter(work__in=(Work.NEW, Work.CHANGED, Work.REMOVED)).select_related("village")
    return to_do.order_by("village__path", IN_GROUP_ORDER, "pk")


def write_worklist(
    target: IO[bytes], *, region: Region, full_ids: bool, after_chunk: Callable[[Counts], None]
) -> Counts:
    """Write the workbook and return what is in it; ``after_chunk`` is called now and then and may raise to stop."""
    book = Workbook(write_only=True)
    book.properties.creator = "fangpin"
    book.properties.title = f"{region.name}国家系统录入清单"
    households, people = book.create_sheet(HOUSEHOLDS), book.create_sheet(PEOPLE)
    counts = Counts()
    cases = waiting(region)
    works = dict(cases.values_list("pk", "work"))
    for sheet in national_entry.sheets(cases.iterator(chunk_size=CHUNK)):
        if not counts.households:
            _head(households, [*LEAD, *_titles(sheet.household)])
        lead = [Work(works.get(sheet.case.pk, Work.NEW)).label, "、".join(national_entry.differing(sheet))]
        households.append([_text(households, text) for text in [*lead, *_values(sheet.household, full_ids)]])
        _add_people(people, sheet, full_ids, counts)
        counts.households += 1
        if counts.households % CHUNK == 0:
            after_chunk(counts)
    if not counts.households:
        _head(households, [*LEAD, "没有要录的户"])
    _add_sources(book.create_sheet(SOURCES))
    book.save(target)
    after_chunk(counts)
    return counts


def _add_people(page: WriteOnlyWorksheet, sheet: Sheet, full_ids: bool, counts: Counts) -> None:
    home = sheet.case.household
    for _member, items in sheet.people:
        if not counts.rows:
            _head(page, [*OF_A_PERSON, *_titles(items)])
        values = [home.number, home.head_name, *_values(items, full_ids)]
        page.append([_text(page, text) for text in values])
        counts.rows += 1


def _titles(items: list[Item]) -> Iterator[str]:
    """Each field, and beside it its code where the national list has codes that we know."""
    for item in items:
        yield item.label
        if _has_code(item):
            yield f"{item.label}{CODE}"


def _values(items: list[Item], full_ids: bool) -> Iterator[str]:
    for item in items:
        yield _shown(item, full_ids)
        if _has_code(item):
            yield item.code


def _has_code(item: Item) -> bool:
    """By the field, not by the value, so that the columns of all rows are the same."""
    return item.key in CODED or (item.key.startswith(("risk_", "place_")) and item.key != "risk_note")


CODED = frozenset({"sex", "ethnic_group", "disability_category", "disability_level"})


def _shown(item: Item, full_ids: bool) -> str:
    if not item.secret or full_ids or not item.text:
        return item.text
    return masked_id(item.text) if item.secret == ID_NUMBER else masked_phone(item.text)


def _head(page: WriteOnlyWorksheet, titles: list[str]) -> None:
    page.freeze_panes = "C2"
    page.sheet_format.defaultColWidth = WIDTH
    row = []
    for title in titles:
        cell = _text(page, title)
        cell.font = Font(name="宋体", bold=True)
        row.append(cell)
    page.append(row)


def _text(page: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """A cell with text in it, never a formula, also after somebody edits it."""
    cell = WriteOnlyCell(page, value=readable(text))
    cell.data_type = "s"
    cell.number_format = "@"
    if str(text).startswith(FORMULA_LIKE):
        cell.quotePrefix = True
    return cell


def _add_sources(page: WriteOnlyWorksheet) -> None:
    _head(page, ["列表", "出处", "说明"])
    for one in code_lists().values():
        words = "录的时候请和系统里核对" if one.status == UNVERIFIED else "" if one.codes else "按名称选"
        page.append([_text(page, text) for text in (one.title, one.source, words)])
    page.append([_text(page, text) for text in ("本系统没有的项", "、".join(NOT_HELD), "按纸质材料录")])
