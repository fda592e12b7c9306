"""What the public pages are told when a notice is posted, is over, or a district switches them on or off."""

from typing import Any

from django.dispatch import receiver

from accounts.models import Region
from monitoring import notices_public
from monitoring.models import Notice
from monitoring.signals import notice_changed, web_notices_switched


@receiver(notice_changed)
def tell_the_public_pages(sender: Any, notice: Notice, **more: Any) -> None:
    """The notice as it is now."""
    notices_public.tell(notice)


@receiver(web_notices_switched)
def tell_of_the_district(sender: Any, district: Region, **more: Any) -> None:
    """Every notice that hangs there."""
    notices_public.publish_district(district)
