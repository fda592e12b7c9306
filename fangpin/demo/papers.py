"""Photos and papers of the told households: drawn here, so that nothing real is ever shown."""

import io

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from accounts.models import User
from households.attachments import store
from households.models import AttachmentKind, Household

PHOTO_SIZE = (960, 720)
SKY, GROUND, WALL, ROOF, DOOR, CRACK = "#bcd3dc", "#8f9b6a", "#d9cdb8", "#7a4a3a", "#5a4632", "#3b3330"
LINE_HEIGHT, TOP, LEFT, SIZE = 30, 770, 70, 15
# Whose papers: the name of the head, who brings them, and what they are.
FAMILIES: tuple[tuple[str, str, tuple[AttachmentKind, ...]], ...] = (
    ("唐金生", "cun1", (AttachmentKind.VISIT_PHOTO, AttachmentKind.DECLARATION)),
    ("王大海", "cun1", (AttachmentKind.DECLARATION, AttachmentKind.CONSENT, AttachmentKind.EVIDENCE)),
    ("孙立柱", "dui1", (AttachmentKind.VISIT_PHOTO, AttachmentKind.CONSENT)),
)


def file_papers(people: dict[str, User]) -> None:
    """File them with the households of the stories."""
    village = people["cun1"].postings.get().region
    for place, (head, bringer, kinds) in enumerate(FAMILIES):
        household = Household.objects.filter(village=village, head_name=head).latest("updated_at")
        for kind in kinds:
            store(_paper(kind, household, place), kind=kind, village=village, household=household, by=people[bringer])


def _paper(kind: AttachmentKind, household: Household, place: int) -> ContentFile:
    if kind == AttachmentKind.VISIT_PHOTO:
        return ContentFile(_house(cracked=not place), name="入户.jpg")
    return ContentFile(scan(f"{kind.label}（演示，内容虚构）", household.head_name), name=f"{kind.label}.pdf")


def _house(*, cracked: bool) -> bytes:
    """A farmhouse as a child would draw it."""
    image = Image.new("RGB", PHOTO_SIZE, SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 520, 960, 720), fill=GROUND)
    draw.rectangle((220, 300, 740, 600), fill=WALL)
    draw.polygon(((180, 300), (480, 150), (780, 300)), fill=ROOF)
    draw.rectangle((430, 430, 530, 600), fill=DOOR)
    for left in (270, 600):
        draw.rectangle((left, 370, left + 90, 460), fill=SKY, outline=DOOR, width=8)
    if cracked:
        draw.line(((238, 300), (262, 380), (240, 450), (266, 530), (246, 600)), fill=CRACK, width=7)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def scan(title: str, head_name: str) -> bytes:
    """One page of A4 in a font that every reader of PDF brings along."""
    lines = (title, "", f"户主：{head_name}", "签名：（手印）", "", "这一页是演示数据，不是真的材料。")
    shown = "\n".join(
        f"BT /F {SIZE} Tf 1 0 0 1 {LEFT} {TOP - LINE_HEIGHT * number} Tm <{line.encode('utf-16-be').hex()}> Tj ET"
        for number, line in enumerate(lines)
        if line
    )
    font = "/Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]"
    descendant = (
        "/Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 7 0 R"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
    )
    descriptor = (
        "/Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        "/Ascent 880/Descent -120/CapHeight 880/StemV 93"
    )
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(shown)}>>\nstream\n{shown}\nendstream",
        f"<<{font}>>",
        f"<<{descendant}>>",
        f"<<{descriptor}>>",
    )
    return _pdf(objects)


def _pdf(objects: tuple[str, ...]) -> bytes:
    """The objects, numbered from 1, with the table of where each begins."""
    content, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(content)}\n%%EOF\n"
    return content + end.encode()
