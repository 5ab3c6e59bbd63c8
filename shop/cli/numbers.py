"""Numbers as options of commands."""

import re
from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number in ASCII digits; click reads the digits of any script and ``1_000`` too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number. Raise BadParameter."""
        if isinstance(value, str) and not re.fullmatch("-?[0-9]+", value):
            self.fail(f"{value!r} is not a whole number such as 12.", param, ctx)
        return super().convert(value, param, ctx)
