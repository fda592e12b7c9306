"""The request list for the departments, all members of the households to be compared, and its answers read back."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from accounts import audit
from accounts.models import User
from households.import_files import BOLD, book_bytes, text_cell
from households.models import Member
from households.workbook_reader import Cell, open_sheet
from monitoring.comparisons import Answer, items_of
from monitoring.gates import NOT_AUTHORISED, is_authorised
from monitoring.models import Case, NegativeItem
from monitoring.models.comparison import DEPARTMENTS

TITLE = "比对名单"
HEADERS = ("户编号", "户主", "姓名", "证件号码", "与户主关系", "村")
NUMBER, NAME = 0, 2
WIDTHS = (18, 12, 12, 24, 12, 18)
ITEM_WIDTH = 26
MOST_ROWS = 10_000  # people of the households that are compared at once
MOST_TOLD = 100  # sentences on one page
LONGEST_NUMBER = 30
NOTHING_FOUND = ("无", "没有", "否", "0")
HINT = "没有的填“无”；有的写明是什么，如“鲁D牌小汽车一辆，2021年登记”。一户里每个人都要填。"


@dataclass
class Read:
    """What a filled-in list says: answers for each household, and the rows that cannot be taken, in sentences."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)  # by household number
    refused: list[str] = field(default_factory=list)


def request_list(cases: Sequence[Case], by: User, purpose: str) -> bytes:
    """The workbook for the departments: every member living together, with the identity number, and a column for each item.

    Identity numbers leave the building with it: only of families that allow it today, and of each village who asked, for
    what, and of how many people is recorded. Raises ValidationError where no family allows it.
    """
    cases = [case for case in cases if is_authorised(case)]
    if not cases:
        raise ValidationError(NOT_AUTHORISED)
    items = _items(cases)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(TITLE)
    sheet.freeze_panes = "E3"
    for place, width in enumerate((*WIDTHS, *(ITEM_WIDTH for _item in items)), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([text_cell(sheet, HINT)])
    sheet.append([text_cell(sheet, words, BOLD) for words in (*HEADERS, *(_column(item) for item in items))])
    members = _members(cases)
    for case in cases:
        for member in members[case.household_id]:
            said = (
                case.household.number, case.household.head_name, member.name, member.id_number,
                member.get_relation_display(), case.village.name,
            )  # fmt: skip
            sheet.append([text_cell(sheet, words) for words in said])
    _record_export(cases, members, by, purpose)
    return book_bytes(book)


def _record_export(
    cases: Sequence[Case], members: Mapping[uuid.UUID, Sequence[Member]], by: User, purpose: str
) -> None:
    by_village: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        by_village[case.village_id].append(case)
    for here in by_village.values():
        audit.record(
            action="comparison.export", actor=by, target=here[0], region=here[0].village, households=len(here),
            people=sum(len(members[case.household_id]) for case in here), purpose=purpose,
        )  # fmt: skip


def _members(cases: Iterable[Case]) -> dict[uuid.UUID, list[Member]]:
    """Who lives together in the households of these cases, by the household; one query."""
    found: dict[uuid.UUID, list[Member]] = defaultdict(list)
    households = [case.household_id for case in cases]
    for member in Member.objects.living_together().filter(household__in=households).order_by("position", "pk"):
        found[member.household_id].append(member)
    return found


def read_answers(content: bytes, cases: Iterable[Case]) -> Read:
    """Read a filled-in list; a household counts when all its members living together have an answer on every item.

    Raises WorkbookRefused for a file that cannot be taken as a whole.
    """
    known = {case.household.number: case for case in cases}
    found: dict[str, list[tuple[str, dict[str, str]]]] = defaultdict(list)
    read = Read()
    columns: dict[int, NegativeItem] = {}
    with open_sheet(content, header_depth=3, markers=(HEADERS[3],), max_rows=MOST_ROWS) as sheet:
        for row_no, cells in sheet.rows:
            words = [_words(cell) for cell in cells]
            if not columns:
                columns = _columns(words)
                continue
            if not any(words):
                continue
            number = words[NUMBER] if words else ""
            if number not in known:
                read.refused.append(f"第 {row_no} 行：户编号“{number[:LONGEST_NUMBER]}”不在这次要比对的户里。")
                continue
            said = {item: words[place] if place < len(words) else "" for place, item in columns.items()}
            found[number].append((words[NAME], said))
    if not columns:
        read.refused.append("没有找到表头。请用下载的比对名单填写，不要改表头。")
    members = _members(known[number] for number in found)
    for number, people in found.items():
        case = known[number]
        _take(read, case, sorted(member.name for member in members[case.household_id]), people)
    if (more := len(read.refused) - MOST_TOLD) > 0:
        read.refused[MOST_TOLD:] = [f"另外还有 {more} 处对不上，请先改上面这些。"]
    return read


def _take(read: Read, case: Case, expected: list[str], people: list[tuple[str, dict[str, str]]]) -> None:
    head = case.household.head_name or case.household.number
    if sorted(name for name, _said in people) != expected:
        read.refused.append(f"{head}：表里的人和这一户共同生活的人对不上，应当是 {'、'.join(expected)}。")
        return
    asked = items_of(case)
    missing = [item.label for item in asked if any(not said.get(item, "") for _name, said in people)]
    if missing:
        read.refused.append(f"{head}：还有没填的格子（{'；'.join(missing)}）。没有的填“无”。")
        return
    read.answers[case.household.number] = [_answer(item, people) for item in asked]


def _answer(item: NegativeItem, people: list[tuple[str, dict[str, str]]]) -> Answer:
    hits = [f"{name}：{said[item]}" for name, said in people if said[item] not in NOTHING_FOUND]
    return Answer(item, bool(hits), "；".join(hits))


def _items(cases: Sequence[Case]) -> list[NegativeItem]:
    asked = {item for case in cases for item in items_of(case)}
    return [item for item in NegativeItem if item in asked]


def _column(item: NegativeItem) -> str:
    return f"{item.label}（{DEPARTMENTS[item]}）"


def _columns(words: list[str]) -> dict[int, NegativeItem]:
    by_title = {_column(item): item for item in NegativeItem}
    return {place: by_title[title] for place, title in enumerate(words) if title in by_title}


def _words(cell: Cell) -> str:
    return (cell if isinstance(cell, str) else cell[1] if cell else "").strip()
