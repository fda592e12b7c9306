"""The demonstration's due visits and tasks: some late, one due today; unsolved things that are open, late, and solved."""

import datetime
import uuid

from django.core.files.base import ContentFile
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Region, User
from assistance import task_work, tasks_found
from assistance.models import GuaranteeTask, TaskKind, Visit, VisitMood, VisitWay
from fangpin.demo import papers
from fangpin.demo.staff import ZONE
from fangpin.demo.stories import Told
from fangpin.demo.told_help import HOUSE_BEGUN, HOUSE_DONE
from households.incoming_files import examine
from households.models import Household, Survey
from monitoring.models import Case, Stage
from monitoring.policy.values import months_before

LATE_BY = (12, 6, 2, 0)  # days; the town hears of the first
THIS_YEAR = 200  # days, within which everybody was visited
LATE_TASKS, IN_TIME = 3, 2
ONE_DAY = datetime.timedelta(days=1)


def add_visits(people: dict[str, User], told: Told, today: datetime.date) -> None:
    """In the stories' village, where cun1 and dui1 work."""
    village = people["cun1"].postings.get().region
    # What the stories have just told was written down long ago: nothing of it is taken back any more.
    Visit.objects.update(entered_at=timezone.now() - ONE_DAY)
    _due(village, people["dui1"], told, today)
    _tasks(people, today)
    _told_tasks(people, told, today)


def _due(village: Region, visitor: User, told: Told, today: datetime.date) -> None:
    """Registered households whose last survey is long ago, the oldest first: nobody was there for a month and more."""
    registered = Case.objects.designations().filter(village=village, stage=Stage.REGISTERED)
    registered = registered.exclude(household__in=[household.pk for household in told.values()])
    homes = Household.objects.filter(pk__in=registered.values("household")).annotate(last=Max("surveys__visited_on"))
    for household, late in zip(homes.order_by("last", "pk"), LATE_BY, strict=False):
        on = months_before(today - late * ONE_DAY, 1)
        Visit.objects.filter(household=household, visited_on__gt=on).delete()
        Visit.objects.create(
            household=household, visited_on=on, way=VisitWay.VISIT, mood=VisitMood.SAME, chips=["home", "measures"],
            sentence="都在家，政策都在享受。", visitor=visitor,
        )  # fmt: skip
    Visit.objects.filter(entered_at__gte=timezone.now() - ONE_DAY / 2).update(entered_at=timezone.now() - ONE_DAY)


def _tasks(people: dict[str, User], today: datetime.date) -> None:
    zone = Region.objects.by_code(ZONE)
    standing = Survey.objects.in_regions([zone]).filter(superseded_by=None).select_related("household__village")
    told = standing.filter(Q(housing_ok=False) | Q(education_ok=False))
    lately = standing.filter(medical_ok=False, visited_on__gte=today - datetime.timedelta(days=THIS_YEAR))
    uninsured = list(lately.order_by("visited_on", "pk"))
    for survey in (*told, *uninsured[:LATE_TASKS], *uninsured[LATE_TASKS:][-IN_TIME:]):
        tasks_found.follow(survey=survey, by=people["cun1"])
    opened = GuaranteeTask.objects.in_regions([zone])
    for task in opened.select_related("survey"):
        found_on = task.survey.visited_on if task.survey else task.opened_on
        GuaranteeTask.objects.filter(pk=task.pk).update(
            opened_on=found_on, due_on=task.due_on - (task.opened_on - found_on)
        )
    solved = opened.filter(kind=TaskKind.UNINSURED).order_by("due_on").first()
    if solved:
        _solve(solved, people["bumen1"], today - ONE_DAY, "参保缴费证明", "已补缴本年度城乡居民医保。")


def _told_tasks(people: dict[str, User], told: Told, today: datetime.date) -> None:
    """唐金生's house is down, 周德福's is built again, 孙立柱 has his doctor; 孟庆海's child and 马守田's doctor are still open."""
    down, built, signed = (
        GuaranteeTask.objects.get(household=told[name], kind=kind)
        for name, kind in (
            ("唐金生", TaskKind.UNSAFE_HOUSE), ("周德福", TaskKind.UNSAFE_HOUSE), ("孙立柱", TaskKind.NO_DOCTOR),
        )
    )  # fmt: skip
    _step(down, people["qu1"], "demolished", today - 2 * ONE_DAY)
    for step, ago in (("demolished", HOUSE_BEGUN), ("rebuilt", 60), ("moved_in", HOUSE_DONE)):
        _step(built, people["qu1"], step, today - ago * ONE_DAY)
    _solve(built, people["qu1"], today - 30 * ONE_DAY, "竣工验收表", "东屋拆了重盖，验收合格，一家人已经搬回去住。")
    _solve(signed, people["zhen1"], today - 29 * ONE_DAY, "", "已和街道卫生院签约。")


def _step(task: GuaranteeTask, by: User, step: str, on: datetime.date) -> None:
    task_work.note_step(task=task, by=by, step=step, on=on, version=task.version)


def _solve(task: GuaranteeTask, by: User, on: datetime.date, title: str, outcome: str) -> None:
    """On a paper drawn here; without a title on what the register says."""
    paper = ContentFile(papers.scan(f"{title}（演示，内容虚构）", task.household.head_name), name=f"{title}.pdf")
    task_work.close(
        task=task, by=by, outcome=outcome, closed_on=on, files=[examine(paper)] if title else [], version=task.version,
        idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
