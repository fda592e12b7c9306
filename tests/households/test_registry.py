"""The register: who may stand in it, exactly one head, nobody twice, one of two people saving at once."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent
from households import codes, services, signals
from households.identity import NOT_YET, read_identity
from households.models import Household, Member
from households.phones import read_phone
from tests.factories import invented_id


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village)


def head(**fields):
    """What is typed of a head."""
    return {
        "name": "孙立柱",
        "relation": codes.HEAD,
        "identity": read_identity(invented_id()),
        "labour_skill": codes.LabourSkill.ORDINARY,
        **fields,
    }


def enter(place, staff, *members, **fields):
    """Enter a household of ordinary people."""
    values = {"household_type": codes.HouseholdType.ORDINARY, "group_no": 3, **fields}
    return services.create_household(village=place.village, by=staff.cadre, fields=values, members=members)


def refusal(act):
    """The code of the error that an act is refused with."""
    with pytest.raises(ValidationError) as caught:
        act()
    return caught.value.code


def test_a_household_is_entered_with_its_head(place, staff):
    spouse = {"name": "李秀", "relation": codes.SPOUSE, "identity": read_identity(invented_id(male=False))}
    entered = enter(place, staff, head(), spouse)
    assert entered.head_name == "孙立柱"
    assert entered.head_initials == "slz"
    assert [member.name for member in entered.members.head_first()] == ["孙立柱", "李秀"]
    assert entered.head.born_on == datetime.date(1964, 5, 17)
    assert entered.members.get(name="李秀").sex == codes.Sex.FEMALE
    assert entered.members.get(name="李秀").initials == "lx"


def test_a_number_of_our_own_is_given_when_none_is_typed(place, staff):
    first, second = enter(place, staff, head()), enter(place, staff, head())
    assert first.number != second.number
    assert first.number.startswith(place.village.code + "-")


def test_a_number_in_use_is_refused(place, staff, household):
    assert refusal(lambda: enter(place, staff, head(), number=household.number)) == "number_in_use"


def test_no_head_and_two_heads_are_refused(place, staff):
    assert refusal(lambda: enter(place, staff, head(relation="之子"))) == "no_head"
    assert refusal(lambda: enter(place, staff, head(), head(name="王二"))) == "two_heads"
    assert not Household.objects.exists()


def test_the_database_itself_refuses_a_second_head(make, household):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.member(household, relation=codes.HEAD)


def test_entering_is_traced_without_names_or_numbers(place, staff):
    entered = enter(place, staff, head())
    event = AuditEvent.objects.get(action="household.create")
    assert event.target == f"households.household:{entered.pk}"
    assert event.actor == staff.cadre
    assert entered.head.id_number not in str(event.detail)
    assert "孙立柱" not in str(event.detail)


def test_the_apps_above_are_told(place, staff, household):
    told = []

    def listen(**kwargs):
        told.append(kwargs["household"].pk)

    signals.household_changed.connect(listen)
    try:
        services.change_household(household=household, by=staff.cadre, fields={"group_no": 4})
    finally:
        signals.household_changed.disconnect(listen)
    assert told == [household.pk]


def test_the_same_person_in_two_households_is_refused_with_the_place(make, place, staff, household):
    known = make.household(place.village, head="吴春生").head
    with pytest.raises(ValidationError) as caught:
        services.add_member(
            household=household,
            by=staff.cadre,
            fields={"name": "吴春生", "relation": "其他"},
            identity=read_identity(known.id_number),
        )
    assert "北石桥村委会吴春生户" in caught.value.message
    assert known.id_number not in caught.value.message


def test_the_place_is_not_told_to_somebody_who_may_not_see_it(make, place, staff, household):
    known = make.household(place.neighbour, head="吴春生").head
    with pytest.raises(ValidationError) as caught:
        services.add_member(
            household=household,
            by=staff.cadre,
            fields={"name": "吴春生", "relation": "其他"},
            identity=read_identity(known.id_number),
        )
    assert "吴春生" not in caught.value.message
    assert "南石桥" not in caught.value.message
    assert "镇" in caught.value.message


def test_a_disability_card_is_the_same_person(staff, household):
    card = read_identity(household.head.id_number + "44")
    act = lambda: services.add_member(  # noqa: E731
        household=household, by=staff.cadre, fields={"name": "王某", "relation": "其他"}, identity=card
    )
    assert refusal(act) == "known_person"


def test_somebody_who_has_left_may_be_registered_elsewhere(make, place, staff, household):
    left = make.household(place.neighbour).members.get(relation=codes.SPOUSE)
    Member.objects.filter(pk=left.pk).update(left_on=datetime.date(2024, 1, 1), left_reason="married_out")
    added = services.add_member(
        household=household,
        by=staff.cadre,
        fields={"name": "王乙", "relation": "之儿媳"},
        identity=read_identity(left.id_number),
    )
    assert added.household == household


def test_a_newborn_has_no_number_yet_and_gets_it_later(staff, household, today):
    born = today - datetime.timedelta(days=3)
    child = services.add_member(
        household=household,
        by=staff.cadre,
        fields={"name": "王小", "relation": "之女", "sex": codes.Sex.FEMALE},
        identity=NOT_YET,
        kind=codes.LifeEventKind.BIRTH,
        happened_on=born,
    )
    assert (child.id_type, child.id_number, child.born_on) == (codes.IdType.NOT_YET, "", born)
    assert household.life_events.get().kind == codes.LifeEventKind.BIRTH
    number = invented_id(born, male=False)
    services.change_member(member=child, by=staff.cadre, fields={}, identity=read_identity(number))
    child.refresh_from_db()
    assert child.id_number == number
    assert Member.objects.with_id(number).get() == child
    assert Member.objects.with_id_tail(number[-4:]).get() == child


def test_two_newborns_without_numbers_do_not_collide(staff, household, today):
    for name in ("王大宝", "王二宝"):
        services.add_member(
            household=household,
            by=staff.cadre,
            fields={"name": name, "relation": "之子", "sex": codes.Sex.MALE, "born_on": today},
            identity=NOT_YET,
        )
    assert household.members.present().count() == 5


def test_without_a_number_birthday_and_sex_are_needed(staff, household, today):
    def add(**fields):
        return services.add_member(
            household=household, by=staff.cadre, fields={"name": "王小", "relation": "之女", **fields}, identity=NOT_YET
        )

    assert refusal(lambda: add(sex="female")) == "birthday"
    assert refusal(lambda: add(born_on=today)) == "sex"
    assert refusal(lambda: add(sex="female", born_on=today + datetime.timedelta(days=1))) == "future"


def test_of_two_people_saving_one_is_told(staff, household):
    services.change_household(
        household=household, by=staff.cadre, fields={"address": "12号"}, expected_version=household.version
    )
    stale = Household.objects.get(pk=household.pk)
    with pytest.raises(services.StaleHousehold):
        services.change_household(
            household=stale, by=staff.team, fields={"address": "13号"}, expected_version=household.version - 1
        )
    assert Household.objects.get(pk=household.pk).address == "12号"


def test_a_form_sent_twice_acts_once(place, staff, household):
    key = str(uuid.uuid4())
    first, second = (
        services.create_household(
            village=place.village,
            by=staff.cadre,
            fields={"household_type": codes.HouseholdType.ORDINARY},
            members=[head(identity=read_identity(number))],
            idempotency_key=key,
        )
        for number in (invented_id(), invented_id())
    )
    assert first == second
    assert Household.objects.count() == 2


def test_changing_a_household_says_which_fields_and_not_what_they_held(staff, household):
    services.change_household(household=household, by=staff.cadre, fields={"phone": "13800000001", "group_no": 1})
    event = AuditEvent.objects.get(action="household.change")
    assert event.detail["fields"] == ["phone"]
    assert "1380000" not in str(event.detail)
    household.refresh_from_db()
    assert household.phone == "13800000001"
    assert household.version == 2


def test_the_name_of_the_head_is_copied_when_it_is_corrected(staff, household):
    services.change_member(member=household.head, by=staff.cadre, fields={"name": "王大河"})
    household.refresh_from_db()
    assert (household.head_name, household.head_initials) == ("王大河", "wdh")


def test_nobody_becomes_head_by_editing_a_member(staff, household):
    spouse = household.members.get(relation=codes.SPOUSE)
    edit = lambda: services.change_member(member=spouse, by=staff.cadre, fields={"relation": codes.HEAD})  # noqa: E731
    assert refusal(edit) == "head"
    step_down = lambda: services.change_member(  # noqa: E731
        member=household.head, by=staff.cadre, fields={"relation": "之父"}
    )
    assert refusal(step_down) == "head"


def test_somebody_who_has_left_is_not_edited(staff, household, today):
    spouse = household.members.get(relation=codes.SPOUSE)
    Member.objects.filter(pk=spouse.pk).update(left_on=today, left_reason="death")
    assert refusal(lambda: services.change_member(member=spouse, by=staff.cadre, fields={"name": "王某"})) == "stale"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0000 0001", "13800000001"),
        ("１３８００００００００１"[:11], None),
        ("0632-1234567", "0632-1234567"),
        ("", ""),
    ],
)
def test_phones_are_cleaned(text, number):
    assert read_phone(text) == (number if number is not None else "13800000000")


@pytest.mark.parametrize("text", ["1380000000", "23800000000", "没有", "138000000012"])
def test_what_is_no_phone_is_refused_without_quoting_it(text):
    with pytest.raises(ValidationError) as caught:
        read_phone(text)
    assert text not in caught.value.message


def test_households_without_a_group_come_first_on_every_database(place, make):
    """Databases disagree on where an unknown number belongs."""
    numbers = {group: make.household(place.village, group_no=group).number for group in (2, None, 1)}
    in_order = [row.number for row in Household.objects.in_village_order()]
    assert in_order == [numbers[None], numbers[1], numbers[2]]
    assert Household.objects.groups() == [1, 2]


def test_capitals_make_no_difference_in_a_household_number(place, make):
    """SQLite does not mind them, PostgreSQL does."""
    household = make.household(place.village, number="3799A0017")
    assert list(Household.objects.matching("a0017")) == [household]
