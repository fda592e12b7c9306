"""一户一策 as a document that an office edits in its word processor before it is signed; what counts stays in the system."""

import io
from collections.abc import Sequence

from django.utils import timezone
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell

from accounts.duty import duty_of
from accounts.models import User
from assistance.models import Helper, Plan, TeamMember
from assistance.paper_words import amount_words
from assistance.plans import needs_words
from households.roster_cells import CONTROL

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE, TEXT = "方正小标宋简体", "仿宋_GB2312"
WIDTHS = (4.0, 2.2, 3.0, 5.0, 4.6, 3.4, 3.2)  # cm, of A4 across
HEAD = ("措施", "享受人", "针对", "目标", "责任单位、责任人", "期限", "资金")
SIGNERS = ("农户（按印）", "帮扶联系人", "村（盖章）", "镇（街）（盖章）")
ROOM_TO_SIGN = "　" * 14 + "年　　月　　日"


def document_of(plan: Plan, by: User) -> bytes:
    """The version of a plan, with lines to sign on."""
    document = Document()
    _page(document)
    household = plan.household
    _line(document, "一户一策帮扶计划", size=22, font=TITLE, centred=True)
    _facts(document, plan)
    _line(document, "措施", size=14, font=TITLE)
    _measures(document, plan)
    for name, words in _reasons(plan):
        _line(document, f"{name}有劳动力，没有措施的原因：{words}")
    _signatures(document)
    _line(document, f"{duty_of(household.village).region.name}　{duty_of(household.village).words}", size=10)
    printed = f"{by.name} {timezone.localtime():%Y-%m-%d %H:%M} 从系统下载。改动请同时录入系统，以系统为准。"
    _line(document, printed, size=10)
    properties = document.core_properties
    properties.title, properties.author = "一户一策帮扶计划", CONTROL.sub("", by.name)
    properties.comments = properties.keywords = ""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def file_name(plan: Plan) -> str:
    """一户一策-3799…-第2版.docx: by the number of the household, not by a name."""
    return f"一户一策-{plan.household.number}-第{plan.number}版.docx"


def _page(document: DocumentObject) -> None:
    """A4 across, and one font for Chinese and digits: a word processor takes the East Asian one from its own attribute."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = TEXT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), TEXT)


def _line(document: DocumentObject, words: str, *, size: int = 12, font: str = TEXT, centred: bool = False) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(CONTROL.sub("", words))
    run.font.size, run.font.name = Pt(size), font
    run.element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _facts(document: DocumentObject, plan: Plan) -> None:
    household, today = plan.household, timezone.localdate()
    helper = Helper.objects.in_force(today).filter(household=household).first()
    team = TeamMember.objects.in_force(today).filter(household=household)
    group = f" {household.group_no} 组" if household.group_no else ""
    confirmed = f"{plan.confirmed_by.name} {timezone.localdate(plan.confirmed_at)}" if plan.confirmed_by else ""
    rows = [
        ("户主", household.head_name, "户编号", household.number),
        ("住址", f"{household.village.full_name()}{group} {household.address}".strip(), "版本", str(plan)),
        ("状态", plan.get_stage_display(), "确认", confirmed),
        ("帮扶联系人", str(helper or ""), "一户一专班", "、".join(f"{one.name}（{one.get_part_display()}）" for one in team)),
        ("总目标", plan.goal, "为什么改", plan.reason),
    ]  # fmt: skip
    table = _table(document, rows, (3.0, 10.2, 3.0, 9.2))
    for row in table.rows:
        for place in (0, 2):
            _bold(row.cells[place])


def _measures(document: DocumentObject, plan: Plan) -> None:
    rows: list[Sequence[str]] = [HEAD]
    for item in plan.items.select_related("member"):
        until = f" 至 {item.runs_until}" if item.runs_until else ""
        fund = "，".join(
            part
            for part in (amount_words(item.amount, item.every), item.get_fund_display() if item.fund else "")
            if part
        )
        whose = item.member.name if item.member else "全户"
        unit = f"{item.unit} {item.person}".strip()
        rows.append((item.name, whose, needs_words(item), item.goal, unit, f"{item.due_on}{until}", fund))
    table = _table(document, rows, WIDTHS)
    for cell in table.rows[0].cells:
        _bold(cell)
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(header.makeelement(qn("w:tblHeader"), {}))  # repeated on every page


def _signatures(document: DocumentObject) -> None:
    table = _table(document, [(who, f"签字：{ROOM_TO_SIGN}") for who in SIGNERS], (5.0, 20.4))
    for row in table.rows:
        row.height = Cm(1.3)
        _bold(row.cells[0])


def _table(document: DocumentObject, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    table = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    for words in rows:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, words, widths, strict=True):
            cell.width, cell.text = Cm(width), CONTROL.sub("", text)
    document.add_paragraph()
    return table


def _bold(cell: _Cell) -> None:
    for run in cell.paragraphs[0].runs:
        run.bold = True


def _reasons(plan: Plan) -> list[tuple[str, str]]:
    """Why somebody who can work has no measure, by name."""
    names = {str(member.pk): member.name for member in plan.household.members.all()}
    return [(names[key], words) for key, words in plan.unhelped.items() if key in names]
