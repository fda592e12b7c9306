"""What a department may not put in place: for who has moved away, beside what excludes it."""

import datetime

from accounts.models import User
from assistance.delivery_steps import DeliveryStep
from households.codes import LifeEventKind
from tests.assistance.department_lists import civil_affairs, given  # noqa: F401
from tests.assistance.test_department_desk import DAY, finance, mark, promised  # noqa: F401
from tests.factories import Make, Place


def test_what_is_promised_to_who_has_moved_away_is_not_put_in_place(
    place: Place, make: Make, finance: User, today: datetime.date
) -> None:
    household = make.household(place.village)
    spouse = household.members.present().head_first()[1]
    loan = promised(household, "small_loan", today, member=spouse)
    spouse.left_on, spouse.left_reason = today - 9 * DAY, LifeEventKind.MOVED_OUT
    spouse.save()
    wish = {"amount": 40_000_00, "runs_until": today + 90 * DAY}
    refused = mark([loan], DeliveryStep.PUT_IN_PLACE, finance, today, **wish)
    assert refused.done == 0
    assert f"享受人 {today - 9 * DAY} 已登记" in refused.left[0]
    assert spouse.name not in refused.left[0]
    assert mark([loan], DeliveryStep.PUT_IN_PLACE, finance, today - 9 * DAY, **wish).done == 1  # while he was there


def test_what_is_excluded_by_something_that_came_meanwhile_is_not_put_in_place(
    place: Place, make: Make, civil_affairs: User, today: datetime.date
) -> None:
    household = make.household(place.village)
    dibao = promised(household, "dibao", today, member=household.head)
    given(household.head, "tekun")
    refused = mark([dibao], DeliveryStep.PUT_IN_PLACE, civil_affairs, today, amount=380_00, every="month")
    assert refused.done == 0
    assert "不能同时享受" in refused.left[0]
    assert household.head.name not in refused.left[0]
