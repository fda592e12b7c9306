"""manage.py create_administrator USERNAME --name NAME --region CODE: the first administrator of an installation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.console import region_named
from accounts.first_administrator import add_first_administrator


class Command(BaseCommand):
    """Add the first administrator and print the one-time password."""

    help = "建立第一位系统管理员，显示一次性密码"

    def add_arguments(self, parser: CommandParser) -> None:
        """USERNAME, --name, --region."""
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--region", required=True, help="负责区域的代码，例如 370400000000")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add, print; exits non-zero with a sentence when it is refused."""
        region = region_named(options["region"])
        try:
            person, password = add_first_administrator(
                username=options["username"], name=options["name"], region=region
            )
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from refused
        self.stdout.write(f"已建立系统管理员 {person.username}（{region}）。")
        self.stdout.write(f"一次性密码：{password}    只显示这一次，首次登录时须修改。")
