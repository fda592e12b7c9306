"""The trace: appended in the caller's transaction, and an edit or a gap shows."""

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import audit
from accounts.encryption import blind_index, keyring
from accounts.models import AuditEvent, AuditSeal
from households.models import Household


def test_a_rolled_back_change_leaves_no_event(staff):
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record(action="user.add", actor=staff.admin)
        raise RuntimeError("power cut")
    assert not AuditEvent.objects.exists()


def test_events_are_neither_updated_nor_deleted(staff):
    audit.record(action="user.add", actor=staff.admin)
    with pytest.raises(TypeError):
        AuditEvent.objects.all().update(action="x")
    with pytest.raises(TypeError):
        AuditEvent.objects.all().delete()


def test_an_edited_row_shows(staff):
    event = audit.record(action="user.add", actor=staff.admin, region=None, note="a")
    audit.seal()
    assert audit.verify() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditevent SET action = 'user.disable' WHERE id = %s", [event.pk])
    assert audit.verify() != []


def test_a_missing_row_shows(staff):
    for _ in range(3):
        audit.record(action="user.add", actor=staff.admin)
    assert audit.seal() == 3
    AuditSeal.objects.filter(number=2).delete()
    assert any("第 2 号" in fault for fault in audit.verify())


def test_the_database_holds_no_plain_phone_and_the_reader_sees_it_plain(place, make):
    household = make.household(place.village, phone="13800001234")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM households_household")
        stored = cursor.fetchone()[0]
    assert "13800001234" not in stored
    assert Household.objects.get(pk=household.pk).phone == "13800001234"


def test_a_tampered_ciphertext_is_not_read(place, make):
    sealed = keyring().encrypt("13800001234", "households.household.phone")
    with pytest.raises(InvalidTag):
        keyring().decrypt(sealed, "households.member.phone")


def test_the_blind_index_depends_on_its_purpose():
    assert blind_index("1234", "id_tail") != blind_index("1234", "id_number")
    assert blind_index("", "id_tail") == ""


def test_the_command_counts_what_is_whole_and_refuses_what_was_edited(staff, capsys):
    event = audit.record(action="user.add", actor=staff.admin)
    call_command("verify_audit")
    assert "共封存 1 条" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditevent SET action = 'user.disable' WHERE id = %s", [event.pk])
    with pytest.raises(CommandError, match="改动"):
        call_command("verify_audit")
