"""帮扶查询: measures of a village, a town or a district by place, measure, stage, term, source of money, risk and name."""

import datetime
from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Level, Region
from accounts.roles import HOUSEHOLD_READERS
from assistance.catalogue import MEASURES, Group, Kind
from assistance.measures import groups_by_code, own_measures
from assistance.models import Delivery, FundSource, Stage
from assistance.models.measures import DeliveryQuerySet
from households.codes import RiskCause
from households.filters import FETCH_VILLAGES, VILLAGES_IN_ONE_LIST, RegionChoice
from households.models import Household
from monitoring.models import Case

DAYS_AHEAD = 30
TERMS = {"late": "超期没有落实", "soon": f"{DAYS_AHEAD} 天内到期", "over": "到期没有办结束"}
NO_FUND = "none"
Rows = Callable[[DeliveryQuerySet, datetime.date], DeliveryQuerySet]


def _not_taken_up(day: datetime.date) -> Q:
    return Q(begun_on=None) & (Q(taken_up_on=None) | Q(taken_up_on__gt=day))


# The same as Delivery.stage_on; but what was granted once counts as in place in its own year, and as over in the next.
IN_STAGE: dict[str, Rows] = {
    Stage.PROMISED: lambda rows, day: rows.waiting_on(day).filter(_not_taken_up(day)),
    Stage.IN_HAND: lambda rows, day: rows.waiting_on(day).exclude(_not_taken_up(day)),
    Stage.IN_PLACE: lambda rows, day: rows.in_place_on(day),
    Stage.ENDED: lambda rows, day: rows.filter(
        Q(kind=Kind.RUNNING, ended_on__lt=day) | Q(kind=Kind.GRANT, begun_on__year__lt=day.year)
    ),
    Stage.DROPPED: lambda rows, day: rows.filter(dropped_on__lte=day),
}
IN_TERM: dict[str, Rows] = {
    "late": lambda rows, day: rows.waiting_on(day).filter(due_on__lt=day),
    "soon": lambda rows, day: rows.in_place_on(day).filter(
        runs_until__gte=day, runs_until__lte=day + datetime.timedelta(days=DAYS_AHEAD), ended_on=None
    ),
    "over": lambda rows, day: rows.in_place_on(day).filter(runs_until__lt=day, ended_on=None),
}


class DeliveryFilter(django_filters.FilterSet):
    """What may be asked of the measures; places are those of the person who asks."""

    town = RegionChoice(label="镇（街）", queryset=Region.objects.none(), empty_label="全部")
    village = RegionChoice(label="村", queryset=Region.objects.none(), empty_label="全部")
    group = django_filters.ChoiceFilter(label="类别", choices=Group, empty_label="全部", method="of_group")
    measure = django_filters.ChoiceFilter(label="措施", choices=[], empty_label="全部")
    stage = django_filters.ChoiceFilter(label="进度", choices=Stage, empty_label="全部", method="in_stage")
    term = django_filters.ChoiceFilter(label="期限", choices=list(TERMS.items()), empty_label="不限", method="in_term")
    fund = django_filters.ChoiceFilter(
        label="资金来源", choices=[*FundSource.choices, (NO_FUND, "没有填")], empty_label="全部", method="of_fund"
    )
    risk = django_filters.ChoiceFilter(
        label="主要风险", choices=RiskCause.choices, empty_label="全部", method="with_risk"
    )
    q = django_filters.CharFilter(label="找户", method="named", max_length=40)

    class Meta:
        model = Delivery
        fields: ClassVar[list[str]] = []

    def __init__(self, data: Any, queryset: DeliveryQuerySet, *, request: HttpRequest) -> None:
        super().__init__(data, queryset, request=request)
        regions = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS)
        towns, villages = regions.filter(level=Level.TOWN), regions.villages()
        town = self.data.get("town", "")
        chosen = towns.filter(pk=town).first() if town.isdecimal() and len(town) < 10 else None
        offered = villages.in_regions([chosen]) if chosen else villages
        too_many = not chosen and villages.count() > VILLAGES_IN_ONE_LIST
        self.filters["town"].queryset = towns
        self.filters["village"].queryset = villages.none() if too_many else offered
        self.filters["measure"].extra["choices"] = self._measures(regions)
        fields = self.form.fields
        fields["q"].widget.attrs.update(type="search", placeholder="姓名、户编号、后四位")
        fields["town"].widget.attrs.update(FETCH_VILLAGES)
        if too_many:
            fields["village"].empty_label = "先选镇（街）"
        elif villages.count() < 2:
            del fields["village"]
        if towns.count() < 2:
            del fields["town"]

    def _measures(self, regions: Any) -> list[tuple[str, str]]:
        """Those of the catalogue, and those that the districts over the person's regions have added."""
        own: dict[str, Any] = {}
        for posting in self.request.user.postings_in_force():
            own |= own_measures(posting.region)
        return [(code, measure.name) for code, measure in {**MEASURES, **own}.items()]

    def filter_queryset(self, queryset: DeliveryQuerySet) -> DeliveryQuerySet:
        """The rows asked for."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def of_group(self, rows: DeliveryQuerySet, _name: str, value: str) -> DeliveryQuerySet:
        """Measures of a group, the districts' own among them."""
        return rows.filter(measure__in=[code for code, group in groups_by_code().items() if group == value])

    def in_stage(self, rows: DeliveryQuerySet, _name: str, value: str) -> DeliveryQuerySet:
        """How far they are today."""
        return IN_STAGE[value](rows, timezone.localdate())

    def in_term(self, rows: DeliveryQuerySet, _name: str, value: str) -> DeliveryQuerySet:
        """Late, or about to run out, or run out."""
        return IN_TERM[value](rows, timezone.localdate())

    def of_fund(self, rows: DeliveryQuerySet, _name: str, value: str) -> DeliveryQuerySet:
        """Whose money it is."""
        return rows.filter(fund="" if value == NO_FUND else value)

    def with_risk(self, rows: DeliveryQuerySet, _name: str, value: str) -> DeliveryQuerySet:
        """Of households on the register with this main risk."""
        cases = Case.objects.designated_on(timezone.localdate()).filter(
            main_risk=value, household=OuterRef("household")
        )
        return rows.filter(Exists(cases))

    def named(self, rows: DeliveryQuerySet, _name: str, value: str) -> DeliveryQuerySet:
        """Of households found by the words."""
        return rows.filter(household__in=Household.objects.matching(value).values("pk"))

    def chips(self) -> list[dict[str, str]]:
        """The conditions in force, each with the address of the list without it."""
        found = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, ""):
                continue
            query = self.request.GET.copy()
            query.pop(name, None)
            query.pop("page", None)
            words = (
                f"“{value}”" if name == "q" else str(value) if isinstance(value, Region) else self._choice(name, value)
            )
            found.append({"label": words, "url": f"?{query.urlencode()}"})
        return found

    def _choice(self, name: str, value: str) -> str:
        field = self.form.fields[name]
        return str(dict(field.choices)[value]) if isinstance(field, forms.ChoiceField) else value
