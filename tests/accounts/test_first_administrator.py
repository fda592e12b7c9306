"""A new installation gets its first administrator from the command line, once."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, User
from accounts.roles import Role


def create(code, username="first"):
    call_command("create_administrator", username, "--name", "甄初安", "--region", code)


def test_the_first_administrator_logs_in_with_the_password_shown_and_must_change_it(place, capsys):
    create(place.city.code)
    [password] = re.findall(r"一次性密码：(\S+)", capsys.readouterr().out)
    person = User.objects.get(username="first")
    assert person.check_password(password)
    assert person.must_change_password
    assert [posting.role for posting in person.postings_in_force()] == [Role.SYSTEM_ADMIN]
    assert AuditEvent.objects.filter(action="user.add", target__endswith=f":{person.pk}").count() == 1


def test_a_second_one_is_refused_because_the_first_adds_the_others(place):
    create(place.city.code)
    with pytest.raises(CommandError, match="已有系统管理员"):
        create(place.city.code, "second")


def test_an_unknown_region_is_refused_with_a_sentence(place):
    with pytest.raises(CommandError, match="没有区划代码"):
        create("999999999999")
