"""What a digest says of its households: what was, what is, and what made the difference, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Case, IntegerField, QuerySet, Value, When

from accounts.models import User
from monitoring.clues import asking, taken_up, urgency
from monitoring.explanations import explain_each
from monitoring.models import Assessment, ClueDigest, DigestEntry, Outcome
from monitoring.policy.explain import Audience, Explanation
from monitoring.policy.rules import RULES

INCOMES = {"net": ("net_income", "人均纯收入"), "disposable": ("disposable_income", "人均可支配收入")}
TO_DO, WITHOUT_LINE, THE_REST, ON_REGISTER = 1, 2, 3, 4
SECTIONS = {
    TO_DO: "要关注的",
    WITHOUT_LINE: "等区里设线的（照常走访）",
    THE_REST: "不用再关注的",
    ON_REGISTER: "在办、在册户的提示有变化（不移出）",
}
OF_THE_DATA = (Outcome.INCOMPLETE, Outcome.NA)


@dataclass(frozen=True)
class Change:
    """A household of a digest with what the rules said before and say now, as its reader may see it."""

    entry: DigestEntry
    now: Explanation
    before: Explanation | None

    @property
    def section(self) -> int:
        """Where it stands on the page."""
        return self.entry.section  # type: ignore[attr-defined]  # annotated by entries_of

    @property
    def heading(self) -> str:
        """What the section is called."""
        return SECTIONS[self.section]

    @property
    def changed_again(self) -> bool:
        """Whether a later visit or screening has replaced what is said here."""
        return self.entry.now.replaced_on is not None

    @property
    def words(self) -> str:
        """From what to what, and why: 人均纯收入 5,120 元 → 4,890 元，低于参考线 5,000 元；由“不纳入”变为“补核风险”。"""
        parts = [_ruleset(self.before, self.now), _income(self.before, self.now), _line(self.before, self.now)]
        parts += [_rules(self.before, self.now), _flags(self.before, self.now), _class(self.before, self.now)]
        return "；".join(part for part in parts if part) + "。"


def entries_of(digest: ClueDigest) -> QuerySet[DigestEntry]:
    """The households of a digest: what asks for something, what waits for a line, what asks no longer, what is taken up."""
    section = Case(
        When(taken_up(), then=Value(ON_REGISTER)),
        When(asking("now__"), then=Value(TO_DO)),
        When(now__outcome=Outcome.NO_LINE, then=Value(WITHOUT_LINE)),
        default=Value(THE_REST),
        output_field=IntegerField(),
    )
    return (
        DigestEntry.objects.filter(digest=digest)
        .living_there()
        .select_related("household", "now__village", "now__facts__survey", "before__village", "before__facts__survey")
        .annotate(section=section, urgency=urgency("now__"))
        .order_by("section", "urgency", "household__group_no", "household__number")
    )


def changes(entries: Iterable[DigestEntry], user: User) -> list[Change]:
    """The households of a page with their explanations; the policy is asked for once for each district and day."""
    listed = list(entries)
    said: list[Assessment] = [entry.now for entry in listed]
    said += [entry.before for entry in listed if entry.before]
    explained = {assessment.pk: explanation for assessment, explanation in explain_each(said, user)}
    return [
        Change(entry, explained[entry.now_id], explained[entry.before_id] if entry.before_id else None)
        for entry in listed
    ]


def _ruleset(before: Explanation | None, now: Explanation) -> str:
    if before is None or before.policy.ruleset.code == now.policy.ruleset.code:
        return ""
    return f"规则集由{before.policy.ruleset.title}换为{now.policy.ruleset.title}"


def _income(before: Explanation | None, now: Explanation) -> str:
    """Income per head then and now, beside the line where the reader may see it."""
    name, label = INCOMES[now.policy.ruleset.income.basis]
    mine = _per_head(now, name)
    if mine is None:
        return "收入没有问全" if now.figures.persons else "家里没有共同生活的人"
    was = _per_head(before, name) if before else None
    amounts = f"{label} {_yuan(now, name)} 元"
    if was is not None and before is not None and was != mine:
        amounts = f"{label} {_yuan(before, name)} 元 → {_yuan(now, name)} 元"
    line = now.policy.line(now.figures.household_type)
    if line is None or not _shows_line(now):
        return amounts
    return f"{amounts}，{'低于' if mine < line else '不低于'}{now.figures.line_name} {now.figures.line_words} 元"


def _line(before: Explanation | None, now: Explanation) -> str:
    """Whether it was the line that moved; the line of another rule set is another line."""
    if before is None or not _shows_line(now) or not _shows_line(before) or _ruleset(before, now):
        return ""
    was, line = (one.figures.line_words for one in (before, now))
    if was == line or now.policy.line(now.figures.household_type) is None:
        return ""
    if before.policy.line(before.figures.household_type) is None:
        return f"{now.figures.line_name}定为 {line} 元"
    return f"{now.figures.line_name}由 {was} 元改为 {line} 元"


def _rules(before: Explanation | None, now: Explanation) -> str:
    """What else is met now and was not, or the other way round."""
    if before is None or before.policy.ruleset.code != now.policy.ruleset.code:
        return ""
    met, was_met = _met(now), _met(before)
    new = "、".join(title for code, title in met.items() if code not in was_met)
    gone = "、".join(title for code, title in was_met.items() if code not in met)
    return "，".join([*([f"新触发：{new}"] if new else []), *([f"不再触发：{gone}"] if gone else [])])


def _flags(before: Explanation | None, now: Explanation) -> str:
    old = dict(before.flags) if before else {}
    return "、".join(label for code, label in now.flags if code not in old)


def _class(before: Explanation | None, now: Explanation) -> str:
    """From what to what; a change that only the data made is called one."""
    if before is None:
        return f"第一次研判：“{now.title}”"
    if before.title == now.title:
        return f"还是“{now.title}”"
    move = f"由“{before.title}”变为“{now.title}”"
    if now.outcome in OF_THE_DATA:
        return f"{move}，是资料变了，不等于家里情况变了"
    if before.outcome in OF_THE_DATA:
        return f"资料补齐以后，{move}"
    return move


def _met(explanation: Explanation) -> dict[str, str]:
    """The rules met that do not compare income per head, which is said already."""
    return {one.code: one.title for one in explanation.reasons if "people" not in RULES[one.code].facts}


def _per_head(explanation: Explanation, name: str) -> Fraction | None:
    total, persons = explanation.figures.income(name), explanation.figures.persons
    return None if total is None or not persons else Fraction(total, persons)


def _yuan(explanation: Explanation, name: str) -> str:
    amount = explanation.figures.disposable if name == "disposable_income" else explanation.figures.per_capita
    return amount.removesuffix(".00")


def _shows_line(explanation: Explanation) -> bool:
    return explanation.audience == Audience.OFFICE or explanation.figures.line_is_open
