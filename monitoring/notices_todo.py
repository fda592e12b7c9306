"""What notices and objections leave to do, for the inbox: photos, results to announce, objections to look into."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import VILLAGE_ROLES, Role
from monitoring.models import Case, Notice, Objection, Stage
from monitoring.models.cases import CaseQuerySet
from monitoring.models.notices import NoticeQuerySet, ObjectionQuerySet
from monitoring.objections import INVESTIGATORS
from monitoring.signals import InboxLine
from monitoring.steps import AT_VILLAGE_OR_TOWN


def open_objections(user: User) -> ObjectionQuerySet:
    """Those that somebody looks into, and in villages and towns those that nobody looks into yet."""
    mine = Objection.objects.visible_to(user, *INVESTIGATORS).unsettled().filter(investigator=user)
    here = Objection.objects.visible_to(user, *AT_VILLAGE_OR_TOWN)
    unassigned = here.unsettled().filter(investigator=None)
    return Objection.objects.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=unassigned.values("pk")))


def photos_missing(user: User) -> NoticeQuerySet:
    """Notices that hang and must be photographed."""
    waiting = Notice.objects.visible_to(user, *VILLAGE_ROLES).not_closed()
    return waiting.filter(photo_due_on__isnull=False, photos=None, starts_on__lte=timezone.localdate())


def results_due(user: User) -> CaseQuerySet:
    """Cases that were decided and that the town announces."""
    return Case.objects.visible_to(user, Role.TOWN_REVIEWER).filter(stage=Stage.ANNOUNCE, household__closed_on=None)


def waiting_count(user: User) -> int:
    """How many pieces of work that is."""
    villages = results_due(user).order_by().values("village").distinct()
    return open_objections(user).count() + photos_missing(user).count() + villages.count()


def waiting_lines(user: User) -> Iterator[InboxLine]:
    """The same as lines of the inbox; each leads to where it is done."""
    for notice in photos_missing(user).select_related("village"):
        url = reverse("monitoring:notice-photo", args=[notice.pk])
        yield "notice", f"{notice.village}：上传张贴照片", notice.number, url, notice.photo_due_on
    for village, count in Counter(case.village for case in results_due(user).select_related("village")).items():
        url = f"{reverse('monitoring:notice-result')}?village={village.code}"
        yield "announce", f"{village}：{count} 户张贴结果公告", "已经审定", url, None
    for objection in open_objections(user).select_related("case__household"):
        url = reverse("monitoring:objection-settle", args=[objection.pk])
        words = "异议待核查" if objection.investigator_id else "异议还没有人核查"
        detail = f"{objection.raised_on:%m-%d} 提出，{objection.get_channel_display()}"
        yield "objection", f"{objection.case.household}：{words}", detail, url, objection.due_on
