"""The saved views of the page of leads, each with what a row says of its household."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import User
from accounts.roles import OFFICE_ROLES, Role
from monitoring import near
from monitoring.case_querysets import live_cases
from monitoring.clues import clues
from monitoring.explanations import explain_each
from monitoring.leads_list import my_leads, open_leads, settled_leads
from monitoring.models import Assessment, Case
from monitoring.models.leads import LeadQuerySet
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.explain import Explanation


def _reasons(assessment: Assessment, explanation: Explanation) -> list[str]:
    return [reason.what for reason in explanation.reasons]


def _missing(assessment: Assessment, explanation: Explanation) -> list[str]:
    return near.missing(explanation)


def _distances(assessment: Assessment, explanation: Explanation) -> list[str]:
    """How far from each line; where the rule set itself says 临界, its own words."""
    return near.distances(assessment, explanation) or [explanation.sentence]


def _met_again(assessment: Assessment, explanation: Explanation) -> list[str]:
    """What the flag rests on."""
    rules = [flag.rule for flag in explanation.policy.ruleset.flags if flag.code == near.ELIM_REVIEW]
    return [reason.what for reason in explanation.reasons if reason.code in rules]


@dataclass(frozen=True)
class ClueView:
    """One view: whom it lists, what the column beside them is called and says, and the sentence when it is empty."""

    name: str
    label: str
    find: Callable[[User], AssessmentQuerySet] | None
    heading: str
    words: Callable[[Assessment, Explanation], list[str]]
    empty: str
    offices_only: bool = False
    leads: Callable[[User], LeadQuerySet] | None = None  # the stored leads before them, in a view of leads
    settled: bool = False  # of what is done with

    @property
    def lists_leads(self) -> bool:
        """Whether stored leads stand in it."""
        return self.leads is not None


@dataclass(frozen=True)
class ClueRow:
    """A household of a view; ``case`` where it has a live one."""

    clue: Assessment
    explanation: Explanation
    words: list[str]
    case: Case | None


ALL = ClueView(
    "",
    "线索",
    clues,
    "原因",
    _reasons,
    "没有等着处理的线索。农户申报、干部走访、部门预警登记以后，或者系统研判有提示，会列在这里。",
    leads=open_leads,
)
VIEWS = (
    ALL,
    ClueView("mine", "分给我的", None, "原因", _reasons, "没有分给您、还没核实的线索。", leads=my_leads),
    ClueView("done", "已办结", None, "结果", _reasons, "还没有办结的线索。", leads=settled_leads, settled=True),
    ClueView(
        "near",
        "距线 10% 以内",
        near.within_a_tenth,
        "离线多远",
        _distances,
        "没有距线 10% 以内的户。不够监测对象条件、离线不远的户会出现在这里。",
    ),
    ClueView(
        "one",
        "只差一项",
        near.lacking_one,
        "差哪一项",
        _missing,
        "没有只差一项的户。差一个条件就够监测对象的户会出现在这里。",
    ),
    ClueView(
        "over",
        "建议复核风险消除",
        near.elimination_reviews,
        "为什么建议复核",
        _met_again,
        "没有建议复核风险消除的户。只是提示，在册户不会因为研判移出。",
        offices_only=True,
    ),
)


def views_for(user: User) -> list[ClueView]:
    """The views that somebody finds."""
    in_office = user.holds(*OFFICE_ROLES, Role.INSPECTOR)
    return [view for view in VIEWS if in_office or not view.offices_only]


def chosen(name: str, user: User) -> ClueView:
    """The view of this name; all clues where there is none for him."""
    return next((view for view in views_for(user) if view.name == name), ALL)


def rows_of(view: ClueView, found: Iterable[Assessment], user: User) -> list[ClueRow]:
    """The rows of a page, with their live cases."""
    listed = list(found)
    households = [one.household_id for one in listed]
    cases = live_cases(Case.objects.visible_to(user), households)
    return [
        ClueRow(clue, explanation, view.words(clue, explanation), cases.get(clue.household_id))
        for clue, explanation in explain_each(listed, user)
    ]
