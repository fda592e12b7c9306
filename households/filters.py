"""The filters of the household list: place, type, risk, name, number, last four of an identity number."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Level, Region
from accounts.models.regions import RegionQuerySet
from accounts.roles import HOUSEHOLD_READERS
from households import codes
from households.listing import DESIGNATION, LIVE_STAGES, OPEN_STAGES, REGISTERED
from households.models import Household
from households.models.households import HouseholdQuerySet

# More villages than this are chosen in two steps, the town first.
VILLAGES_IN_ONE_LIST = 60
LEVELS = {"1": "红 一级", "2": "黄 二级", "3": "蓝 三级"}
RISKS: dict[str, tuple[str, Q]] = {
    **{
        value: (f"{label}（在册）", Q(cases__stage=REGISTERED, cases__monitor_class=value))
        for value, label in codes.MonitorClass.choices
    },
    # A household may have several under way.
    "open": ("正在办理", Q(pk__in=Household.objects.filter(cases__stage__in=OPEN_STAGES).values("pk"))),
}
NOT_MONITORED = "none"
FETCH_VILLAGES = {
    "hx-get": "",
    "hx-include": "closest form",
    "hx-target": "#div_id_village",
    "hx-select": "#div_id_village",
    "hx-swap": "outerHTML",
}


class RegionChoice(django_filters.ModelChoiceFilter):
    """A choice of regions that keeps the rows of the whole subtree."""

    def filter(self, qs: HouseholdQuerySet, value: Region | None) -> HouseholdQuerySet:
        """Rows under the chosen region."""
        return qs.in_regions([value]) if value else qs


class HouseholdFilter(django_filters.FilterSet):
    """What may be asked of the list; places are those of the person who asks."""

    town = RegionChoice(label="镇（街）", queryset=Region.objects.none(), empty_label="全部")
    village = RegionChoice(label="村", queryset=Region.objects.none(), empty_label="全部")
    group_no = django_filters.NumberFilter(label="组", min_value=1, max_value=99)
    household_type = django_filters.ChoiceFilter(label="类型", choices=codes.HouseholdType, empty_label="全部")
    risk = django_filters.ChoiceFilter(
        label="风险",
        choices=[
            *LEVELS.items(),
            *((value, label) for value, (label, _rows) in RISKS.items()),
            (NOT_MONITORED, "不在监测"),
        ],
        empty_label="全部",
        method="with_risk",
    )
    q = django_filters.CharFilter(label="找户", method="named", max_length=40)
    closed = django_filters.BooleanFilter(label="只看已注销的户", method="only_closed", widget=forms.CheckboxInput)

    class Meta:
        model = Household
        fields: ClassVar[list[str]] = []

    def __init__(self, data: Any, queryset: HouseholdQuerySet, *, request: HttpRequest) -> None:
        super().__init__(data, queryset, request=request)
        regions = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS)
        towns, villages = regions.filter(level=Level.TOWN), regions.filter(level=Level.VILLAGE)
        offered = _offered(villages, towns, self.data.get("town"))
        self.filters["town"].queryset = towns
        self.filters["village"].queryset = offered if offered is not None else villages.none()
        fields = self.form.fields
        fields["q"].widget.attrs.update(type="search", placeholder="姓名、户编号、后四位")
        # Choosing a town brings its villages at once; without a script they come with 查询.
        fields["town"].widget.attrs.update(FETCH_VILLAGES)
        if offered is None:
            fields["village"].empty_label = "先选镇（街）"
        elif villages.count() < 2:
            del fields["village"]
        if towns.count() < 2:
            del fields["town"]

    def filter_queryset(self, queryset: HouseholdQuerySet) -> HouseholdQuerySet:
        """The rows asked for; households that no longer exist only when they are asked for."""
        rows = queryset if self.form.cleaned_data.get("closed") else queryset.present()
        for name, value in self.form.cleaned_data.items():
            rows = self.filters[name].filter(rows, value)
        return rows

    def with_risk(self, rows: HouseholdQuerySet, _name: str, value: str) -> HouseholdQuerySet:
        """By level or class of those on the register, those under way, or those who are neither."""
        if value == NOT_MONITORED:
            monitored = Household.objects.filter(cases__stage__in=LIVE_STAGES, cases__kind=DESIGNATION)
            return rows.exclude(pk__in=monitored.values("pk"))
        if value in LEVELS:  # its grade in force, or, where nobody grades, the level of its case
            graded = Household.objects.filter(grades__level=int(value), grades__replaced_on=None)
            on_register = Household.objects.filter(cases__stage=REGISTERED, cases__risk_level=int(value))
            return rows.filter(Q(pk__in=graded.values("pk")) | Q(pk__in=on_register.values("pk")))
        return rows.filter(RISKS[value][1])

    def named(self, rows: HouseholdQuerySet, _name: str, value: str) -> HouseholdQuerySet:
        """By words typed."""
        return rows.matching(value)

    def only_closed(self, rows: HouseholdQuerySet, _name: str, value: bool | None) -> HouseholdQuerySet:
        """Households that were closed, merged away or moved out."""
        return rows.filter(closed_on__isnull=False) if value else rows

    def first_boxes(self) -> list[forms.BoundField]:
        """The boxes that are always in sight."""
        return [self.form[name] for name in self.form.fields if name != "closed"]

    def chips(self) -> list[dict[str, str]]:
        """The conditions in force, each with the address of the list without it."""
        found = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, "", False):
                continue
            query = self.request.GET.copy()
            query.pop(name, None)
            query.pop("page", None)
            found.append({"label": self._words(name, value), "url": f"?{query.urlencode()}"})
        return found

    def _words(self, name: str, value: Any) -> str:
        if name == "group_no":
            return f"{value} 组"
        if name == "closed":
            return "已注销"
        if name == "q":
            return f"“{value}”"
        return str(value) if isinstance(value, Region) else str(dict(self.form.fields[name].choices)[value])


def _offered(villages: RegionQuerySet, towns: RegionQuerySet, town: str | None) -> RegionQuerySet | None:
    """The villages to choose from: those of the chosen town, all of a small scope, else None: a town is needed first."""
    if town and town.isdecimal() and len(town) < 10 and (chosen := towns.filter(pk=town).first()):
        return villages.in_regions([chosen])
    return villages if villages.count() <= VILLAGES_IN_ONE_LIST else None
