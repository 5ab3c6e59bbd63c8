"""Payment methods of a counter."""

from typing import Final

AT_THE_TILL: Final = {"cash": "Cash", "mpesa": "M-Pesa", "card": "Card"}
"""Names by code; the order of a sale has the name."""
