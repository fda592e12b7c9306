"""A ledger that we printed is imported into an empty register like one kept by hand, and the next one is the same."""

from pathlib import Path

from assistance.models import Delivery, Helper
from households.codes import MonitorClass, RiskCause
from households.imports import confirm_batch, open_batch, undo_batch
from households.models import ImportBatch
from households.tasks import work_on_batch
from monitoring.models import Case
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import Opened, appoint, body, designate, give


def bring_in(path: Path, place: Place, staff: Staff) -> ImportBatch:
    batch = open_batch(
        content=path.read_bytes(), file_name=path.name, region=place.town, kind="ledger", by=staff.reviewer, ring=False
    )
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    confirm_batch(batch=batch, by=staff.reviewer, ring=False)
    work_on_batch(str(batch.pk))
    batch.refresh_from_db()
    return batch


def test_what_was_printed_comes_back_cell_by_cell_and_goes_out_again(
    place: Place, staff: Staff, make: Make, ledger: Opened, tmp_path: Path
) -> None:
    edge = make.household(place.village, "王大海", members=3)
    lifted = make.household(place.village, "李有福", members=2, household_type="lifted")
    for household in (edge, lifted):
        household.members.update(medical_insured=False)
    designate(edge, main_risk=RiskCause.DISABILITY)
    designate(lifted, MonitorClass.RELAPSE)
    appoint(edge)
    appoint(lifted, "孙立")
    give(edge, "family_doctor")
    give(edge, "dibao", edge.members.get(relation="配偶"))
    give(lifted, "housing", ended_on="2020-05-01")
    printed = body(ledger(place.town)[0], 7, 10)
    for model in (Delivery, Helper, Case):
        model.objects.all().delete()

    batch = bring_in(tmp_path / "ledger.xlsx", place, staff)
    assert batch.phase == "applied", batch.counts
    assert body(ledger(place.town)[0], 7, 10) == printed

    undo_batch(batch=batch, by=staff.reviewer)
    work_on_batch(str(batch.pk))
    assert not Delivery.objects.exists()
    assert not Helper.objects.exists()
    assert ledger(place.town)[1].counts.rows == 0
