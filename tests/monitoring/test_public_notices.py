"""The public page of a notice and its form for objections: masked, unlisted, gone when it is over; sealed, limited, plain."""

import datetime
import json
import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from households.models import Member
from monitoring import notices, notices_public, objections, objections_intake
from monitoring.clock_work import move_due
from monitoring.models import Case, Notice, Objection, Stage
from monitoring.public.models import PublicNotice, SealedObjection
from monitoring.public.notices import OBJECTIONS_OF_ADDRESS
from tests.monitoring.casework import let_it_run_out
from tests.monitoring.noticed import after, at, enable, hang, running  # noqa: F401


def page_of(notice: Notice):
    return Client().get(reverse("public:notice", args=[notice.token]))


def told_anew(notice: Notice) -> Notice:
    """The public pages hear of what the test changed."""
    notice.save()
    notices_public.publish([notice])
    return notice


def test_while_an_objection_waits_on_the_public_page_nobody_closes_the_notice_by_hand(running, place, staff):
    enable(place, staff)
    PublicNotice.objects.get(token=running.token).objections.create(form_key=uuid.uuid4(), key_id="k", sealed="密")
    let_it_run_out(running)
    with pytest.raises(ValidationError, match="还没有登记进来"):
        notices.close(notice=running, by=staff.cadre)
    SealedObjection.objects.update(fetched_at=timezone.now())
    assert len(notices.close(notice=running, by=staff.cadre)[0]) == 2


# ---- the page ----


def test_the_public_page_is_off_by_default_and_nothing_is_handed_out(running):
    assert page_of(running).status_code == 404
    assert not PublicNotice.objects.exists()


def test_the_district_switches_it_on_and_off_with_a_trace(running, place, staff):
    enable(place, staff)
    assert page_of(running).status_code == 200
    notices.switch_web_notices(district=place.zone, by=staff.officer, on=False)
    assert page_of(running).status_code == 404
    assert PublicNotice.objects.get().sheet == {}
    assert AuditEvent.objects.filter(action__startswith="notice.web_").count() == 2


@pytest.mark.parametrize("desk", ["foreign_officer", "reviewer", "admin", "inspector"])
def test_nobody_else_switches_it(place, staff, desk):
    with pytest.raises(ValidationError, match="区（市）业务员"):
        notices.switch_web_notices(district=place.zone, by=getattr(staff, desk), on=True)


def test_another_districts_switch_opens_nothing_here(running, place, staff):
    notices.switch_web_notices(district=place.foreign_county, by=staff.foreign_officer, on=True)
    assert page_of(running).status_code == 404


def test_a_notice_posted_while_the_pages_are_on_is_there_at_once(at, place, staff):
    enable(place, staff)
    assert page_of(hang([at(Stage.NOTICE_DUE)], staff.cadre)).status_code == 200


def test_the_public_page_masks_names_and_tells_nothing_else(running, place, staff):
    enable(place, staff)
    answer = page_of(running)
    text = answer.content.decode()
    for words in ("王*海", "赵*梅", running.number, "第 1 天，共 5 天", "12317"):
        assert words in text
    for secret in ("王大海", "赵玉梅", "13800001234", "因病", "疾病", "收入", str(running.pk), *running.row_cases):
        assert secret not in text
    for member in Member.objects.filter(household__cases__notices=running):
        assert member.id_number not in text
        assert member.id_number[-4:] not in text
    assert not re.search(r"\d{11,}", text)
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in text
    assert not answer.cookies


def test_no_row_of_the_public_pages_points_into_the_register(running, place, staff):
    enable(place, staff)
    kept = json.dumps(PublicNotice.objects.values().get(), default=str, ensure_ascii=False)
    for secret in ("王大海", "赵玉梅", str(running.pk), *running.row_cases):
        assert secret not in kept


def test_after_the_last_day_it_is_gone_even_before_the_clock_has_run(running, place, staff, today):
    enable(place, staff)
    PublicNotice.objects.update(starts_on=today.replace(year=2020), ends_on=today.replace(year=2021))
    answer = page_of(running)
    assert (answer.status_code, "王" in answer.content.decode()) == (410, False)
    assert "公示已期满" in answer.content.decode()


def test_when_the_clock_has_run_nothing_of_it_is_kept_on_the_public_host(running, place, staff):
    enable(place, staff)
    move_due(after(running))
    assert page_of(running).status_code == 410
    assert PublicNotice.objects.get().sheet == {}


def test_before_the_first_day_there_is_no_public_page(running, place, staff, today):
    enable(place, staff)
    running.starts_on = running.ends_on
    told_anew(running)
    assert page_of(running).status_code == 404


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "1", "117", "..", "' OR 1=1"])
def test_a_guessed_address_is_not_found(db, token):
    assert Client().get(f"/gs/{token}/").status_code == 404


def test_there_is_no_list_of_notices(db):
    assert Client().get("/gs/").status_code == 404


# ---- the form ----


def object_to(notice: Notice, client: Client | None = None, **more):
    form = {
        "row": "0",
        "content": "他家有一辆货车",
        "name": "钱某",
        "contact": "139 0000 5678",
        "form_key": str(uuid.uuid4()),
    }
    return (client or Client()).post(reverse("public:objection", args=[notice.token]), {**form, **more})


@pytest.fixture
def shown(running, place, staff) -> Notice:
    enable(place, staff)
    return running


def receipt_in(answer) -> str:
    return re.search(r"\d{4} \d{4} \d{4}", answer.content.decode()).group().replace(" ", "")


def test_anybody_may_object_without_a_login_and_gets_a_receipt(shown):
    answer = object_to(shown)
    receipt = receipt_in(answer)
    kept = SealedObjection.objects.get()
    assert "货车" not in kept.sealed
    assert objections_intake.fetch() == 1
    ticket = Objection.objects.get()
    assert (ticket.receipt, ticket.channel, ticket.contact, ticket.raised_by) == (
        receipt,
        "public",
        "13900005678",
        "钱某",
    )
    assert ticket.case.household.head_name == "王大海"
    assert ticket.recorded_by is None
    assert SealedObjection.objects.get().sealed == ""


def test_it_is_taken_in_once_however_often_one_fetches(shown):
    object_to(shown)
    assert [objections_intake.fetch() for _round in range(3)] == [1, 0, 0]
    SealedObjection.objects.update(fetched_at=None)
    assert objections_intake.fetch() == 0  # empty by now: cannot be opened, and is logged
    assert Objection.objects.count() == 1


def test_the_same_form_sent_twice_is_one_objection_with_one_receipt(shown):
    key = str(uuid.uuid4())
    assert receipt_in(object_to(shown, form_key=key)) == receipt_in(object_to(shown, form_key=key))
    assert SealedObjection.objects.count() == 1


def test_one_that_came_on_the_last_evening_stops_its_household_though_the_clock_comes_after_midnight(shown):
    object_to(shown)
    assert move_due(after(shown)).cases == 1
    assert Case.objects.get(household__head_name="王大海", notices=shown).stage == Stage.NOTICE


def test_one_that_cannot_be_opened_stays_sealed_and_the_next_is_taken(shown, caplog):
    object_to(shown)
    SealedObjection.objects.update(sealed="bm90IG91cnM=")
    object_to(shown, row="1")
    assert objections_intake.fetch() == 1
    assert Objection.objects.get().case.household.head_name == "赵玉梅"
    assert SealedObjection.objects.exclude(sealed="").count() == 1
    assert "货车" not in caplog.text


def test_what_stayed_sealed_for_want_of_a_key_is_taken_in_once_the_key_is_back(shown, capsys):
    object_to(shown)
    sealed = SealedObjection.objects.get().sealed
    SealedObjection.objects.update(sealed="bm90IG91cnM=")
    assert (objections_intake.fetch(), objections_intake.fetch(), Objection.objects.count()) == (0, 0, 0)
    SealedObjection.objects.update(sealed=sealed)
    for _twice in range(2):
        call_command("take_in_again")
    assert capsys.readouterr().out.splitlines() == ["再收：申报 0 份，异议 1 件。", "再收：申报 0 份，异议 0 件。"]
    assert Objection.objects.get().case.household.head_name == "王大海"


@pytest.mark.parametrize("year", [1, 1990, 9999])
def test_one_of_a_day_that_cannot_be_does_not_stop_the_next(shown, year):
    object_to(shown)
    SealedObjection.objects.update(
        received_at=datetime.datetime(year, 12 if year > 1 else 1, 31, 23, tzinfo=datetime.UTC)
    )
    object_to(shown, row="1")
    assert objections_intake.fetch() == 1
    assert Objection.objects.get().case.household.head_name == "赵玉梅"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("row", "7", "7 不在"), ("row", "", "请选一户"), ("content", " ", "哪里不对"), ("content", "长" * 301, "最多 300"),
     ("contact", "12345", "手机号码"), ("form_key", "x", "页面已过期")],
)  # fmt: skip
def test_bad_input_is_refused_with_a_sentence(shown, field, value, words):
    answer = object_to(shown, **{field: value})
    assert words in answer.content.decode()
    assert not SealedObjection.objects.exists()


def test_too_many_from_one_address_are_refused(shown):
    answers = [object_to(shown).status_code for _number in range(OBJECTIONS_OF_ADDRESS.most + 2)]
    assert answers.count(200) == OBJECTIONS_OF_ADDRESS.most
    assert answers[-1] == 429


def test_when_the_notice_is_over_or_off_there_is_no_form(shown, place, staff):
    notices.switch_web_notices(district=place.zone, by=staff.officer, on=False)
    assert object_to(shown).status_code == 404
    enable(place, staff)
    move_due(after(shown))
    assert object_to(shown).status_code == 410


def test_what_only_tells_what_was_decided_takes_no_objections(shown, staff):
    case = shown.cases.get(household__head_name="王大海")
    move_due(after(shown))
    case.refresh_from_db()
    notices.take("refuse", case=case, by=staff.reviewer, note="不符合")
    correction = notices.correct(notice=shown, by=staff.cadre)
    assert page_of(correction).status_code == 200
    assert object_to(correction).status_code == 404


def test_what_was_typed_is_shown_as_plain_text(shown, staff, at_desk):
    object_to(shown, content="<script>alert(1)</script> http://evil.example/x", name="<b>钱</b>")
    objections_intake.fetch()
    ticket = Objection.objects.get()
    objections.assign(objection=ticket, by=staff.reviewer, investigator=staff.team)
    text = at_desk(staff.team).get(reverse("monitoring:objection-settle", args=[ticket.pk])).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert 'href="http://evil' not in text


def test_looking_at_the_page_writes_nothing(shown, django_assert_num_queries):
    with django_assert_num_queries(1):
        page_of(shown)
