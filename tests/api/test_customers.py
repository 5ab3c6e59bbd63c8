"""Customers in the admin API: list, show, add, notes, delete (``docs/contract/api.md``, section 2)."""

import pytest

from shop.services.customers.addresses import add_address
from shop.services.customers.notes import add_note
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from tests import factories
from tests.support.shapes import ADDRESS, LIST_CUSTOMER, NOTE, WHOLE_CUSTOMER, is_number, is_time


@pytest.fixture
def jane(inside):
    """Jane Doe with an address."""
    customer = inside(factories.make_customer, first_name="Jane", last_name="Doe", phone="0712345678")
    inside(add_address, customer.id, type="shipping", address1="Westlands Road", city="Nairobi", country="Kenya")
    return customer


def names(answer):
    return [customer["first_name"] for customer in answer.get_json()["data"]["customers"]]


def test_the_list_has_the_fields_of_the_source_document(api, jane):
    answer = api.get("/customers?page=1&limit=20").get_json()
    assert answer["status"] == "success"
    data = answer["data"]
    assert set(data) == {"customers", "total", "page", "limit", "next_cursor"}
    assert (data["total"], data["page"], data["limit"]) == (1, 1, 20)
    (customer,) = data["customers"]
    assert set(customer) == LIST_CUSTOMER
    assert set(customer["addresses"][0]) == ADDRESS
    assert (customer["id"], customer["email"], customer["phone"]) == (jane.id, jane.email, "+254712345678")
    assert is_time(customer["created_at"])


def test_total_spent_is_a_number_with_decimals_only_when_there_are_cents(api, inside, jane):
    assert api.get(f"/customers/{jane.id}").get_json()["data"]["customer"]["total_spent"] == 0
    inside(factories.make_order, jane, 1250000, payment_status="paid")
    raw = api.get("/customers").get_data(as_text=True)
    assert '"total_orders":1,"total_spent":12500,' in raw
    inside(factories.make_order, jane, 50, payment_status="paid")
    assert '"total_orders":2,"total_spent":12500.5,' in api.get("/customers").get_data(as_text=True)


def test_orders_that_are_cancelled_or_unpaid_or_refunded_do_not_count_as_spent(api, inside, jane):
    _, cancelled, refunded = (inside(factories.make_order, jane, 10000) for _ in range(3))
    inside(set_payment_status, cancelled.id, "paid", factories.TESTER)
    inside(set_order_status, cancelled.id, "cancelled", factories.TESTER)
    inside(set_payment_status, refunded.id, "paid", factories.TESTER)
    inside(set_payment_status, refunded.id, "refunded", factories.TESTER)
    customer = api.get(f"/customers/{jane.id}").get_json()["data"]["customer"]
    assert (customer["total_orders"], customer["total_spent"]) == (2, 0)


@pytest.mark.parametrize(
    "typed",
    ["jane", "JANE", "an", "doe", "jane doe", "Doe Jane", "0712345678", "+254 712 345 678", "712345", "@EXAMPLE.com"],
)
def test_a_search_finds_by_name_email_and_digits(api, inside, jane, typed):
    inside(factories.make_customer, "amina@elsewhere.org", first_name="Amina", last_name="Otieno")
    assert names(api.get("/customers", query_string={"search": typed})) == ["Jane"]


@pytest.mark.parametrize("typed", ["jane otieno", "%", "_", "jane\\", "nobody", "*"])
def test_a_search_without_match_is_empty(api, jane, typed):
    data = api.get("/customers", query_string={"search": typed}).get_json()["data"]
    assert (data["customers"], data["total"]) == ([], 0)


def test_newest_first_is_the_default_and_other_sort_orders_work(api, inside):
    for name, points, spent in (("A", 5, 300), ("B", 9, 100), ("C", 7, 200)):
        customer = inside(factories.make_customer, first_name=name, points=points)
        inside(factories.make_order, customer, spent, payment_status="paid")
    wanted = {
        "": "CBA",
        "created_at": "ABC",
        "total_spent": "BCA",
        "-total_spent": "ACB",
        "points_balance": "ACB",
        "-points_balance": "BCA",
    }
    assert {sort: "".join(names(api.get(f"/customers?sort={sort}"))) for sort in wanted} == wanted


def test_pages_and_cursors_reach_every_customer_once(api, inside):
    for name in "ABCDE":
        inside(factories.make_customer, first_name=name)
    by_page = [name for page in (1, 2, 3) for name in names(api.get(f"/customers?limit=2&page={page}"))]
    by_cursor, cursor = [], ""
    while cursor is not None:
        answer = api.get("/customers", query_string={"limit": 2, "cursor": cursor})
        by_cursor += names(answer)
        cursor = answer.get_json()["data"]["next_cursor"]
    assert by_page == by_cursor == list("EDCBA")
    assert api.get("/customers?limit=2&page=4").get_json()["data"]["customers"] == []


def test_one_customer_is_shown_with_addresses_notes_and_orders(api, inside, jane):
    inside(add_note, jane.id, "Prefers delivery after five.", factories.TESTER)
    order = inside(factories.make_order, jane, 240000)
    customer = api.get(f"/customers/{jane.id}").get_json()["data"]["customer"]
    assert set(customer) == WHOLE_CUSTOMER
    assert set(customer["notes"][0]) >= NOTE
    assert customer["notes"][0]["content"] == "Prefers delivery after five."
    assert [(shown["id"], shown["total"]) for shown in customer["orders"]] == [(order.id, "2400.00")]
    assert is_number(customer["total_spent"])


def test_a_customer_is_added_with_normalised_email_and_phone(api):
    sent = {"email": "  Jane.DOE@Example.com ", "first_name": "Jane", "last_name": "Doe", "phone": "0712 345 678"}
    answer = api.post("/customers", sent)
    assert answer.status_code == 201
    customer = answer.get_json()["data"]["customer"]
    assert (customer["email"], customer["phone"]) == ("jane.doe@example.com", "+254712345678")
    assert api.get(f"/customers/{customer['id']}").get_json()["data"]["customer"] == customer


def test_an_email_that_is_taken_is_a_conflict(api, jane):
    answer = api.post("/customers", {"email": jane.email.upper()})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "email_taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a b@example.com"),
        ("email", f"{'x' * 250}@example.com"),
        ("phone", "12"),
        ("phone", "not a phone"),
        ("password", "12345"),
        ("password", "password"),
    ],
)
def test_details_that_cannot_be_are_refused_by_name(api, field, value):
    answer = api.post("/customers", {"email": "jane@example.com"} | {field: value})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == field


def test_a_note_is_kept_with_who_wrote_it(api, jane):
    answer = api.post(f"/customers/{jane.id}/notes", {"content": " Rang today. "})
    assert answer.status_code == 201
    note = answer.get_json()["data"]["note"]
    assert set(note) == NOTE | {"author"}
    assert (note["customer_id"], note["author_id"], note["author"]) == (jane.id, None, "Tests")
    assert note["content"] == "Rang today."
    assert is_time(note["created_at"])


def test_a_note_of_nothing_is_refused(api, jane):
    for content in ("", " \n "):
        answer = api.post(f"/customers/{jane.id}/notes", {"content": content})
        assert answer.status_code == 400
        assert answer.get_json()["errors"][0]["field"] == "content"


def test_a_deleted_customer_is_gone_and_their_orders_stay_without_a_name(api, inside, jane):
    order = inside(factories.make_order, jane, payment_status="paid")
    answer = api.delete(f"/customers/{jane.id}")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "success", "message": "Customer deleted"})
    assert api.get(f"/customers/{jane.id}").status_code == 404
    assert api.delete(f"/customers/{jane.id}").status_code == 404
    kept = api.get(f"/orders/{order.id}").get_json()["data"]["order"]
    assert (kept["customer_id"], kept["customer"]) == (None, None)


def test_the_fields_of_a_customer_are_given_changed_and_found(api, inside):
    fields = {"tags": ["Regular"], "birthday": "1990-04-12", "area": "Karen", "metadata": {"card": "7"}}
    made = api.post("/customers", {"email": "jane@example.com", "external_id": "crm-1", **fields})
    customer = made.get_json()["data"]["customer"]
    assert {name: customer[name] for name in fields} == fields
    changed = api.patch(f"/customers/{customer['id']}", {"tags": ["VIP"], "metadata": {"card": ""}, "birthday": None})
    after = changed.get_json()["data"]["customer"]
    assert (after["tags"], after["metadata"], after["birthday"], after["area"]) == (["VIP"], {}, None, "Karen")
    inside(factories.make_customer, tags=["Regular"])
    for query in ("tag=VIP", "external_id=crm-1"):
        (found,) = api.get(f"/customers?{query}").get_json()["data"]["customers"]
        assert found["id"] == customer["id"]


def test_a_customer_is_added_or_changed_by_external_id(api):
    first = api.put("/customers", {"external_id": "crm-1", "email": "jane@example.com"}).get_json()["data"]["customer"]
    again = api.put("/customers", {"external_id": "crm-1", "area": "Karen"}).get_json()["data"]["customer"]
    assert (again["id"], again["email"], again["area"]) == (first["id"], "jane@example.com", "Karen")
    taken = api.post("/customers", {"email": "amina@example.com", "external_id": "crm-1"})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "external_id_taken")


def test_a_birthday_with_a_time_is_refused_for_its_form(api):
    answer = api.post("/customers", {"email": "jane@example.com", "birthday": "1990-05-01T00:00:00Z"}).get_json()
    assert (answer["errors"][0]["field"], answer["message"]) == (
        "birthday",
        "birthday must be a day such as 1990-04-12.",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"birthday": "soon"},
        {"tags": ["x" * 1001]},
        {"metadata": {"a b": "x"}},
        {"custom_fields": {"no": "x"}},
    ],
)
def test_a_field_that_cannot_be_read_is_400(api, wrong):
    answer = api.post("/customers", {"email": "jane@example.com", **wrong})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"].startswith(next(iter(wrong)))
