"""公示编号: one row of numbers for each town and year, without gaps, taken in the transaction of the posting."""

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Level, Region
from monitoring.models import NoticeCounter

TOWN_ENDINGS = ("街道办事处", "办事处", "街道", "镇", "乡")


def take_number(village: Region, year: int) -> dict[str, object]:
    """The next number of the village's town: the columns town, year, serial and number of a notice.

    Whoever takes one holds the counter until his transaction ends, so that a posting that fails leaves no gap.
    """
    town = village.lineage().get(Level.TOWN) or village.parent or village
    counter = NoticeCounter.objects.filter(town=town, year=year)
    if not counter.update(last=F("last") + 1):
        try:
            with transaction.atomic():
                NoticeCounter.objects.create(town=town, year=year, last=1)
        except IntegrityError:  # somebody else began the year at the same moment
            counter.update(last=F("last") + 1)
    serial = counter.values_list("last", flat=True).get()
    return {"town": town, "year": year, "serial": serial, "number": f"{short_name(town)}公示〔{year}〕{serial} 号"}


def short_name(town: Region) -> str:
    """青石 for 青石镇."""
    for ending in TOWN_ENDINGS:
        if town.name.endswith(ending) and len(town.name) > len(ending) + 1:
            return town.name.removesuffix(ending)
    return town.name
