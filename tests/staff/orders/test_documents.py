"""Packing slips, receipts and invoices, on the screen and as PDF, with names in any script."""

import pytest

from shop.services.orders.lifecycle import mark_paid
from tests import factories
from tests.factories import TESTER

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
