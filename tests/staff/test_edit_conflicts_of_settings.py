"""Two people edit one record of the settings: what only one changed is kept, what both changed is shown."""

import html
import json
import re

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import PaymentMethod
from shop.services.catalogue.products.records import get_product
from shop.services.coupons.records import get_coupon
from shop.services.shipping.records import get_method, get_zone, save_zone
from shop.services.shipping.values import ZoneValues
from shop.services.staff.roles import get_role, save_role
from shop.services.taxes.classes import add_kenyan_classes, get_tax_class, list_tax_classes
from shop.services.webhooks.endpoints import create_endpoint, get_endpoint
from tests import factories
from tests.factories import TESTER

WENT_WRONG = "Someone else just changed this"
COUPON = {"code": "KARIBU", "type": "percentage", "value": "10", "description": "", "combines_with_points": "y"}
METHOD = {"name": "Rider", "cost": "200.00", "band_by": "", "enabled": "y"}
ENDPOINT = {"url": "https://example.com/hook", "types": "*", "description": "", "enabled": "y"}


def seen_in(page, address=""):
    part = page.text.partition(f'action="{address}"')[2] if address else page.text
    return html.unescape(re.search(r'name="seen"\s+value="([^"]*)"', part)[1])


def coupon():
    one = factories.make_coupon("KARIBU").id
    return f"/staff/coupons/{one}/edit", f"/staff/coupons/{one}/edit", COUPON, lambda: get_coupon(one)


def method():
    one = factories.make_shipping().id
    here = f"/staff/delivery/methods/{one}"
    return here, here, METHOD, lambda: get_method(one)


def zone():
    one = save_zone(None, ZoneValues(name="Nairobi", countries=["KE"], regions=[], towns=[]), TESTER).id
    here = f"/staff/delivery/zones/{one}"
    return here, here, {"name": "Nairobi", "countries": "KE", "regions": "", "towns": ""}, lambda: get_zone(one)


def role():
    one = save_role(None, "Cashier", ["orders.pay", "notes.write"], TESTER).id
    here = f"/staff/settings/roles/{one}"
    return here, here, {"name": "Cashier", "permissions": ["notes.write", "orders.pay"]}, lambda: get_role(one)


def tax_class():
    add_kenyan_classes(TESTER)
    one = next(one for one in list_tax_classes() if one.rate == 1600)
    fields = {"code": one.code, "name": one.name, "rate": "16", "next_rate": "", "next_rate_from": ""}
    here = f"/staff/settings/taxes/classes/{one.id}"
    return f"/staff/settings/taxes?edit={one.id}", here, fields, lambda: get_tax_class(one.id)


def endpoint():
    one = create_endpoint("https://example.com/hook", ["*"], TESTER)[0].id
    here = f"/staff/settings/webhooks/{one}"
    return here, here, ENDPOINT, lambda: get_endpoint(one)


CASES = [
    (coupon, ("description", "For friends"), ("value", "15"), ("value", "20"), 1500),
    (method, ("pickup_hours", "9 to 5"), ("name", "Boda"), ("name", "Bike"), "Boda"),
    (zone, ("towns", "Kilimani"), ("name", "Town"), ("name", "City"), "Town"),
    (role, ("name", "Till"), ("permissions", ["orders.pay"]), ("permissions", []), ["orders.pay"]),
    (tax_class, ("name", "VAT"), ("rate", "14"), ("rate", "18"), 1400),
    (endpoint, ("description", "Books"), ("types", "order.*"), ("types", "points.*"), ["order.*"]),
]


@pytest.mark.parametrize(("make", "own", "others", "mine", "stored"), CASES, ids=[case[0].__name__ for case in CASES])
def test_a_record(staff, inside, make, own, others, mine, stored):
    page, address, fields, get = inside(make)
    opened = seen_in(staff.get(page), address)
    assert staff.send(address, **fields | dict([others]), seen=opened).status_code == 303
    assert staff.send(address, **fields | dict([own]), seen=opened).status_code == 303
    assert getattr(inside(get), others[0]) == stored  # which the second one did not touch
    refused = staff.send(address, **fields | dict([own, mine]), seen=opened)
    assert (refused.status_code, WENT_WRONG in refused.text) == (422, True)
    assert getattr(inside(get), others[0]) == stored
    assert staff.send(address, **fields | dict([own, mine]), seen=seen_in(refused, address)).status_code == 303
    assert getattr(inside(get), others[0]) != stored


def payment_fields(name="M-Pesa till", number="5551234"):
    return {
        "name": name,
        "position": "2",
        "minutes": "",
        "number_kind": "till_number",
        "number": number,
        "enabled": "1",
    }


def test_a_payment_method_replaces_its_own_form_alone(staff, inside):
    inside(factories.make_payment, "till", "M-Pesa till", position=2, config={"till_number": "5551234"})
    address = "/staff/settings/payments/till"
    opened = staff.get("/staff/settings/payments")
    assert 'hx-target="#way-till" hx-select="#way-till"' in opened.text
    seen = seen_in(opened, address)
    changed = payment_fields(number="600100") | {"csrf_token": staff.token(), "seen": seen}
    saved = staff.client.post(address, data=changed, headers={"HX-Request": "true"})
    assert (saved.status_code, "Saved." in saved.text, 'id="way-till"' in saved.text) == (200, True, True)
    assert staff.send(address, **payment_fields(name="Lipa na M-Pesa"), seen=seen).status_code == 303
    refused = staff.send(address, **payment_fields(number="700200"), seen=seen)
    assert (refused.status_code, f"{WENT_WRONG} to 600100" in refused.text) == (422, True)

    def stored():
        row = db.session.scalars(select(PaymentMethod).where(PaymentMethod.code == "till")).one()
        return row.name, row.config

    assert inside(stored) == ("Lipa na M-Pesa", {"till_number": "600100"})


def test_variants(staff, inside):
    def make():
        product = factories.make_product("Milk", 6000)
        return product.id, factories.make_variant(product, "1 l", 6000).id

    product, variant = inside(make)
    page = f"/staff/products/{product}"
    row = {"variant-0-id": str(variant), "variant-0-options": "1 l", "variant-0-price": "60.00"}
    shown = {"name": "Milk", "price": "60.00", "status": "active", "variant-count": "1"} | row
    opened = seen_in(staff.get(page))
    assert f"variant-{variant}-price" in json.loads(opened)
    added = {"variant-count": "2", "variant-1-options": "2 l", "variant-1-price": "110.00"}
    assert staff.send(page, **shown | added | {"variant-0-price": "65.00"}, seen=opened).status_code == 303
    assert staff.send(page, **shown | {"variant-0-sku": "MILK-1"}, seen=opened).status_code == 303
    refused = staff.send(page, **shown | {"variant-0-price": "70.00"}, seen=opened)
    assert f"{WENT_WRONG} to 65.00" in refused.text
    variants = [(one.name, one.price_cents, one.sku) for one in inside(lambda: list(get_product(product).variants))]
    assert variants == [("1 l", 6500, "MILK-1"), ("2 l", 11000, "")]
