"""An order entered on the page, with and without scripts: found, scanned, priced, saved as a draft, created."""

import re

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.pricing.taxes import TaxPrices
from shop.models import Order
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.manual.drafts import list_drafts
from shop.services.orders.repository import get_order
from shop.services.taxes.classes import set_tax_prices
from tests import factories

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
FIELD = re.compile(r'<input[^>]*?\bname="([^"]+)"[^>]*?>', re.DOTALL)
KEY = re.compile(r'name="request_key"\s+value="([^"]+)"')


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, first_name="Jane", last_name="Kamau", phone="0712345678", points=5680)


@pytest.fixture
def milk(inside):
    return inside(factories.make_product, "Fresh milk", 6250, stock=9, sku="MAZIWA-05")


@pytest.fixture
def clerk(browse, inside):
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="clerk").email)
    return browser


def only_order(inside):
    return inside(lambda: get_order(db.session.scalars(select(Order.id)).one()))


def test_a_customer_is_found_and_chosen(staff, jane):
    page = staff.send("/staff/orders/new", find_customer="0712 345 678")
    assert f'name="choose"\n                  value="{jane.id}"' in page.text or f'value="{jane.id}"' in page.text
    page = staff.send("/staff/orders/new", choose=str(jane.id))
    assert "Jane Kamau" in page.text
    assert "5,680" in page.text


def test_a_scanned_code_adds_the_article_at_once(staff, milk):
    page = staff.send("/staff/orders/new", find_article="MAZIWA-05")
    assert f'name="line-0-article" value="p{milk.id}"' in " ".join(page.text.split())
    line = {"line-0-article": f"p{milk.id}", "line-0-quantity": "1"}
    page = staff.send("/staff/orders/new", find_article="MAZIWA-05", **line)
    assert re.search(r'name="line-0-quantity"\s+value="2"', page.text)
    assert "125.00" in page.text


@pytest.mark.parametrize("button", [{"add": "p%s"}, {"do": "draft"}, {"more": "0"}])
def test_a_pressed_button_does_not_scan_the_code_that_was_typed(staff, milk, button):
    pressed = {name: value.replace("%s", str(milk.id)) for name, value in button.items()}
    line = {"line-0-name": "Delivered by bicycle", "line-0-quantity": "1", "line-0-price": "50.00"}
    page = staff.send("/staff/orders/new", find_article="MAZIWA-05", **line, **pressed)
    added = re.findall(rf'name="line-\d-article"\s+value="p{milk.id}"', page.text)
    assert len(added) == (1 if "add" in button else 0)
    assert not re.search(r'name="line-1-quantity"\s+value="2"', page.text)


def test_while_typing_nothing_is_added(staff, milk):
    page = staff.client.post(
        "/staff/orders/new",
        data={"csrf_token": staff.token(), "find_article": "maziwa", "live": "1"},
        headers=HTMX,
    )
    assert f'value="p{milk.id}"' in page.text
    assert "line-0-article" not in page.text
    assert "<html" not in page.text


def test_an_order_is_created_once_and_shown(staff, inside, jane, milk):
    inside(factories.make_payment)
    key = KEY.search(staff.get("/staff/orders/new").text)[1]
    fields = {
        "request_key": key,
        "customer_id": str(jane.id),
        "line-0-article": f"p{milk.id}",
        "line-0-quantity": "2",
        "line-0-price": "60",
        "line-1-name": "Gas refill",
        "line-1-quantity": "1",
        "line-1-price": "1,100",
        "discount": "20",
        "pay": "now",
        "method": "mpesa",
        "reference": "TGR4K8P2QX",
        "do": "create",
    }
    first, again = (staff.send("/staff/orders/new", **fields) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    order = only_order(inside)
    assert (order.total_cents, order.payment_status) == (12000 + 110000 - 2000, "paid")
    assert "Entered by staff" in staff.get(first.location).text


def test_a_payment_by_mpesa_is_reported_where_customers_cannot_choose_it(staff, inside, milk):
    fields = {"line-0-article": f"p{milk.id}", "line-0-quantity": "2", "method": "mpesa", "do": "create"}
    later = staff.send("/staff/orders/new", **fields, pay="later")
    assert (later.status_code, "This isn’t" in later.text or "payment method" in later.text) == (422, True)
    page = staff.send("/staff/orders/new", **fields | {"do": ""}, pay="now").text
    assert '<option value="mpesa" selected>M-Pesa</option>' in page
    assert staff.send("/staff/orders/new", **fields, pay="now", reference="TGR4K8P2QX").status_code == 303
    report = staff.get("/staff/reports.csv?report=payments&span=30d").text
    assert ("M-Pesa" in report, "Not given" in report) == (True, False)


def test_points_need_the_customers_code(staff, inside, jane, milk):
    fields = {"customer_id": str(jane.id), "line-0-article": f"p{milk.id}", "line-0-quantity": "2", "points": "100"}
    page = staff.send("/staff/orders/new", **fields)
    assert "Send code" in page.text
    refused = staff.send("/staff/orders/new", **fields, do="create")
    assert refused.status_code == 422
    assert "ask the customer for it" in refused.text
    page = staff.send("/staff/orders/new", **fields, send_code="1")
    assert "Ask for it." in page.text
    wrong = staff.send("/staff/orders/new", **fields, code_sent="1", code="123456")
    assert "isn’t valid" in wrong.text
    token = inside(factories.make_token, jane.id)
    assert staff.send("/staff/orders/new", **fields, token=token, do="create").status_code == 303
    assert inside(find_balance, jane.id) == 5580


def test_a_clerk_takes_orders_at_the_shops_prices(clerk, inside, milk):
    fields = {"line-0-article": f"p{milk.id}", "line-0-quantity": "2", "line-0-price": "1", "discount": "50"}
    page = clerk.get("/staff/orders/new")
    assert "Custom item" not in page.text
    assert clerk.send("/staff/orders/new", **fields, do="create").status_code == 303
    assert only_order(inside).total_cents == 12500


def test_a_draft_is_saved_listed_continued_and_deleted(staff, inside, jane, milk):
    fields = {"customer_id": str(jane.id), "line-0-article": f"p{milk.id}", "line-0-quantity": "3", "code": "123456"}
    saved = staff.send("/staff/orders/new", **fields, do="draft")
    assert saved.status_code == 303
    page = staff.get(saved.location)
    assert re.search(r'name="line-0-quantity"\s+value="3"', page.text)
    assert "code" not in inside(list_drafts)[0].fields["fields"]
    listed = staff.get("/staff/orders/drafts")
    assert "Jane Kamau" in listed.text
    assert "187.50" in listed.text
    assert staff.send(f"{saved.location}/delete").status_code == 303
    assert "No drafts" in staff.get("/staff/orders/drafts").text


def test_a_copy_has_the_articles_at_todays_prices(staff, inside, jane, milk):
    order = inside(lambda: factories.place(jane, [(milk, 2)]).order)
    page = staff.get(f"/staff/orders/new?copy={order.id}")
    assert "Jane Kamau" in page.text
    assert f'value="p{milk.id}"' in page.text
    assert re.search(r'name="line-0-quantity"\s+value="2"', page.text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Add a product first"),
        ({"line-0-quantity": "many", "line-0-name": "Gas", "line-0-price": "5"}, "Enter a whole number"),
        ({"line-0-quantity": "1", "line-0-name": "Gas", "line-0-price": "abc"}, "Enter an amount"),
        ({"line-0-quantity": "1", "line-0-name": "Gas", "line-0-price": "5", "discount": "9"}, "more than the goods"),
        ({"line-0-quantity": "1", "line-0-name": "Gas", "line-0-price": "5", "coupon": "NOPE"}, "coupon of this shop"),
        ({"line-0-quantity": "1", "line-0-name": "Gas", "line-0-price": "5", "phone": "12"}, "phone"),
        ({"line-0-article": "p99999999999", "line-0-quantity": "1"}, "required"),
    ],
)
def test_errors_are_shown_at_their_place(staff, inside, fields, said):
    refused = staff.send("/staff/orders/new", **fields, do="create")
    assert refused.status_code == 422
    assert said in refused.text
    assert inside(lambda: db.session.scalars(select(Order.id)).all()) == []


def test_odd_fields_break_nothing(staff):
    odd = {"line-999-quantity": "-1", "line-0-article": "x'", "customer_id": "9" * 30, "remove": "7", "more": "x"}
    odd |= {"choose": "none", "add": "p1x", "request_key": "no key", "shipping": "nowhere", "points": "-5"}
    assert staff.send("/staff/orders/new", **odd).status_code == 200
    assert staff.send("/staff/orders/new", **odd, do="create").status_code == 422
    assert staff.get("/staff/orders/new?copy=999&customer=x").status_code == 404
    assert staff.get("/staff/orders/new?customer=999999").status_code == 200


@pytest.mark.parametrize(("prices", "text"), [("included", "VAT 16% in 62.50"), ("added", "VAT 16% on 62.50")])
def test_the_summary_shows_the_taxes(staff, inside, milk, prices, text):
    inside(set_tax_prices, TaxPrices(prices), factories.TESTER)
    line = {"line-0-article": f"p{milk.id}", "line-0-quantity": "1"}
    assert text in staff.send("/staff/orders/new", **line).text
    staff.send("/staff/orders/new", do="create", **line)
    assert text in staff.get(f"/staff/orders/{only_order(inside).id}/edit").text


def test_presses_without_an_answer_yet_count_together(staff, jane, milk):
    lines = {"line-0-article": f"p{milk.id}", "line-0-quantity": "2", "line-0-price": ""}
    lines |= {"line-1-name": "Bag", "line-1-quantity": "1", "line-1-price": "5"}
    pressed = {"choose": str(jane.id), "more": ["0", "0"], "less": "1", "scanned": ["MAZIWA-05", "UNKNOWN"], "own": "1"}
    page = staff.send("/staff/orders/new", **lines, **pressed)
    assert "Jane Kamau" in page.text
    assert re.findall(r'name="line-.-quantity"\s+value="([^"]*)"', page.text) == ["5", "1"]
    assert "Bag" not in page.text
    assert re.search(r'name="find_article"\s+value="UNKNOWN"', page.text)
