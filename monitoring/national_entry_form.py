"""The form of the national system, field by field in its order, filled from what we hold of a household and its people."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Level, Region
from households import codes
from households.models import Member, Survey
from households.national_codes import national
from monitoring.models import Case, Stage

EDITION = 1  # raised when fields are added, taken away or moved: digests of another edition are compared as a whole
ID_NUMBER, PHONE = "id_number", "phone"
MOST_CAUSES = 5
YES, NO = "是", "否"
# Fields of the form that nothing here knows: to be taken from paper.
NOT_HELD = (
    "政治面貌", "学校", "失学辍学原因", "务工所在地", "务工企业", "所属行业", "务工月收入", "就业渠道", "耕地、林地等面积", "入户路",
    "住房面积和结构", "厕所、燃料、用电", "家庭理赔收入", "合规自付支出", "开户银行和账号",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One field: its name in the form, what to type, and the code where there is one.

    ``secret`` names what is masked on pages; ``compared`` is what a digest is made of instead of it.
    """

    key: str
    label: str
    text: str
    code: str = ""
    secret: str = ""
    compared: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A household as it is keyed: its own fields, and those of each person who belongs to it."""

    case: Case
    household: list[Item]
    people: list[tuple[Member, list[Item]]]


def sheet_of(
    case: Case, lineage: dict[str, Region], survey: Survey | None, members: list[Member], *, with_ids: bool = True
) -> Sheet:
    """The form of one case. The household's helpers and village must be loaded; members are the present ones.

    Without identity numbers it serves to compare: a digest is made of their blind index.
    """
    people = [(member, list(_person(member, with_ids))) for member in members]
    return Sheet(case, list(_household(case, lineage, survey)), people)


def _household(case: Case, lineage: dict[str, Region], survey: Survey | None) -> Iterator[Item]:
    yield from _place(case, lineage)
    yield from _register(case)
    yield from _contact(case)
    yield from _removal(case)
    yield from _living(case, survey)
    yield from _income(survey)


def _place(case: Case, lineage: dict[str, Region]) -> Iterator[Item]:
    home = case.household
    for level, label in (
        (Level.CITY, "市"),
        (Level.COUNTY, "县（区）"),
        (Level.TOWN, "乡镇"),
        (Level.VILLAGE, "行政村"),
    ):
        region = lineage.get(level)
        yield Item(f"place_{level}", label, region.name if region else "", region.code if region else "")
    yield Item("natural_village", "自然村", home.natural_village)
    yield Item("group_no", "村民小组", str(home.group_no or ""))
    yield Item("number", "户编号", home.number)
    yield Item("head_name", "户主", home.head_name)
    yield Item("address", "家庭住址", home.address)
    yield Item("household_phone", "户联系电话", home.phone or "", secret=PHONE)


def _register(case: Case) -> Iterator[Item]:
    home = case.household
    yield Item("household_type", "户类型", _label(codes.HouseholdType, home.household_type))
    yield Item("lifted", "是否脱贫户", YES if home.household_type == codes.HouseholdType.LIFTED else NO)
    yield _coded("monitor_class", "监测对象类别", "monitor_class", _label(codes.MonitorClass, case.monitor_class))
    yield Item("whole_without_labour", "整户无劳动能力兜底保障户", YES if home.whole_without_labour else NO)
    causes = list(dict.fromkeys(one for one in (case.main_risk, *case.risk_causes) if one))[:MOST_CAUSES]
    for place in range(MOST_CAUSES):
        cause = _label(codes.RiskCause, causes[place]) if place < len(causes) else ""
        yield _coded(f"risk_{place + 1}", f"致贫返贫风险{place + 1}", "risk_cause", cause)
    epidemic = codes.RiskCause.EPIDEMIC in causes
    yield Item("risk_note", "其他风险备注", str(codes.RiskCause.EPIDEMIC.label) if epidemic else "")
    yield Item("found_month", "识别监测时间", f"{case.decided_on:%Y%m}" if case.decided_on else "")
    yield Item("first_identified", "首次识别时间", _day(home.first_identified_on))


def _contact(case: Case) -> Iterator[Item]:
    helper = next((one for one in case.household.helpers.all() if one.ended_on is None), None)
    yield Item("helper_name", "监测联系人", helper.name if helper else "")
    yield Item("helper_unit", "监测联系人单位", helper.unit if helper else "")


def _removal(case: Case) -> Iterator[Item]:
    closed_on = case.household.closed_on
    yield Item("removed", "风险是否已消除", YES if case.stage == Stage.REMOVED else NO)
    yield Item("removed_on", "消除监测时间", f"{case.removed_on:%Y%m}" if case.removed_on else "")
    yield Item("closed_on", "整户自然减少日期", _day(closed_on))
    yield Item("closed_reason", "整户自然减少原因", case.household.closed_reason if closed_on else "")


def _living(case: Case, survey: Survey | None) -> Iterator[Item]:
    home = case.household
    yield Item("housing_grade", "住房等级", survey.housing_grade if survey else "")
    yield Item("unsafe_house", "是否危房", _yes_no(home.unsafe_house))
    yield Item("safe_water", "是否解决安全饮用水", _yes_no(home.safe_water))
    for key, label, name in (
        ("dropout", "是否有义务教育阶段失学辍学", "education_ok"),
        ("bad_house", "是否住房出现安全问题", "housing_ok"),
        ("bad_water", "是否饮水出现安全问题", "water_ok"),
        ("uninsured", "是否有成员未参加基本医疗保险", "medical_ok"),
    ):
        fine = getattr(survey, name) if survey else None
        yield Item(key, label, _yes_no(None if fine is None else not fine))


def _income(survey: Survey | None) -> Iterator[Item]:
    for key, label in (
        ("wage", "工资性收入"),
        ("operating_gross", "生产经营性收入"),
        ("property_income", "财产性收入"),
        ("transfer", "转移性收入"),
        ("operating_cost", "生产经营性支出"),
        ("net_income", "家庭纯收入"),
    ):
        yield Item(key, f"{label}（元）", _yuan(getattr(survey, key) if survey else None))
    per_head = None
    if survey is not None and survey.net_income is not None and survey.persons:
        per_head = survey.net_income // survey.persons
    yield Item("per_capita", "家庭人均纯收入（元）", _yuan(per_head))


def _person(one: Member, with_ids: bool) -> Iterator[Item]:
    yield Item("number", "人编号", one.number)
    yield Item("name", "姓名", one.name)
    yield _coded("sex", "性别", "sex", _label(codes.Sex, one.sex))
    yield _coded("id_type", "证件类型", "id_type", _label(codes.IdType, one.id_type))
    id_number = one.id_number if with_ids else ""
    yield Item("id_number", "证件号码", id_number or "", secret=ID_NUMBER, compared=one.id_digest)
    yield Item("born_on", "出生日期", f"{one.born_on:%Y%m%d}" if one.born_on else "")
    yield Item("relation", "与户主关系", one.relation)
    yield _coded("ethnic_group", "民族", "ethnic_group", one.ethnic_group)
    yield Item("education", "文化程度", "" if one.student_status else one.education)  # the form takes one of the two
    yield Item("student_status", "在校生状况", one.student_status)
    yield Item("health", "健康状况", ",".join(_label(codes.Health, value) for value in one.health))
    yield _coded("disability_category", "残疾类别", "disability_category", one.disability_category)
    yield _coded("disability_level", "残疾等级", "disability_level", one.disability_level)
    yield Item("labour_skill", "劳动技能", _label(codes.LabourSkill, one.labour_skill))
    yield Item("work_months", "务工时间（月）", "" if one.work_months is None else str(one.work_months))
    yield Item("medical_insured", "是否参加基本医疗保险", _yes_no(one.medical_insured))
    yield Item("serious_illness_insured", "是否参加大病保险", _yes_no(one.serious_illness_insured))
    yield Item("pension_insured", "是否参加养老保险", _yes_no(one.pension_insured))
    yield Item("dibao", "低保", _label(codes.Dibao, one.dibao))
    yield Item("tekun", "特困供养", _label(codes.Tekun, one.tekun))
    yield Item("identified_on", "人员识别时间", _day(one.identified_on))
    yield Item("phone", "联系电话", one.phone or "", secret=PHONE)


def _coded(key: str, label: str, list_name: str, ours: str) -> Item:
    name, code = national(list_name, ours)
    return Item(key, label, name, code)


def _label(choices: type, value: str) -> str:
    return str(choices(value).label) if value in choices.values else str(value)  # type: ignore[attr-defined]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else YES if value else NO


def _day(value: object) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}" if fen >= 0 else f"-{-fen // 100}.{-fen % 100:02d}"
