"""Write a ledger to a file: export_ledger --region CODE --on DATE --out FILE.xlsx."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import audit
from accounts.console import day_named, region_named
from ledgers import services
from ledgers.models import RowMode
from ledgers.workbooks import Counts


class Command(BaseCommand):
    """The ledger of a village, town, district, zone or city, from the machine's own console."""

    help = "导出即时帮扶台账。--region 填区划代码（功能区用它自己的代码）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Region, date and file; row mode and whole numbers if wanted."""
        parser.add_argument("--region", required=True, metavar="CODE", help="12位区划代码")
        parser.add_argument("--on", required=True, metavar="DATE", help="台账日期，如 2020-06-30")
        parser.add_argument("--out", required=True, metavar="FILE.xlsx", help="写到哪个文件")
        parser.add_argument("--rows", choices=RowMode.values, default=RowMode.MEMBER, help="一人一行或一户一行")
        parser.add_argument("--full-ids", action="store_true", help="含完整证件号，须写 --reason")
        parser.add_argument("--reason", default="", metavar="TEXT", help="完整证件号的用途")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and print its counts; every refusal is a sentence and a non-zero end."""
        region, on, out = region_named(options["region"]), day_named(options["on"]), _file(options["out"])
        reason, full_ids = options["reason"].strip(), options["full_ids"]
        if full_ids and not reason:
            raise CommandError("含完整证件号的台账要写明用途：--full-ids --reason 用途。")
        try:
            title = services.policy_title(region, on)
            made = services.make_ledger(
                out, region=region, on=on, row_mode=options["rows"], full_ids=full_ids, after_chunk=_go_on
            )
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from fault
        except OSError as fault:
            raise CommandError(f"写不了文件 {out}：请检查文件夹能不能写、磁盘满不满。") from fault
        counts = made.counts
        audit.record(
            action="ledger.export_by_command",
            actor=None,
            region=region,
            on=on,
            rows=counts.rows,
            households=counts.households,
            full_ids=full_ids,
            purpose=reason,
            sha256=made.sha256,
        )
        self.stdout.write(
            f"{region.paper_name()} {on.isoformat()} 台账：{counts.households} 户 {counts.rows} 行，"
            f"执行政策 {title}，写入 {out}（{made.size} 字节，SHA-256 {made.sha256}）。"
        )


def _go_on(counts: Counts) -> None:
    """Nobody can take this work away from the console."""


def _file(text: str) -> Path:
    out = Path(text)
    if out.suffix.lower() != ".xlsx" or out.is_dir():
        raise CommandError("--out 要写一个以 .xlsx 结尾的文件名。")
    if not out.parent.is_dir():
        raise CommandError(f"没有文件夹 {out.parent}，写不了文件。")
    return out
