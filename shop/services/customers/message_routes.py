"""The channels by which a message reaches a customer: by the shop's order, and by what the customer has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, Self

from shop.models.outbox import DEFAULT_CHANNEL
from shop.services import clock, outbox
from shop.services.errors import InvalidInput
from shop.services.shops.settings import get_settings

SMS_KINDS: Final = frozenset(
    {
        "otp_code",
        "join_code",
        "order_placed",
        "order_unpaid",
        "order_note",
        "payment_received",
        "order_refunded",
        "refund_sent",
        "receipt",
        "points_earned",
        "points_adjusted",
        "registration_received",
        "registration_decided",
        "customer_message",
        "cart_reminder",
    }
)
CARRIED: Final[Mapping[str, Collection[str]]] = {"sms": SMS_KINDS, "whatsapp": frozenset({"otp_code", "join_code"})}
"""The kinds of messages that channels to phones carry. E-mail carries all."""


class Addressee(Protocol):
    """A customer's addresses; the phone counts once it is verified."""

    @property
    def email(self) -> str | None: ...

    @property
    def phone(self) -> str | None: ...

    @property
    def phone_verified_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """An :class:`Addressee` whose e-mail is not the customer's own."""

    email: str | None
    phone: str | None = None
    phone_verified_at: datetime | None = None

    @classmethod
    def of_newcomer(cls, asked: str) -> Self:
        """Return the address in ``email:…`` or ``phone:…`` of someone who joins: the code sent there will prove it."""
        kind, _, address = asked.partition(":")
        return cls(address) if kind == "email" else cls(None, address, clock.now())


def list_routes(
    kind: str,
    customer: Addressee | None,
    *,
    allowed: Collection[str] | None = None,
    first: str | None = None,
) -> list[str]:
    """Return the channels that can reach a customer with a kind of message, in order.

    ``allowed`` are the channels that the customer agreed to, for messages that need consent. ``first`` is a channel
    that the customer asked for, used before the others if the shop has it on.
    """
    if customer is None:
        return []
    ordered = get_settings().values["message_channels"].split(",")
    ordered.sort(key=lambda code: code != first)
    return [code for code in ordered if _reaches(code, kind, customer) and (allowed is None or code in allowed)]


def require_route(kind: str, customer: Addressee) -> None:
    """Raise InvalidInput naming ``code`` unless a channel of the shop reaches the customer: only staff may know it."""
    if not list_routes(kind, customer):
        raise InvalidInput.of("code", "cannot be sent: the customer has no e-mail, and no message reaches their phone")


def _reaches(code: str, kind: str, customer: Addressee) -> bool:
    if code == DEFAULT_CHANNEL:
        return bool(customer.email)
    return kind in CARRIED[code] and bool(customer.phone) and customer.phone_verified_at is not None


def enqueue_to_customer(
    kind: str,
    payload: dict[str, Any],
    customer: Addressee | None,
    *,
    allowed: Collection[str] | None = None,
    first: str | None = None,
) -> bool:
    """Enqueue a message on the first channel that reaches the customer, the others as fallbacks.

    Return whether there is one; without any, nothing is enqueued.
    """
    routes = list_routes(kind, customer, allowed=allowed, first=first)
    if customer is None or not routes:
        return False
    is_to_phone = any(code != DEFAULT_CHANNEL for code in routes)
    outbox.enqueue(
        kind,
        payload,
        recipient=customer.email if DEFAULT_CHANNEL in routes else None,
        phone=customer.phone if is_to_phone else None,
        channel=routes[0],
        fallbacks=routes[1:],
    )
    return True
