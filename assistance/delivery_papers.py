"""凭证: the photos and scans that prove a measure, kept with the household and shown with the measure."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import User
from accounts.roles import CASEWORK_ROLES
from assistance.lead_units import desk_over
from assistance.models import Delivery, DeliveryPaper
from households.attachments import store_all
from households.incoming_files import IncomingFile
from households.models import AttachmentKind


@transaction.atomic
def add_papers(*, delivery: Delivery, files: Sequence[IncomingFile], by: User, idempotency_key: str) -> bool:
    """Put papers with a measure, however far it is; what a list confirms may have them too. Sent twice it acts once.

    Raises PermissionDenied where neither the household nor the measure is the person's, ValidationError when no room is
    left for files.
    """
    household = delivery.household
    if (
        by.posting_over(household.village, *CASEWORK_ROLES) is None
        and desk_over(by, household.village, delivery.lead) is None
    ):
        raise PermissionDenied(f"{delivery.name}由{delivery.lead}牵头，不归您办。")
    if not spend_on(idempotency_key, by, f"papers:{delivery.pk}"):
        return False
    kept = store_all(files, kind=AttachmentKind.EVIDENCE, village=household.village, household=household, by=by)
    # The same photo again is the same attachment, and stands once.
    DeliveryPaper.objects.bulk_create(
        [DeliveryPaper(delivery=delivery, attachment=one) for one in kept], ignore_conflicts=True
    )
    audit.record(
        action="assistance.add_papers", actor=by, target=household, region=household.village, measure=delivery.name,
        papers=len(kept),
    )  # fmt: skip
    return True
