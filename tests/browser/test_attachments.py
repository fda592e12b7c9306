"""Photos on a phone: made small before they are sent, and taken as well where nothing runs in the browser."""

import io

import pytest
from PIL import Image

from households.attachments import read
from households.models import Attachment
from tests.factories import add_place, add_staff
from tests.households.sent_files import PDF, noise
from tests.support.processes import wait_until

SIZE = (3000, 2000)


@pytest.fixture
def village(transactional_db, make, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    place = add_place()
    return make.household(place.village, "王大海"), add_staff(place)


def chosen(content, name="IMG_1.jpg", kind="image/jpeg"):
    return {"name": name, "mimeType": kind, "buffer": content}


def upload(page, household, files):
    page.goto(f"/households/{household.pk}/files/new/")
    page.set_input_files("input[type=file]", files)


def test_a_large_photo_is_sent_small_from_a_phone(village, desk):
    household, staff = village
    page = desk(staff.cadre, phone=True)
    original = noise(SIZE, quality=95)
    upload(page, household, [chosen(original), chosen(PDF, "申请.pdf", "application/pdf")])
    size_to_send = "() => document.querySelector('input[type=file]').files[0].size"
    wait_until(lambda: page.evaluate(size_to_send) < len(original) // 2)
    assert "选了 2 个文件" in page.locator("[data-chosen]").inner_text()
    page.get_by_role("button", name="上传照片、扫描件").click()
    page.get_by_text("已上传 2 份附件").wait_for()
    photo = Attachment.objects.get(media_type="image/jpeg")
    assert (max(photo.width, photo.height) <= 1600, photo.name) == (True, "IMG_1.jpg")
    page.locator(f"a[href='/files/{photo.pk}/']").click()
    page.wait_for_url(f"**/files/{photo.pk}/")
    assert page.evaluate("document.images[0].naturalWidth") == photo.width


def test_a_photo_is_taken_where_no_script_runs(village, desk):
    household, staff = village
    page = desk(staff.cadre, phone=True, java_script_enabled=False)
    upload(page, household, [chosen(noise(SIZE))])
    page.get_by_role("button", name="上传照片、扫描件").click()
    page.get_by_text("已上传 1 份附件").wait_for()
    with Image.open(io.BytesIO(read(Attachment.objects.get()))) as image:
        assert max(image.size) <= 1600
