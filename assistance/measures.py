"""Measures by their codes: those of the catalogue, and those that the household's district has added."""

import datetime

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
