"""Two people edit the same record: changes of different fields add up, those of the same field are shown."""

import html
import re

import pytest

from shop.services.catalogue.products.records import get_product
from shop.services.customers.records import get_customer
from shop.services.shops.settings import get_settings
from tests import factories

WENT_WRONG = "Someone else just changed this to"


def seen_in(page):
    return html.unescape(re.search(r'name="seen" value="([^"]*)"', page.text)[1])


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, first_name="Jane", last_name="Kamau").id


def test_a_customer(staff, inside, jane):
    here = f"/staff/customers/{jane}"
    opened = seen_in(staff.get(f"{here}?open=edit"))
    who = {"email": inside(get_customer, jane).email, "last_name": "Kamau", "first_name": "Jane"}
    assert staff.send(f"{here}/edit", **who | {"first_name": "Joan"}, seen=opened).status_code == 303
    assert staff.send(f"{here}/edit", **who | {"last_name": "Njeri"}, seen=opened).status_code == 303
    assert inside(get_customer, jane).full_name == "Joan Njeri"
    refused = staff.send(f"{here}/edit", **who | {"first_name": "Jean"}, seen=opened)
    assert refused.status_code == 422
    assert f"{WENT_WRONG} Joan" in refused.text
    assert inside(get_customer, jane).full_name == "Joan Njeri"
    again = who | {"first_name": "Jean", "last_name": "Njeri"}
    assert staff.send(f"{here}/edit", **again, seen=seen_in(refused)).status_code == 303
    assert inside(get_customer, jane).full_name == "Jean Njeri"


def test_what_was_seen_is_kept_through_an_invalid_field(staff, inside, jane):
    here, who = f"/staff/customers/{jane}", {"email": inside(get_customer, jane).email, "last_name": "Kamau"}
    opened = seen_in(staff.get(f"{here}?open=edit"))
    staff.send(f"{here}/edit", **who, first_name="Joan", seen=opened)
    refused = staff.send(f"{here}/edit", **who, first_name="Jane", phone="12", seen=opened)
    assert refused.status_code == 422
    assert seen_in(refused) == opened


def test_a_product(staff, inside):
    milk = inside(factories.make_product, "Milk", 6000).id
    page, shown = f"/staff/products/{milk}", {"name": "Milk", "price": "60.00", "status": "active"}
    opened = seen_in(staff.get(page))
    assert staff.send(page, **shown | {"price": "65.00"}, seen=opened).status_code == 303
    assert staff.send(page, **shown | {"name": "Fresh milk"}, seen=opened).status_code == 303
    refused = staff.send(page, **shown | {"price": "70.00"}, seen=opened)
    assert f"{WENT_WRONG} 65.00" in refused.text
    product = inside(get_product, milk)
    assert (product.name, product.price_cents) == ("Fresh milk", 6500)


@pytest.mark.parametrize("seen", ["", "[]", "{", '{"store_address": 1}'])
def test_a_form_that_does_not_say_what_it_saw_is_saved_as_before(staff, inside, seen):
    assert staff.send("/staff/settings/store", store_address="Moi Avenue", seen=seen).status_code == 303
    assert inside(get_settings).values["store_address"] == "Moi Avenue"
