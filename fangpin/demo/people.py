"""Invented people: names from common characters, identity numbers in an area code that no place has."""

import datetime
import random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
MEN = "国建军志强明华德福春生保才永贵立柱守义长庚大海金山树林有田文斌学成兴旺来顺玉堂广平"
WOMEN = "秀英桂兰玉梅淑珍凤霞春花翠红月琴素云彩萍爱莲巧芬金凤小娟秋菊美荣惠敏"
AREA = "370499"  # no county of Zaozhuang has this code
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


class Invention:
    """Names and identity numbers from one seeded source; no number is given twice."""

    def __init__(self, seed: int, area: str = AREA) -> None:
        self.area = area
        self.chance = random.Random(seed)  # noqa: S311  # invented people, not secrets
        self.used: set[str] = set()

    def surname(self) -> str:
        """A family name."""
        return self.chance.choice(SURNAMES)

    def given(self, *, male: bool) -> str:
        """A given name of one or two characters."""
        source = MEN if male else WOMEN
        return "".join(self.chance.sample(source, 1 if self.chance.random() < 0.2 else 2))

    def birthday(self, today: datetime.date, age: int) -> datetime.date:
        """A birthday of somebody who is about this old."""
        return today - datetime.timedelta(days=age * 365 + age // 4 + self.chance.randrange(300))

    def id_number(self, born_on: datetime.date, *, male: bool) -> str:
        """An identity number with a right check digit."""
        while True:
            sequence = self.chance.randrange(100) * 10 + self.chance.randrange(0, 10, 2) + (1 if male else 0)
            body = f"{self.area}{born_on:%Y%m%d}{sequence:03d}"
            number = body + CHECK_DIGITS[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
            if number not in self.used:
                self.used.add(number)
                return number
            born_on += datetime.timedelta(days=1)

    def phone(self) -> str:
        """A mobile number in a range that no operator uses."""
        return f"100{self.chance.randrange(10**8):08d}"
