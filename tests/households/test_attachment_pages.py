"""Pages of attachments: the tab of a household, the box for files in any form, and what comes back of a damaged one."""

import gzip
import io
import re

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from PIL import Image

from accounts.models import AuditEvent
from households import attachment_vault
from households.attachment_forms import AttachmentsField, HouseholdPapersForm
from households.attachment_vault import Part
from households.attachments import store
from households.models import Attachment
from tests.households.sent_files import PDF, photo_of_a_phone, picture, sent


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
def household(make, place):
    return make.household(place.village, "王大海")


def tab(household, end=""):
    return f"/households/{household.pk}/files/{end}"


def form_of(*files, kind="evidence"):
    return HouseholdPapersForm({"kind": kind}, MultiValueDict({"files": list(files)}))


def test_a_cadre_uploads_two_files_and_everybody_here_sees_and_opens_them(sit, staff, household):
    answer = sit(staff.cadre).post(
        tab(household, "new/"),
        {"kind": "declaration", "files": [sent(picture()), sent(PDF, "申请书.pdf")]},
        follow=True,
    )
    page = answer.content.decode()
    assert "已上传 2 份附件" in page and "申请（申报）书" in page and "PDF 2 页" in page
    photo, scan = Attachment.objects.get(name="照片.jpg"), Attachment.objects.get(name="申请书.pdf")
    for reader in (staff.reviewer, staff.inspector):
        client = sit(reader)
        assert f"/files/{scan.pk}/" in client.get(tab(household)).content.decode()
        opened = client.get(f"/files/{photo.pk}/")
        assert (opened.status_code, opened["Content-Type"]) == (200, "image/jpeg")
        assert opened["Content-Disposition"].startswith("inline")
        small = client.get(f"/files/{photo.pk}/small/")
        with Image.open(io.BytesIO(small.content)) as image:
            assert max(image.size) == 240
        assert client.get(f"/files/{scan.pk}/").content == PDF
        assert client.get(f"/files/{scan.pk}/")["Content-Disposition"].startswith("attachment")
        assert client.get(f"/files/{scan.pk}/small/").status_code == 404


def test_only_who_does_casework_here_may_upload(sit, staff, household):
    sheet = {"kind": "other", "files": [sent(PDF, "a.pdf")]}
    assert sit(staff.inspector).post(tab(household, "new/"), sheet).status_code == 403
    assert sit(staff.neighbour_cadre).post(tab(household, "new/"), sheet).status_code == 404
    assert "上传" not in sit(staff.inspector).get(tab(household)).content.decode()
    assert not Attachment.objects.exists()


def test_a_form_sent_twice_files_once(sit, staff, household):
    for _click in range(2):
        sit(staff.cadre).post(tab(household, "new/"), {"kind": "other", "files": [sent(photo_of_a_phone())]})
    assert Attachment.objects.count() == 1


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_kept(sit, staff, household):
    files = [sent(picture()), sent(b"<svg/>", "图.svg"), sent(PDF, "照片.jpg")]
    page = sit(staff.cadre).post(tab(household, "new/"), {"kind": "other", "files": files}).content.decode()
    assert "图.svg" in page and "内容却是 PDF" in page and "错误：" in page
    assert not Attachment.objects.exists()
    page = sit(staff.cadre).post(tab(household, "new/"), {"kind": "other"}).content.decode()
    assert "请选择照片或者扫描件" in page


def test_a_form_takes_so_many_files_and_no_more():
    assert [one.name for one in valid(form_of(sent(PDF, "a.pdf"), sent(PDF, "b.pdf")))] == ["a.pdf", "b.pdf"]
    many = form_of(*(SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(10)))
    assert not many.is_valid() and "您选了 10 个" in str(many.errors)


def test_more_files_than_a_form_takes_are_refused_with_a_sentence_and_not_with_an_empty_page(sit, staff, household):
    files = [sent(PDF + bytes(str(n), "ascii"), f"{n}.pdf") for n in range(20)]
    answer = sit(staff.cadre).post(tab(household, "new/"), {"kind": "other", "files": files})
    assert answer.status_code == 200 and "您选了 20 个" in answer.content.decode()


def valid(form):
    assert form.is_valid(), form.errors
    return form.cleaned_data["files"]


def test_a_field_may_be_left_empty_or_take_one_file():
    class MinutesForm(forms.Form):
        minutes = AttachmentsField(label="会议记录", required=False)
        sign_in = AttachmentsField(label="签到表", most=1, required=False)

    form = MinutesForm({}, MultiValueDict())
    assert form.is_valid() and form.cleaned_data == {"minutes": [], "sign_in": []}
    shown = str(form["minutes"]) + str(form["sign_in"])
    assert shown.count(" multiple") == 1 and shown.count('accept="image/*,application/pdf"') == 2
    assert "capture" not in shown  # a phone would then offer the camera alone
    one = MinutesForm({}, MultiValueDict({"sign_in": [sent(PDF, "a.pdf")]}))
    assert one.is_valid() and [file.pages for file in one.cleaned_data["sign_in"]] == [2]


def test_a_damaged_file_is_said_to_be_damaged_and_shows_nothing(sit, staff, household, place, caplog):
    row = store(sent(picture()), kind="evidence", village=place.village, household=household, by=staff.cadre)
    for part in Part:
        path = attachment_vault.path_of(row.pk, part)
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    client = sit(staff.reviewer)
    answer = client.get(f"/files/{row.pk}/")
    assert answer.status_code == 500 and "文件被改动过" in answer.content.decode()
    assert str(row.pk) in answer.content.decode() and "王大海" not in caplog.text
    assert client.get(f"/files/{row.pk}/small/").status_code == 404
    assert not AuditEvent.objects.filter(action="attachment.open").exists()


def test_a_household_without_attachments_says_so_and_the_card_lists_them(sit, staff, household, place):
    client = sit(staff.officer)
    assert "这户还没有附件" in client.get(tab(household)).content.decode()
    store(sent(PDF, "a.pdf"), kind="consent", village=place.village, household=household, by=staff.cadre)
    assert "承诺授权书" in client.get(f"/households/{household.pk}/dossier/").content.decode()


@pytest.mark.parametrize("reader", ["cadre", "reviewer"])
def test_a_list_of_thirty_costs_the_queries_of_a_list_of_three(sit, staff, household, place, reader, request):
    def file(count):
        for n in range(count):
            content = PDF + b"\n%%EOF" + bytes(str(n), "ascii") + bytes(str(count), "ascii")
            store(sent(content, "a.pdf"), kind="other", village=place.village, household=household, by=staff.cadre)

    client = sit(getattr(staff, reader))
    client.get(tab(household))
    assert_queries = request.getfixturevalue("django_assert_num_queries")
    capture = request.getfixturevalue("django_assert_max_num_queries")
    file(3)
    with capture(100) as few:
        client.get(tab(household))
    file(27)
    with assert_queries(len(few)):
        client.get(tab(household))


def test_the_script_that_makes_photos_small_is_itself_small_and_readable_by_old_web_views():
    script = (settings.BASE_DIR / "static" / "photos.js").read_text()
    assert len(gzip.compress(script.encode())) < 1536
    assert not re.search(r"=>|`|\b(?:let|const|class|async|await)\s", script)
