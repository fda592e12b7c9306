"""Keys of new rows: in order where there are many, and telling nothing where strangers see them."""

import itertools
import uuid

from django.apps import apps

from accounts.keys import key_in_order, key_or_none
from households.models import Household, Member, Survey


def test_keys_are_in_the_order_in_which_they_are_given():
    keys = [key_in_order() for _each in range(10_000)]
    assert keys == sorted(keys)
    assert [str(key) for key in keys] == sorted(str(key) for key in keys)  # as SQLite keeps them
    assert {key.version for key in keys} == {7}


def test_the_end_of_a_key_does_not_follow_from_the_one_before():
    ends = [key_in_order().int % 2**32 for _each in range(1_000)]
    steps = {later - earlier for earlier, later in itertools.pairwise(ends)}
    assert len(steps) > 990


def test_the_register_has_keys_in_order():
    for model in (Household, Member, Survey):
        assert model().pk.version == 7


def test_rows_that_strangers_address_have_keys_that_tell_no_time():
    with_keys = [model for model in apps.get_app_config("public").get_models() if isinstance(model().pk, uuid.UUID)]
    assert with_keys
    assert {model().pk.version for model in with_keys} == {4}


def test_what_is_no_key_finds_nothing():
    key = key_in_order()
    assert key_or_none(str(key)) == key
    assert key_or_none("../../etc") is None
