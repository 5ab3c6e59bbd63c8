"""Using points at the till, on the page."""

import json
import re

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AuditEntry
from shop.services.customers.records import create_customer, find_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.otp import OtpConfig
from shop.services.loyalty.shown_codes import find_shown_code, show_code
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import PASSWORD, TESTER
from tests.support.authenticator import Authenticator

PAGE = "/staff/till/redeem"
KEY = re.compile(r'name="request_key"[^>]*value="([^"]+)"')


@pytest.fixture
def jane(inside):
    def add():
        jane = create_customer("jane@example.com", phone="0712345678", first_name="Jane")
        adjust_points(jane.id, 5_000, "Brought over", TESTER)
        change_settings({"till_redeem_without_code": "10"}, TESTER)
        return find_customer(phone="0712345678")

    return inside(add)


def fields(browser, jane, **typed):
    key = KEY.search(browser.get(f"{PAGE}?customer={jane.id}").text)[1]
    return {"customer_id": str(jane.id), "amount": "960", "method": "cash", "request_key": key} | typed


def test_the_page_says_what_is_left_to_pay(staff, jane):
    page = staff.get(f"{PAGE}?customer={jane.id}&amount=960&points=1000&typing=1").text
    assert "To pay: KES 950.00" in page
    assert f"{PAGE}?customer={jane.id}" in staff.get(f"/staff/till/sale?customer={jane.id}").text
    assert staff.get(PAGE).headers["Location"] == "/staff/till"


def test_a_code_is_sent_and_a_wrong_one_is_refused(staff, jane, inside):
    sent = staff.send(PAGE, **fields(staff, jane, points="1000"), send_code="1")
    assert "A code was sent to the customer" in sent.text
    for code, words in (("", "ask the customer for it"), ("000000", "Ask for a new one")):
        refused = staff.send(PAGE, **fields(staff, jane, points="1000", code=code))
        assert refused.status_code == 422
        assert words in refused.text
    assert inside(find_balance, jane.id) == 5_000


def test_no_code_is_promised_to_a_customer_whom_no_message_reaches(staff, inside):
    otieno = inside(create_customer, None, phone="0712000777", first_name="Otieno")
    for page, more in ((PAGE, {"amount": "960", "method": "cash"}), ("/staff/orders/new", {})):
        asked = staff.send(page, customer_id=str(otieno.id), points="100", send_code="1", **more)
        assert "no message reaches their phone" in asked.text
        assert "A code was sent" not in asked.text


def test_a_code_that_the_customer_shows_is_accepted_once(app, staff, jane, inside):
    shown = inside(show_code, jane.id, OtpConfig(app.config["SECRET_KEY"]))
    done = staff.send(PAGE, **fields(staff, jane, points="1000", code=shown.code))
    assert done.status_code == 303
    assert inside(find_shown_code, jane.id, OtpConfig(app.config["SECRET_KEY"])) is None
    assert staff.send(PAGE, **fields(staff, jane, points="100", code=shown.code)).status_code == 422
    assert inside(find_balance, jane.id) == 5_000 - 1_000 + 960


def test_a_manager_gives_a_reason_and_a_clerk_asks_a_manager(staff, browse, jane, inside):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    manager = inside(factories.make_staff, role="manager")
    approval = {"points": "1000", "reason": "Phone is off", "approver_email": manager.email}
    refused = clerk.send(PAGE, **fields(clerk, jane, **approval), approver_password="wrong")
    assert refused.status_code == 422
    assert "Wrong e-mail or password" in refused.text
    done = clerk.send(PAGE, **fields(clerk, jane, **approval), approver_password=PASSWORD)
    assert done.status_code == 303
    page = clerk.get(done.headers["Location"]).text
    for words in ("1,000 points", "−10.00", "KES 950.00"):
        assert words in page
    again = staff.send(PAGE, **fields(staff, jane, points="500", reason="Known for years"))
    assert again.status_code == 303
    above = staff.send(PAGE, **fields(staff, jane, points="1500", reason="Known for years"))
    assert "points worth up to KES 10.00 can be used" in above.text
    assert inside(find_balance, jane.id) == 5_000 - 1_500 + 2 * 960


def passkey_of(browser):
    key = Authenticator(f"http://{browser.client.host}")
    made = key.create(browser.send("/staff/account/second-factor/passkey-options").get_json())
    assert browser.send("/staff/account/second-factor/passkeys", credential=json.dumps(made)).status_code == 200
    return key


def test_a_manager_approves_with_a_passkey_that_they_unlock(browse, jane, inside):
    clerk, manager = browse(), browse()
    people = [inside(factories.make_staff, role=role) for role in ("clerk", "manager")]
    for browser, person in zip((clerk, manager), people, strict=True):
        browser.sign_in(person.email)
    own, key = passkey_of(clerk), passkey_of(manager)

    def approve(key, **typed):
        options = clerk.send(f"{PAGE}/passkey-options").get_json()
        answer = json.dumps(key.get(options))
        typed = {"points": "500", "reason": "Phone is off", "approver_passkey": answer} | typed
        return answer, clerk.send(PAGE, **fields(clerk, jane, **typed))

    refused = approve(own)[1]
    assert "Only a manager of this shop can approve this." in refused.text
    key.flags = 0x01  # present, but not unlocked
    refused = approve(key)[1]
    assert "This passkey could not be checked." in refused.text
    key.flags = 0x05
    assert 'id="reason-wrong"' in approve(key, reason="")[1].text
    answer, done = approve(key)
    assert done.status_code == 303
    again = {"points": "500", "reason": "Phone is off", "approver_passkey": answer}
    assert "could not be checked" in clerk.send(PAGE, **fields(clerk, jane, **again)).text
    found = select(AuditEntry).where(AuditEntry.action == "till.redeemed_without_code")
    entries = [(entry.actor_id, entry.new_value) for entry in inside(lambda: db.session.scalars(found).all())]
    assert entries == [(people[1].user_id, f"500 ({people[0].name})")]


def test_what_a_passkey_approves_signs_nobody_in(browse, inside):
    clerk, manager = browse(), browse()
    for browser, role in ((clerk, "clerk"), (manager, "manager")):
        browser.sign_in(inside(factories.make_staff, role=role).email)
    key = passkey_of(manager)
    headers = {"X-CSRFToken": clerk.token()}
    answer = key.get(clerk.send(f"{PAGE}/passkey-options").get_json())
    assert clerk.client.post("/staff/sign-in/passkey", json=answer, headers=headers).status_code == 422


def test_a_coupon_that_does_not_exist_says_so_at_its_field(staff, jane):
    refused = staff.send(PAGE, **fields(staff, jane, coupon="NONE"))
    assert refused.status_code == 422
    assert 'id="coupon-wrong"' in refused.text
