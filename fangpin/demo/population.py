"""Two thousand invented households with members, and the visits paid to them in the last two years."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.encryption import blind_index
from accounts.models import Region, User
from fangpin.demo.people import Invention
from fangpin.demo.staff import TAOZHUANG, XINGCHENG, XINGREN, rural_villages
from households import codes
from households.models import Household, LastYearSource, Member, Survey
from households.models.households import ID_NUMBER, ID_TAIL
from households.names import initials

SEED = 20200305
VILLAGES = {XINGREN: 8, XINGCHENG: 8, TAOZHUANG: 6}
HOUSEHOLDS = {XINGREN: 900, XINGCHENG: 700, TAOZHUANG: 400}
GROUPS = 6
BATCH = 500
REGISTERED_AT = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
YUAN = 100
LOW = 7_000  # yuan per head and year


@dataclass
class Family:
    """A household with its members, before it is stored."""

    household: Household
    members: list[Member]

    def having(self, health: codes.Health) -> bool:
        """Whether anybody's health is so."""
        return any(health in member.health for member in self.members)


@dataclass
class Population:
    """Everybody, and the visits."""

    families: list[Family] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)


def invent(today: datetime.date, visitors: dict[str, User]) -> Population:
    """Invent the population; ``visitors`` are the people who paid the visits, by the code of the town."""
    invention, population = Invention(SEED), Population()
    for code, count in HOUSEHOLDS.items():
        town = Region.objects.by_code(code)
        villages = rural_villages(town)[: VILLAGES[code]]
        for place in range(count):
            village = villages[place * len(villages) // count]
            family = _family(invention, village, today, place)
            population.families.append(family)
            population.surveys.extend(_visits(invention, family, today, visitors[code]))
    return population


def store(population: Population) -> None:
    """Store the population in bulk; facts rows follow from the visits."""
    Household.objects.bulk_create((family.household for family in population.families), BATCH)
    Member.objects.bulk_create((member for family in population.families for member in family.members), BATCH)
    Survey.objects.bulk_create(population.surveys, BATCH)
    # Entered on the day of the visit, by people who were registered long before.
    Member.objects.update(created_at=REGISTERED_AT)
    for day in {survey.visited_on for survey in population.surveys}:
        Survey.objects.filter(visited_on=day).update(submitted_at=noon(day))


def noon(day: datetime.date) -> datetime.datetime:
    """Noon in Shanghai."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12, 0)))


def _family(invention: Invention, village: Region, today: datetime.date, place: int) -> Family:
    chance = invention.chance
    lifted = chance.random() < 0.18
    surname = invention.surname()
    household = Household(
        number=f"{village.code[:9]}{village.path[-4:]}{place:04d}",
        village=village,
        group_no=place % GROUPS + 1,
        address=f"{place // GROUPS % 60 + 1}号",
        household_type=codes.HouseholdType.LIFTED if lifted else codes.HouseholdType.ORDINARY,
        phone=invention.phone(),
        unsafe_house=False,
        safe_water=True,
        first_identified_on=datetime.date(2014, 6, 1) if lifted else None,
    )
    members = [
        _member(invention, household, today, position, *role, surname)
        for position, role in enumerate(_roles(invention))
    ]
    head = members[0]
    household.head_name, household.head_initials = head.name, head.initials
    household.roster_member_count = len(members)
    household.whole_without_labour = not any(member.labour_skill in codes.ABLE_TO_WORK for member in members)
    return Family(household, members)


def _roles(invention: Invention) -> list[tuple[str, int, bool]]:
    """Relation, age and sex of each member: the head first."""
    chance = invention.chance
    age = chance.randrange(30, 78)
    roles = [(codes.HEAD, age, True)]
    if chance.random() < 0.82:
        roles.append((codes.SPOUSE, age - chance.randrange(-2, 5), False))
    if age < 58:
        roles += [
            ("之子" if son else "之女", max(1, age - chance.randrange(23, 32)), son)
            for son in (chance.random() < 0.5 for _ in range(chance.randrange(3)))
        ]
    elif chance.random() < 0.3:
        roles.append(("之子", age - 26, True))
    if age < 60 and chance.random() < 0.25:
        roles.append(("之母", age + 24, False))
    return roles


def _member(
    invention: Invention,
    household: Household,
    today: datetime.date,
    position: int,
    relation: str,
    age: int,
    male: bool,
    surname: str,
) -> Member:
    born_on = invention.birthday(today, age)
    number = invention.id_number(born_on, male=male)
    own = surname if relation not in (codes.SPOUSE, "之母") else invention.surname()
    name = own + invention.given(male=male)
    return Member(
        household=household,
        number=f"{household.number}{position + 1:02d}",
        position=position,
        name=name,
        initials=initials(name),
        relation=relation,
        id_number=number,
        id_digest=blind_index(number, ID_NUMBER),
        id_tail_digest=blind_index(number[-4:], ID_TAIL),
        born_on=born_on,
        sex=codes.Sex.MALE if male else codes.Sex.FEMALE,
        medical_insured=invention.chance.random() < 0.995,
        serious_illness_insured=True,
        pension_insured=age >= 16,
        **_condition(invention, age),
    )


def _condition(invention: Invention, age: int) -> dict[str, Any]:
    """Schooling, health, labour and 低保 of somebody of this age."""
    chance = invention.chance
    condition: dict[str, Any] = {"health": [codes.Health.HEALTHY], "labour_skill": codes.LabourSkill.ORDINARY}
    schools = (
        (3, "学龄前儿童"),
        (6, "学前教育"),
        (12, "小学"),
        (13, "七年级"),
        (14, "八年级"),
        (15, "九年级"),
        (18, "普通高中二年级"),
    )
    school = next((label for until, label in schools if age < until), "")
    if school:
        return {**condition, "student_status": school, "labour_skill": codes.LabourSkill.NONE}
    condition["education"] = chance.choice(
        ["小学", "初中", "初中", "高中"] if age < 60 else ["文盲或半文盲", "小学", "小学", "初中"]
    )
    ill = chance.random()
    if ill < (0.03 if age < 60 else 0.10):
        condition |= {"health": [codes.Health.SERIOUS], "labour_skill": codes.LabourSkill.LOST}
    elif ill < (0.10 if age < 60 else 0.35):
        condition |= {"health": [codes.Health.CHRONIC], "labour_skill": codes.LabourSkill.WEAK}
    elif ill < (0.13 if age < 60 else 0.42):
        condition |= {
            "health": [codes.Health.DISABLED],
            "labour_skill": codes.LabourSkill.WEAK,
            "disability_category": "肢体",
            "disability_level": chance.choice(["二级", "三级", "四级"]),
        }
    if age >= 70:
        condition["labour_skill"] = codes.LabourSkill.NONE
    elif age < 55 and condition["labour_skill"] == codes.LabourSkill.ORDINARY:
        condition["work_months"] = chance.randrange(4, 12)
    if condition["labour_skill"] != codes.LabourSkill.ORDINARY and chance.random() < 0.08:
        condition["dibao"] = codes.Dibao.RURAL
    return condition


def _visits(invention: Invention, family: Family, today: datetime.date, visitor: User) -> list[Survey]:
    """A visit a year ago for most, and one of this year for nine in ten."""
    chance, visits = invention.chance, []
    level = min(60_000, max(2_600, chance.lognormvariate(9.65, 0.42)))
    if chance.random() < 0.7:
        visits.append(
            _visit(invention, family, today - datetime.timedelta(days=chance.randrange(366, 420)), visitor, level)
        )
    if chance.random() < 0.9:
        visit = _visit(
            invention,
            family,
            today - datetime.timedelta(days=chance.randrange(20, 200)),
            visitor,
            level * chance.uniform(0.85, 1.2),
        )
        if visits:
            visit.last_year_income, visit.last_year_source = visits[0].net_income, LastYearSource.SURVEY
            visit.rigid_last_year = visits[0].rigid_total
        visits.append(visit)
    if visits:
        family.household.roster_per_capita_income = round(level) * YUAN
    return visits


def _visit(invention: Invention, family: Family, day: datetime.date, visitor: User, level: float) -> Survey:
    chance, persons = invention.chance, len(family.members)
    total = level * persons
    wage = total * chance.uniform(0.4, 0.7) if not family.household.whole_without_labour else 0
    gross = total * chance.uniform(0.2, 0.4)
    cost = gross * chance.uniform(0.2, 0.5)
    ill = family.having(codes.Health.SERIOUS)
    strained = chance.random() < (0.9 if level < LOW else 0.12)  # others carry it with what they earn
    causes = [codes.RiskCause.ILLNESS] if ill and strained else []
    if family.having(codes.Health.DISABLED) and strained:
        causes.append(codes.RiskCause.DISABILITY)
    month = day.replace(day=1)
    return Survey(
        household=family.household,
        village=family.household.village,
        visited_on=day,
        period_start=month.replace(year=month.year - 1),
        period_end=month - datetime.timedelta(days=1),
        entered_by=visitor,
        persons=persons,
        hukou_persons=persons,
        wage=_whole(wage),
        operating_gross=_whole(gross),
        operating_cost=_whole(cost),
        property_income=_whole(chance.choice([0, 0, 400, 800, 1600])),
        transfer=_whole(max(200, total - wage - gross + cost)),
        transfer_expense=_whole(persons * 380),
        rigid_medical=_whole(chance.uniform(6_000, 24_000) if ill else chance.uniform(100, 1_500)),
        rigid_education=0,
        rigid_housing=0,
        rigid_disability=0,
        rigid_disaster=0,
        rigid_other=0,
        food_clothing_ok=True,
        education_ok=True,
        medical_ok=all(member.medical_insured for member in family.members),
        housing_ok=True,
        water_ok=True,
        housing_grade=chance.choice(["A级", "B级"]),
        risk_causes=causes,
        stable_income=not ill,
    )


def _whole(yuan: float) -> int:
    return round(yuan / 10) * 10 * YUAN
