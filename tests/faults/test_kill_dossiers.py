"""The worker is killed with -9 twice while it prints a village: the next goes on behind, one file comes out, whole."""

import hashlib
import uuid

from accounts import jobs
from accounts.jobs import JobState
from accounts.models import AuditEvent, Level
from assistance import dossier_files, dossier_jobs
from tests.browser.test_dossier_journey import FAMILIES, settle
from tests.factories import add_place, add_region, add_staff
from tests.faults.test_kill_export import hasty_worker  # noqa: F401
from tests.support.processes import WorkerProcess, wait_until


def test_a_worker_killed_twice_leaves_one_whole_file_and_renders_nothing_twice(hasty_worker: WorkerProcess) -> None:
    place = add_place()
    reviewer = add_staff(place).reviewer
    village = add_region("379903002209", "大石桥村委会", Level.VILLAGE, place.town)
    settle(village)
    job = dossier_jobs.request_dossiers(
        by=reviewer, village=village, form="print", whose="on_file", idempotency_key=str(uuid.uuid4())
    )
    parts = dossier_files.parts_folder(job)
    kept: dict[str, int] = {}

    def in_the_middle(attempt: int) -> bool:
        job.refresh_from_db()
        assert job.state in (JobState.QUEUED, JobState.RUNNING)
        return job.attempts == attempt and len(kept) < job.done_count < job.total_count

    for attempt in (1, 2):
        if attempt > 1:  # one ring and no more: a worker that starts would take up a ring left over unwatched
            wait_until(jobs.sweep)
        wait_until(lambda attempt=attempt: in_the_middle(attempt), seconds=60, every=0.005)
        hasty_worker.kill9()
        now = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.part")}
        assert len(now) > len(kept)
        assert all(now[name] == when for name, when in kept.items())  # rendered once
        kept = now
        hasty_worker.start()

    def made() -> bool:
        jobs.sweep()
        job.refresh_from_db()
        return job.is_over

    wait_until(made, seconds=90, every=0.2)
    assert (job.state, job.attempts) == (JobState.DONE, 3)
    # The job says that it is over, and a moment later its parts go.
    wait_until(lambda: not dossier_files.parts_folder(job).exists(), seconds=30, every=0.2)
    left = [path.name for path in dossier_files.folder().glob(f"*{job.pk.hex}*")]
    assert left == [job.stored_name]
    page = b"".join(dossier_jobs.fetch(job=job, by=reviewer))
    assert (len(page), hashlib.sha256(page).hexdigest()) == (job.size, job.sha256)
    assert page.decode().count('class="sheet dossier-cover"') == FAMILIES
    assert AuditEvent.objects.filter(action="dossier.make", target=f"assistance.dossierjob:{job.pk}").count() == 1
