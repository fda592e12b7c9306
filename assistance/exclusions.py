"""Measures that exclude each other: what a person has already, and the sentence for the one that is refused."""

from collections.abc import Collection, Iterator, Mapping

from django.core.exceptions import ValidationError

from assistance.catalogue import CatalogueMeasure
from assistance.conditions import Circumstances
from assistance.models import Delivery
from households import codes
from households.models import Member


def exclude_each_other(one: CatalogueMeasure, other: CatalogueMeasure) -> bool:
    """Whether the same person cannot have both; it is enough that one of them says so."""
    return other.code in one.excludes or one.code in other.excludes


def touches(one: Member | None, other: Member | None) -> bool:
    """Whether two measures are about the same person; one for the household is about everybody."""
    return one is None or other is None or one.pk == other.pk


def check_exclusive(
    measure: CatalogueMeasure, member: Member | None, known: Circumstances, measures: Mapping[str, CatalogueMeasure]
) -> None:
    """Raises ValidationError with who has what already, where the two exclude each other."""
    for other, holder in held(known, measures):
        if exclude_each_other(measure, other) and touches(member, holder):
            raise ValidationError(refusal(measure, other, member or holder))


def check_beside(
    measure: CatalogueMeasure, member: Member | None, known: Circumstances, measures: Mapping[str, CatalogueMeasure]
) -> None:
    """The same for who may not read the register: nobody is named."""
    for other, holder in held(known, measures):
        if exclude_each_other(measure, other) and touches(member, holder):
            raise ValidationError(f"已有{other.name}，{measure.name}和{other.name}不能同时享受。")


def has_rivals(measure: CatalogueMeasure, measures: Mapping[str, CatalogueMeasure]) -> bool:
    """Whether there is anything that the measure cannot stand beside."""
    return any(exclude_each_other(measure, other) for other in measures.values())


def refusal(measure: CatalogueMeasure, other: CatalogueMeasure, person: Member | None) -> str:
    """The sentence for a measure that is refused because of another."""
    who = person.name if person else "这一户"
    return f"{who}已有{other.name}，{measure.name}和{other.name}不能同时享受；要换的，先结束{other.name}。"


def clashes(known: Circumstances, measures: Mapping[str, CatalogueMeasure]) -> list[str]:
    """Sentences for measures in place or promised that exclude each other."""
    have = list(held(known, measures))
    found: dict[frozenset[str], str] = {}
    for place, (one, holder) in enumerate(have):
        for other, other_holder in have[place + 1 :]:
            if exclude_each_other(one, other) and touches(holder, other_holder):
                person = holder or other_holder
                key = frozenset((one.code, other.code, str(person.pk if person else "")))
                who = person.name if person else "这一户"
                found.setdefault(key, f"{who}同时有{one.name}和{other.name}，两项不能同时享受，请核对，停掉一项。")
    return list(found.values())


def held(
    known: Circumstances, measures: Mapping[str, CatalogueMeasure]
) -> Iterator[tuple[CatalogueMeasure, Member | None]]:
    """What is in place or promised, and for whom; 低保 and 特困 also where only the register says so."""
    standing = [*known.in_place(), *known.waiting()]
    for delivery in standing:
        if measure := measures.get(delivery.measure):
            yield measure, delivery.member
    for member in known.members:
        for code in stated(member, known.deliveries):
            yield measures[code], member


def stated(member: Member, deliveries: Collection[Delivery]) -> list[str]:
    """低保 and 特困 that the register says of a person, and of which no dated delivery of his speaks, be it over by now.

    As for the ledger's ticks: a promise says nothing yet, and what a department has ended is ended.
    """
    said = {"dibao": member.dibao != codes.Dibao.NONE, "tekun": member.tekun != codes.Tekun.NONE}
    spoken = {one.measure for one in deliveries if one.member_id == member.pk and one.begun_on}
    return [code for code, holds in said.items() if holds and code not in spoken]
