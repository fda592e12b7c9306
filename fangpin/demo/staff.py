"""The demonstration's people at their desks."""

import datetime
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.models import Posting, Region, User
from accounts.roles import Role

PASSWORD = "demo-Fangpin-2020"  # noqa: S105  # exists only where the demonstration was loaded, and is printed
BEGINS_ON = datetime.date(2020, 1, 1)
CITY, ZONE, XUECHENG = "370400000000", "370490000000", "370403000000"
XINGREN, XINGCHENG, TAOZHUANG = "370403002000", "370403003000", "370403104000"

VILLAGE_PHONE, TOWN_PHONE = "0632-0000001", "0632-0000000"
OFFICES = {
    CITY: ("枣庄市扶贫办", "", "", ""),
    ZONE: ("枣庄高新区扶贫办", "高远、宋正", "任守信", "陈志远"),
    XUECHENG: ("薛城区扶贫办", "薛文、程武", "孟长河", "吴卫东"),
    XINGREN: ("兴仁街道扶贫办", "许明、丁宁", "葛立新", "李敏"),
    XINGCHENG: ("兴城街道扶贫办", "方圆、严正", "石磊", "孙立"),
    TAOZHUANG: ("陶庄镇扶贫办", "卢山、江川", "田野", "郑秋"),
}


@dataclass(frozen=True)
class Seat:
    """A demonstration account: who, as what, where (a region's code, or the place of a village in the town)."""

    username: str
    name: str
    unit: str
    role: Role
    region: str
    village: int | None = None


SEATS = (
    Seat("cun1", "张桂英", "村委会", Role.VILLAGE_CADRE, XINGREN, 0),
    Seat("cun2", "赵有田", "村委会", Role.VILLAGE_CADRE, XINGREN, 0),
    Seat("cun3", "钱春生", "村委会", Role.VILLAGE_CADRE, XINGREN, 1),
    Seat("dui1", "周建设", "驻村工作队", Role.VILLAGE_TEAM, XINGREN, 0),
    Seat("zhen1", "李敏", "兴仁街道扶贫办", Role.TOWN_REVIEWER, XINGREN),
    Seat("zhen2", "王强", "兴仁街道扶贫办", Role.TOWN_REVIEWER, XINGREN),
    Seat("zhen3", "孙立", "兴城街道扶贫办", Role.TOWN_REVIEWER, XINGCHENG),
    Seat("qu1", "陈志远", "枣庄高新区扶贫办", Role.DISTRICT_OFFICER, ZONE),
    Seat("qu2", "何静", "枣庄高新区扶贫办", Role.DISTRICT_OFFICER, ZONE),
    Seat("bumen1", "周蕾", "枣庄高新区医保局", Role.DEPARTMENT_CLERK, ZONE),
    Seat("ducha1", "郑查", "枣庄市督查组", Role.INSPECTOR, CITY),
    Seat("guanli1", "王工", "枣庄高新区信息中心", Role.SYSTEM_ADMIN, ZONE),
    Seat("guanli2", "林工", "枣庄市信息中心", Role.SYSTEM_ADMIN, CITY),
    Seat("cun9", "田守义", "村委会", Role.VILLAGE_CADRE, TAOZHUANG, 0),
    Seat("zhen9", "郑秋", "陶庄镇扶贫办", Role.TOWN_REVIEWER, TAOZHUANG),
    Seat("qu9", "吴卫东", "薛城区扶贫办", Role.DISTRICT_OFFICER, XUECHENG),
)


def rural_villages(town: Region) -> list[Region]:
    """The villages of a town, without the residential quarters of the city."""
    return [village for village in town.children.order_by("path") if "社区" not in village.name]


def add_staff() -> dict[str, User]:
    """Create the accounts with their postings and the offices of their regions; by username."""
    hashed = make_password(PASSWORD)
    for code, (office, leaders, deputy, operator) in OFFICES.items():
        Region.objects.filter(code=code).update(
            office_name=office,
            principal_leaders=leaders,
            deputy_leader=deputy,
            operator_name=operator,
            office_phone=TOWN_PHONE,
        )
    rural = rural_villages(Region.objects.by_code(XINGREN))[0]
    Region.objects.filter(pk=rural.pk).update(operator_name=SEATS[0].name, office_phone=VILLAGE_PHONE)
    people = {}
    for seat in SEATS:
        region = Region.objects.by_code(seat.region)
        if seat.village is not None:
            region = rural_villages(region)[seat.village]
        person = User.objects.create(username=seat.username, name=seat.name, unit=seat.unit, password=hashed)
        Posting.objects.create(user=person, role=seat.role, region=region, begins_on=BEGINS_ON)
        # Nobody's desk changes while the demonstration is loaded; to ask at each of thousands of steps takes seconds.
        person.remember_postings()
        people[seat.username] = person
    return people
