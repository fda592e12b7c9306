"""What may be done with a case, written out by hand from the documents and decisions: nothing here is read from the product.

A step stands as: the stages in which it is taken; where the case goes (``next``: on along its path); the desks that may take
it; and, where it is open only to somebody who did nothing for the case at another desk, whose desk it is.
"""

from dataclasses import dataclass

NEXT = "next"
ENDS = ("refused", "closed")
OPEN = (
    "watch", "authorise", "survey", "compare", "meeting", "notice_due", "notice", "town", "district", "announce",
)  # fmt: skip
VILLAGE, TOWN, DISTRICT = "village", "town", "district"
DESK_OF_ROLE = {"cadre": VILLAGE, "team": VILLAGE, "reviewer": TOWN, "officer": DISTRICT}
# Desks at which nobody may move a case.
ONLOOKERS = ("clerk", "inspector", "admin")


@dataclass(frozen=True)
class Expected:
    """One step."""

    sources: tuple[str, ...]
    target: str  # empty: the case stays
    desks: tuple[str, ...]
    apart_from_all_but: str = ""
    kinds: tuple[str, ...] = ("designation", "removal", "registration")
    where_county_decides: bool = False
    of_a_household_that_is_gone: bool = False


V, VT, T, D, TD, ALL = (VILLAGE,), (VILLAGE, TOWN), (TOWN,), (DISTRICT,), (TOWN, DISTRICT), (VILLAGE, TOWN, DISTRICT)
DESIGNATION, REMOVAL = ("designation",), ("removal",)
NO_REMOVAL = ("designation", "registration")
STEPS = {
    # the village
    "start_survey": Expected(("watch",), NEXT, VT),
    "complete_authorisation": Expected(("authorise",), NEXT, V),
    "complete_survey": Expected(("survey",), NEXT, V, kinds=NO_REMOVAL),
    "verify_removal": Expected(("survey",), NEXT, V, kinds=REMOVAL),
    "meeting_recognise": Expected(("meeting",), NEXT, VT),
    "meeting_refuse": Expected(("meeting",), "refused", VT),
    "hold_meeting_again": Expected(("notice_due",), "meeting", V),
    "post_notice": Expected(("notice_due",), "notice", VT),
    "uphold_objection": Expected(("notice",), "meeting", ALL),
    "close_notice": Expected(("notice",), NEXT, V),
    "withdraw_from_town": Expected(("town",), "survey", V),
    "close_watch": Expected(("watch", "survey"), "closed", VT),
    # the town
    "complete_comparison": Expected(("compare",), NEXT, TD),
    "endorse": Expected(("town",), NEXT, T, apart_from_all_but=TOWN),
    "refuse": Expected(("town",), "refused", T, apart_from_all_but=TOWN),
    "return_to_survey": Expected(("town",), "survey", T),
    "return_to_comparison": Expected(("town",), "compare", T),
    "return_to_meeting": Expected(("town",), "meeting", T),
    "return_to_notice": Expected(("town",), "notice_due", T),
    "announce": Expected(("announce",), NEXT, T),
    "end_closed_household": Expected(OPEN, "closed", T, of_a_household_that_is_gone=True),
    # the district
    "acknowledge": Expected(("district",), NEXT, D, apart_from_all_but=DISTRICT),
    "district_refuse": Expected(
        ("district",), "refused", D, apart_from_all_but=DISTRICT, where_county_decides=True
    ),
    "return_to_town": Expected(("district",), "town", D),
    "return_to_meeting_by_district": Expected(("district",), "meeting", D),
    "return_to_survey_by_district": Expected(("district",), "survey", D),
    "reinstate": Expected(("removed",), "registered", D, kinds=DESIGNATION),
    # both offices
    "explain_hold": Expected(("town", "district"), "", TD),
}  # fmt: skip
BY_THE_CLOCK = ("close_notice",)

# The documents without a public procedure of three steps: a visit, the town, the county.
SHORT = "watch survey town district registered"
THREE_STEPS = "watch survey meeting notice_due notice town district registered"
MODERN = "watch authorise survey compare meeting notice_due notice town district announce registered"
BESIDE = "survey meeting notice_due notice town district done"
PATHS = {
    ("zaozhuang_2020", "designation"): THREE_STEPS,
    ("zaozhuang_2020", "removal"): BESIDE,
    ("luan_2019", "designation"): SHORT,
    ("luan_2019", "removal"): BESIDE,
    ("luan_2019", "registration"): BESIDE,
    ("hubei_2020", "designation"): SHORT,
    ("hubei_2020", "removal"): BESIDE,
    ("hubei_2020", "registration"): BESIDE,
    ("xinbei_2020", "designation"): SHORT,
    ("xinbei_2020", "removal"): BESIDE,
    ("xinbei_2020", "registration"): BESIDE,
    ("national_2021", "designation"): MODERN,
    ("national_2021", "removal"): BESIDE,
}
TOWN_DECIDES = ("zaozhuang_2020",)


@dataclass(frozen=True)
class Path:
    """The path of one kind of case under one rule set."""

    rules: str
    kind: str

    @property
    def stages(self) -> list[str]:
        """From the first to the last."""
        return PATHS[self.rules, self.kind].split()

    def has(self, name: str) -> bool:
        """Whether the step exists for such a case at all."""
        step = STEPS[name]
        if self.kind not in step.kinds or (step.where_county_decides and self.rules in TOWN_DECIDES):
            return False
        if step.target in (NEXT, *ENDS):
            return any(stage in self.stages for stage in step.sources)
        return not step.target or step.target in self.stages

    def after(self, name: str, stage: str) -> str:
        """Where the case stands after the step was taken in a stage."""
        target = STEPS[name].target
        return self.stages[self.stages.index(stage) + 1] if target == NEXT else target or stage

    def outcome(self, name: str, stage: str, role: str, did: str) -> str:
        """What comes of it when somebody of a role, who acted at a desk before (empty: at none), takes a step in a stage."""
        step = STEPS[name]
        if DESK_OF_ROLE.get(role, "") not in step.desks:
            return "not allowed"
        if stage not in step.sources:
            return "wrong stage"
        if not self.has(name):
            return "no such step"
        if step.apart_from_all_but and did and did != step.apart_from_all_but:
            return "another person"
        return f"to {self.after(name, stage)}"


# At whose desk a step is an act; what stands nowhere here is the village's, and what both offices do is nobody's.
ACT_OF = {
    **dict.fromkeys(
        (
            "complete_comparison", "endorse", "refuse", "return_to_survey", "return_to_comparison", "return_to_meeting",
            "return_to_notice", "announce", "end_closed_household",
        ),
        TOWN,
    ),
    **dict.fromkeys(
        (
            "acknowledge", "district_refuse", "return_to_town", "return_to_meeting_by_district",
            "return_to_survey_by_district",
        ),
        DISTRICT,
    ),
    **dict.fromkeys(("explain_hold", "uphold_objection", "reinstate"), ""),
    **dict.fromkeys(("open", "open_removal", "open_registration"), VILLAGE),
}  # fmt: skip


def act_of(name: str) -> str:
    """The desk of a step or opening; empty for none, and for what is no step."""
    return ACT_OF.get(name, VILLAGE if name in STEPS else "")
