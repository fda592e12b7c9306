"""What may be asked of the lists of clues, digests and screenings, and typed to ask for a screening."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet

from accounts.forms import NO_DATE, date_input
from accounts.models import Level, Region, User
from accounts.roles import HOUSEHOLD_READERS, OFFICE_ROLES, Role
from monitoring.case_querysets import of_household
from monitoring.models import Assessment, ClueDigest, Outcome, RiskLevel, Screening, ScreeningMode

# What a clue may be: a class, or a level.
CODES = [
    *((code.value, code.label) for code in (Outcome.RELAPSE, Outcome.EDGE, Outcome.SUDDEN)),
    *((code.value, code.label) for code in (RiskLevel.RED, RiskLevel.YELLOW)),
    *((code.value, code.label) for code in (Outcome.WATCH, Outcome.CHECK, Outcome.REVIEW_RISK, Outcome.BORDER)),
    (Outcome.INCOMPLETE.value, Outcome.INCOMPLETE.label),
]


class ClueFilter(django_filters.FilterSet):
    """By village, outcome, and the head's name or household number."""

    village = django_filters.ModelChoiceFilter(label="村", queryset=None, empty_label="全部")
    outcome = django_filters.ChoiceFilter(label="结论", choices=CODES, method="of_code", empty_label="全部")
    q = django_filters.CharFilter(label="户主、户编号", method="named")

    class Meta:
        model = Assessment
        fields = ["village", "outcome"]

    def __init__(self, *args: Any, user: User, view: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["village"].queryset = _villages_of(user, self.queryset)
        if view:  # a saved view says already which conclusions it lists
            del self.filters["outcome"]

    def of_code(self, queryset: QuerySet, _name: str, code: str) -> QuerySet:
        """Of one class or one level."""
        return queryset.filter(level=code) if code in RiskLevel.values else queryset.filter(outcome=code)

    def named(self, queryset: QuerySet, _name: str, words: str) -> QuerySet:
        """Heads whose name or initials, or households whose number, contain the words."""
        return queryset.filter(of_household(words))


class DigestFilter(django_filters.FilterSet):
    """By town or village, and only those that the village has not opened."""

    region = django_filters.ModelChoiceFilter(label="范围", queryset=None, method="inside", empty_label="全部")
    unread = django_filters.BooleanFilter(
        label="村里没看", method="not_opened", widget=forms.CheckboxInput, initial=False
    )

    class Meta:
        model = ClueDigest
        fields: ClassVar = []

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Region.objects.visible_to(user, *HOUSEHOLD_READERS)
        towns = visible.filter(level=Level.TOWN)
        self.filters["region"].queryset = towns if towns[1:2] else visible.villages()

    def inside(self, queryset: QuerySet, _name: str, region: Region) -> QuerySet:
        """Of a town, or of one village."""
        return queryset.in_regions([region])

    def not_opened(self, queryset: QuerySet, _name: str, wanted: bool) -> QuerySet:
        """That nobody of the village has opened."""
        return queryset.filter(read_at=None) if wanted else queryset


class ScreeningFilter(django_filters.FilterSet):
    """By region and everything in it, and by how much a run looked at."""

    region = django_filters.ModelChoiceFilter(label="范围", queryset=None, method="inside", empty_label="全部")
    mode = django_filters.ChoiceFilter(label="方式", choices=ScreeningMode, empty_label="全部")

    class Meta:
        model = Screening
        fields = ["region", "mode"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        screened = Region.objects.visible_to(user, *OFFICE_ROLES, Role.INSPECTOR).exclude(level=Level.VILLAGE)
        self.filters["region"].queryset = screened

    def inside(self, queryset: QuerySet, _name: str, region: Region) -> QuerySet:
        """Of a region and what lies in it."""
        return queryset.in_regions([region])


def _villages_of(user: User, found: QuerySet) -> QuerySet:
    return Region.objects.visible_to(user).filter(pk__in=found.order_by().values("village"))


class ScreeningForm(forms.Form):
    """A region of one's own and a date that has come."""

    region = forms.ModelChoiceField(label="范围", queryset=None, empty_label=None)
    on = forms.DateField(
        label="基准日期",
        help_text="按这一天的政策、参数和入户调查研判；不能晚于今天。",
        widget=date_input(),
        error_messages=NO_DATE,
    )
    mode = forms.ChoiceField(
        label="方式",
        choices=[(mode.value, mode.label) for mode in (ScreeningMode.CHANGED, ScreeningMode.FULL)],
        initial=ScreeningMode.CHANGED,
        help_text="平常用“只写变化”；名册大改以后可以全部重写一次。",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=36)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.visible_to(user, *OFFICE_ROLES).exclude(level=Level.VILLAGE)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]
