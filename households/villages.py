"""Find the village that a workbook means: people write its name in many ways, and a zone's towns under two counties."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from accounts.models import Level, Region
from accounts.models.regions import SEGMENT

COMMITTEE = re.compile(r"(村民委员会|居民委员会|村委会|居委会|(?<=社区)居)$")
KIND_OF_VILLAGE = re.compile(r"(社区|村)$")
KIND_OF_TOWN = re.compile(r"(街道办事处|人民政府|街道办|街道|镇|乡)$")
HIGH_TECH = re.compile(r"高新(技术)?(产业)?(开发)?区")
ECONOMIC = re.compile(r"经济(技术)?开发区")
LONGEST_QUOTE = 20


def squeeze(name: str) -> str:
    """Half-width and without spaces."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def bare_village(name: str) -> str:
    """北石桥村委会, 北石桥村 and 北石桥 are all 北石桥."""
    without = COMMITTEE.sub("", squeeze(name))
    return KIND_OF_VILLAGE.sub("", without) or without


def ways_to_write(name: str) -> set[str]:
    """The forms of an official name that tell it from its neighbours: 尚马社区居委会 is 尚马社区, but not 尚马村."""
    whole = squeeze(name)
    without = COMMITTEE.sub("", whole)
    if KIND_OF_VILLAGE.search(without):
        return {whole, without}
    return {whole, without + ("村" if whole.endswith("村委会") else "社区")}


def bare_town(name: str) -> str:
    """青石镇, 青石镇人民政府 and 青石 are all 青石."""
    without = KIND_OF_TOWN.sub("", squeeze(name).removesuffix("人民政府"))
    return without or squeeze(name)


def bare_county(name: str, city: str = "") -> str:
    """山东省枣庄市薛城区 and 薛城区 are 薛城区; 枣庄高新技术产业开发区, 枣庄高新区 and 高新区 are 高新区."""
    short = ECONOMIC.sub("经开区", HIGH_TECH.sub("高新区", squeeze(name)))
    short = re.sub(r"^[\u3400-\u9fff]{2,7}?(省|自治区)", "", short)
    if city:
        short = short.removeprefix(city).removeprefix(city.removesuffix("市"))
    return short or squeeze(name)


@dataclass
class _Place:
    village: Region
    town: Region
    counties: set[str]  # the bare names under which this village's county may be written


@dataclass
class Villages:
    """The villages of one region, found by what a workbook says of county, town and village."""

    region: Region
    by_name: dict[str, list[_Place]] = field(default_factory=lambda: defaultdict(list))
    city: str = ""
    answers: dict[tuple[str, str, str], Region | str] = field(default_factory=dict)

    @classmethod
    def of(cls, region: Region) -> "Villages":
        """All villages of the region, with the names of what is above them."""
        found = cls(region)
        above = {one.path: one for one in Region.objects.filter(path__in=region.ancestor_paths)}
        below = {one.path: one for one in Region.objects.under(region)}
        tree = {**above, **below}
        found.city = next((one.name for one in above.values() if one.level == Level.CITY), "")
        by_code = dict(Region.objects.filter(level=Level.COUNTY).values_list("code", "name"))
        for village in below.values():
            if village.level != Level.VILLAGE:
                continue
            town = tree[village.path[:-SEGMENT]]
            names = {tree[town.path[:-SEGMENT]].name, by_code.get(f"{town.code[:6]}000000", "")} - {""}
            place = _Place(village, town, {bare_county(name, found.city) for name in names})
            found.by_name[bare_village(village.name)].append(place)
        return found

    def find(self, *, county: str, town: str, village: str) -> Region:
        """The one village that is meant; a blank county or town is not compared.

        Raises ValidationError with a sentence for an unknown village, one outside the region, and a doubtful name.
        """
        asked = (county, town, village)
        if asked not in self.answers:
            self.answers[asked] = self._find(*asked)
        answer = self.answers[asked]
        if isinstance(answer, str):
            raise ValidationError(answer)
        return answer

    def _find(self, county: str, town: str, village: str) -> Region | str:
        places = self.by_name.get(bare_village(village), [])
        exact = [place for place in places if squeeze(village) in ways_to_write(place.village.name)]
        if town:
            places = [place for place in places if bare_town(place.town.name) == bare_town(town)]
            exact = [place for place in exact if place in places]
        if county:
            wanted = bare_county(county, self.city)
            places = [place for place in places if self._is_county(place, wanted)]
            exact = [place for place in exact if place in places]
        chosen = exact if len(exact) == 1 else places
        if len(chosen) == 1:
            return chosen[0].village
        if chosen:
            return f"“{_quoted(village)}”在导入范围内不止一个，请写全称（如“某某村委会”），并填乡（镇）。"
        return self._why_not_found(village)

    @staticmethod
    def _is_county(place: _Place, wanted: str) -> bool:
        return any(wanted == name or wanted == name.rstrip("区市县旗") for name in place.counties)

    def _why_not_found(self, village: str) -> str:
        if self.by_name.get(bare_village(village)):
            return f"“{_quoted(village)}”与所填的县（市、区、旗）、乡（镇）对不上，请核对。"
        elsewhere = Region.objects.villages().filter(name__startswith=bare_village(village)[:LONGEST_QUOTE])
        if any(bare_village(one.name) == bare_village(village) for one in elsewhere):
            return f"“{_quoted(village)}”不在导入范围“{self.region}”内，请核对，或由管这个村的人导入。"
        return f"找不到“{_quoted(village)}”，请核对村名；区划里没有的村，请系统管理员添加。"


def _quoted(name: str) -> str:
    return name if len(name) <= LONGEST_QUOTE else name[:LONGEST_QUOTE] + "…"
