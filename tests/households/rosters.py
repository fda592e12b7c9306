"""Workbooks for the tests: rosters and ledgers, as offices send them."""

import io
from typing import Any

from openpyxl import Workbook

from accounts.models import Region
from households.imports import confirm_batch, open_batch, undo_batch
from households.models import ImportBatch
from households.roster import HEADERS
from households.tasks import work_on_batch
from tests.factories import Place, invented_id

Row = dict[str, Any]


def family(number: str, place: Place, *, people: int = 3, village: str = "北石桥村", **fields: Any) -> list[Row]:
    """The rows of one household: a head, a wife, a son … ``fields`` are put into each row, by header."""
    relations = ["户主", "配偶", "之子", "之女", "之父"][:people]
    return [
        {
            "序号": position + 1,
            "数据日期": "2020-03-31",
            "县(市、区、旗)": place.zone.name,
            "乡(镇)": place.town.name,
            "行政村": village,
            "自然村": "石桥",
            "户编号": number,
            "人编号": f"{number}{position + 1:02d}",
            "姓名": f"王{'大甲乙丙丁'[position]}",
            "证件号码": invented_id(male=relation not in ("配偶", "之女")),
            "人数": people,
            "与户主关系": relation,
            "民族": "汉族",
            "文化程度": "初中",
            "在校生状况": None,
            "健康状况": "健康",
            "劳动技能": "普通劳动力",
            "务工时间(月)": 6,
            "是否参加大病保险": "是",
            "致贫原因1": "因病",
            "危房户": "否",
            "是否解决安全饮用水": "是",
            "人均纯收入": 6120.5,
            "户联系电话": "13900000001",
            "人联系电话": "13900000002",
            "首次识别时间": "2014-12-31",
            "人员识别时间": "201412",
            "户类型": "脱贫户",
            "易返贫致贫户(监测对象)类型": None,
            "风险是否消除": None,
            "风险识别时间": None,
            "风险消除时间": None,
            **fields,
        }
        for position, relation in enumerate(relations)
    ]


MARKED = {
    "户类型": "一般农户",
    "易返贫致贫户(监测对象)类型": "边缘易致贫户",
    "风险是否消除": "否",
    "风险识别时间": "2020-01-15",
}


def workbook(rows: list[Row], headers: tuple[str, ...] = HEADERS, *, above: int = 0) -> bytes:
    """A roster with its header under some rows of title. Texts stay texts, numbers numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for number in range(above):
        sheet.append([f"名单 {number}"])
    sheet.append(list(headers))
    for row in rows:
        sheet.append([row.get(header) for header in headers])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def batch_of(content: bytes, region: Region, by: Any = None, kind: str = "roster") -> Any:
    """The batch of a workbook, read as the worker reads it."""
    batch = open_batch(content=content, file_name="名册.xlsx", region=region, kind=kind, by=by)
    work_on_batch(str(batch.pk))
    return ImportBatch.objects.get(pk=batch.pk)


def write(batch: Any, by: Any = None) -> Any:
    """The batch, confirmed and written as the worker writes it."""
    confirm_batch(batch=batch, by=by)
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    return batch


def take_back(batch: Any, by: Any = None) -> Any:
    """The batch, undone as the worker undoes it."""
    undo_batch(batch=batch, by=by)
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    return batch


def reasons(batch: Any) -> dict[int, str]:
    """What is wrong with each refused row, by its number."""
    return {row.row_no: " ".join(row.reasons) for row in batch.rows.filter(status="refused")}
