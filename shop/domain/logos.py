"""A shop's logo as its setting ``store_logo`` names it: ``DIGEST-WIDTHxHEIGHT`` of the stored picture, "" for none."""

import re
from dataclasses import dataclass
from typing import Final

MAX_WIDTH: Final = 480
MAX_HEIGHT: Final = 160
"""Of the stored picture, in pixels: twice the size on a page, for sharp screens."""
LOGO_TEXT: Final = re.compile(r"([0-9a-f]{64})-([1-9][0-9]{0,2})x([1-9][0-9]{0,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Logo:
    """A stored logo and its size in pixels."""

    digest: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.digest}-{self.width}x{self.height}"

    @property
    def is_wide(self) -> bool:
        """Whether it probably contains the name, and so replaces it in the head of a page; else it is beside it."""
        return self.width >= 2 * self.height

    def path(self, kind: str = "webp") -> str:
        """Return where its file is served: ``webp`` for pages, ``png`` for mails and documents."""
        return f"/media/{self.digest}/{self.width}.{kind}"

    def shown(self, height: int) -> tuple[int, int]:
        """Return width and height to show it with, at most ``height`` high and not larger than it is."""
        height = min(height, self.height)
        return max(1, round(self.width * height / self.height)), height


def parse_logo(text: str) -> Logo | None:
    """Return the logo of a setting's text; None if it is empty. Raise ValueError if it is neither."""
    if not text:
        return None
    found = LOGO_TEXT.fullmatch(text)
    if found is None:
        raise ValueError("must be empty, or the name of an uploaded logo")
    return Logo(found[1], int(found[2]), int(found[3]))
