"""The taxes page."""

from shop.services.catalogue.products.records import get_product
from shop.services.orders.repository import get_order
from shop.services.shipping.records import list_methods
from shop.services.shops.settings import get_settings
from shop.services.taxes.classes import list_tax_classes
from tests import factories

PAGE = "/staff/settings/taxes"


def classes():
    return {one.code: one for one in list_tax_classes()}


def test_taxes_are_switched_on_with_the_classes_of_kenya(staff, inside):
    assert "No tax classes yet" in staff.get(PAGE).text
    assert staff.send(PAGE, prices="included").status_code == 303
    assert inside(lambda: get_settings().values["tax_prices"]) == "included"
    text = staff.get(PAGE).text
    assert "VAT 16%" in text
    assert "16 %" in text
    assert staff.send(PAGE, prices="sometimes").status_code == 422
    staff.send(f"{PAGE}/kenya")
    assert len(inside(classes)) == 5


def test_classes_are_added_changed_made_the_default_and_deleted(staff, inside):
    new = {"code": "VAT", "name": "VAT", "rate": "16"}
    assert staff.send(f"{PAGE}/classes", **new).status_code == 303
    staff.send(f"{PAGE}/classes", code="NONE", name="No VAT", rate="0")
    vat, none = inside(classes)["VAT"], inside(classes)["NONE"]
    changed = {"code": "VAT", "name": "VAT", "rate": "16", "next_rate": "17.5", "next_rate_from": "2027-07-01"}
    assert staff.send(f"{PAGE}/classes/{vat.id}", **changed).status_code == 303
    assert "17.5 % from" in staff.get(PAGE).text
    assert 'value="2027-07-01"' in staff.get(f"{PAGE}?edit={vat.id}").text
    staff.send(f"{PAGE}/classes/{none.id}/default")
    assert [one.is_default for one in (inside(classes)["NONE"], inside(classes)["VAT"])] == [True, False]
    staff.send(f"{PAGE}/classes/{vat.id}/delete", sure="1")
    staff.send(f"{PAGE}/classes/{none.id}/delete", sure="1")
    assert list(inside(classes)) == ["NONE"]


def test_errors_are_shown_at_their_field(staff, inside):
    answer = staff.send(f"{PAGE}/classes", code="A B", name="", rate="many", next_rate="5")
    assert answer.status_code == 422
    for words in ("Enter a name", "Enter a rate such as 16 or 7.5"):
        assert words in answer.text
    answer = staff.send(f"{PAGE}/classes", code="A B", name="VAT", rate="101")
    assert "Must have 1 to 64 letters, digits, - and _" in answer.text
    assert "Must be from 0 to 100" in staff.send(f"{PAGE}/classes", code="B", name="VAT", rate="101").text
    assert inside(classes) == {}
    assert staff.get(f"{PAGE}?edit=9").status_code == 404


def test_products_and_deliveries_take_classes(staff, inside):
    staff.send(PAGE, prices="added")
    product, method = inside(factories.make_product, price_cents=10000), inside(factories.make_shipping)
    assert '<option value="E">' in staff.get(f"/staff/products/{product.id}").text
    staff.send(f"/staff/products/{product.id}", name="Gas", price="100", status="active", tax_class="E")
    assert inside(get_product, product.id).tax_class == "E"
    wrong = staff.send(f"/staff/products/{product.id}", name="Gas", price="100", status="active", tax_class="Z")
    assert "Must be one of A, B, C, D, E, or empty" in wrong.text
    rider = {"name": "Rider", "cost": "200", "enabled": "y", "band_by": ""}
    staff.send(f"/staff/delivery/methods/{method.id}", **rider, tax_class="A")
    assert inside(list_methods)[0].tax_class == "A"
    assert staff.send(f"/staff/delivery/methods/{method.id}", **rider, tax_class="Z").status_code == 422


def placed(staff, inside, prices):
    staff.send(PAGE, prices=prices)

    def place():
        return factories.place(factories.make_customer(), [(factories.make_product("Soap", 11600), 1)]).order.id

    return inside(get_order, inside(place))


def test_pages_and_documents_show_the_taxes(staff, inside):
    order = placed(staff, inside, "included")
    for path in ("", "/receipt", "/invoice"):
        assert "VAT 16% in 116.00" in staff.get(f"/staff/orders/{order.id}{path}", follow_redirects=True).text, path


def test_taxes_that_are_added_stand_above_the_total(staff, inside):
    order = placed(staff, inside, "added")
    assert order.total_cents == 13456
    assert "VAT 16% on 116.00" in staff.get(f"/staff/orders/{order.id}").text
