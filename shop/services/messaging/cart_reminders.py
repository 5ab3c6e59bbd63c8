"""Reminders of abandoned carts: who may get one, sending and stopping them, and what the mail says."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.privacy import ConsentKind
from shop.domain.statuses import CartState, ProductStatus
from shop.domain.text.cleaning import greeting_name, one_line
from shop.domain.text.messages import N_
from shop.models import AbandonedCart, Customer, Product
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.app_config import app_config
from shop.services.catalogue.products.for_sale import WITH_PARTS, current_price
from shop.services.customers.message_routes import Addresses, enqueue_to_customer, list_routes
from shop.services.errors import Conflict, NotFound
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.privacy.consents import list_consents, list_marketing_channels
from shop.services.shoppers.cart_states import CART_CUSTOMER, CART_STATE
from shop.services.shops.shops import current_slug

KIND = "cart_reminder"


class Hindrance(StrEnum):
    """Why a cart gets no reminder."""

    ORDERED = "ordered"
    STOPPED = "stopped"
    REMINDED = "reminded"
    NOT_FOR_SALE = "not_for_sale"
    NO_EMAIL = "no_email"
    NO_CONSENT = "no_consent"


REFUSALS = {
    Hindrance.ORDERED: N_("The customer has ordered since."),
    Hindrance.STOPPED: N_("Reminders of this cart are stopped."),
    Hindrance.REMINDED: N_("A reminder of this cart was sent already."),
    Hindrance.NOT_FOR_SALE: N_("None of the products in this cart is for sale now."),
    Hindrance.NO_EMAIL: N_("This cart has no address that a reminder can be sent to."),
    Hindrance.NO_CONSENT: N_("This customer has not agreed to reminders."),
}


@dataclass(frozen=True, slots=True)
class CartItemLeft:
    """A line of a cart; ``product`` is None once it is deleted, ``price_cents`` is today's price of a piece."""

    product_id: int
    variant_id: int | None
    quantity: int
    product: Product | None
    name: str
    price_cents: int | None
    is_for_sale: bool


@dataclass(frozen=True, slots=True)
class LeftCart:
    """An abandoned cart, whose it is, what became of it, and its lines with today's names and prices."""

    cart: AbandonedCart
    customer: Customer | None
    state: CartState
    items: Sequence[CartItemLeft]

    @property
    def email(self) -> str | None:
        """The address that a reminder goes to."""
        return self.cart.email or (self.customer.email if self.customer else None)

    @property
    def phone(self) -> str | None:
        """The phone that was typed, else the customer's."""
        return self.cart.phone or (self.customer.phone if self.customer else None)

    @property
    def items_for_sale(self) -> Sequence[CartItemLeft]:
        """The lines that a reminder lists."""
        return [item for item in self.items if item.is_for_sale]

    @property
    def worth_cents(self) -> int | None:
        """The total that the storefront reported, else the lines at today's prices; None if a price is unknown."""
        if self.cart.total_cents is not None:
            return self.cart.total_cents
        sums = [None if one.price_cents is None else one.price_cents * one.quantity for one in self.items]
        known = [one for one in sums if one is not None]
        return sum(known) if known and len(known) == len(sums) else None


def read_carts(cart_ids: Sequence[int]) -> list[LeftCart]:
    """Return the carts with some ids, in the order of the ids."""
    row = AbandonedCart
    statement = select(row, CART_CUSTOMER.label("owner"), CART_STATE.label("state")).where(row.id.in_(cart_ids))
    found = {cart.id: (cart, owner, state) for cart, owner, state in db.session.execute(statement)} if cart_ids else {}
    products = _products(item["product_id"] for cart, _, _ in found.values() for item in cart.items)
    owners = _customers({owner for _, owner, _ in found.values() if owner is not None})
    carts = []
    for cart, owner, state in (found[one] for one in cart_ids if one in found):
        items = [_item(item, products.get(item["product_id"])) for item in cart.items]
        carts.append(LeftCart(cart, owners.get(owner), CartState(state), items))
    return carts


def get_left_cart(cart_id: int) -> LeftCart:
    """Return an abandoned cart. Raise NotFound."""
    found = read_carts([cart_id])
    if not found:
        raise NotFound("There is no such cart.", code="cart_not_found")
    return found[0]


def _products(ids: Any) -> dict[int, Product]:
    wanted = set(ids)
    statement = select(Product).where(Product.id.in_(wanted)).options(*WITH_PARTS)
    return {product.id: product for product in db.session.scalars(statement)} if wanted else {}


def _customers(ids: set[int]) -> dict[int, Customer]:
    statement = select(Customer).where(Customer.id.in_(ids))
    return {customer.id: customer for customer in db.session.scalars(statement)} if ids else {}


def _item(item: dict[str, Any], product: Product | None) -> CartItemLeft:
    variant_id = item.get("variant_id")
    variants = {one.id: one for one in product.variants} if product else {}
    variant = variants.get(variant_id) if variant_id else None
    known = product is not None and (variant is not None if variant_id else True)
    name = f"{product.name} · {variant.name}" if product and variant else product.name if product else ""
    return CartItemLeft(
        product_id=item["product_id"],
        variant_id=variant_id,
        quantity=item["quantity"],
        product=product,
        name=name,
        price_cents=current_price(product, variant) if product and known else None,
        is_for_sale=bool(product and known and product.status == ProductStatus.ACTIVE),
    )


def find_hindrance(left: LeftCart) -> Hindrance | None:
    """Return why a cart gets no reminder; None if staff may send one.

    Reminders need consent: to this cart's reminder when it was reported, or to marketing by the channel. A customer's
    later withdrawal counts more than the former.
    """
    if left.state != CartState.OPEN:
        return Hindrance(left.state.value)
    if not left.items_for_sale:
        return Hindrance.NOT_FOR_SALE
    addresses = _addresses(left)
    if not list_routes(KIND, addresses):
        return Hindrance.NO_EMAIL
    return None if list_routes(KIND, addresses, allowed=_allowed(left)) else Hindrance.NO_CONSENT


def _addresses(left: LeftCart) -> Addresses:
    owner = left.customer
    return Addresses(left.email, owner.phone, owner.phone_verified_at) if owner else Addresses(left.email)


def _allowed(left: LeftCart) -> list[str]:
    """Return the channels by which a reminder of a cart may be sent."""
    agreed = list_marketing_channels(left.customer.id) if left.customer else []
    return [*(["email"] if _agrees(left) else []), *(channel for channel in agreed if channel != "email")]


def _agrees(left: LeftCart) -> bool:
    kind = ConsentKind.MARKETING_EMAIL
    said = [one for one in list_consents(left.customer.id) if one.kind == kind] if left.customer else []
    if left.cart.reminder_consent and (not said or said[0].stated_at < left.cart.created_at):
        return True
    return bool(said) and said[0].given


def remind(cart_id: int, actor: Actor) -> None:
    """Send the customer of a cart the reminder of it, once. Raise NotFound; Conflict if there may be none."""
    with transaction() as session:
        locked = select(AbandonedCart).where(AbandonedCart.id == cart_id).with_for_update()
        session.scalars(locked, execution_options={"populate_existing": True}).first()
        left = get_left_cart(cart_id)
        hindrance = find_hindrance(left)
        if hindrance is not None:
            raise Conflict(REFUSALS[hindrance], code="no_reminder")
        left.cart.reminded_at = clock.now()
        enqueue_to_customer(KIND, {"cart_id": cart_id}, _addresses(left), allowed=_allowed(left))
        audit_log.record(actor, "cart.reminded", f"cart:{cart_id}")


def set_stopped(cart_id: int, is_stopped: bool, actor: Actor) -> None:
    """Stop the reminder of a cart, also one that waits to be sent, or allow it again. Raise NotFound."""
    with transaction():
        cart = get_left_cart(cart_id).cart
        if (cart.stopped_at is not None) != is_stopped:
            cart.stopped_at = clock.now() if is_stopped else None
            audit_log.record(actor, "cart.stopped" if is_stopped else "cart.resumed", f"cart:{cart_id}")


def compose_cart_reminder(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the reminder.

    None once the cart was ordered, stopped or deleted, nothing of it is for sale, or the consent was withdrawn.
    """
    try:
        left = get_left_cart(payload["cart_id"])
    except NotFound:
        return None
    items = left.items_for_sale
    if left.state != CartState.REMINDED or not items or mail.channel not in _allowed(left):
        return None
    return MailContent(
        mail.gettext("Your cart at %(shop)s", shop=mail.shop_name),
        {
            "name": greeting_name(left.customer.first_name) if left.customer else "",
            "items": [(one_line(item.name), item.quantity, (item.price_cents or 0) * item.quantity) for item in items],
            "currency": mail.settings.currency,
            "address": _checkout_address(items),
        },
    )


def _checkout_address(items: Sequence[CartItemLeft]) -> str:
    lines = (f"{item.product_id}{f'.{item.variant_id}' if item.variant_id else ''}:{item.quantity}" for item in items)
    return f"{app_config()['PUBLIC_URL']}/checkout/{current_slug()}?items={','.join(lines)}"
