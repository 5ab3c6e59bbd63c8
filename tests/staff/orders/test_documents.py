"""Packing slips, receipts and invoices, on the screen and as PDF, with names in any script."""

import re
import uuid
from dataclasses import replace

import pytest

from shop.services.customers.addresses import AddressAsGiven, save_address
from shop.services.errors import InvalidInput
from shop.services.images.logo import set_logo
from shop.services.orders.documents.invoices import issue_invoice
from shop.services.orders.lifecycle import mark_paid
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.order import ManualLine, ManualOrder
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.orders.repository import get_order
from shop.web.pages import pdf
from shop.web.pages.pdf import roll_height
from tests import factories
from tests.factories import TESTER
from tests.support.pictures import photo

NAMES = ("شاي كيني", "肯尼亚茶叶 500 克", "Chai 🎉🫖", "<b>Unga</b> & co", "Ọ̀ṣun " + "x" * 180)


@pytest.fixture
def order(inside):
    def make():
        customer = factories.make_customer(first_name="محمد", last_name="王小明", phone="0712345678")
        lines = [(factories.make_product(name, 6250), 2) for name in NAMES]
        made = factories.place(customer, lines, notes="Call at the gate. 🚪").order
        mark_paid(made.id, "TGR4K8P2QX", TESTER)
        return made

    return inside(make)


@pytest.mark.parametrize("path", ["packing-slip", "receipt", "receipt?width=58", "receipt?width=999"])
def test_documents_show_the_order(staff, order, path):
    page = staff.get(f"/staff/orders/{order.id}/{path}")
    assert page.status_code == 200
    for text in ("شاي كيني", "肯尼亚茶叶", "🎉", "&lt;b&gt;Unga&lt;/b&gt;", order.order_number):
        assert text in page.text


def test_an_address_and_a_phone_are_in_the_language_of_the_reader(staff, api, inside):
    address = PostalAddress("shipping", name="Jane Kamau", street="Kirichwa Road", city="Berlin", country="DE")
    billing = replace(address, type="billing")

    def place():
        lines = [(factories.make_product("Soap", 6250), 1)]
        guest = {"phone": "+254722000118", "phone_note": "Phone: 0722 000 118"}
        customer = factories.make_customer()
        save_address(customer.id, AddressAsGiven("shipping", "Kirichwa Road", "Berlin", country="DE"), TESTER)
        return factories.place(customer, lines, addresses=[address, billing], **guest).order

    order = inside(place)
    assert staff.send("/staff/account/language", language="sw").status_code == 303
    assert staff.send(f"/staff/orders/{order.id}/invoice").status_code == 303
    for path in ("", "/packing-slip", "/invoice"):
        page = staff.get(f"/staff/orders/{order.id}{path}").text
        assert ("Ujerumani" in page, "<br>DE" in page, "Phone: 0722" in page) == (True, False, False), path
        assert ("Simu: 0722 000 118" in page) == (path != "/invoice")
    assert "Ujerumani" in staff.get(f"/staff/customers/{order.customer_id}").text
    stored = api.get(f"/orders/{order.id}").json["data"]["order"]
    assert [each["country"] for each in stored["addresses"]] == ["DE", "DE"]
    assert stored["notes"][0]["content"] == "Phone: 0722 000 118"


@pytest.mark.parametrize("path", ["packing-slip?pdf=1", "receipt?pdf=1", "receipt?width=58&pdf=1"])
def test_documents_are_files_too(staff, order, path):
    file = staff.get(f"/staff/orders/{order.id}/{path}")
    assert file.mimetype == "application/pdf"
    assert file.data.startswith(b"%PDF-")


def test_an_invoice_is_issued_once(staff, order):
    path = f"/staff/orders/{order.id}/invoice"
    assert staff.get(path).status_code == 303
    for _ in range(2):
        assert staff.send(path).location == path
    assert "INV-000001" in staff.get(path).text
    assert staff.get(f"{path}?pdf=1").data.startswith(b"%PDF-")


def test_many_packing_slips_are_one_document(staff, order):
    chosen = staff.send("/staff/orders/choose", do="slips", id=str(order.id))
    assert order.order_number in staff.get(chosen.location).text
    assert staff.get(f"{chosen.location}&pdf=1").data.startswith(b"%PDF-")
    assert staff.get("/staff/orders/packing-slips?q=nothing-like-it&pdf=1").status_code == 200


def test_a_packing_slip_leaves_out_lines_that_were_refunded_whole(staff, order, inside):
    first, *_others = inside(get_order, order.id).items
    inside(refund_order, order.id, [RefundLine(first.id, 2)], "broken", TESTER)
    page = staff.get(f"/staff/orders/{order.id}/packing-slip").text
    assert (NAMES[0] in page, NAMES[1] in page) == (False, True)
    assert '<th scope="col"></th>' not in page  # a screen reader reads the head of each cell


def test_a_packing_slip_names_the_customer_once(staff, inside):
    customer = inside(factories.make_customer, first_name="Amina", last_name="Wanjiru")
    milk = inside(factories.make_product, "Maziwa", 6250)
    made = inside(factories.place, customer, [(milk, 1)]).order
    slip = staff.get(f"/staff/orders/{made.id}/packing-slip").text
    assert slip.count("Amina Wanjiru") == 1
    assert not set("☐☑✓✔") & set(slip)  # fonts may lack them: boxes are drawn


def test_more_packing_slips_than_fit_are_refused_with_their_number(staff, order, monkeypatch):
    monkeypatch.setattr("shop.staff.orders.documents.SLIPS_AT_ONCE", 0)
    answer = staff.get("/staff/orders/packing-slips", follow_redirects=True)
    assert "1 orders match. At most 0 can be printed at once." in answer.text


def test_a_picture_that_was_cut_short_is_refused_after_a_pdf_too(staff, order, inside):
    assert staff.get(f"/staff/orders/{order.id}/receipt?pdf=1").mimetype == "application/pdf"
    with pytest.raises(InvalidInput, match="damaged"):
        inside(set_logo, photo(300, 200)[:-400], TESTER)


def test_the_paper_of_a_receipt_ends_below_its_text(staff, order, monkeypatch):
    heights = []

    def measure(pages):
        heights.append(roll_height(pages))
        return heights[-1]

    monkeypatch.setattr(pdf, "roll_height", measure)
    for width in (80, 58):
        assert staff.get(f"/staff/orders/{order.id}/receipt?pdf=1&width={width}").data.startswith(b"%PDF")
    assert all(100 < height < 1_000 for height in heights), heights
    assert len(heights) == 2


def test_documents_have_the_address_and_what_is_left_after_refunds(staff, inside):
    def make():
        home = PostalAddress("shipping", street="Kirichwa Road", city="Kilimani", state="Nairobi County")
        lines = [ManualLine(1, name="Soap", price_cents=50_000)]
        entered = ManualOrder(lines, address=home, delivers=True, is_paid=True)
        made = create_manual_order(entered, factories.TESTER, request_key=str(uuid.uuid4()))
        issue_invoice(made.id, factories.TESTER)
        refund_order(made.id, 12_000, "Scratched", factories.TESTER)
        return made.id

    order_id = inside(make)
    invoice, slip = (staff.get(f"/staff/orders/{order_id}/{name}").text for name in ("invoice", "packing-slip"))
    for page in (invoice, slip):
        assert "Kirichwa Road<br>Kilimani Nairobi County" in page
    assert re.search(r"Net</td>\s*<td class=\"num\">380.00", invoice)
    assert "To the address" in slip
    assert "In the shop" not in slip
