"""What must be seen of each told household of the demonstration, written down by hand; days are days before today."""

from dataclasses import dataclass, field

from tests.assistance.plain_reading import IN_PLACE, WITHOUT_MEASURE


@dataclass(frozen=True)
class Story:
    """One household: how far its case is, and everything that assistance shows of it."""

    stage: str
    needs: dict[str, str] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    safety_net_since: int | None = None  # 有劳动力只有兜底 rests on a grant of this day
    plan: tuple[int, str, tuple[str, ...]] | None = None  # number, stage, measures
    measures: dict[str, str] = field(default_factory=dict)  # measure and whose it is: how far
    ledger: dict[str, str] = field(
        default_factory=dict
    )  # by relation the columns ticked today; nobody: not on the ledger
    tasks: dict[str, str] = field(default_factory=dict)
    visit: tuple[int, int] | None = None  # when somebody was there, and how many months later he must be there again
    helper: str = ""
    incomes: tuple[tuple[int, int], ...] = ()  # visits: how long ago, and yuan a head
    marks: tuple[str, ...] = ()


INSURED = {"户主": "I", "配偶": "I", "之女": "I", "之子": "I"}
SUBSIDY = "insurance_subsidy"

STORIES = {
    # A house that came down; nobody has taken the household up yet.
    "唐金生": Story(
        stage="",
        measures={"disaster_relief": "in_place", "housing": "in_hand"},
        tasks={"unsafe_house": "open"},
        incomes=((374, 10_250), (6, 8_200)),
    ),
    # A child that does not go to school: talked to, and nothing else.
    "孟庆海": Story(
        stage="watch", tasks={"dropout": "open", "no_doctor": "open"}, visit=(1, 1), incomes=((372, 9_500), (4, 7_600))
    ),
    # Ill, and paid by the department's list before the town has recognised him.
    "王大海": Story(
        stage="town", measures={"medical_aid 户主": "in_place"}, visit=(2, 1), incomes=((384, 5_295), (16, 4_236))
    ),
    # 先行帮扶: money at once, a plan before the town, no measure for the risk itself.
    "彭大军": Story(
        stage="meeting",
        needs={"因产业失败": WITHOUT_MEASURE},
        safety_net_since=4,
        plan=(1, "proposed", ("industry", "local_job")),
        measures={"temporary_relief": "in_place"},
        visit=(4, 1),
        helper="周建设",
        incomes=((377, 6_437), (9, -3_350)),
    ),
    # Nothing but 兜底 though the head can work; a list has ended his 低保, and of his son's only the register knows; not visited;
    # the plan came back.
    "马守田": Story(
        stage="registered",
        needs={"因残": IN_PLACE},
        cautions=("safety_net", "ended"),
        plan=(1, "returned", ("family_doctor", "pension_paid")),
        measures={
            "dibao 户主": "ended", "dibao 配偶": "in_place", "dibao 之女": "in_place",
            "disability_subsidy 配偶": "in_place",
            **{f"{SUBSIDY} {relation}": "in_place" for relation in INSURED},
        },
        ledger={"户主": "I", "配偶": "IP", "之女": "IP", "之子": "IP"},
        tasks={"no_doctor": "late"},
        visit=(45, 1),
        helper="周建设",
        incomes=((413, 5_875), (45, 4_700)),
    ),
    # No labour: everything in place, the house built again, a contract and an insurance that run out, the second plan.
    "周德福": Story(
        stage="registered",
        needs={"缺劳动力": IN_PLACE},
        cautions=("ended",),
        plan=(2, "confirmed", ("care_visits", "volunteers")),
        measures={
            "dibao 户主": "in_place", "dibao 配偶": "in_place", "dibao 之母": "in_place",
            f"{SUBSIDY} 户主": "in_place", f"{SUBSIDY} 配偶": "in_place", f"{SUBSIDY} 之母": "in_place",
            "family_doctor": "in_place", "collective_share": "in_place", "enterprise_support 户主": "in_place",
            "commercial_medical 之母": "in_place", "housing": "in_place", "temporary_relief": "in_place",
            "care_visits 之母": "in_hand", "volunteers": "promised", "social_relief": "dropped",
        },
        ledger={"户主": "IKLP", "配偶": "IP", "之母": "IJP"},
        tasks={"unsafe_house": "closed"},
        visit=(8, 1),
        helper="秦朗",
        incomes=((790, 3_960), (388, 4_320), (200, 4_410), (20, 4_870)),
    ),
    # Sent back to be surveyed again; an allowance of years ago goes on.
    "田守义": Story(
        stage="survey",
        measures={"disability_subsidy 之女": "in_place"},
        visit=(3, 1),
        incomes=((390, 5_768), (22, 4_615)),
    ),
    # On the notice; a loan that is due.
    "赵广平": Story(
        stage="notice", measures={"small_loan": "in_place"}, visit=(6, 1), incomes=((376, 5_975), (8, 4_780))
    ),
    # A month after the designation: in place, in hand, promised and late; and one risk without any measure.
    "孙立柱": Story(
        stage="registered",
        needs={"因病": IN_PLACE, "因学": WITHOUT_MEASURE},
        cautions=("late",),
        plan=(1, "confirmed", ("medical_aid", "public_post", "commercial_medical")),
        measures={
            "medical 户主": "in_place", "family_doctor": "in_place", "public_post 配偶": "in_place",
            "medical_aid 户主": "in_hand", "commercial_medical 配偶": "promised",
            f"{SUBSIDY} 户主": "in_place", f"{SUBSIDY} 配偶": "in_place", f"{SUBSIDY} 之女": "in_place",
        },
        ledger={"户主": "IK", "配偶": "IQ", "之女": "I"},
        tasks={"no_doctor": "closed"},
        visit=(12, 1),
        helper="赵卫东",
        incomes=((418, 5_150), (50, 4_120)),
        marks=("认定",),
    ),
    # Refused: what he was given a year ago is over, and nobody visits him.
    "郭立春": Story(
        stage="refused", measures={"temporary_relief": "in_place"}, incomes=((396, 11_625), (28, 9_300))
    ),
    # The risk is over: three years of income over the line, with what brought it about; seen again in half a year.
    "秦守业": Story(
        stage="removed",
        plan=(1, "confirmed", ("labour_service", "skill_training", "small_loan")),
        measures={
            "medical 户主": "in_place", "family_doctor": "in_place", "labour_service 户主": "in_place",
            "skill_training 配偶": "in_place", "small_loan": "ended",
        },
        visit=(20, 6),
        helper="赵卫东",
        incomes=((790, 4_300), (428, 11_200), (60, 14_600), (57, 14_600)),
        marks=("移出",),
    ),
}  # fmt: skip
