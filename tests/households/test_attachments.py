"""Photos and scans are kept small, whole and once; rows and files agree, whatever happens in between."""

import datetime
import io
import os

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from PIL import Image

from accounts.models import AuditEvent
from households import attachment_vault, attachments
from households.attachment_vault import AttachmentDamaged, Part
from households.attachments import attachments_in, read, read_small, store, store_all, sweep, sweep_uploads
from households.incoming_files import MAX_DOCUMENT, MAX_KEPT, FileRefused, examine, harmless_name
from households.models import Attachment, AttachmentKind
from tests.households.sent_files import PDF, noise, photo_of_a_phone, picture, sent

HOUR = datetime.timedelta(hours=1)
PHOTO, EVIDENCE = AttachmentKind.VISIT_PHOTO, AttachmentKind.EVIDENCE


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """A folder that holds nothing of other tests."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def kept(place, staff):
    """A photo of a meeting in the village."""
    return store(sent(picture()), kind="meeting_photo", village=place.village, by=staff.cadre)


def files_on_disk():
    return set(attachment_vault.folder().glob("??/*"))


def make_old(path, hours=2):
    then = (timezone.now() - hours * HOUR).timestamp()
    os.utime(path, (then, then))


def test_a_large_photo_is_kept_small_and_upright(place, staff):
    row = store(sent(noise((4000, 3000))), kind=PHOTO, village=place.village, by=staff.cadre)
    content = read(row)
    assert (row.media_type, row.size, row.pages) == ("image/jpeg", len(content), None)
    assert max(row.width, row.height) <= 1600 and row.size <= MAX_KEPT
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (row.width, row.height))
    turned = store(sent(photo_of_a_phone((640, 480))), kind=PHOTO, village=place.village, by=staff.cadre)
    assert (turned.width, turned.height) == (480, 640)


@pytest.mark.parametrize(
    ("form", "mode", "colour"),
    [
        ("PNG", "RGBA", (0, 0, 0, 0)),
        ("PNG", "P", 1),
        ("PNG", "1", 1),
        ("PNG", "LA", (9, 0)),
        ("WEBP", "RGB", (1, 2, 3)),
        ("JPEG", "CMYK", (1, 2, 3, 4)),
        ("JPEG", "L", 7),
    ],
)
def test_every_kind_of_photo_becomes_a_jpeg_on_white(form, mode, colour):
    found = examine(sent(picture((300, 20), form, mode=mode, colour=colour)))
    with Image.open(io.BytesIO(found.content)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (300, 20))
        if "A" in mode:
            assert image.getpixel((5, 5)) == (255, 255, 255)


def test_a_small_picture_for_lists_is_made_except_of_what_only_some_may_see(place, staff, kept):
    with Image.open(io.BytesIO(read_small(kept))) as image:
        assert max(image.size) == 240
    held = store(sent(picture()), kind=EVIDENCE, village=place.village, by=staff.cadre, sensitive=True)
    assert not held.has_small
    assert not attachment_vault.path_of(held.pk, Part.SMALL).exists()


def test_a_scan_is_kept_as_it_is_with_its_pages(place, staff):
    row = store(sent(PDF, "签到表.pdf"), kind="sign_in", village=place.village, by=staff.cadre)
    assert (row.media_type, row.pages, row.name, row.has_small) == ("application/pdf", 2, "签到表.pdf", False)
    assert read(row) == PDF


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "空.jpg", "是空的"),
        (PDF, "照片.jpg", "内容却是 PDF"),
        (picture(), "签到.pdf", "内容却是照片"),
        (PDF[:-8], "断.pdf", "不完整"),
        (PDF[:60] + b"0" * MAX_DOCUMENT + PDF[60:], "大.pdf", "超过 10 MB"),
        (b"0" * (20 * 1024 * 1024 + 1), "大.jpg", "超过 20 MB"),
        (picture()[:500], "断.jpg", "已损坏"),
        (picture((90, 90), "PNG")[:-30], "断.png", "已损坏"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_1.HEIC", "兼容性最佳"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "会.mp4", "是视频"),
        (b"PK\x03\x04" + b"0" * 40, "纪要.docx", "另存为 PDF"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 40, "纪要.doc", "另存为 PDF"),
        (picture(form="GIF"), "动.gif", "存为 JPG"),
        (picture(form="BMP"), "图.bmp", "存为 JPG"),
        (picture(form="TIFF"), "扫.tif", "存为 JPG"),
        (b"MZ\x90\0 some program", "照片.jpg", "不是照片"),
    ],
)
def test_what_is_not_taken_is_refused_with_a_sentence_that_helps(content, name, words):
    with pytest.raises(FileRefused) as refused:
        examine(sent(content, name))
    sentence = refused.value.messages[0]
    assert words in sentence and name in sentence and sentence.endswith("。")


def test_a_photo_under_any_photo_name_or_none_is_taken():
    for name in ("IMG.PNG", "mmexport1", "照片.jpeg", "IMG.HEIC"):
        assert examine(sent(picture(), name)).name == name


def test_a_name_is_only_words():
    assert harmless_name("../../etc/passwd") == "passwd"
    assert harmless_name("C:\\桌面\\签到<b>表\u202egpj.exe") == "签到b表gpj.exe"
    assert harmless_name("a\0b\r\nc.jpg ") == "abc.jpg"
    assert len(harmless_name("长" * 300 + ".jpg")) == 100 and harmless_name("长" * 300 + ".jpg").endswith(".jpg")


def test_the_same_file_is_kept_once_for_its_owner_and_kind(place, staff, make):
    household = make.household(place.village)
    owner = {"village": place.village, "by": staff.cadre}
    first = store(sent(picture()), kind=PHOTO, household=household, **owner)
    assert store(sent(picture(), "又一次.jpg"), kind=PHOTO, household=household, **owner) == first
    others = [
        store(sent(picture()), kind=PHOTO, household=make.household(place.village), **owner),
        store(sent(picture()), kind=PHOTO, **owner),
        store(sent(picture()), kind=EVIDENCE, household=household, **owner),
        store(sent(picture()), kind=PHOTO, household=household, sensitive=True, **owner),
    ]
    assert len({first, *others}) == 5
    assert store(sent(picture()), kind=PHOTO, **owner) == others[1]
    assert AuditEvent.objects.filter(action="attachment.store").count() == 5


def test_several_are_kept_in_the_transaction_of_what_they_prove(place, staff):
    examined = [examine(sent(picture(colour=(n, n, n)), f"{n}.jpg")) for n in range(3)]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rows = store_all(examined, kind="notice_photo", village=place.village, by=staff.cadre)
        assert len(rows) == 3
        1 / 0  # noqa: B018  what they prove did not come to be
    assert not Attachment.objects.exists() and not AuditEvent.objects.filter(action="attachment.store").exists()
    left = files_on_disk()
    assert len(left) >= 6
    for path in left:
        make_old(path)
    assert sweep(timezone.now()) == len(left)
    assert files_on_disk() == set()


def test_a_household_of_another_village_is_refused(place, staff, make):
    household = make.household(place.neighbour)
    with pytest.raises(ValidationError, match="不一致"):
        store(sent(PDF, "a.pdf"), kind=EVIDENCE, village=place.village, household=household, by=staff.cadre)


def test_a_day_has_a_most_that_one_person_may_upload(place, staff, kept):
    Attachment.objects.filter(pk=kept.pk).update(size=attachments.MOST_A_DAY)
    with pytest.raises(ValidationError, match="明天再传"):
        store(sent(PDF, "a.pdf"), kind="minutes", village=place.village, by=staff.cadre)
    assert store(sent(PDF, "a.pdf"), kind="minutes", village=place.village, by=staff.second_cadre)
    Attachment.objects.filter(pk=kept.pk).update(uploaded_at=timezone.now() - datetime.timedelta(days=1))
    assert store(sent(PDF, "a.pdf"), kind="minutes", village=place.village, by=staff.cadre)


def test_lists_show_what_lies_in_ones_regions_without_what_only_some_may_see(place, staff, kept):
    store(sent(PDF, "a.pdf"), kind=EVIDENCE, village=place.village, by=staff.cadre, sensitive=True)
    for person in (staff.cadre, staff.team, staff.reviewer, staff.officer, staff.inspector):
        assert list(attachments_in(person)) == [kept]
    for person in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer, staff.clerk, staff.admin):
        assert not attachments_in(person).exists()


def test_the_sweeper_leaves_files_with_rows_and_young_ones(kept):
    young = attachment_vault.folder() / "ab" / "ab.whole.tmp"
    young.parent.mkdir(exist_ok=True)
    young.write_bytes(b"half")
    for part in Part:
        make_old(attachment_vault.path_of(kept.pk, part), hours=500)
    assert sweep(timezone.now()) == 0
    make_old(young)
    assert sweep(timezone.now()) == 1
    assert not young.exists()
    assert read(kept) and read_small(kept)


def test_the_sweeper_deletes_nothing_where_the_database_is_not_the_one_of_the_files(db):
    for number in range(attachments.MOST_SWEPT + 1):
        path = attachment_vault.folder() / "00" / f"{number:032x}.whole"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"v1:")
        make_old(path)
    assert sweep(timezone.now()) == 0
    path.unlink()
    assert sweep(timezone.now()) == attachments.MOST_SWEPT


def test_uploads_of_a_killed_process_do_not_stay(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    tmp_path = settings.FILE_UPLOAD_TEMP_DIR
    tmp_path.mkdir()
    old, young = tmp_path / "x1.upload.jpg", tmp_path / "x2.upload.jpg"
    for path in (old, young):
        path.write_bytes(b"a photo")
    make_old(old)
    assert sweep_uploads(timezone.now()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [young.name]


def check():
    """What the command prints, and whether it ended well."""
    out = io.StringIO()
    try:
        call_command("check_attachments", stdout=out)
    except CommandError as fault:
        return f"{out.getvalue()}{fault}", 1
    return out.getvalue(), 0


def test_the_check_is_silent_about_sound_files_and_names_each_damage(place, staff):
    rows = [
        store(sent(picture(colour=(n * 40, 0, 0))), kind=PHOTO, village=place.village, by=staff.cadre) for n in range(5)
    ]
    assert check() == ("附件完好，共 5 份。\n", 0)
    gone, cut, swapped, small_gone = rows[:4]
    attachment_vault.path_of(gone.pk, Part.WHOLE).unlink()
    cut_file = attachment_vault.path_of(cut.pk, Part.WHOLE)
    cut_file.write_bytes(cut_file.read_bytes()[:-1])
    attachment_vault.write(swapped.pk, Part.WHOLE, b"another picture, properly encrypted")
    attachment_vault.path_of(small_gone.pk, Part.SMALL).unlink()
    orphan = attachment_vault.folder() / "ff" / f"{'f' * 32}.whole"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"v1:")
    make_old(orphan, hours=4)
    words, code = check()
    assert code == 1 and "5 处" in words
    assert f"{gone.pk}：文件不在了" in words and f"{cut.pk}：文件被改动过" in words
    assert f"{swapped.pk}：文件和登记的校验码不符" in words and f"{small_gone.pk}：文件不在了" in words
    assert f"{orphan.name} 没有对应" in words
    assert str(rows[4].pk) not in words


def test_a_row_that_says_something_else_than_its_file_is_found(kept):
    Attachment.objects.update(sha256="0" * 64)
    with pytest.raises(AttachmentDamaged, match="校验码"):
        read(Attachment.objects.get())
    assert check()[1] == 1
