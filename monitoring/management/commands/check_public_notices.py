"""manage.py check_public_notices: the public pages of every notice before, during and after its days, read for secrets."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.notices_crawl import crawl


class Command(BaseCommand):
    """Open every public page as a stranger would; changes nothing."""

    help = "逐张打开网上公示（公示前、公示中、期满后），查有没有不该公开的内容"

    def add_arguments(self, parser: CommandParser) -> None:
        """--host is the name under which the pages are served."""
        parser.add_argument("--host", default="localhost", help="网址里的主机名，默认 localhost")

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each fault; ends with an error when there is one."""
        logging.getLogger("django.request").setLevel(
            logging.ERROR
        )  # pages that are not there yet, or over, are expected
        notices, wrong = 0, 0
        for _notice, faults in crawl(options["host"]):
            notices += 1
            for fault in faults:
                wrong += 1
                self.stdout.write(f"{fault.notice or '没有编号'} {fault.when} {fault.page}：{fault.words}")
        if wrong:
            raise CommandError(f"{notices} 张公示，{wrong} 处不对。")
        self.stdout.write(f"{notices} 张公示，公示前、公示中、期满后都看过，没有不该公开的内容。")
