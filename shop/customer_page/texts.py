"""Names of consents, requests and ledger entries, as the customer reads them."""

from typing import Any, Final

from flask_babel import gettext, lazy_gettext

from shop.domain.customers.privacy import ConsentKind, PrivacyRequestKind, PrivacyRequestState

WORDING: Final = "customer page 2026-11"
"""The version of the sentences about consent; the language is added to it. Change it with a sentence."""

CONSENTS: Final[dict[ConsentKind, tuple[Any, str]]] = {
    ConsentKind.MARKETING_SMS: (lazy_gettext("Send me offers by SMS."), "phone"),
    ConsentKind.MARKETING_WHATSAPP: (lazy_gettext("Send me offers by WhatsApp."), "phone"),
    ConsentKind.MARKETING_EMAIL: (lazy_gettext("Send me offers by e-mail."), "email"),
}
"""The sentence that a customer agrees to, and the contact it needs."""

REQUESTS: Final[dict[str, Any]] = {
    PrivacyRequestKind.ACCESS: lazy_gettext("Send me what the shop stores about me"),
    PrivacyRequestKind.PORTABILITY: lazy_gettext("Send me my data as a file"),
    PrivacyRequestKind.CORRECTION: lazy_gettext("Correct my details"),
    PrivacyRequestKind.OBJECTION: lazy_gettext("Stop using my data in some way"),
    PrivacyRequestKind.ERASURE: lazy_gettext("Delete my data and leave the programme"),
}
STATES: Final[dict[str, Any]] = {
    PrivacyRequestState.OPEN: lazy_gettext("Open"),
    PrivacyRequestState.DONE: lazy_gettext("Done"),
    PrivacyRequestState.REFUSED: lazy_gettext("Refused"),
}
DONE: Final[dict[str, Any]] = {
    "consents": lazy_gettext("Saved."),
    "request": lazy_gettext("Your request was sent. The shop will answer it."),
    "joined": lazy_gettext("Welcome! You can collect points now."),
    "payment": lazy_gettext("Thank you. The payment is counted for you."),
    "registration": lazy_gettext("Your registration was sent. The shop will decide soon."),
}
"""The confirmation of a form, by the name in the address."""


def entry_names() -> dict[str, str]:
    """Return the names of kinds of ledger entries."""
    return {
        "order_earned": gettext("Earned"),
        "order_redeemed": gettext("Used"),
        "redeem_reversed": gettext("Restored"),
        "earn_reversed": gettext("Reversed"),
        "manual": gettext("Changed by the shop"),
    }
