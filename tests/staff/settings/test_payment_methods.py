"""Payment methods and payments to review, on the staff pages."""

import base64

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry, PaymentMethod, PaymentSecret
from shop.services.orders.review_flags import list_flags, raise_flag
from shop.services.payments.credentials import find_secrets
from tests import factories
from tests.support import daraja as stand_in
from tests.support.daraja import FakeDaraja

PAGE = "/staff/settings/payments"
MPESA = {
    "name": "M-Pesa",
    "position": "1",
    "minutes": "30",
    "account_kind": "paybill",
    "short_code": stand_in.SHORT_CODE,
    "till_number": "",
    "consumer_key": stand_in.KEY,
    "consumer_secret": "the-very-secret",
    "passkey": stand_in.PASSKEY,
    "enabled": "1",
}
TILL = {"name": "Till", "position": "2", "minutes": "120", "number_kind": "till_number", "number": "5247247"}


@pytest.fixture
def method(inside):
    def find(code):
        return inside(lambda: db.session.scalars(select(PaymentMethod).where(PaymentMethod.code == code)).first())

    return find


def test_a_new_shop_is_offered_the_three_ways_switched_off(staff, method):
    page = staff.get(PAGE).text
    for word in ("Cash on Delivery", "M-Pesa till", "Consumer secret", 'value="30"'):
        assert word in page
    assert method("mpesa") is None


def test_a_till_is_set_up(staff, method):
    assert staff.send(f"{PAGE}/till", **TILL, enabled="1").status_code == 303
    till = method("till")
    assert (till.name, till.config, till.time_limit_minutes, till.enabled) == (
        "Till",
        {"till_number": "5247247"},
        120,
        True,
    )
    staff.send(f"{PAGE}/till", **TILL, confirmed="1")
    assert not method("till").enabled


def test_cash_never_has_a_time_limit(staff, method):
    staff.send(f"{PAGE}/cod", name="Cash", position="", minutes="5", enabled="1")
    assert method("cod").time_limit_minutes is None


def test_the_log_says_whether_a_method_was_switched_on_or_off(staff, inside):
    staff.send(f"{PAGE}/cod", name="Cash", enabled="1")
    staff.send(f"{PAGE}/cod", name="Cash", confirmed="1")
    logged = select(AuditEntry.new_value).where(AuditEntry.action == "setting.payment").order_by(AuditEntry.id)
    assert inside(lambda: list(db.session.scalars(logged))) == ["name, enabled", "disabled"]


def test_addresses_are_registered_for_a_shop_with_credentials(app, staff, monkeypatch):
    assert "Register" not in staff.get(PAGE).text
    staff.send(f"{PAGE}/mpesa", **(MPESA | {"consumer_secret": stand_in.SECRET}))
    daraja = FakeDaraja()
    daraja.start()
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    try:
        daraja.register_fails.append("registered")
        refused = staff.send(f"{PAGE}/addresses", response_type="Completed")
        assert (refused.status_code, "Urls are already registered" in refused.text) == (422, True)
        assert staff.send(f"{PAGE}/addresses", response_type="Cancelled").status_code == 303
    finally:
        daraja.stop()
    assert "Register again" in staff.get(PAGE).text


def test_credentials_go_in_encrypted_and_never_come_out(app, staff, method, inside):
    assert staff.send(f"{PAGE}/mpesa", **MPESA).status_code == 303
    keys = app.config["PAYMENT_KEYS"]
    assert inside(find_secrets, "mpesa", keys)["consumer_secret"] == "the-very-secret"
    assert method("mpesa").time_limit_minutes == 30
    page = staff.get(PAGE).text
    for secret in ("the-very-secret", stand_in.PASSKEY):
        assert secret not in page
        assert secret not in inside(lambda: db.session.scalars(select(PaymentSecret.ciphertext)).one())
    entries = inside(lambda: list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "setting.payment"))))
    assert [entry.subject for entry in entries] == ["mpesa"]
    assert "consumer_secret" in entries[0].new_value
    assert "very" not in entries[0].new_value
    assert stand_in.SHORT_CODE not in entries[0].new_value
    assert "Payment method changed" in staff.get("/staff/settings/audit").text


def test_what_is_left_empty_stays_as_it_is(app, staff, inside):
    staff.send(f"{PAGE}/mpesa", **MPESA)
    empty = {"consumer_key": "", "consumer_secret": "", "passkey": "a-new-passkey"}
    staff.send(f"{PAGE}/mpesa", **(MPESA | empty))
    kept = inside(find_secrets, "mpesa", app.config["PAYMENT_KEYS"])
    assert (kept["consumer_secret"], kept["passkey"]) == ("the-very-secret", "a-new-passkey")
    nothing = MPESA | {"consumer_key": "", "consumer_secret": "", "passkey": ""}
    staff.send(f"{PAGE}/mpesa", **nothing)
    assert "Nothing was changed" in staff.get(PAGE).text


def test_a_saved_initiator_is_kept_until_it_is_removed(app, staff, inside):
    keys = app.config["PAYMENT_KEYS"]
    initiator = {"initiator": "tuza", "security_credential": base64.b64encode(bytes(256)).decode()}
    staff.send(f"{PAGE}/mpesa", **MPESA)
    assert 'name="remove_initiator"' not in staff.get(PAGE).text
    staff.send(f"{PAGE}/mpesa", **MPESA, **initiator)
    assert 'name="remove_initiator"' in staff.get(PAGE).text
    kept = MPESA | {"consumer_key": "", "consumer_secret": "", "passkey": ""}
    staff.send(f"{PAGE}/mpesa", **kept, initiator="", security_credential="")
    assert inside(find_secrets, "mpesa", keys)["initiator"] == "tuza"
    page = staff.send(f"{PAGE}/mpesa", **kept, remove_initiator="1", remove_security_credential="1")
    assert page.status_code == 303
    stored = inside(find_secrets, "mpesa", keys)
    assert [stored[name] for name in initiator] == ["", ""]
    assert stored["passkey"] == stand_in.PASSKEY


@pytest.mark.parametrize(
    ("code", "fields", "words"),
    [
        ("till", {"enabled": "1", "number": ""}, "customers send the money there"),
        ("till", {"number": "12a"}, "5 to 10 digits"),
        ("till", {"minutes": "0"}, "from 1 to 43200"),
        ("till", {"minutes": "²"}, "from 1 to 43200"),
        ("till", {"position": "-1"}, "from 0 to 999"),
        ("till", {"name": " "}, "1 to 100 characters"),
        ("mpesa", {"passkey": ""}, "Is needed"),
        ("mpesa", {"short_code": "abc"}, "5 to 10 digits"),
        ("mpesa", {"account_kind": "till"}, "5 to 10 digits"),
        ("mpesa", {"consumer_secret": "with a space"}, "no spaces"),
        ("mpesa", {"short_code": "", "consumer_key": "", "passkey": "", "consumer_secret": ""}, "Is needed"),
    ],
)
def test_invalid_values_are_refused_at_their_field_and_change_nothing(staff, method, code, fields, words):
    answer = staff.send(f"{PAGE}/{code}", **({"till": TILL, "mpesa": MPESA}[code] | fields))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "the-very-secret" not in answer.text
    assert method(code) is None


def test_an_unknown_payment_method_is_refused(staff, method):
    assert staff.send(f"{PAGE}/pigeon", name="Pigeon").status_code == 422
    assert method("pigeon") is None


@pytest.fixture
def daraja(app, monkeypatch):
    server = FakeDaraja()
    server.start()
    monkeypatch.setitem(app.config, "DARAJA_URL", server.url)
    yield server
    server.stop()


def test_the_connection_is_tried(staff, daraja):
    assert "Enter and save the credentials first" in staff.send(f"{PAGE}/mpesa/test").text
    staff.send(f"{PAGE}/mpesa", **MPESA)
    wrong = staff.send(f"{PAGE}/mpesa/test")
    assert (wrong.status_code, "does not know the consumer key" in wrong.text) == (422, True)
    staff.send(f"{PAGE}/mpesa", **(MPESA | {"consumer_secret": stand_in.SECRET}))
    assert staff.send(f"{PAGE}/mpesa/test").status_code == 303
    assert "Connection works" in staff.get(PAGE).text
    daraja.stop()
    assert "cannot be reached" in staff.send(f"{PAGE}/mpesa/test").text


@pytest.mark.parametrize("role", ["manager", "clerk"])
def test_only_owners_set_ways_to_pay(browse, inside, role):
    member = inside(factories.make_staff, role=role)
    browser = browse()
    browser.sign_in(member.email)
    assert browser.get(PAGE).status_code == 403
    for path in ("till", "mpesa/test"):
        assert browser.send(f"{PAGE}/{path}", **TILL).status_code == 403


@pytest.fixture
def flagged(inside):
    def make():
        order = factories.make_order(factories.make_customer(first_name="Wanjiku"))
        with transaction():
            raise_flag("late", order.id, "late:1", 240000, "SGH7X2K9QP")
            raise_flag("late", order.id, "late:1", 240000, "SGH7X2K9QP")
        return order.id, list_flags(order.id)[0].id

    return inside(make)


def test_money_to_refund_is_shown_on_the_overview_and_the_order_until_resolved(staff, inside, flagged):
    order_id, flag_id = flagged
    assert "1 payment needs checking" in staff.get("/staff/").text
    page = staff.get(f"/staff/orders/{order_id}").text
    assert "Refund KES 2,400.00" in page
    assert "SGH7X2K9QP" in page
    path = f"/staff/orders/{order_id}/payment-flags/{flag_id}"
    assert staff.send(path, note="Sent back, TXN 7").status_code == 303
    staff.send(path, note="again")
    page = staff.get(f"/staff/orders/{order_id}").text
    assert "Sent back, TXN 7" in page
    assert "Mark as refunded" not in page
    assert "does not fit" not in staff.get("/staff/").text
    assert "Payment problem resolved" in staff.get("/staff/settings/audit").text


def test_a_clerk_sees_the_money_but_does_not_deal_with_it(browse, inside, flagged):
    order_id, flag_id = flagged
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="clerk").email)
    page = browser.get(f"/staff/orders/{order_id}").text
    assert "Refund KES 2,400.00" in page
    assert "Mark as refunded" not in page
    assert browser.send(f"/staff/orders/{order_id}/payment-flags/{flag_id}").status_code == 403


def test_a_matter_of_another_order_is_not_there(staff, inside, flagged):
    other = inside(lambda: factories.make_order(factories.make_customer()).id)
    assert staff.send(f"/staff/orders/{other}/payment-flags/{flagged[1]}").status_code == 404
    assert staff.send(f"/staff/orders/{flagged[0]}/payment-flags/{2**40}").status_code == 404


def test_attempts_and_the_time_to_pay_stand_on_the_order(staff, inside):
    def make():
        factories.make_payment("mpesa", "M-Pesa", time_limit_minutes=30)
        milk = factories.make_product()
        placed = factories.place(factories.make_customer(), [(milk, 1)], payment_method="mpesa")
        factories.make_attempt(placed.order.id)
        return placed.order.id

    page = staff.get(f"/staff/orders/{inside(make)}").text
    assert "Cancelled if not paid by" in page
    assert "failed (1037)" in page
