"""Two people enter the same measure at the same moment: it stands once."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from assistance import services
from assistance.models import Delivery
from households.models import Household
from tests.factories import Make, Place, Staff

MARCH = datetime.date(2020, 3, 1)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_enter_a_measure_once(place: Place, staff: Staff, make: Make) -> None:
    family = make.household(place.village)
    head, start, refused = family.head, threading.Barrier(2), []

    def enter(household: Household) -> None:
        start.wait()
        try:
            services.add_delivery(household=household, by=staff.cadre, measure="dibao", member=head, begun_on=MARCH)
        except ValidationError as fault:
            refused.append(fault.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=(family,)) for _person in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Delivery.objects.count() == 1
    assert refused == [services.ALREADY]
