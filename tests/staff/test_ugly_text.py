"""Accepted text can be found, mailed, exported and imported without a difference."""

import csv
import io
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.support.codes import newest_code
from tests.support.ugly_text import ALL_NAMES, NAMES, disguised, typed_emails, typed_phones

EVERY_DAY = settings(
    max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
DISGUISED_NAMES = NAMES.flatmap(lambda name: st.tuples(st.just(name), disguised(name), disguised(name)))


def found(api, term):
    answer = api.get("/customers", query_string={"search": term, "limit": 100})
    assert answer.status_code == 200
    return {customer["id"] for customer in answer.json["data"]["customers"]}


def test_a_name_is_found_as_it_was_typed_or_otherwise(api, staff):

    @EVERY_DAY
    @given(DISGUISED_NAMES)
    def check(case):
        name, typed, again = case
        email = f"{factories.unique('ugly')}@example.com"
        made = api.post("/customers", json={"email": email, "first_name": typed})
        assert made.status_code == 201, made.json
        customer = made.json["data"]["customer"]
        for term in (name, typed, again):
            assert customer["id"] in found(api, f"{term} {email}")
            page = staff.get("/staff/customers", query_string={"q": f"{term} {email}"})
            assert email in page.get_data(as_text=True)

    check()


def test_an_e_mail_is_one_however_it_is_typed(api):
    @EVERY_DAY
    @given(typed_emails().flatmap(lambda case: st.tuples(st.just(case), disguised(case[0]))))
    def check(case):
        (stored, typed), again = case
        before = found(api, stored)
        made = api.post("/customers", json={"email": typed})
        assert made.status_code == (409 if before else 201), made.json
        (customer_id,) = found(api, typed)
        customer = api.get(f"/customers/{customer_id}").json["data"]["customer"]
        assert customer["email"] == stored
        refused = api.post("/customers", json={"email": again})
        assert (refused.status_code, refused.json["code"]) == (409, "email_taken")
        mail = EmailMessage(policy=SMTP)
        mail["To"] = customer["email"]
        assert stored.encode("ascii") in bytes(mail)

    check()


def test_a_phone_is_one_however_it_is_typed(api):
    @EVERY_DAY
    @given(typed_phones())
    @example(("+254712345678", "0712 345 678\u200b"))
    def check(case):
        stored, typed = case
        email = f"{factories.unique('ugly')}@example.com"
        before = found(api, stored)
        made = api.post("/customers", json={"email": email, "phone": typed})
        assert made.status_code == (409 if before else 201), made.json
        (customer_id,) = found(api, typed)
        assert api.get(f"/customers/{customer_id}").json["data"]["customer"]["phone"] == stored

    check()


def test_a_one_time_code_is_read_however_it_is_typed(app, client, inside):
    path = "/api/v1/storefront/loyalty/redemption"

    @settings(EVERY_DAY, max_examples=10)
    @given(st.data())
    def check(data):
        customer = inside(factories.make_customer)
        assert client.post(f"{path}/send-otp", json={"email": customer.email}).status_code == 200
        code = inside(newest_code, app)
        typed = data.draw(disguised(f"{code[:3]} {code[3:]}"))
        answer = client.post(f"{path}/verify-otp", json={"email": customer.email, "code": typed})
        assert answer.status_code == 200, answer.json

    check()


def test_a_coupon_and_an_order_number_are_found_however_they_are_typed(api, client, inside):
    inside(factories.make_coupon, "KARIBU-20")
    product = inside(factories.make_product, price_cents=50000)
    order = inside(factories.make_order, inside(factories.make_customer), 1000)

    @EVERY_DAY
    @given(st.data())
    def check(data):
        typed = data.draw(
            disguised(data.draw(st.sampled_from(["KARIBU-20", "karibu-20", "Karibu-20", "ＫＡＲＩＢＵ-20"])))
        )
        body = {"coupon_code": typed, "items": [{"product_id": product.id, "quantity": 1}]}
        assert client.post("/api/v1/storefront/checkout/validate-coupon", json=body).status_code == 200, typed
        number = data.draw(disguised(data.draw(st.sampled_from([order.order_number, order.order_number.lower()]))))
        answer = api.get("/orders", query_string={"search": number})
        assert [row["id"] for row in answer.json["data"]["orders"]] == [order.id], number

    check()


def test_an_export_imported_again_changes_nothing(api, staff):
    for number, (first, last) in enumerate(zip(ALL_NAMES, reversed(ALL_NAMES), strict=True)):
        body = {"email": f"{factories.unique('ugly')}@example.com", "first_name": first, "last_name": last}
        made = api.post("/customers", json=body | {"phone": f"0712 34-{number:04}"})
        assert made.status_code == 201, made.json
    before = exported(staff)
    assert len(before) == len(ALL_NAMES)
    columns = ("email", "first_name", "last_name", "phone")
    rows = [dict(zip(columns, row[:4], strict=True)) for row in before]
    answer = api.post("/customers/import", json={"rows": rows})
    assert answer.status_code == 200, answer.json
    assert exported(staff) == before


def exported(staff):
    """The rows of the exported file, but for its head."""
    text = staff.get("/staff/customers.csv").get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.mark.parametrize("text", ["\0", "a\x07b", "\x1b[31m"])
def test_control_characters_are_refused_with_a_sentence(api, text):
    answer = api.post("/customers", json={"email": "jane@example.com", "first_name": text})
    assert answer.status_code == 400
    assert "first_name" in answer.json["message"]
