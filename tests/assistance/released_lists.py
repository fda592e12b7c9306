"""Lists as the first version wrote them, carried to today's tables; run as a program over an empty database, prints JSON."""

import datetime
import json

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # the apps have to be ready
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.utils import timezone  # noqa: E402

from assistance.list_writing import undo  # noqa: E402
from assistance.models import Delivery, DepartmentList, WrittenLine  # noqa: E402

RELEASED = [("assistance", "0009_room_for_answers")]
MAY, JUNE = datetime.date(2020, 5, 1), datetime.date(2020, 6, 1)


def store_released_lists() -> None:
    """The list of May began what one has and changed what another had; June's confirmed the first at another amount."""
    executor = MigrationExecutor(connection)
    executor.migrate(RELEASED)
    models = executor.loader.project_state(RELEASED).apps
    village = models.get_model("accounts", "Region").objects.create(
        code="370403002001", name="兴仁村", level="village", path="0001."
    )
    household = models.get_model("households", "Household").objects.create(
        number="1", household_type="ordinary", village=village
    )
    begun = {"household": household, "measure": "dibao", "begun_on": MAY}
    began, changed = (models.get_model("assistance", "Delivery").objects.create(**begun) for _one in range(2))
    lists = models.get_model("assistance", "DepartmentList").objects
    may, june = (
        lists.create(region=village, department="民政局", measure="dibao", month=month) for month in (MAY, JUNE)
    )
    line = models.get_model("assistance", "DepartmentListRow").objects
    told = {"status": "known", "payload": "{}"}
    known = {"ended_on": None, "runs_until": None, "every": "once", "fund": "", "list_row_id": None, "amount": None}
    first = line.create(batch=may, row_no=2, applied_at=timezone.now(), **told)
    second = line.create(
        batch=may, row_no=3, applied_at=timezone.now(), before={**known, "begun_on": "2020-01-05"}, **told
    )
    third = line.create(
        batch=june, row_no=2, applied_at=timezone.now(), **told,
        before={**known, "begun_on": "2020-05-01", "amount": 36000, "every": "month", "list_row_id": first.pk},
    )  # fmt: skip
    line.create(batch=june, row_no=3, **told)  # said nothing
    for delivery, said, amount in ((began, third, 38000), (changed, second, 50000)):
        delivery.list_row, delivery.amount, delivery.every = said, amount, "month"
        delivery.save()


def stands() -> list[list[object]]:
    """What there is of deliveries, by their keys' order of entry."""
    found = Delivery.objects.order_by("entered_at").values_list("begun_on", "amount", "every", "list_row__batch__month")
    return [[value and str(value) for value in one] for one in found]


store_released_lists()
call_command("migrate", verbosity=0)
told = {"carried": stands(), "lines": WrittenLine.objects.count()}
for name, month in (("june_undone", JUNE), ("may_undone", MAY)):
    batch = DepartmentList.objects.get(month=month)
    told[name] = [undo(batch, 0, 10), stands()]
print(json.dumps(told))
