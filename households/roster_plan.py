"""What importing a household would do: compare the roster's rows with the register. Nothing is written here."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.encryption import blind_index
from accounts.models import Region
from households import codes
from households.identity import NOT_YET
from households.models import Household, Member, RowStatus
from households.models.households import ID_NUMBER
from households.roster import BY_KEY, RosterRow
from households.roster_families import Family, tell_the_others

# Column of the roster -> column of the model.
HOUSEHOLD_COLUMNS = {
    "natural_village": "natural_village",
    "household_type": "household_type",
    "household_phone": "phone",
    "unsafe_house": "unsafe_house",
    "safe_water": "safe_water",
    "roster_per_capita_income": "roster_per_capita_income",
    "member_count": "roster_member_count",
    "first_identified_on": "first_identified_on",
    "monitor_class": "roster_monitor_class",
    "risk_removed": "roster_risk_removed",
    "risk_found_on": "roster_risk_found_on",
    "risk_removed_on": "roster_risk_removed_on",
}
MEMBER_COLUMNS = (
    "number",
    "name",
    "relation",
    "ethnic_group",
    "education",
    "student_status",
    "health",
    "labour_skill",
    "work_months",
    "serious_illness_insured",
    "first_cause",
    "phone",
    "identified_on",
)
STOCK_COLUMNS = {"monitor_class", "risk_removed", "risk_found_on"}
# A blank says nothing; in these columns a word (否, 非在校生) says that there is none.
MAY_BE_NONE = {"monitor_class", "student_status"}


@dataclass
class MemberPlan:
    """What becomes of one row: a new member, or changes (column of the roster -> value) of one who is there."""

    row: RosterRow
    member: Member | None
    changes: dict[str, Any]


@dataclass
class FamilyPlan:
    """What becomes of one household's rows together."""

    family: Family
    status: RowStatus
    household: Household | None = None
    changes: dict[str, Any] = field(default_factory=dict)  # column of the roster -> value
    members: list[MemberPlan] = field(default_factory=list)
    missing: int = 0  # people of the register who are not in the file
    is_stock: bool = False  # 已在国扶系统内标注, and that is news

    def count_people(self) -> Counter[str]:
        """How many people are new, changed, unchanged, refused."""
        if self.status == RowStatus.REFUSED:
            return Counter({RowStatus.REFUSED.value: len(self.family.rows)})
        return Counter(_member_status(plan).value for plan in self.members)

    def remarks(self, row: RosterRow) -> list[str]:
        """What the preview says beside a row: its errors, or what will change, by the names of the columns."""
        if self.status == RowStatus.REFUSED:
            return row.errors
        said = []
        if row is self.family.head:
            said += self._household_remarks()
        plan = next(one for one in self.members if one.row is row)
        known = self.status != RowStatus.NEW
        if known and plan.member is None:
            said.append("新增人员。")
        elif plan.member and plan.changes:
            said.append(f"{_headers(plan.changes)}有变化。")
        return said

    def _household_remarks(self) -> list[str]:
        said = []
        if self.is_stock:
            said.append("已在国扶系统内标注、风险未消除，导入后按存量进入在册监测对象。")
        if self.status != RowStatus.NEW and self.changes:
            said.append(f"本户的{_headers(self.changes)}有变化。")
        if self.missing:
            said.append(f"系统里本户另有 {self.missing} 人不在表里，没有改动，请核对是否去世、婚出或迁出。")
        return said


def _headers(changes: Iterable[str]) -> str:
    return "、".join(BY_KEY[key].header for key in changes)


def _member_status(plan: MemberPlan) -> RowStatus:
    if plan.member is None:
        return RowStatus.NEW
    return RowStatus.CHANGED if plan.changes else RowStatus.UNCHANGED


class Register:
    """What the register knows of some families, read at once."""

    def __init__(self, families: list[Family]) -> None:
        """Read the households by number, their members, and whoever else has one of the identity numbers."""
        found = Household.objects.filter(number__in=[family.key for family in families]).select_related("village")
        self.households = {household.number: household for household in found}
        self.members: dict[Any, list[Member]] = defaultdict(list)
        for member in Member.objects.filter(household__in=found).order_by("position"):
            self.members[member.household_id].append(member)
        self.digests = {
            row.person_digits: blind_index(row.person_digits, ID_NUMBER)
            for family in families
            for row in family.rows
            if row.person_digits
        }
        placed = Member.objects.present().filter(id_digest__in=self.digests.values())
        self.whereabouts = dict(placed.values_list("id_digest", "household_id"))

    def digest(self, row: RosterRow) -> str:
        """The blind index of a row's person; empty without a number."""
        return self.digests.get(row.person_digits, "")


def plan_families(families: list[Family], region: Region) -> list[FamilyPlan]:
    """What importing these households into this region would do, in their order."""
    register = Register([family for family in families if not family.is_wrong])
    return [_plan(family, register, region) for family in families]


def _plan(family: Family, register: Register, region: Region) -> FamilyPlan:
    if family.is_wrong:
        return FamilyPlan(family, RowStatus.REFUSED)
    household = register.households.get(family.key)
    if household:
        _check_household(family, household, region)
    members = [] if family.is_wrong else _match_members(family, household, register)
    if family.is_wrong:
        tell_the_others(family)
        return FamilyPlan(family, RowStatus.REFUSED, household)
    plan = FamilyPlan(family, RowStatus.NEW, household, members=members)
    plan.changes = _household_changes(family, household)
    plan.is_stock = _is_stock(family) and bool(STOCK_COLUMNS & plan.changes.keys())
    if household:
        present = [member for member in register.members[household.pk] if member.left_on is None]
        plan.missing = len(present) - sum(one.member is not None for one in members)
        changed = plan.changes or any(_member_status(one) != RowStatus.UNCHANGED for one in members)
        plan.status = RowStatus.CHANGED if changed else RowStatus.UNCHANGED
    return plan


def _check_household(family: Family, household: Household, region: Region) -> None:
    if not region.contains(household.village):
        family.rows[0].errors.append("户编号：已登记在导入范围以外的村，请核对户编号。")
    elif household.closed_on:
        family.rows[0].errors.append("户编号：这一户在系统里已注销，请核对；确要恢复的，先联系系统管理员。")
    elif household.village_id != family.village.pk:
        family.rows[0].errors.append(f"行政村：系统里这一户在“{household.village}”，请核对是哪个村。")


def _match_members(family: Family, household: Household | None, register: Register) -> list[MemberPlan]:
    known = register.members[household.pk] if household else []
    plans = []
    for row in family.rows:
        member = _find_member(row, known, register)
        if member is None:
            _check_newcomer(row, household, known, register)
        plans.append(MemberPlan(row, member, _member_changes(row, member)))
    _check_head(family, known, plans)
    return plans


def _find_member(row: RosterRow, known: list[Member], register: Register) -> Member | None:
    """By identity number; who had none until now, by name and birthday."""
    identity, digest = row.values["identity"], register.digest(row)
    for member in known:
        if member.left_on is None and digest and member.id_digest == digest:
            return member
    for member in known:
        unnumbered = member.left_on is None and not member.id_digest and member.name == row.values["name"]
        if unnumbered and (identity == NOT_YET or member.born_on == identity.born_on):
            return member
    return None


def _check_newcomer(row: RosterRow, household: Household | None, known: list[Member], register: Register) -> None:
    digest = register.digest(row)
    if not digest:
        row.errors.append("证件号码：没有证件的新生儿，请在农户档案里办“出生”，名册里这一行先删掉，人数相应减少。")
    elif digest in register.whereabouts:
        row.errors.append("证件号码：这个人已登记在另一户，请先在那一户办婚出、迁出或并户，再导入。")
    elif any(member.id_digest == digest for member in known):
        row.errors.append("证件号码：这个人在系统里已登记离开本户（去世、婚出或迁出），请核对名册。")


def _check_head(family: Family, known: list[Member], plans: list[MemberPlan]) -> None:
    """A head who stays in the register but is not in the file would be a second head."""
    matched = {plan.member.pk for plan in plans if plan.member}
    for member in known:
        if member.left_on is None and member.relation == codes.HEAD and member.pk not in matched:
            family.head.errors.append(
                "与户主关系：系统里的户主不在表里，请先在农户档案里办去世、迁出或更换户主，再导入。"
            )


def _household_changes(family: Family, household: Household | None) -> dict[str, Any]:
    changes = {}
    for key, name in HOUSEHOLD_COLUMNS.items():
        value = family.said(key)
        if _is_said(key, value) and (household is None or getattr(household, name) != value):
            changes[key] = value
    return changes


def _member_changes(row: RosterRow, member: Member | None) -> dict[str, Any]:
    told = {key: row.values[key] for key in MEMBER_COLUMNS if _is_said(key, row.values.get(key))}
    # 文化程度 and 在校生状况 exclude each other: where one is told, the blank other is told too.
    for one, other in (("education", "student_status"), ("student_status", "education")):
        if told.get(one) and row.values.get(other, "absent") is None:
            told[other] = ""
    if member is None:
        return told
    changes = {key: value for key, value in told.items() if getattr(member, key) != value}
    # A disability card tells more than the identity number in it, never the other way round.
    if len(row.values["identity"].number) > len(member.id_number):
        changes["identity"] = row.values["identity"]
    return changes


def _is_said(key: str, value: Any) -> bool:
    return value is not None and (value != "" or key in MAY_BE_NONE)


def _is_stock(family: Family) -> bool:
    return bool(family.said("monitor_class")) and family.said("risk_removed") is False
