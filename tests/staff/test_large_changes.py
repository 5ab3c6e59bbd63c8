"""Large changes are confirmed with their figures; with approval on, a second person decides."""

import re

import pytest

from shop.services.loyalty.ledger import find_balance
from shop.services.shops.settings import change_setting, get_settings
from tests import factories

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
KEY = "0b2f6f0e-6f0f-4c55-8a43-2f2f5d1f7a11"
METHOD = {"name": "Cash", "position": "", "minutes": ""}


@pytest.fixture
def manager(browse, inside):
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="manager").email)
    return browser


def kept(page):
    """Return the fields that the confirmation page submits again."""
    names = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: value for name, value in names if name != "csrf_token"}


def adjustment(points):
    return {"way": "add", "points": str(points), "reason": "Goodwill", "note": "Draw", "request_key": KEY}


def test_an_adjustment_above_the_limit_asks_with_its_figures(staff, inside):
    jane = inside(factories.make_customer, points=500, first_name="Jane")
    here = f"/staff/customers/{jane.id}/adjust"
    asked = staff.send(here, **adjustment(1_000_000))
    assert asked.status_code == 200
    assert "Confirm a large change" in asked.text
    assert "1,000,500" in asked.text
    assert "KES 10,005.00" in asked.text
    assert "KES KES" not in asked.text
    assert inside(find_balance, jane.id) == 500
    again = staff.client.post(here, data={"csrf_token": staff.token(), **adjustment(1_000_000)}, headers=HTMX)
    assert again.headers["HX-Retarget"] == "#content"
    assert staff.send(here, **kept(asked.text)).status_code == 303
    assert inside(find_balance, jane.id) == 1_000_500


def test_an_adjustment_up_to_the_limit_does_not_ask(staff, inside):
    jane = inside(factories.make_customer)
    assert staff.send(f"/staff/customers/{jane.id}/adjust", **adjustment(10_000)).status_code == 303
    assert inside(find_balance, jane.id) == 10_000


def test_rules_that_cost_much_more_ask_with_their_figures(staff, inside):
    inside(lambda: factories.make_order(factories.make_customer(), 240_000, payment_status="paid"))
    rules = {"loyalty_points_per_currency_unit": "2", "loyalty_points_per_currency_discount": "1"}
    asked = staff.send("/staff/settings/loyalty", **rules)
    assert "Confirm a large change" in asked.text
    assert "Share of goods sold" in asked.text
    assert inside(lambda: get_settings().values["loyalty_points_per_currency_discount"]) == "100"
    assert staff.send("/staff/settings/loyalty", **kept(asked.text)).status_code == 303
    assert inside(lambda: get_settings().values["loyalty_points_per_currency_discount"]) == "1"


def test_another_currency_asks(staff, inside):
    inside(factories.make_product, price_cents=18_900)
    asked = staff.send("/staff/settings/store", currency="usd")
    assert "Prices are not converted" in asked.text
    assert "USD 189.00" in asked.text
    assert staff.send("/staff/settings/store", **kept(asked.text)).status_code == 303
    assert inside(lambda: get_settings().currency) == "USD"


def test_switching_off_the_last_payment_method_asks(staff, inside):
    for code in ("cod", "till"):
        inside(factories.make_payment, code, code)
    page = "/staff/settings/payments"
    till = {"name": "Till", "position": "2", "minutes": "", "number_kind": "till_number", "number": "5247247"}
    assert staff.send(f"{page}/till", **till).status_code == 303
    asked = staff.send(f"{page}/cod", **METHOD)
    assert "This is the last payment method" in asked.text
    assert staff.send(f"{page}/cod", **kept(asked.text)).status_code == 303


def test_with_approval_on_a_second_person_decides(staff, manager, inside):
    inside(change_setting, "approval_required", True, factories.TESTER)
    jane = inside(factories.make_customer, first_name="Jane", last_name="Kamau")
    here = f"/staff/customers/{jane.id}/adjust"
    sent = staff.send(here, **adjustment(50_000), confirmed="1")
    assert sent.location.endswith("/staff/settings/approvals")
    own = staff.get("/staff/settings/approvals").text
    assert "Sent for approval" in own
    assert "Withdraw" in own
    number = re.search(r"/staff/settings/approvals/([0-9]+)", own)[1]
    staff.send(f"/staff/settings/approvals/{number}", decision="approve")
    assert inside(find_balance, jane.id) == 0
    page = manager.get("/staff/settings/approvals").text
    assert "Jane Kamau" in page
    assert "50,000" in page
    manager.send(f"/staff/settings/approvals/{number}", decision="approve")
    assert inside(find_balance, jane.id) == 50_000
    assert "Approved" in manager.get("/staff/settings/approvals").text


def test_rules_wait_for_a_second_person_too(staff, manager, inside):
    inside(change_setting, "approval_required", True, factories.TESTER)
    sent = staff.send("/staff/settings/loyalty", loyalty_points_per_currency_unit="2", confirmed="1")
    assert sent.location.endswith("/staff/settings/approvals")
    page = manager.get("/staff/settings/approvals").text
    assert "2 points" in page
    number = re.search(r"/staff/settings/approvals/([0-9]+)", page)[1]
    manager.send(f"/staff/settings/approvals/{number}", decision="refuse")
    assert "is required" in manager.get("/staff/settings/approvals").text
    manager.send(f"/staff/settings/approvals/{number}", decision="refuse", reason="Too dear")
    assert "Too dear" in manager.get("/staff/settings/approvals").text
    assert inside(lambda: get_settings().values["loyalty_points_per_currency_unit"]) == "1"


def test_the_api_says_that_an_approval_is_required(api, inside):
    inside(change_setting, "approval_required", True, factories.TESTER)
    inside(factories.make_staff)
    jane = inside(factories.make_customer)
    body = {"customer_id": jane.id, "points": 10_001, "note": "Draw"}
    answer = api.post("/api/v1/marketing/loyalty/adjust", json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "approval_required")
    answer = api.put("/api/v1/settings/shop/loyalty_points_per_currency_unit", json={"value": 2})
    assert (answer.status_code, answer.json["code"]) == (409, "approval_required")
    answer = api.put("/api/v1/settings/shop/staff_second_factor_required", json={"value": True})
    assert (answer.status_code, answer.json["code"]) == (403, "owner_only")


def test_a_large_adjustment_of_many_customers_waits(staff, manager, inside):
    inside(change_setting, "approval_required", True, factories.TESTER)
    inside(factories.make_customer)
    sent = staff.send("/staff/customers/bulk", action="adjust", selection="all=1", **adjustment(50_000))
    assert "/staff/customers/bulk/" in sent.location
    page = staff.get(sent.location).text
    assert "Waiting for approval" in page
    assert "Withdraw" in page
    approvals = manager.get("/staff/settings/approvals").text
    assert "Adjust points of many customers" in approvals
    number = re.search(r"/staff/settings/approvals/([0-9]+)", approvals)[1]
    manager.send(f"/staff/settings/approvals/{number}", decision="approve")
    assert "Waiting to start" in staff.get(sent.location).text


def test_the_json_import_holds_large_balances(staff, manager, api, inside):
    inside(change_setting, "approval_required", True, factories.TESTER)
    rows = [{"email": "a@example.com", "points_balance": 50_000}, {"email": "b@example.com", "points_balance": 5}]
    trial = api.post("/api/v1/customers/import", json={"rows": rows, "dry_run": True}).json["data"]
    assert (trial["imported"], trial["held"]) == (1, 1)
    assert "No requests" in manager.get("/staff/settings/approvals").text
    data = api.post("/api/v1/customers/import", json={"rows": rows, "results": True}).json["data"]
    assert (data["imported"], data["skipped"], data["held"]) == (1, 1, 1)
    assert data["results"][0]["verdict"] == "held"
    approvals = manager.get("/staff/settings/approvals").text
    assert "1 row" in approvals
    link = re.search(r'href="(/staff/imports/[0-9]+\?verdict=held)"', approvals)[1]
    page = manager.get(link).text
    assert "Needs approval" in page
    assert "a@example.com" in page
