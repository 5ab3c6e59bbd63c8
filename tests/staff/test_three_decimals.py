"""The pages, files and documents of a shop whose currency has three decimals."""

import re
from uuid import uuid4

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

from shop.config import ROOT
from shop.db.session import db
from shop.domain.customers.segments import Condition, SegmentRules
from shop.domain.pricing.taxes import TaxPrices
from shop.models import Order, OutboxMessage
from shop.queries.catalogue.list import ProductFilters, list_products
from shop.services.customers.segments import save_segment
from shop.services.imports.products import write_row
from shop.services.imports.records import ImportFile, create_import, get_import
from shop.services.messaging.mails.mail_composer import compose
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.repository import get_order
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from shop.services.taxes.classes import set_tax_prices
from shop.worker.jobs.imports import work_on_imports
from tests import factories
from tests.factories import TESTER

NO_BREAK = "\u00a0"
SWAHILI = ROOT / "shop/translations/sw/LC_MESSAGES/messages.po"


@pytest.fixture
def dinars(inside):
    inside(change_settings, {"currency": "KWD", "shop_country": "KW", "hosted_shop_enabled": "true"}, TESTER)


@pytest.fixture
def rice(inside, dinars):
    return inside(factories.make_product, "Rice", 1234, sku="RICE", stock=9)


def newest_order(inside):
    return inside(lambda: get_order(db.session.scalars(select(Order.id).order_by(Order.id.desc())).first()))


def test_a_price_is_typed_and_shown_to_the_fils(staff, dinars):
    fields = {"name": "Rice", "status": "active", "description": ""}
    assert staff.send("/staff/products/new", **fields, price="1.2345").status_code == 422
    made = staff.send("/staff/products/new", **fields, price="KWD 1.234")
    assert made.status_code == 303
    assert re.search(r'name="price"[^>]*value="1\.234"', staff.get(made.headers["Location"]).text)
    assert "1.234" in staff.get("/staff/products").text
    again = staff.send("/staff/products/new", **fields, price="1,234")
    assert re.search(r'name="price"[^>]*value="1,234\.000"', staff.get(again.headers["Location"]).text)


@pytest.mark.parametrize(
    ("country", "currency", "example", "too_fine"),
    [
        ("KE", "KES", "245.00", "245.005"),
        ("JP", "JPY", "245", "245.5"),
        ("KW", "KWD", "245.000", "245.0005"),
        ("TN", "TND", "245,000", "245,0005"),
    ],
)
def test_the_example_of_an_amount_is_one_of_the_currency(staff, inside, country, currency, example, too_fine):
    inside(change_settings, {"currency": currency, "shop_country": country}, TESTER)
    for typed in ("much", too_fine):
        refused = staff.send("/staff/products/new", name="Rice", status="active", description="", price=typed)
        assert f"Enter an amount such as {example}<" in refused.text
    made = staff.send("/staff/products/new", name="Rice", status="active", description="", price=example)
    assert made.status_code == 303


def test_no_text_writes_an_amount_for_every_currency():
    """An example of an amount comes from the currency; texts that name KES, or are about M-Pesa or JSON, do not."""
    with SWAHILI.open("rb") as file:
        texts = {str(message.id) for message in read_po(file) if re.search(r"\d\.\d\d\b", str(message.id))}
    allowed = {"must be an amount such as 1.00", "must be an amount such as 2400.00"}
    assert {text for text in texts if "KES" not in text} == allowed


def test_an_order_by_hand_and_its_documents(staff, inside, rice):
    jane = inside(factories.make_customer, first_name="Jane", last_name="Kamau")
    fields = {"customer_id": str(jane.id), "line-0-article": f"p{rice.id}", "line-0-quantity": "3", "delivers": ""}
    fields |= {"line-0-price": "1.234", "request_key": str(uuid4())}
    assert staff.send("/staff/orders/new", **fields, do="create").status_code == 303
    order = newest_order(inside)
    assert order.total_cents == 3702
    for page in ("", "/receipt", "/invoice"):
        assert "3.702" in staff.get(f"/staff/orders/{order.id}{page}", follow_redirects=True).text, page
    assert staff.get(f"/staff/orders/{order.id}/receipt?pdf=1").mimetype == "application/pdf"
    assert "3.702" in staff.get("/staff/orders.csv").text
    assert "3.702" in staff.get("/staff/orders").text


def test_a_sale_at_the_till_and_its_report(staff, inside, dinars):
    jane = inside(factories.make_customer)
    sale = {"customer_id": str(jane.id), "method": "cash", "request_key": str(uuid4()), "repeated": "1"}
    assert staff.send("/staff/till/sale", **sale, amount="3.7025").status_code == 422
    assert staff.send("/staff/till/sale", **sale, amount="3.702").status_code == 303
    order = newest_order(inside)
    assert (order.total_cents, order.points_earned) == (3702, 3)
    assert 'data-decimals="3"' in staff.get("/staff/till").text
    assert "KWD 3.702" in staff.get("/staff/reports").text
    assert ",3.702" in staff.get("/staff/reports.csv").text
    assert "3.702" in staff.get("/staff/").text


@pytest.mark.parametrize(("country", "currency", "cell"), [("KW", "KWD", "1.234"), ("TN", "TND", '"1,234"')])
def test_an_exported_file_changes_nothing_when_it_comes_back(staff, inside, dinars, country, currency, cell):
    inside(change_settings, {"currency": currency, "shop_country": country}, TESTER)
    rice = inside(factories.make_product, "Rice", 1234, sku="RICE", stock=9)
    inside(factories.make_variant, rice, "1 kg", 2005)
    file = staff.get("/staff/products.csv").text
    assert f",{cell}," in file

    def take_in():
        before = [write_row(one) for one in list_products(ProductFilters()).rows]
        made = create_import(ImportFile("products", file.encode(), "products.csv", apply_at_once=True), TESTER)
        while work_on_imports(lambda: None):
            pass
        return before, [write_row(one) for one in list_products(ProductFilters()).rows], get_import(made.id).counts

    before, after, counts = inside(take_in)
    assert before == after
    assert {name: count for name, count in counts.items() if count} == {"unchanged": 1}


def test_rules_are_for_whole_dinars(staff, dinars):
    page = staff.get("/staff/settings/loyalty").text
    assert f"KWD{NO_BREAK}1.000" in page
    assert "1.00 " not in page.replace(f"KWD{NO_BREAK}", "")


def test_the_hosted_shop_sells_to_the_fils(client, shop, rice):
    page = client.get(f"/shop/{shop.slug}/")
    assert "KWD 1.234" in page.text
    client.post(f"/shop/{shop.slug}/cart", data={"product_id": rice.id, "quantity": 3})
    assert "KWD 3.702" in client.get(f"/shop/{shop.slug}/cart").text


def test_a_decimal_comma_comes_back_from_every_field(staff, inside):
    inside(change_settings, {"currency": "TND", "shop_country": "TN"}, TESTER)
    assert (
        staff.send("/staff/products/new", name="Rice", status="active", description="", price="1.234").status_code
        == 422
    )
    made = staff.send("/staff/products/new", name="Rice", status="active", description="", price="1.234,500")
    assert re.search(r'name="price"[^>]*value="1234,500"', staff.get(made.headers["Location"]).text)
    rules = SegmentRules((Condition.read("spent", "at_least", "1,234", ",", "TND"),))
    segment = inside(save_segment, "Regulars", rules, TESTER)
    page = staff.get(f"/staff/customers/segments/{segment.id}").text
    assert 'value="1,234"' in page


def test_taxes_are_split_to_the_fils(staff, inside, dinars):
    inside(set_tax_prices, TaxPrices.INCLUDED, TESTER)

    def sell():
        order = factories.place(factories.make_customer(), [(factories.make_product("Soap", 1234), 3)]).order
        set_payment_status(order.id, "paid", TESTER)
        return get_order(order.id).tax_lines

    (line,) = inside(sell)
    assert (line.net_cents, line.tax_cents) == (3191, 511)
    assert "B VAT 16%,16,1,3.191,0.511,0.000" in staff.get("/staff/reports.csv?report=taxes&span=30d").text


def test_the_mail_of_an_order_has_the_fils(inside, dinars):
    def sell():
        factories.place(factories.make_customer(first_name="Jane"), [(factories.make_product("Rice", 1234), 3)])
        row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "order_placed")).one()
        message = ClaimedMessage(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at)
        return compose(message, "k" * 32).text

    text = inside(sell)
    assert "3 × 1.234 = 3.702" in text
    assert "KWD 3.702" in text
