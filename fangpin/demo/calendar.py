"""The demonstration's calendar: dates of the district's own, and days off that wait for a second person."""

import datetime
import uuid

from accounts.models import Region, User
from fangpin.demo import staff
from monitoring.calendar_dates import add_date
from monitoring.calendar_overrides import propose

SOURCE = "演示数据：区扶贫开发领导小组会议纪要"


def fill(people: dict[str, User], today: datetime.date) -> None:
    """Two dates of the zone, and one 调休 of the coming year that somebody has written down."""
    zone = Region.objects.by_code(staff.ZONE)
    for days, title in ((18, "报本月研判情况小结"), (45, "各街道帮扶责任人调整到位")):
        date = today + datetime.timedelta(days=days)
        add_date(
            region=zone, by=people["qu1"], date=date, title=title, source=SOURCE, today=today,
            idempotency_key=str(uuid.uuid4()),
        )  # fmt: skip
    first = datetime.date(today.year + 1, 5, 1)
    saturday = first + datetime.timedelta(days=(5 - first.weekday()) % 7 + 7)
    propose(by=people["qu1"], days={saturday: True}, source="演示数据：放假通知（示例）")
