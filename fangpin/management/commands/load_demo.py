"""manage.py load_demo: the demonstration district with its invented people."""

import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.divisions import SHIPPED, load_divisions
from accounts.models import Posting, Region, User
from fangpin.demo import (
    calendar,
    evidence,
    grading,
    leads,
    lists,
    notices,
    oversight,
    papers,
    plans,
    population,
    posts,
    register,
    removals,
    snapshots,
    staff,
    stories,
    told_help,
    visits,
)
from households.facts import rebuild_facts
from households.models import Household
from monitoring import screening
from monitoring.models import Screening


class Command(BaseCommand):
    """Load divisions, accounts, households, visits and stories; all or nothing."""

    help = "装入演示数据：真实区划，虚构的人"

    def add_arguments(self, parser: CommandParser) -> None:
        """--if-empty does nothing where anything is there already."""
        parser.add_argument("--if-empty", action="store_true", help="已有用户时不装，只打印演示账号")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print the accounts; refuses in production and where there are people already."""
        if settings.PRODUCTION:
            raise CommandError("生产环境不装演示数据。")
        if not User.objects.exists():
            self._load()
        elif not options["if_empty"]:
            raise CommandError("已经有用户了，不能再装演示数据。要重装，请换一个空的 VAR_DIR。")
        if User.objects.filter(username=staff.SEATS[0].username, name=staff.SEATS[0].name).exists():
            self._print_accounts()

    @transaction.atomic
    def _load(self) -> None:
        self.stdout.write("正在装入演示数据，大约半分钟 …")
        load_divisions(SHIPPED)
        people = staff.add_staff()
        today = timezone.localdate()
        visitors = {staff.XINGREN: people["cun1"], staff.XINGCHENG: people["zhen3"], staff.TAOZHUANG: people["cun9"]}
        everybody = population.invent(today, visitors)
        population.store(everybody)
        rebuild_facts()
        register.add_stock(everybody.families, today, people["zhen1"])
        evidence.set_limits(people, today)
        told = stories.tell(everybody.families, people, today)
        evidence.add_figures(people, today)
        papers.file_papers(people)
        oversight.add_oversight(people, told.values(), today)
        grading.add_graded_county(today)
        calendar.fill(people, today)
        notices.add_notices(everybody.families, people, told, today)
        removals.add_removals(everybody.families, people, told, today)
        self._screen(today)
        leads.add_leads(everybody.families, people, today)
        plans.add_plans(people, told.values(), today)
        lists.add_lists(people, told.values(), today)
        posts.add_posts(people, told.values(), today)
        told_help.add_help(people, told, today)
        visits.add_visits(people, told, today)
        snapshots.add_snapshots(people, today)
        self.stdout.write(f"演示农户 {Household.objects.count()} 户。")

    def _screen(self, today: datetime.date) -> None:
        for code in (staff.ZONE, staff.XUECHENG, grading.COUNTY):
            asked = screening.request_screening(region=Region.objects.by_code(code), on=today, by=None, ring=False)
            job = Screening.claim(asked.pk)
            if job is None:
                raise CommandError("演示研判没有领到任务，请重试。")
            screening.run(job)

    def _print_accounts(self) -> None:
        self.stdout.write(f"演示账号（密码都是 {staff.PASSWORD}）：")
        for seat in (*staff.SEATS, *grading.SEATS):
            region = Posting.objects.filter(user__username=seat.username).earliest("pk").region
            self.stdout.write(f"  {seat.username:<9} {seat.name}  {seat.role.label} · {region.full_name()}")
