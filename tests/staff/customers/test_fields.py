"""Tags, birthday, area and the shop's own fields on the pages; the search for duplicates while typing."""

import csv
import io

import pytest

from shop.services.customers.custom_fields import CustomFieldGiven, add_custom_field, list_custom_fields
from shop.services.customers.records import find_customer, get_customer
from tests import factories

NEW = "/staff/customers/new"
FIELDS = "/staff/settings/customer-fields"
KNOWN = {"HX-Request": "true", "HX-Target": "div#known"}


@pytest.fixture
def size(inside):
    """A field of the shop, with choices, in the list."""
    given = CustomFieldGiven("Shirt size", "choice", ["S", "M"], in_list=True)
    return inside(add_custom_field, given, factories.TESTER)


def test_a_customer_is_added_with_all_fields(staff, inside, size):
    assert 'name="custom_shirt_size"' in staff.get(NEW).text
    given = {"email": "jane@example.com", "tags": "Regular, VIP", "birthday": "1990-04-12", "area": "Kilimani"}
    answer = staff.send(NEW, custom_shirt_size="M", external_id="crm-1", **given)
    assert answer.status_code == 303
    jane = inside(lambda: get_customer(find_customer(email="jane@example.com").id))
    assert (jane.tags, jane.birthday, jane.area) == (["Regular", "VIP"], "1990-04-12", "Kilimani")
    assert (jane.custom_fields, jane.external_id) == ({"shirt_size": "M"}, "crm-1")
    page = staff.get(f"/staff/customers/{jane.id}").text
    assert "/staff/customers?tag=VIP" in page
    listed = staff.get("/staff/customers?tag=VIP").text
    assert ">Shirt size<" in listed
    assert ">M<" in listed
    assert "jane@example.com" not in staff.get("/staff/customers?tag=Nobody").text


def test_a_wrong_field_is_named_where_it_is(staff, inside):
    inside(add_custom_field, CustomFieldGiven("Shoe size", "number"), factories.TESTER)
    inside(factories.make_customer, external_id="crm-1")
    wrong = {"email": "jane@example.com", "birthday": "12/4/90", "custom_shoe_size": "42"}
    assert "Must be a day such as 1990-04-12" in staff.send(NEW, **wrong).text
    answer = staff.send(NEW, email="jane@example.com", custom_shoe_size="big")
    assert (answer.status_code, 'id="custom-shoe-size-wrong"' in answer.text) == (422, True)
    answer = staff.send(NEW, email="jane@example.com", external_id="crm-1")
    assert (answer.status_code, 'id="external-id-wrong"' in answer.text) == (422, True)


def test_a_known_phone_is_shown_while_it_is_typed(staff, inside):
    jane = inside(factories.make_customer, "jane@example.com", phone="0712345678")
    answer = staff.get(f"{NEW}?phone=0712345678", headers=KNOWN).text
    assert f'href="/staff/customers/{jane.id}"' in answer
    assert "<form" not in answer
    assert "Already a customer" not in staff.get(f"{NEW}?phone=0712&email=ja", headers=KNOWN).text


def test_the_fields_are_in_the_file(staff, inside, size):
    inside(factories.make_customer, tags=["A", "B"], custom_fields={"shirt_size": "S"}, area="=1+1")
    head, jane = csv.reader(io.StringIO(staff.get("/staff/customers.csv").get_data(as_text=True)))
    cells = dict(zip(head, jane, strict=True))
    assert (cells["Tags"], cells["Shirt size"], cells["Area"]) == ("A, B", "S", "'=1+1")


def test_the_shops_own_fields_are_kept_on_a_page(staff, inside):
    assert "No custom fields" in staff.get(FIELDS).text
    given = {"name": "Estate", "type": "text", "on_form": "y", "position": "2"}
    assert staff.send(FIELDS, **given).status_code == 303
    (estate,) = inside(list_custom_fields)
    assert (estate.key, estate.on_form, estate.in_export, estate.position) == ("estate", True, False, 2)
    assert "Is the name of another field" in staff.send(FIELDS, **given).text
    assert 'value="Estate"' in staff.get(f"{FIELDS}?edit={estate.id}").text
    assert staff.send(f"{FIELDS}/{estate.id}", **given | {"name": "Village"}).status_code == 303
    assert "Delete field" in staff.send(f"{FIELDS}/{estate.id}/delete").text
    assert staff.send(f"{FIELDS}/{estate.id}/delete", sure="1").status_code == 303
    assert inside(list_custom_fields) == []
