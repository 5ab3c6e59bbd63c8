"""The words of data protection: kinds of requests, their states, and consents."""

from enum import StrEnum
from typing import Final


class PrivacyRequestKind(StrEnum):
    """What a person asks for (Kenya Data Protection Act, sections 26 and 38 to 40; GDPR, articles 15 to 21)."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    PORTABILITY = "portability"
    OBJECTION = "objection"

    @property
    def setting(self) -> str:
        """The key of the setting that says within how many days it is answered."""
        return f"privacy_{self}_days"


class PrivacyRequestState(StrEnum):
    """Whether a request was answered, and how."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class ConsentKind(StrEnum):
    """What a person agrees to."""

    MARKETING_EMAIL = "marketing_email"
    MARKETING_SMS = "marketing_sms"
    MARKETING_WHATSAPP = "marketing_whatsapp"
    LOYALTY_PROGRAMME = "loyalty_programme"


class ConsentSource(StrEnum):
    """How a person said so."""

    IN_PERSON = "in_person"
    PAPER = "paper"
    PHONE = "phone"
    EMAIL = "email"
    MESSAGE = "message"
    ACCOUNT = "account"
    IMPORT = "import"


DUE_SOON_DAYS: Final = 2
"""An open request that is due within so many days needs attention."""
