"""缺什么补什么 (001 四): what a household needs, what is there for it, what is promised, and what could be begun."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices

from assistance.catalogue import DEVELOPING, CatalogueMeasure, Condition, GivenTo, Group, Kind
from assistance.conditions import Answer, Checked, Circumstances, answer, check, circumstances_of, verdict
from assistance.exclusions import clashes, stated
from assistance.limits import months_after
from assistance.measures import Known
from assistance.models import Delivery, Helper
from households.codes import GUARANTEE_BITS, RISK_BITS, Guarantee, RiskCause
from households.models import Household, Member
from monitoring.models import Case

# 文件未规定，参数: a risk is to have a measure within a month; what ended within a year is worth a question.
MONTHS_TO_BEGIN = 1
MONTHS_OF_ENDED = 12


FOR_EVERYBODY = (Group.SOCIETY, Group.AMBITION)
BEST_FIRST = {Answer.MET: 0, Answer.ASK: 1, Answer.NOT_MET: 2}


class State(TextChoices):
    """How far the answer to a need is."""

    IN_PLACE = "in_place", "已落实"
    PROMISED = "promised", "已承诺"
    NONE = "none", "还没有措施"


@dataclass(frozen=True)
class Given:
    """A measure that answers a need, in place or promised, and for whom; ``delivery`` None: only the register says so."""

    code: str
    name: str
    member: Member | None
    delivery: Delivery | None


class CautionKind(TextChoices):
    """What somebody should look at."""

    LATE = "late", "超过一个月没有落实"
    SAFETY_NET = "safety_net", "有劳动力只有兜底"
    ENDED = "ended", "措施结束或到期"
    CLASH = "clash", "不能同时享受"
    NO_HELPER = "no_helper", "没有联系人"


@dataclass(frozen=True)
class Caution:
    """One thing to look at, in a sentence."""

    kind: CautionKind
    words: str


@dataclass(frozen=True)
class ForWhom:
    """Whether a measure could be given to the household (``member`` None) or to one member."""

    member: Member | None
    checked: list[Checked]

    @property
    def answer(self) -> Answer:
        """Met, not met, or to be asked."""
        return verdict(self.checked)

    @property
    def unmet(self) -> str:
        """The conditions that do not hold, in words."""
        return "、".join(one.condition.label for one in self.checked if one.answer == Answer.NOT_MET)


@dataclass(frozen=True)
class Candidate:
    """A measure that could answer a need, with its conditions checked for everybody whom it could be given to."""

    measure: CatalogueMeasure
    people: list[ForWhom]

    @property
    def open_to(self) -> list[ForWhom]:
        """Whom the conditions do not rule out: those who meet all of them first."""
        return sorted(
            (one for one in self.people if one.answer != Answer.NOT_MET), key=lambda one: one.answer != Answer.MET
        )

    @property
    def ruled_out(self) -> list[ForWhom]:
        """Who does not meet a condition."""
        return [one for one in self.people if one.answer == Answer.NOT_MET]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Who meets what, those with the same answers in one line; what has no conditions says nothing."""
        return _grouped(self.open_to, lambda one: "；".join(check.words for check in one.checked))

    @property
    def told_out(self) -> list[tuple[str, str]]:
        """Who is ruled out, and by which conditions."""
        return _grouped(self.ruled_out, lambda one: one.unmet)

    @property
    def answer(self) -> Answer:
        """The best answer of all."""
        return self.open_to[0].answer if self.open_to else Answer.NOT_MET


@dataclass(frozen=True)
class Need:
    """One risk cause or unsolved guarantee, with what answers it."""

    code: str  # a value of RiskCause or Guarantee
    is_guarantee: bool
    in_place: list[Given]
    promised: list[Given]
    days: int | None  # since the designation, or since help began before it
    since_words: str = "认定"

    @property
    def label(self) -> str:
        """What it is called."""
        return Guarantee(self.code).label if self.is_guarantee else RiskCause(self.code).label

    @property
    def key(self) -> str:
        """How a plan's item names it; 因学 and 义务教育 share a code."""
        return f"guarantee:{self.code}" if self.is_guarantee else self.code

    @property
    def state(self) -> State:
        """In place, only promised, or nothing."""
        return State.IN_PLACE if self.in_place else State.PROMISED if self.promised else State.NONE

    @property
    def in_place_words(self) -> str:
        """What is in place, each measure once, with whom it is for."""
        return _in_words(self.in_place)

    @property
    def promised_words(self) -> str:
        """What is only promised, in the same words."""
        return _in_words(self.promised)

    def answered_by(self, measure: CatalogueMeasure) -> bool:
        """Whether the catalogue says that the measure is for this need."""
        return self.code in (measure.guarantees if self.is_guarantee else measure.causes)


@dataclass
class Gaps:
    """The needs of a designated household, and what somebody should look at."""

    case: Case
    known: Circumstances
    measures: Mapping[str, CatalogueMeasure]
    offered: list[CatalogueMeasure]
    has_helper: bool
    needs: list[Need] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    @property
    def since(self) -> datetime.date | None:
        """Since when the household is to be helped: its designation, or the day of 先行帮扶."""
        return self.case.decided_on or self.case.urgent_on

    @property
    def since_words(self) -> str:
        """What was done on that day."""
        return "认定" if self.case.decided_on else "先行帮扶"

    @property
    def in_place(self) -> list[Given]:
        """Deliveries in place, and 低保 and 特困 that only the register tells. Being insured is no aid: everybody is."""
        told = [_given(one) for one in self.known.in_place()]
        for member in self.known.members:
            codes_stated = stated(member, self.known.deliveries)
            told += [Given(code, self.measures[code].name, member, None) for code in codes_stated]
        return told

    @property
    def open_needs(self) -> list[Need]:
        """Needs for which nothing is in place nor promised."""
        return [need for need in self.needs if need.state == State.NONE]

    def candidates(self, need: Need) -> list[Candidate]:
        """What could be begun for the need: first what is open to somebody, then what only questions stand before."""
        found = [_candidate(measure, self.known) for measure in self.offered if need.answered_by(measure)]
        return sorted((one for one in found if one.people), key=_rank)


def _grouped(people: Iterable[ForWhom], words_of: Callable[[ForWhom], str]) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for one in people:
        if words := words_of(one):
            found.setdefault(words, []).append(one.member.name if one.member else "全户")
    return [("、".join(names), words) for words, names in found.items()]


def _in_words(given: Iterable[Given]) -> str:
    """低保（罗彩莲、林琴，按名册）、危房改造."""
    named: dict[tuple[str, bool], list[str]] = {}
    for one in given:
        named.setdefault((one.name, one.delivery is None), []).extend([one.member.name] if one.member else [])
    words = []
    for (name, by_the_register), people in named.items():
        beside = "，".join(filter(None, ["、".join(people), "按名册" if by_the_register else ""]))
        words.append(f"{name}（{beside}）" if beside else name)
    return "、".join(words)


def _rank(candidate: Candidate) -> tuple[int, bool, int]:
    """What meets its conditions first; what is for every need (结对, 典型) after what is for this one; few questions first."""
    measure = candidate.measure
    return BEST_FIRST[candidate.answer], measure.group in FOR_EVERYBODY, len(measure.asks)


def need_label(key: str) -> str:
    """The words of a need's key; of one that is not known any more the key itself."""
    kind, _, code = key.rpartition(":")
    codes: type[Guarantee] | type[RiskCause] = Guarantee if kind else RiskCause
    return str(codes(code).label) if code in codes.values else key


def case_of(household: Household) -> Case | None:
    """The live case for which the household is helped; its designation before any other."""
    return Case.objects.designations().live().filter(household=household).select_related("village").first()


def gaps_of(cases: Iterable[Case], day: datetime.date) -> dict[uuid.UUID, Gaps]:
    """Of these cases, by household; the number of queries does not grow with them."""
    listed = list(cases)
    circumstances = circumstances_of((case.household for case in listed), day)
    known = Known({case.village for case in listed}, day)
    helped = set(
        Helper.objects.in_force(day).filter(household__in=circumstances).order_by().values_list("household", flat=True)
    )
    found = {}
    for case in listed:
        here, measures = circumstances[case.household_id], known.at(case.village)
        gaps = Gaps(case, here, measures, known.offered(case.village), case.household_id in helped)
        gaps.needs = [_need(code, is_guarantee, gaps) for code, is_guarantee in _needed(case, here)]
        gaps.cautions = list(_cautions(gaps))
        found[case.household_id] = gaps
    return found


def _needed(case: Case, known: Circumstances) -> Iterator[tuple[str, bool]]:
    """The main risk first, then the causes of the newest visit (of the case while nobody has visited), then guarantees."""
    facts = known.facts
    causes = [one for one in RiskCause if facts.risk_bits & RISK_BITS[one]] if facts else case.risk_causes
    for cause in dict.fromkeys([case.main_risk, *causes]):
        if cause in RiskCause.values:
            yield str(cause), False
    for guarantee in Guarantee if facts else ():
        if facts is not None and facts.guarantee_bits & GUARANTEE_BITS[guarantee]:
            yield str(guarantee), True


def _need(code: str, is_guarantee: bool, gaps: Gaps) -> Need:
    need = Need(code, is_guarantee, [], [], (gaps.known.on - gaps.since).days if gaps.since else None, gaps.since_words)
    in_place, promised = gaps.in_place, [_given(one) for one in gaps.known.waiting()]
    for found, kept in ((in_place, need.in_place), (promised, need.promised)):
        kept.extend(one for one in found if one.code in gaps.measures and need.answered_by(gaps.measures[one.code]))
    return need


def _given(delivery: Delivery) -> Given:
    return Given(delivery.measure, delivery.name, delivery.member, delivery)


def _candidate(measure: CatalogueMeasure, known: Circumstances) -> Candidate:
    """For the household, or for each member; who has it already, or is promised it, is left out."""
    standing = [one for one in (*known.in_place(), *known.waiting()) if one.measure == measure.code]
    have = {one.member_id for one in standing}
    people: list[Member | None] = [] if measure.given_to == GivenTo.PERSON else [None]
    if measure.given_to != GivenTo.HOUSEHOLD:
        people += [member for member in known.members if measure.code not in stated(member, known.deliveries)]
    open_to = [person for person in people if (person.pk if person else None) not in have]
    return Candidate(measure, [ForWhom(person, check(measure, known, person)) for person in open_to])


# ---- what somebody should look at ----


def _cautions(gaps: Gaps) -> Iterator[Caution]:
    yield from (Caution(CautionKind.LATE, words) for words in _late(gaps))
    yield from (Caution(CautionKind.SAFETY_NET, words) for words in _only_the_safety_net(gaps))
    yield from (Caution(CautionKind.ENDED, words) for words in _ended(gaps))
    yield from (Caution(CautionKind.CLASH, words) for words in clashes(gaps.known, gaps.measures))
    if not gaps.has_helper:
        yield Caution(CautionKind.NO_HELPER, "还没有帮扶联系人，请定一位。")


def _late(gaps: Gaps) -> Iterator[str]:
    if gaps.since is None or gaps.known.on < months_after(gaps.since, MONTHS_TO_BEGIN):
        return
    for need in gaps.needs:
        if need.state != State.IN_PLACE:
            words = "只有承诺，还没有一项落实" if need.state == State.PROMISED else "还没有措施"
            yield f"{gaps.since:%Y-%m-%d} {gaps.since_words}，已经 {need.days} 天，{need.label}{words}。"


def _only_the_safety_net(gaps: Gaps) -> Iterator[str]:
    if answer(Condition.HAS_LABOUR, gaps.known) != Answer.MET:
        return
    given = [*gaps.in_place, *(_given(one) for one in gaps.known.waiting())]
    groups = {gaps.measures[one.code].group for one in given if one.code in gaps.measures}
    if Group.SAFETY_NET in groups and not groups.intersection(DEVELOPING):
        able = "、".join(member.name for member in gaps.known.able)
        yield f"家里有劳动力（{able}），却只有兜底保障，没有产业、就业这样的开发式帮扶。"


def _ended(gaps: Gaps) -> Iterator[str]:
    """Benefits that ended, or whose term has passed, and that nothing of the same kind follows."""
    today, standing = gaps.known.on, [*gaps.known.in_place(), *gaps.known.waiting()]
    running = {(one.measure, one.member_id) for one in standing}
    first = months_after(today, -MONTHS_OF_ENDED)
    for one in gaps.known.of_those_here():
        who = f"{one.member.name}的" if one.member else ""
        if _is_over(one, first, today) and (one.measure, one.member_id) not in running:
            yield f"{who}{one.name} {one.ended_on} 已经结束，请看还要不要。"
        elif one.runs_until and one.runs_until < today and one.ended_on is None and one.begun_on:
            yield f"{who}{one.name}的期限 {one.runs_until} 已经到了，请登记结束或者续期。"


def _is_over(delivery: Delivery, first: datetime.date, today: datetime.date) -> bool:
    ended = delivery.ended_on
    return delivery.kind == Kind.RUNNING and ended is not None and first <= ended < today
