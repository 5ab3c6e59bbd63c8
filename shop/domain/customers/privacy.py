"""Data protection: kinds of requests, their states, and consents."""

from enum import StrEnum
from typing import Final


class PrivacyRequestKind(StrEnum):
    """Kinds of requests by a person (Kenya Data Protection Act, sections 26 and 38 to 40; GDPR, articles 15 to 21)."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    PORTABILITY = "portability"
    OBJECTION = "objection"

    @property
    def setting(self) -> str:
        """The key of the setting with the days in which it must be answered."""
        return f"privacy_{self}_days"


class PrivacyRequestState(StrEnum):
    """Whether a request is open, and how it was answered."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class ConsentKind(StrEnum):
    """Purposes of a consent."""

    MARKETING_EMAIL = "marketing_email"
    MARKETING_SMS = "marketing_sms"
    MARKETING_WHATSAPP = "marketing_whatsapp"
    LOYALTY_PROGRAMME = "loyalty_programme"


MARKETING: Final = {
    "email": ConsentKind.MARKETING_EMAIL,
    "sms": ConsentKind.MARKETING_SMS,
    "whatsapp": ConsentKind.MARKETING_WHATSAPP,
}
"""The consent that a marketing message needs, by message channel."""


class ConsentSource(StrEnum):
    """Where a consent was given or withdrawn."""

    IN_PERSON = "in_person"
    PAPER = "paper"
    PHONE = "phone"
    EMAIL = "email"
    MESSAGE = "message"
    ACCOUNT = "account"
    IMPORT = "import"


DUE_SOON_DAYS: Final = 2
"""Open requests due within this many days are shown as alerts."""
