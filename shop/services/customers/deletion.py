"""Delete a customer for good: every copy of what is personal goes, orders and points stay without a name."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote_plus

from sqlalchemy import Delete, Select, String, Update, cast, delete, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from shop.db.transaction import transaction
from shop.db.upsert import like_fragment
from shop.models import (
    AbandonedCart,
    Address,
    Cart,
    Customer,
    CustomerNote,
    IdempotencyRecord,
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyEntryNote,
    LoyaltyRegistration,
    Order,
    OrderAddress,
    OrderNote,
    OrderRefund,
    OtpChallenge,
    OutboxMessage,
    PaymentAttempt,
    PaymentFlag,
    RedemptionToken,
    SavedView,
    ShopperLink,
    ShopperSession,
    ShopperSignup,
)
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.customers.uploads import drop_picture
from shop.services.errors import NotFound
from shop.services.idempotency import KEPT

Statement = Delete | Update


def delete_customer(customer_id: int, actor: Actor) -> None:
    """Remove a customer and every personal text about them. Raise NotFound.

    An order that is being placed for them at this moment is waited for, and loses its name too.
    """
    with transaction() as session:
        for model in (Order, OtpChallenge):  # in the order in which others lock these and then the customer
            rows = select(model.id).where(model.customer_id == customer_id).order_by(model.id)
            session.execute(rows.with_for_update()).all()
        customer = session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).first()
        if customer is None:
            raise NotFound("There is no such customer.", code="customer_not_found")
        registered = select(LoyaltyRegistration.id_image).where(LoyaltyRegistration.customer_id == customer_id)
        picture = session.scalars(registered).first()
        for part in (_copies, _orders, _loyalty, _shopper, _record):
            for statement in part(customer):
                session.execute(statement.execution_options(synchronize_session=False))
        audit_log.record(actor, "customer.deleted", f"customer:{customer_id}")
    drop_picture(picture)


def _copies(customer: Customer) -> Iterator[Statement]:
    """Responses, messages, carts and saved views that repeat what is personal."""
    body, view = IdempotencyRecord.body, SavedView.query
    yield delete(IdempotencyRecord).where(or_(*(body.like(p, escape="\\") for p in _in_responses(customer))))
    yield delete(IdempotencyRecord).where(IdempotencyRecord.caller == f"customer:{customer.id}")
    since = clock.now() - KEPT - timedelta(hours=1)  # older responses are gone already
    entries = select(LoyaltyEntry.id).join(LoyaltyAccount, LoyaltyAccount.id == LoyaltyEntry.account_id)
    entries = entries.where(LoyaltyAccount.customer_id == customer.id, LoyaltyEntry.created_at > since)
    yield _responses_with('"ledger_entry":{"id":', entries, LoyaltyEntry.id)
    orders = select(Order.id).where(Order.customer_id == customer.id, Order.updated_at > since)
    yield _responses_with('"order_id":', orders, Order.id)
    names = [customer.last_name, customer.first_name, customer.email, *_phone_forms(customer.phone)]
    searched = {form for name in names if name for form in (name, quote_plus(name))}
    yield delete(SavedView).where(or_(*(view.ilike(like_fragment(text), escape="\\") for text in searched)))
    yield delete(OutboxMessage).where(OutboxMessage.recipient == customer.email)
    carts = [AbandonedCart.customer_id == customer.id, AbandonedCart.email == customer.email]
    if customer.phone:
        carts.append(AbandonedCart.phone.in_(_phone_forms(customer.phone)))
    yield delete(AbandonedCart).where(or_(*carts))


def _responses_with(start: str, rows: Select[int], key: InstrumentedAttribute[int]) -> Delete:
    """The stored responses in which one of the rows is named by its id."""
    named = literal(f"%{start}") + cast(key, String) + literal(",%")
    return delete(IdempotencyRecord).where(rows.where(IdempotencyRecord.body.like(named)).exists())


def _in_responses(customer: Customer) -> list[str]:
    """LIKE patterns of JSON responses about a customer: by id, e-mail or phone."""
    ids = [f'%"customer_id":{space}{customer.id}{end}%' for space in ("", " ") for end in (",", "}")]
    return [*ids, *(like_fragment(text) for text in (customer.email, customer.phone) if text)]


def _phone_forms(phone: str | None) -> list[str]:
    """How a number may have been stored before it was normalised."""
    return [phone, phone[1:], f"0{phone[4:]}"] if phone else []


def _orders(customer: Customer) -> Iterator[Statement]:
    orders = select(Order.id).where(Order.customer_id == customer.id)
    yield delete(OrderAddress).where(OrderAddress.order_id.in_(orders))
    yield delete(OrderNote).where(OrderNote.order_id.in_(orders))
    yield update(OrderRefund).where(OrderRefund.order_id.in_(orders)).values(reason="")
    yield update(PaymentAttempt).where(PaymentAttempt.order_id.in_(orders)).values(phone=None)
    yield update(PaymentFlag).where(PaymentFlag.order_id.in_(orders)).values(handled_note="")


def _loyalty(customer: Customer) -> Iterator[Statement]:
    accounts = select(LoyaltyAccount.id).where(LoyaltyAccount.customer_id == customer.id)
    entries = select(LoyaltyEntry.id).where(LoyaltyEntry.account_id.in_(accounts))
    mine = RedemptionToken.customer_id == customer.id
    yield delete(LoyaltyEntryNote).where(LoyaltyEntryNote.entry_id.in_(entries))
    yield delete(LoyaltyRegistration).where(LoyaltyRegistration.customer_id == customer.id)
    yield delete(RedemptionToken).where(mine, RedemptionToken.order_id.is_(None))
    yield update(RedemptionToken).where(mine).values(customer_id=None)
    yield delete(OtpChallenge).where(OtpChallenge.customer_id == customer.id)


def _shopper(customer: Customer) -> Iterator[Statement]:
    signups = select(ShopperSignup.id).where(ShopperSignup.email == customer.email)
    yield delete(ShopperLink).where(ShopperLink.email == customer.email)
    yield delete(Cart).where(Cart.customer_id == customer.id)
    yield delete(ShopperSession).where(ShopperSession.customer_id == customer.id)
    yield update(ShopperSession).where(ShopperSession.signup_id.in_(signups)).values(signup_id=None)
    yield delete(ShopperSignup).where(ShopperSignup.email == customer.email)


def _record(customer: Customer) -> Iterator[Statement]:
    """The customer themselves, last: what was kept no longer names them."""
    for kept in (Order, LoyaltyAccount):
        yield update(kept).where(kept.customer_id == customer.id).values(customer_id=None)
    for gone in (Address, CustomerNote):
        yield delete(gone).where(gone.customer_id == customer.id)
    yield delete(Customer).where(Customer.id == customer.id)
