"""Record sales at the till, each once, and undo them (``docs/contract/messaging-and-till.md``)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.payments.methods import AT_THE_TILL
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.cleaning import clean_reference
from shop.models import Branch, TillSale
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.catalogue.adjustments import default_branch_id
from shop.services.customers.identity import find_by_external_id
from shop.services.customers.records import create_customer, find_customer, get_customer
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.fulfilment.undo import may_undo, undo_paid
from shop.services.orders.lifecycle import set_order_status
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.received import find_user_of, lock_by_reference, mark_used, release_payment
from shop.services.payments.returning import require_not_returned
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings
from shop.services.till.limits import check_limits

CLOCK_MAY_BE_FAST: Final = timedelta(minutes=10)
"""How far a till's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as a till sends it. The customer is found by ``customer_id``, else by ``card``, else by ``phone``.

    A card's number is the customer's ``external_id``.

    The ``reference`` is compared as coupon codes are, in upper case: people type M-Pesa receipts in either.
    """

    sale_id: str
    amount_cents: int
    method: str
    customer_id: int | None = None
    phone: str | None = None
    card: str | None = None
    lines: Sequence[ExternalLine] = ()
    reference: str | None = None
    taken_at: datetime | None = None
    branch_id: int | None = None
    device: str = ""

    def __post_init__(self) -> None:
        if self.reference is not None:
            object.__setattr__(self, "reference", clean_reference(self.reference) or None)


@dataclass(frozen=True, slots=True)
class RecordedSale:
    """A sale with its order and the customer's balance; ``is_new`` is False if it was recorded before."""

    sale: TillSale
    order: OrderRecord
    balance: int
    is_new: bool


def record_sale(sale: Sale, actor: Actor) -> RecordedSale:
    """Record a sale as a paid, completed order, which earns its points at once. Idempotent by ``sale_id``.

    A phone without verification adds a new customer with it. Raises InvalidInput for invalid fields; Conflict
    ``sale_differs`` for a known ``sale_id`` with another amount or reference, ``reference_used`` for the payment
    reference of another sale or payment, ``payment_returned`` and ``reversal_requested`` for one whose money was sent
    back or is being sent back; NotAllowed above a clerk's limits.
    """
    check_sale(sale)
    with transaction():
        row = claim_sale(sale, actor)
        if row.order_id is not None:
            return _again(row, sale)
        check_limits(sale.amount_cents, actor)
        order = record_order(_order(sale), actor, source="admin", is_sale=True)
        row.order_id = order.id
        db.session.flush()
        if sale.reference is not None:
            mark_used(sale.reference, order.id)
        return RecordedSale(row, order, find_balance(order.customer_id) if order.customer_id else 0, is_new=True)


def record_sale_in_savepoint(sale: Sale, actor: Actor) -> RecordedSale:
    """Record one sale of a queue: an error rolls back this sale alone, within the caller's transaction."""
    with transaction() as session, session.begin_nested():
        return record_sale(sale, actor)


def get_sale(sale_id: str) -> RecordedSale:
    """Return a sale by its device's id. Raises NotFound."""
    row = db.session.scalars(select(TillSale).where(TillSale.sale_id == sale_id)).first()
    if row is None or row.order_id is None:
        raise NotFound("There is no such sale.", code="sale_not_found")
    return _recorded(row)


def get_sale_of_order(order_id: int) -> RecordedSale:
    """Return the sale that became an order. Raises NotFound."""
    row = db.session.scalars(select(TillSale).where(TillSale.order_id == order_id)).first()
    if row is None:
        raise NotFound("There is no such sale.", code="sale_not_found")
    return _recorded(row)


def undo_sale(sale_id: str, actor: Actor) -> RecordedSale:
    """Undo a sale within ten minutes: reverse its points, return its stock, cancel its order.

    No-op for an undone sale. Raises NotFound; Conflict after ten minutes and if the points were spent.
    """
    with transaction() as session:
        reference = session.scalars(select(TillSale.reference).where(TillSale.sale_id == sale_id)).first()
        if reference is not None:
            lock_by_reference(reference)  # before the sale, as when a payment is claimed
        statement = select(TillSale).where(TillSale.sale_id == sale_id).with_for_update()
        row = session.scalars(statement.execution_options(populate_existing=True)).first()
        if row is None or row.order_id is None:
            raise NotFound("There is no such sale.", code="sale_not_found")
        if row.undone_at is None:
            if not may_undo(row.created_at):
                raise Conflict("Ten minutes have passed. Refund the order instead.", code="too_late_to_undo")
            undo_paid(row.order_id, actor)
            set_order_status(row.order_id, OrderStatus.CANCELLED, actor, reason="Placed by mistake")
            row.undone_at = clock.now()
            release_payment(row.order_id)
            audit_log.record(actor, "till.undone", f"order:{row.order_id}")
            session.flush()
        return _recorded(row)


def list_branch_names() -> dict[int, str]:
    """Return the names of the shop's branches by id, the default one first."""
    rows = db.session.execute(select(Branch).order_by(Branch.is_default.desc(), Branch.id)).scalars()
    return {branch.id: branch.name for branch in rows}


def check_sale(sale: Sale) -> None:
    """Raise InvalidInput for what no sale can have."""
    if sale.method not in AT_THE_TILL:
        raise InvalidInput.of("method", "must be one of %(choices)s", choices=", ".join(AT_THE_TILL))
    if sale.amount_cents <= 0:
        raise InvalidInput.of("amount", "must be more than 0")
    check_amounts(get_settings().currency, {"amount": sale.amount_cents})
    if sale.taken_at is not None and sale.taken_at > clock.now() + CLOCK_MAY_BE_FAST:
        raise InvalidInput.of("taken_at", "is in the future: check the clock of the till")
    if sale.customer_id is None and not sale.card and not sale.phone:
        raise InvalidInput.of("customer", "needs an id, a card or a phone")


def claim_sale(sale: Sale, actor: Actor) -> TillSale:
    """Return the locked row of a sale; one without an order is new."""
    find = select(TillSale).where(TillSale.sale_id == sale.sale_id).with_for_update()
    find = find.execution_options(populate_existing=True)
    found = db.session.scalars(find).first()
    if found is not None:
        return found
    now = clock.now()
    _refuse_used(sale)
    try:
        with db.session.begin_nested():
            insert_or_ignore(
                TillSale,
                [TillSale.sale_id],
                sale_id=sale.sale_id,
                branch_id=_branch(sale.branch_id),
                device=sale.device,
                method=sale.method,
                reference=sale.reference,
                amount_cents=sale.amount_cents,
                staff_user_id=actor.id if actor.kind == "staff" else None,
                actor_label=actor.label,
                api_key_id=actor.id if actor.kind == "api_key" else None,
                taken_at=sale.taken_at or now,
                created_at=now,
            )
    except IntegrityError:  # another till recorded the reference concurrently
        raise _used(sale.reference or "", None) from None
    return db.session.scalars(find).one()


def _refuse_used(sale: Sale) -> None:
    """Raise Conflict if a sale or an order has the payment reference already, or if its money was sent back."""
    if sale.reference is None:
        return
    payment = lock_by_reference(sale.reference)
    if payment is not None:
        require_not_returned(payment)
    order_id = find_user_of(sale.reference)
    if order_id is not None:
        raise _used(sale.reference, get_order(order_id).order_number)


def _used(reference: str, order_number: str | None) -> Conflict:
    if order_number is None:
        return Conflict(
            "This sale was not recorded. The payment %(reference)s was already used.",
            code="reference_used",
            reference=reference,
        )
    return Conflict(
        "This sale was not recorded. The payment %(reference)s was already used for order %(number)s.",
        code="reference_used",
        reference=reference,
        number=order_number,
    )


def _branch(branch_id: int | None) -> int:
    if branch_id is None:
        return default_branch_id()
    if branch_id not in list_branch_names():
        raise InvalidInput.of("branch_id", "is not a branch of this shop")
    return branch_id


def _again(row: TillSale, sale: Sale) -> RecordedSale:
    if (row.amount_cents, row.reference, row.method) != (sale.amount_cents, sale.reference, sale.method):
        raise Conflict(
            "A sale with this id was recorded with another amount, method or reference.", code="sale_differs"
        )
    return _recorded(row)


def _recorded(row: TillSale) -> RecordedSale:
    order = get_order(row.order_id or 0)
    return RecordedSale(row, order, find_balance(order.customer_id) if order.customer_id else 0, is_new=False)


def _order(sale: Sale) -> ExternalOrder:
    order = ExternalOrder(
        lines=sale.lines,
        subtotal_cents=sale.amount_cents,
        status=OrderStatus.COMPLETED,
        payment_status=PaymentStatus.PAID,
        payment_method=AT_THE_TILL[sale.method],
        payment_reference=sale.reference,
        order_date=sale.taken_at,
        api_label=sale.device or "till",
        branch_id=sale.branch_id,
    )
    return replace(order, customer_id=_customer(sale))


def _customer(sale: Sale) -> int:
    if sale.customer_id is not None:
        return get_customer(sale.customer_id).id
    if sale.card:
        owner = find_by_external_id(sale.card)
        if owner is None:
            raise NotFound("No customer has this card.", code="customer_not_found")
        return owner
    known = find_customer(phone=sale.phone)
    return known.id if known is not None else create_customer(phone=sale.phone).id
