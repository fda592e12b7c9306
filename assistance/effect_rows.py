"""What the effect of a region is counted from, read for all its households at once: few columns, and no rows as objects.

A household's page reads the same of one household, with everybody and every condition (``gaps.gaps_of``). Keys are
texts here: to make a UUID of each would take as long as everything else.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from accounts.models import Region
from assistance.catalogue import CatalogueMeasure
from assistance.gaps import State
from assistance.measures import Known
from assistance.models import Delivery
from assistance.models.measures import DeliveryQuerySet
from households.codes import RISK_BITS, Dibao, RiskCause, Tekun
from households.models import Facts, Member
from monitoring.models import Case

KEY, HOME = Cast("pk", CharField()), Cast("household_id", CharField())


class Listed(NamedTuple):
    """A household's case, and where it stands."""

    key: str
    household: str
    path: str
    group: int | None
    number: str
    main_risk: str
    risk_causes: list[str]
    decided_on: datetime.date | None

    @property
    def village_order(self) -> tuple[str, int, str]:
        """Village by village, as their people know them."""
        return self.path, self.group or 0, self.number


class Given(NamedTuple):
    """A measure that was begun, with its days."""

    kind: str
    begun_on: datetime.date
    ended_on: datetime.date | None


@dataclass(frozen=True)
class Standing:
    """The codes of what a household has in place, and of what it is promised."""

    in_place: set[str]
    promised: set[str]


def once(cases: QuerySet[Case]) -> list[Listed]:
    """The households in the order of their villages; of one that was designated twice the later case."""
    rows = cases.order_by("decided_on", "pk").values_list(
        KEY, HOME, "village__path", "household__group_no", "household__number", "main_risk", "risk_causes", "decided_on",
    )  # fmt: skip
    newest = {row[1]: Listed(*row) for row in rows}
    return sorted(newest.values(), key=lambda listed: listed.village_order)


def standing_of(cases: QuerySet[Case], day: datetime.date) -> dict[str, Standing]:
    """What is in place and promised of the household and of who is still there; 低保 and 特困 also by the register alone."""
    mine = Delivery.objects.filter(Q(member=None) | Q(member__left_on=None), household__in=_households(cases))
    in_place, promised = _by_household(mine.in_place_on(day)), _by_household(mine.under_way_on(day))
    for household, code in _stated(cases):
        in_place[household].add(code)
    empty: set[str] = set()
    return {one: Standing(in_place.get(one, empty), promised.get(one, empty)) for one in {*in_place, *promised}}


def causes_of(cases: QuerySet[Case]) -> dict[str, list[RiskCause]]:
    """The risk causes that the newest visit found, of households that were visited."""
    found = Facts.objects.filter(household__in=_households(cases), replaced_on=None).order_by()
    # Few combinations of causes there are, and many households.
    told: dict[int, list[RiskCause]] = {}
    rows = found.values_list(HOME, "risk_bits")
    return {
        household: told.setdefault(bits, [one for one in RiskCause if bits & RISK_BITS[one]])
        for household, bits in rows
    }


def begun(cases: QuerySet[Case]) -> dict[str, list[Given]]:
    """Every measure that was ever begun, by household."""
    found: dict[str, list[Given]] = defaultdict(list)
    rows = Delivery.objects.filter(household__in=_households(cases), begun_on__isnull=False).order_by()
    for household, *told in rows.values_list(HOME, "kind", "begun_on", "ended_on"):
        found[household].append(Given(*told))
    return found


class Answers:
    """Which measures answer a risk cause, and of which group each is; by the measures of the place, each read once."""

    def __init__(self, places: Iterable[Region], day: datetime.date) -> None:
        places = list(places)
        known = Known(places, day)
        self._at = {place.path: known.at(place) for place in places}

    def at(self, path: str) -> Mapping[str, CatalogueMeasure]:
        """The measures of a village."""
        return self._at[path]

    def state(self, cause: str, standing: Standing, path: str) -> State:
        """How far the answer to a cause is."""
        measures = self._at[path]
        for codes, state in ((standing.in_place, State.IN_PLACE), (standing.promised, State.PROMISED)):
            if any(code in measures and cause in measures[code].causes for code in codes):
                return state
        return State.NONE


def needed(listed: Listed, found: list[RiskCause] | None) -> Iterator[str]:
    """The main risk first, then the causes of the newest visit, or of the case while nobody has visited."""
    causes = listed.risk_causes if found is None else found
    for cause in dict.fromkeys([listed.main_risk, *causes]):
        if cause in RiskCause.values:
            yield str(cause)


def _households(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by().values("household")


def _by_household(deliveries: DeliveryQuerySet) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for household, code in deliveries.order_by().values_list(HOME, "measure").distinct():
        found[household].add(code)
    return found


def _stated(cases: QuerySet[Case]) -> Iterator[tuple[str, str]]:
    """The same as ``exclusions.stated``: what the register says, and no dated delivery."""
    present = Member.objects.present().filter(household__in=_households(cases)).order_by()
    for code, holds in (("dibao", ~Q(dibao=Dibao.NONE)), ("tekun", ~Q(tekun=Tekun.NONE))):
        spoken = Delivery.objects.filter(member=OuterRef("pk"), household=OuterRef("household"), measure=code)
        rows = present.filter(holds, ~Exists(spoken.filter(begun_on__isnull=False)))
        yield from ((household, code) for household in rows.values_list(HOME, flat=True))
