"""Using points at the till, on the page."""

import re

import pytest

from shop.services.customers.records import create_customer, find_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.otp import OtpConfig
from shop.services.loyalty.shown_codes import find_shown_code, show_code
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import PASSWORD, TESTER

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


def test_a_coupon_that_does_not_exist_says_so_at_its_field(staff, jane):
    refused = staff.send(PAGE, **fields(staff, jane, coupon="NONE"))
    assert refused.status_code == 422
    assert 'id="coupon-wrong"' in refused.text
