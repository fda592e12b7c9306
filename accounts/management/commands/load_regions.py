"""manage.py load_regions FILE.csv: load official divisions."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.divisions import DivisionsRefused, load_divisions
from accounts.models import Level


class Command(BaseCommand):
    """Load a CSV of official divisions and print what came of it."""

    help = "装入官方区划（CSV：code,name,level,parent_code）"

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE.csv."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, print counts; exits non-zero with a sentence when the file is refused."""
        try:
            loaded = load_divisions(options["file"])
        except DivisionsRefused as refused:
            raise CommandError(str(refused)) from refused
        new = "，".join(f"{label} {loaded.new[level]}" for level, label in Level.choices if loaded.new[level])
        self.stdout.write(
            f"新增 {loaded.new.total()} 个{f'（{new}）' if new else ''}，改名 {loaded.renamed} 个，"
            f"没有变化 {loaded.unchanged} 个；其中留在功能区下的镇（街） {loaded.kept_in_zone} 个。"
        )
