"""An invented county that grades by document 004: last half year's grades, and this half year's round half-way."""

import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.encryption import blind_index
from accounts.models import Level, Posting, Region, User
from accounts.roles import Role
from fangpin.demo.people import Invention
from fangpin.demo.population import SEED, YUAN, noon
from fangpin.demo.staff import BEGINS_ON, PASSWORD, Seat
from households import codes
from households.facts import write_facts
from households.models import Household, Member, Survey
from households.models.households import ID_NUMBER, ID_TAIL
from households.models.surveys import GUARANTEE_FIELDS, INCOME_FIELDS, RIGID_FIELDS
from households.names import initials
from monitoring import grading
from monitoring.grading_grounds import ground_of
from monitoring.grading_rounds import open_round
from monitoring.models import Grading, PolicyValue
from monitoring.screening import assess_household

CITY, COUNTY, TOWN = "349900000000", "349921000000", "349921100000"
PLACES = (
    (CITY, "示例市", Level.CITY, None, {"office_name": "示例市扶贫办"}),
    (COUNTY, "云岭县", Level.COUNTY, CITY, {"office_name": "云岭县扶贫办", "deputy_leader": "沈同", "operator_name": "罗静"}),
    (TOWN, "梅溪镇", Level.TOWN, COUNTY,
     {"office_name": "梅溪镇扶贫办", "principal_leaders": "郭川、梁青", "deputy_leader": "董林", "operator_name": "许宁"}),
    ("349921100201", "梅溪村委会", Level.VILLAGE, TOWN, {}),
    ("349921100202", "竹坪村委会", Level.VILLAGE, TOWN, {}),
    ("349921100203", "石桥村委会", Level.VILLAGE, TOWN, {}),
)  # fmt: skip
FIRST_VILLAGE, SECOND_VILLAGE, THIRD_VILLAGE = "349921100201", "349921100202", "349921100203"
SEATS = (
    Seat("cun7", "林桂芳", "村委会", Role.VILLAGE_CADRE, FIRST_VILLAGE),
    Seat("dui7", "潘建设", "驻村工作队", Role.VILLAGE_TEAM, FIRST_VILLAGE),
    Seat("cun8", "汪有才", "村委会", Role.VILLAGE_CADRE, SECOND_VILLAGE),
    Seat("zhen7", "许宁", "梅溪镇扶贫办", Role.TOWN_REVIEWER, TOWN),
    Seat("zhen8", "董林", "梅溪镇扶贫办", Role.TOWN_REVIEWER, TOWN),
    Seat("qu7", "罗静", "云岭县扶贫办", Role.DISTRICT_OFFICER, COUNTY),
    Seat("qu8", "沈同", "云岭县扶贫办", Role.DISTRICT_OFFICER, COUNTY),
)
NO_PLACE = "349999"  # the area code of no place
OURS = "演示数据：选用六安2019"
LIFTED, KEY_GROUP, OTHERS = 14, 4, 4  # households of each village
ROUND_AGO, ROUND_LEFT, HALF_YEAR = 14, 16, 184  # days
GOOD = {"stable_income": True, "level_two_features": []}
WEAK = {"stable_income": False, "level_two_features": ["unstable_job"]}
BAD = {**WEAK, "housing_ok": False, "housing_grade": "D级"}


def add_graded_county(today: datetime.date) -> dict[str, User]:
    """The county with its people, households, last round and this one; by username."""
    regions = _regions()
    people = _people(regions)
    PolicyValue.objects.create(
        region=regions[COUNTY], ruleset="luan_2019", key="ruleset", value="luan_2019",
        starts_on=datetime.date(2019, 5, 20), source=OURS, proposed_by=people["qu7"], confirmed_by=people["qu8"],
        confirmed_at=timezone.now(),
    )  # fmt: skip
    invention = Invention(SEED + 7, NO_PLACE)
    villages = [region for region in regions.values() if region.level == Level.VILLAGE]
    families = {village.code: _village(invention, village, today) for village in villages}
    begins_on = today - datetime.timedelta(days=ROUND_AGO)
    before = begins_on - datetime.timedelta(days=HALF_YEAR)
    _last_round(regions[COUNTY], families, people, before)
    _this_round(regions[COUNTY], families, people, begins_on, today)
    return people


def _regions() -> dict[str, Region]:
    found: dict[str, Region] = {}
    for code, name, level, parent_code, fields in PLACES:
        parent = found.get(parent_code or "")
        place = Region.objects.filter(parent=parent).count() + 1
        path = f"{parent.path if parent else ''}{place:04d}"
        found[code] = Region.objects.create(
            code=code, name=name, level=level, parent=parent, path=path, office_phone="0564-0000000", **fields
        )
    return found


def _people(regions: dict[str, Region]) -> dict[str, User]:
    hashed = make_password(PASSWORD)
    people = {}
    for seat in SEATS:
        person = User.objects.create(username=seat.username, name=seat.name, unit=seat.unit, password=hashed)
        Posting.objects.create(user=person, role=seat.role, region=regions[seat.region], begins_on=BEGINS_ON)
        people[seat.username] = person
    Posting.objects.create(
        user=people["cun8"], role=Role.VILLAGE_CADRE, region=regions[THIRD_VILLAGE], begins_on=BEGINS_ON
    )
    for person in people.values():
        person.remember_postings()
    return people


def _village(invention: Invention, village: Region, today: datetime.date) -> list[Household]:
    """脱贫户 first, then households of key groups, then others, none visited yet."""
    kinds = [codes.HouseholdType.LIFTED] * LIFTED + [codes.HouseholdType.ORDINARY] * (KEY_GROUP + OTHERS)
    return [
        _household(invention, village, place, kind, today, ill=LIFTED <= place < LIFTED + KEY_GROUP)
        for place, kind in enumerate(kinds)
    ]


def _household(
    invention: Invention, village: Region, place: int, kind: codes.HouseholdType, today: datetime.date, *, ill: bool
) -> Household:
    surname = invention.surname()
    household = Household.objects.create(
        number=f"{village.code}{place:03d}", village=village, group_no=place % 3 + 1, address=f"{place + 1}号",
        household_type=kind, phone=invention.phone(), unsafe_house=False, safe_water=True, roster_member_count=3,
    )  # fmt: skip
    roles = ((codes.HEAD, 52, True), (codes.SPOUSE, 50, False), ("之子", 24, True))
    for position, (relation, age, male) in enumerate(roles):
        name = (invention.surname() if relation == codes.SPOUSE else surname) + invention.given(male=male)
        born_on = invention.birthday(today, age)
        number = invention.id_number(born_on, male=male)
        Member.objects.create(
            household=household, number=f"{household.number}{position + 1:02d}", position=position, name=name,
            initials=initials(name), relation=relation, id_number=number, id_digest=blind_index(number, ID_NUMBER),
            id_tail_digest=blind_index(number[-4:], ID_TAIL), born_on=born_on, medical_insured=True,
            sex=codes.Sex.MALE if male else codes.Sex.FEMALE, labour_skill=codes.LabourSkill.ORDINARY,
            health=[codes.Health.CHRONIC if ill and position == 1 else codes.Health.HEALTHY],
        )  # fmt: skip
        if relation == codes.HEAD:
            household.head_name, household.head_initials = name, initials(name)
    household.save(update_fields=["head_name", "head_initials"])
    return household


def _visit(household: Household, by: User, day: datetime.date, **answers: Any) -> None:
    """A submitted survey with its facts and what the rules say of it."""
    first = day.replace(day=1)
    unsaid = dict.fromkeys((*INCOME_FIELDS, *RIGID_FIELDS), 0)
    fine = dict.fromkeys(GUARANTEE_FIELDS, True)
    told = {"wage": 36_000 * YUAN, "transfer": 3_000 * YUAN, **answers}
    survey = Survey.objects.create(
        household=household, village=household.village, visited_on=day, entered_by=by, persons=3, hukou_persons=3,
        period_start=first.replace(year=first.year - 1), period_end=first - datetime.timedelta(days=1),
        **(unsaid | fine | told),
    )  # fmt: skip
    survey.submitted_at = noon(day)
    survey.save(update_fields=["submitted_at"])
    write_facts(survey)
    assess_household(household, day, by)


def _grade(
    household: Household, people: dict[str, User], day: datetime.date, level: int | None = None, reason: str = ""
) -> Grading:
    """Proposed on the day by the team or the cadre of the village: as the rules suggest unless told otherwise."""
    by = people["dui7"] if household.village.code == FIRST_VILLAGE else people["cun8"]
    suggested = ground_of(household, day).suggested
    return grading.propose(household=household, level=level or suggested, by=by, reason=reason, at=noon(day))


def _last_round(
    county: Region, families: dict[str, list[Household]], people: dict[str, User], begins_on: datetime.date
) -> None:
    """Half a year ago every 脱贫户 was graded: in each village one red, three yellow, the others blue."""
    due_on = begins_on + datetime.timedelta(days=29)
    open_round(district=county, begins_on=begins_on, due_on=due_on, by=people["qu7"], at=noon(begins_on))
    day = begins_on + datetime.timedelta(days=3)
    for families_of in families.values():
        for place, household in enumerate(families_of[:LIFTED]):
            _visit(household, people["cun7"], day, **(BAD if place == 0 else WEAK if place < 4 else GOOD))
            found = _grade(household, people, day + datetime.timedelta(days=2))
            found = grading.take("agree", grading=found, by=people["zhen7"], at=noon(day + datetime.timedelta(days=8)))
            grading.take("file", grading=found, by=people["qu7"], at=noon(day + datetime.timedelta(days=12)))


def _this_round(
    county: Region,
    families: dict[str, list[Household]],
    people: dict[str, User],
    begins_on: datetime.date,
    today: datetime.date,
) -> None:
    """Half-way: in the first village some wait at every desk; the second has sent everything; the third has not begun."""
    due_on = today + datetime.timedelta(days=ROUND_LEFT)
    open_round(district=county, begins_on=begins_on, due_on=due_on, by=people["qu7"], at=noon(begins_on))
    first, second = families[FIRST_VILLAGE], families[SECOND_VILLAGE]
    day = begins_on + datetime.timedelta(days=4)
    for place, household in enumerate(first[:10]):
        answers = BAD if place == 4 else WEAK if place in (1, 2, 9) else GOOD
        _visit(household, people["cun7"], day, **answers)
    for household in first[LIFTED : LIFTED + 2]:
        _visit(household, people["cun7"], day)
    for household in second[:LIFTED]:
        _visit(household, people["cun8"], day, **(WEAK if household.number.endswith("3") else GOOD))
    _on_their_way(first, second, people, day + datetime.timedelta(days=3))


def _on_their_way(first: list[Household], second: list[Household], people: dict[str, User], day: datetime.date) -> None:
    other = "户主上月摔伤，三个月不能干活，靠儿子一人打工"
    _grade(first[5], people, day, level=2, reason=other)
    returned = _grade(first[6], people, day, level=3)
    grading.take(
        "return_to_village", grading=returned, by=people["zhen7"], at=noon(day),
        note="他家儿子的工作上月停了，请再去看一看，写清楚",
    )  # fmt: skip
    for household in first[:2]:
        _filed(_grade(household, people, day), people, day)
    for household in second[:LIFTED]:
        found = _grade(household, people, day)
        if household in second[:6]:
            _filed(found, people, day)
        elif household in second[:10]:
            grading.take("agree", grading=found, by=people["zhen8"], at=noon(day + datetime.timedelta(days=2)))


def _filed(found: Grading, people: dict[str, User], day: datetime.date) -> None:
    later = noon(day + datetime.timedelta(days=2))
    agreed = grading.take("agree", grading=found, by=people["zhen7"], at=later)
    grading.take("file", grading=agreed, by=people["qu7"], at=later)
