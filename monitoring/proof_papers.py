"""Proof of what each step rests on: survey, authorisation, comparison, meeting, notice, decision, and the removal's conditions."""

import datetime
from collections.abc import Iterator
from fractions import Fraction

from households.codes import HouseholdType
from monitoring.models import CaseKind, CaseSource, NoticeKind, Stage
from monitoring.notices import KIND_OF_CASE
from monitoring.policy.values import months_before
from monitoring.procedures import Procedure
from monitoring.proof_rows import Dossier, People, Row, day_of, explained_at
from monitoring.proof_way import Found, Way

CONDITIONS = {"months", "measures", "income", "guarantees", "labour", "risk", "objections"}
DECIDED = (Stage.REGISTERED, Stage.REMOVED, Stage.DONE)


def papers(dossier: Dossier, way: Way) -> Iterator[Found]:
    """What must lie behind every step that was taken for the last time."""
    procedure = dossier.procedure
    assert procedure is not None
    if dossier.case.source == CaseSource.PROCEDURE:
        yield from _survey(dossier, way)
        yield from _comparison(dossier, way, procedure)
        yield from _meeting(dossier, way, procedure)
        yield from _notice(dossier, way, procedure)
        yield from _hold(dossier, way)
        yield from _decision(dossier, way, procedure)
    yield from _urgent(dossier)
    yield from _gone(dossier)


def _survey(dossier: Dossier, way: Way) -> Iterator[Found]:
    done = way.left.get(Stage.SURVEY)
    if done is None:
        return
    survey = _kept_survey(dossier)
    if survey is None:
        yield "survey", "没有记下所依据的入户调查，或者它是别的户的。"
    elif survey.visited_on > day_of(done.at):
        yield "survey", f"入户调查的日期 {survey.visited_on:%Y-%m-%d} 晚于“入户调查已办”。"


def _kept_survey(dossier: Dossier) -> Row | None:
    return next((one for one in dossier.surveys if one.pk == dossier.case.survey_id), None)


def _comparison(dossier: Dossier, way: Way, procedure: Procedure) -> Iterator[Found]:
    if Stage.AUTHORISE in way.left and not dossier.authorised:
        yield "authorisation", "没有登记承诺授权。"
    if Stage.COMPARE in way.left:
        answered = {answer.item for answer in dossier.answers}
        if missing := [item for item in procedure.compares if item not in answered]:
            yield "comparison", f"还有 {len(missing)} 项没有部门反馈，就结束了比对。"
    for answer in dossier.answers:
        if answer.hit and Stage.COMPARE in way.left and (answer.explained_at is None or not answer.proved):
            yield "hit", "比中的项没有写核实情况，或者没有附佐证。"


def _hold(dossier: Dossier, way: Way) -> Iterator[Found]:
    """A hit on the negative list that stood on the day of a decision was explained since it was found."""
    explained = [day_of(at) for at in explained_at(dossier)]
    for stage in (Stage.TOWN, Stage.DISTRICT):
        decided = way.left.get(stage)
        if decided is None or decided.step not in ("endorse", "acknowledge"):
            continue
        day = day_of(decided.at)
        for since, until in dossier.held_since:
            stood = since <= day and (until is None or until > day)
            if stood and not any(since <= one <= day for one in explained):
                yield "hit", f"命中负面清单（{since:%Y-%m-%d}），没有写明核实情况就办了。"
                return


def _meeting(dossier: Dossier, way: Way, procedure: Procedure) -> Iterator[Found]:
    done = way.left.get(Stage.MEETING)
    if done is None:
        return
    day = day_of(done.at)
    agreed = done.step != "meeting_refuse"
    held = [one for one in dossier.ballots if one.recognised == agreed and one.meeting__held_on <= day]
    if not held:
        yield "meeting", f"没有这一户评议{'同意' if agreed else '不同意'}的记录。"
        return
    ballot = max(held, key=lambda one: one.meeting__held_on)
    cast = ballot.in_favour + ballot.against + ballot.abstained
    if not cast == ballot.present == ballot.meeting__present:
        yield "votes", f"评议的票数 {cast} 和实到 {ballot.meeting__present} 人对不上。"
    elif agreed and ballot.in_favour * 2 <= cast:
        yield "votes", f"评议同意的 {ballot.in_favour} 票没有过半数。"
    due = ballot.meeting__due
    if procedure.two_thirds and (due is None or ballot.meeting__present * 3 < due * 2):
        yield "quorum", "评议到会的不到应到的三分之二。"
    if ballot.meeting__village_id != dossier.case.village_id:
        yield "meeting", "评议会不是这个村开的。"
    survey = _kept_survey(dossier)
    if survey and ballot.meeting__held_on < survey.visited_on:
        yield "meeting", f"评议日期 {ballot.meeting__held_on:%Y-%m-%d} 早于入户日期 {survey.visited_on:%Y-%m-%d}。"


def _notice(dossier: Dossier, way: Way, procedure: Procedure) -> Iterator[Found]:
    done, case = way.left.get(Stage.NOTICE), dossier.case
    if done is not None:
        wanted = KIND_OF_CASE[CaseKind(case.kind)]
        mine = [one for one in dossier.notices if one.kind == wanted and one.village_id == case.village_id]
        if not mine:
            yield "notice", f"没有列有这一户的{wanted.label}。"
        else:
            yield from _hung(dossier, way, procedure, mine[-1], done)
    announced = any(one.kind == NoticeKind.RESULT for one in dossier.notices)
    if Stage.ANNOUNCE in way.left and not announced:
        yield "notice", "没有列有这一户的结果公告。"


def _hung(dossier: Dossier, way: Way, procedure: Procedure, notice: Row, done: Row) -> Iterator[Found]:
    """Long enough, over before it was closed, with the household on it, photographed where asked, objections settled."""
    if _counted(notice) < procedure.notice_days:
        yield "notice_days", f"公示 {_counted(notice)} 天，短于规定的 {procedure.notice_days} 天。"
    if day_of(done.at) <= notice.ends_on:
        yield "notice_open", f"公示到 {notice.ends_on:%Y-%m-%d} 才满，没有期满就结束了。"
    if notice.row_cases and str(dossier.case.pk) not in notice.row_cases:
        yield "notice_row", "公示的名单里没有这一户。"
    if (notice.photo_due_on or procedure.photo_days is not None) and not notice.photographed:
        yield "attachment", "公示没有张贴照片。"
    met = way.left.get(Stage.MEETING)
    if met and notice.starts_on < day_of(met.at):
        yield "notice", f"公示开始 {notice.starts_on:%Y-%m-%d} 早于民主评议。"
    for objection in dossier.objections:
        if objection.notice_id != notice.pk:
            continue
        late = objection.settled_at is not None and objection.settled_at > done.at
        if objection.upheld is None or late:
            yield "objection", "有异议没有核查完，公示就结束了。"
        elif objection.upheld:
            yield "objection", "异议查实成立，这一户却没有重新评议。"


def _counted(notice: Row) -> int:
    """The days that count, no day outside the notice among them."""
    if notice.counted_days:
        inside = {
            day for day in notice.counted_days if notice.starts_on.isoformat() <= day <= notice.ends_on.isoformat()
        }
        return len(inside)
    return (notice.ends_on - notice.starts_on).days + (1 if notice.counts_first_day else 0)


def _decision(dossier: Dossier, way: Way, procedure: Procedure) -> Iterator[Found]:
    """The day and the person of the decision are those of the step by which it was made."""
    case = dossier.case
    stage = Stage.TOWN if procedure.decides == "town" else Stage.DISTRICT
    decided = way.left.get(stage)
    if decided is not None and decided.step in ("endorse", "acknowledge"):
        if case.decided_on != day_of(decided.at) and not dossier.corrected:
            yield "decision", "认定时间和办理记录不一致，又没有两个人更正过。"
        if case.decided_by_id != decided.by_id:
            yield "decision", "认定人和办理记录不一致。"
    filed = way.left.get(Stage.DISTRICT)
    if filed is not None and filed.step == "acknowledge" and case.acknowledged_on != day_of(filed.at):
        yield "decision", "区（市）签收日期和办理记录不一致。"
    if case.stage == Stage.REGISTERED and not case.main_risk:
        yield "decision", "没有选主要返贫风险。"


def _urgent(dossier: Dossier) -> Iterator[Found]:
    marked = [day_of(event.at) for event in dossier.events if event.step == "mark_urgent"]
    if dossier.case.urgent_on and dossier.case.urgent_on not in marked:
        yield "urgent", "先行帮扶没有开绿色通道的记录和原因。"


def _gone(dossier: Dossier) -> Iterator[Found]:
    """Only a household that is gone lets the town end its case without a decision."""
    ended = any(event.step == "end_closed_household" for event in dossier.events)
    if ended and dossier.case.household__closed_on is None:
        yield "gone", "按“户已注销”办结，而这一户没有注销。"


# ---- 风险消除, 回退, 建档立卡 ----


def endings(dossier: Dossier, way: Way, people: People) -> Iterator[Found]:
    """What a finished removal, a registered poor household, or a household off the register and back must show."""
    case = dossier.case
    if case.kind == CaseKind.REMOVAL:
        yield from _removal(dossier, way, people)
    elif case.kind == CaseKind.REGISTRATION and case.stage == Stage.DONE:
        # What has become of the household since is its own matter; that it was registered is not.
        if case.household__household_type != HouseholdType.REGISTERED_POOR and case.household__type_since is None:
            yield "registration", "已经确认，户类型却没有改为未脱贫建档立卡户。"
    elif case.kind == CaseKind.DESIGNATION:
        yield from _off_the_register(dossier, way)
        yield from _back(dossier, way, people)


def _removal(dossier: Dossier, way: Way, people: People) -> Iterator[Found]:
    case, kept = dossier.case, dossier.removal
    if case.about_id is None or case.about__household_id != case.household_id:
        yield "removal", "风险消除没有指明消除的是哪一次认定。"
    if kept is None:
        yield "removal", "没有风险消除的核对记录。"
        return
    yield from _conditions(kept.opening_conditions, "发起")
    if Stage.SURVEY in way.left:
        yield from _visited(dossier, way, kept, people)
        yield from _conditions(kept.visit_conditions, "入户核实")
    if Stage.TOWN in way.left:
        yield from _conditions(kept.decision_conditions, "审核、审定")
        yield from _figures(dossier, kept.decision_conditions)


def _visited(dossier: Dossier, way: Way, kept: Row, people: People) -> Iterator[Found]:
    survey = next((one for one in dossier.surveys if one.pk == kept.survey_id), None)
    if survey is None or survey.submitted_at < way.events[0].at:
        yield "removal_survey", "没有发起以后的入户调查。"
    same = people.persons((kept.first_account_id,)) & people.persons((kept.second_account_id,))
    alone = not kept.second_visitor or (kept.second_account_id is None and kept.second_visitor == kept.first_visitor)
    if kept.first_account_id is None or alone or same:
        yield "visitors", "风险消除要两个不同的人入户，至少一个有账号。"


def _conditions(rows: list[dict], when: str) -> Iterator[Found]:
    if {row["key"] for row in rows} != CONDITIONS:
        yield "conditions", f"{when}时没有核对全部条件。"
    elif unmet := [row["title"] for row in rows if not row["met"]]:
        yield "conditions", f"{when}时条件不满足：{'、'.join(unmet)}。"


def _figures(dossier: Dossier, rows: list[dict]) -> Iterator[Found]:
    """The figures that were kept bear out what was said of them."""
    told = {row["key"]: row for row in rows}
    months, income = told.get("months", {}), told.get("income", {})
    if months.get("on") and dossier.case.about__decided_on:
        on = datetime.date.fromisoformat(months["on"])
        if dossier.case.about__decided_on > months_before(on, months["months"]):
            yield "conditions", f"认定不满 {months['months']} 个月就消除了风险。"
    if income.get("line") and income["amount"] < income["persons"] * Fraction(income["line"]):
        yield "conditions", "消除时的收入低于当时的标准。"
    if told.get("measures") and not told["measures"].get("measures"):
        yield "conditions", "消除时没有一项帮扶措施落实。"


def _off_the_register(dossier: Dossier, way: Way) -> Iterator[Found]:
    """Every time it went off the register a finished removal says so, and the day agrees."""
    case = dossier.case
    removed = [event for event in way.events if event.step == "removed"]
    done_at = {event.at for event in dossier.removals}
    if any(event.at not in done_at for event in removed):
        yield "removed", "移出在册，却没有办完的风险消除。"
    if case.stage == Stage.REMOVED and (not removed or case.removed_on != day_of(removed[-1].at)):
        yield "removed", "移出日期和办理记录不一致。"
    if case.stage == Stage.REGISTERED and case.removed_on is not None:
        yield "removed", "在册的户还留着移出日期。"
    if case.stage in DECIDED and case.decided_on is None:
        yield "decision", "没有认定时间。"


def _back(dossier: Dossier, way: Way, people: People) -> Iterator[Found]:
    """回退 has its reason and evidence, and was done by somebody other than who removed it."""
    returns = [event for event in way.events if event.step == "reinstate"]
    if len(returns) != len(dossier.reinstatements):
        yield "reinstated", "风险消除回退的记录和依据对不上。"
    takers = [event for event in way.events if event.step == "removed"] + dossier.removals
    for row in dossier.reinstatements:
        if row.survey_id is None and not row.proved:
            yield "reinstated", "风险消除回退没有入户调查，也没有佐证。"
        removers = {key for event in takers if event.at < row.at for key in (event.by_id, event.on_behalf_of_id)}
        if people.persons((row.by_id,)) & people.persons(removers):
            yield "reinstated", "风险消除和回退是同一个人办的。"
