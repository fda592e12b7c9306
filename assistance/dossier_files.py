"""How the dossiers of a village become one file: each household rendered once into a part of its own, then put together.

Rendering is what takes time. A part lies encrypted beside the job and stays when a worker is killed, so that the next one
goes on behind it; putting together only copies, and is done anew. Nothing holds more than one household, or one frame.
"""

import base64
import datetime
import json
import logging
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.encryption import keyring
from accounts.models import User
from assistance.dossier import Dossier, dossiers, place_of
from assistance.models import DossierForm, DossierJob
from assistance.sealed_files import FileDamaged, SealedWriter
from households.attachments import AttachmentDamaged, read, read_small
from households.models import Attachment, Household
from households.models.attachments import SUFFIXES

FOLDER = "dossiers"
STYLES = ("fangpin.css", "paper.css")
# Marks in the page of a file; no value can hold one, because its "<" would be escaped.
STYLE_HERE = "<!-- style -->"
HOUSEHOLDS_HERE = "<!-- households -->"
PAGE_NAME = "一户一档.html"
INDEX_NAME = "000-目录.html"
NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
CHUNK = 10  # households that are asked for together
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """What is known of the finished file."""

    size: int
    sha256: str


def folder() -> Path:
    """Where the files lie; nobody but this program reads it."""
    path = Path(settings.MEDIA_ROOT) / FOLDER
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def parts_folder(job: DossierJob) -> Path:
    """Where the parts of a job lie until it is over."""
    return folder() / job.pk.hex


def fresh_path(job: DossierJob) -> Path:
    """A name for this attempt's file; what killed attempts left of theirs is cleared away."""
    for left in folder().glob(f"{job.pk.hex}-*"):
        left.unlink(missing_ok=True)
    return folder() / f"{job.pk.hex}-{secrets.token_hex(8)}.sealed"


# ---- the parts ----


def render_parts(job: DossierJob, keys: Sequence[UUID], reader: User, after: Callable[[int, UUID], None]) -> None:
    """Render each household that has no part yet; ``after`` is told how many are done, and the last one.

    Raises what ``after`` raises; OSError when the disk is full.
    """
    parts = parts_folder(job)
    parts.mkdir(mode=0o700, exist_ok=True)
    picture = _relative if job.form == DossierForm.ZIP else _embedded
    waiting = [key for key in keys if not _part(parts, key).exists()]
    done = len(keys) - len(waiting)
    for start in range(0, len(waiting), CHUNK):
        for dossier in dossiers(waiting[start : start + CHUNK], reader, picture):
            _write_part(parts, job, dossier, reader)
            done += 1
            after(done, dossier.household.pk)


def _write_part(parts: Path, job: DossierJob, dossier: Dossier, reader: User) -> None:
    """Whole or not there at all."""
    key = dossier.household.pk
    context = {"dossier": dossier, "printed_at": timezone.localtime(), "printed_by": reader.name}
    kept = {
        "html": render_to_string("assistance/_dossier.html", context),
        "papers": [str(one.pk) for one in dossier.attachments] if job.form == DossierForm.ZIP else [],
    }
    content = keyring().encrypt_bytes(json.dumps(kept).encode(), _context(job, key))
    unfinished = parts / f".{key.hex}.{secrets.token_hex(4)}"
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(_part(parts, key))


def _read_part(job: DossierJob, key: UUID) -> dict[str, Any]:
    """A part as it was written; raises FileDamaged when it is not."""
    try:
        content = _part(parts_folder(job), key).read_bytes()
        return json.loads(keyring().decrypt_bytes(content, _context(job, key)))
    except (OSError, InvalidTag) as fault:
        raise FileDamaged("生成中的文件被改动过，没有办成，请重新发起。") from fault


def _part(parts: Path, key: UUID) -> Path:
    return parts / f"{key.hex}.part"


def _context(job: DossierJob, key: UUID) -> str:
    return f"assistance.dossier:{job.pk}:{key}"


# ---- the file ----


def put_together(job: DossierJob, keys: Sequence[UUID], path: Path, after: Callable[[], None]) -> Written:
    """Write the file of the job; ``after`` is called after each household. Raises FileDamaged for a part that was changed."""
    write = _write_zip if job.form == DossierForm.ZIP else _write_print
    rows = list(Household.objects.filter(pk__in=keys).in_village_order().only("number", "head_name", "group_no"))
    with path.open("xb") as file:
        path.chmod(0o600)
        sealed = SealedWriter(file, job.pk)
        write(sealed, job, rows, after)
        sealed.finish()
        file.flush()
        os.fsync(file.fileno())
    return Written(sealed.size, sealed.sha256)


def _write_print(sealed: SealedWriter, job: DossierJob, rows: list[Household], after: Callable[[], None]) -> None:
    """One page for a browser, each household on sheets of its own."""
    head, tail = _frame(f"{job.region.name}一户一档")
    sealed.write(f"{head}{_index(job, rows)}".encode())
    for row in rows:
        sealed.write(_read_part(job, row.pk)["html"].encode())
        after()
    sealed.write(tail.encode())


def _write_zip(sealed: SealedWriter, job: DossierJob, rows: list[Household], after: Callable[[], None]) -> None:
    """In the order of the archive: 区县/镇/村/户, each household with its page and its attachments as they were kept."""
    top = "/".join(_name(region.name) for region in place_of(job.region))
    head, tail = _frame(f"{job.region.name}一户一档")
    with zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr(_entry(f"{top}/{INDEX_NAME}"), f"{head}{_index(job, rows)}{tail}")
        for number, row in enumerate(rows, start=1):
            part = _read_part(job, row.pk)
            here = f"{top}/{number:03d}-{_name(row.number)}-{_name(row.head_name)}"
            archive.writestr(_entry(f"{here}/{PAGE_NAME}"), f"{head}{part['html']}{tail}")
            _write_papers(archive, here, part["papers"])
            after()


def _write_papers(archive: zipfile.ZipFile, here: str, keys: list[str]) -> None:
    found = {str(one.pk): one for one in Attachment.objects.for_everybody_here().filter(pk__in=keys)}
    for number, key in enumerate(keys, start=1):
        if key not in found:
            continue
        try:
            archive.writestr(_entry(f"{here}/{_paper_name(found[key], number)}"), read(found[key]))
        except AttachmentDamaged as damage:
            logger.error("attachment %s is damaged, see check_attachments", key)
            archive.writestr(_entry(f"{here}/附件{number:02d}-读不出来.txt"), f"{damage}。请告诉系统管理员。")


def _frame(title: str) -> tuple[str, str]:
    """What stands before and behind the households of a page."""
    page = render_to_string("assistance/dossier_file.html", {"title": title}).replace(STYLE_HERE, _style())
    head, _, tail = page.partition(HOUSEHOLDS_HERE)
    return head, tail


def _index(job: DossierJob, rows: list[Household]) -> str:
    context = {
        "village": job.region,
        "rows": rows,
        "printed_at": timezone.localtime(),
        "printed_by": job.requested_by.name if job.requested_by else "",
    }
    return render_to_string("assistance/_dossier_index.html", context)


def _style() -> str:
    """The style of papers, inside the file: it is opened from a disk, without this server."""
    found = [finders.find(name) for name in STYLES]
    sheets = "\n".join(Path(str(path)).read_text(encoding="utf-8") for path in found)
    return f"<style>{sheets}</style>"


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, datetime.datetime.now(timezone.get_current_timezone()).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _name(text: str) -> str:
    """A name of a file or folder on any system."""
    return NOT_IN_A_NAME.sub("_", text).strip(" .") or "_"


def _paper_name(attachment: Attachment, number: int) -> str:
    return f"附件{number:02d}-{attachment.get_kind_display()}.{SUFFIXES[attachment.media_type]}"  # type: ignore[index]


# ---- photos ----


def _relative(attachment: Attachment, number: int) -> str:
    """In an archive a photo lies beside the page, as it was kept."""
    return _paper_name(attachment, number)


def _embedded(attachment: Attachment, number: int) -> str:
    """In one file for printing the small picture is part of the page; nothing where it cannot be read."""
    try:
        return f"data:image/jpeg;base64,{base64.b64encode(read_small(attachment)).decode()}"
    except AttachmentDamaged:
        logger.error("attachment %s is damaged, see check_attachments", attachment.pk)
        return ""


# ---- clearing away ----


def remove_parts(job: DossierJob) -> None:
    """Away with the parts of a job that is over."""
    shutil.rmtree(parts_folder(job), ignore_errors=True)


def leftovers(before: datetime.datetime) -> Iterator[Path]:
    """Everything in the folder that was last touched before the moment."""
    for path in sorted(folder().iterdir()):
        try:
            if path.stat().st_mtime < before.timestamp():
                yield path
        except FileNotFoundError:
            continue  # cleared away at this moment
