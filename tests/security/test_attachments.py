"""Files that people send: bare of place, nothing that runs, encrypted, bound to their row, and only for who may see."""

import io
import os
import re
import signal
import subprocess
import sys
import zlib

import pytest
from django.conf import settings as project
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.encryption import keyring
from accounts.models import AuditEvent
from households import attachment_vault, attachments, signals
from households.attachment_vault import AttachmentDamaged, Part
from households.attachments import read, read_small, store, sweep
from households.incoming_files import MAX_PIXELS, FileRefused, examine
from households.models import Attachment
from tests.factories import add_place, add_staff
from tests.households.sent_files import PDF, photo_of_a_phone, picture, sent
from tests.households.test_attachments import make_old
from tests.support.processes import wait_until

SCRIPT = b"<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """A folder that holds nothing of other tests."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sit(client):
    def seated(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return seated


@pytest.fixture
def kept(place, staff):
    return store(sent(picture()), kind="evidence", village=place.village, by=staff.cadre)


def png_chunk(kind, body):
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png_that_unpacks_to(width, height):
    """A picture of one bit a pixel whose rows are all zero: small to send, enormous to open."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\0\0\0\0"
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width // 8 + 2)) for _row in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def test_where_and_with_what_a_photo_was_taken_is_gone(place, staff):
    original = photo_of_a_phone()
    assert b"CanaryPhone" in original and b"CanaryComment" in original
    row = store(sent(original), kind="visit_photo", village=place.village, by=staff.cadre)
    for content in (read(row), read_small(row)):
        with Image.open(io.BytesIO(content)) as image:
            assert not dict(image.getexif())
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not re.search(rb"Canary|Exif|GPS|ICC_PROFILE", content)


@pytest.mark.parametrize("name", ["图.jpg", "图.png", "图.svg", "页.html", "a.pdf", ""])
@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"\xef\xbb\xbf  \r\n<!doctype html><title>x</title>",
        b"<?php system($_GET[0]);",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\n%PDF-1.4 but not from the first byte\n%%EOF",
        b"\xff\xd8\xff" + SCRIPT * 20,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"RIFF\x10\0\0\0WEBP" + SCRIPT,
    ],
)
def test_what_only_says_that_it_is_a_photo_is_refused(content, name):
    with pytest.raises(FileRefused):
        examine(sent(content, name or "x"))


def test_what_hangs_on_a_photo_is_not_kept(place, staff):
    row = store(sent(picture() + SCRIPT), kind="other", village=place.village, by=staff.cadre)
    assert SCRIPT not in read(row) + read_small(row)


def test_a_scan_under_the_name_of_a_photo_is_refused_with_a_clear_sentence():
    with pytest.raises(FileRefused) as refused:
        examine(sent(PDF, "签到表.JPG"))
    assert refused.value.messages == [
        "“签到表.JPG”的名字以 .jpg 结尾，内容却是 PDF。请改成 .pdf，确认是要交的那一份，再上传。"
    ]


def test_a_picture_that_is_small_to_send_and_enormous_to_open_is_refused():
    for width, height in ((13_000, 13_000), (9_000, 9_000), (60_000, MAX_PIXELS // 60_000 + 1)):
        bomb = png_that_unpacks_to(width, height)
        assert len(bomb) < 200_000
        with pytest.raises(FileRefused, match="5000 万像素"):
            examine(sent(bomb, "照片.png"))


def test_the_largest_picture_that_is_taken_is_opened_within_the_limits():
    found = examine(sent(picture((7_000, 7_000), "PNG", mode="RGBA", colour=(9, 9, 9, 9)), "大.png"))
    assert (found.width, found.height) == (1600, 1600)


def test_on_the_disk_nothing_can_be_read(kept, place, staff):
    scan = store(sent(PDF, "a.pdf"), kind="minutes", village=place.village, by=staff.cadre)
    for row in (kept, scan):
        plain = read(row)
        for path in attachment_vault.folder().rglob(f"{row.pk.hex}*"):
            stored = path.read_bytes()
            assert stored.startswith(b"v1:") and plain[:40] not in stored
            assert b"\xff\xd8\xff" not in stored[:64] and b"%PDF" not in stored
            assert path.stat().st_mode & 0o077 == 0


def test_a_file_belongs_to_its_row_and_part(kept, place, staff):
    other = store(sent(picture(colour=(200, 0, 0))), kind="evidence", village=place.village, by=staff.cadre)
    mine, theirs = (attachment_vault.path_of(row.pk, Part.WHOLE) for row in (kept, other))
    small = attachment_vault.path_of(kept.pk, Part.SMALL)
    own, foreign, little = mine.read_bytes(), theirs.read_bytes(), small.read_bytes()
    mine.write_bytes(foreign)
    theirs.write_bytes(own)
    for row in (kept, other):
        with pytest.raises(AttachmentDamaged, match="不是这一份"):
            read(row)
    mine.write_bytes(little)
    with pytest.raises(AttachmentDamaged):
        read(kept)


@pytest.mark.parametrize("place_of_bit", [0, 3, 14, 30, -1])
def test_a_single_changed_bit_is_noticed(kept, place_of_bit):
    path = attachment_vault.path_of(kept.pk, Part.WHOLE)
    content = bytearray(path.read_bytes())
    content[place_of_bit] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(AttachmentDamaged):
        read(kept)


@pytest.mark.parametrize("content", [b"", b"v1:", b"v1:abcd:", b"v1:abcd:short", b"\xff\xfe\xfd", b"v2:x:" + b"0" * 99])
def test_what_is_no_file_of_ours_is_damage_and_nothing_else(kept, content):
    attachment_vault.path_of(kept.pk, Part.WHOLE).write_bytes(content)
    with pytest.raises(AttachmentDamaged):
        read(kept)


def test_a_file_of_another_keyring_says_that_its_key_is_missing(kept):
    path = attachment_vault.path_of(kept.pk, Part.WHOLE)
    path.write_bytes(path.read_bytes().replace(keyring().active.encode(), b"00000000", 1))
    with pytest.raises(AttachmentDamaged, match="密钥环"):
        read(kept)


def test_who_is_posted_elsewhere_cannot_even_find_a_file(sit, staff, kept):
    for person in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
        for address in (f"/files/{kept.pk}/", f"/files/{kept.pk}/small/"):
            assert sit(person).get(address).status_code == 404
    for person in (staff.clerk, staff.admin, staff.unposted):
        assert sit(person).get(f"/files/{kept.pk}/").status_code == 403
    assert not AuditEvent.objects.filter(action="attachment.open").exists()


def test_nobody_reaches_a_file_without_logging_in_or_by_its_path(client, kept):
    assert client.get(f"/files/{kept.pk}/").status_code == 302
    inside = attachment_vault.path_of(kept.pk, Part.WHOLE).relative_to(attachment_vault.folder())
    for address in (f"/media/attachments/{inside}", f"/files/{inside}", "/files/../keys/keyring.json"):
        assert client.get(address).status_code in (302, 404)


def test_every_look_is_in_the_trace_with_who_and_where(sit, staff, kept, place):
    for person in (staff.cadre, staff.inspector):
        sit(person).get(f"/files/{kept.pk}/")
    looks = AuditEvent.objects.filter(action="attachment.open", target=f"households.attachment:{kept.pk}").order_by(
        "pk"
    )
    assert [(look.actor, look.region) for look in looks] == [
        (staff.cadre, place.village),
        (staff.inspector, place.village),
    ]


def test_a_file_is_sent_so_that_nothing_of_it_runs_or_stays(sit, staff, kept, place):
    scan = store(sent(PDF, '"><b>\r\nX-Evil: 1.pdf'), kind="minutes", village=place.village, by=staff.cadre)
    client = sit(staff.cadre)
    for address in (f"/files/{kept.pk}/", f"/files/{kept.pk}/small/", f"/files/{scan.pk}/"):
        answer = client.get(address)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Evil" not in str(answer.headers)
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("attachment")


def test_a_sensitive_file_is_opened_only_for_whom_its_owner_lets(sit, staff, place):
    held = store(sent(picture()), kind="evidence", village=place.village, by=staff.cadre, sensitive=True)
    for person in (staff.cadre, staff.reviewer, staff.officer, staff.inspector):
        assert sit(person).get(f"/files/{held.pk}/").status_code == 404

    def reviewers_only(attachment, user, **_others):
        return user == staff.reviewer

    signals.sensitive_attachment_asked.connect(reviewers_only)
    try:
        assert sit(staff.reviewer).get(f"/files/{held.pk}/").status_code == 200
        assert sit(staff.reviewer).get(f"/files/{held.pk}/small/").status_code == 404
        assert sit(staff.officer).get(f"/files/{held.pk}/").status_code == 404
        assert sit(staff.other_reviewer).get(f"/files/{held.pk}/").status_code == 404
    finally:
        signals.sensitive_attachment_asked.disconnect(reviewers_only)


UPLOAD = """
import os, sys, django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[1]
from django.db import transaction
from accounts.models import Region, User
from households.attachments import store
from tests.households.sent_files import picture, sent
with transaction.atomic():
    store(sent(picture()), kind="other", village=Region.objects.get(code=sys.argv[2]), by=User.objects.get(username="cadre"))
    print("stored", flush=True)
    sys.stdin.read()
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_file_and_row_leaves_no_half(tmp_path):
    place = add_place()
    add_staff(place)
    connection.close()
    environment = {**os.environ, "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"])}
    with subprocess.Popen(
        [sys.executable, "-c", UPLOAD, str(tmp_path), place.village.code],
        env=environment,
        cwd=project.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"stored\n"
        process.send_signal(signal.SIGKILL)
    left = list(attachment_vault.folder().glob("??/*"))
    assert len(left) == 2
    wait_until(lambda: not Attachment.objects.exists())
    for path in left:
        make_old(path)
    assert sweep(timezone.now()) == 2
    assert list(attachments.faults(timezone.now())) == []
    assert list(attachment_vault.folder().glob("??/*")) == []
