"""Reports by tax rate, staff and month of joining."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.db.transaction import transaction
from shop.domain.dates.date_ranges import Part, parts_of
from shop.domain.dates.days import day_of
from shop.domain.payments.mpesa_values import parse_payer
from shop.domain.pricing.taxes import TaxPrices
from shop.models import Order
from shop.queries.reports.cohorts import IdlePoints, idle_points, member_cohorts
from shop.queries.reports.sales import sum_sales
from shop.queries.reports.staff import StaffRow, staff_figures
from shop.queries.reports.taxes import TaxRow, taxes_by_rate
from shop.services import clock
from shop.services.actors import Actor
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.order import ManualLine, ManualOrder
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.refunds import refund_order
from shop.services.payment_matching.claims import claim_own
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation
from shop.services.shops.settings import get_settings
from shop.services.staff.api_keys import change_api_key, create_api_key
from shop.services.taxes.classes import set_tax_prices
from shop.services.till.redeeming import Reductions, record_reduced_sale
from shop.services.till.sales import Sale, record_sale, undo_sale
from tests import factories
from tests.factories import TESTER, make_customer, make_product

pytestmark = pytest.mark.usefixtures("ctx")


def today():
    day = clock.now().date()
    return Part(day - timedelta(days=1), day + timedelta(days=1))


def long_ago():
    return Part(today().first - timedelta(days=400), today().first - timedelta(days=300))


def sell(product, quantity=1):
    order = factories.place(make_customer(), [(product, quantity)]).order
    set_payment_status(order.id, "paid", TESTER)
    return order


def test_taxes_are_summed_by_class_less_refunds():
    soap = make_product("Soap", 11600)
    factories.make_order(make_customer(), 5000, payment_status="paid")
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    sell(soap, 2)
    refunded = sell(soap)
    refund_order(refunded.id, 5800, "Scratched", TESTER)
    factories.place(make_customer(), [(soap, 1)])  # not paid
    assert taxes_by_rate(today()) == [
        TaxRow("B", "VAT 16%", 1600, 2, 25000, 4000),
        TaxRow("", "", 0, 1, 5000, 0),
    ]
    assert taxes_by_rate(long_ago()) == []


def test_staff_figures_are_those_of_each_person():
    clerk = factories.make_staff(role="clerk").actor
    soap, customer = make_product("Soap", 10000), make_customer(points=500)
    entered = ManualOrder([ManualLine(2, soap.id)], customer_id=customer.id, discount_cents=1000, is_paid=True)
    order = create_manual_order(entered, clerk, request_key=str(uuid.uuid4()))
    create_manual_order(ManualOrder([ManualLine(1, soap.id)]), clerk, request_key=str(uuid.uuid4()))  # not paid
    refund_order(order.id, 2000, "Scratched", clerk)
    adjust_points(customer.id, -50, "Mistake", clerk, request_key=str(uuid.uuid4()))
    row = next(row for row in staff_figures(today()) if row.name == clerk.label)
    assert row == StaffRow(clerk.label, 1, 17000, 1000, 2000, -50)
    assert staff_figures(long_ago()) == []


def test_sales_at_the_till_are_counted_once_for_the_person_who_sold():
    clerk, customer = factories.make_staff(role="clerk").actor, make_customer(points=500)
    with transaction():
        reductions = Reductions(100, issue_token(customer.id, 5))
    bare, undone = (Sale(str(uuid.uuid4()), 10000, "cash", customer_id=customer.id) for _ in range(2))
    record_sale(bare, clerk)
    record_sale(undone, clerk)
    undo_sale(undone.sale_id, clerk)
    record_reduced_sale(Sale(str(uuid.uuid4()), 5000, "cash", customer_id=customer.id), reductions, clerk)
    create_manual_order(
        ManualOrder([ManualLine(1, name="Soap", price_cents=2000)], is_paid=True), clerk, request_key=str(uuid.uuid4())
    )
    row = next(row for row in staff_figures(today()) if row.name == clerk.label)
    assert row == StaffRow(clerk.label, 3, 10000 + 4900 + 2000, 0)


def test_who_took_the_orders_adds_up_to_the_report_of_sales():
    customer, clerk = make_customer(phone="0712345678"), factories.make_staff(role="clerk").actor
    till, books = Actor("api_key", 7, "Till 2"), Actor("api_key", 8, "Bookkeeping")
    for actor, cents in ((till, 3000), (till, 500), (clerk, 700)):
        record_sale(Sale(str(uuid.uuid4()), cents, "cash", customer_id=customer.id), actor)
    for number, payer in enumerate(("0712345678", "")):  # by itself, and claimed by the customer
        receipt = f"T0AJKPBHE{number}"
        receive_payment(Confirmation(receipt, clock.now(), 1100, payer=parse_payer(payer)))
    claim_own(receipt, customer.id, "secret")
    lines = [ExternalLine(1, name="Soap", price_cents=900)]
    record_order(ExternalOrder(lines, customer_id=customer.id, payment_status="paid"), books)
    refund_order(sell(make_product("Soap", 10000)).id, 2500, "Scratched", till)
    lost = factories.make_order(customer, 1300, payment_status="paid")
    with transaction() as session:
        session.execute(update(Order).where(Order.id == lost.id).values(source="admin"))  # its audit entry was deleted
    rows = staff_figures(today())
    assert {(row.kind, row.name): (row.orders, row.sales_cents, row.refunded_cents) for row in rows} == {
        ("api_key", "Till 2"): (2, 3500, 2500),
        ("staff", clerk.label): (1, 700, 0),
        ("api_key", "M-Pesa"): (1, 1100, 0),
        ("customer", "Customer"): (1, 1100, 0),
        ("api_key", "Bookkeeping"): (1, 900, 0),
        ("storefront", ""): (1, 7500, 0),
        ("unknown", ""): (1, 1300, 0),
    }
    (sales,) = sum_sales([today()])
    assert (sum(row.orders for row in rows), sum(row.sales_cents for row in rows)) == (sales.orders, sales.cents)


def test_a_renamed_key_has_one_row_with_its_present_name():
    clerk, customer = factories.make_staff(role="clerk").actor, make_customer()
    key_id = create_api_key("Till 2").id
    for number, name in enumerate(("Till 2", "Kiosk")):
        key = Actor("api_key", key_id, name)
        record_sale(Sale(str(uuid.uuid4()), 3000, "cash", customer_id=customer.id), key)
        lines = [ExternalLine(1, name="Soap", price_cents=900)]
        order = ExternalOrder(lines, customer_id=customer.id, payment_status="paid")
        refund_order(record_order(order, key).id, 100, "Scratched", key)
        if not number:
            change_api_key(key_id, name="Kiosk", rate_limit_per_minute=60, expires_at=None, actor=clerk)
    rows = [row for row in staff_figures(today()) if row.kind == "api_key"]
    assert rows == [StaffRow("Kiosk", 4, 7600, 0, 200, kind="api_key")]


def test_members_are_counted_by_the_month_they_joined():
    make_customer()
    customer = make_customer(points=300)
    for _number in range(2):
        factories.make_order(customer, 5000, payment_status="paid")
    rows = member_cohorts(parts_of("1y", day_of(clock.now(), get_settings().values["shop_timezone"])))
    assert len(rows) == 12
    last = rows[-1]
    assert (last.members, last.came_back, last.spent_cents) == (1, 1, 10000)
    assert last.points >= 300
    assert sum(row.members for row in rows) == 1
    assert idle_points() == IdlePoints(0, 0)
