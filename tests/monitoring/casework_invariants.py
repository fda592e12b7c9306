"""What must hold of all cases at any moment, whoever did what in which order; asked of the rows, not of the product's rules."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Count

from accounts.models import AuditEvent, Region, User
from accounts.roles import Role
from households.models import Household, Survey
from monitoring.models import (
    Assessment,
    Ballot,
    Case,
    CaseEvent,
    Grade,
    GradingEvent,
    Notice,
    Objection,
    Stage,
)
from tests.monitoring.expected_steps import DISTRICT, STEPS, TOWN, VILLAGE, Path, act_of

SEE_NOBODY = (Role.SYSTEM_ADMIN, Role.DEPARTMENT_CLERK)
OVER = (Stage.REFUSED, Stage.CLOSED, Stage.REMOVED, Stage.DONE)


def written_once(acknowledged: Iterable[tuple], *, votes: int, notices: int, objected: int) -> None:
    """I1: what was answered with success stands there exactly once, and nothing else does."""
    rows = CaseEvent.objects.values_list("case_id", "step", "by_id")
    assert Counter(rows) == Counter(acknowledged)
    assert (Ballot.objects.count(), Notice.objects.count(), Objection.objects.count()) == (votes, notices, objected)


def traced() -> None:
    """I2: each row of a record has its row of the trace, and the trace has no other."""
    events = Counter(
        (f"case.{step}", f"monitoring.case:{pk}") for step, pk in CaseEvent.objects.values_list("step", "case")
    )
    graded = Counter(f"grading.{step}" for step in GradingEvent.objects.values_list("step", flat=True))
    trace = AuditEvent.objects.all()
    assert Counter(trace.filter(action__startswith="case.").values_list("action", "target")) == events
    assert Counter(trace.filter(action__startswith="grading.").values_list("action", flat=True)) == graded
    for action, rows in (("notice.post", Notice), ("objection.record", Objection)):
        assert trace.filter(action=action).count() == rows.objects.count()


def standing_once() -> None:
    """I3: a household has one conclusion in force, one grade, and one live case of a kind."""
    live = Case.objects.exclude(stage__in=OVER).values("household", "kind")
    for rows in (
        Assessment.objects.filter(replaced_on=None).values("household"),
        Grade.objects.filter(replaced_on=None).values("household"),
        live,
    ):
        assert not rows.order_by().annotate(n=Count("pk")).filter(n__gt=1).exists()


def walked(people: dict[int, str]) -> None:
    """I6: each case stands where its record leads, step by step, and the steps that decide were other people's.

    ``people`` says of each account whose it is.
    """
    for case in Case.objects.select_related("household").prefetch_related("events"):
        _walked(case, people)


def _walked(case: Case, people: dict[int, str]) -> None:
    path, decided = Path(case.ruleset, case.kind), False
    stage, acted = path.stages[0], {VILLAGE: set(), TOWN: set(), DISTRICT: set()}
    for event in sorted(case.events.all(), key=lambda event: event.at):
        who = {people[key] for key in (event.by_id, event.on_behalf_of_id) if key}
        step = STEPS.get(event.step)
        if step:
            assert stage in step.sources, (event.step, stage)
            assert path.has(event.step), event.step
            if own := step.apart_from_all_but:
                others = set().union(*(found for desk, found in acted.items() if desk != own)) | _visitors(
                    case, event, people
                )
                assert not who & others, (event.step, who)
            stage = path.after(event.step, stage)
            decided = (decided or event.step in ("endorse", "acknowledge")) and not event.step.startswith("return_")
        elif event.step == "removed":
            stage = "removed"
        if desk := act_of(event.step):
            acted[desk] |= who
    assert stage == case.stage
    if case.stage in (Stage.REGISTERED, Stage.REMOVED, Stage.DONE):
        assert decided
        assert case.survey_id
        assert acted[VILLAGE] and acted[TOWN] and acted[DISTRICT]
        assert case.ballots.filter(recognised=True).exists() == ("meeting" in path.stages)
        assert case.notices.exclude(kind="result").exists() == ("notice" in path.stages)


def _visitors(case: Case, event: CaseEvent, people: dict[int, str]) -> set[str]:
    """Who entered a survey of this case by then."""
    surveys = Survey.objects.filter(
        household=case.household, submitted_at__gte=case.opened_at, submitted_at__lte=event.at
    )
    return {people[key] for pair in surveys.values_list("entered_by", "on_behalf_of") for key in pair if key}


def seen(users: Iterable[User]) -> None:
    """I10: everybody sees the households and cases of his regions, and no others."""
    villages = dict(Region.objects.values_list("pk", "path"))
    households = dict(Household.objects.values_list("pk", "village"))
    cases = dict(Case.objects.values_list("pk", "village"))
    for user in users:
        postings = user.postings.exclude(role__in=SEE_NOBODY).select_related("region")
        mine = [posting.region.path for posting in postings]
        for rows, model in ((households, Household), (cases, Case)):
            wanted = {pk for pk, village in rows.items() if any(villages[village].startswith(path) for path in mine)}
            assert set(model.objects.visible_to(user).values_list("pk", flat=True)) == wanted
