"""What a family is told in writing when its case was turned down: why, how to object, whom to call."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from monitoring.case_offers import TURNED_DOWN
from monitoring.models import Case, CaseKind

ASKED_FOR = {
    CaseKind.DESIGNATION: "纳入防止返贫致贫监测和帮扶",
    CaseKind.REMOVAL: "风险消除、移出监测对象",
    CaseKind.REGISTRATION: "纳入建档立卡",
}
WHO_SAID_NO = {
    "meeting_refuse": "经民主评议，多数没有同意",
    "refuse": "经镇（街）审核，没有同意",
    "district_refuse": "经区（市）审定，没有同意",
    "close_watch": "经核实，不再继续办理",
    "end_closed_household": "因户已注销或并入别的户，不再继续办理",
}


@dataclass(frozen=True)
class RefusalAnswer:
    """The words of the answer, and the telephones of the village, the town and the district."""

    asked_for: str
    decision: str
    reason: str
    on: datetime.date
    phones: list[tuple[str, str]]
    stays_on_the_register: bool


def answer_for(case: Case) -> RefusalAnswer:
    """What to tell the family of a case that was refused or closed."""
    event = case.events.filter(to_stage__in=TURNED_DOWN).exclude(from_stage__in=TURNED_DOWN).order_by("-at").first()
    regions = sorted(case.village.lineage().values(), key=lambda region: region.path, reverse=True)
    return RefusalAnswer(
        asked_for=ASKED_FOR[CaseKind(case.kind)],
        decision=WHO_SAID_NO.get(event.step, "没有同意") if event else "没有同意",
        reason=event.open_note if event else "",
        on=timezone.localdate(event.at if event else case.stage_since),
        phones=[(region.office_name or region.name, region.office_phone) for region in regions[:3]],
        stays_on_the_register=case.kind == CaseKind.REMOVAL and case.household.closed_on is None,
    )
