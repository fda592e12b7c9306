"""How relations to the head (与户主关系) read when somebody else becomes the head."""

from collections.abc import Iterable

from households import codes
from households.models import Member

OTHER = "其他"
CHILDREN = ("之子", "之女")
# (relation of the new head, relation of the person) -> the person's relation to the new head;
# a pair is for a man and for a woman.
BY_OWN_SEX = {
    (codes.SPOUSE, codes.HEAD): (codes.SPOUSE, codes.SPOUSE),
    ("之子", codes.HEAD): ("之父", "之母"),
    ("之女", codes.HEAD): ("之父", "之母"),
    ("之子", codes.SPOUSE): ("之父", "之母"),
    ("之女", codes.SPOUSE): ("之父", "之母"),
    ("之儿媳", codes.HEAD): ("之公公", "之婆婆"),
    ("之儿媳", codes.SPOUSE): ("之公公", "之婆婆"),
    ("之女婿", codes.HEAD): ("之岳父", "之岳母"),
    ("之女婿", codes.SPOUSE): ("之岳父", "之岳母"),
    ("之父", codes.HEAD): ("之子", "之女"),
    ("之母", codes.HEAD): ("之子", "之女"),
    ("之父", codes.SPOUSE): ("之女婿", "之儿媳"),
    ("之母", codes.SPOUSE): ("之女婿", "之儿媳"),
    ("之父", "之兄弟姐妹"): ("之子", "之女"),
    ("之母", "之兄弟姐妹"): ("之子", "之女"),
    ("之孙子", codes.HEAD): ("之祖父", "之祖母"),
    ("之孙女", codes.HEAD): ("之祖父", "之祖母"),
    ("之孙子", codes.SPOUSE): ("之祖父", "之祖母"),
    ("之孙女", codes.SPOUSE): ("之祖父", "之祖母"),
}
PLAIN = {
    ("之子", "之子"): "之兄弟姐妹",
    ("之子", "之女"): "之兄弟姐妹",
    ("之女", "之子"): "之兄弟姐妹",
    ("之女", "之女"): "之兄弟姐妹",
    ("之子", "之儿媳"): "之兄弟媳妇",
    ("之父", "之母"): codes.SPOUSE,
    ("之母", "之父"): codes.SPOUSE,
    ("之孙子", "之孙子"): "之兄弟姐妹",
    ("之孙子", "之孙女"): "之兄弟姐妹",
    ("之孙女", "之孙子"): "之兄弟姐妹",
    ("之孙女", "之孙女"): "之兄弟姐妹",
    ("之兄弟姐妹", codes.HEAD): "之兄弟姐妹",
    ("之兄弟姐妹", "之父"): "之父",
    ("之兄弟姐妹", "之母"): "之母",
}
# The generation of an only child follows without doubt; with several children it could be anybody's.
OF_AN_ONLY_CHILD = {
    ("之子", "之儿媳"): codes.SPOUSE,
    ("之子", "之孙子"): "之子",
    ("之子", "之孙女"): "之女",
    ("之女", "之女婿"): codes.SPOUSE,
    ("之女", "之外孙子"): "之子",
    ("之女", "之外孙女"): "之女",
    ("之儿媳", "之子"): codes.SPOUSE,
    ("之儿媳", "之孙子"): "之子",
    ("之儿媳", "之孙女"): "之女",
    ("之女婿", "之女"): codes.SPOUSE,
    ("之女婿", "之外孙子"): "之子",
    ("之女婿", "之外孙女"): "之女",
    ("之孙子", "之子"): "之父",
    ("之孙女", "之子"): "之父",
    ("之孙子", "之儿媳"): "之母",
    ("之孙女", "之儿媳"): "之母",
}
# The other side's parents become one's own, and one's own become in-laws, when husband and wife change places.
WIFE_TAKES_OVER = {"之父": "之公公", "之母": "之婆婆", "之岳父": "之父", "之岳母": "之母"}
HUSBAND_TAKES_OVER = {"之父": "之岳父", "之母": "之岳母", "之公公": "之父", "之婆婆": "之母"}
DESCENDANTS = (*CHILDREN, "之儿媳", "之女婿", "之孙子", "之孙女", "之外孙子", "之外孙女", "之曾孙子", "之曾孙女")


def relations_to(new_head: Member, members: Iterable[Member]) -> dict[Member, str]:
    """What each of the others is to the new head, as far as it follows; 其他 where somebody has to say it.

    The members carry their relation to the head until now. People correct what is proposed here.
    """
    family = list(members)
    only_child = sum(member.relation in CHILDREN for member in family) == 1
    return {member: _relation(new_head, member, only_child=only_child) for member in family if member.pk != new_head.pk}


def _relation(new_head: Member, member: Member, *, only_child: bool) -> str:
    pair = (new_head.relation, member.relation)
    if pair in BY_OWN_SEX:
        male, female = BY_OWN_SEX[pair]
        return female if member.sex == codes.Sex.FEMALE else male
    if only_child and pair in OF_AN_ONLY_CHILD:
        return OF_AN_ONLY_CHILD[pair]
    if new_head.relation == codes.SPOUSE:
        return _after_spouse(new_head, member)
    return PLAIN.get(pair, OTHER)


def _after_spouse(new_head: Member, member: Member) -> str:
    if member.relation in DESCENDANTS:
        return member.relation
    swap = WIFE_TAKES_OVER if new_head.sex == codes.Sex.FEMALE else HUSBAND_TAKES_OVER
    return swap.get(member.relation, OTHER)
