"""The tree of regions: a region is a place in the tree, and its official code is only an attribute."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

from accounts.roles import Role
from accounts.scoping import RegionScopedQuerySet

SEGMENT = 4


def paths_down_to(path: str) -> list[str]:
    """The paths of the regions above a path, from the root down, and the path itself."""
    return [path[:end] for end in range(SEGMENT, len(path) + 1, SEGMENT)]


class Level(models.TextChoices):
    """Levels of the tree; a functional zone (功能区) stands where a county stands."""

    CITY = "city", "市"
    COUNTY = "county", "区（市）"
    ZONE = "zone", "功能区"
    TOWN = "town", "镇（街）"
    VILLAGE = "village", "村"


class RegionQuerySet(RegionScopedQuerySet):
    """Regions; a user sees the subtrees of his postings."""

    region_lookup = ""
    reader_roles = tuple(Role)

    def under(self, region: "Region") -> "RegionQuerySet":
        """The region and everything below it."""
        return self.in_regions([region])

    def districts(self) -> "RegionQuerySet":
        """Only the districts and functional zones, in the order of the divisions."""
        return self.filter(level__in=(Level.COUNTY, Level.ZONE)).order_by("path")

    def without_duty(self) -> "RegionQuerySet":
        """Towns of which papers cannot name all three duties: 党政主要领导, 分管领导, 经办."""
        unnamed = models.Q(principal_leaders="") | models.Q(deputy_leader="") | models.Q(operator_name="")
        return self.filter(unnamed, level=Level.TOWN)

    def villages(self) -> "RegionQuerySet":
        """Only the villages."""
        return self.filter(level=Level.VILLAGE)

    def by_code(self, code: str) -> "Region":
        """The region with this official 12-digit code (or the zone's own); raises Region.DoesNotExist."""
        return self.get(code=code.strip())


class Region(models.Model):
    """A city, county, functional zone, town or village.

    枣庄高新区 governs streets whose official codes begin with 薛城区's 370403, so scope never looks
    at the code: ``path`` is our own, four digits for each level, and a subtree is a range of paths.
    """

    code = models.CharField(
        "区划代码", max_length=12, unique=True, validators=[RegexValidator(r"^\d{12}$", "区划代码是12位数字。")]
    )
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.CharField("路径", max_length=40, unique=True, editable=False)
    office_name = models.CharField(
        "单位", max_length=60, blank=True, help_text="印在台账“单位:”后面，如：兴仁街道扶贫办"
    )
    principal_leaders = models.CharField("党政主要领导", max_length=60, blank=True)
    deputy_leader = models.CharField("分管领导", max_length=30, blank=True)
    operator_name = models.CharField("经办人", max_length=30, blank=True)
    office_phone = models.CharField("咨询电话", max_length=30, blank=True)
    web_notices_enabled = models.BooleanField("网上公示已开通", default=False)
    web_declarations_enabled = models.BooleanField("扫码申报已开通", default=False)
    # Of a district: only the size guidance of document 001 asks.
    deep_poverty = models.BooleanField("深度贫困地区", default=False)
    deep_poverty_source = models.CharField("认定深度贫困的文件", max_length=120, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划"
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "name"], name="sibling_regions_have_different_names"),
            models.CheckConstraint(
                condition=models.Q(deep_poverty=False) | ~models.Q(deep_poverty_source=""),
                name="deep_poverty_has_a_source",
                violation_error_message="标为深度贫困地区的，要写认定的文件。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path_range(self) -> tuple[str, str]:
        """Paths of the region and all below it: from the first, up to but without the second."""
        head, last = self.path[:-SEGMENT], self.path[-SEGMENT:]
        return self.path, f"{head}{int(last) + 1:0{SEGMENT}d}"

    def contains(self, other: "Region") -> bool:
        """Whether the other region is this one or lies under it."""
        return other.path.startswith(self.path)

    @property
    def ancestor_paths(self) -> list[str]:
        """Paths from the root down to this region."""
        return paths_down_to(self.path)

    def lineage(self) -> dict[str, "Region"]:
        """The regions from the root to this one, by level; a zone stands under ``county``."""
        found = Region.objects.filter(path__in=self.ancestor_paths)
        return {Level.COUNTY if region.level == Level.ZONE else region.level: region for region in found}

    def paper_name(self) -> str:
        """The place as papers name it: 前西仓村 for the official 前西仓村委会; other levels keep their name."""
        if self.level != Level.VILLAGE:
            return self.name
        for committee in ("村民委员会", "村委会"):
            if self.name.endswith(committee):
                place = self.name.removesuffix(committee)
                return place if place.endswith("村") else f"{place}村"
        for committee in ("居民委员会", "居委会"):
            if self.name.endswith(committee) and self.name != committee:
                return self.name.removesuffix(committee)
        return self.name

    def full_name(self) -> str:
        """The name as papers print it, without the city: 薛城区陶庄镇前西仓村; a city's is its own."""
        lineage = self.lineage()
        parts = [lineage[level].name for level in (Level.COUNTY, Level.TOWN, Level.VILLAGE) if level in lineage]
        return "".join(parts) or self.name
