"""Begin a 风险消除, and say who may be named as having visited."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import Posting, Region, User
from accounts.roles import SURVEY_ROLES
from households.attachments import store_all
from households.incoming_files import IncomingFile
from households.models import AttachmentKind, Survey
from monitoring.evidence import NOTHING, Line, compare
from monitoring.models import Case, CaseKind, Removal, Stage
from monitoring.removal_conditions import asked, kept, reasons
from monitoring.steps import AT_VILLAGE_OR_TOWN
from monitoring.workflow import begin_case, policy_for, take


class NotYet(ValidationError):
    """The conditions that do not hold, all at once."""


def open_removal(
    *, designation: Case, by: User, note: str = "", idempotency_key: str = "", at: datetime.datetime | None = None
) -> Case:
    """Propose that a household's risk is over (村提名); it stays on the register until the district has decided.

    Raises PermissionDenied, or NotYet with every condition that does not hold.
    """
    posting = by.posting_over(designation.village, *AT_VILLAGE_OR_TOWN)
    if posting is None:
        raise PermissionDenied("只有村和镇（街）可以发起风险消除。")
    at = at or timezone.now()
    with transaction.atomic():
        if idempotency_key and not spend_on(idempotency_key, by, f"removal:{designation.pk}"):
            return designation.removals.latest("opened_at")
        current = Case.objects.select_related("household", "village").get(pk=designation.pk)
        if current.kind != CaseKind.DESIGNATION or current.stage != Stage.REGISTERED:
            raise ValidationError("这一户不在册，没有可以消除的风险。")
        if current.household.closed_on:
            raise ValidationError("这户已经注销，不用再办风险消除。")
        found = asked(current, timezone.localdate(at))
        if failed := reasons(found):
            raise NotYet(failed)
        case = begin_case(
            household=current.household, kind=CaseKind.REMOVAL, by=by, posting=posting, step="open_removal", note=note,
            policy=policy_for(current, timezone.localdate(at)), at=at, about=current,
            monitor_class=current.monitor_class, main_risk=current.main_risk, risk_causes=current.risk_causes,
        )  # fmt: skip
        Removal.objects.create(case=case, survey_before=current.survey, opening_conditions=list(kept(found)))
    return case


@transaction.atomic
def reinstate(*, case: Case, by: User, note: str, files: Sequence[IncomingFile], **seen: Any) -> Case:
    """风险消除回退 with papers: see the step of this name in monitoring.steps. Raises what ``take`` raises."""
    evidence = store_all(
        files, kind=AttachmentKind.EVIDENCE, village=case.village, household=case.household, by=by
    )  # fmt: skip
    return take("reinstate", case=case, by=by, note=note, evidence=evidence, **seen)


def after_values(removal: Removal, survey: Survey) -> list[Line]:
    """The values after, line by line beside those at the designation; a dash where nobody visited before it."""
    lines = list(compare(survey, removal.survey_before, {}))
    return lines if removal.survey_before else [replace(line, before=NOTHING, change="") for line in lines]


def visitors_for(village: Region) -> QuerySet[User]:
    """The people who may have visited a household of the village: those posted there, or in its town."""
    here = Posting.objects.in_force(timezone.localdate()).filter(
        role__in=SURVEY_ROLES, region__path__in=village.ancestor_paths
    )
    return User.objects.filter(is_active=True, postings__in=here).distinct().order_by("name", "pk")
