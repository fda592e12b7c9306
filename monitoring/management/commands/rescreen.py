"""manage.py rescreen --region CODE --on DATE: screen a region now and print what came of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.console import day_named, region_named
from accounts.jobs import LeaseLost
from monitoring import screening
from monitoring.models import Screening, ScreeningMode
from monitoring.policy.rulesets import ruleset
from monitoring.screening_page import counts_shown, moves_shown


class Command(BaseCommand):
    """Screen a region on a date, here and now, through the same job as the page."""

    help = "对一个区域按基准日期批量研判"

    def add_arguments(self, parser: CommandParser) -> None:
        """--region CODE --on DATE [--mode full|changed|dirty]."""
        parser.add_argument("--region", required=True, help="区划代码，如 370403000000；功能区用自己的代码")
        parser.add_argument("--on", required=True, help="基准日期，如 2020-06-30")
        modes = "；".join(f"{mode.value} {mode.label}" for mode in ScreeningMode)
        parser.add_argument("--mode", choices=ScreeningMode.values, default=ScreeningMode.CHANGED.value, help=modes)

    def handle(self, *args: Any, **options: Any) -> None:
        """Screen and print counts; exits non-zero with a sentence when it refuses."""
        region, on = region_named(options["region"]), day_named(options["on"])
        try:
            queued = screening.request_screening(region=region, on=on, by=None, mode=options["mode"], ring=False)
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
        job.refresh_from_db()
        used = "、".join(sorted({ruleset(one["ruleset"]).title for one in job.policies.values()}))
        self.stdout.write(f"{job.region} {job.on:%Y-%m-%d} 研判完成（{job.get_mode_display()}），规则集：{used}")
        if job.mode != ScreeningMode.DIRTY:
            for count in counts_shown(job):
                self.stdout.write(f"  {count.label} {count.now} 户（原来 {count.before} 户）")
        for move in moves_shown(job):
            self.stdout.write(f"  {move.before} → {move.now} {move.households} 户")
        self.stdout.write(f"共 {job.done_count} 户，结论有变化 {job.changed_count} 户。")
