"""Lists of households that are helped: what each has, who keeps in touch, when somebody was there last."""

import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from assistance.models import Delivery, Helper, Visit
from households.models import Member
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.models import OPEN_STAGES, Case
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.near import near_misses

LACKS = {
    "measures": ("没有措施", Q(measure_count=None)),
    "helper": ("没有联系人", Q(helper_name=None)),
}
NOT_VISITED = "visit"
LACK_LABELS = [*((key, label) for key, (label, _rows) in LACKS.items()), (NOT_VISITED, "本月没走访")]


def helped(user: User, today: datetime.date) -> QuerySet[Case]:
    """Designated households in the person's scope, in village order, each with what was done for it."""
    cases = Case.objects.visible_to(user).designated_on(today).filter(household__closed_on=None)
    return _with_help(cases, today).order_by("village__path", IN_GROUP_ORDER, "household__number", "pk")


def urgent(user: User, today: datetime.date) -> QuerySet[Case]:
    """Households that are helped before their procedure is over (绿色通道), the latest first, with what was done so far."""
    cases = Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES, urgent_on__isnull=False)
    return _with_help(cases.filter(household__closed_on=None), today).order_by("-urgent_on", "pk")


def near_to_visit(user: User) -> AssessmentQuerySet:
    """临界户: nobody has taken them up, and little is missing; of those nobody visited for as long, the nearest first."""
    visits = Visit.objects.filter(household=OuterRef("household")).order_by("-visited_on", "-entered_at")
    found = near_misses(user).select_related("household", "village__parent", "facts__survey")
    last = found.annotate(last_visit=Subquery(visits.values("visited_on")[:1]))
    nearest = F("margin").asc(nulls_last=True)
    return last.order_by(F("last_visit").asc(nulls_first=True), nearest, "village__path", "household__number")


def lacking(cases: QuerySet, what: str, today: datetime.date) -> QuerySet:
    """Only those without measures, without a helper, or not visited this month; an unknown word keeps all."""
    if what == NOT_VISITED:
        return cases.filter(Q(last_visit=None) | Q(last_visit__lt=today.replace(day=1)))
    return cases.filter(LACKS[what][1]) if what in LACKS else cases


def lack_counts(cases: QuerySet[Case], today: datetime.date) -> list[dict[str, Any]]:
    """For the segments over the list: how many households lack what."""
    return [{"key": key, "label": label, "count": lacking(cases, key, today).count()} for key, label in LACK_LABELS]


def _with_help(cases: QuerySet[Case], today: datetime.date) -> QuerySet[Case]:
    of_case = {"household": OuterRef("household")}
    measures = Delivery.objects.in_place_on(today).filter(**of_case).order_by().values("household")
    persons = Member.objects.living_together().filter(**of_case).order_by().values("household")
    helper = Helper.objects.in_force(today).filter(**of_case).order_by("-begun_on")
    visits = Visit.objects.filter(**of_case).order_by("-visited_on", "-entered_at")
    return cases.select_related("household", "village__parent").annotate(
        measure_count=Subquery(measures.annotate(found=Count("measure", distinct=True)).values("found")),
        persons=Subquery(persons.annotate(found=Count("pk")).values("found")),
        helper_name=Subquery(helper.values("name")[:1]),
        helper_unit=Subquery(helper.values("unit")[:1]),
        last_visit=Subquery(visits.values("visited_on")[:1]),
        last_mood=Subquery(visits.values("mood")[:1]),
    )
