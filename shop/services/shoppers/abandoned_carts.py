"""Abandoned carts as storefronts report them: kept for 90 days, the newest for each e-mail."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import delete

from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_subject
from shop.domain.text.messages import N_
from shop.models import AbandonedCart
from shop.services import clock, rate_limits
from shop.services.actors import Shopper
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.records import clean_email, clean_phone
from shop.services.errors import InvalidInput

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CartLeft:
    """An abandoned cart as reported, with the contact that was typed."""

    lines: Sequence[CartLine]
    email: str | None = None
    phone: str | None = None
    total_cents: int | None = None
    reminder_consent: bool = False
    """Whether the shopper agreed to a reminder of this cart by e-mail."""


def keep_abandoned_cart(cart: CartLeft, *, shopper: Shopper | None, address: str, secret_key: str) -> None:
    """Store an abandoned cart in place of an earlier one with the same e-mail.

    Raises InvalidInput for an invalid e-mail, TooOften past 60 an hour from one address.
    """
    email = clean_email(cart.email) if cart.email and cart.email.strip() else None
    with transaction() as session:
        rate_limits.hit(
            f"abandoned-address:{hash_subject(secret_key, address)}",
            rate_limits.ABANDONED_CARTS_PER_ADDRESS,
            message=N_("Too many carts were sent from here. Try again later."),
        )
        if email is not None:
            session.execute(delete(AbandonedCart).where(AbandonedCart.email == email))
        session.add(
            AbandonedCart(
                email=email,
                phone=_as_stored(cart.phone),
                customer_id=shopper.customer_id if shopper is not None else None,
                items=[asdict(line) for line in cart.lines],
                total_cents=cart.total_cents,
                reminder_consent=cart.reminder_consent,
                created_at=clock.now(),
            )
        )


def _as_stored(phone: str | None) -> str | None:
    """Return a phone in E.164, so that it can be found; other text unchanged."""
    if not phone or not phone.strip():
        return None
    try:
        return clean_phone(phone)
    except InvalidInput:
        return phone.strip()


def purge_abandoned_carts() -> int:
    """Delete carts of the session's shops that were abandoned 90 days ago or more; return how many."""
    return purge_batch(AbandonedCart, AbandonedCart.created_at < clock.now() - KEPT)
