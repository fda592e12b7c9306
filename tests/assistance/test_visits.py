"""A visit in a few taps: written down once, taken back within minutes, kept while it is typed, and what is due in the inbox."""

import datetime
import io
import json
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import AuditEvent
from assistance import visit_lists, visit_todo, visiting
from assistance.models import Helper, Visit, VisitDraft, VisitMood
from households.attachments import read
from households.models import Attachment
from monitoring.inbox import counts, todo
from monitoring.models import Lead, Stage
from monitoring.policy.values import months_before
from tests.assistance.test_visit_plan import case
from tests.households.sent_files import PDF

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def family(place, make, staff):
    household = make.household(place.village)
    case(household, staff)
    return household


@pytest.fixture
def cadre(client, staff):
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(name, *keys):
    return reverse(f"assistance:{name}", args=keys)


def typed(**fields):
    day = timezone.localdate().isoformat()
    return {"mood": "same", "visited_on": day, "idempotency_key": str(uuid.uuid4()), **fields}


def photo(width=40, height=30, name="a.jpg"):
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (34.0, 52.0, 7.0)}  # a position
    Image.new("RGB", (width, height), "green").save(content, "JPEG", exif=exif)
    assert b"Exif" in content.getvalue()
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def late_by(household, staff, days):
    """Somebody was there a month and so many days ago, and wrote it down then."""
    on = months_before(timezone.localdate() - days * ONE_DAY, 1)
    visit = Visit.objects.create(household=household, visited_on=on, mood=VisitMood.SAME, visitor=staff.cadre)
    Visit.objects.filter(pk=visit.pk).update(entered_at=timezone.now() - 20 * ONE_DAY)


# ---- writing down ----


def test_everything_that_was_seen_is_kept(cadre, family, staff):
    sent = typed(
        way="phone", mood="better", chips=["away", "income"], sentence=" 在外打工 ", contact_phone="139 0000 0001",
        photo=photo(),
    )  # fmt: skip
    assert cadre.post(address("visit-new", family.pk), sent).status_code == 302
    visit = Visit.objects.get()
    assert (visit.way, visit.mood, visit.chips, visit.sentence) == ("phone", "better", ["away", "income"], "在外打工")
    assert visit.contact_phone == "13900000001"
    assert visit.visitor == staff.cadre
    assert visit.photo.household == family
    assert b"Exif" not in read(visit.photo)
    assert AuditEvent.objects.get(action="assistance.add_visit").detail["way"] == "phone"


def test_the_number_lies_encrypted_and_is_shown_masked(cadre, family):
    cadre.post(address("visit-new", family.pk), typed(way="phone", contact_phone="13900000001"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact_phone FROM assistance_visit")
        assert "13900000001" not in cursor.fetchone()[0]
    page = cadre.get(address("visit-new", family.pk)).content.decode()
    assert "139****0001" in page
    assert "13900000001" not in page


def test_the_number_is_shown_to_who_says_why_and_the_trace_keeps_it(cadre, family, staff):
    cadre.post(address("visit-new", family.pk), typed(way="phone", contact_phone="13900000001"))
    shows = address("visit-contact", Visit.objects.get().pk)
    assert "13900000001" not in cadre.get(shows).content.decode()
    assert "13900000001" not in cadre.post(shows, {"reason": ""}).content.decode()
    answer = cadre.post(shows, {"reason": "contact", "note": ""})
    assert "13900000001" in answer.content.decode()
    assert answer["Refresh"].startswith("60;")
    event = AuditEvent.objects.get(action="household.reveal")
    assert (event.actor, event.detail["what"]) == (staff.cadre, "contact_phone")
    assert "1390" not in json.dumps(event.detail)


def test_a_number_that_is_none_is_refused_and_nothing_is_lost(cadre, family):
    answer = cadre.post(address("visit-new", family.pk), typed(sentence="打不通", contact_phone="139"))
    page = answer.content.decode()
    assert "请填11位手机号码" in page
    assert "打不通" in page
    assert not Visit.objects.exists()


def huge():
    """80 megapixels of one colour: small as a file, large when it is opened."""
    return photo(8945, 8945, "大.jpg")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (huge, "像素"),
        (lambda: SimpleUploadedFile("合影.jpg", PDF), "内容却是 PDF"),
        (lambda: SimpleUploadedFile("a.jpg", b"GIF89a" + b"x" * 50), "不收的图片格式"),
        (lambda: SimpleUploadedFile("a.jpg", b""), "空的"),
        (lambda: SimpleUploadedFile("a.pdf", PDF), "这里放照片"),
    ],
    ids=["80 megapixels", "pdf as jpg", "gif as jpg", "empty", "a scan"],
)
def test_a_photo_that_is_none_is_refused_with_a_sentence_and_what_was_typed_stays(cadre, family, sent, words):
    fields = typed(mood="worse", chips=["ill"], sentence="老人摔伤住院", photo=sent())
    page = cadre.post(address("visit-new", family.pk), fields).content.decode()
    assert words in page
    assert "老人摔伤住院" in page
    assert re.search(r'value="worse"[^>]*checked', page)
    assert not Visit.objects.exists()
    assert not Attachment.objects.exists()
    without = {key: value for key, value in fields.items() if key != "photo"}
    assert cadre.post(address("visit-new", family.pk), without).status_code == 302
    assert Visit.objects.get().sentence == "老人摔伤住院"


def test_the_same_visit_sent_again_under_another_key_is_one_visit(cadre, family):
    """The answer to the first was lost, and the page was opened anew."""
    for _sending in range(2):
        cadre.post(address("visit-new", family.pk), typed(mood="better", chips=["home", "house"], photo=photo()))
    assert Visit.objects.count() == 1
    assert Attachment.objects.count() == 1
    cadre.post(address("visit-new", family.pk), typed(mood="better", chips=["home"]))
    assert Visit.objects.count() == 2


def test_what_fails_in_the_end_leaves_no_visit_and_no_spent_key(cadre, family, monkeypatch):
    fields = typed(sentence="好")
    monkeypatch.setattr(visiting.audit, "record", _breaks)
    with pytest.raises(RuntimeError):
        cadre.post(address("visit-new", family.pk), fields)
    assert not Visit.objects.exists()
    monkeypatch.undo()
    cadre.post(address("visit-new", family.pk), fields)
    assert Visit.objects.count() == 1


def _breaks(**_event):
    raise RuntimeError("disk full")


# ---- one tap, and back ----


def test_nothing_new_is_one_tap_and_a_second_tap_is_none(cadre, family, staff):
    key = {"idempotency_key": str(uuid.uuid4()), "tab": "late", "no": "1"}
    for _tap in range(2):
        answer = cadre.post(address("visit-same", family.pk), key)
        assert answer.headers["Location"] == "/visits/?tab=late&no=1"
    visit = Visit.objects.get()
    assert (visit.mood, visit.way, visit.visited_on, visit.visitor) == (
        "same", "visit", timezone.localdate(), staff.cadre,
    )  # fmt: skip


def test_it_can_be_taken_back_for_some_minutes_by_the_same_person_only(cadre, client, family, staff):
    cadre.post(address("visit-same", family.pk), {"idempotency_key": str(uuid.uuid4())})
    visit = Visit.objects.get()
    client.force_login(staff.second_cadre, backend="django.contrib.auth.backends.ModelBackend")
    client.post(address("visit-undo", visit.pk))
    assert Visit.objects.count() == 1
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    assert "撤回这一次" in client.get(address("visits")).content.decode()
    client.post(address("visit-undo", visit.pk))
    assert not Visit.objects.exists()
    assert AuditEvent.objects.get(action="assistance.undo_visit").actor == staff.cadre
    assert client.post(address("visit-undo", visit.pk)).status_code == 404


def test_after_ten_minutes_it_stands(cadre, family):
    cadre.post(address("visit-same", family.pk), {"idempotency_key": str(uuid.uuid4())})
    Visit.objects.update(entered_at=timezone.now() - datetime.timedelta(minutes=visiting.UNDO_MINUTES, seconds=5))
    visit = Visit.objects.get()
    assert "撤回这一次" not in cadre.get(address("visits")).content.decode()
    page = cadre.post(address("visit-undo", visit.pk), follow=True).content.decode()
    assert "10 分钟内" in page
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_one_tap_without_a_proper_key_is_refused(cadre, family, key):
    page = cadre.post(address("visit-same", family.pk), {"idempotency_key": key}, follow=True).content.decode()
    assert "页面已过期" in page
    assert not Visit.objects.exists()


# ---- drafts ----


def test_what_is_typed_is_kept_encrypted_and_comes_back(cadre, client, family, staff):
    draft = typed(way="phone", chips=["away", "ill"], sentence="说到一半", contact_phone="13900000001")
    answer = cadre.post(address("visit-draft", family.pk), draft)
    assert answer.json()["saved"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT typed FROM assistance_visitdraft")
        assert "13900000001" not in cursor.fetchone()[0]
    page = cadre.get(address("visit-new", family.pk)).content.decode()
    assert "说到一半" in page
    assert "接着填" in page
    assert page.count("checked") >= 3
    client.force_login(staff.second_cadre, backend="django.contrib.auth.backends.ModelBackend")
    assert "说到一半" not in client.get(address("visit-new", family.pk)).content.decode()


def test_saving_ends_the_draft_and_a_late_one_does_not_come_back(cadre, family):
    fields = typed(sentence="说完了")
    cadre.post(address("visit-draft", family.pk), fields)
    cadre.post(address("visit-new", family.pk), fields)
    cadre.post(address("visit-draft", family.pk), fields)  # was still on its way
    assert not VisitDraft.objects.exists()


def test_a_draft_without_a_key_is_refused(cadre, family):
    assert cadre.post(address("visit-draft", family.pk), {"sentence": "x"}).status_code == 422
    assert not VisitDraft.objects.exists()


# ---- what follows ----


def test_a_new_difficulty_offers_a_lead_whose_words_are_there(cadre, family):
    cadre.post(address("visit-new", family.pk), typed(mood="worse", sentence="老人摔伤住院"))
    visit = Visit.objects.get()
    listed = cadre.get(address("visits")).content.decode()
    assert address("visit-lead", visit.pk) in listed
    assert reverse("households:survey", args=[family.pk]) in listed
    page = cadre.get(address("visit-lead", visit.pk)).content.decode()
    assert "老人摔伤住院" in page
    answer = cadre.post(
        address("visit-lead", visit.pk),
        {"source": "declared", "happened_on": "2019-01-01", "cause": "illness", "words": "老人摔伤住院", "unit": "假的",
         "idempotency_key": str(uuid.uuid4())},
    )  # fmt: skip
    lead = Lead.objects.get(household=family)
    assert answer.headers["Location"] == reverse("monitoring:lead", args=[lead.pk])
    evidence = lead.evidence.get()
    assert (evidence.source, evidence.happened_on, evidence.unit) == ("visited", visit.visited_on, "")


def test_one_visit_makes_one_lead_though_its_page_is_opened_again(cadre, family):
    cadre.post(address("visit-new", family.pk), typed(mood="worse", sentence="老人摔伤住院"))
    url = address("visit-lead", Visit.objects.get().pk)
    for _press in range(2):
        told = {"source": "visited", "happened_on": "2019-01-01", "cause": "illness", "words": "老人摔伤住院", "unit": "",
                "idempotency_key": str(uuid.uuid4())}  # fmt: skip
        answer = cadre.post(url, told)
        lead = Lead.objects.get(household=family)
        assert answer.headers["Location"] == reverse("monitoring:lead", args=[lead.pk])
    assert lead.evidence.count() == 1
    assert "没有重复登记" in cadre.get(url, follow=True).content.decode()


# ---- the inbox ----


def test_late_visits_stand_by_name_and_the_rest_in_one_line(place, make, staff):
    for number in range(6):
        household = make.household(place.village, f"户主{number}")
        case(household, staff)
        late_by(household, staff, 5 - number)
    lines = [item for item in todo(staff.cadre) if item.kind == "visit"]
    assert [item.title for item in lines] == [
        "走访户主0户", "走访户主1户", "走访户主2户", "还有 3 户要走访",
    ]  # fmt: skip
    assert lines[0].days_left == -5
    assert visit_todo.waiting_count(staff.cadre) == len(lines)
    assert counts(staff.cadre)["ledgers:home"] == len(todo(staff.cadre))


def test_who_is_not_due_is_in_nobodys_inbox(family, staff, today):
    Visit.objects.create(household=family, visited_on=today, mood="same", visitor=staff.cadre)
    for person in (staff.cadre, staff.reviewer, staff.officer, staff.inspector, staff.clerk):
        assert [item for item in todo(person) if item.kind == "visit"] == []
        assert visit_todo.waiting_count(person) == 0


def test_the_town_hears_of_it_only_when_the_village_has_had_its_days(place, make, staff):
    household = make.household(place.village)
    case(household, staff)
    late_by(household, staff, 10)
    assert visit_todo.waiting_count(staff.reviewer) == 0
    other = make.household(place.village)
    case(other, staff)
    late_by(other, staff, 11)
    told = next(item for item in todo(staff.reviewer) if item.kind == "visit")
    assert told.title == "1 户走访超期"
    listed = visit_lists.Asked(staff.reviewer, timezone.localdate(), {"tab": "urge"})
    assert (told.url, list(listed.rows)) == ("/visits/?tab=urge", [other])
    assert {tab.name: tab.count for tab in listed.tabs} == {"late": 2, "urge": 1, "today": 0, "week": 0, "all": 2}
    assert "urge" not in [tab.name for tab in visit_lists.Asked(staff.cadre, timezone.localdate(), {}).tabs]
    assert visit_todo.waiting_count(staff.reviewer) == 1
    assert visit_todo.waiting_count(staff.other_reviewer) == 0
    assert visit_todo.waiting_count(staff.officer) == 0


def test_a_helper_with_an_account_is_asked_first_and_the_village_when_it_is_late(place, make, staff, today):
    household = make.household(place.village, "被帮")
    case(household, staff)
    late_by(household, staff, 0)
    Helper.objects.create(
        household=household, name="李敏", unit="青石镇", begun_on=today - ONE_DAY, user=staff.reviewer
    )
    titles = {
        name: [item.title for item in todo(getattr(staff, name)) if item.kind == "visit"]
        for name in ("reviewer", "cadre")
    }
    assert titles == {"reviewer": ["走访被帮户"], "cadre": []}
    Visit.objects.all().delete()
    late_by(household, staff, 1)
    assert [item.title for item in todo(staff.cadre) if item.kind == "visit"] == ["走访被帮户"]


# ---- the list ----


def test_the_list_opens_where_there_is_something_to_do_and_narrows_by_group(cadre, place, make, staff):
    for group, days in ((1, 3), (2, 2)):
        household = make.household(place.village, f"组{group}", group_no=group)
        case(household, staff)
        late_by(household, staff, days)
    far = make.household(place.village, "不急")
    case(far, staff, Stage.SURVEY, days=0)
    page = cadre.get(address("visits")).content.decode()
    assert "不急" not in page
    assert page.index("<b>组1</b>") < page.index("<b>组2</b>")
    assert "超期<b>2</b>" in page
    narrowed = cadre.get(address("visits"), {"tab": "all", "no": "2"}).content.decode()
    assert "<b>组2</b>" in narrowed
    assert "<b>组1</b>" not in narrowed
    assert "不急" in cadre.get(address("visits"), {"tab": "all"}).content.decode()
    for nonsense in ({"tab": "x", "no": "-1"}, {"no": "99999999"}, {"no": "二"}, {"page": "9"}):
        assert cadre.get(address("visits"), nonsense).status_code == 200
