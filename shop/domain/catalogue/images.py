"""The files that are made from a picture of a product, and where they are served."""

from typing import Final

WIDTHS: Final = (160, 480, 960, 1600)
"""In pixels. A file is never wider than the picture it is made from."""
WIDEST: Final = WIDTHS[-1]


def widths_of(width: int) -> tuple[int, ...]:
    """Return the widths of the files that are made from a picture, narrowest first."""
    widest = min(width, WIDEST)
    return (*(one for one in WIDTHS if one < widest), widest)


def image_path(digest: str, width: int, wanted: int, kind: str = "webp") -> str:
    """Return the path of the narrowest file of a picture that is at least as wide as wanted, else of the widest."""
    made = widths_of(width)
    chosen = next((one for one in made if one >= wanted), made[-1])
    return f"/media/{digest}/{chosen}.{kind}"
