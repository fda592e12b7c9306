"""An invented district for tests: one zone, two towns, three villages, a named person at each desk, and families."""

import datetime
import functools
import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.encryption import blind_index
from accounts.models import Level, Posting, Region, User
from accounts.roles import Role
from households import codes
from households.models import Household, Member
from households.models.households import ID_NUMBER, ID_TAIL

PASSWORD = "test-only-Passphrase-7"
POSTED_SINCE = datetime.date(2020, 1, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
counter = itertools.count(1)


def invented_id(
    born_on: datetime.date = datetime.date(1964, 5, 17), *, male: bool = True, serial: int | None = None
) -> str:
    """An identity number with a right check digit in an area code that no place has (370499)."""
    number = serial if serial is not None else next(counter)
    sequence = (number * 2 + (1 if male else 0)) % 1000
    body = f"3704{99 - number // 500 % 20}{born_on:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + CHECK_DIGITS[total % 11]


@dataclass
class Place:
    """The invented regions: 北石桥 and 南石桥 in 青石镇, 柳河 in 白河镇, all in one zone; 外区 is elsewhere."""

    city: Region
    zone: Region
    town: Region
    village: Region
    neighbour: Region
    other_town: Region
    other_village: Region
    foreign_county: Region
    foreign_town: Region
    foreign_village: Region


def add_region(code: str, name: str, level: Level, parent: Region | None, **fields: Any) -> Region:
    """A region under its parent."""
    place = Region.objects.filter(parent=parent).count() + 1
    path = f"{parent.path if parent else ''}{place:04d}"
    return Region.objects.create(code=code, name=name, level=level, parent=parent, path=path, **fields)


def add_place() -> Place:
    """The invented regions, created: one statement for each level, as nearly every test needs them."""

    def under(parent: Region | None, place: int, code: str, name: str, level: Level, **fields: Any) -> Region:
        path = f"{parent.path if parent else ''}{place:04d}"
        return Region(code=code, name=name, level=level, parent=parent, path=path, **fields)

    (city,) = Region.objects.bulk_create([under(None, 1, "379900000000", "云山市", Level.CITY)])
    zone, county = Region.objects.bulk_create(
        [
            under(city, 1, "379990000000", "云山高新区", Level.ZONE, office_name="云山高新区扶贫办"),
            under(city, 2, "379903000000", "外区", Level.COUNTY, office_name="外区扶贫办"),
        ]
    )
    town, other_town, foreign_town = Region.objects.bulk_create(
        [
            under(zone, 1, "379903002000", "青石镇", Level.TOWN, office_name="青石镇扶贫办"),
            under(zone, 2, "379903003000", "白河镇", Level.TOWN, office_name="白河镇扶贫办"),
            under(county, 1, "379903004000", "外山镇", Level.TOWN),
        ]
    )
    village, neighbour, other_village, foreign_village = Region.objects.bulk_create(
        [
            under(town, 1, "379903002201", "北石桥村委会", Level.VILLAGE, office_name="北石桥村委会"),
            under(town, 2, "379903002202", "南石桥村委会", Level.VILLAGE),
            under(other_town, 1, "379903003201", "柳河村委会", Level.VILLAGE),
            under(foreign_town, 1, "379903004201", "外山村委会", Level.VILLAGE),
        ]
    )
    return Place(
        city=city,
        zone=zone,
        town=town,
        village=village,
        neighbour=neighbour,
        other_town=other_town,
        other_village=other_village,
        foreign_county=county,
        foreign_town=foreign_town,
        foreign_village=foreign_village,
    )


@functools.cache
def hashed_password() -> str:
    """PASSWORD, hashed once for all tests, because the real hasher takes its time on purpose."""
    return make_password(PASSWORD)


def add_user(username: str, name: str, role: Role | None = None, region: Region | None = None, **fields: Any) -> User:
    """A person who can log in with PASSWORD, posted if a role is given."""
    user = User.objects.create(username=username, name=name, password=hashed_password(), **fields)
    if role and region:
        Posting.objects.create(user=user, role=role, region=region, begins_on=POSTED_SINCE)
    return user


@dataclass
class Staff:
    """A named person at each desk."""

    cadre: User
    second_cadre: User
    team: User
    neighbour_cadre: User
    reviewer: User
    second_reviewer: User
    other_reviewer: User
    officer: User
    foreign_officer: User
    clerk: User
    inspector: User
    admin: User
    unposted: User


def add_staff(place: Place) -> Staff:
    """The people, created in two statements."""
    desks = {
        "cadre": ("cadre", "张桂英", Role.VILLAGE_CADRE, place.village),
        "second_cadre": ("cadre2", "赵有田", Role.VILLAGE_CADRE, place.village),
        "team": ("team", "周建设", Role.VILLAGE_TEAM, place.village),
        "neighbour_cadre": ("neighbour", "钱春生", Role.VILLAGE_CADRE, place.neighbour),
        "reviewer": ("reviewer", "李敏", Role.TOWN_REVIEWER, place.town),
        "second_reviewer": ("reviewer2", "王强", Role.TOWN_REVIEWER, place.town),
        "other_reviewer": ("other_reviewer", "孙立", Role.TOWN_REVIEWER, place.other_town),
        "officer": ("officer", "陈志远", Role.DISTRICT_OFFICER, place.zone),
        "foreign_officer": ("foreign_officer", "吴外", Role.DISTRICT_OFFICER, place.foreign_county),
        "clerk": ("clerk", "周蕾", Role.DEPARTMENT_CLERK, place.zone),
        "inspector": ("inspector", "郑查", Role.INSPECTOR, place.zone),
        "admin": ("admin", "王工", Role.SYSTEM_ADMIN, place.zone),
    }
    units = {"clerk": "云山高新区医保局"}
    people = {
        desk: User(username=username, name=name, password=hashed_password(), unit=units.get(desk, ""))
        for desk, (username, name, _role, _region) in desks.items()
    }
    people["unposted"] = User(username="unposted", name="冯闲", password=hashed_password())
    User.objects.bulk_create(people.values())
    Posting.objects.bulk_create(
        Posting(user=people[desk], role=role, region=region, begins_on=POSTED_SINCE)
        for desk, (_username, _name, role, region) in desks.items()
    )
    return Staff(**people)


class Make:
    """Invents the rest: households with members; each call gives a new one."""

    def household(self, village: Region, head: str = "王大海", *, members: int = 3, **fields: Any) -> Household:
        """A household with a head, a spouse and children, all with identity numbers."""
        number = next(counter)
        values = {
            "number": f"3799{number:08d}",
            "group_no": 1,
            "household_type": codes.HouseholdType.ORDINARY,
            "head_name": head,
            **fields,
        }
        household = Household.objects.create(village=village, **values)
        relations = [codes.HEAD, codes.SPOUSE, "之子", "之女", "之父", "之母"][:members]
        for position, relation in enumerate(relations):
            name = head if relation == codes.HEAD else f"{head[0]}{'甲乙丙丁戊己'[position]}"
            self.member(household, relation=relation, name=name, position=position)
        return household

    def member(self, household: Household, *, born_on: datetime.date | None = None, **fields: Any) -> Member:
        """A member with an invented identity number."""
        child = fields.get("relation") in ("之子", "之女")
        birthday = born_on or datetime.date(2010 if child else 1964, 5, 17)
        male = fields.get("relation") not in (codes.SPOUSE, "之女", "之母")
        id_number = fields.pop("id_number", None) or invented_id(birthday, male=male)
        values = {
            "name": "王某",
            "relation": "其他",
            "born_on": birthday,
            "sex": codes.Sex.MALE if male else codes.Sex.FEMALE,
            "labour_skill": codes.LabourSkill.NONE if child else codes.LabourSkill.ORDINARY,
            "health": [codes.Health.HEALTHY],
            "medical_insured": True,
            **fields,
        }
        return Member.objects.create(
            household=household,
            id_number=id_number,
            id_digest=blind_index(id_number, ID_NUMBER),
            id_tail_digest=blind_index(id_number[-4:], ID_TAIL),
            **values,
        )


@pytest.fixture
def place(db: None) -> Place:
    """The invented regions."""
    return add_place()


@pytest.fixture
def staff(place: Place) -> Staff:
    """A named person at each desk."""
    return add_staff(place)


@pytest.fixture
def make() -> Make:
    """Invents households and members."""
    return Make()


@pytest.fixture
def today() -> datetime.date:
    """Today in Shanghai."""
    return timezone.localdate()
