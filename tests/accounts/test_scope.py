"""Scope: the union of postings in force, each with its own role; without a posting, nothing."""

import datetime

from accounts.models import Posting, Region
from accounts.roles import Role
from households.models import Household, Member


def test_a_cadre_sees_his_village_and_nothing_else(place, staff, make):
    own = make.household(place.village)
    make.household(place.neighbour)
    assert list(Household.objects.visible_to(staff.cadre)) == [own]
    assert Member.objects.visible_to(staff.cadre).count() == 3


def test_a_zone_sees_streets_whose_codes_belong_to_a_county(place, staff, make):
    for village in (place.village, place.neighbour, place.other_village, place.foreign_village):
        make.household(village)
    assert Household.objects.visible_to(staff.officer).count() == 3
    assert Household.objects.visible_to(staff.foreign_officer).count() == 1


def test_without_a_posting_nothing_is_visible(place, staff, make):
    make.household(place.village)
    assert not Household.objects.visible_to(staff.unposted).exists()


def test_administrators_and_clerks_do_not_browse_families(place, staff, make):
    make.household(place.village)
    assert not Household.objects.visible_to(staff.admin).exists()
    assert not Household.objects.visible_to(staff.clerk).exists()
    assert Region.objects.visible_to(staff.admin).filter(pk=place.village.pk).exists()


def test_a_posting_that_has_ended_opens_nothing(place, staff, make, today):
    make.household(place.village)
    Posting.objects.filter(user=staff.cadre).update(ends_on=today - datetime.timedelta(days=1))
    assert not Household.objects.visible_to(staff.cadre).exists()
    Posting.objects.filter(user=staff.cadre).update(ends_on=today)
    assert Household.objects.visible_to(staff.cadre).exists()


def test_each_posting_counts_with_its_own_role(place, staff, make):
    Posting.objects.create(
        user=staff.cadre, role=Role.TOWN_REVIEWER, region=place.other_town, begins_on=datetime.date(2020, 1, 1)
    )
    own, reviewed = make.household(place.village), make.household(place.other_village)
    assert set(Household.objects.visible_to(staff.cadre)) == {own, reviewed}
    assert list(Household.objects.visible_to(staff.cadre, Role.TOWN_REVIEWER)) == [reviewed]
