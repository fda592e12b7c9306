"""The public declaration pages: what a stranger, a neighbour, a flood of requests and a stolen public database get."""

import base64
import datetime
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.encryption import Keyring
from fangpin.logs import DiscreetFormatter
from monitoring import leads, leads_intake
from monitoring.models import Declaration, DeclarationPage, Lead, LeadEvidence
from monitoring.public import limits
from monitoring.public.models import Answer, RequestCount, SealedDeclaration, SealingKey, VillagePage
from monitoring.public.sealing import PURPOSE, SUITE, CannotOpen, seal, unseal
from monitoring.workflow import take
from tests.factories import invented_id
from tests.monitoring.declared import PHONE, TAIL, ask, declare, filled_in, switch_on


@pytest.fixture
def page(place, staff):
    return switch_on(place, staff)


def head_of(household):
    return household.members.get(relation="户主")


# ---- the switch, and who finds what ----


def test_nobody_declares_where_the_district_has_not_switched_it_on(place, staff, page):
    assert Client().get(reverse("public:declare", args=[page.token])).status_code == 200
    assert not DeclarationPage.objects.filter(village=place.foreign_village).exists()
    place.zone.refresh_from_db()
    leads_intake.switch(district=place.zone, by=staff.officer, on=False)
    assert Client().get(reverse("public:declare", args=[page.token])).status_code == 404
    assert Client().post(reverse("public:declare", args=[page.token]), filled_in()).status_code == 404
    assert SealedDeclaration.objects.count() == 0


def test_only_the_district_itself_switches(place, staff):
    for person in (staff.reviewer, staff.foreign_officer, staff.inspector):
        with pytest.raises(ValidationError):
            leads_intake.switch(district=place.zone, by=person, on=True)
    assert not VillagePage.objects.exists()


def test_addresses_and_receipts_are_long_and_random(place, page):
    tokens = list(DeclarationPage.objects.values_list("token", flat=True))
    assert len(set(tokens)) == 3
    assert all(len(token) >= 21 for token in tokens)
    receipts = {declare(page) for _each in range(5)}
    assert len(receipts) == 5
    assert all(re.fullmatch(r"[0-9]{12}", receipt) for receipt in receipts)


def test_an_address_counted_up_or_with_odd_signs_is_not_found(page):
    for token in ("1", "0001", str(page.village_id), page.village.code, "a" * 200):
        assert Client().get(f"/sb/{token}/").status_code == 404


def test_the_page_is_in_no_index_and_kept_by_nobody_and_needs_no_script(page):
    for address in (reverse("public:declare", args=[page.token]), reverse("public:progress")):
        answer = Client().get(address)
        assert "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]
        assert "<script" not in answer.content.decode()


def test_reading_a_page_writes_nothing(page, django_assert_num_queries):
    client = Client()
    with django_assert_num_queries(1):
        client.get(reverse("public:declare", args=[page.token]))
    with django_assert_num_queries(0):
        client.get(reverse("public:progress"))
    assert "sessionid" not in client.cookies


# ---- what is kept, and where ----


def test_a_declaration_is_sealed_before_it_is_kept(page):
    number = invented_id()
    receipt = declare(page, id_number=number, difficulty="儿子的病")
    row = SealedDeclaration.objects.get()
    kept = json.dumps({name: str(value) for name, value in vars(row).items()}, ensure_ascii=False)
    for secret in (number, PHONE, "王大海", "儿子的病", receipt):
        assert secret not in kept
    assert unseal(row.sealed, leads_intake.private_key(), str(row.pk))["id_number"] == number


def test_the_public_key_opens_nothing_and_a_seal_belongs_to_its_row(page):
    declare(page)
    row = SealedDeclaration.objects.get()
    with pytest.raises(CannotOpen):
        unseal(row.sealed, X25519PrivateKey.generate(), str(row.pk))
    with pytest.raises(CannotOpen):
        unseal(row.sealed, leads_intake.private_key(), str(uuid.uuid4()))
    with pytest.raises(CannotOpen):
        unseal(row.sealed[:-8] + "AAAAAAA=", leads_intake.private_key(), str(row.pk))


def test_what_was_fetched_is_emptied_outside_and_encrypted_inside(page):
    number = invented_id()
    declare(page, id_number=number)
    assert leads_intake.exchange()["fetched"] == 1
    assert SealedDeclaration.objects.get().sealed == ""
    raw = Declaration.objects.extra(select={"a": "id_number", "b": "phone", "c": "name"}).values_list("a", "b", "c")[0]
    assert all(value.startswith("v1:") for value in raw)
    declaration = Declaration.objects.get()
    assert (declaration.id_number, declaration.phone) == (number, PHONE)


def test_a_public_host_that_was_taken_over_cannot_put_nonsense_into_the_register(page, caplog):
    key = SealingKey.objects.get()
    for content in ({"name": "王大海"}, {**filled_in(), "cause": "<script>"}, {**filled_in(), "id_number": "1"}):
        row = SealedDeclaration(
            page_id=page.token,
            form_key=uuid.uuid4(),
            receipt_digest=uuid.uuid4().hex,
            asker_digest="x",
            key_id=key.key_id,
        )
        row.sealed = seal({name: str(value) for name, value in content.items()}, key.public_key, str(row.pk))
        row.save()
    SealedDeclaration.objects.create(
        page_id=page.token, form_key=uuid.uuid4(), receipt_digest="y", asker_digest="x", key_id="-", sealed="not sealed"
    )
    declare(page)
    assert leads_intake.fetch() == 1
    assert (Declaration.objects.count(), Lead.objects.count()) == (1, 1)
    assert leads_intake.fetch() == 0
    assert "王大海" not in caplog.text


NONSENSE = {
    "a list": b"[1, 2]",
    "nothing": b"null",
    "a number": b"1",
    "a number as a text": b'{"name": 1}',
    "a list as a text": b'{"name": ["x"]}',
    "very deep": b"[" * 100_000 + b"]" * 100_000,
    "half a character": b'{"receipt": "\\ud800"}',
    "no text at all": b"\xff\xfe",
}


def sealed_raw(raw, context):
    """Bytes as only who writes on the public host himself can seal them."""
    public = X25519PublicKey.from_public_bytes(base64.b64decode(SealingKey.objects.get().public_key))
    return base64.b64encode(SUITE.encrypt(raw, public, info=PURPOSE + context.encode())).decode()


@pytest.mark.parametrize("raw", NONSENSE.values(), ids=NONSENSE.keys())
def test_one_row_of_nonsense_does_not_stop_what_comes_after_it(page, raw):
    row = SealedDeclaration(
        page_id=page.token, form_key=uuid.uuid4(), receipt_digest=uuid.uuid4().hex, asker_digest="x", key_id="x"
    )
    row.sealed = sealed_raw(raw, str(row.pk))
    row.save()
    declare(page)
    assert leads_intake.fetch() == 1
    assert leads_intake.fetch() == 0


@pytest.mark.parametrize("year", [1, 1990, 9999])
def test_nor_does_a_day_that_cannot_be(page, year):
    declare(page)
    SealedDeclaration.objects.update(
        received_at=datetime.datetime(year, 12 if year > 1 else 1, 31, 23, tzinfo=datetime.UTC)
    )
    declare(page)
    assert leads_intake.fetch() == 1
    assert leads_intake.fetch() == 0


# ---- the household it belongs to ----


def test_the_identity_number_finds_the_household_in_its_village_and_nowhere_else(place, make, page):
    here, elsewhere = make.household(place.village, "王大海"), make.household(place.neighbour, "李四")
    declare(page, id_number=head_of(here).id_number)
    declare(page, id_number=head_of(elsewhere).id_number)
    leads_intake.exchange()
    assert {lead.household for lead in Lead.objects.all()} == {here, None}
    assert {lead.village for lead in Lead.objects.all()} == {place.village}


def test_a_second_declaration_of_a_household_joins_the_first(place, make, page):
    household = make.household(place.village, "王大海", members=2)
    for member in household.members.all():
        declare(page, id_number=member.id_number)
    leads_intake.exchange()
    assert Lead.objects.get().evidence.count() == 2


def test_an_unmatched_declaration_is_matched_by_hand_and_joins(place, make, page, staff):
    household = make.household(place.village, "王大海")
    declare(page, id_number=invented_id())
    declare(page, id_number=head_of(household).id_number)
    leads_intake.exchange()
    loose = Lead.objects.get(household=None)
    with pytest.raises(ValidationError):
        leads.match(lead=loose, household=make.household(place.neighbour, "李四"), by=staff.cadre)
    kept = leads.match(lead=loose, household=household, by=staff.cadre)
    loose.refresh_from_db()
    assert (kept.evidence.count(), loose.state, loose.joined_to) == (2, "joined", kept)


# ---- sent twice, sent often ----


def test_the_same_form_sent_again_is_one_declaration_with_one_receipt(page):
    form = filled_in()
    client = Client()
    first, second = (client.post(reverse("public:declare", args=[page.token]), form) for _each in range(2))
    assert first.context["receipt"] == second.context["receipt"]
    assert SealedDeclaration.objects.count() == 1
    assert (leads_intake.fetch(), leads_intake.fetch()) == (1, 0)


def test_an_exchange_that_stopped_half_way_takes_nothing_in_twice(page):
    declare(page)
    row = SealedDeclaration.objects.get()
    sealed = row.sealed
    leads_intake.fetch()
    SealedDeclaration.objects.update(fetched_at=None, sealed=sealed)
    leads_intake.fetch()
    assert (Declaration.objects.count(), LeadEvidence.objects.count()) == (1, 1)


def test_one_address_declares_so_often_and_then_is_told_to_wait(page):
    client = Client()
    for _each in range(limits.DECLARATIONS_OF_ADDRESS.most):
        declare(page, client)
    answer = client.post(reverse("public:declare", args=[page.token]), filled_in())
    assert answer.status_code == 429
    assert "请过一小时再试" in answer.content.decode()
    assert SealedDeclaration.objects.count() == limits.DECLARATIONS_OF_ADDRESS.most
    declare(page, Client(REMOTE_ADDR="10.0.0.9"))


def test_a_village_takes_so_many_a_day_from_everywhere(page):
    for number in range(limits.DECLARATIONS_OF_VILLAGE.most):
        limits.count(limits.DECLARATIONS_OF_VILLAGE, page.token)
        assert number < 1000
    answer = Client(REMOTE_ADDR="10.0.0.7").post(reverse("public:declare", args=[page.token]), filled_in())
    assert answer.status_code == 429
    assert "明天再试" in answer.content.decode()


def test_who_writes_another_address_before_his_own_is_counted_all_the_same(page, settings):
    settings.PROXY_COUNT = 1
    for number in range(limits.DECLARATIONS_OF_ADDRESS.most):
        declare(page, Client(HTTP_X_FORWARDED_FOR=f"8.8.8.{number}, 10.1.1.1"))
    forged = Client(HTTP_X_FORWARDED_FOR="9.9.9.9, 10.1.1.1")
    assert forged.post(reverse("public:declare", args=[page.token]), filled_in()).status_code == 429


def test_counts_say_nothing_of_who_asked_and_are_forgotten(page):
    declare(page, Client(REMOTE_ADDR="10.20.30.40"))
    kept = " ".join(f"{row.bucket} {row.count}" for row in RequestCount.objects.all())
    assert "10.20.30.40" not in kept
    RequestCount.objects.update(until="2020-01-01T00:00:00+08:00")
    assert limits.forget_counts() == 2


# ---- asking ----


def test_a_receipt_answers_only_to_its_own_telephone(page):
    receipt = declare(page)
    assert ask(receipt).context["found"].answer == Answer.RECEIVED
    wrong, unknown = ask(receipt, "0000"), ask("123456789012")
    assert (wrong.context["found"], unknown.context["found"]) == (None, None)
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_four_digits_cannot_be_tried_through(page):
    receipt = declare(page)
    for number in range(limits.QUESTIONS_OF_RECEIPT.most):
        ask(receipt, f"{number:04d}", Client(REMOTE_ADDR=f"10.0.1.{number}"))
    answer = ask(receipt, TAIL, Client(REMOTE_ADDR="10.0.2.1"))
    assert answer.status_code == 429
    assert answer.context["found"] is None


def test_receipts_cannot_be_tried_through(page):
    client = Client()
    for number in range(limits.QUESTIONS_OF_ADDRESS.most):
        assert ask(f"{number:012d}", TAIL, client).status_code == 200
    assert ask("000000000099", TAIL, client).status_code == 429


def test_an_answer_tells_how_far_it_is_and_no_more(place, make, page, staff):
    household = make.household(place.village, "王大海")
    receipt = declare(page, id_number=head_of(household).id_number)
    for act, expected in (
        (lambda lead: None, "已收到"),
        (lambda lead: leads.assign(lead=lead, to=staff.team, by=staff.reviewer), "正在核实"),
        (lambda lead: leads.close(lead=lead, by=staff.cadre, reason="other", note="收入够线，电话问过"), "不予认定"),
    ):
        leads_intake.exchange()
        if lead := Lead.objects.open().first():
            act(lead)
        leads_intake.exchange()
        words = ask(receipt, client=Client(REMOTE_ADDR="10.3.3.3")).content.decode()
        assert expected in words
    assert "收入够线，电话问过" in words
    for secret in ("王大海", PHONE, head_of(household).id_number, "张桂英", "周建设", household.number):
        assert secret not in words


def test_a_case_that_is_refused_is_told_with_its_reason_but_no_numbers(place, make, page, staff):
    household = make.household(place.village, "王大海")
    receipt = declare(page, id_number=head_of(household).id_number)
    leads_intake.exchange()
    case = leads.take_up(lead=Lead.objects.get(), by=staff.cadre)
    leads_intake.exchange()
    assert ask(receipt).context["found"].answer == Answer.TAKEN_UP
    take("close_watch", case=case, by=staff.cadre, note=f"已经好转，{PHONE} 问过")
    leads_intake.exchange()
    found = ask(receipt).context["found"]
    assert (found.answer, found.reason) == (Answer.REFUSED, leads_intake.ON_PAPER)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("她得了尿毒症，已报销", leads_intake.ON_PAPER),
        ("已经好转，车牌 1234567", "已经好转，车牌 ****"),
        ("已经好转", "已经好转"),
    ],
)
def test_what_somebody_is_ill_with_never_lies_on_the_public_host(place, make, page, staff, note, told):
    household = make.household(place.village, "王大海")
    declare(page, id_number=head_of(household).id_number)
    leads_intake.exchange()
    case = leads.take_up(lead=Lead.objects.get(), by=staff.cadre)
    take("close_watch", case=case, by=staff.cadre, note=note)
    leads_intake.exchange()
    assert SealedDeclaration.objects.get().reason == told


def test_telling_how_far_it_is_decrypts_nobody(page, monkeypatch):
    declare(page)
    leads_intake.exchange()
    Declaration.objects.update(told="")
    monkeypatch.setattr(Keyring, "decrypt", lambda *_any: pytest.fail("somebody was decrypted"))
    assert leads_intake.tell() == 1


def test_a_page_that_is_renewed_leaves_the_old_code_closed_and_nothing_lost(place, page, staff):
    declare(page)
    old = page.token
    fresh = leads_intake.renew_page(village=place.village, by=staff.reviewer)
    assert Lead.objects.count() == 1
    assert Client().get(reverse("public:declare", args=[old])).status_code == 404
    assert Client().get(reverse("public:declare", args=[fresh.token])).status_code == 200
    with pytest.raises(ValidationError):
        leads_intake.renew_page(village=place.village, by=staff.cadre)


def test_a_renewal_that_breaks_off_loses_no_declaration_and_opens_the_old_code_again(page, place, staff, monkeypatch):
    declare(page)

    record = audit.record

    def broken(**given):
        if given["action"] == "lead.renew_page":
            raise RuntimeError
        return record(**given)

    with monkeypatch.context() as breaking:
        breaking.setattr(audit, "record", broken)
        with pytest.raises(RuntimeError):
            leads_intake.renew_page(village=place.village, by=staff.reviewer)
    assert Lead.objects.count() == 1
    assert SealedDeclaration.objects.get().sealed == ""
    assert leads_intake.publish_everywhere() == 1
    assert Client().get(reverse("public:declare", args=[page.token])).status_code == 200


# ---- addresses and logs ----


def test_neither_addresses_nor_the_log_hold_what_was_typed(page, caplog):
    caplog.set_level(logging.DEBUG)
    number = invented_id()
    client = Client()
    receipt = declare(page, client, id_number=number)
    client.post(reverse("public:declare", args=[page.token]), filled_in(id_number=number, phone="1"))
    answer = ask(receipt, "0000", client)
    leads_intake.exchange()
    said = " ".join(DiscreetFormatter().format(record) for record in caplog.records)
    for secret in (number, PHONE, receipt, "王大海"):
        assert secret not in said
    assert f'action="{number}' not in answer.content.decode()
    assert answer.request["PATH_INFO"] == "/sb/"


@pytest.mark.parametrize(
    ("field", "typed"),
    [("phone", "12345"), ("phone", "0632-1234567"), ("id_number", "11010519491231002"), ("cause", "poor"), ("group", "99"),
     ("name", "长" * 31), ("difficulty", "多" * 301), ("form_key", "x"), ("name", "a\x00b")],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_box_and_nothing_is_kept(page, field, typed):
    answer = Client().post(reverse("public:declare", args=[page.token]), filled_in(**{field: typed}))
    assert field in answer.context["form"].errors
    assert SealedDeclaration.objects.count() == 0


def test_a_script_that_was_declared_is_only_words_to_the_village(page, staff, at_page):
    declare(page, difficulty="<script>alert(1)</script>", name="<b>王</b>")
    leads_intake.exchange()
    words = at_page(staff.cadre, reverse("monitoring:lead", args=[Lead.objects.get().pk]))
    assert "<script>alert(1)" not in words
    assert "&lt;script&gt;alert(1)" in words


@pytest.fixture
def at_page(client):
    def read(user, address):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(address).content.decode()

    return read


# ---- a host of its own ----

AS_PUBLIC_HOST = """
import sys, uuid
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from monitoring.public.models import SealingKey, VillagePage
setup_test_environment()
call_command("migrate", verbosity=0)
VillagePage.objects.create(token="of-a-village", village="某村", groups=[1])
SealingKey.objects.create(key_id="k", public_key=sys.argv[1])
client = Client(HTTP_HOST="localhost")
form = dict(name="王大海", phone="13800001234", id_number=sys.argv[2], difficulty="难处", group="1", cause="illness",
            form_key=str(uuid.uuid4()))
answer = client.post("/sb/of-a-village/", form)
print(answer.status_code, answer.context["receipt"].replace(" ", ""))
print(*(client.get(path).status_code for path in ("/sb/", "/ping", "/login/", "/", "/households/", "/clues/")))
print(*sorted({name.split(".")[0] for name in sys.modules if name.endswith(".models") and name.split(".")[0] in
               ("accounts", "households", "assistance", "ledgers")} | {"none"}))
"""


def test_a_public_host_of_its_own_has_no_register_and_cannot_read_what_it_takes(tmp_path):
    private = X25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    database, number = tmp_path / "public.sqlite3", invented_id()
    said = subprocess.run(
        [sys.executable, "-c", AS_PUBLIC_HOST, public, number],
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path / "var"),
            "DJANGO_SETTINGS_MODULE": "fangpin.settings",
            "FANGPIN_PUBLIC": "1",
            "PUBLIC_DATABASE_URL": f"sqlite:///{database}",
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    taken, pages, modules = said.stdout.strip().splitlines()
    assert re.fullmatch(r"200 [0-9]{12}", taken)
    assert pages == "200 200 404 404 404 404"
    assert modules == "none"
    assert number not in said.stderr
    connection = sqlite3.connect(database)
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    assert {name for name in tables if not name.startswith("public_")} <= {"django_migrations", "sqlite_sequence"}
    pk, sealed = connection.execute("select id, sealed from public_sealeddeclaration").fetchone()
    connection.close()
    stored = database.read_bytes()
    assert number.encode() not in stored
    assert "王大海".encode() not in stored
    assert unseal(sealed, private, str(uuid.UUID(pk)))["name"] == "王大海"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "KEYRING_PATH", "REDIS_URL"])
def test_a_public_host_refuses_to_be_told_of_the_register(tmp_path, variable):
    value = {"DATABASE_URL": "sqlite:////tmp/x", "KEYRING_PATH": "/tmp/k", "REDIS_URL": "redis://h:1/0"}[variable]
    said = subprocess.run(
        [sys.executable, "-c", "from fangpin import settings"],
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path),
            "FANGPIN_PUBLIC": "1",
            "PUBLIC_DATABASE_URL": f"sqlite:///{tmp_path}/p",
            variable: value,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode != 0
    assert f"{variable}：公开页面的主机不能知道它" in said.stderr
