"""Who answers for a place: the three kinds of duty that papers name (document 000, three (三) 1)."""

from dataclasses import dataclass

from accounts.models import Level, Region


@dataclass(frozen=True)
class Duty:
    """The people of one office; an empty name is left blank on paper, to be written by hand."""

    region: Region
    principal: str  # 党政主要领导, 第一责任
    deputy: str  # 分管领导
    operator: str  # 经办

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Each duty with its name, in the order of the document."""
        return (
            ("第一责任人（党政主要领导）", self.principal),
            ("分管领导", self.deputy),
            ("经办", self.operator),
        )

    @property
    def words(self) -> str:
        """The three on one line, blanks as lines to write on."""
        return "　".join(f"{label}：{name or '＿＿＿＿'}" for label, name in self.named)


def duty_of(region: Region) -> Duty:
    """The duty of the town over a village, else of the region itself; one query for a village."""
    answerable = region
    if region.level == Level.VILLAGE and region.parent is not None:
        answerable = region.parent
    return Duty(answerable, answerable.principal_leaders, answerable.deputy_leader, answerable.operator_name)
