"""Somebody with a login who turns assistance against its rules: two hands of one person, words that are no words, odd days."""

import datetime
import io
import uuid
from dataclasses import replace

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from docx import Document

from accounts.models import Posting, User
from accounts.roles import Role
from assistance import handovers, post_months, posts
from assistance.catalogue import MEASURES
from assistance.limits import months_after
from assistance.list_files import blank_list
from assistance.models import Handover, Helper, PostMonth, PostOffer
from households.import_files import book_bytes, text_cell
from tests.assistance.planned import begun, explained
from tests.factories import add_user
from tests.isolation import one_of_everything
from tests.ledgers.conftest import appoint, designate

LAST = "9999-12-31"
UNSEEN = "\x01\x0b\x1f\u202e\ufffe\uffff"


@pytest.fixture
def family(place, make):
    household = make.household(place.village)
    designate(household)
    appoint(household)
    return household


def sit(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def deputy_of(absent, role, region):
    deputy = add_user("daiban", "吴代办")
    Posting.objects.create(
        user=deputy, role=role, region=region, begins_on=datetime.date(2020, 1, 1), on_behalf_of=absent
    )
    return deputy


# ---- one person with two hands ----


def handed(family, by, to):
    helper = Helper.objects.get(household=family)
    return handovers.propose(
        by=by, name=helper.name, unit=helper.unit, households=[family.pk], to=to, begins_on=timezone.localdate(),
        reason="工作调动", idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip


def test_nobody_hands_households_over_to_himself(client, place, staff, family):
    User.objects.filter(pk__in=[staff.cadre.pk, staff.reviewer.pk]).update(identity_index="same")
    Helper.objects.update(name="赵卫东")
    deputy = deputy_of(staff.cadre, Role.VILLAGE_CADRE, place.village)
    for by, to in ((staff.cadre, staff.cadre), (staff.cadre, staff.reviewer), (deputy, staff.cadre)):
        with pytest.raises(ValidationError, match="两个人"):
            handed(family, User.objects.get(pk=by.pk), User.objects.get(pk=to.pk))
    helper = Helper.objects.get(household=family)
    url = reverse("assistance:handover-new", query={"name": helper.name, "unit": helper.unit})
    sit(client, staff.cadre)
    offered = [user.pk for user in client.get(url).context["form"].fields["to"].queryset]
    assert staff.second_cadre.pk in offered
    assert not {staff.cadre.pk, staff.reviewer.pk} & set(offered)
    smuggled = {
        "name": helper.name, "unit": helper.unit, "to": staff.cadre.pk, "begins_on": timezone.localdate(), "reason": "某因",
        "households": [family.pk], "idempotency_key": uuid.uuid4(),
    }  # fmt: skip
    assert client.post(url, smuggled).status_code == 200
    assert not Handover.objects.exists()


def test_what_a_deputy_noted_is_not_paid_by_whom_he_stands_in_for(place, staff, family, today):
    this = timezone.localdate()
    post = posts.open_post(
        by=staff.reviewer, region=place.village, title="保洁员", places=1, wage=60_000, fund="county", unit="村委会",
        opens_on=months_after(this, -12), closes_on=months_after(this, 6), idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip
    told = {"idempotency_key": str(uuid.uuid4()), "monitored": True}
    posts.offer_place(post=post, member=family.head, by=staff.cadre, **told)
    offer = PostOffer.objects.get()
    posts.take_place(offer=offer, by=staff.cadre, begun_on=months_after(this.replace(day=1), -3))
    offer.refresh_from_db()
    deputy = deputy_of(staff.reviewer, Role.TOWN_REVIEWER, place.town)
    month = post_months.attend(offer=offer, by=deputy, month=months_after(this, -1), days=20)
    Posting.objects.filter(user=deputy).update(ends_on=this)  # he is still the one who noted it that day
    with pytest.raises(ValidationError, match="另一个人"):
        post_months.pay(month=month, by=staff.reviewer, paid=60_000, paid_on=this)
    post_months.pay(month=month, by=staff.second_reviewer, paid=60_000, paid_on=this)
    assert PostMonth.objects.get().paid_by == staff.second_reviewer


# ---- numbers in addresses ----


@pytest.mark.parametrize("name", ["post", "entity", "training", "delivery-list"])
def test_a_whole_number_typed_to_find_somebody_does_not_stay_in_the_address(client, place, staff, name):
    own = one_of_everything(place.village, staff.cadre, staff.officer, "王大海")
    sit(client, staff.cadre)
    url = reverse(f"assistance:{name}", args=[] if name == "delivery-list" else [getattr(own, name).pk])
    for typed in (own.member.id_number, " ".join(own.member.id_number)):
        answer = client.get(url, {"q": typed})
        assert (answer.status_code, answer.headers["Location"]) == (302, url)
    assert "后四位" in client.get(url).content.decode()
    assert client.get(url, {"q": own.member.id_number[-4:]}).status_code == 200


# ---- words that break a file, or run in it ----


def test_signs_that_no_document_can_hold_do_not_stop_the_plan_on_paper(client, staff, family):
    plan = begun(family, staff.cadre, ("family_doctor", None))
    sit(client, staff.cadre)
    typed = {"goal": f"收入{UNSEEN}稳定", "version": plan.version}
    assert client.post(reverse("assistance:plan-edit", args=[plan.pk]), typed).status_code == 302
    family.address = f"村东{UNSEEN}头"
    family.save()
    sent = client.get(reverse("assistance:plan-file", args=[plan.pk]))
    assert sent.status_code == 200
    words = "".join(cell.text for table in Document(io.BytesIO(sent.content)).tables for cell in table._cells)
    assert "收入稳定" in words
    assert "村东头" in words


def test_nor_do_they_stop_a_workbook():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([text_cell(sheet, f"王{UNSEEN}大海")])
    assert openpyxl.load_workbook(io.BytesIO(book_bytes(book))).active["A1"].value == "王大海"


def test_a_measure_that_is_called_like_a_formula_stays_words_in_its_blank_list():
    named = replace(MEASURES["dibao"], name='=HYPERLINK("http://example.invalid")')
    cell = openpyxl.load_workbook(io.BytesIO(blank_list(named)))["填表说明"]["A1"]
    assert cell.data_type == "s"
    assert cell.value.startswith("=HYPERLINK")


# ---- days that cannot be ----


@pytest.mark.parametrize(("due", "until"), [(LAST, ""), (LAST, LAST), ("", LAST)])
def test_a_day_at_the_end_of_the_calendar_is_told_and_breaks_nothing(client, staff, family, due, until):
    plan = begun(family, staff.cadre, ("small_loan", None))
    plan = explained(plan, staff.cadre)
    item = plan.items.get()
    typed = {
        "goal": "某事", "unit": "某局", "person": "某人", "due_on": due or timezone.localdate(), "runs_until": until, "amount": "",
        "every": "once", "fund": "", "version": plan.version,
    }  # fmt: skip
    url = reverse("assistance:plan-item", args=[plan.pk, item.pk])
    answer = sit(client, staff.cadre).post(url, typed)
    assert answer.status_code == 200
    assert "年份" in answer.content.decode()
    item.refresh_from_db()
    assert item.due_on.year < 9999
    assert item.runs_until is None
