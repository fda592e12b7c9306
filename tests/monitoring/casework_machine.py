"""People of all desks who do at random what may be done with cases, and much that may not; every answer is written down."""

import datetime
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.models import Posting, User
from assistance.catalogue import MEASURES
from assistance.models import Delivery
from assistance.services import told_by
from households.codes import HouseholdType, RiskCause
from households.models import Household, Survey
from monitoring import comparisons, grading, meetings, notices, objections, registrations, removals, screening
from monitoring.models import OPEN_STAGES, Case, CaseKind, Grading, Notice, Objection, PolicyValue, Stage
from monitoring.policy.shapes import RULESET_KEY
from monitoring.removal_gates import Visitors
from monitoring.workflow import open_case, take
from tests.factories import Make, Place, Staff, add_user
from tests.monitoring import casework_invariants as holds
from tests.monitoring.casework import let_it_run_out
from tests.monitoring.expected_steps import STEPS
from tests.monitoring.surveyed import visit
from tests.monitoring.whole_table import LONG_AGO, ROLES

RULES = ("zaozhuang_2020", "luan_2019", "hubei_2020", "national_2021")
WORDS = "按规定办理"
STEPS_DONE = some.sampled_from((4, 5, 2, 3, 5, 7, 10, 0))  # to a notice, to the town, to the register, and others
NUMBER = some.integers(min_value=0, max_value=999)
ONE_DAY = datetime.timedelta(days=1)
Refused = (PermissionDenied, ValidationError)


def one_of(rows: Any, number: int) -> Any:
    """Some row of several."""
    rows = list(rows)
    return rows[number % len(rows)]


class Casework(RuleBasedStateMachine):
    """One district; what is done in it is forgotten at the end."""

    place: Place
    staff: Staff
    make: Make
    done: Counter  # how often each step was taken, in all examples together

    def __init__(self) -> None:
        super().__init__()
        self.whole = transaction.atomic()
        self.whole.__enter__()
        self.acknowledged: list[tuple[Any, str, int | None]] = []
        self.votes = self.posted = self.objected = self.looked_at = 0

    def teardown(self) -> None:
        """Nothing of it is left but the count."""
        self.done.update(step for _case, step, _by in self.acknowledged)
        transaction.set_rollback(True)
        self.whole.__exit__(None, None, None)

    # ---- the district ----

    @initialize(rules=some.sampled_from(RULES), far=some.lists(STEPS_DONE, min_size=3, max_size=3))
    def settle(self, rules: str, far: list[int]) -> None:
        """It has chosen a rule set; everybody has a desk, and some have two; three cases have come more or less far."""
        staff, place = self.staff, self.place
        PolicyValue.objects.create(
            region=place.zone, ruleset=rules, key=RULESET_KEY, value=rules, starts_on=LONG_AGO, source="某文",
            proposed_by=staff.officer, confirmed_by=staff.foreign_officer, confirmed_at=timezone.now(),
        )  # fmt: skip
        second_officer = self._posted("officer2", "officer", place.zone)
        twin = self._posted("cadre-at-town", "reviewer", place.town)  # a second account of the cadre
        User.objects.filter(pk__in=(twin.pk, staff.cadre.pk)).update(identity_index="one person")
        deputy = self._posted("deputy", "reviewer", place.town, staff.reviewer)
        both = self._posted("two-desks", "cadre", place.village)
        Posting.objects.create(user=both, role=ROLES["reviewer"], region=place.town, begins_on=LONG_AGO)
        village = [staff.cadre, staff.second_cadre, staff.team, both, staff.neighbour_cadre]
        town = [staff.reviewer, staff.second_reviewer, twin, deputy, both, staff.other_reviewer]
        district = [staff.officer, second_officer, staff.foreign_officer]
        self.desks = {"village": village, "town": town, "district": district}
        others = [staff.clerk, staff.inspector, staff.admin, staff.unposted]
        self.everybody = list(dict.fromkeys([*village, *town, *district, *others]))
        for user in self.everybody:
            user.remember_postings()
        self.people = {
            user.pk: "one person" if user in (twin, staff.cadre) else str(user.pk) for user in self.everybody
        }
        self.households = [
            self._family(place.village, HouseholdType.LIFTED), self._family(place.village, HouseholdType.ORDINARY),
            self._family(place.neighbour, HouseholdType.ORDINARY),
        ]  # fmt: skip
        # The cadre who has a second account, the one who has two desks, and the neighbour's: with colleagues of theirs.
        for household, steps, who in zip(self.households, far, (0, 3, 4), strict=True):
            self._bring(household, steps, who)

    def _bring(self, household: Household, steps: int, who: int) -> None:
        by = self.desks["village"][who]
        case = self._try(lambda: open_case(household=household, by=by, note=WORDS), (None, "open", by))
        for _step in range(steps):
            case = self._again(case)
            if case.stage in OPEN_STAGES:
                self.do_what_is_due(case, who)

    def _posted(self, name: str, role: str, region: Any, stands_in_for: User | None = None) -> User:
        user = add_user(name, name)
        Posting.objects.create(
            user=user, role=ROLES[role], region=region, begins_on=LONG_AGO, on_behalf_of=stands_in_for
        )
        return user

    def _family(self, village: Any, household_type: str) -> Household:
        household = self.make.household(village, household_type=household_type)
        Delivery.objects.create(household=household, **told_by(MEASURES["family_doctor"]), begun_on=LONG_AGO)
        return household

    # ---- answers ----

    def _try(self, call: Callable[[], Any], *acknowledged: tuple[Any, str, User | None]) -> Any:
        """Do it; what was answered with success is remembered, a refusal is None. A case None is the one that came of it."""
        try:
            with transaction.atomic():
                done = call()
        except Refused:
            return None
        for case, step, by in acknowledged:
            self.acknowledged.append(((case or done).pk, step, by.pk if by else None))
        return done

    def _take(self, name: str, case: Case, by: User | None, **data: Any) -> Case | None:
        moved = self._try(lambda: take(name, case=case, by=by, note=WORDS, **data), (case, name, by))
        if moved and moved.stage == Stage.DONE and moved.kind == CaseKind.REMOVAL:
            self.acknowledged.append((moved.about_id, "removed", by.pk if by else None))
        return moved

    def _case(self, number: int, **given: Any) -> Case | None:
        found = (
            Case.objects.filter(**given).select_related("household", "village", "procedure").order_by("opened_at", "pk")
        )
        return one_of(found, number) if found else None

    def _some_open(self) -> bool:
        return Case.objects.filter(stage__in=OPEN_STAGES).exists()

    # ---- what people do ----

    @rule(number=NUMBER, who=NUMBER)
    def watch(self, number: int, who: int) -> None:
        """List a household as 预警关注."""
        household, by = one_of(self.households, number), one_of(self.desks["village"], who)
        self._try(lambda: open_case(household=household, by=by, note=WORDS), (None, "open", by))

    @rule(number=NUMBER, who=NUMBER, well=some.booleans())
    def visit_one(self, number: int, who: int, well: bool) -> None:
        """Enter a survey: all is well, or somebody is ill and the income low."""
        self._visit(one_of(self.households, number), one_of(self.desks["village"], who), well=well)

    def _visit(self, household: Household, by: User, *, well: bool) -> None:
        given = {"wage": 40_000_00} if well else {"wage": 9_000_00, "operating_gross": 0, "risks": (RiskCause.ILLNESS,)}
        Survey.objects.filter(household=household, superseded_by=None).update(visited_on=timezone.localdate() - ONE_DAY)
        household.facts.update(begins_on=timezone.localdate() - ONE_DAY, visited_on=timezone.localdate() - ONE_DAY)
        survey = visit(household, by, timezone.localdate(), **given)
        Survey.objects.filter(pk=survey.pk).update(submitted_at=timezone.now())
        screening.assess_household(household, timezone.localdate())

    @precondition(_some_open)
    @rule(number=NUMBER, who=some.lists(NUMBER, min_size=2, max_size=8))
    def go_on(self, number: int, who: list[int]) -> None:
        """Several people in turn do what is due with one case."""
        for one in who:
            case = self._case(number, stage__in=OPEN_STAGES)
            if case is None:
                return
            self.do_what_is_due(case, one)

    def do_what_is_due(self, case: Case, who: int) -> None:
        """The step that leads on, by somebody of the desk whose turn it is."""
        desk = (
            "district"
            if case.stage == Stage.DISTRICT
            else "town"
            if case.stage in (Stage.TOWN, Stage.ANNOUNCE)
            else "village"
        )
        by = one_of(self.desks[desk], who)
        getattr(self, f"due_at_{case.stage}")(case, by)

    def due_at_watch(self, case: Case, by: User) -> None:
        """启动入户调查."""
        self._take("start_survey", case, by)

    def due_at_authorise(self, case: Case, by: User) -> None:
        """承诺授权."""
        told = {"signed_on": timezone.localdate(), "signed_by": "某人", "explained_by": "某人"}
        self._try(lambda: comparisons.authorise(case=case, by=by, **told))
        self._take("complete_authorisation", self._again(case), by)

    def due_at_survey(self, case: Case, by: User) -> None:
        """入户调查, or the visit of two for a removal."""
        self._visit(case.household, by, well=case.kind == CaseKind.REMOVAL)
        if case.kind == CaseKind.REMOVAL:
            self._take("verify_removal", case, by, visitors=Visitors(by, "", self.staff.team))
        else:
            self._take("complete_survey", case, by)

    def due_at_compare(self, case: Case, by: User) -> None:
        """信息比对, which the town answers."""
        by = self.staff.second_reviewer
        answers = [comparisons.Answer(item, False) for item in comparisons.items_of(case)]
        done = lambda: comparisons.keep_answers(case=case, by=by, answers=answers, answered_on=timezone.localdate())  # noqa: E731
        if self._try(done):
            self.acknowledged.append((case.pk, "compared", by.pk))
        self._take("complete_comparison", self._again(case), by)

    def due_at_meeting(self, case: Case, by: User) -> None:
        """民主评议: agreed."""
        self._meet(case, by, agreed=True)

    def _meet(self, case: Case, by: User, *, agreed: bool) -> None:
        sitting = meetings.Sitting(timezone.localdate(), "村部", 24, 21, "逐户评议。", "某人", "某人")
        yes = 20 if agreed else 1
        vote = meetings.Vote(case, case.version, yes, 21 - yes, 0, agreed, WORDS)
        step = "meeting_recognise" if agreed else "meeting_refuse"
        held = lambda: meetings.record_meeting(by=by, sitting=sitting, votes=[vote])[0]  # noqa: E731
        self.votes += self._try(held, (case, step, by)) is not None

    def due_at_notice_due(self, case: Case, by: User) -> None:
        """张贴公示."""
        self._post(case, by, "post_notice")

    def due_at_announce(self, case: Case, by: User) -> None:
        """张贴结果公告."""
        self._post(case, by, "announce")

    def _post(self, case: Case, by: User, step: str) -> None:
        today = timezone.localdate()
        hang = lambda: notices.post(cases=[case], by=by, starts_on=today, ends_on=today + 20 * ONE_DAY)  # noqa: E731
        self.posted += self._try(hang, (case, step, by)) is not None

    def due_at_notice(self, case: Case, by: User) -> None:
        """The days go by; then somebody reports the household, or the clock does."""
        let_it_run_out(Notice.objects.filter(cases=case).latest("posted_at"))
        self._take("close_notice", case, None if by in (self.staff.team, self.staff.neighbour_cadre) else by)

    def due_at_town(self, case: Case, by: User) -> None:
        """认定 or 审核."""
        self._take("endorse", case, by, main_risk=RiskCause.ILLNESS)

    def due_at_district(self, case: Case, by: User) -> None:
        """审定 or 签收."""
        self._take("acknowledge", case, by)

    def _again(self, case: Case) -> Case:
        return Case.objects.select_related("household", "village", "procedure").get(pk=case.pk)

    @precondition(lambda self: Case.objects.filter(stage__in=(Stage.TOWN, Stage.DISTRICT)).exists())
    @rule(number=NUMBER, who=some.permutations(range(6)), refuses=some.booleans())
    def decide(self, number: int, who: list[int], refuses: bool) -> None:
        """All of the desk try one after another to decide on a case, until it has gone on."""
        for one in who:
            case = self._case(number, stage__in=(Stage.TOWN, Stage.DISTRICT))
            if case is None:
                return
            desk = "town" if case.stage == Stage.TOWN else "district"
            if refuses:
                self._take("refuse" if desk == "town" else "district_refuse", case, one_of(self.desks[desk], one))
            else:
                self.do_what_is_due(case, one)

    # ---- what does not lead on ----

    @precondition(_some_open)
    @rule(number=NUMBER, who=NUMBER, name=some.sampled_from(sorted(STEPS)))
    def anything(self, number: int, who: int, name: str) -> None:
        """Anybody tries anything, returns and refusals among it."""
        case = self._case(number)
        if case and name not in ("meeting_recognise", "meeting_refuse", "post_notice", "announce", "verify_removal"):
            self._take(name, case, one_of(self.everybody, who), main_risk=RiskCause.ILLNESS)

    @precondition(lambda self: Case.objects.filter(stage__in=(Stage.TOWN, Stage.DISTRICT)).exists())
    @rule(
        number=NUMBER,
        who=NUMBER,
        name=some.sampled_from(sorted(one for one in STEPS if "return" in one or "with" in one)),
    )
    def send_back(self, number: int, who: int, name: str) -> None:
        """The town or the district returns a case, the village takes it back."""
        case = self._case(number, stage__in=STEPS[name].sources)
        if case:
            self._take(name, case, one_of(self.desks[STEPS[name].desks[0]], who))

    @precondition(lambda self: Case.objects.filter(stage=Stage.MEETING).exists())
    @rule(number=NUMBER, who=NUMBER)
    def refuse_at_the_meeting(self, number: int, who: int) -> None:
        """The meeting does not agree."""
        self._meet(self._case(number, stage=Stage.MEETING), one_of(self.desks["village"], who), agreed=False)

    @precondition(_some_open)
    @rule(number=NUMBER, who=NUMBER)
    def click_twice_and_come_late(self, number: int, who: int) -> None:
        """One form is sent twice, then once more by a person who has seen an earlier version."""
        case = self._case(number, stage__in=(Stage.TOWN, Stage.SURVEY))
        if case is None:
            return
        name, desk = ("return_to_survey", "town") if case.stage == Stage.TOWN else ("close_watch", "village")
        by, key = one_of(self.desks[desk], who), str(uuid.uuid4())
        if self._take(name, case, by, idempotency_key=key):
            take(name, case=case, by=by, note=WORDS, idempotency_key=key)
            assert self._take(name, case, by) is None

    @precondition(lambda self: Case.objects.filter(stage=Stage.NOTICE).exists())
    @rule(number=NUMBER, who=NUMBER)
    def object_to_it(self, number: int, who: int) -> None:
        """Somebody objects while the notice hangs."""
        case, by = self._case(number, stage=Stage.NOTICE), one_of(self.everybody, who)
        notice, today = case.notices.latest("posted_at"), timezone.localdate()
        told = {"raised_on": today, "content": "他家在外面有生意", "raised_by": "邻居"}
        raised = lambda: objections.record_objection(notice=notice, case=case, by=by, **told)  # noqa: E731
        self.objected += self._try(raised, (case, "objection", by)) is not None

    @precondition(lambda self: Objection.objects.filter(upheld=None).exists())
    @rule(number=NUMBER, who=NUMBER, upheld=some.booleans())
    def settle_it(self, number: int, who: int, upheld: bool) -> None:
        """Somebody looks into an objection."""
        objection, by = one_of(Objection.objects.filter(upheld=None), number), one_of(self.everybody, who)
        case = objection.case
        hangs = case.stage == Stage.NOTICE and case.notices.latest("posted_at") == objection.notice
        step = "objection_dismissed" if not upheld else "uphold_objection" if hangs else "objection_upheld"
        told = {"finding": "已经核查，情况清楚", "reply": "已核查并答复。", "upheld": upheld}
        settled = lambda: objections.settle_objection(objection=objection, by=by, **told)  # noqa: E731
        self._try(settled, (case, step, by))

    @precondition(lambda self: self.households[2].cases.filter(stage__in=OPEN_STAGES).exists())
    @rule(who=NUMBER, moves=some.integers(min_value=0, max_value=3))
    def move_away(self, who: int, moves: int) -> None:
        """Now and then the neighbour's household is gone in mid-case, and somebody of the town ends that."""
        household = self.households[2]
        if moves == 0:
            Household.objects.filter(pk=household.pk).update(closed_on=timezone.localdate())
        case = self._case(who, household=household, stage__in=OPEN_STAGES)
        self._take("end_closed_household", case, one_of(self.desks["town"], who))

    # ---- after the register ----

    @precondition(lambda self: Case.objects.filter(stage=Stage.REGISTERED).exists())
    @rule(number=NUMBER, who=NUMBER, waited=some.booleans())
    def propose_its_end(self, number: int, who: int, waited: bool) -> None:
        """Begin a removal, half a year later or too soon, after a good visit by somebody."""
        case, by = self._case(number, stage=Stage.REGISTERED), one_of(self.desks["village"], who)
        if waited:
            Case.objects.filter(pk=case.pk).update(decided_on=timezone.localdate() - 200 * ONE_DAY)
        self._visit(case.household, by, well=True)
        self._try(lambda: removals.open_removal(designation=case, by=by), (None, "open_removal", by))

    @precondition(lambda self: Case.objects.filter(stage=Stage.REMOVED).exists())
    @rule(number=NUMBER, who=NUMBER)
    def bring_it_back(self, number: int, who: int) -> None:
        """回退."""
        case, by = self._case(number, stage=Stage.REMOVED), one_of(self.desks["district"], who)
        self._take("reinstate", case, by)

    @precondition(lambda self: not Case.objects.filter(kind=CaseKind.REGISTRATION).exists())
    @rule(number=NUMBER, who=NUMBER)
    def find_it_poor(self, number: int, who: int) -> None:
        """Begin 建档立卡, where the rule set has the path."""
        household, by = one_of(self.households, number), one_of(self.desks["village"], who)
        begun = lambda: registrations.open_registration(household=household, by=by, note=WORDS)  # noqa: E731
        self._try(begun, (None, "open_registration", by))

    @rule(number=NUMBER, who=NUMBER, level=some.integers(min_value=1, max_value=3))
    def regrade(self, number: int, who: int, level: int) -> None:
        """Propose a level for a household."""
        household, by = one_of(self.households, number), one_of(self.desks["village"], who)
        self._try(lambda: grading.propose(household=household, level=level, by=by, reason=WORDS))

    @precondition(lambda self: Grading.objects.exists())
    @rule(
        number=NUMBER,
        who=NUMBER,
        name=some.sampled_from(("agree", "file", "return_to_village", "withdraw", "take_back")),
    )
    def decide_the_level(self, number: int, who: int, name: str) -> None:
        """Somebody reviews, files or returns it."""
        graded, by = (
            one_of(Grading.objects.select_related("household", "village", "survey"), number),
            one_of(self.everybody, who),
        )
        self._try(lambda: grading.take(name, grading=graded, by=by, note=WORDS))

    # ---- what always holds ----

    @invariant()
    def nothing_is_lost_doubled_untraced_or_seen_by_others(self) -> None:
        """I1, I2, I3, I6 and I10."""
        if not hasattr(self, "people"):
            return
        holds.written_once(self.acknowledged, votes=self.votes, notices=self.posted, objected=self.objected)
        holds.traced()
        holds.standing_once()
        holds.walked(self.people)
        if self.looked_at != (rows := Case.objects.count()):  # only a new case changes what anybody sees
            holds.seen(self.everybody)
            self.looked_at = rows
