"""The assistance of a household read plainly: rows and days, loops and comparisons; nothing of the product's own reading.

What a measure is (how it counts, which column of the ledger it ticks, which risks it answers) is written down here once more.
"""

import calendar
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assistance.models import Delivery, Helper, Plan, Visit
from households.models import Household, Member, Survey
from monitoring.models import Case

Day = datetime.date


@dataclass(frozen=True)
class Measure:
    """How a measure counts, the letter of its column, its group, and the risks that it answers."""

    kind: str
    column: str
    group: str
    answers: str


MEASURES = {
    "care_visits": Measure("running", "", "兜底", "因残 缺劳动力 其他（备注）"),
    "collective_share": Measure("running", "", "产业", "缺劳动力 因残 因病"),
    "commercial_medical": Measure("running", "J", "健康", "因病 因意外"),
    "dibao": Measure("running", "P", "兜底", "因病 因残 缺劳动力 因灾 因意外 因疫情 其他（备注）"),
    "disability_subsidy": Measure("running", "", "兜底", "因残"),
    "disaster_relief": Measure("grant", "", "兜底", "因灾 吃穿 住房安全"),
    "education": Measure("running", "H", "教育", "因学"),
    "enterprise_support": Measure("running", "", "社会帮扶", "缺劳动力 因残 因病"),
    "family_doctor": Measure("running", "K", "健康", "因病 因残 基本医疗"),
    "housing": Measure("lasting", "L", "住房", "因灾 住房安全"),
    "industry": Measure("running", "", "产业", "因产业失败 因务工就业不稳 因灾"),
    "industry_award": Measure("grant", "", "产业", "因产业失败 因务工就业不稳 因疫情"),
    "insurance_subsidy": Measure("running", "I", "健康", "因病 基本医疗"),
    "labour_service": Measure("running", "", "就业", "因务工就业不稳 因疫情"),
    "local_job": Measure("running", "", "就业", "因务工就业不稳 因疫情 因产业失败"),
    "medical": Measure("running", "I", "健康", "因病 因残 因意外 基本医疗"),
    "medical_aid": Measure("grant", "I", "健康", "因病 因意外 因残 基本医疗"),
    "pension_paid": Measure("running", "", "兜底", "缺劳动力 因残"),
    "public_post": Measure("running", "Q", "公益岗位", "因务工就业不稳 缺劳动力 因疫情 因残 因病"),
    "skill_training": Measure("grant", "", "就业", "因务工就业不稳 因产业失败"),
    "small_loan": Measure("running", "", "金融", "因产业失败 因务工就业不稳 因灾"),
    "social_relief": Measure("running", "O", "兜底", "因病 因残 缺劳动力 因灾 因意外 其他（备注） 吃穿"),
    "tekun": Measure("running", "O", "兜底", "缺劳动力 因残 吃穿"),
    "temporary_relief": Measure("grant", "N", "兜底", "因病 因学 因残 因灾 因意外 因疫情 其他（备注） 吃穿"),
    "volunteers": Measure("running", "", "社会帮扶", "缺劳动力 因残 因病 其他（备注）"),
}
OF_THE_HOUSEHOLD = "KLMNO"
DEVELOPING = {"产业", "就业", "公益岗位", "消费", "金融"}
CAUSES = {
    "illness": "因病", "education": "因学", "disability": "因残", "disaster": "因灾", "accident": "因意外",
    "failed_venture": "因产业失败", "unstable_job": "因务工就业不稳", "no_labour": "缺劳动力", "epidemic": "因疫情",
    "other": "其他（备注）",
}  # fmt: skip
GUARANTEES = {
    "food_clothing": "吃穿", "education": "义务教育", "medical": "基本医疗", "housing": "住房安全", "water": "饮水安全",
}  # fmt: skip
WITHOUT_MEASURE, PROMISED, IN_PLACE = "还没有措施", "已承诺", "已落实"
OVER = {"refused", "closed", "removed"}  # stages in which nobody works on a designation any more


def months_later(day: Day, months: int) -> Day:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return Day(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass
class Home:
    """Everything that is written down of one household."""

    household: Household
    members: list[Member] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    helpers: list[Helper] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)

    # ---- measures ----

    def in_place(self, day: Day) -> list[Delivery]:
        return [one for one in self.deliveries if in_place(one, day)]

    def waiting(self, day: Day) -> list[Delivery]:
        return [one for one in self.deliveries if waiting(one, day)]

    def of_those_here(self, deliveries: list[Delivery]) -> list[Delivery]:
        gone = {one.pk for one in self.members if one.left_on}
        return [one for one in deliveries if one.member_id not in gone]

    def stated(self) -> Iterator[tuple[Member, str]]:
        """低保 and 特困 that stand in the register, of whom no delivery ever began."""
        for person in self.members:
            for code, said in (("dibao", person.dibao), ("tekun", person.tekun)):
                dated = [one for one in self.deliveries if one.measure == code and one.member_id == person.pk]
                if said != "none" and not any(one.begun_on for one in dated):
                    yield person, code

    # ---- being on the register ----

    def designation(self, day: Day) -> Case | None:
        """The case by which it is on the register on a day."""
        for case in self.cases:
            decided = case.decided_on and case.decided_on <= day and case.stage not in ("refused", "closed")
            if decided and (case.removed_on is None or case.removed_on > day):
                return case
        return None

    def helped_case(self) -> Case | None:
        """The case for which it is helped: on the register, or before that by way of 先行帮扶."""
        live = [one for one in self.cases if one.stage not in OVER]
        return next((one for one in live if one.decided_on or one.urgent_on), None)

    # ---- the ledger ----

    def ticks(self, day: Day) -> dict[str, str]:
        """By identity number the letters of the columns that are ticked; nobody where it is not on the register."""
        there = [
            one
            for one in self.members
            if (one.joined_on is None or one.joined_on <= day) and (one.left_on is None or one.left_on > day)
        ]
        if self.designation(day) is None or not there:
            return {}
        head = next((one for one in there if one.relation == "户主"), there[0])
        found: dict[Any, set[str]] = {one.pk: set() for one in there}
        for one in self.in_place(day):
            letter = MEASURES[one.measure].column
            whole = one.member_id is None or letter in OF_THE_HOUSEHOLD
            if whole or one.member_id in found:
                found[head.pk if whole else one.member_id].update(letter)
        for person in there:
            if (person.medical_insured or person.serious_illness_insured) and not self._dated("I", person):
                found[person.pk].add("I")
            if person.dibao != "none" and not self._dated("P", person):
                found[person.pk].add("P")
            if person.tekun != "none" and not self._dated("O"):
                found[head.pk].add("O")
        return {one.id_number: "".join(sorted(found[one.pk])) for one in there}

    def _dated(self, letter: str, person: Member | None = None) -> bool:
        return any(
            one.begun_on and MEASURES[one.measure].column == letter and (person is None or one.member_id == person.pk)
            for one in self.deliveries
        )

    # ---- what is missing ----

    def needs(self, today: Day) -> dict[str, str]:
        """Risk causes and unsolved guarantees, each with what there is for it."""
        case = self.helped_case()
        if case is None:
            return {}
        survey = max(self.surveys, key=lambda one: one.visited_on, default=None)
        causes = [case.main_risk, *(survey.risk_causes if survey else case.risk_causes)]
        wanted = [CAUSES[one] for one in causes if one]
        if survey:
            wanted += [words for name, words in GUARANTEES.items() if getattr(survey, f"{name}_ok") is False]
        have = self.codes_in_place(today)
        coming = [one.measure for one in self.of_those_here(self.waiting(today))]
        return {
            need: IN_PLACE if answered(need, have) else PROMISED if answered(need, coming) else WITHOUT_MEASURE
            for need in wanted
        }

    def codes_in_place(self, today: Day) -> list[str]:
        given = [one.measure for one in self.of_those_here(self.in_place(today))]
        return [*given, *(code for person, code in self.stated() if person.left_on is None)]

    def groups(self, today: Day) -> set[str]:
        return {MEASURES[code].group for code in self.codes_in_place(today)}

    def cautions(self, today: Day) -> set[str]:
        """What somebody should look at."""
        case, found = self.helped_case(), set()
        if case is None:
            return found
        since = case.decided_on or case.urgent_on
        if since and today >= months_later(since, 1) and set(self.needs(today).values()) - {IN_PLACE}:
            found.add("late")
        groups = self.groups(today) | {MEASURES[one.measure].group for one in self.waiting(today)}
        if self.can_work(today) and "兜底" in groups and not groups & DEVELOPING:
            found.add("safety_net")
        if any(self._is_over(one, today) for one in self.deliveries):
            found.add("ended")
        if not any(one.begun_on <= today and (one.ended_on is None or one.ended_on > today) for one in self.helpers):
            found.add("no_helper")
        return found

    def can_work(self, today: Day) -> list[Member]:
        return [
            one
            for one in self.members
            if one.labour_skill in ("ordinary", "skilled")
            and one.left_on is None
            and one.lives_here
            and months_later(one.born_on, 16 * 12) <= today
            and not self.household.whole_without_labour
        ]

    def _is_over(self, one: Delivery, today: Day) -> bool:
        going_on = [*self.in_place(today), *self.waiting(today)]
        if any((one.measure, one.member_id) == (other.measure, other.member_id) and other != one for other in going_on):
            return False
        lapsed = one.runs_until and one.runs_until < today and one.begun_on and not one.ended_on
        lately = one.ended_on and months_later(today, -12) <= one.ended_on < today
        return bool(lapsed or (lately and one.kind == "running"))

    # ---- the plan ----

    def plan_shown(self) -> Plan | None:
        """The version under way, else the one that holds, else the last."""
        ranked = sorted(self.plans, key=lambda one: (one.stage == "replaced", one.stage == "confirmed", -one.number))
        return ranked[0] if ranked else None

    # ---- visits ----

    def due_on(self, today: Day) -> Day | None:
        """A month after the last visit, survey or beginning; half a year where the risk is over, for a year."""
        case = next((one for one in self.cases if one.stage not in OVER), None)
        lately = [one for one in self.cases if one.removed_on and one.removed_on > months_later(today, -12)]
        if case:
            begun, months = case.decided_on or case.opened_at.date(), 1
        elif lately:
            begun, months = lately[0].removed_on, 6
        else:
            return None
        days = [one.visited_on for one in (*self.visits, *self.surveys)]
        return months_later(max([begun, *days]), months)

    # ---- effect ----

    def incomes(self, today: Day) -> list[int | None]:
        """Of this year and the two before: yuan a head by the last visit of the year."""
        return [self._income(year) for year in range(today.year - 2, today.year + 1)]

    def _income(self, year: int) -> int | None:
        survey = max(
            (one for one in self.surveys if one.visited_on.year == year), key=lambda one: one.visited_on, default=None
        )
        if survey is None:
            return None
        gained = survey.wage + survey.operating_gross - survey.operating_cost + survey.property_income
        return (gained + survey.transfer - survey.transfer_expense) // survey.persons // 100

    def bars(self, today: Day) -> set[tuple[str, str]]:
        """Measures that were there on a day of these years: the name, and from when to when."""
        first, found = Day(today.year - 2, 1, 1), set()
        for one in self.deliveries:
            since = one.ended_on if one.kind == "lasting" else one.begun_on
            until = one.ended_on if one.kind == "running" else since
            if since and since <= today and (until is None or until >= first):
                found.add((one.name, f"{since} 至 {until or '今'}" if one.kind == "running" else f"{since}"))
        return found


def in_place(one: Delivery, day: Day) -> bool:
    kind = MEASURES[one.measure].kind
    if one.begun_on is None or one.begun_on > day:
        return False
    if kind == "running":
        return one.ended_on is None or one.ended_on >= day
    if kind == "lasting":
        return one.ended_on is not None and one.ended_on <= day
    return one.begun_on.year == day.year


def waiting(one: Delivery, day: Day) -> bool:
    """Promised or in hand; also what was begun without a promise and is not finished."""
    if one.dropped_on and one.dropped_on <= day:
        return False
    begun = one.begun_on is not None and one.begun_on <= day
    if begun:
        return MEASURES[one.measure].kind == "lasting" and not (one.ended_on and one.ended_on <= day)
    return one.promised_on is not None and one.promised_on <= day


def answered(need: str, codes: Iterable[str]) -> bool:
    return any(need in MEASURES[code].answers.split() for code in codes)


def read_homes(households: Iterable[Household]) -> dict[Any, Home]:
    """The homes by the key of the household."""
    found = {one.pk: Home(one) for one in households}
    for model, name in (
        (Member, "members"), (Delivery, "deliveries"), (Visit, "visits"), (Case, "cases"), (Helper, "helpers"),
        (Plan, "plans"),
    ):  # fmt: skip
        for row in model.objects.filter(household__in=list(found)):
            if model is not Case or row.kind == "designation":
                getattr(found[row.household_id], name).append(row)
    corrected = set(Survey.objects.exclude(supersedes=None).values_list("supersedes", flat=True))
    for survey in Survey.objects.filter(household__in=list(found)):
        if survey.pk not in corrected:
            found[survey.household_id].surveys.append(survey)
    return found
