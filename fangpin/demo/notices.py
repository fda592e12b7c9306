"""The demonstration's notices: one that hangs with three objections, one that is over and disputed, and the public pages."""

import datetime
import uuid

from accounts.models import Region, User
from fangpin.demo.population import YUAN, Family, noon
from fangpin.demo.staff import TOWN_PHONE, VILLAGE_PHONE, ZONE
from fangpin.demo.stories import Teller, Told, forget_visits
from households.codes import RiskCause
from monitoring import notices, objections, objections_intake, parameters
from monitoring.models import Case, Notice, ObjectionChannel
from monitoring.public import notices as public_notices
from monitoring.public.models import PublicNotice

PHONES = {"village_phone": VILLAGE_PHONE, "town_phone": TOWN_PHONE}
ASKER, ASKERS_PHONE = "褚得水", "13000000001"


def add_notices(families: list[Family], people: dict[str, User], told: Told, today: datetime.date) -> None:
    """Post households of the stories' village that have no case yet, and object to some of them."""
    teller = Teller(people, today)
    village = people["cun1"].postings.get().region
    zone = Region.objects.by_code(ZONE)
    notices.switch_web_notices(district=zone, by=people["qu1"], on=True)
    limit = parameters.propose_value(
        region=zone,
        by=people["qu1"],
        key="objection_days",
        value="5",
        starts_on=teller.day(30),
        source="演示数据：区里自定",
    )
    parameters.confirm_value(proposed=limit, by=people["guanli1"])
    apart = {household.pk for household in told.values()}
    here = [
        one
        for one in families
        if one.household.village_id == village.pk and len(one.members) >= 2 and one.household.pk not in apart
    ]
    free = iter([one for one in here if not (one.household.cases.exists() or one.household.assessments.exists())])
    hanging = _post(teller, [next(free) for _each in range(4)], 1)
    first, second, third = hanging.cases.order_by("household__group_no", "pk")[:3]
    raised = objections.record_objection(
        notice=hanging, case=first, by=people["zhen1"], raised_on=today, channel=ObjectionChannel.PHONE, raised_by=ASKER,
        contact=ASKERS_PHONE, content="这一户的儿子在城里有房子，还有一辆货车，请查一查。",
    )  # fmt: skip
    if raised:
        objections.assign(objection=raised, by=people["zhen1"], investigator=people["dui1"])
    _dismissed(hanging, second, people, today)
    _scanned(hanging, third)
    over = _post(teller, [next(free), next(free)], 8)
    objections.record_objection(
        notice=over, case=over.cases.first(), by=people["dui1"], raised_on=teller.day(5), channel=ObjectionChannel.PAPER,
        content="分家以后，老人的地是大儿子在种，收的粮食没有算。",
    )  # fmt: skip


def _post(teller: Teller, chosen: list[Family], ago: int) -> Notice:
    cases = [_ready(teller, family, ago) for family in chosen]
    return notices.post(
        cases=cases,
        by=teller.cadre,
        starts_on=teller.day(ago),
        ends_on=teller.day(ago - 4),
        at=noon(teller.day(ago)),
        **PHONES,
    )


def _ready(teller: Teller, family: Family, ago: int) -> Case:
    """Surveyed, and recognised by the meeting two days before the notice."""
    household = family.household
    forget_visits(household)
    persons = household.members.living_together().count()
    teller.visit(household, ago + 9, wage=4_300 * persons * YUAN, risk_causes=[RiskCause.UNSTABLE_JOB])
    case = teller.surveyed(teller.watch(household, ago + 8, "家里没有稳定的活干"), ago + 7)
    return teller.met(case, ago + 2)


def _dismissed(notice: Notice, case: Case, people: dict[str, User], today: datetime.date) -> None:
    raised = objections.record_objection(
        notice=notice, case=case, by=people["zhen1"], raised_on=today, channel=ObjectionChannel.VISIT,
        content="听说这一户在镇上开了小卖部。",
    )  # fmt: skip
    if raised:
        objections.settle_objection(
            objection=raised, by=people["dui1"], upheld=False, finding="到市场监管所和镇上看过，小卖部是他表弟开的，执照、进货都不是他家。",
            reply="经核查，您说的小卖部不是这一户开的，异议不成立。谢谢监督。",
        )  # fmt: skip


def _scanned(notice: Notice, case: Case) -> None:
    """Somebody reads the code and objects on the public page."""
    page = PublicNotice.objects.get(token=notice.token)
    said = {
        "row": str(notice.row_cases.index(str(case.pk))),
        "content": "他家人口不对，小女儿去年已经出嫁。",
        "name": "",
        "contact": "",
    }
    public_notices.object_to(notice=page, form_key=uuid.uuid4(), answers=said, address="demonstration")
    objections_intake.fetch()
