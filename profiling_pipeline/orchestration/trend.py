"""A small line chart as a Markdown image: Dagster's UI shows data addresses, so nothing has to be hosted."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

WIDTH, HEIGHT, MARGIN = 640, 180, 36


def trend_image(points: Sequence[tuple[datetime, float]]) -> str:
    """Return a chart of scores from 0 to 100, oldest first; at least two points."""
    return f"![Overall score]({_address(_chart(points))})"


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _chart(points: Sequence[tuple[datetime, float]]) -> str:
    low = max(0.0, min(score for _, score in points) - 1)
    high = min(100.0, max(score for _, score in points) + 1)
    step = (WIDTH - 2 * MARGIN) / (len(points) - 1)

    def y(score: float) -> float:
        return HEIGHT - MARGIN - (score - low) / (high - low) * (HEIGHT - 2 * MARGIN)

    places = [(MARGIN + i * step, y(score)) for i, (_, score) in enumerate(points)]
    line = " ".join(f"{x:.1f},{height:.1f}" for x, height in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{height:.1f}" r="3" fill="#2463eb"/>' for x, height in places)
    labels = [
        (MARGIN, y(high) - 8, "start", f"{high:.1f}"),
        (MARGIN, y(low) + 14, "start", f"{low:.1f}"),
        (MARGIN, HEIGHT - 6, "start", f"{points[0][0]:%Y-%m-%d %H:%M}"),
        (WIDTH - MARGIN, HEIGHT - 6, "end", f"{points[-1][0]:%Y-%m-%d %H:%M}"),
    ]
    texts = "".join(f'<text x="{x}" y="{top:.1f}" text-anchor="{at}">{text}</text>' for x, top, at, text in labels)
    grid = "".join(
        f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top:.1f}" y2="{top:.1f}" stroke="#ccc"/>'
        for top in (y(high), y(low))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        f'font-size="11" fill="#666">{grid}<polyline points="{line}" fill="none" stroke="#2463eb" stroke-width="2"/>'
        f"{dots}{texts}</svg>"
    )
