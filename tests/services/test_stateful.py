"""Anything may happen in any order: what the services make of it is compared with plain Python after each step."""

from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from shop.extensions import db
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.models.order import ORDER_STATUSES, PAYMENT_STATUSES
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.adjust import adjust_points
from shop.services.loyalty.ledger import InsufficientPoints
from shop.services.loyalty.verify import verify_ledger
from shop.services.orders.status import refund_order, set_order_status, set_payment_status
from shop.services.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.plain_ledger import PlainCustomer, PlainOrder, PlainShop

PRICE = 1001
MOST_CUSTOMERS = 3


class LoyaltyMachine(RuleBasedStateMachine):
    """A shop in which orders are placed, recorded, paid, cancelled, revived, refunded, and points moved by hand."""

    app = None
    customers = Bundle("customers")
    orders = Bundle("orders")

    def __init__(self):
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.plain = {}

    def teardown(self):
        assert verify_ledger(self.made.id).is_clean
        self.context.pop()

    @initialize(
        trigger=st.sampled_from(["payment_paid", "order_completed", "either"]),
        per_unit=st.sampled_from(["1", "0.1", "2.5"]),
        per_discount=st.sampled_from(["100", "3", "0.5"]),
        percent=st.sampled_from([50, 100, 33]),
        returns=st.sampled_from(["at_end", "in_proportion"]),
    )
    def open_shop(self, trigger, per_unit, per_discount, percent, returns):
        self.made = factories.make_shop(
            loyalty_award_trigger=trigger,
            loyalty_points_per_currency_unit=per_unit,
            loyalty_points_per_currency_discount=per_discount,
            loyalty_max_redeem_percent=str(percent),
            loyalty_refund_returns_points=returns,
        )
        self.product = factories.make_product(price_cents=PRICE)
        self.shop = PlainShop(trigger, Fraction(per_unit), Fraction(per_discount), percent, returns == "in_proportion")

    @rule(target=customers, points=st.integers(0, 3000))
    def come(self, points):
        if len(self.plain) == MOST_CUSTOMERS:
            return next(iter(self.plain.values()))
        made, plain = factories.make_customer(), PlainCustomer()
        if points:
            adjust_points(made.id, points, "welcome", TESTER)
            plain.move("manual", points)
        self.plain[made.id] = (made, plain)
        return self.plain[made.id]

    @rule(customer=customers, points=st.integers(-2000, 2000).filter(bool))
    def adjust(self, customer, points):
        made, plain = customer
        try:
            adjust_points(made.id, points, "by hand", TESTER)
        except InsufficientPoints:
            assert plain.balance + points < 0
        else:
            plain.move("manual", points)

    @rule(
        target=orders,
        customer=customers,
        cents=st.integers(0, 50_000),
        status=st.sampled_from(ORDER_STATUSES),
        payment=st.sampled_from(PAYMENT_STATUSES),
    )
    def record(self, customer, cents, status, payment):
        made, plain = customer
        order = factories.make_order(made, cents, status=status, payment_status=payment)
        told = self.plain_order(plain, cents, cents)
        told.status, told.payment = status, payment
        told.refunded = cents if payment == "refunded" else 0
        if payment == "paid":
            told.happens("payment_paid", self.shop.enabled)
        if status == "completed":
            told.happens("order_completed", self.shop.enabled)
        return order.id, told

    @rule(target=orders, customer=customers, pieces=st.integers(1, 30))
    def place(self, customer, pieces):
        made, plain = customer
        placed = factories.place(made, [(self.product, pieces)])
        return placed.order.id, self.plain_order(plain, PRICE * pieces, PRICE * pieces)

    @rule(customer=customers, pieces=st.integers(1, 30), points=st.integers(1, 3000), data=st.data())
    def place_redeeming(self, customer, pieces, points, data):
        made, plain = customer
        subtotal = PRICE * pieces
        discount = self.shop.redeems(points, subtotal, plain.balance)
        try:
            order = factories.place(made, [(self.product, pieces)], points=points).order
        except InvalidInput:
            assert discount is None
            return
        assert order.discount_cents == discount
        told = self.plain_order(plain, subtotal, subtotal - discount)
        told.redeemed = points
        plain.move("order_redeemed", -points)
        end = data.draw(st.sampled_from(["stays", "cancelled", "failed", "paid"]))
        if end == "cancelled":
            set_order_status(order.id, "cancelled", TESTER)
            told.set_status("cancelled", self.shop.enabled)
        elif end != "stays":
            set_payment_status(order.id, end, TESTER)
            told.set_payment(end, self.shop.enabled)

    @rule(order=orders, status=st.sampled_from(ORDER_STATUSES))
    def move(self, order, status):
        order_id, told = order
        set_order_status(order_id, status, TESTER)
        told.set_status(status, self.shop.enabled)

    @rule(order=orders, payment=st.sampled_from(PAYMENT_STATUSES))
    def pay(self, order, payment):
        order_id, told = order
        try:
            set_payment_status(order_id, payment, TESTER)
        except Conflict:
            assert told.payment == "refunded" != payment
        else:
            told.set_payment(payment, self.shop.enabled)

    @rule(order=orders, cents=st.integers(1, 20_000))
    def refund(self, order, cents):
        order_id, told = order
        try:
            refund_order(order_id, cents, "", TESTER)
        except Conflict:
            assert told.payment != "paid"
        except InvalidInput:
            assert cents > told.total - told.refunded
        else:
            told.refund(cents)

    @rule()
    def switch(self):
        self.shop.enabled = not self.shop.enabled
        change_setting("loyalty_points_enabled", self.shop.enabled, TESTER)

    def plain_order(self, customer, subtotal, total):
        shop = self.shop
        return PlainOrder(customer, subtotal, total, shop.trigger, shop.per_unit, shop.in_proportion)

    @invariant()
    def the_ledger_is_as_it_should_be(self):
        db.session.rollback()
        for made, plain in self.plain.values():
            account = db.session.scalars(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == made.id)).first()
            if account is None:
                assert plain.entries == []
                continue
            assert (account.points_balance, account.lifetime_earned) == (plain.balance, plain.lifetime)
            entries = db.session.scalars(
                select(LoyaltyEntry).where(LoyaltyEntry.account_id == account.id).order_by(LoyaltyEntry.seq)
            )
            kept = [(e.reason, e.points, e.balance_after, e.meta.get("shortfall", 0)) for e in entries]
            assert kept == plain.entries


def test_any_run_of_events_leaves_the_ledger_as_plain_python_has_it(app):
    machine = type("OnThisEngine", (LoyaltyMachine,), {"app": app})
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=30))
