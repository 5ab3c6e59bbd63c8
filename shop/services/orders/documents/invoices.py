"""Invoices: an order gets one number, and a shop's numbers have no gaps."""

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.statuses import OrderStatus
from shop.models import InvoiceCounter, OrderInvoice
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict
from shop.services.orders.repository import lock_order

DIGITS = 6


def find_invoice(order_id: int) -> OrderInvoice | None:
    """Return the invoice of an order; None if it has none yet."""
    return db.session.scalars(select(OrderInvoice).where(OrderInvoice.order_id == order_id)).first()


def issue_invoice(order_id: int, actor: Actor) -> OrderInvoice:
    """Return the invoice of an order, creating it with the shop's next number if it has none.

    The number is assigned in the caller's transaction: a rollback undoes the count too. Raises NotFound, Conflict for a
    cancelled order.
    """
    with transaction() as session:
        order = lock_order(order_id)
        found = find_invoice(order_id)
        if found is not None:
            return found
        if order.status == OrderStatus.CANCELLED:
            raise Conflict("A cancelled order gets no invoice.", code="order_cancelled")
        insert_or_ignore(InvoiceCounter, [], last_number=0)
        drawn = update(InvoiceCounter).values(last_number=InvoiceCounter.last_number + 1)
        number = session.scalars(drawn.returning(InvoiceCounter.last_number)).one()
        invoice = OrderInvoice(order_id=order_id, number=number, issued_at=clock.now())
        session.add(invoice)
        session.flush()
        audit_log.record(actor, "order.invoiced", f"order:{order_id}", new=invoice_name(number))
        return invoice


def invoice_name(number: int) -> str:
    """Return the invoice number as shown: ``INV-000042``."""
    return f"INV-{number:0{DIGITS}d}"
