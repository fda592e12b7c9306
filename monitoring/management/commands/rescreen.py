"""manage.py rescreen --region CODE --on DATE: screen a region now and print what came of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.console import day_named, region_named
from accounts.jobs import LeaseLost
from monitoring import screening
from monitoring.models import Outcome, Screening
from monitoring.policy.rulesets import ruleset


class Command(BaseCommand):
    """Screen a region on a date, here and now, through the same job as the page."""

    help = "对一个区域按基准日期批量研判"

    def add_arguments(self, parser: CommandParser) -> None:
        """--region CODE --on DATE."""
        parser.add_argument("--region", required=True, help="区划代码，如 370403000000；功能区用自己的代码")
        parser.add_argument("--on", required=True, help="基准日期，如 2020-06-30")

    def handle(self, *args: Any, **options: Any) -> None:
        """Screen and print counts; exits non-zero with a sentence when it refuses."""
        region, on = region_named(options["region"]), day_named(options["on"])
        try:
            queued = screening.request_screening(region=region, on=on, by=None, ring=False)
        except ValidationError as refused:
            raise CommandError(refused.messages[0]) from refused
        job = Screening.claim(queued.pk)
        if job is None:
            raise CommandError(f"{region} {on:%Y-%m-%d} 的研判正在进行，请等它结束。")
        try:
            screening.run(job)
        except LeaseLost as lost:
            raise CommandError("研判被取消，或已由后台接着办理。") from lost
        self._print(job)

    def _print(self, job: Screening) -> None:
        rules = ruleset(job.ruleset)
        self.stdout.write(f"{job.region} {job.on:%Y-%m-%d} 研判完成，规则集：{rules.title}")
        named = [(code, label) for code, label in Outcome.choices if code in rules.labels]
        for code, label in (*named, (screening.NOT_VISITED, "未入户")):
            self.stdout.write(f"  {label} {job.counts.get(code, 0)} 户")
        self.stdout.write(f"共 {job.done_count} 户，结论有变化 {job.changed_count} 户。")
