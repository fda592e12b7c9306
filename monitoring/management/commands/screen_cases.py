"""manage.py screen_cases FILE.json --ruleset CODE: what the rules say of worked cases, as one JSON object."""

import io
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from monitoring.models import Assessment
from monitoring.policy.rulesets import known_codes, ruleset
from monitoring.trials import judge
from monitoring.worked_cases import read_cases


class Command(BaseCommand):
    """Read the file, ask the one engine inside a transaction that is rolled back, print the answers."""

    help = "用规则集研判一个案例文件，输出 JSON：案例编号 → code、label、flags、reason"

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE.json --ruleset CODE."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--ruleset", required=True, help=f"规则集：{'、'.join(known_codes())}")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one JSON object; exits non-zero with a sentence when it refuses."""
        try:
            ruleset(options["ruleset"])
            cases = read_cases(_text(options["file"]))
            _prepare_tables()
            answers = judge(cases, options["ruleset"])
        except ValidationError as refused:
            raise CommandError(refused.messages[0]) from refused
        self.stdout.write(json.dumps(answers, ensure_ascii=False, indent=1))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise CommandError(f"没有文件 {path}。") from fault
    except (OSError, UnicodeDecodeError) as fault:
        raise CommandError(f"文件 {path} 读不了：要是 UTF-8 编码的 JSON。") from fault


def _prepare_tables() -> None:
    """A fresh SQLite gets its tables quietly; a server is somebody's to migrate."""
    if Assessment._meta.db_table in connection.introspection.table_names():
        return
    if connection.vendor != "sqlite":
        raise CommandError("数据库里还没有表，请先运行 python manage.py migrate。")
    call_command("migrate", verbosity=0, interactive=False, stdout=io.StringIO())
