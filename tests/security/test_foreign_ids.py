"""A thing of another village, named where only one's own may be named: in an address, a query, a box or a hidden box."""

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from assistance.models import Delivery
from households.import_files import blank_template
from households.models import Household, ImportBatch, Member, SurveyDraft
from ledgers.models import Export
from monitoring.models import Ballot, Case, CaseEvent, Notice, Objection, Screening, Stage
from tests.isolation import one_of_everything

OWN, FOREIGN = "王大海", "孟凡星"


@pytest.fixture
def own(place, staff):
    return one_of_everything(place.village, staff.cadre, staff.officer, OWN)


@pytest.fixture
def foreign(place, staff):
    return one_of_everything(place.other_village, staff.foreign_officer, staff.officer, FOREIGN)


def key():
    return str(uuid.uuid4())


def test_a_foreign_thing_under_ones_own_household_is_not_found(client, staff, own, foreign):
    client.force_login(staff.cadre)
    house = own.household.pk
    for address in (
        reverse("households:member-edit", args=[house, foreign.member.pk]),
        reverse("assistance:delivery-edit", args=[house, foreign.delivery.pk]),
        reverse("assistance:delivery-remove", args=[house, foreign.delivery.pk]),
        f"{reverse('households:reveal', args=[house])}?what=id_number&member={foreign.member.pk}",
        f"{reverse('households:life-event', args=[house, 'merged'])}?other={foreign.household.pk}",
    ):
        form = {"reason": "identity", "idempotency_key": key(), "begun_on": "2020-01-01"}
        for answer in (client.get(address), client.post(address, form)):
            assert answer.status_code in (404, 405), address
            assert FOREIGN not in answer.content.decode()
    assert Delivery.objects.filter(pk=foreign.delivery.pk).exists()


def test_a_member_of_another_household_is_nobody_to_choose_in_an_event(client, staff, own, foreign):
    client.force_login(staff.cadre)
    today = f"{timezone.localdate()}"
    form = {"member": str(foreign.member.pk), "happened_on": today, "version": own.household.version}
    answer = client.post(
        reverse("households:life-event", args=[own.household.pk, "death"]), {**form, "idempotency_key": key()}
    )
    assert answer.status_code == 200
    assert FOREIGN not in answer.content.decode()
    assert Member.objects.present().filter(pk=foreign.member.pk).exists()


def test_a_draft_corrects_no_survey_of_another_household(client, staff, own, foreign):
    client.force_login(staff.cadre)
    form = {"corrects": str(foreign.survey.pk), "version": "1", "idempotency_key": key(), "save": "later"}
    assert client.post(reverse("households:survey-draft", args=[own.household.pk]), form).status_code == 404
    assert not SurveyDraft.objects.exists()


def test_a_ballot_for_a_foreign_case_is_not_counted(client, staff, own, foreign):
    Case.objects.update(stage=Stage.MEETING)
    client.force_login(staff.cadre)
    form = {
        "held_on": f"{timezone.localdate()}",
        "present": "9",
        "minutes": "某记录",
        "chair": "某人",
        "minute_taker": "某人",
        "idempotency_key": key(),
    }
    for case in (own.case, foreign.case):
        form |= {f"case-{case.pk}-{name}": value for name, value in
                 {"include": "on", "version": "1", "in_favour": "9", "recognised": "yes"}.items()}  # fmt: skip
    client.post(reverse("monitoring:meeting"), form)
    client.post(f"{reverse('monitoring:meeting')}?village={foreign.village.code}", {**form, "idempotency_key": key()})
    assert [ballot.case for ballot in Ballot.objects.all()] == [own.case]
    foreign.case.refresh_from_db()
    assert foreign.case.stage == Stage.MEETING


def test_a_foreign_case_is_not_posted_on_ones_own_notice(client, staff, own, foreign):
    Case.objects.update(stage=Stage.NOTICE_DUE)
    client.force_login(staff.cadre)
    today = timezone.localdate()
    form = {
        "starts_on": f"{today}",
        "ends_on": f"{today + datetime.timedelta(days=9)}",
        "case": [f"{case.pk}:{case.version}" for case in (own.case, foreign.case)],
        "post": "1",
        "idempotency_key": key(),
    }
    before = Notice.objects.count()
    answer = client.post(reverse("monitoring:notice-new"), form)  # what is ticked and not there is looked at again
    assert FOREIGN not in answer.content.decode()
    assert Notice.objects.count() == before
    client.post(reverse("monitoring:notice-new"), {**form, "case": form["case"][:1]})
    posted = Notice.objects.order_by("-posted_at").first()
    assert Notice.objects.count() == before + 1
    assert list(posted.cases.all()) == [own.case]
    assert FOREIGN not in str(posted.snapshot)


def test_a_foreign_case_does_not_go_with_a_batch(client, staff, own, foreign):
    client.force_login(staff.reviewer)
    form = {"step": "endorse", "case": f"{foreign.case.pk}:1", "confirm": "1", "idempotency_key": key()}
    before = CaseEvent.objects.count()
    for confirmed in (form, {**form, "confirm": ""}):
        assert FOREIGN not in client.post(reverse("monitoring:cases-batch"), confirmed, follow=True).content.decode()
    assert CaseEvent.objects.count() == before


def test_an_objection_on_ones_own_notice_is_to_a_household_that_stands_on_it(client, staff, own, foreign):
    Case.objects.update(stage=Stage.NOTICE)
    client.force_login(staff.cadre)
    form = {
        "case": str(foreign.case.pk),
        "raised_on": f"{timezone.localdate()}",
        "content": "某",
        "idempotency_key": key(),
    }
    before = Objection.objects.count()
    client.post(reverse("monitoring:objection-new", args=[own.notice.pk]), form)
    assert Objection.objects.count() == before


@pytest.mark.parametrize("which", ["other_town", "zone", "city", "foreign_county"])
def test_no_region_that_is_not_ones_own_is_exported_screened_or_imported(client, place, staff, which):
    region = getattr(place, which)
    client.force_login(staff.reviewer)
    today = f"{timezone.localdate()}"
    file = SimpleUploadedFile("a.xlsx", blank_template())
    tries = {
        "ledgers:export-new": {"region": region.code, "on": today, "row_mode": "member"},
        "monitoring:screening-new": {"region": region.pk, "on": today},
        "households:import-new": {"region": region.pk, "kind": "roster", "workbook": file},
    }
    for name, form in tries.items():
        assert client.post(reverse(name), {**form, "idempotency_key": key()}).status_code in (200, 422), name
    assert not any(model.objects.exists() for model in (Export, Screening, ImportBatch))


@pytest.mark.parametrize("desk", ["cadre", "inspector"])
def test_whole_numbers_are_for_the_offices_even_if_the_box_is_sent(client, place, staff, desk):
    person = getattr(staff, desk)
    client.force_login(person)
    form = {
        "region": person.postings.get().region.code, "on": f"{timezone.localdate()}", "row_mode": "member",
        "full_ids": "on", "purpose": "看看", "idempotency_key": key(),
    }  # fmt: skip
    client.post(reverse("ledgers:export-new"), form)
    assert not Export.objects.filter(full_ids=True).exists()


def test_a_colleagues_file_is_not_found_even_in_the_same_office(client, staff, own):
    Export.objects.update(state="done", stored_name="x.xlsx")
    for person in (staff.second_cadre, staff.reviewer, staff.officer, staff.inspector):
        client.force_login(person)
        for name in ("export-detail", "export-file"):
            assert client.get(reverse(f"ledgers:{name}", args=[own.export.pk])).status_code == 404
        assert client.post(reverse("ledgers:export-cancel", args=[own.export.pk])).status_code == 404


def test_boxes_that_a_form_does_not_have_change_nothing(client, place, staff, own):
    """Mass assignment: columns sent beside the boxes."""
    client.force_login(staff.reviewer)
    house = own.household
    extra = {
        "village": place.other_village.pk, "number": "999", "head_name": "某某", "closed_on": "2020-01-01",
        "idempotency_key": key(), "version": house.version,
    }  # fmt: skip
    form = {"household_type": "ordinary", "group_no": "2", "unsafe_house": "", "safe_water": ""}
    assert client.post(reverse("households:edit", args=[house.pk]), {**form, **extra}).status_code == 302
    kept = Household.objects.get(pk=house.pk)
    assert (kept.village, kept.number, kept.head_name, kept.closed_on) == (place.village, house.number, OWN, None)
    assert kept.group_no == 2
    office = {
        "office_name": "某办",
        "web_notices_enabled": "on",
        "code": "1",
        "parent": "",
        "path": "0001",
        "name": "某",
    }
    assert client.post(reverse("accounts:region-edit", args=[place.town.code]), office).status_code == 302
    town = Region.objects.get(pk=place.town.pk)
    assert (town.office_name, town.code, town.name, town.path) == (
        "某办",
        place.town.code,
        place.town.name,
        place.town.path,
    )
    assert not town.web_notices_enabled


def test_the_last_four_of_somebody_elsewhere_find_nobody(client, staff, own, foreign):
    client.force_login(staff.cadre)
    for words in (foreign.member.id_number[-4:], foreign.household.number, FOREIGN, "mfx"):
        page = client.get(reverse("households:list"), {"q": words}).content.decode()
        assert str(foreign.household.pk) not in page
        assert f"{FOREIGN}户" not in page
    page = client.get(reverse("households:list"), {"q": own.member.id_number[-4:]}).content.decode()
    assert str(own.household.pk) in page


def test_what_is_typed_with_tags_is_printed_and_not_run(client, place, staff):
    """Names, notes and office names are somebody's text on every page that shows them."""
    tag = "<img onerror=alert(1)>"
    Region.objects.filter(pk=place.town.pk).update(office_name=tag, principal_leaders=tag)
    Region.objects.filter(pk=place.village.pk).update(name=tag)
    own = one_of_everything(place.village, staff.cadre, staff.officer, tag)
    Household.objects.filter(pk=own.household.pk).update(address=tag, natural_village=tag)
    Objection.objects.update(content=tag, raised_by=tag)
    Export.objects.update(file_name=tag, requested_by=staff.reviewer)
    staff.reviewer.name = tag
    staff.reviewer.save()
    client.force_login(staff.reviewer)
    pages = [
        reverse(name)
        for name in (
            "ledgers:home", "ledgers:exports", "households:list", "monitoring:cases", "monitoring:clues",
            "monitoring:notices", "monitoring:corrections", "assistance:overview", "accounts:regions", "accounts:me",
        )
    ]  # fmt: skip
    pages += [
        reverse(f"households:{name}", args=[own.household.pk])
        for name in ("detail", "members", "income", "cases", "assistance", "log", "survey", "survey-paper")
    ]
    pages += [reverse(f"assistance:{name}", args=[own.household.pk]) for name in ("gaps", "plan", "card", "dossier")]
    pages += [
        reverse("monitoring:case", args=[own.case.pk]),
        reverse("monitoring:case-paper", args=[own.case.pk]),
        reverse("monitoring:notice", args=[own.notice.pk]),
        reverse("monitoring:notice-print", args=[own.notice.pk]),
        reverse("monitoring:survey-result", args=[own.survey.pk]),
        reverse("households:survey-detail", args=[own.survey.pk]),
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert tag not in answer.content.decode(), page
