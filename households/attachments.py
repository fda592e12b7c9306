"""Keep photos and scans, give them back as they were, and prove that rows and files agree."""

import datetime
import hashlib
import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts import audit
from accounts.models import Region, User
from households import attachment_vault, signals
from households.attachment_vault import AttachmentDamaged, Part
from households.incoming_files import IncomingFile, examine
from households.models import Attachment, AttachmentKind, Household
from households.models.attachments import AttachmentQuerySet

__all__ = ["AttachmentDamaged", "attachments_in", "may_open", "read", "read_small", "store", "store_all"]

MOST_A_DAY = 200 * 1024 * 1024  # bytes that one person may add
ORPHAN_AGE = datetime.timedelta(hours=1)  # a younger file may be about to get its row
UNSWEPT_AGE = datetime.timedelta(hours=3)  # an orphan that should have been swept long ago
MOST_SWEPT = 200
AT_A_TIME = 500
logger = logging.getLogger(__name__)


def store(
    file: File | IncomingFile,
    *,
    kind: str,
    village: Region,
    by: User,
    household: Household | None = None,
    sensitive: bool = False,
) -> Attachment:
    """Keep a photo or scan; its row belongs to the caller's transaction. Whoever calls has asked whether ``by`` may.

    Pass what the form field has examined (IncomingFile), or a file, which is examined here. The same file of the same
    kind for the same household (or village) gives the row that is there. A sensitive one is opened only for those for
    whom a receiver of ``signals.sensitive_attachment_asked`` answers True, and has no small picture.

    Raises FileRefused for what is no photo or PDF, ValidationError when the day's amount or the disk is used up.
    """
    if household is not None and household.village_id != village.pk:
        raise ValidationError("附件的村和农户的村不一致。", code="village")
    incoming = file if isinstance(file, IncomingFile) else examine(file)
    row = Attachment(
        village=village,
        household=household,
        kind=AttachmentKind(kind),
        name=incoming.name,
        media_type=incoming.media_type,
        size=len(incoming.content),
        sha256=hashlib.sha256(incoming.content).hexdigest(),
        sent_sha256=incoming.sent_sha256,
        width=incoming.width,
        height=incoming.height,
        pages=incoming.pages,
        sensitive=sensitive,
        uploaded_by=by,
    )
    if earlier := _same(row).first():
        return earlier
    _check_room(row)
    # The files first: should anything end this process now, they are without a row, which the sweeper sees to.
    attachment_vault.write(row.pk, Part.WHOLE, incoming.content)
    if row.has_small:
        attachment_vault.write(row.pk, Part.SMALL, incoming.small)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(
                action="attachment.store",
                actor=by,
                target=row,
                region=village,
                attachment_kind=row.kind,
                household=household.pk if household else None,
                bytes=row.size,
                sha256=row.sha256,
            )
    except IntegrityError:
        return _same(row).get()  # a second click was first
    return row


def store_all(files: Iterable[File | IncomingFile], **owner: object) -> list[Attachment]:
    """Keep several; the arguments are those of ``store``. Call it inside the transaction of what they prove."""
    return [store(file, **owner) for file in files]  # type: ignore[arg-type]


def read(attachment: Attachment) -> bytes:
    """The content as it was kept.

    Raises AttachmentDamaged when the file is not there, was changed or exchanged, or is not what the row says.
    """
    content = attachment_vault.read(attachment.pk, Part.WHOLE)
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise AttachmentDamaged("文件和登记的校验码不符")
    return content


def read_small(attachment: Attachment) -> bytes:
    """The small picture (JPEG, at most 240 pixels a side); raises AttachmentDamaged as ``read`` does."""
    return attachment_vault.read(attachment.pk, Part.SMALL)


def attachments_in(user: User) -> AttachmentQuerySet:
    """The attachments that the person may see in lists: of his regions, without those that only some may open."""
    return Attachment.objects.visible_to(user).for_everybody_here()


def may_open(attachment: Attachment, user: User) -> bool:
    """Whether a person in whose region it lies may open it: a sensitive one only when the app that owns it says so."""
    if not attachment.sensitive:
        return True
    answers = signals.sensitive_attachment_asked.send(sender=Attachment, attachment=attachment, user=user)
    return any(answer is True for _receiver, answer in answers)


def sweep(now: datetime.datetime) -> int:
    """Delete files that never got a row, and unfinished ones, an hour after they were written; returns how many.

    Many at once look like a database that does not belong to this folder: then nothing is deleted, and the log says so.
    """
    orphans = list(_orphans(now - ORPHAN_AGE))
    if len(orphans) > MOST_SWEPT:
        logger.error("%s attachment files without a row: nothing deleted, see check_attachments", len(orphans))
        return 0
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def sweep_uploads(now: datetime.datetime) -> int:
    """Delete what a killed web process left of uploads on the disk; returns how many files."""
    gone = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        if path.stat().st_mtime < (now - ORPHAN_AGE).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def faults(now: datetime.datetime) -> Iterator[str]:
    """What is wrong with rows and files, one sentence each; nothing when every row has its file, as it was kept."""
    for row in Attachment.objects.order_by("pk").iterator(chunk_size=AT_A_TIME):
        try:
            content = read(row)
            if len(content) != row.size:
                yield f"附件 {row.pk}：大小和登记的不符。"
            if row.has_small:
                read_small(row)
        except AttachmentDamaged as damage:
            yield f"附件 {row.pk}：{damage}。"
    for path in _orphans(now - UNSWEPT_AGE):
        yield f"文件 {path.name} 没有对应的附件记录，也没有被清理。"


def _same(row: Attachment) -> QuerySet[Attachment]:
    """Rows that the same file, kind and owner made before."""
    owner = {"household": row.household} if row.household_id else {"household": None, "village": row.village}
    return Attachment.objects.filter(**owner, kind=row.kind, sensitive=row.sensitive, sent_sha256=row.sent_sha256)


def _check_room(row: Attachment) -> None:
    midnight = timezone.make_aware(datetime.datetime.combine(timezone.localdate(), datetime.time.min))
    today = Attachment.objects.filter(uploaded_by=row.uploaded_by, uploaded_at__gte=midnight)
    if (today.aggregate(bytes=Sum("size"))["bytes"] or 0) + row.size > MOST_A_DAY:
        raise ValidationError(
            f"今天上传的附件已经满 {MOST_A_DAY // 1024 // 1024} MB，请明天再传，或者把扫描件调小。", code="quota"
        )
    if not attachment_vault.has_room():
        raise ValidationError("服务器的磁盘快满了，现在不能收附件。请告诉系统管理员。", code="disk")


def _orphans(before: datetime.datetime) -> Iterator[Path]:
    files = attachment_vault.files_before(before)
    while some := list(islice(files, AT_A_TIME)):
        known = set(Attachment.objects.filter(pk__in={key for _path, key in some if key}).values_list("pk", flat=True))
        yield from (path for path, key in some if key not in known)
