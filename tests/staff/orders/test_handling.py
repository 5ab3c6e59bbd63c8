"""Actions on an order: delivery, undo, notes; and bulk actions."""

import re
from uuid import uuid4

import pytest

from shop.services.orders.lifecycle import mark_paid
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def orders(inside):
    def make():
        jane = factories.make_customer(first_name="Jane", points=500)
        milk = factories.make_product("Fresh milk", 6250, stock=99)
        return [factories.place(jane, [(milk, 2)]).order for _ in range(3)]

    return inside(make)


def test_out_for_delivery_with_a_rider(staff, inside, orders):
    path = f"/staff/orders/{orders[0].id}"
    assert "Rider" in staff.get(f"{path}?step=out").text
    assert staff.send(f"{path}/out", rider_name="Otieno", rider_phone="0712 345 678").status_code == 303
    page = staff.get(path).text
    assert "Out for delivery" in page
    assert "Otieno 0712 345 678" in page
    listed = staff.get("/staff/orders?status=out_for_delivery").text
    assert orders[0].order_number in listed
    assert orders[1].order_number not in listed
    to_pack = staff.get("/staff/orders?status=to_pack&q=jane").text
    assert orders[0].order_number not in to_pack
    assert orders[1].order_number in to_pack


def test_a_refund_of_a_free_order_is_on_its_page(staff, inside):
    sample = inside(factories.make_product, "Sample", 0, stock=5)
    order = inside(lambda: factories.place(factories.make_customer(), [(sample, 1)]).order)
    assert (order.total_cents, order.payment_status) == (0, "paid")
    path = f"/staff/orders/{order.id}"
    staff.send(f"{path}/refunds/all", reason="Broken", restock="y", request_key=str(uuid4()))
    page = " ".join(re.sub("<[^>]+>", " ", staff.get(path).text).split())
    said = "Refunded in full; the order was free, so no money goes back for 1 × Sample, 1 back in stock"
    assert said in page
    assert "“Broken”" in page
    assert "1 of 1 refunded" in page
    assert "The order was free, so no money goes back." in page


def test_paid_and_done_are_undone(staff, inside, orders):
    path = f"/staff/orders/{orders[0].id}"
    assert "Points are added when it is paid" in staff.get(path).text
    staff.send(f"{path}/paid")
    staff.send(f"{path}/completed")
    assert staff.get(path).text.count("/undo") >= 2
    assert staff.send(f"{path}/completed/undo").status_code == 303
    assert staff.send(f"{path}/paid/undo").status_code == 303
    order = inside(get_order, orders[0].id)
    assert (order.status, order.payment_status) == ("pending", "pending")
    assert "Undone: no longer marked paid" in staff.get(path).text
    assert staff.send(f"{path}/paid/undo").status_code == 409


def test_ticked_orders_are_marked_done_after_a_question(staff, inside, orders):
    nothing = staff.send("/staff/orders/choose", do="done")
    assert nothing.location == "/staff/orders"
    token = staff.token()
    ids = [str(order.id) for order in orders[:2]]
    chosen = staff.client.post("/staff/orders/choose", data={"csrf_token": token, "do": "done", "id": ids})
    question = staff.get(chosen.location)
    assert "Mark 2 orders done?" in question.text
    done = staff.send(chosen.location, sure="1")
    assert done.status_code == 303
    assert [inside(get_order, order.id).status for order in orders] == ["completed", "completed", "pending"]


def test_all_that_match_is_an_exact_number(staff, inside, orders):
    chosen = staff.send("/staff/orders/choose?q=Jane&status=open", do="done", all="1")
    assert "Mark 3 orders done?" in staff.get(chosen.location).text
    assert (
        "3 orders marked done."
        in staff.client.get(staff.send(chosen.location, sure="1").location, follow_redirects=True).text
    )
    again = staff.send("/staff/orders/choose?q=Jane", do="done", all="1")
    assert "3 were done or cancelled." in staff.get(staff.send(again.location, sure="1").location).text


def test_chosen_orders_are_exported(staff, orders):
    chosen = staff.send("/staff/orders/choose", do="export", id=str(orders[1].id))
    file = staff.get(chosen.location).text
    assert orders[1].order_number in file
    assert orders[0].order_number not in file


def test_notes_are_kept_or_sent(staff, orders):
    path = f"/staff/orders/{orders[0].id}"
    assert staff.send(f"{path}/notes", content="Rang <b>twice</b>").status_code == 303
    assert staff.send(f"{path}/notes", content="On its way", is_shared="1").status_code == 303
    page = staff.get(path).text
    assert "Rang &lt;b&gt;twice&lt;/b&gt;" in page
    assert "sent to the customer" in page
    assert staff.send(f"{path}/notes", content=" ").status_code == 422


def test_a_refund_waits_until_its_money_is_sent(staff, inside, orders):
    order = orders[0]

    def refund():
        mark_paid(order.id, "", TESTER)
        return refund_order(order.id, 1000, "Broken", TESTER, is_sent=False).refunds[0].id

    refund_id = inside(refund)
    assert "1 refund is waiting for its money" in staff.get("/staff/orders").text
    assert "1 refund is waiting for its money" in staff.get("/staff/").text
    assert order.order_number in staff.get("/staff/orders/refunds").text
    assert re.search("Send KES 10.00 to the customer", staff.get(f"/staff/orders/{order.id}").text)
    sent = f"/staff/orders/{order.id}/refunds/{refund_id}/sent"
    assert staff.send(sent, reference="SGJ1Y8M4RT", list="1").status_code == 303
    assert "Nothing to send" in staff.get("/staff/orders/refunds").text
    assert staff.send(sent).status_code == 303
