"""The demonstration's leads: one from each source, a family that scanned the code, one that is not in the register, and one closed."""

import datetime
import uuid

from accounts.models import Region, User
from fangpin.demo.population import Family
from fangpin.demo.staff import ZONE
from households.codes import RiskCause
from households.models import Household
from monitoring import leads, leads_intake
from monitoring.models import DeclarationPage, Lead, LeadSource
from monitoring.public import declarations
from monitoring.public.models import VillagePage

UNKNOWN_NUMBER = "370499197003150012"  # of nobody: the area has no such code
PHONE = "13000000000"


def add_leads(families: list[Family], people: dict[str, User], today: datetime.date) -> None:
    """Report some households of the stories' village that have no case."""
    cadre, town = people["cun1"], people["zhen1"]
    village = cadre.postings.get().region
    leads_intake.switch(district=Region.objects.by_code(ZONE), by=people["qu1"], on=True)
    here = [one.household for one in families if one.household.village_id == village.pk]
    free = iter([household for household in here if not household.cases.exists()][-8:])
    scanned, paper, walked, warned, settled = (next(free) for _each in range(5))
    _report(paper, LeadSource.DECLARED, cadre, today - datetime.timedelta(days=1), RiskCause.EDUCATION,
            "两个孩子同时上大学，今年学费还差八千。")  # fmt: skip
    _report(walked, LeadSource.VISITED, cadre, today, RiskCause.UNSTABLE_JOB, "户主厂里停工，在家一个月没有活。")
    lead = _report(warned, LeadSource.PUSHED, town, today - datetime.timedelta(days=4), RiskCause.ILLNESS,
                   "住院自付累计两万三千元。", unit="区医保局")  # fmt: skip
    leads.assign(lead=lead, to=people["cun2"], by=town)
    done = _report(settled, LeadSource.PUSHED, town, today - datetime.timedelta(days=3), RiskCause.ILLNESS,
                   "门诊费用当月超过五百元。", unit="区医保局")  # fmt: skip
    leads.visit(lead=done, by=cadre, visited_on=today, found="慢性病拿药，已经报销，家里三个人务工。")
    leads.close(lead=done, by=cadre, reason="settled")
    number = scanned.head.id_number if scanned.head else UNKNOWN_NUMBER
    _scan(village, scanned.head_name, number, RiskCause.DISASTER, "前天大风把蔬菜棚掀了，贷款还没有还完。")
    _scan(village, "龚长顺", UNKNOWN_NUMBER, RiskCause.ACCIDENT, "骑车摔断了腿，两个月不能干活。")
    leads_intake.exchange()


def _report(
    household: Household, source: str, by: User, on: datetime.date, cause: str, words: str, unit: str = ""
) -> Lead:
    return leads.report(
        village=household.village, household=household, source=source, by=by, happened_on=on, cause=cause, words=words,
        unit=unit,
    )  # fmt: skip


def _scan(village: Region, name: str, number: str, cause: str, words: str) -> None:
    """As from the public page."""
    page = VillagePage.objects.get(token=DeclarationPage.objects.get(village=village).token)
    answers = {"name": name, "phone": PHONE, "id_number": number, "difficulty": words, "group": "", "cause": cause}
    declarations.declare(page=page, form_key=uuid.uuid4(), answers=answers, address="demonstration")
