"""The page of an order: opened by the link in its mails, with how to pay."""

import pytest

from shop.services.orders.fulfilment.delivery import send_out
from shop.services.orders.fulfilment.notes import add_order_note
from shop.services.orders.lifecycle import mark_paid
from shop.services.payments.order_status import status_code, status_link
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def order(inside):
    def make():
        factories.make_payment("mpesa", "M-Pesa", config={"paybill": "600210"})
        change_setting("payment_instructions", "Call 0700 000 210 if it fails.", TESTER)
        milk = factories.make_product("Fresh <b>milk</b>", 6250)
        return factories.place(factories.make_customer(), [(milk, 2)], payment_method="mpesa").order

    return inside(make)


@pytest.fixture
def code(app, inside, order):
    return inside(status_code, order.id, app.config["SECRET_KEY"])


def test_the_link_has_its_secret_in_the_fragment(app, inside, shop, order, code):
    link = inside(status_link, order.id)
    assert link.endswith(f"/checkout/{shop.slug}/order-status#{code}")


def test_the_page_says_what_was_ordered_and_how_to_pay(client, inside, shop, order, code):
    address = f"/checkout/{shop.slug}/order-status"
    assert 'name="code"' in client.get(address).text
    page = client.post(address, data={"code": code})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Fresh &lt;b&gt;milk&lt;/b&gt;" in page.text
    assert "600210" in page.text
    assert "Call 0700 000 210" in page.text
    inside(send_out, order.id, "Otieno", "", TESTER)
    inside(add_order_note, order.id, "At the gate by four.", TESTER, is_shared=True)
    inside(add_order_note, order.id, "Internal.", TESTER, is_shared=False)
    inside(mark_paid, order.id, "", TESTER)
    page = client.post(address, data={"code": code}).text
    assert "Otieno" in page
    assert "At the gate by four." in page
    assert "Internal." not in page
    assert "600210" not in page


def test_paying_starts_the_orders_method(client, shop, order, code):
    page = client.post(f"/checkout/{shop.slug}/order-status", data={"code": code, "method": "mpesa", "phone": "x"})
    assert page.status_code == 200
    assert "600210" in page.text
    page = client.post(f"/checkout/{shop.slug}/order-status", data={"code": code, "method": "cowries"})
    assert "payment method" in page.text


@pytest.mark.parametrize("change", [str.upper, lambda code: code[:-1] + "0x", lambda code: "1" + code, lambda code: ""])
def test_another_code_opens_nothing(client, shop, order, code, change):
    refused = client.post(f"/checkout/{shop.slug}/order-status", data={"code": change(code)})
    assert refused.status_code == 404
    assert order.order_number not in refused.text


def test_the_code_of_another_shop_opens_nothing(app, client, order, code):
    with app.app_context():
        other = factories.make_shop()
    assert client.post(f"/checkout/{other.slug}/order-status", data={"code": code}).status_code == 404
