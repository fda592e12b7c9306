"""Households designated elsewhere: they come in with a roster or a ledger kept by hand, and go when it is undone."""

import datetime

import pytest

from households import signals
from households.codes import MonitorClass
from households.models import BatchKind, ImportBatch
from monitoring.corrections import propose_correction, settle_correction
from monitoring.models import Case, CaseSource, Correction, Stage
from monitoring.stock import cause_of
from monitoring.workflow import open_case

DECIDED = datetime.date(2019, 12, 5)


@pytest.fixture
def batch(place, staff) -> ImportBatch:
    return ImportBatch.objects.create(
        kind=BatchKind.ROSTER,
        region=place.zone,
        file_name="名册.xlsx",
        requested_by=staff.officer,
        state="done",
        phase="applied",
    )


def found(household, batch, **given) -> str:
    """What the roster import tells, and what it is answered."""
    row = {
        "monitor_class": MonitorClass.RELAPSE,
        "decided_on": DECIDED,
        "first_cause": "因病",
        "batch": batch,
        "user": batch.requested_by,
    }
    return answer_of(signals.stock_found.send(sender=ImportBatch, household=household, **{**row, **given}))


def in_ledger(household, batch, **given) -> str:
    """What the import of a ledger kept by hand tells for one person's row, and what it is answered."""
    row = {
        "monitor_class": MonitorClass.EDGE, "decided_on": datetime.date(2020, 3, 1), "main_risk": "因残", "measures": [],
        "helper_name": "", "helper_unit": "", "member": household.head, "batch": batch, "user": batch.requested_by,
    }  # fmt: skip
    return answer_of(signals.ledger_row_found.send(sender=ImportBatch, household=household, **{**row, **given}))


def answer_of(answers) -> str:
    return next(words for receiver, words in answers if receiver.__module__ == "monitoring.case_receivers")


def undo(batch) -> str:
    return answer_of(signals.batch_undone.send(sender=ImportBatch, batch=batch, user=batch.requested_by))


def test_a_tagged_household_stands_on_the_register_with_its_provenance(place, make, batch):
    household = make.household(place.village)
    assert "主要风险待核" in found(household, batch)
    case = Case.objects.get(household=household)
    assert (case.stage, case.source, case.decided_on) == (Stage.REGISTERED, CaseSource.STOCK, DECIDED)
    assert (case.main_risk, case.main_risk_unverified, case.stock_batch) == ("illness", True, batch)
    assert case.events.get().step == "stock"
    assert list(Case.objects.designated_on(DECIDED)) == [case]
    assert not Case.objects.designated_on(DECIDED - datetime.timedelta(days=1)).exists()


@pytest.mark.parametrize(
    ("label", "cause"), [("因病", "illness"), ("缺劳力", "no_labour"), ("缺资金", "other"), ("", "other")]
)
def test_the_cause_of_long_ago_becomes_a_risk_of_the_list(label, cause):
    assert cause_of(label) == cause


def test_the_same_roster_twice_enters_nothing_twice_and_says_so(place, make, batch):
    household = make.household(place.village)
    found(household, batch)
    assert found(household, batch) == "这户已经在“在册”，没有重复登记。"
    assert Case.objects.count() == 1


def test_a_household_in_the_procedure_is_not_entered_a_second_time(place, staff, make, batch):
    household = make.household(place.village)
    open_case(household=household, by=staff.cadre, note="原因")
    assert "预警关注" in found(household, batch)
    assert Case.objects.get(household=household).source == CaseSource.PROCEDURE


def test_without_a_day_nothing_is_invented(place, make, batch):
    assert "没有风险识别时间" in found(make.household(place.village), batch, decided_on=None)
    assert not Case.objects.exists()


def test_undoing_the_roster_takes_back_what_nobody_touched(place, staff, make, batch):
    touched, untouched = make.household(place.village), make.household(place.village)
    found(touched, batch)
    found(untouched, batch)
    correction = propose_correction(
        case=Case.objects.get(household=touched), by=staff.cadre, field="main_risk", new="accident", reason="核实"
    )
    settle_correction(correction=correction, by=staff.reviewer, accept=True)
    assert undo(batch) == "撤销存量登记 1 户，撤回更正 0 条。1 户登记以后又有办理，保留。"
    assert [case.household for case in Case.objects.all()] == [touched]
    assert undo(batch).startswith("撤销存量登记 0 户")


def test_a_ledger_kept_by_hand_enters_a_household_once_for_all_its_rows(place, make, batch):
    household = make.household(place.village)
    assert in_ledger(household, batch) == "已按手工台账登记。"
    in_ledger(household, batch)
    case = Case.objects.get(household=household)
    assert (case.source, case.main_risk, case.main_risk_unverified) == (CaseSource.HAND_LEDGER, "disability", False)
    assert not Correction.objects.exists()


def test_what_differs_from_the_register_is_proposed_and_not_overwritten(place, make, batch, staff):
    household = make.household(place.village)
    found(household, None or batch)
    ledger = ImportBatch.objects.create(
        kind=BatchKind.LEDGER,
        region=place.zone,
        file_name="台账.xlsx",
        requested_by=staff.officer,
        state="done",
        phase="applied",
    )
    assert "3 项与台账不一致" in in_ledger(household, ledger)
    in_ledger(household, ledger)
    assert set(Correction.objects.values_list("field", flat=True)) == {"main_risk", "monitor_class", "decided_on"}
    assert Case.objects.get(household=household).main_risk == "illness"
    settle_correction(correction=Correction.objects.get(field="main_risk"), by=staff.reviewer, accept=True)
    case = Case.objects.get(household=household)
    assert (case.main_risk, case.main_risk_unverified) == ("disability", False)
    assert undo(ledger) == "撤销存量登记 0 户，撤回更正 2 条。"


def test_the_same_month_is_no_difference(place, make, batch, staff):
    household = make.household(place.village)
    found(household, batch, first_cause="因残", monitor_class=MonitorClass.EDGE)
    Case.objects.update(main_risk_unverified=False)
    ledger = ImportBatch.objects.create(
        kind=BatchKind.LEDGER, region=place.zone, file_name="b.xlsx", requested_by=staff.officer
    )
    in_ledger(household, ledger, decided_on=datetime.date(2019, 12, 1))
    assert not Correction.objects.exists()
