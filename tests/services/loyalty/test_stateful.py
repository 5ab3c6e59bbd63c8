"""Anything may happen in any order: what the services make of it is compared with plain Python after each step."""

from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from shop.db.session import db
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import InsufficientPoints
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.orders.repository import get_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support import points_model as model

PRICES = (1001, 333)
MOST_CUSTOMERS = 3
RULES = st.fixed_dictionaries(
    {
        "loyalty_award_trigger": st.sampled_from(["payment_paid", "order_completed", "either"]),
        "loyalty_points_per_currency_unit": st.sampled_from(["1", "0.1", "2.5"]),
        "loyalty_min_order_subtotal_to_earn": st.sampled_from(["0", "50"]),
        "loyalty_points_per_currency_discount": st.sampled_from(["100", "3", "0.5"]),
        "loyalty_max_redeem_percent": st.sampled_from(["50", "100", "33"]),
        "loyalty_refund_returns_points": st.sampled_from(["at_end", "in_proportion"]),
    }
)


def in_plain(values, unit):
    """Settings as the model has them; `unit` is an amount of 1 in minor units."""
    return model.ModelRules(
        trigger=values["loyalty_award_trigger"],
        per_unit=Fraction(values["loyalty_points_per_currency_unit"]),
        minimum=int(values["loyalty_min_order_subtotal_to_earn"]) * unit,
        per_discount=Fraction(values["loyalty_points_per_currency_discount"]),
        percent=int(values["loyalty_max_redeem_percent"]),
        in_proportion=values["loyalty_refund_returns_points"] == "in_proportion",
        unit=unit,
    )


class LoyaltyMachine(RuleBasedStateMachine):
    """A shop in which orders are placed, recorded, paid, cancelled, revived, refunded, and points moved by hand."""

    app = None
    currency, unit = "KES", 100
    customers = Bundle("customers")
    orders = Bundle("orders")

    def __init__(self):
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()
        self.plain = {}
        self.sold = []
        self.enabled = True

    def teardown(self):
        assert verify_ledger(self.made.id).is_clean
        self.context.pop()

    @initialize(rules=RULES)
    def open_shop(self, rules):
        self.made = factories.make_shop(currency=self.currency, **rules)
        self.products = [factories.make_product(price_cents=price) for price in PRICES]
        self.delivery = factories.make_shipping(cost_cents=250)
        self.rules = in_plain(rules, self.unit)

    @rule(target=customers, points=st.integers(0, 3000))
    def come(self, points):
        if len(self.plain) == MOST_CUSTOMERS:
            return next(iter(self.plain.values()))
        made, plain = factories.make_customer(), model.ModelCustomer()
        if points:
            adjust_points(made.id, points, "welcome", TESTER)
            plain.write("manual", points)
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
            plain.write("manual", points)

    @rule(rules=RULES)
    def change_the_rules(self, rules):
        for key, value in rules.items():
            change_setting(key, value, TESTER)
        self.rules = in_plain(rules, self.unit)

    @rule()
    def switch(self):
        self.enabled = not self.enabled
        change_setting("loyalty_points_enabled", self.enabled, TESTER)

    @rule(
        target=orders,
        customer=customers,
        lines=st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 9)), min_size=1, max_size=3),
        discount=st.integers(0, 2000),
        shipping=st.sampled_from([0, 300]),
        status=st.sampled_from(OrderStatus),
        payment=st.sampled_from(PaymentStatus),
    )
    def record(self, customer, lines, discount, shipping, status, payment):
        made, plain = customer
        expected = model.ModelOrder(plain, self.rules, lines, shipping=shipping)
        expected.discount = min(discount, expected.total)
        sold = [ExternalLine(pieces, name="Goods", price_cents=price) for price, pieces in lines]
        order = record_order(
            ExternalOrder(
                sold,
                customer_id=made.id,
                discount_cents=expected.discount,
                shipping_cents=shipping,
                status=status,
                payment_status=payment,
            ),
            TESTER,
        )
        expected.status = "cancelled" if status == "cancelled" else "pending"
        if payment == "refunded":  # recorded as it ended: nothing was ever moved for it
            expected.payment = "refunded"
            expected.amounts.append(expected.total)
        elif payment == "paid" or (payment == "pending" and expected.total == 0):
            payment = "paid"
            expected.pay("paid", enabled=self.enabled)
        expected.payment = payment
        if status == "completed":
            expected.move("completed", enabled=self.enabled)
        expected.status = status
        return self.keep(order.id, expected)

    @rule(target=orders, customer=customers, pieces=st.tuples(st.integers(1, 20), st.integers(1, 9)))
    def place(self, customer, pieces):
        return self.placed(customer, pieces, 0)

    @rule(
        target=orders,
        customer=customers,
        pieces=st.tuples(st.integers(1, 20), st.integers(1, 9)),
        points=st.integers(1, 3000),
    )
    def place_redeeming(self, customer, pieces, points):
        return self.placed(customer, pieces, points)

    def placed(self, customer, pieces, points):
        made, plain = customer
        expected = model.ModelOrder(plain, self.rules, list(zip(PRICES, pieces, strict=True)), shipping=250)
        discount = model.discount_of(points, expected.subtotal, plain.balance, self.rules) if points else 0
        cart = list(zip(self.products, pieces, strict=True))
        try:
            order = factories.place(made, cart, points=points, shipping_method_id=self.delivery.id).order
        except InvalidInput:
            assert discount is None or not self.enabled
            return self.placed(customer, pieces, 0)
        assert (order.discount_cents, order.total_cents) == (discount, expected.total - discount)
        expected.discount, expected.redeemed = discount, points
        if points:
            plain.write("order_redeemed", -points)
        return self.keep(order.id, expected)

    def keep(self, order_id, expected):
        self.sold.append((order_id, expected))
        return self.sold[-1]

    @rule(order=orders, status=st.sampled_from(OrderStatus))
    def move(self, order, status):
        order_id, expected = order
        set_order_status(order_id, status, TESTER)
        expected.move(status, enabled=self.enabled)

    @rule(order=orders, payment=st.sampled_from([*PaymentStatus, "paid", "paid"]))
    def pay(self, order, payment):
        order_id, expected = order
        try:
            set_payment_status(order_id, payment, TESTER)
        except Conflict:
            assert not expected.may_pay(payment)
        else:
            assert expected.may_pay(payment)
            expected.pay(payment, enabled=self.enabled)

    @rule(order=orders, cents=st.integers(1, 20_000))
    def refund(self, order, cents):
        order_id, expected = order
        try:
            refund_order(order_id, cents, "", TESTER)
        except (Conflict, InvalidInput):
            assert not expected.refund(cents)
        else:
            assert expected.refund(cents)

    @rule(order=orders, data=st.data())
    def refund_pieces(self, order, data):
        order_id, expected = order
        line = data.draw(st.integers(0, len(expected.lines) - 1))
        pieces = data.draw(st.integers(1, expected.lines[line][1]))
        sold = [RefundLine(get_order(order_id).items[line].id, pieces)]
        try:
            refund_order(order_id, sold, "", TESTER)
        except (Conflict, InvalidInput):
            assert not expected.refund_pieces(line, pieces)
        else:
            assert expected.refund_pieces(line, pieces)

    @invariant()
    def the_ledger_is_as_it_should_be(self):
        db.session.rollback()
        for made, plain in self.plain.values():
            account = db.session.scalars(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == made.id)).first()
            if account is None:
                assert plain.entries == []
                continue
            assert (account.points_balance, account.lifetime_earned) == (plain.balance, plain.lifetime)
            assert account.shortfall == plain.missing
            entries = db.session.scalars(
                select(LoyaltyEntry).where(LoyaltyEntry.account_id == account.id).order_by(LoyaltyEntry.seq)
            )
            kept = [(e.kind, e.points, e.balance_after, e.shortfall) for e in entries]
            assert kept == plain.entries

    @invariant()
    def the_orders_are_as_they_should_be(self):
        for order_id, expected in self.sold[-3:]:
            order = get_order(order_id)
            assert (order.status, order.payment_status, order.refunded_cents) == (
                expected.status,
                expected.payment,
                expected.refunded,
            )
            assert [item.refunded_quantity for item in order.items] == expected.back


def test_any_run_of_events_leaves_the_ledger_as_plain_python_has_it(app):
    machine = type("OnThisEngine", (LoyaltyMachine,), {"app": app})
    run_state_machine_as_test(machine, settings=settings(max_examples=20, stateful_step_count=30))


def test_a_currency_of_three_decimals_has_the_same_rules(app):
    machine = type("InDinars", (LoyaltyMachine,), {"app": app, "currency": "KWD", "unit": 1000})
    run_state_machine_as_test(machine, settings=settings(max_examples=5, stateful_step_count=30))
