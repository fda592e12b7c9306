"""Judge worked cases with the one engine: their rows are written, asked about, and rolled back."""

import datetime
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Level, Region, User
from households.codes import RISK_BITS
from households.models import Facts, Household, Survey
from monitoring.models import Assessment, Case, CaseSource, Stage
from monitoring.policy.engine import verdicts
from monitoring.policy.explain import explain
from monitoring.policy.facts import facts_in_force
from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import FEN, Policy, policy_in_force
from monitoring.screening import keep_changes
from monitoring.worked_cases import CaseFile, CasesRefused, WorkedCase

# The month of the worked cases, and the accounting period that ends with the month before.
ASSESSED_ON = datetime.date(2020, 6, 30)
VISITED_ON = datetime.date(2020, 6, 15)
PERIOD = (datetime.date(2019, 6, 1), datetime.date(2020, 5, 31))
TAGGED_ON = datetime.date(2019, 12, 31)

# What the numbers of a case file are called here; those of other rule sets are left to them.
PARAMETERS = {"zaozhuang_2020": {"z_line": "income_line", "z_edge_line": "edge_line"}}
OTHER_PARAMETERS = {
    "h_poverty", "h_mult", "h_rigid_ratio", "h_rigid_clear", "h_drop", "h_band", "l_edge_line", "l_rigid_share", "n_line",
}  # fmt: skip


def judge(file: CaseFile, ruleset_code: str, on: datetime.date = ASSESSED_ON) -> dict[str, dict[str, Any]]:
    """Code, label, flags and reason of each case by its id; nothing stays in the database.

    Raises ValidationError with a sentence for an unknown rule set or number, and for a day before the rule set begins.
    """
    policy = _policy(file.params, ruleset_code, on)
    with transaction.atomic():
        answers = _judge(file.cases, policy)
        transaction.set_rollback(True)
    return answers


def _policy(params: Mapping[str, Decimal], ruleset_code: str, on: datetime.date) -> Policy:
    policy = policy_in_force(None, on, ruleset_code)
    names = PARAMETERS.get(ruleset_code, {})
    if unknown := set(params) - set(names) - OTHER_PARAMETERS:
        raise CasesRefused(f"params 有不认识的项：{'、'.join(sorted(unknown))}。")
    values = {}
    for name, key in names.items():
        if name in params:
            if params[name] * FEN != int(params[name] * FEN):
                raise CasesRefused(f"params 的 {name} 要是最多两位小数的金额。")
            values[key] = DatedValue(key, params[name], on, "案例文件的参数")
    return policy.with_values(values)


def _judge(cases: tuple[WorkedCase, ...], policy: Policy) -> dict[str, dict[str, Any]]:
    village, visitor = _village(), User.objects.create(username=f"trial-{secrets.token_hex(8)}", name="案例")
    households = {_household(case, village, visitor): case for case in cases}
    facts = facts_in_force(policy).filter(household__in=households)
    keep_changes(list(verdicts(facts, policy)), policy)
    kept = Assessment.objects.filter(household__in=households, on=policy.on).select_related("survey", "village")
    by_household = {assessment.household_id: assessment for assessment in kept}
    return {case.id: _answer(by_household[household.pk], policy) for household, case in households.items()}


def _answer(assessment: Assessment, policy: Policy) -> dict[str, Any]:
    explanation = explain(assessment, policy)
    return {
        "code": explanation.outcome,
        "label": explanation.label,
        "flags": [code for code, _label in explanation.flags],
        "reason": explanation.summary,
    }


def _village() -> Region:
    """A village of its own, beside whatever divisions there are."""
    mark = secrets.token_hex(4)
    return Region.objects.create(code=f"trial-{mark}"[:12], name=f"案例村 {mark}", level=Level.VILLAGE, path=f"t{mark}")


def _household(case: WorkedCase, village: Region, visitor: User) -> Household:
    household = Household.objects.create(
        village=village,
        number=f"trial-{secrets.token_hex(8)}",
        household_type=case.household_type,
        head_name=case.head[:60],
    )
    survey = Survey.objects.create(
        household=household,
        village=village,
        visited_on=VISITED_ON,
        period_start=PERIOD[0],
        period_end=PERIOD[1],
        entered_by=visitor,
        persons=case.persons,
        hukou_persons=case.hukou_persons,
        last_year_income=case.last_year_income,
        rigid_last_year=case.rigid_last_year,
        risk_causes=[cause.value for cause in case.risks],
        stable_income=case.stable_income,
        **case.income,
        **case.rigid,
    )
    _facts(case, survey)
    if case.tagged:
        _designate(case, household)
    return household


def _facts(case: WorkedCase, survey: Survey) -> None:
    net, expense = survey.net_income, survey.transfer_expense
    Facts.objects.create(
        survey=survey,
        household=survey.household,
        village=survey.village,
        household_type=case.household_type,
        visited_on=survey.visited_on,
        persons=case.persons,
        hukou_persons=case.hukou_persons,
        net_income=net,
        disposable_income=None if net is None or expense is None else net - expense,
        last_year_income=case.last_year_income,
        rigid_total=survey.rigid_total,
        rigid_last_year=case.rigid_last_year,
        risk_bits=sum(RISK_BITS[cause] for cause in set(case.risks)),
        guarantee_bits=case.guarantee_bits,
        has_labour=case.has_labour,
        stable_income=case.stable_income,
        yellow_bits=case.yellow_bits,
        key_group_bits=case.key_group_bits,
        negative_bits=case.negative_bits,
        on_dibao=case.on_dibao,
    )


def _designate(case: WorkedCase, household: Household) -> None:
    """Already on the national system's register, as the case says."""
    Case.objects.create(
        household=household,
        village=household.village,
        monitor_class=case.tagged,
        stage=Stage.REGISTERED,
        stage_since=timezone.now(),
        source=CaseSource.STOCK,
        decided_on=TAGGED_ON,
    )
