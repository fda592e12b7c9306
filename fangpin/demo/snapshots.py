"""Earlier counts (调度) in the demonstration, so that today's has something to be compared with."""

import datetime

from accounts.models import Region, User
from assistance import snapshots
from assistance.models import Snapshot
from fangpin.demo.population import noon
from fangpin.demo.staff import XINGREN, ZONE

DISTRICT_AGO, TOWN_AGO = (63, 28), (28,)


def add_snapshots(people: dict[str, User], today: datetime.date) -> None:
    """The district twice and one town once, each as the record has it for that day, counted when everything else is told."""
    for code, counted_by, days_ago in ((ZONE, people["qu1"], DISTRICT_AGO), (XINGREN, people["zhen1"], TOWN_AGO)):
        region = Region.objects.by_code(code)
        for ago in days_ago:
            day = today - datetime.timedelta(days=ago)
            kept, _is_new = snapshots.count_on(region=region, by=counted_by, on=day)
            Snapshot.objects.filter(pk=kept.pk).update(taken_at=noon(day))
