"""Ten told stories in one village, each ending at another branch of the procedure; told through the real services."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from assistance import tasks_found
from fangpin.demo.population import YUAN, Family, noon
from fangpin.demo.staff import TOWN_PHONE, VILLAGE_PHONE
from households import codes
from households.codes import RiskCause
from households.facts import write_facts
from households.models import Facts, Household, LastYearSource, Member, Survey
from households.models.surveys import GUARANTEE_FIELDS, INCOME_FIELDS, RIGID_FIELDS
from households.names import initials
from monitoring import meetings, notices
from monitoring.models import Case, CaseSource
from monitoring.screening import assess_household
from monitoring.workflow import class_of, enter_designated, open_case, take

QUEUE = 14  # households beside the ten, so that every desk has work waiting
REMOVED = "秦守业"
CHILDREN = ("之子", "之女")

Told = dict[str, Household]  # the told households by the names of their heads


@dataclass
class Teller:
    """Who acts in the stories, and on which days."""

    people: dict[str, User]
    today: datetime.date
    told: Told = field(default_factory=dict)

    @property
    def cadre(self) -> User:
        """The village cadre of the stories."""
        return self.people["cun1"]

    @property
    def reviewer(self) -> User:
        """The town reviewer of the stories."""
        return self.people["zhen1"]

    def day(self, ago: int) -> datetime.date:
        """So many days ago."""
        return self.today - datetime.timedelta(days=ago)

    def noon(self, ago: int) -> datetime.datetime:
        """Noon of that day."""
        return noon(self.day(ago))

    def visit(self, household: Household, ago: int, **answers: Any) -> Survey:
        """A submitted survey, with its facts and what the rules say of it, and one of a year before with somewhat more."""
        before = {name: answers[name] * 5 // 4 for name in ("wage", "transfer") if name in answers}
        earlier = self.submit(household, ago + 368, **before)
        told = {"last_year_income": earlier.net_income, "last_year_source": LastYearSource.SURVEY} | answers
        return self.revisit(household, ago, **told)

    def revisit(self, household: Household, ago: int, **answers: Any) -> Survey:
        """A submitted survey, and what the rules say of it."""
        survey = self.submit(household, ago, **answers)
        assess_household(household, survey.visited_on, self.cadre)
        return survey

    def submit(self, household: Household, ago: int, **answers: Any) -> Survey:
        """One survey with its facts; what is not told is nothing, or all right."""
        day = self.day(ago)
        first = day.replace(day=1)
        persons = household.members.living_together().count()
        unsaid = dict.fromkeys((*INCOME_FIELDS, *RIGID_FIELDS), 0)
        fine = dict.fromkeys(GUARANTEE_FIELDS, True)
        survey = Survey.objects.create(
            household=household, village=household.village, visited_on=day, entered_by=self.cadre, persons=persons,
            hukou_persons=persons, period_start=first.replace(year=first.year - 1),
            period_end=first - datetime.timedelta(days=1), **(unsaid | fine | answers),
        )  # fmt: skip
        survey.submitted_at = noon(day)
        survey.save(update_fields=["submitted_at"])
        write_facts(survey)
        return survey

    def watch(self, household: Household, ago: int, note: str = "") -> Case:
        """列为预警关注."""
        case = open_case(household=household, by=self.cadre, note=note, at=self.noon(ago))
        Case.objects.filter(pk=case.pk).update(opened_at=self.noon(ago))
        return case

    def surveyed(self, case: Case, ago: int) -> Case:
        """Up to the meeting."""
        case = take("start_survey", case=case, by=self.cadre, at=self.noon(ago))
        return take("complete_survey", case=case, by=self.cadre, at=self.noon(ago - 1))

    def met(self, case: Case, ago: int, *, against: int = 0, note: str = "") -> Case:
        """民主评议 of 21 people; more against than for refuses."""
        sitting = meetings.Sitting(
            self.day(ago), "村委会会议室", 24, 21, "村民代表逐户评议，入户情况已说明，逐人表决。",
            chair=self.cadre.name, minute_taker="许文会",
        )  # fmt: skip
        vote = meetings.Vote(case, case.version, 21 - against, against, 0, against <= 10, note)
        return meetings.record_meeting(by=self.cadre, sitting=sitting, votes=[vote], at=self.noon(ago))[0]

    def noticed(self, case: Case, ago: int, days: int = 5) -> Case:
        """Posted on that day for five days."""
        notices.post(
            cases=[case], by=self.cadre, starts_on=self.day(ago), ends_on=self.day(ago - days + 1),
            village_phone=VILLAGE_PHONE, town_phone=TOWN_PHONE, at=self.noon(ago),
        )  # fmt: skip
        case.refresh_from_db()
        return case

    def reported(self, case: Case, ago: int) -> Case:
        """公示期满，报镇（街）."""
        case.notices.update(closed_on=self.day(ago))
        return take("close_notice", case=case, by=self.cadre, at=self.noon(ago))


def tell(families: list[Family], people: dict[str, User], today: datetime.date) -> Told:
    """Tell all ten in the first village of the first town; what is done for them: told_help. An eleventh is named: removals."""
    teller = Teller(people, today)
    village = people["cun1"].postings.get().region
    here = [one for one in families if one.household.village_id == village.pk and len(one.members) >= 3]
    free = iter([one for one in here if not one.household.cases.exists()])
    for story in (
        _unsafe_house, _dropout, _tumour, _failed_pig_farm, _already_on_dibao,
        _no_labour, _returned, _notice_running, _approved, _not_admitted,
    ):  # fmt: skip
        story(teller, next(free))
    for number in range(QUEUE):
        _queue(teller, next(free), number)
    _named(teller, next(one for one in free if _both_can_work(one)), REMOVED)
    return teller.told


def _both_can_work(family: Family) -> bool:
    return all(member.labour_skill in codes.ABLE_TO_WORK for member in family.members[:2])


def _queue(teller: Teller, family: Family, number: int) -> None:
    """One more household on its way: most wait for the town, the others for the village or the district."""
    household, start = family.household, 12 + number
    forget_visits(household)
    cause = (RiskCause.ILLNESS, RiskCause.DISABILITY, RiskCause.EDUCATION, RiskCause.UNSTABLE_JOB)[number % 4]
    teller.visit(
        household,
        start + 1,
        **_yuan(household, 3_800 + number * 80),
        rigid_medical=number * 900 * YUAN,
        risk_causes=[cause],
    )
    case = teller.watch(household, start)
    if number < 2:
        return
    case = teller.met(teller.surveyed(case, start), start - 2)
    if number < 4:
        return
    case = teller.reported(teller.noticed(case, start - 3), start - 9)
    if number >= QUEUE - 4:
        take(
            "endorse",
            case=case,
            by=teller.reviewer,
            at=teller.noon(start - 11),
            note="情况属实，同意。",
            main_risk=cause,
        )


def _named(
    teller: Teller, family: Family, name: str, household_type: codes.HouseholdType = codes.HouseholdType.ORDINARY
) -> Household:
    """The household with its head's name told, and his family name for his children. Its visits of this year are told too."""
    household = family.household
    forget_visits(household)
    _rename(family, name)
    household.household_type = household_type
    household.save(update_fields=["household_type"])
    teller.told[name] = household
    return household


def _rename(family: Family, name: str) -> None:
    """Another name for the head, and his family name for his children."""
    household, head = family.household, family.members[0]
    for child in family.members:
        if child.relation in CHILDREN and child.name[0] == head.name[0]:
            _call(child, name[0] + child.name[1:])
    _call(head, name)
    household.head_name, household.head_initials = name, head.initials
    household.save(update_fields=["head_name", "head_initials"])


def _call(member: Member, name: str) -> None:
    member.name, member.initials = name, initials(name)
    member.save(update_fields=["name", "initials"])


def forget_visits(household: Household) -> None:
    """Take away the visits that everybody has, so that those of the story are all there are."""
    Facts.objects.filter(household=household).delete()
    Survey.objects.filter(household=household).delete()


def _yuan(household: Household, per_head: int, **shares: int) -> dict[str, int]:
    """Wage and transfer that give this net income per head, with what else is told."""
    persons = household.members.living_together().count()
    total = per_head * persons * YUAN
    return {"wage": total * 7 // 10, "transfer": total - total * 7 // 10, **shares}


def _unsafe_house(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "唐金生", codes.HouseholdType.LIFTED)
    teller.visit(
        household, 6, **_yuan(household, 8_200), housing_ok=False, housing_grade="D级",
        risk_causes=[RiskCause.DISASTER], note="七月大雨后西山墙开裂，一家人暂住邻居家。",
    )  # fmt: skip


def _disabled(member: Member, level: str) -> None:
    told = {"health": [codes.Health.DISABLED], "disability_category": "肢体", "disability_level": level}
    Member.objects.filter(pk=member.pk).update(labour_skill=codes.LabourSkill.WEAK, **told)


def _dropout(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "孟庆海")
    child = family.members[-1]
    Member.objects.filter(pk=child.pk).update(student_status="", education="小学", labour_skill=codes.LabourSkill.NONE)
    teller.visit(
        household,
        4,
        **_yuan(household, 7_600),
        education_ok=False,
        risk_causes=[RiskCause.EDUCATION],
        note="孩子不愿上学，在家两个月，学校和村里都去劝过。",
    )
    teller.watch(household, 3)


def _tumour(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "王大海")
    head = family.members[0]
    Member.objects.filter(pk=head.pk).update(health=[codes.Health.SERIOUS], labour_skill=codes.LabourSkill.LOST)
    teller.visit(
        household, 16, **_yuan(household, 4_236), rigid_medical=52_000 * YUAN, risk_causes=[RiskCause.ILLNESS],
        last_year_income=41_000 * YUAN, note="户主查出肿瘤，住院两次，自付五万多。",
    )  # fmt: skip
    case = teller.surveyed(teller.watch(household, 15), 14)
    case = teller.noticed(teller.met(case, 11), 9)
    teller.reported(case, 3)


def _failed_pig_farm(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "彭大军")
    teller.visit(
        household, 9, wage=18_000 * YUAN, operating_gross=12_000 * YUAN, operating_cost=46_000 * YUAN,
        transfer=2_600 * YUAN, risk_causes=[RiskCause.FAILED_VENTURE], note="养猪清栏，饲料款还欠着。",
    )  # fmt: skip
    teller.surveyed(teller.watch(household, 8), 7)


def _already_on_dibao(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "马守田")
    Member.objects.filter(household=household).update(dibao=codes.Dibao.RURAL)
    _disabled(family.members[1], "三级")
    enter_designated(
        household=household, by=None, source=CaseSource.STOCK, monitor_class=class_of(household),
        decided_on=datetime.date(2020, 3, 20), main_risk=RiskCause.DISABILITY, unverified=True, batch=None,
        note="演示数据：国扶系统内已标注",
    )  # fmt: skip
    survey = teller.visit(household, 45, **_yuan(household, 4_700), risk_causes=[RiskCause.DISABILITY])
    tasks_found.follow(survey=survey, by=teller.cadre)


def _no_labour(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "周德福", codes.HouseholdType.LIFTED)
    _disabled(family.members[1], "二级")
    Member.objects.filter(household=household).update(labour_skill=codes.LabourSkill.NONE)
    Household.objects.filter(pk=household.pk).update(whole_without_labour=True)
    household.refresh_from_db()
    for ago, per_head in ((790, 3_960), (388, 4_320)):
        teller.submit(household, ago, **_yuan(household, per_head))
    teller.revisit(
        household, 200, **_yuan(household, 4_410), housing_ok=False, housing_grade="C级",
        risk_causes=[RiskCause.NO_LABOUR], note="东屋漏雨，鉴定为C级。",
    )  # fmt: skip
    teller.revisit(household, 20, **_yuan(household, 4_870), risk_causes=[RiskCause.NO_LABOUR])
    enter_designated(
        household=household, by=None, source=CaseSource.STOCK, monitor_class=class_of(household),
        decided_on=datetime.date(2019, 12, 10), main_risk=RiskCause.NO_LABOUR, unverified=False, batch=None,
        note="演示数据：国扶系统内已标注",
    )  # fmt: skip


def _returned(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "田守义")
    teller.visit(household, 22, **_yuan(household, 4_615), risk_causes=[RiskCause.ILLNESS])
    case = teller.surveyed(teller.watch(household, 21), 20)
    case = teller.noticed(teller.met(case, 17), 15)
    case = teller.reported(case, 9)
    take(
        "return_to_survey",
        case=case,
        by=teller.reviewer,
        at=teller.noon(7),
        note="请补上住院费用的单据情况，再核一次自付金额。",
    )


def _notice_running(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "赵广平", codes.HouseholdType.LIFTED)
    _disabled(family.members[-1], "二级")
    teller.visit(household, 8, **_yuan(household, 4_780), risk_causes=[RiskCause.DISABILITY])
    case = teller.surveyed(teller.watch(household, 7), 6)
    teller.noticed(teller.met(case, 3), 1)


def _approved(teller: Teller, family: Family) -> None:
    household, head = _named(teller, family, "孙立柱"), family.members[0]
    ill = {"health": [codes.Health.CHRONIC], "labour_skill": codes.LabourSkill.WEAK}
    Member.objects.filter(pk=head.pk).update(**ill)
    survey = teller.visit(
        household, 50, **_yuan(household, 4_120), rigid_medical=18_000 * YUAN, rigid_education=3_600 * YUAN,
        risk_causes=[RiskCause.ILLNESS, RiskCause.EDUCATION], note="户主长期透析，两个女儿上学。",
    )  # fmt: skip
    case = teller.surveyed(teller.watch(household, 49), 48)
    tasks_found.follow(survey=survey, by=teller.cadre)
    case = teller.noticed(teller.met(case, 45), 43)
    case = teller.reported(case, 37)
    case = take(
        "endorse",
        case=case,
        by=teller.reviewer,
        at=teller.noon(35),
        note="情况属实，同意。",
        main_risk=RiskCause.ILLNESS,
    )
    take("acknowledge", case=case, by=teller.people["qu1"], at=teller.noon(33))


def _not_admitted(teller: Teller, family: Family) -> None:
    household = _named(teller, family, "郭立春")
    teller.visit(household, 28, **_yuan(household, 9_300), risk_causes=[RiskCause.ACCIDENT])
    case = teller.surveyed(teller.watch(household, 27), 26)
    teller.met(case, 22, against=17, note="收入稳定，意外赔付已到账，评议不同意纳入。")
