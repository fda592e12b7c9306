"""What must be there before a step of a removal or of a return to the register, and what the step keeps."""

import datetime
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.models.people import same_people
from accounts.roles import SURVEY_ROLES
from households.models import Attachment, Survey
from monitoring import gates
from monitoring.gates import Act, Columns
from monitoring.models import Case, CaseEvent, CaseKind, Reinstatement, Removal, Stage
from monitoring.removal_conditions import asked, kept, reasons


class Visitors(NamedTuple):
    """Who visited: an account, and another person, who may have none."""

    first: User
    second_name: str
    second: User | None = None


def removal_visit_is_in(act: Act) -> None:
    """A survey that was submitted after the removal was opened (after a return: since then)."""
    if survey_after_opening(act.case, act.day) is None:
        raise ValidationError("发起以后还没有新的入户调查，请先入户、提交调查表，再办这一步。")


def keep_removal_visit(act: Act) -> Columns:
    """The two people who visited, the values after, and what the conditions said with them, all of which must hold."""
    survey, visitors = survey_after_opening(act.case, act.day), act.data.get("visitors")
    assert survey is not None  # removal_visit_is_in was asked before
    if not isinstance(visitors, Visitors):
        raise ValidationError("请从“入户核实”页面填两位入户人。")
    first, second_name = check_visitors(act.case, visitors)
    found = asked(_about(act), act.day)
    if failed := reasons(found):
        raise ValidationError(["入户核实的结果还不能消除风险，请解除这次办理，或条件具备以后再入户：", *failed])
    Removal.objects.filter(pk=act.case.pk).update(
        first_visitor=first, first_account=visitors.first, second_visitor=second_name, second_account=visitors.second,
        survey=survey, visit_conditions=list(kept(found)),
    )  # fmt: skip
    return {"survey": survey}


def check_visitors(case: Case, visitors: Visitors) -> tuple[str, str]:
    """Their names; raises ValidationError when they are one person, or the account has no posting over the village."""
    name = (visitors.second.name if visitors.second else visitors.second_name).strip()
    if not name:
        raise ValidationError("风险消除要两个人入户，请填另一位入户人。")
    for account in filter(None, (visitors.first, visitors.second)):
        if account.posting_over(case.village, *SURVEY_ROLES) is None:
            raise ValidationError(f"{account.name}不在这个村或所在镇（街）任职，不能作为入户人。")
    same = visitors.second is not None and visitors.second.pk in same_people({visitors.first.pk})
    if same or (visitors.second is None and _names(name, visitors.first.name)):
        raise ValidationError("两位入户人不能是同一个人。")
    return visitors.first.name, name


def _names(written: str, name: str) -> bool:
    """Whether a written name, with or without a unit (青石村委会 张桂英), is this one."""
    plain = unicodedata.normalize("NFKC", written)
    return name in re.split(r"[\W_]+", plain) or re.sub(r"[\W_]+", "", plain).endswith(name)


def decision_may_be_made(act: Act) -> None:
    """A hit on the negative list is explained, and what departments know agrees or was decided; for a removal every condition
    holds on the day, with the line in force now.
    """
    gates.evidence_is_settled(act)
    if act.case.kind == CaseKind.REMOVAL and (failed := reasons(asked(_about(act), act.day))):
        raise ValidationError("不能消除风险：" + "".join(failed))


def keep_endorsement(act: Act) -> Columns:
    """What the town keeps; of a removal also what the conditions said."""
    _keep_conditions(act)
    return gates.keep_endorsement(act)


def keep_acknowledgement(act: Act) -> Columns:
    """What the district keeps; of a removal also what the conditions said."""
    _keep_conditions(act)
    return gates.keep_acknowledgement(act)


def _about(act: Act) -> Case:
    about = act.case.about
    assert about is not None  # a constraint sees to it
    return about


def _keep_conditions(act: Act) -> None:
    if act.case.kind == CaseKind.REMOVAL:
        found = list(kept(asked(_about(act), act.day)))
        Removal.objects.filter(pk=act.case.pk).update(decision_conditions=found)


def may_be_reinstated(act: Act) -> None:
    """By somebody other than who removed it, and while nothing else of the household is under way."""
    removed = act.case.events.filter(step="removed").order_by("-at").first()
    if removed is None:
        raise ValidationError("这一户不是在这里移出的，请按新的风险重新办理。")
    decided = CaseEvent.objects.filter(case__about=act.case, case__stage=Stage.DONE, step="acknowledge")
    who = {key for event in (removed, *decided) for key in (event.by_id, event.on_behalf_of_id)}
    if act.by and act.by.capacities(act.case.village) & who:
        raise ValidationError("这一户是您移出的，回退要请另一位同事办。")
    if act.case.household.closed_on:
        raise ValidationError("这户已经注销，不能回退。")
    if Case.objects.designations().live().filter(household=act.case.household_id).exists():
        raise ValidationError("这一户已经另外在办，不用回退。")


def keep_reinstatement(act: Act) -> Columns:
    """When it had been removed, why it is back, and by which survey or papers."""
    evidence: Sequence[Attachment] = act.data.get("evidence") or ()
    survey = survey_since_removal(act.case)
    if survey is None and not evidence:
        raise ValidationError("要有移出以后的入户调查，或上传佐证材料。")
    assert act.by is not None and act.case.removed_on is not None  # the clock does not take this step
    back = Reinstatement.objects.create(
        case=act.case, removed_on=act.case.removed_on, reinstated_on=act.day, reason=act.note, survey=survey,
        by=act.by, at=act.at,
    )  # fmt: skip
    back.evidence.set(evidence)
    return {"removed_on": None}


def survey_after_opening(case: Case, day: datetime.date) -> Survey | None:
    """The newest survey submitted since the removal was opened, or since it was sent back for another one."""
    begun = case.events.filter(step="open_removal").first()
    if begun is None:
        return None
    since = case.events.filter(step__startswith=gates.RETURN_TO_SURVEY).order_by("-at").first()
    surveys = case.household.surveys.filter(superseded_by=None, visited_on__lte=day)
    return surveys.filter(submitted_at__gt=(since or begun).at).newest_first().first()


def visitor_accounts(case: Case) -> set[int]:
    """The accounts of those who visited for a removal; nobody of them decides on it."""
    if case.kind != CaseKind.REMOVAL:
        return set()
    removal = Removal.objects.filter(pk=case.pk).first()
    return removal.accounts if removal else set()


def survey_since_removal(case: Case) -> Survey | None:
    """The newest visit since the household was taken off the register."""
    surveys = case.household.surveys.filter(superseded_by=None, visited_on__gte=case.removed_on)
    return surveys.newest_first().first()
