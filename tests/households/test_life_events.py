"""Events of a family: dated, traced, and after each of them exactly one head among those who are left."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from households import codes, kinship, signals
from households.identity import read_identity
from households.life_events import (
    change_head,
    close_household,
    merge_households,
    record_departure,
    record_life_event,
    split_household,
)
from households.models import Household, Member
from tests.factories import invented_id

Kind = codes.LifeEventKind


@pytest.fixture
def household(make, place):
    """Head, spouse, son, daughter, father, mother."""
    return make.household(place.village, members=6)


@pytest.fixture
def yesterday(today):
    """The day before today."""
    return today - datetime.timedelta(days=1)


def one(household, relation):
    """The present member with this relation."""
    return household.members.present().get(relation=relation)


def relations(household):
    """Name and relation of everybody present."""
    return dict(household.members.present().values_list("name", "relation"))


def heads(household):
    """How many heads are present."""
    return household.members.present().filter(relation=codes.HEAD).count()


def refusal(act):
    """The code of the error that an act is refused with."""
    with pytest.raises(ValidationError) as caught:
        act()
    return caught.value.code


def test_a_death_is_dated_and_traced(household, staff, yesterday):
    mother = one(household, "之母")
    record_departure(household=household, member=mother, kind=Kind.DEATH, happened_on=yesterday, by=staff.cadre)
    mother.refresh_from_db()
    assert (mother.left_on, mother.left_reason) == (yesterday, Kind.DEATH)
    event = household.life_events.get()
    assert (event.kind, event.member, event.happened_on, event.recorded_by) == (
        Kind.DEATH,
        mother,
        yesterday,
        staff.cadre,
    )
    assert AuditEvent.objects.filter(action="member.death").count() == 1
    assert household.members.present().count() == 5


def test_the_death_of_the_head_needs_a_new_one(household, staff, yesterday):
    head, spouse = household.head, one(household, codes.SPOUSE)
    details = {"household": household, "member": head, "kind": Kind.DEATH, "happened_on": yesterday, "by": staff.cadre}
    assert refusal(lambda: record_departure(**details)) == "new_head"
    assert refusal(lambda: record_departure(**details, new_head=head)) == "new_head"
    assert household.head == head
    record_departure(
        household=household, member=head, kind=Kind.DEATH, happened_on=yesterday, by=staff.cadre, new_head=spouse
    )
    assert household.head == spouse
    head.refresh_from_db()
    assert head.relation == codes.HEAD
    household.refresh_from_db()
    assert household.head_name == spouse.name
    assert relations(household) == {
        "王乙": codes.HEAD,
        "王丙": "之子",
        "王丁": "之女",
        "王戊": "之公公",
        "王己": "之婆婆",
    }


def test_the_successor_must_be_present(household, staff, yesterday):
    spouse, head = one(household, codes.SPOUSE), household.head
    record_departure(household=household, member=spouse, kind=Kind.DEATH, happened_on=yesterday, by=staff.cadre)
    act = lambda: record_departure(  # noqa: E731
        household=household, member=head, kind=Kind.DEATH, happened_on=yesterday, by=staff.cadre, new_head=spouse
    )
    assert refusal(act) == "not_present"
    assert household.head == head


def test_when_the_last_one_leaves_the_household_is_closed(make, place, staff, yesterday):
    alone = make.household(place.village, members=1)
    record_departure(household=alone, member=alone.head, kind=Kind.DEATH, happened_on=yesterday, by=staff.cadre)
    alone.refresh_from_db()
    assert (alone.closed_on, alone.closed_reason) == (yesterday, "整户自然减少")
    assert set(alone.life_events.values_list("kind", flat=True)) == {Kind.DEATH, Kind.CLOSED}
    assert not Household.objects.present().filter(pk=alone.pk).exists()


def test_a_closed_household_takes_no_more_events(make, place, staff, yesterday):
    alone = make.household(place.village, members=1)
    close_household(household=alone, happened_on=yesterday, by=staff.cadre, reason="整户迁出")
    act = lambda: close_household(household=alone, happened_on=yesterday, by=staff.cadre)  # noqa: E731
    assert refusal(act) == "stale"
    assert alone.members.get().left_reason == Kind.CLOSED


def test_an_event_is_not_in_the_future_and_not_before_birth(household, staff, today):
    son = one(household, "之子")

    def leave(day):
        return refusal(
            lambda: record_departure(
                household=household, member=son, kind=Kind.MOVED_OUT, happened_on=day, by=staff.cadre
            )
        )

    assert leave(today + datetime.timedelta(days=1)) == "future"
    assert leave(son.born_on - datetime.timedelta(days=1)) == "before_birth"


def test_nobody_leaves_before_he_came(household, staff, today, yesterday):
    bride = record_life_event(
        kind=Kind.MARRIED_IN,
        household=household,
        by=staff.cadre,
        fields={"name": "赵新", "relation": "之儿媳"},
        identity=read_identity(invented_id(male=False)),
        happened_on=today,
    )
    assert bride.joined_on is None or bride.joined_on == today
    act = lambda: record_departure(  # noqa: E731
        household=household, member=bride, kind=Kind.MARRIED_OUT, happened_on=yesterday, by=staff.cadre
    )
    assert refusal(act) == "before_arrival"
    assert Member.objects.get(pk=bride.pk).joined_on == today


def test_the_head_is_changed_and_relations_follow(household, staff, yesterday):
    son = one(household, "之子")
    change_head(household=household, new_head=son, happened_on=yesterday, by=staff.cadre)
    assert heads(household) == 1
    assert relations(household) == {
        "王大海": "之父",
        "王乙": "之母",
        "王丙": codes.HEAD,
        "王丁": "之兄弟姐妹",
        "王戊": "其他",
        "王己": "其他",
    }


def test_relations_that_people_give_go_before_those_that_follow(household, staff, yesterday):
    son, father = one(household, "之子"), one(household, "之父")
    change_head(household=household, new_head=son, happened_on=yesterday, by=staff.cadre, relations={father: "之祖父"})
    assert relations(household)["王戊"] == "之祖父"


def test_two_heads_cannot_be_typed(household, staff, yesterday):
    son, father = one(household, "之子"), one(household, "之父")
    act = lambda: change_head(  # noqa: E731
        household=household, new_head=son, happened_on=yesterday, by=staff.cadre, relations={father: codes.HEAD}
    )
    assert refusal(act) == "two_heads"
    assert heads(household) == 1


def test_a_family_splits_and_both_have_a_head(household, staff, yesterday):
    son, daughter = one(household, "之子"), one(household, "之女")
    moved = []

    def listen(old, new, **_rest):
        moved.append((old.pk, new.name))

    signals.member_moved.connect(listen)
    try:
        founded = split_household(
            household=household,
            members=[son, daughter],
            new_head=son,
            happened_on=yesterday,
            by=staff.cadre,
            fields={"group_no": 7, "number": "3799000099"},
        )
    finally:
        signals.member_moved.disconnect(listen)
    assert relations(founded) == {"王丙": codes.HEAD, "王丁": "之兄弟姐妹"}
    assert (founded.number, founded.group_no, founded.head_name, founded.village) == (
        "3799000099",
        7,
        "王丙",
        household.village,
    )
    assert relations(household) == {"王大海": codes.HEAD, "王乙": codes.SPOUSE, "王戊": "之父", "王己": "之母"}
    assert {name for _pk, name in moved} == {"王丙", "王丁"}
    son.refresh_from_db()
    assert (son.left_on, son.left_reason) == (yesterday, Kind.SPLIT)
    assert Member.objects.present().with_id(son.id_number).get().household == founded
    assert founded.life_events.get().other_household == household


def test_when_the_head_splits_off_somebody_else_takes_over(household, staff, yesterday):
    head, father = household.head, one(household, "之父")

    def split(**details):
        return split_household(
            household=household,
            members=[head, one(household, codes.SPOUSE)],
            new_head=head,
            happened_on=yesterday,
            by=staff.cadre,
            **details,
        )

    assert refusal(split) == "new_head"
    founded = split(remaining_head=father)
    assert founded.head.name == "王大海"
    assert heads(household) == heads(founded) == 1
    assert relations(household)["王己"] == codes.SPOUSE


def test_not_everybody_and_not_nobody_can_split_off(household, staff, yesterday):
    def split(members, new_head):
        return refusal(
            lambda: split_household(
                household=household, members=members, new_head=new_head, happened_on=yesterday, by=staff.cadre
            )
        )

    everybody = list(household.members.present())
    assert split([], household.head) == "nobody"
    assert split(everybody, household.head) == "everybody"
    assert split([one(household, "之子")], household.head) == "new_head"
    assert Household.objects.count() == 1


def test_two_households_become_one(make, place, household, staff, yesterday):
    absorbed = make.household(place.village, head="李老", members=2)
    old = absorbed.head
    merge_households(
        household=household,
        absorbed=absorbed,
        happened_on=yesterday,
        by=staff.cadre,
        relations={old: "之岳父"},
    )
    assert heads(household) == 1
    assert relations(household)["李老"] == "之岳父"
    assert household.members.present().count() == 8
    absorbed.refresh_from_db()
    assert absorbed.closed_on == yesterday
    assert not absorbed.members.present().exists()
    assert (
        refusal(
            lambda: merge_households(household=household, absorbed=household, happened_on=yesterday, by=staff.cadre)
        )
        == "same_household"
    )


def test_an_event_sent_twice_happens_once(household, staff, yesterday):
    key, son = str(uuid.uuid4()), one(household, "之子")
    for _time in range(2):
        record_departure(
            household=household,
            member=son,
            kind=Kind.MOVED_OUT,
            happened_on=yesterday,
            by=staff.cadre,
            expected_version=1,
            idempotency_key=key,
        )
    assert household.life_events.count() == 1


def test_an_event_from_a_form_of_yesterday_is_refused(household, staff, yesterday):
    record_departure(
        household=household, member=one(household, "之母"), kind=Kind.DEATH, happened_on=yesterday, by=staff.cadre
    )
    act = lambda: change_head(  # noqa: E731
        household=household,
        new_head=one(household, "之子"),
        happened_on=yesterday,
        by=staff.team,
        expected_version=1,
    )
    assert refusal(act) == "stale"


def test_there_are_no_other_events(household, staff, yesterday):
    assert refusal(lambda: record_life_event(kind="holiday", household=household, by=staff.cadre)) == "kind"


def test_an_only_sons_children_are_his(make, place):
    household = make.household(place.village, members=2)
    son = make.member(household, relation="之子", name="王丙")
    make.member(household, relation="之儿媳", name="赵丁", id_number=invented_id(male=False))
    make.member(household, relation="之孙子", name="王戊")
    proposed = kinship.relations_to(son, household.members.present())
    assert {member.name: relation for member, relation in proposed.items()} == {
        "王大海": "之父",
        "王乙": "之母",
        "赵丁": codes.SPOUSE,
        "王戊": "之子",
    }
