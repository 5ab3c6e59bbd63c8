"""The audit log and messages are written from events."""

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.models import AuditEntry, Event, OutboxMessage
from shop.services.customers.addresses import AddressAsGiven, remove_address, save_address
from shop.services.events.recording import record
from shop.services.loyalty.adjustments import adjust_points
from shop.services.messaging.subscriptions import SUBSCRIPTIONS
from shop.services.orders.lifecycle import complete_order, set_payment_status
from shop.services.shops.settings import change_settings
from tests import factories

TESTER = factories.TESTER
TOLD = {"message_payment_received": "true", "message_points_earned": "true"}


def entries():
    """Return the action and subject of each entry about an event, with the event's type."""
    row = AuditEntry
    found = select(row.action, row.subject, Event.type).join(Event, Event.token == row.event_token)
    return [tuple(each) for each in db.session.execute(found.order_by(row.id))]


def kinds():
    return db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()


def test_an_order_that_is_paid_has_its_entry_and_messages_from_its_events(ctx):
    change_settings(TOLD, TESTER)
    placed = factories.place(factories.make_customer(), [(factories.make_product(price_cents=12000), 1)]).order
    assert kinds() == ["order_placed"]
    set_payment_status(placed.id, "paid", TESTER)
    assert entries() == [("order.payment_status", f"order:{placed.id}", "order.paid")]
    assert kinds() == ["order_placed", "points_earned", "payment_received"]


def test_an_adjustment_has_the_customer_as_subject(ctx):
    jane = factories.make_customer()
    adjust_points(jane.id, 50, "Asante", TESTER, tell=True)
    assert entries() == [("points.adjusted", f"customer:{jane.id}", "points.adjusted")]
    assert kinds() == ["points_adjusted"]


def test_a_changed_address_is_a_changed_customer(ctx):
    jane = factories.make_customer()
    home = save_address(jane.id, AddressAsGiven("shipping", "Moi Avenue", "Nairobi"), TESTER)
    remove_address(jane.id, home.id, TESTER)
    assert entries() == 2 * [("customer.changed", f"customer:{jane.id}", "customer.updated")]
    shown = db.session.scalars(select(Event.data).where(Event.type == "customer.updated").order_by(Event.id))
    assert [len(data["addresses"]) for data in shown] == [1, 0]


def test_a_savepoint_that_is_rolled_back_leaves_neither(ctx):
    with transaction() as session:
        savepoint = session.begin_nested()
        event = record(EventType.PRODUCT_DELETED, 1, lambda: None, TESTER)
        event.audit("product.deleted")
        savepoint.rollback()
    assert not db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "product.deleted")).all()
    assert not db.session.scalars(select(Event.id).where(Event.type == "product.deleted")).all()


def test_an_event_without_a_subscription_sends_nothing(ctx):
    assert EventType.ORDER_COMPLETED not in SUBSCRIPTIONS
    placed = factories.place(factories.make_customer(), [(factories.make_product(), 1)]).order
    complete_order(placed.id, TESTER)
    assert kinds() == ["order_placed"]
