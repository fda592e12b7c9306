"""What a measure of the catalogue is: who gives it to whom, for which need, under which conditions, on which document."""

import datetime
from dataclasses import dataclass

from django.db.models import TextChoices


class Group(TextChoices):
    """The groups of the catalogue, in its order."""

    INDUSTRY = "industry", "产业"
    JOBS = "jobs", "就业"
    PUBLIC_POSTS = "public_posts", "公益岗位"
    CONSUMPTION = "consumption", "消费"
    FINANCE = "finance", "金融"
    EDUCATION = "education", "教育"
    HEALTH = "health", "健康"
    HOUSING = "housing", "住房"
    WATER = "water", "饮水"
    SAFETY_NET = "safety_net", "兜底"
    INSURANCE = "insurance", "防贫保险"
    SOCIETY = "society", "社会帮扶"
    AMBITION = "ambition", "扶志扶智"


# 开发式帮扶: what makes people earn; with labour in the house, 兜底 alone is not enough (001 二, 000 二).
DEVELOPING = (Group.INDUSTRY, Group.JOBS, Group.PUBLIC_POSTS, Group.CONSUMPTION, Group.FINANCE)


class GivenTo(TextChoices):
    """Whether it is given to the household as a whole or to one of its members."""

    HOUSEHOLD = "household", "按户"
    PERSON = "person", "按人"
    EITHER = "either", "按户或按人"


class Kind(TextChoices):
    """What makes a measure 已落实 on a day."""

    RUNNING = "running", "正在享受"
    LASTING = "lasting", "办成后一直有效"
    GRANT = "grant", "本年给付"


class LedgerColumn(TextChoices):
    """The ten policies of the ledger (document 002, attachment) in the order of its columns."""

    EDUCATION = "education", "教育扶贫政策"
    MEDICAL = "medical", "医疗保障扶贫政策"
    COMMERCIAL_MEDICAL = "commercial_medical", "医疗商业补充保险"
    FAMILY_DOCTOR = "family_doctor", "家庭医生签约服务"
    HOUSING = "housing", "危房改造"
    WATER = "water", "饮水安全"
    TEMPORARY_RELIEF = "temporary_relief", "临时救助"
    SOCIAL_RELIEF = "social_relief", "社会救助"
    DIBAO = "dibao", "低保"
    PUBLIC_POST = "public_post", "公益岗位"


# Ticked on the head's row only (户); the others on each person's own row (人).
HOUSEHOLD_COLUMNS = (
    LedgerColumn.FAMILY_DOCTOR,
    LedgerColumn.HOUSING,
    LedgerColumn.WATER,
    LedgerColumn.TEMPORARY_RELIEF,
    LedgerColumn.SOCIAL_RELIEF,
)


class Condition(TextChoices):
    """Conditions that the register itself can answer; what a person must be asked stands in ``asks``."""

    HAS_LABOUR = "has_labour", "家里有劳动力"
    UNSAFE_HOUSE = "unsafe_house", "住房不安全（C、D级或入户看到）"
    UNSAFE_WATER = "unsafe_water", "饮水不安全"
    HAS_LOAN = "has_loan", "有小额信贷在还"
    CAN_WORK = "can_work", "本人有劳动能力"
    SOME_LABOUR = "some_labour", "本人有劳动能力或部分劳动能力"
    NO_LABOUR_PERSON = "no_labour_person", "本人没有劳动能力"
    STUDENT = "student", "本人在校"
    PUPIL = "pupil", "本人在义务教育阶段上学"
    SCHOOL_AGE = "school_age", "本人在义务教育年龄（6至15岁）"
    GRADUATE = "graduate", "本人大专及以上毕业"
    ILL = "ill", "本人有大病或慢性病"
    DISABLED = "disabled", "本人有残疾证"
    SEVERELY_DISABLED = "severely_disabled", "本人重度残疾（一、二级）"
    ADULT = "adult", "本人满16岁、不在校"
    OLD_PERSON = "old_person", "家里有60岁以上的老人"


OF_THE_HOUSEHOLD = (
    Condition.HAS_LABOUR,
    Condition.UNSAFE_HOUSE,
    Condition.UNSAFE_WATER,
    Condition.HAS_LOAN,
    Condition.OLD_PERSON,
)


@dataclass(frozen=True)
class Source:
    """Where a measure stands: the document by its full title, and the article."""

    document: str
    article: str

    def __str__(self) -> str:
        return f"{self.document} {self.article}"


@dataclass(frozen=True)
class CatalogueMeasure:
    """One measure. Amounts are yuan, terms are months; None where no document and no district sets one.

    ``causes`` and ``guarantees`` are the needs that it answers; ``column`` the ledger column it ticks, "" for none;
    ``excludes`` the codes of measures that the same person cannot have beside it.
    """

    code: str
    name: str
    group: Group
    given_to: GivenTo
    kind: Kind
    column: str
    lead: str  # 牵头单位
    units: str  # 责任单位
    causes: tuple[str, ...]
    guarantees: tuple[str, ...]
    checks: tuple[Condition, ...]
    asks: tuple[str, ...]
    papers: tuple[str, ...]
    sources: tuple[Source, ...]
    excludes: tuple[str, ...] = ()
    amount_least: int | None = None
    amount_most: int | None = None
    months_least: int | None = None
    months_most: int | None = None
    has_term: bool = False
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    note: str = ""

    def offered_on(self, day: datetime.date) -> bool:
        """Whether it can be begun on the day."""
        return (self.starts_on or day) <= day <= (self.ends_on or day)
