"""Two orders about lists of one measure at once: each list remembers what it wrote over, so they wait for each other."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import User
from assistance.lists import confirm_list, undo_list
from assistance.models import Delivery, ListPhase
from tests.assistance.department_lists import (
    APRIL,
    civil_affairs,  # noqa: F401
    line_of,
    state,
    undone,
    upload,
    worked,
    written,
)
from tests.factories import Make, Place

JUNE = datetime.date(2026, 6, 1)


def test_while_one_list_is_taken_back_or_written_no_other_of_the_measure_is_confirmed(
    place: Place, make: Make, civil_affairs: User
) -> None:
    head = make.household(place.village).head
    before = state()
    march = written(upload(civil_affairs, place.zone, [line_of(head, 380)]), civil_affairs)
    april = upload(civil_affairs, place.zone, [line_of(head, 400)], month=APRIL)
    june = upload(civil_affairs, place.zone, [line_of(head, 420)], month=JUNE)
    assert undo_list(batch=march, by=civil_affairs)
    with pytest.raises(ValidationError, match="2026 年 3 月的名单正在撤销"):
        confirm_list(batch=april, by=civil_affairs)
    worked(march)
    assert confirm_list(batch=april, by=civil_affairs)
    with pytest.raises(ValidationError, match="2026 年 4 月的名单正在写入"):
        confirm_list(batch=june, by=civil_affairs)
    assert worked(april).phase == ListPhase.APPLIED
    undone(april, civil_affairs)
    assert state() == before


def test_another_measure_does_not_wait(place: Place, make: Make, civil_affairs: User) -> None:
    head = make.household(place.village).head
    march = written(upload(civil_affairs, place.zone, [line_of(head, 380)]), civil_affairs)
    relief = upload(civil_affairs, place.zone, [line_of(head, 500)], measure="temporary_relief")
    assert undo_list(batch=march, by=civil_affairs)
    assert confirm_list(batch=relief, by=civil_affairs)


@pytest.mark.django_db(transaction=True)
def test_of_confirming_one_and_taking_back_the_other_at_once_one_is_refused(
    place: Place, make: Make, civil_affairs: User
) -> None:
    head = make.household(place.village).head
    march = written(upload(civil_affairs, place.zone, [line_of(head, 380)]), civil_affairs)
    april = upload(civil_affairs, place.zone, [line_of(head, 400)], month=APRIL)
    start, refused = threading.Barrier(2), []

    def give(order: Callable[..., bool], batch: Any) -> None:
        start.wait()
        try:
            order(batch=batch, by=civil_affairs, ring=False)
        except ValidationError as fault:
            refused.append(fault.messages[0])
        finally:
            connection.close()

    orders = ((confirm_list, april), (undo_list, march))
    threads = [threading.Thread(target=give, args=order) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    ends = {worked(march).phase, worked(april).phase}
    assert ends in ({ListPhase.APPLIED}, {ListPhase.UNDONE, ListPhase.PREVIEW})
    locked = Delivery.objects.filter(list_row__batch__phase=ListPhase.UNDONE)
    assert not locked.exists()
