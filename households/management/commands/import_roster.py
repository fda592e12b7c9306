"""manage.py import_roster FILE.xlsx --region CODE [--dry-run]: import a roster without the pages."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.console import region_named
from accounts.jobs import JobState
from accounts.models import Region
from households.import_preview import RowOutcome, preview_roster
from households.import_work import work
from households.imports import confirm_batch, discard_batch, households_to_write, open_batch
from households.models import BatchKind, ImportBatch, RowStatus
from households.workbook_reader import WorkbookRefused


class Command(BaseCommand):
    """The same services as the pages, one after the other, without a worker."""

    help = "导入农户名册（全国系统人员名单，32列）；--dry-run 只看结果，不写入"

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE.xlsx --region CODE [--dry-run]."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True, help="导入范围的12位区划代码（功能区用它自己的代码）")
        parser.add_argument("--dry-run", action="store_true", help="只打印结果，什么都不写")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print counts; exits non-zero with a sentence when the workbook or every row of it is refused."""
        region = region_named(options["region"])
        try:
            content = options["file"].read_bytes()
        except OSError as fault:
            raise CommandError(f"读不到文件 {options['file'].name}，请检查路径。") from fault
        self.stdout.write(f"导入范围：{region.full_name()}（{region.code}）")
        try:
            (self._look if options["dry_run"] else self._import)(content, options["file"].name, region)
        except WorkbookRefused as refused:
            raise CommandError(str(refused)) from refused

    def _look(self, content: bytes, _name: str, region: Region) -> None:
        seen = preview_roster(content, region)
        refused = [one for chunk in seen.chunks for one in chunk if one.status == RowStatus.REFUSED]
        counts = seen.counts.as_json()
        self._print(counts, ((one.row_no, one.reasons) for one in _in_order(refused)))
        self._refuse_nothing_right(counts)
        self.stdout.write("试运行：没有写入任何内容。")

    def _import(self, content: bytes, name: str, region: Region) -> None:
        batch = open_batch(content=content, file_name=name, region=region, kind=BatchKind.ROSTER, by=None, ring=False)
        batch = self._work(batch)
        counts = batch.counts
        refused = batch.rows.filter(status=RowStatus.REFUSED).values_list("row_no", "reasons")
        self._print(counts, iter(refused))
        if not households_to_write(batch):
            discard_batch(batch=batch, by=None)
            self._refuse_nothing_right(counts)
            self.stdout.write("名册和系统里的一样，没有要写入的。")
            return
        confirm_batch(batch=batch, by=None, ring=False)
        batch = self._work(batch)
        written = Counter(batch.counts["written"])
        self.stdout.write(
            f"已写入：新增 {written['households.new']} 户，有变化 {written['households.changed']} 户。批次 {batch.pk}"
        )
        if late := written["households.refused"]:
            self.stdout.write(f"写入时有 {late} 户与刚改动的档案冲突，没有写入，请重新导入一次。")

    def _work(self, batch: ImportBatch) -> ImportBatch:
        """Claim the batch and do what it waits for, in this process."""
        mine = ImportBatch.claim(batch.pk)
        if mine is None:
            raise CommandError("这个批次正由后台办理，请在“数据导入”页面看结果。")
        work(mine)
        mine.refresh_from_db()
        if mine.state == JobState.FAILED:
            raise CommandError(mine.message)
        return mine

    def _print(self, counts: dict[str, Any], refused: Iterator[tuple[int, list[str]]]) -> None:
        for label, key, measure in (("农户", "households", "户"), ("人口", "people", "人")):
            said = "，".join(f"{status.label} {counts[key][status]} {measure}" for status in RowStatus)
            self.stdout.write(f"{label}：{said}")
        if counts["stock"]:
            self.stdout.write(f"已在国扶系统内标注、风险未消除：{counts['stock']} 户")
        if counts["missing"]:
            self.stdout.write(f"系统里有、名册里没有：{counts['missing']} 人（没有改动）")
        for row_no, reasons in refused:
            self.stdout.write(f"第 {row_no} 行：{' '.join(reasons)}")

    def _refuse_nothing_right(self, counts: dict[str, Any]) -> None:
        if counts["people"][RowStatus.REFUSED] == sum(counts["people"].values()):
            raise CommandError("没有一行通过，什么都没有写入。请按上面的原因改好后再导入。")


def _in_order(rows: list[RowOutcome]) -> list[RowOutcome]:
    return sorted(rows, key=lambda row: row.row_no)
