"""What is written and drawn can be told from what is behind it, in light and in dark (WCAG 2.2, AA)."""

import re
from pathlib import Path

import pytest

import profiling_pipeline.web

STYLE = (Path(profiling_pipeline.web.__file__).parent / "static" / "style.css").read_text()
GROUNDS = ("ground", "card", "row", "field")
TEXTS = {
    "ink": (*GROUNDS, "grey-tint", "main-tint", "good-tint", "poor-tint"),
    "muted": (*GROUNDS, "main-tint", "grey-tint"),
    "main": (*GROUNDS, "main-tint"),
    "good": ("card", "good-tint"),
    "poor": ("card", "row", "main-tint", "poor-tint"),
    "fair-ink": (*GROUNDS, "main-tint", "fair-tint"),
    "main-ink": ("main", "main-hover"),
}
DRAWINGS = {
    "main": ("card", "main-tint"),
    "good": ("grey-tint",),
    "fair": ("grey-tint",),
    "poor": ("grey-tint", "card", "main-tint"),
    "edge": ("card", "field"),
    "focus": ("ground", "card"),
}


def colours(scheme: str) -> dict[str, str]:
    """Return the colours that each name stands for."""
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#\w+);", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
    )
    return light if scheme == "light" else light | dark


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (DRAWINGS, 3.0)])
def test_colours_are_told_apart(scheme: str, pairs: dict[str, tuple[str, ...]], least: float) -> None:
    known = colours(scheme)
    weak = {
        f"{front} on {behind}": round(contrast(known[front], known[behind]), 2)
        for front, grounds in pairs.items()
        for behind in grounds
        if contrast(known[front], known[behind]) < least
    }
    assert weak == {}


def test_every_colour_has_a_name_and_a_dark_counterpart() -> None:
    rules = STYLE[STYLE.index("* {") :]
    assert re.findall(r"#[0-9a-f]{3,6}\b", rules) == []
    light, dark = colours("light"), colours("dark")
    assert [name for name in light if light[name] == dark[name]] == []
