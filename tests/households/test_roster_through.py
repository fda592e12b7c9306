"""A roster and the apps above it: stock enters the register of cases with the import and leaves it with the undo."""

from django.core.management import call_command

from assistance.models import Delivery, Helper
from households.codes import MonitorClass
from households.models import Household
from monitoring.models import Case, Stage
from tests.households.rosters import MARKED, batch_of, family, take_back, workbook, write
from tests.households.test_roster_ledger import ledger, person


def test_stock_is_registered_with_the_import_and_gone_with_its_undo(place, staff):
    content = workbook(family("3799000001", place, **MARKED) + family("3799000002", place))
    batch = write(batch_of(content, place.zone, staff.officer), staff.officer)
    case = Case.objects.get()
    assert (case.household.number, case.stage, case.monitor_class) == (
        "3799000001",
        Stage.REGISTERED,
        MonitorClass.EDGE,
    )
    assert (str(case.decided_on), case.main_risk, case.main_risk_unverified) == ("2020-01-15", "illness", True)
    call_command("rescreen", region=place.zone.code, on="2020-06-30")
    take_back(batch, staff.officer)
    assert batch.counts["undone"] == {"deleted": 2}
    assert not Case.objects.exists()
    assert not Household.objects.exists()
    write(batch_of(content, place.zone, staff.officer), staff.officer)
    assert Case.objects.get().stage == Stage.REGISTERED


def test_a_ledger_kept_by_hand_brings_measures_and_contact_and_takes_them_back(place, staff, make):
    household = make.household(place.village)
    content = ledger([person(household.head.id_number, 1, 8)])
    batch = write(batch_of(content, place.town, staff.reviewer, "ledger"), staff.reviewer)
    assert set(Delivery.objects.values_list("measure", flat=True)) == {"medical", "dibao"}
    assert Helper.objects.get().unit == "青石镇政府"
    assert Case.objects.get().stage == Stage.REGISTERED
    take_back(batch, staff.reviewer)
    assert not Delivery.objects.exists()
    assert not Helper.objects.exists()
    assert not Case.objects.exists()


def test_a_household_with_measures_is_kept_when_its_roster_is_undone(place, staff):
    rows = family("3799000001", place, **MARKED)
    batch = write(batch_of(workbook(rows), place.zone, staff.officer), staff.officer)
    write(batch_of(ledger([person(rows[0]["证件号码"], 1)]), place.zone, staff.officer, "ledger"), staff.officer)
    take_back(batch, staff.officer)
    assert batch.counts["undone"] == {"kept": 1}
    assert Household.objects.get().members.count() == 3
