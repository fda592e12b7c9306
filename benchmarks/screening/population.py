"""Invented villages and their households, members, visits, facts and cases, in the product's own tables."""

import datetime
import random

from django.db import models

from accounts.models import Level, Region, User
from benchmarks.screening import rows
from households.models import ChangedHousehold, Facts, Household, Member, Survey
from monitoring.models import Case

SEED = 2020
VILLAGE_SIZES = (250, 400)
VILLAGES_IN_A_TOWN, TOWNS_IN_A_COUNTY = 25, 12
RULESET = "zaozhuang_2020"
CAUSES = (
    "(ARRAY['illness','education','disability','disaster','accident','epidemic','unstable_job','failed_venture',"
    "'no_labour','other'])"
)
GUARANTEES = {"food_clothing_ok": 1, "education_ok": 2, "medical_ok": 4, "housing_ok": 8, "water_ok": 16}
REPLACED = """
UPDATE households_facts facts SET replaced_on = %s FROM bench_visit visit
WHERE facts.household_id = visit.id AND facts.replaced_on IS NULL
"""
FILLED: tuple[type[models.Model], ...] = (Household, Member, Survey, Facts, Case)


def build(households: int, on: datetime.date) -> Region:
    """Fill the empty tables with so many households, each visited once before the day; the city that holds them all."""
    user = User.objects.create_user(username=f"visitor{households}")
    city = _places(households)
    # Rows that follow from each other need no look-up of each key.
    rows.run("SET session_replication_role = replica")
    rows.run("SET statement_timeout = 0")
    rows.run_file("draws.sql")
    rows.run_file("homes.sql")
    with rows.without_indexes(*FILLED):
        _families()
        visit(0, 1.0, on, user)
        _designated(on, user)
    rows.run("RESET session_replication_role")
    rows.run("VACUUM (ANALYZE)")
    return city


def empty() -> None:
    """Take everything out again, so that the next size begins with fresh tables."""
    rows.run("TRUNCATE accounts_region, accounts_user CASCADE")


def visit(number: int, share: float, on: datetime.date, user: User) -> int:
    """A visit to a share of the households: a survey and its facts; returns how many were visited."""
    rows.run_file("visit.sql", {"visit": number, "share": share, "on": on})
    _surveys(user)
    rows.run(REPLACED, [on])
    written = _facts()
    if number:
        rows.insert(ChangedHousehold, "bench_visit ORDER BY number", {"household_id": "id", "village_id": "village_id"})
    return written


def _places(households: int) -> Region:
    """One city with counties, towns and villages of 250 to 400 households, and the households' numbers by village."""
    draw = random.Random(SEED)
    city = Region.objects.create(code="370000000000", name="示例市", level=Level.CITY, path="0001")
    villages, first = [], 1
    while first <= households:
        last = min(households, first + draw.randint(*VILLAGE_SIZES) - 1)
        villages.append((first, last))
        first = last + 1
    rows.run("DROP TABLE IF EXISTS bench_village; CREATE TABLE bench_village (id bigint, first bigint, last bigint)")
    for begin in range(0, len(villages), VILLAGES_IN_A_TOWN):
        town = _town(city, begin // VILLAGES_IN_A_TOWN)
        places = _below(town, Level.VILLAGE, len(villages[begin : begin + VILLAGES_IN_A_TOWN]))
        for place, (first, last) in zip(places, villages[begin:], strict=False):
            rows.run("INSERT INTO bench_village VALUES (%s, %s, %s)", [place.pk, first, last])
    return city


def _town(city: Region, number: int) -> Region:
    """The town with this number, with its county when it is the county's first."""
    county_number, place = divmod(number, TOWNS_IN_A_COUNTY)
    path = f"{city.path}{county_number + 1:04d}"
    county = Region.objects.filter(path=path).first() or _region(city, Level.COUNTY, county_number)
    return _region(county, Level.TOWN, place)


def _below(parent: Region, level: str, count: int) -> list[Region]:
    return [_region(parent, level, number) for number in range(count)]


def _region(parent: Region, level: str, number: int) -> Region:
    path = f"{parent.path}{number + 1:04d}"
    code = "37" + "".join(path[place + 1 : place + 4] for place in range(4, len(path), 4)).ljust(10, "0")
    name = f"第{number + 1}{Level(level).label}"
    return Region.objects.create(code=code, name=name, level=level, parent=parent, path=path)


def _families() -> None:
    rows.insert(
        Household,
        "bench_home",
        {
            "id": "id",
            "number": "'H' || lpad(number::text, 10, '0')",
            "village_id": "village_id",
            "group_no": "(number / 40 %% 9)::smallint + 1",
            "household_type": "household_type",
            "head_name": "'户主' || number",
            "head_initials": "'hz'",
            "phone": _sealed(Household, "phone", "13800000000"),
            "version": "1",
        },
    )
    rows.insert(
        Member,
        "(SELECT home.*, place FROM bench_home home, generate_series(1, members) place ORDER BY number, place) one",
        {
            "id": "bench_key_in_order('member', number * 8 + place)",
            "household_id": "id",
            "position": "place",
            "name": "'成员' || number",
            "initials": "'cy'",
            "relation": "CASE place WHEN 1 THEN '户主' WHEN 2 THEN '配偶' ELSE '之子' END",
            "id_number": _sealed(Member, "id_number", "370499196405170016"),
            "id_digest": "md5((number * 8 + place)::text) || '00000000'",
            "id_tail_digest": "lpad(((number * 8 + place) %% 10000)::text, 40, '0')",
            "born_on": "date '1950-01-01' + (bench_draw(number * 8 + place, 9) * 25000)::integer",
            "sex": "CASE place %% 2 WHEN 1 THEN 'male' ELSE 'female' END",
            "health": "'[\"healthy\"]'::jsonb",
            "labour_skill": "CASE WHEN place < 3 THEN 'ordinary' ELSE 'none' END",
            "lives_here": "bench_lives_here(number, place)",
        },
    )


def _sealed(model: type[models.Model], name: str, text: str) -> str:
    """An invented number as it would lie in the table, encrypted once for all rows."""
    return f"'{model._meta.get_field(name).get_prep_value(text)}'"


def _surveys(user: User) -> int:
    answers = {
        name: f"CASE WHEN guarantees_unanswered & {bit} = 0 THEN guarantee_bits & {bit} = 0 END"
        for name, bit in GUARANTEES.items()
    }
    cause = f"{CAUSES}[1 + floor(log(2, risk_bits))::integer]"
    return rows.insert(
        Survey,
        "bench_visit ORDER BY number",
        {
            "id": "survey_id",
            "household_id": "id",
            "village_id": "village_id",
            "visited_on": "visited_on",
            "period_start": "visited_on - 395",
            "period_end": "visited_on - 30",
            "entered_by_id": str(user.pk),
            "persons": "persons",
            "hukou_persons": "members",
            "wage": "wage",
            "operating_gross": "operating_gross",
            "operating_cost": "operating_cost",
            "property_income": "5000",
            "transfer": "transfer + 25000",
            "transfer_expense": "20000",
            "rigid_medical": "medical",
            "rigid_education": "education",
            "last_year_income": "last_year",
            "last_year_source": "'survey'",
            "risk_causes": f"CASE WHEN risk_bits = 0 THEN '[]' ELSE jsonb_build_array({cause}) END",
            "stable_income": "number %% 3 > 0",
            **answers,
        },
    )


def _facts() -> int:
    """The facts rows of the visits, as the product writes them of such a survey."""
    return rows.insert(
        Facts,
        "bench_visit ORDER BY number",
        {
            "survey_id": "survey_id",
            "household_id": "id",
            "village_id": "village_id",
            "household_type": "household_type",
            "begins_on": "visited_on",
            "visited_on": "visited_on",
            "persons": "persons",
            "hukou_persons": "members",
            "net_income": "net",
            "disposable_income": "net - 20000",
            "operating_loss": "0",
            "last_year_income": "last_year",
            "rigid_total": "medical + education",
            "medical_expense": "medical",
            "education_expense": "education",
            "risk_bits": "risk_bits",
            "guarantee_bits": "guarantee_bits",
            "guarantees_unanswered": "guarantees_unanswered",
            "has_labour": "true",
            "stable_income": "number %% 3 > 0",
            "negative_bits": "negative_bits",
        },
    )


def _designated(on: datetime.date, user: User) -> int:
    """Two households in a hundred are on the register."""
    return rows.insert(
        Case,
        "bench_home WHERE household_type <> 'registered_poor' AND bench_draw(number, 8) < 0.02 ORDER BY number",
        {
            "id": "bench_key('case', number)",
            "household_id": "id",
            "village_id": "village_id",
            "monitor_class": "CASE household_type WHEN 'lifted' THEN 'relapse' ELSE 'edge' END",
            "stage": "'registered'",
            "stage_since": f"timestamptz '{on:%Y-%m-%d}' - interval '40 days'",
            "opened_at": f"timestamptz '{on:%Y-%m-%d}' - interval '40 days'",
            "source": "'stock'",
            "ruleset": f"'{RULESET}'",
            "main_risk": "'illness'",
            "decided_on": f"date '{on:%Y-%m-%d}' - 30 - (bench_draw(number, 9) * 300)::integer",
            "decided_by_id": str(user.pk),
        },
    )
