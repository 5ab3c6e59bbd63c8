"""Labels of kinds and states of requests and consents."""

from typing import Any, Final

from flask_babel import lazy_gettext

from shop.domain.customers.privacy import ConsentKind, ConsentSource, PrivacyRequestKind, PrivacyRequestState

KINDS: Final[dict[str, Any]] = {
    PrivacyRequestKind.ACCESS: lazy_gettext("Access"),
    PrivacyRequestKind.CORRECTION: lazy_gettext("Correction"),
    PrivacyRequestKind.ERASURE: lazy_gettext("Erasure"),
    PrivacyRequestKind.PORTABILITY: lazy_gettext("Portability"),
    PrivacyRequestKind.OBJECTION: lazy_gettext("Objection"),
}
WHAT_TO_DO: Final[dict[str, Any]] = {
    PrivacyRequestKind.ACCESS: lazy_gettext(
        "Check who is asking. Export the data, send it to the e-mail on record, then close the request."
    ),
    PrivacyRequestKind.CORRECTION: lazy_gettext(
        "Check who is asking. Correct the details on the customer’s page, then close the request."
    ),
    PrivacyRequestKind.ERASURE: lazy_gettext(
        "Check who is asking. Erasing deletes the customer permanently and closes the request. Points are lost; "
        "orders are kept without a name."
    ),
    PrivacyRequestKind.PORTABILITY: lazy_gettext(
        "Check who is asking. Export the data: the JSON file can be read by other systems. Then close the request."
    ),
    PrivacyRequestKind.OBJECTION: lazy_gettext(
        "Stop this use, for example withdraw consents on the customer’s page. Then close the request."
    ),
}
STATES: Final[dict[str, Any]] = {
    PrivacyRequestState.OPEN: lazy_gettext("Open"),
    PrivacyRequestState.DONE: lazy_gettext("Done"),
    PrivacyRequestState.REFUSED: lazy_gettext("Refused"),
}
CONSENTS: Final[dict[str, Any]] = {
    ConsentKind.MARKETING_EMAIL: lazy_gettext("Marketing by e-mail"),
    ConsentKind.MARKETING_SMS: lazy_gettext("Marketing by SMS"),
    ConsentKind.MARKETING_WHATSAPP: lazy_gettext("Marketing by WhatsApp"),
    ConsentKind.LOYALTY_PROGRAMME: lazy_gettext("Loyalty programme"),
}
SOURCES: Final[dict[str, Any]] = {
    ConsentSource.IN_PERSON: lazy_gettext("In person"),
    ConsentSource.PAPER: lazy_gettext("On paper"),
    ConsentSource.PHONE: lazy_gettext("By phone"),
    ConsentSource.EMAIL: lazy_gettext("By e-mail"),
    ConsentSource.MESSAGE: lazy_gettext("By text message"),
    ConsentSource.ACCOUNT: lazy_gettext("In their account"),
    ConsentSource.IMPORT: lazy_gettext("From another system"),
}
RETENTION: Final[dict[str, tuple[Any, Any]]] = {
    "guests": (
        lazy_gettext("Inactive guests"),
        lazy_gettext("Customers without account, points, notes or consents, with one order at most. 0 keeps them."),
    ),
    "carts": (lazy_gettext("Abandoned carts"), lazy_gettext("At most 90 days.")),
    "messages": (lazy_gettext("Sent messages"), lazy_gettext("With the addresses they went to. At most 30 days.")),
    "requests": (
        lazy_gettext("Closed requests"),
        lazy_gettext("Proof that you answered requests. 0 keeps it."),
    ),
    "audit": (lazy_gettext("Audit log"), lazy_gettext("Who did what in the shop. 0 keeps it.")),
    "id_images": (lazy_gettext("Pictures of ID cards"), lazy_gettext("After the decision on the registration.")),
    "former_staff": (
        lazy_gettext("Former staff"),
        lazy_gettext("Accounts of people who left the shop. 0 keeps them."),
    ),
    "copies": (lazy_gettext("Replaced databases"), lazy_gettext("Databases kept by a restore.")),
}
SETTING_OF: Final = {
    "guests": "retention_guest_days",
    "carts": "retention_cart_days",
    "messages": "retention_message_days",
    "requests": "retention_request_days",
    "audit": "retention_audit_days",
    "id_images": "retention_id_image_days",
    "former_staff": "retention_staff_days",
    "copies": "retention_copy_days",
}
