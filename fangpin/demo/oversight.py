"""Findings, a consultation, and what was keyed into the national system, in the demonstration."""

import datetime
from collections.abc import Collection

from django.utils import timezone

from accounts.models import Region, User
from households.models import Household
from monitoring import national_entry, oversight
from monitoring.models import Case, CaseSource, Finding, Stage
from monitoring.models.cases import CaseQuerySet
from monitoring.oversight_consultations import Resolved, record_consultation, settle_decision

KEYED = 12  # households that were ticked
CHANGED = 3  # of them, whose head's skill was corrected afterwards


def add_oversight(people: dict[str, User], told: Collection[Household], today: datetime.date) -> None:
    """Findings at every stage, a consultation with its decisions, and a worklist that is half done."""
    village = people["cun1"].postings.get().region
    cases = Case.objects.designations().live().in_regions([village]).select_related("household", "village")
    stock = cases.filter(source=CaseSource.STOCK).exclude(household__in=[household.pk for household in told])
    chosen = list(stock.order_by("opened_at", "pk")[:3])
    _add_findings(people, village, chosen, today)
    _add_consultation(people, village, chosen, today)
    _add_entries(people, cases.filter(stage=Stage.REGISTERED))


def _add_findings(people: dict[str, User], village: Region, cases: list[Case], today: datetime.date) -> None:
    inspector, cadre, town = people["ducha1"], people["cun1"], village.parent
    first, second = cases[0], cases[1]
    _found(inspector, first, "帮扶联系人本季度没有走访记录。", today, ago=20, term=10)
    late = _found(people["qu1"], second, "评议签到表缺两个人的签名。", today, ago=9, term=14)
    oversight.rectify_finding(
        finding=late, by=cadre, done_on=today - datetime.timedelta(days=2), what="已请两位代表补签，并说明了当时没签的原因。",
        evidence="补签的签到表，在村委会档案柜。", version=late.version,
    )  # fmt: skip
    oversight.record_finding(
        by=people["qu1"], found_on=today - datetime.timedelta(days=5), place=town, answerable=None,
        department=people["bumen1"].unit, what="大额自付的名单本月还没有给街道，审核的时候没有数可对。",
        due_on=today + datetime.timedelta(days=5),
    )  # fmt: skip
    done = oversight.record_finding(
        by=inspector, found_on=today - datetime.timedelta(days=30), place=town, answerable=town,
        what="镇里预警线索登记本有四条没有写核查结果。", due_on=today - datetime.timedelta(days=15), finder="省督导组 韩某",
    )  # fmt: skip
    oversight.rectify_finding(
        finding=done, by=people["zhen1"], done_on=today - datetime.timedelta(days=18), what="四条都已补写核查结果。",
        evidence="线索登记本复印件。", version=done.version,
    )  # fmt: skip
    oversight.judge_finding(finding=done, by=inspector, accept=True, verdict="已核对。", version=done.version)


def _found(by: User, case: Case, what: str, today: datetime.date, *, ago: int, term: int) -> Finding:
    found_on = today - datetime.timedelta(days=ago)
    return oversight.record_finding(
        by=by, found_on=found_on, place=case.village, answerable=case.village, what=what, household=case.household,
        case=case, due_on=found_on + datetime.timedelta(days=term),
    )  # fmt: skip


def _add_consultation(people: dict[str, User], village: Region, cases: list[Case], today: datetime.date) -> None:
    town, first, held_on = village.parent, cases[0], today - datetime.timedelta(days=6)
    soon = held_on + datetime.timedelta(days=15)
    consultation = record_consultation(
        by=people["zhen1"], region=town, topic="大病支出户的医疗救助和住房安全", held_on=held_on, venue="街道二楼会议室",
        chair="葛立新", minute_taker="李敏", present="街道扶贫办 李敏、王强，民政办 秦朗，村镇建设办 石某，村委会 张桂英",
        minutes="逐户看了住院费用和住房情况，商定由民政办先核实临时救助，村里陪同鉴定住房。", cases=cases,
        decisions=[
            Resolved("陪同鉴定住房等级，结果报街道", village, "", soon, first),
            Resolved("核实临时救助，符合的当月发放", None, "枣庄高新区民政局", soon),
            Resolved("查清三户还没有报销的住院费用", None, people["bumen1"].unit, soon),
            Resolved("把三户的报销情况核对一遍", town, "", soon),
        ],
    )  # fmt: skip
    settle_decision(
        decision=consultation.decisions.get(position=4), by=people["zhen2"], done=True, note="已和医保局核对，两户已报销。",
        version=1,
    )  # fmt: skip


def _add_entries(people: dict[str, User], registered: CaseQuerySet) -> None:
    """Stock begins as it came; some of it was ticked here, and of these some has changed since. Who is new waits."""
    national_entry.refresh()
    stock = registered.filter(source=CaseSource.STOCK).order_by("opened_at", "pk")
    for sheet in list(national_entry.sheets(stock[:KEYED])):
        national_entry.tick(
            case=sheet.case, by=people["zhen2"], keyed_on=max(sheet.case.decided_on, timezone.localdate(sheet.case.stage_since)),
            digest=national_entry.prints_of(sheet).digest,
        )  # fmt: skip
    for case in stock[:CHANGED]:
        home = case.household
        home.members.filter(relation="户主").update(work_months=3)
        type(home).objects.filter(pk=home.pk).update(version=home.version + 1)
    national_entry.refresh()
