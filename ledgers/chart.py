"""Where the bars of the monthly chart stand: server-made SVG with the figures printed on it."""

from dataclasses import dataclass

from ledgers.figures import Month

WIDTH, HEIGHT, LEFT, FLOOR, TOP = 760, 240, 36, 206, 22
STEPS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True)
class Bar:
    """A bar with its figure."""

    kind: str
    x: float
    y: float
    height: float
    value: int


@dataclass(frozen=True)
class Chart:
    """Bars, month labels and grid lines, in the units of the viewBox."""

    bars: list[Bar]
    labels: list[tuple[float, str]]
    grid: list[tuple[float, int]]


def paired_columns(months: list[Month]) -> Chart:
    """New and removed households side by side for each month."""
    most = max([1, *(month.new for month in months), *(month.removed for month in months)])
    step = next((step for step in STEPS if step * 4 >= most), most // 4 + 1)
    ceiling = step * max(1, -(-most // step))
    scale = (FLOOR - TOP) / ceiling
    pitch = (WIDTH - LEFT) / len(months)
    bars, labels = [], []
    for place, month in enumerate(months):
        middle = LEFT + pitch * (place + 0.5)
        for kind, value, x in (("new", month.new, middle - 20), ("gone", month.removed, middle + 2)):
            if value:
                bars.append(Bar(kind, round(x, 1), round(FLOOR - value * scale, 1), round(value * scale, 1), value))
        labels.append((round(middle, 1), f"{month.first.month}月"))
    grid = [(round(FLOOR - value * scale, 1), value) for value in range(0, ceiling + 1, step)]
    return Chart(bars, labels, grid)
