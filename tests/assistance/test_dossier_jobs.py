"""The dossiers of a whole village: one file, in the order of the archive, encrypted, resumed, fetched by its owner, gone."""

import datetime
import hashlib
import io
import tracemalloc
import uuid
import zipfile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import JobState, LeaseLost
from accounts.models import AuditEvent
from assistance import dossier_files, dossier_jobs, sealed_files
from assistance.models import DossierJob
from assistance.sealed_files import FRAME, FileDamaged, SealedWriter
from assistance.tasks import expire_dossiers, make_dossiers
from households.attachments import read, store
from households.models import Attachment
from tests.households.sent_files import PDF, picture, sent
from tests.ledgers.conftest import designate

DAY = datetime.timedelta(days=1)


@pytest.fixture
def village(place, make, staff):
    """Five families on the register, one with a photo and a scan, one that never was, one that moved away."""
    families = [
        make.household(place.village, f"王大{name}", group_no=2 - number // 3)
        for number, name in enumerate("甲乙丙丁戊")
    ]
    for family in families:
        designate(family)
    kept = {"village": place.village, "household": families[0], "by": staff.cadre}
    store(sent(picture(), "门口.jpg"), kind="visit_photo", **kept)
    store(sent(PDF, "申请.pdf"), kind="declaration", **kept)
    store(sent(PDF, "核实.pdf"), kind="evidence", sensitive=True, **kept)
    make.household(place.village, "从未在册")
    designate(make.household(place.village, "搬走了", closed_on=timezone.localdate()))
    return place.village


@pytest.fixture
def ask(staff, village):
    def asked(by=None, **how):
        wanted = {"village": village, "form": "print", "whose": "on_file", "idempotency_key": str(uuid.uuid4()), **how}
        return dossier_jobs.request_dossiers(by=by or staff.cadre, **wanted)

    return asked


def made(job):
    make_dossiers(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.message
    return job


def content(job, by):
    return b"".join(dossier_jobs.fetch(job=job, by=by))


def seat(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# ---- asking ----


def test_two_clicks_and_the_same_wish_within_a_minute_are_one_job(ask, staff):
    key = str(uuid.uuid4())
    first = ask(idempotency_key=key)
    assert ask(idempotency_key=key).pk == first.pk
    assert ask().pk == first.pk
    assert ask(form="zip").pk != first.pk
    assert ask(by=staff.team).pk != first.pk
    assert AuditEvent.objects.filter(action="dossier.request").count() == 3


def test_only_who_reads_the_village_may_ask(ask, staff, place):
    for user in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer, staff.clerk, staff.admin):
        with pytest.raises(PermissionDenied):
            ask(by=user)
    with pytest.raises(ValidationError):
        ask(by=staff.reviewer, village=place.town)
    with pytest.raises(ValidationError):
        ask(by=staff.reviewer, village=place.neighbour)
    assert ask(by=staff.inspector)


# ---- one file for printing ----


def test_the_file_for_printing_has_every_family_on_sheets_of_its_own(ask, staff, village):
    job = made(ask())
    page = content(job, staff.cadre).decode()
    assert page.count("dossier-cover") >= 5
    names = [f"王大{name}" for name in "丁戊甲乙丙"]  # by group, then number
    places = [page.index(f"<td>{name}</td></tr>\n<tr><th>户编号") for name in names]
    assert places == sorted(places)
    assert "从未在册" not in page
    assert "搬走了" not in page
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    for needs_a_server in ("<script", "<link", 'src="/'):
        assert needs_a_server not in page
    assert "data:image/jpeg;base64," in page
    assert ".dossier-cover" in page  # the style is inside
    assert (job.size, job.sha256) == (len(page.encode()), hashlib.sha256(page.encode()).hexdigest())
    assert (job.done_count, job.total_count) == (5, 5)


def test_everybody_on_file_is_the_whole_village_without_those_who_are_gone(ask, staff):
    page = content(made(ask(whose="everybody")), staff.cadre).decode()
    assert "从未在册" in page
    assert "搬走了" not in page


def test_no_number_is_in_the_file_and_nothing_is_plain_on_the_disk(ask, staff, village):
    job = made(ask())
    plain = content(job, staff.cadre).decode()
    for household in village.households.all():
        for member in household.members.all():
            assert member.id_number not in plain
    stored = (dossier_files.folder() / job.stored_name).read_bytes()
    assert "王大甲".encode() not in stored
    assert b"<html" not in stored
    assert not dossier_files.parts_folder(job).exists()


# ---- an archive ----


def test_the_archive_lies_in_the_order_of_its_levels_with_attachments_as_they_were_kept(ask, staff):
    job = made(ask(form="zip"))
    archive = zipfile.ZipFile(io.BytesIO(content(job, staff.cadre)))
    assert archive.testzip() is None
    names = archive.namelist()
    top = "云山高新区/青石镇/北石桥村委会/"
    assert names[0] == f"{top}000-目录.html"
    pages = [name for name in names if name.endswith("一户一档.html")]
    assert [name.removeprefix(top).split("/")[0][:3] for name in pages] == ["001", "002", "003", "004", "005"]
    assert [name.split("-")[-1].split("/")[0] for name in pages] == [f"王大{name}" for name in "丁戊甲乙丙"]
    kept = [name for name in names if "附件" in name]
    assert sorted(name.rpartition("/")[2][4:] for name in kept) == ["-入户照片.jpg", "-申请（申报）书.pdf"]
    photo = next(name for name in kept if name.endswith(".jpg"))
    assert archive.read(photo) == read(Attachment.objects.get(kind="visit_photo"))
    page = archive.read(next(name for name in pages if name.startswith(photo.rpartition("/")[0]))).decode()
    assert f'src="{photo.rpartition("/")[2]}"' in page
    assert page.partition("</head>")[0].count("<style>") == 1 and ".paper-dossier" in page.partition("</head>")[0]


def test_a_name_that_no_disk_takes_is_made_one(ask, staff, village):
    village.households.filter(head_name="王大甲").update(head_name='王/大:"甲".')
    names = zipfile.ZipFile(io.BytesIO(content(made(ask(form="zip")), staff.cadre))).namelist()
    assert any("王_大__甲_/" in name for name in names)


def test_a_damaged_attachment_does_not_stop_the_archive_and_is_told(ask, staff):
    row = Attachment.objects.get(kind="declaration")
    Attachment.objects.filter(pk=row.pk).update(sha256="0" * 64)
    archive = zipfile.ZipFile(io.BytesIO(content(made(ask(form="zip")), staff.cadre)))
    told = next(name for name in archive.namelist() if name.endswith("读不出来.txt"))
    assert "校验码" in archive.read(told).decode()


# ---- killed, cancelled, changed ----


def test_the_next_worker_goes_on_behind_what_was_rendered(ask, staff, village):
    job = ask()
    first = DossierJob.claim(job.pk)
    keys = dossier_jobs.households_for(village, job.whose)

    class Killed(BaseException):
        pass

    def dies_after_three(done, key):
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        dossier_files.render_parts(first, keys, staff.cadre, dies_after_three)
    assert len(list(dossier_files.parts_folder(job).glob("*.part"))) == 3
    written = {path: path.stat().st_mtime_ns for path in dossier_files.parts_folder(job).glob("*.part")}
    told = []
    dossier_files.render_parts(first, keys, staff.cadre, lambda done, key: told.append(done))
    assert told == [4, 5]
    assert all(path.stat().st_mtime_ns == when for path, when in written.items())
    dossier_jobs.produce(first)
    assert content(DossierJob.objects.get(pk=job.pk), staff.cadre).decode().count('class="sheet dossier-cover"') == 5


def test_a_part_that_was_changed_ends_the_job_with_a_sentence(ask, staff, village):
    job = DossierJob.claim(ask().pk)
    keys = dossier_jobs.households_for(village, job.whose)
    dossier_files.render_parts(job, keys, staff.cadre, lambda done, key: None)
    one = next(dossier_files.parts_folder(job).glob("*.part"))
    *kept, last = one.read_bytes()
    one.write_bytes(bytes([*kept, last ^ 1]))
    dossier_jobs.produce(job)
    job.refresh_from_db()
    assert (job.state, job.stored_name) == (JobState.FAILED, "")
    assert "改动" in job.message
    assert list(dossier_files.folder().glob(f"{job.pk.hex}*")) == []


def test_a_cancelled_job_leaves_no_file(ask, staff):
    job = ask()
    claimed = DossierJob.claim(job.pk)
    dossier_jobs.cancel(job=job, by=staff.cadre)
    with pytest.raises(LeaseLost):
        dossier_jobs.produce(claimed)
    assert list(dossier_files.folder().glob(f"{job.pk.hex}-*")) == []
    with pytest.raises(ValidationError):
        dossier_jobs.cancel(job=job, by=staff.cadre)


def test_who_lost_the_posting_gets_no_file(ask, staff):
    job = ask()
    staff.cadre.postings.update(ends_on=timezone.localdate() - DAY)
    make_dossiers(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "岗位" in job.message


# ---- fetching, expiring ----


def test_the_file_is_for_who_asked_and_still_reads_the_village(ask, client, staff):
    job = made(ask())
    for user in (staff.second_cadre, staff.reviewer, staff.neighbour_cadre):
        with pytest.raises(PermissionDenied):
            dossier_jobs.fetch(job=job, by=user)
        assert seat(client, user).get(reverse("assistance:dossier-file", args=[job.pk])).status_code == 404
    staff.cadre.postings.update(ends_on=timezone.localdate() - DAY)
    with pytest.raises(PermissionDenied):
        dossier_jobs.fetch(job=job, by=staff.cadre)


def test_each_fetch_is_traced_and_nothing_of_the_file_runs(ask, client, staff):
    job = made(ask())
    url = reverse("assistance:dossier-file", args=[job.pk])
    shown = seat(client, staff.cadre).get(url)
    assert b"".join(shown.streaming_content).decode().startswith("<!doctype html>")
    policy = shown.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script" not in policy
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "no-store" in shown.headers["Cache-Control"]
    assert client.get(url, {"save": 1}).headers["Content-Disposition"].startswith("attachment")
    assert AuditEvent.objects.filter(action="dossier.fetch", actor=staff.cadre).count() == 2


def test_a_file_is_gone_after_a_day_and_says_so(ask, client, staff):
    job = made(ask())
    path = dossier_files.folder() / job.stored_name
    assert expire_dossiers() == 0
    assert path.exists()
    DossierJob.objects.update(finished_at=timezone.now() - DAY)
    job.refresh_from_db()
    with pytest.raises(ValidationError):
        dossier_jobs.fetch(job=job, by=staff.cadre)
    assert expire_dossiers() == 1
    assert not path.exists()
    job.refresh_from_db()
    assert (job.stored_name, job.removed_at is not None) == ("", True)
    page = seat(client, staff.cadre).get(reverse("assistance:dossier-job", args=[job.pk])).content.decode()
    assert "文件已删除" in page


def test_what_nobody_knows_is_cleared_away_and_work_in_hand_is_not(ask, staff, village):
    later = timezone.now() + datetime.timedelta(hours=2)
    dossier_jobs.expire(later)  # what other tests left
    waiting, lost = ask(), uuid.uuid4()
    keys = dossier_jobs.households_for(village, waiting.whose)
    dossier_files.render_parts(waiting, keys[:2], staff.cadre, lambda done, key: None)
    stray = dossier_files.folder() / f"{lost.hex}-0123.sealed"
    stray.write_bytes(b"x")
    assert dossier_jobs.expire(timezone.now()) == 0
    assert dossier_jobs.expire(later) == 1
    assert not stray.exists()
    assert len(list(dossier_files.parts_folder(waiting).glob("*.part"))) == 2
    waiting.cancel()
    assert dossier_jobs.expire(later) == 1
    assert not dossier_files.parts_folder(waiting).exists()


def test_the_page_of_a_job_shows_how_far_it_is(ask, client, staff):
    job = ask()
    claimed = DossierJob.claim(job.pk)
    claimed.checkpoint(done_count=120, total_count=300)
    url = reverse("assistance:dossier-job", args=[job.pk])
    whole = seat(client, staff.cadre).get(url).content.decode()
    assert "120 / 300" in whole
    assert f'hx-get="{url}"' in whole
    piece = client.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert piece.startswith('<section class="card" id="dossiers"')


# ---- the sealed file ----


def test_a_sealed_file_that_was_cut_changed_or_mixed_is_not_read(tmp_path):
    key, path = uuid.uuid4(), tmp_path / "one"
    whole = bytes(range(256)) * 10_000  # two frames and a half
    with path.open("wb") as file:
        sealed = SealedWriter(file, key)
        sealed.write(whole)
        sealed.finish()
    assert b"".join(sealed_files.read(path, key)) == whole
    stored = path.read_bytes()
    frame = int.from_bytes(stored[:4], "big") + 4
    spoiled = {
        "another key": (stored, uuid.uuid4()),
        "cut off behind a frame": (stored[: frame * 2], key),
        "cut off inside one": (stored[:-5], key),
        "a frame left out": (stored[frame:], key),
        "two exchanged": (stored[frame : frame * 2] + stored[:frame] + stored[frame * 2 :], key),
        "one bit": (stored[:100] + bytes([stored[100] ^ 1]) + stored[101:], key),
    }
    for what, (bytes_there, asked) in spoiled.items():
        path.write_bytes(bytes_there)
        with pytest.raises(FileDamaged):
            b"".join(sealed_files.read(path, asked))
            pytest.fail(what)


def test_a_large_file_needs_the_memory_of_a_few_frames(tmp_path):
    key, path, many = uuid.uuid4(), tmp_path / "large", 60
    piece = b"x" * (FRAME // 2)
    tracemalloc.start()
    with path.open("wb") as file:
        sealed = SealedWriter(file, key)
        for _each in range(many * 2):
            sealed.write(piece)
        sealed.finish()
    assert sum(len(frame) for frame in sealed_files.read(path, key)) == many * FRAME
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * FRAME


def test_the_page_of_a_waiting_job_asks_again_by_itself_on_a_phone_too(client, staff, ask):
    without_script, by_script = (
        '<noscript><meta http-equiv="refresh" content="5"></noscript>',
        '<meta name="again" content="8">',
    )
    for person in (staff.cadre, staff.reviewer):
        client.force_login(person)
        shown = client.get(reverse("assistance:dossier-job", args=[ask(by=person).pk])).content.decode()
        assert without_script in shown
        assert (by_script in shown) == (person == staff.cadre)  # an office page has htmx for it
