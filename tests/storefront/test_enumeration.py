"""Public endpoints respond alike for known and unknown people, and never with stored personal data."""

import json
import re
from dataclasses import replace

import pytest

from shop.services.customers.records import find_customer
from shop.storefront import blueprint
from shop.web.pages.view_options import options_of_endpoint
from tests import factories
from tests.support.clients import ShopClient
from tests.support.contract import described_path
from tests.support.operations import OPERATIONS, fields_of, make_sample_records, with_field

STORED = {"first_name": "Achieng", "last_name": "Oduor", "phone": "+254732213007"}
UNKNOWN_PHONE = "+254732213008"
CHANGING = {"id", "order_id", "order_number", "payment_token", "created_at", "updated_at", "order_date"}


@pytest.fixture
def sample(inside):
    """A shop with a customer whose details no request of these tests contains, but for the e-mail and the phone."""
    built = inside(make_sample_records)
    return replace(built, email=inside(factories.make_customer, password=factories.PASSWORD, **STORED).email)


def public_operations(app):
    """Return the storefront operations without a sign-in whose body can name a person."""
    found = []
    with app.app_context():
        rules = [(rule, options_of_endpoint(rule.endpoint).endpoint) for rule in app.url_map.iter_rules()]
    for rule, options in rules:
        public = options is not None and rule.endpoint.startswith(f"{blueprint.name}.") and options.access == "public"
        if not public or options.body is None:
            continue
        if '"email"' in json.dumps(options.body.model_json_schema()):
            path = described_path(rule.rule)
            found += [(one, options.body) for one in OPERATIONS if (one.described, one.method) == (path, "POST")]
    return found


def bodies_about(operation, model, sample, email, phone):
    """Return bodies that name a person by e-mail, and by phone where the operation takes one instead."""
    body = operation.body(sample)
    places = [path for path, _ in fields_of(body) if path.rpartition(".")[2] == "email"]
    assert places, f"{operation}: the body of the operations table names nobody"
    for path in places:
        body = with_field(body, path, email)
    if "phone" in body:
        body["phone"] = phone
    bodies = [body]
    if "email" in body and "phone" in model.model_fields and "password" not in model.model_fields:
        bodies.append({name: value for name, value in body.items() if name != "email"} | {"phone": phone})
    return bodies


def masked(value, *typed):
    """Return a response without values that differ each time, for everyone."""
    if isinstance(value, dict):
        return {name: "…" if name in CHANGING else masked(part, *typed) for name, part in value.items()}
    if isinstance(value, list):
        return [masked(part, *typed) for part in value]
    if isinstance(value, str):
        for text in typed:
            value = value.replace(text, "TYPED")
    return value


def test_the_walk_finds_the_endpoints_that_take_a_person(app):
    paths = {operation.path.rpartition("/")[2] for operation, _ in public_operations(app)}
    assert paths >= {"create-order", "preview", "send-otp", "verify-otp", "register", "login", "abandoned-carts"}


def test_known_and_unknown_people_get_equal_answers_without_stored_data(app, shop, sample, subtests):
    people = [(sample.email, STORED["phone"]), (f"{factories.unique('nobody')}@example.com", UNKNOWN_PHONE)]
    for operation, model in public_operations(app):
        if operation.path.endswith("/auth/login"):
            continue  # with the right password it is the customer's own sign-in; wrong ones: test_enumeration.py
        answers = []
        with subtests.test(str(operation)):
            for email, phone in people:
                for body in bodies_about(operation, model, sample, email, phone):
                    client = ShopClient.at(app, shop.host)
                    answer = client.post(operation.url(sample), json=body)
                    about = answer.get_data(as_text=True)
                    for stored in (STORED["first_name"], STORED["last_name"], "732213007"):
                        assert stored in json.dumps(body) or stored not in about
                    answers.append((answer.status_code, masked(answer.get_json(), email, phone)))
            half = len(answers) // 2
            assert answers[:half] == answers[half:]


def test_an_order_repeats_what_was_typed_and_keeps_what_is_stored(app, shop, sample, inside):
    order = place(app, shop, sample, first_name="Typed", phone="0700 111222")
    assert order["customer_id"] is None
    assert order["customer"] == {
        "id": None, "email": sample.email, "first_name": "Typed", "last_name": "", "phone": "+254700111222"
    }  # fmt: skip
    stored = inside(find_customer, email=sample.email)
    assert (stored.first_name, stored.phone) == (STORED["first_name"], STORED["phone"])


def test_an_order_of_the_customers_own_session_names_their_id(app, shop, sample, inside):
    customer = inside(find_customer, email=sample.email)
    order = place(app, shop, sample, session=inside(factories.make_session, customer.id))
    assert (order["customer_id"], order["customer"]["id"]) == (customer.id, customer.id)
    other = place(app, shop, sample, session=inside(factories.make_session, sample.customer))
    assert (other["customer_id"], other["customer"]["id"]) == (None, None)


def place(app, shop, sample, session=None, **typed):
    client = ShopClient.at(app, shop.host)
    if session:
        client.carry(session)
    body = {"customer": {"email": sample.email} | typed, "items": [{"product_id": sample.product, "quantity": 1}]}
    answer = client.post("/api/v1/storefront/checkout/create-order", json=body)
    assert answer.status_code == 201, answer.text
    return answer.get_json()["data"]["order"]


@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_long_or_spaced_name_is_repeated_cleaned(app, shop, sample, field):
    order = place(app, shop, sample, **{field: "  Ann   Wanjiru "})
    assert re.fullmatch(r"Ann +Wanjiru", order["customer"][field])
