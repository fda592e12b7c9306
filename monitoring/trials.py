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
from monitoring.policy.explain import explain
from monitoring.policy.rulesets import DatedValue, ruleset
from monitoring.policy.scopes import Scope
from monitoring.policy.values import FEN, MOST_PERCENT, PER_CENT, Policy, policy_in_force
from monitoring.worked_cases import CaseFile, CasesRefused, WorkedCase
from monitoring.writing import Write

# The month of the worked cases, and the accounting period that ends with the month before.
ASSESSED_ON = datetime.date(2020, 6, 30)
VISITED_BEFORE = datetime.timedelta(days=15)
PERIOD = (datetime.date(2019, 6, 1), datetime.date(2020, 5, 31))
TAGGED_ON = datetime.date(2019, 12, 31)

# What the numbers of a case file are called here; those of other rule sets are left to them.
PARAMETERS = {
    "zaozhuang_2020": {"z_line": "income_line", "z_edge_line": "edge_line"},
    "hubei_2020": {
        "h_poverty": "poverty_standard",
        "h_mult": "line_percent",
        "h_rigid_ratio": "rigid_percent",
        "h_rigid_clear": "rigid_clear_percent",
        "h_drop": "drop_percent",
        "h_band": "band_percent",
    },
    "luan_2019": {"h_poverty": "poverty_standard", "l_edge_line": "edge_line", "l_rigid_share": "rigid_percent"},
    "national_2021": {"n_line": "income_line", "h_drop": "drop_percent"},
    "xinbei_2020": {},
}
KNOWN_PARAMETERS = {name for names in PARAMETERS.values() for name in names}


def judge(file: CaseFile, ruleset_code: str, on: datetime.date | None = None) -> dict[str, dict[str, Any]]:
    """Code, label, flags and reason of each case by its id; nothing stays in the database.

    Without a day the cases are judged in their own month, or on the first day of a rule set that begins later.
    Raises ValidationError with a sentence for an unknown rule set or number, and for a day before the rule set begins.
    """
    policy = _policy(file.params, ruleset_code, on or max(ASSESSED_ON, ruleset(ruleset_code).begins_on))
    with transaction.atomic():
        answers = _judge(file.cases, policy)
        transaction.set_rollback(True)
    return answers


def _policy(params: Mapping[str, Decimal], ruleset_code: str, on: datetime.date) -> Policy:
    policy = policy_in_force(None, on, ruleset_code)
    if unknown := set(params) - KNOWN_PARAMETERS:
        raise CasesRefused(f"params 有不认识的项：{'、'.join(sorted(unknown))}。")
    names = {name: key for name, key in PARAMETERS[ruleset_code].items() if name in params}
    values = {key: _number(policy, key, name, params[name]) for name, key in names.items()}
    return policy.with_values({key: DatedValue(key, value, on, "案例文件的参数") for key, value in values.items()})


def _number(policy: Policy, key: str, name: str, given: Decimal) -> Decimal:
    """A number of the file in the unit of the rule set: an amount, or a ratio that is whole percent."""
    if not policy.ruleset.parameter(key).is_percent:
        if given * FEN != int(given * FEN):
            raise CasesRefused(f"params 的 {name} 要是最多两位小数的金额。")
        return given
    percent = given * PER_CENT
    if percent != int(percent) or not 0 <= percent <= MOST_PERCENT:
        raise CasesRefused(f"params 的 {name} 要是 0 到 {MOST_PERCENT // PER_CENT} 的比例，最多两位小数。")
    return Decimal(int(percent))


def _judge(cases: tuple[WorkedCase, ...], policy: Policy) -> dict[str, dict[str, Any]]:
    village, visitor = _village(), User.objects.create(username=f"trial-{secrets.token_hex(8)}", name="案例")
    visited_on = policy.on - VISITED_BEFORE
    households = {_household(case, village, visitor, visited_on): case for case in cases}
    for household in households:
        Write(Scope(household=household.pk), policy).run()
    kept = Assessment.objects.filter(household__in=households, on=policy.on).with_facts()
    by_household = {assessment.household_id: assessment for assessment in kept}
    return {case.id: _answer(by_household[household.pk], policy, case) for household, case in households.items()}


def _answer(assessment: Assessment, policy: Policy, case: WorkedCase) -> dict[str, Any]:
    explanation = explain(assessment, policy, case.in_words)
    return {
        "code": explanation.code,
        "label": explanation.label,
        "flags": [code for code, _label in explanation.flags],
        "reason": explanation.summary,
    }


def _village() -> Region:
    """A village of its own, beside whatever divisions there are."""
    mark = secrets.token_hex(4)
    return Region.objects.create(code=f"trial-{mark}"[:12], name=f"案例村 {mark}", level=Level.VILLAGE, path=f"t{mark}")


def _household(case: WorkedCase, village: Region, visitor: User, visited_on: datetime.date) -> Household:
    household = Household.objects.create(
        village=village,
        number=f"trial-{secrets.token_hex(8)}",
        household_type=case.household_type,
        head_name=case.head[:60],
    )
    survey = Survey.objects.create(
        household=household,
        village=village,
        visited_on=visited_on,
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
        begins_on=survey.visited_on,
        visited_on=survey.visited_on,
        persons=case.persons,
        hukou_persons=case.hukou_persons,
        net_income=net,
        disposable_income=None if net is None or expense is None else net - expense,
        operating_loss=survey.operating_loss,
        last_year_income=case.last_year_income,
        rigid_total=survey.rigid_total,
        rigid_last_year=case.rigid_last_year,
        medical_expense=survey.medical_expense,
        education_expense=survey.rigid_education,
        disaster_expense=survey.rigid_disaster,
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
