"""The product's own way: a screening asked for and run as a worker does it, and one household after saving.

Another worker runs beside this process and is called for help, as on any machine with two cores.
"""

import datetime
import time

from django.db import transaction

from accounts.models import Region
from households.models import Household
from monitoring.models import Screening, ScreeningMode
from monitoring.screening import assess_household, request_screening, run

FULL, CHANGED, DIRTY = ScreeningMode.FULL, ScreeningMode.CHANGED, ScreeningMode.DIRTY


def screen(region: Region, on: datetime.date, mode: str) -> Screening:
    """Ask for a screening and do it, from the request to the last checkpoint."""
    screening = Screening.claim(request_screening(region=region, on=on, by=None, mode=mode, ring=False).pk)
    if screening is None:
        raise RuntimeError("Somebody else has taken the screening.")
    run(screening)
    return screening


def save_one(household: Household, on: datetime.date) -> float:
    """Seconds to judge one household whose facts have just changed, commit included."""
    begun = time.perf_counter()
    with transaction.atomic():
        assess_household(household, on)
    return time.perf_counter() - begun
