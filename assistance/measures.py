"""Measures by their codes: those of the catalogue, and those that the household's district has added."""

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Region
from assistance.catalogue import MEASURES, CatalogueMeasure
from assistance.models import DistrictMeasure


def own_measures(place: Region) -> dict[str, CatalogueMeasure]:
    """What the districts over a place have added and a second person has confirmed."""
    rows = DistrictMeasure.objects.filter(region__path__in=place.ancestor_paths).exclude(confirmed_by=None)
    return {row.code: row.as_measure() for row in rows}


def measures_at(place: Region, day: datetime.date | None = None) -> dict[str, CatalogueMeasure]:
    """What can be begun at a place on a day (today), in the order of the catalogue."""
    day = day or timezone.localdate()
    known = {**MEASURES, **own_measures(place)}
    return {code: measure for code, measure in known.items() if measure.offered_on(day)}


def measure_of(code: str, place: Region) -> CatalogueMeasure:
    """The measure of a code, also one that is not offered any more; raises ValidationError when there is none."""
    found = MEASURES.get(code) or own_measures(place).get(code)
    if found is None:
        raise ValidationError("措施目录里没有这一项，请刷新再选。")
    return found


class Known:
    """The measures of many places; what their districts have added is read once."""

    def __init__(self, places: Iterable[Region], day: datetime.date) -> None:
        self.day = day
        paths = {path for place in places for path in place.ancestor_paths}
        rows = DistrictMeasure.objects.filter(region__path__in=paths).exclude(confirmed_by=None)
        self._own = [(row.region.path, row.as_measure()) for row in rows.select_related("region")]

    def at(self, place: Region) -> dict[str, CatalogueMeasure]:
        """All measures of a place by their codes, also those that are not offered any more."""
        own = {measure.code: measure for path, measure in self._own if place.path.startswith(path)}
        return {**MEASURES, **own}

    def offered(self, place: Region) -> list[CatalogueMeasure]:
        """What can be begun there on the day, in the order of the catalogue."""
        return [measure for measure in self.at(place).values() if measure.offered_on(self.day)]


def groups_by_code() -> dict[str, str]:
    """The group of each measure there is, the districts' own among them."""
    own = dict(DistrictMeasure.objects.values_list("code", "group"))
    return {**own, **{code: measure.group.value for code, measure in MEASURES.items()}}
