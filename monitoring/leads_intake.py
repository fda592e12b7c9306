"""Between the register and the public pages: village pages and answers go out, sealed declarations come in.

The register asks and tells; the public host knows no way in. On one database it is the same code.
"""

import base64
import datetime
import logging
import re
from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.encryption import blind_index, keyring
from accounts.models import Region, User
from accounts.models.regions import RegionQuerySet
from accounts.roles import Role
from households.models import Household, Member
from households.models.households import ID_NUMBER
from monitoring import leads
from monitoring.models import (
    Case,
    CloseReason,
    Declaration,
    DeclarationPage,
    LeadSource,
    LeadState,
    Stage,
)
from monitoring.models.leads import page_token
from monitoring.notices import district_of
from monitoring.public.forms import DeclarationForm
from monitoring.public.limits import forget_counts
from monitoring.public.models import Answer, SealedDeclaration, SealingKey, VillagePage
from monitoring.public.sealing import CannotOpen, unseal

log = logging.getLogger(__name__)
PURPOSE = b"fangpin: private key of public declarations"
FETCHED_AT_ONCE = 200
KEPT_IN_PUBLIC = datetime.timedelta(days=180)
NUMBERS = re.compile(r"[0-9０-９Xx]{6,}")
ON_PAPER = "具体原因写在书面答复上，可以到村委会看，或者打电话问。"
NOT_DESIGNATED = (Stage.REFUSED, Stage.CLOSED)
DESIGNATED = (Stage.REGISTERED, Stage.REMOVED)
PRIVATE_COLUMNS = ("receipt", "name", "phone", "id_number", "evidence__words")


def private_key() -> X25519PrivateKey:
    """The key that opens declarations: it follows from the keyring, so that one backup holds both."""
    derived = HKDF(hashes.SHA256(), 32, None, PURPOSE).derive(keyring().index_key)
    return X25519PrivateKey.from_private_bytes(derived)


def publish_key() -> None:
    """Tell the public pages what to seal with."""
    raw = private_key().public_key().public_bytes_raw()
    key_id = base64.urlsafe_b64encode(raw).decode()[:8]
    SealingKey.objects.get_or_create(key_id=key_id, defaults={"public_key": base64.b64encode(raw).decode()})


# ---- the switch and the villages' pages ----


def declarations_enabled(village: Region) -> bool:
    """Whether the village's district takes declarations by QR code."""
    district = district_of(village)
    return district is not None and district.web_declarations_enabled


@transaction.atomic
def switch(*, district: Region, by: User, on: bool) -> bool:
    """Switch the public declarations of a district on or off; False when they were so already."""
    if by.posting_over(district, Role.DISTRICT_OFFICER) is None:
        raise ValidationError("只有区（市）业务员可以开通或关闭扫码申报。")
    changed = Region.objects.filter(pk=district.pk, web_declarations_enabled=not on).update(web_declarations_enabled=on)
    if changed:
        villages = Region.objects.under(district).villages()
        DeclarationPage.objects.bulk_create([DeclarationPage(village=one) for one in villages], ignore_conflicts=True)
        audit.record(action="lead.web_on" if on else "lead.web_off", actor=by, target=district, region=district)
        publish_pages(villages)
    return bool(changed)


def publish_pages(villages: Iterable[Region]) -> int:
    """Tell the public pages which villages take declarations, with their groups; returns how many were told anew."""
    pages = list(DeclarationPage.objects.filter(village__in=villages).select_related("village__parent"))
    groups = _groups([page.village_id for page in pages])
    told = 0
    if pages:
        publish_key()
    switched_on = _paths_switched_on()
    for page in pages:
        village = page.village
        wanted = {
            "village": village.name,
            "town": village.parent.name if village.parent else "",
            "phone": village.office_phone or (village.parent.office_phone if village.parent else ""),
            "groups": groups.get(village.pk, []),
            "is_open": any(village.path.startswith(path) for path in switched_on),
        }
        if wanted != page.published:
            VillagePage.objects.update_or_create(token=page.token, defaults=wanted)
            DeclarationPage.objects.filter(pk=page.pk).update(published=wanted)
            told += 1
    return told


def publish_everywhere() -> int:
    """The pages of all villages that ever had one; returns how many changed."""
    return publish_pages(Region.objects.filter(declaration_page__isnull=False))


def _paths_switched_on() -> list[str]:
    return list(Region.objects.districts().filter(web_declarations_enabled=True).values_list("path", flat=True))


def _groups(villages: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = Household.objects.present().filter(village__in=villages).exclude(group_no=None)
    for village, number in rows.order_by("village", "group_no").values_list("village", "group_no").distinct():
        found.setdefault(village, []).append(number)
    return found


# ---- in: sealed declarations ----


def exchange() -> dict[str, int]:
    """Fetch what was declared and tell what has become of earlier declarations; returns the numbers."""
    counts = {"fetched": fetch(), "told": tell(), "forgotten": forget()}
    forget_counts()
    return counts


def fetch(*, again: bool = False) -> int:
    """Take the waiting declarations in; each once, however often this runs. One that cannot be opened stays and is logged.

    ``again``: those that stayed sealed, once the key that was missing is back.
    """
    taken = 0
    waiting = SealedDeclaration.objects.filter(fetched_at__isnull=not again).exclude(sealed="")
    for row in waiting.order_by("received_at")[:FETCHED_AT_ONCE]:
        try:
            _take_in(row)
        except (CannotOpen, ValidationError, DeclarationPage.DoesNotExist, OverflowError) as fault:
            log.error("Declaration %s cannot be taken in: %s.", row.pk, type(fault).__name__)
            _mark_fetched(row, sealed=row.sealed)
            continue
        _mark_fetched(row, sealed="")
        taken += 1
    return taken


def _mark_fetched(row: SealedDeclaration, sealed: str) -> None:
    SealedDeclaration.objects.filter(pk=row.pk).update(fetched_at=timezone.now(), sealed=sealed)


@transaction.atomic
def _take_in(row: SealedDeclaration) -> None:
    """Open one, check it as the form did (the public host is not trusted), and make a lead of it."""
    if Declaration.objects.filter(sealed_id=row.pk).exists():
        return
    said = unseal(row.sealed, private_key(), str(row.pk))
    page = DeclarationPage.objects.select_related("village").get(token=row.page_id)
    form = DeclarationForm({**said, "form_key": str(row.form_key)}, page=row.page)
    if not form.is_valid():
        raise ValidationError("申报的内容不对。")
    declaration = _declaration(page.village, form.cleaned_data)
    declaration.receipt, declaration.sealed_id = str(said.get("receipt", ""))[:20], row.pk
    declaration.received_at = row.received_at
    try:
        with transaction.atomic():
            declaration.save(force_insert=True)
    except IntegrityError:  # another process took it in at the same moment
        return
    _report(declaration, form.cleaned_data)


def _declaration(village: Region, said: dict) -> Declaration:
    number = said["id_number"]
    return Declaration(
        village=village, name=said["name"], phone=said["phone"], id_number=number,
        id_digest=blind_index(number, ID_NUMBER), group_no=said["group"] or None,
    )  # fmt: skip


def _report(declaration: Declaration, said: dict) -> None:
    leads.report(
        village=declaration.village, source=LeadSource.DECLARED, by=None, household=_household_of(declaration),
        happened_on=timezone.localdate(declaration.received_at), declaration=declaration, cause=said["cause"],
        words=said["difficulty"],
    )  # fmt: skip


def _household_of(declaration: Declaration) -> Household | None:
    """The household of the village in which a person with this identity number lives."""
    people = Member.objects.present().filter(id_digest=declaration.id_digest).exclude(id_digest="")
    found = people.filter(household__village=declaration.village, household__closed_on=None).select_related("household")
    member = found.first()
    return member.household if member else None


# ---- out: what has become of it ----


def answer_to(declaration: Declaration) -> tuple[Answer, str, datetime.date | None]:
    """What who declared is told: how far it is, for a refusal the plain reason, and since when."""
    lead = declaration.evidence.lead
    settled = timezone.localdate(lead.settled_at) if lead.settled_at else None
    if lead.state == LeadState.CLOSED:
        words = lead.note if lead.reason == CloseReason.OTHER else CloseReason(lead.reason).label
        return Answer.REFUSED, _fit_to_tell(words), settled
    if lead.state == LeadState.TAKEN_UP:
        return _answer_of_case(lead.case, settled)
    return (Answer.LOOKED_INTO if lead.assigned_to_id or lead.visited_on else Answer.RECEIVED), "", None


def _answer_of_case(case: Case, settled: datetime.date | None) -> tuple[Answer, str, datetime.date | None]:
    if case.stage in NOT_DESIGNATED:
        last = case.events.filter(to_stage__in=NOT_DESIGNATED).order_by("-at").first()
        return Answer.REFUSED, _fit_to_tell(last.open_note if last else ""), timezone.localdate(case.stage_since)
    if case.stage in DESIGNATED:
        return Answer.DESIGNATED, "", case.decided_on
    return Answer.TAKEN_UP, "", settled


def _fit_to_tell(words: str) -> str:
    """A reason as it may lie on the public host: none that names a number or an illness, and no row of digits at all."""
    return ON_PAPER if leads.tells_too_much(words) else NUMBERS.sub("****", words)[:300]


def tell() -> int:
    """Tell the public pages what changed of the declarations of the last half year; returns of how many."""
    since = timezone.now() - KEPT_IN_PUBLIC
    # Without what the family said: every minute somebody would decrypt it for nothing.
    recent = Declaration.objects.filter(received_at__gte=since).defer(*PRIVATE_COLUMNS)
    told = 0
    for declaration in recent.select_related("evidence__lead__case").iterator(chunk_size=500):
        answer, reason, on = answer_to(declaration)
        said = f"{answer}|{on or ''}|{reason}"
        if said == declaration.told:
            continue
        SealedDeclaration.objects.filter(pk=declaration.sealed_id).update(answer=answer, reason=reason, answered_on=on)
        Declaration.objects.filter(pk=declaration.pk).update(told=said)
        told += 1
    return told


def forget() -> int:
    """Delete from the public pages what was fetched and is older than half a year; returns how many."""
    old = SealedDeclaration.objects.filter(fetched_at__isnull=False, received_at__lt=timezone.now() - KEPT_IN_PUBLIC)
    deleted, _kinds = old.delete()
    return deleted


# ---- another QR code ----


def renew_page(*, village: Region, by: User) -> DeclarationPage:
    """A new address for a village whose QR code was abused; the old one no longer opens.

    No transaction around it: what is fetched on the way is emptied on the public host at once, and must not be undone
    here. Stopped half way, the hourly round opens the old address again.
    """
    if by.posting_over(village, Role.TOWN_REVIEWER, Role.DISTRICT_OFFICER) is None:
        raise ValidationError("只有镇（街）和区（市）可以换二维码。")
    page = DeclarationPage.objects.get(village=village)
    DeclarationPage.objects.filter(pk=page.pk).update(published={})
    VillagePage.objects.filter(token=page.token).update(is_open=False)
    while SealedDeclaration.objects.filter(page=page.token, fetched_at=None).exists():
        fetch()  # what came under the old address is still the village's
    with transaction.atomic():
        DeclarationPage.objects.filter(pk=page.pk).update(token=page_token())
        audit.record(action="lead.renew_page", actor=by, target=village, region=village)
    publish_pages([village])
    page.refresh_from_db()
    return page


def villages_with_page(villages: RegionQuerySet) -> list[Region]:
    """Those of the villages whose people can declare by QR code today, in the order of the divisions."""
    on = Region.objects.districts().filter(web_declarations_enabled=True)
    return list(villages.in_regions(on).filter(declaration_page__isnull=False).order_by("path"))


def page_of(village: Region) -> DeclarationPage | None:
    """The village's page while its district takes declarations."""
    page = DeclarationPage.objects.filter(village=village).first()
    return page if page and declarations_enabled(village) else None
