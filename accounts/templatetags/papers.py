"""What papers print of the offices; apart from ui, because the public pages use that without any register."""

from typing import Any

from django import template

from accounts.duty import duty_of
from accounts.models import Region

register = template.Library()


@register.inclusion_tag("ui/_duty.html")
def duty(region: Region) -> dict[str, Any]:
    """党政主要领导, 分管领导 and 经办 of the office that answers for the region, as the foot of a paper."""
    return {"duty": duty_of(region)}
