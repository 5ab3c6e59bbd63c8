"""Colour contrast by WCAG 2, and the nearest shade with enough of it."""

Rgb = tuple[int, int, int]
AA = 4.5
"""The minimum contrast of text (WCAG 2, level AA)."""


def parse_color(text: str) -> Rgb:
    """Return ``#e08a00`` as (224, 138, 0). Raise ValueError unless it has six hexadecimal digits."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError("must be a colour such as #e08a00")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def format_color(color: Rgb) -> str:
    """Return (224, 138, 0) as ``#e08a00``."""
    return "#" + "".join(f"{part:02x}" for part in color)


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio, from 1 (the same colour) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(color: Rgb, into: Rgb, percent: int) -> Rgb:
    """Return ``percent`` of one colour mixed with the rest of the other."""
    red, green, blue = (
        (part * percent + base * (100 - percent)) // 100 for part, base in zip(color, into, strict=True)
    )
    return red, green, blue


def readable(color: Rgb, behind: Rgb, toward: Rgb, least: float = AA) -> Rgb:
    """Return the shade nearest to a colour, mixed with ``toward`` (black or white), that is readable on ``behind``."""
    shades = (mix(color, toward, percent) for percent in range(100, -1, -4))
    return next((shade for shade in shades if contrast(shade, behind) >= least), toward)


def _luminance(color: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
