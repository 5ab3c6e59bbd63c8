"""Points in the admin API (``docs/contract/api.md``, sections 2 and 4)."""

from datetime import timedelta

import pytest

from shop.domain.dates.days import day_of
from shop.services import clock
from shop.services.approvals.requests import list_requests
from shop.services.orders.lifecycle import set_order_status
from shop.services.shops.settings import change_setting, get_settings
from tests import factories
from tests.support.shapes import BALANCE, ENTRY, ENTRY_OURS, ORDER_CUSTOMER, RULES, is_time


@pytest.fixture
def jane(inside):
    """Jane Doe with 1,480 points."""
    return inside(factories.make_customer, points=1480, first_name="Jane", last_name="Doe")


def data_of(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.get_json()["data"]


def test_a_customers_points_have_the_fields_of_the_source_document(api, inside, jane):
    order = inside(factories.make_order, jane, 5000, payment_status="paid")
    data = data_of(api.get(f"/customers/{jane.id}/loyalty"))
    assert set(data) == {"points_balance", "lifetime_earned", "ledger"}
    assert (data["points_balance"], data["lifetime_earned"]) == (1530, 50)
    earned, adjusted = data["ledger"]
    assert set(earned) >= ENTRY | ENTRY_OURS
    assert (earned["type"], earned["points"], earned["order_id"]) == ("earn", 50, order.id)
    assert earned["note"] == f"Earned on order {order.order_number}"
    assert (adjusted["type"], adjusted["points"], adjusted["note"]) == ("adjust", 1480, "for a test")
    assert is_time(earned["created_at"])


def test_redeemed_points_are_negative_and_given_back_when_the_order_is_cancelled(api, inside, jane):
    product = inside(factories.make_product, price_cents=15800)
    placed = inside(factories.place, jane, [(product, 1)], points=800)
    number = placed.order.order_number
    entry = data_of(api.get(f"/customers/{jane.id}/loyalty"))["ledger"][0]
    assert (entry["type"], entry["points"], entry["note"]) == ("redeem", -800, f"Redeemed on order {number}")
    inside(set_order_status, placed.order.id, "cancelled", factories.TESTER)
    data = data_of(api.get(f"/customers/{jane.id}/loyalty"))
    entry = data["ledger"][0]
    assert (entry["type"], entry["points"], entry["reason"]) == ("adjust", 800, "redeem_reversed")
    assert entry["note"] == f"Returned: order {number} cancelled"
    assert data["points_balance"] == 1480


def test_a_customer_without_points_has_zeros(api, inside):
    customer = inside(factories.make_customer)
    empty = {"points_balance": 0, "lifetime_earned": 0, "ledger": []}
    assert data_of(api.get(f"/customers/{customer.id}/loyalty")) == empty


def test_at_most_fifty_entries_are_shown_newest_first(api, inside, jane):
    for _ in range(51):
        inside(factories.adjust_points, jane.id, 1, "again", factories.TESTER)
    ledger = data_of(api.get(f"/customers/{jane.id}/loyalty"))["ledger"]
    assert [entry["balance_after"] for entry in ledger] == list(range(1531, 1481, -1))


def test_the_rules_are_booleans_and_numbers(api):
    api.put("/settings/shop/loyalty_points_per_currency_unit", {"value": "0.25"})
    api.put("/settings/shop/loyalty_min_checkout_total", {"value": "99.50"})
    raw = api.get("/marketing/loyalty/config")
    rules = data_of(raw)["config"]
    assert set(rules) == RULES
    assert rules["enabled"] is True
    assert rules["award_trigger"] == "payment_paid"
    assert '"points_per_currency_unit":0.25,' in raw.get_data(as_text=True)
    assert '"min_order_subtotal_to_earn":0,' in raw.get_data(as_text=True)
    assert (rules["points_per_currency_discount"], rules["min_checkout_total"]) == (100, 99.5)


def test_the_figures_add_up(api, inside, jane):
    product = inside(factories.make_product, price_cents=15800)
    inside(factories.make_order, jane, 5000, payment_status="paid")
    inside(factories.place, jane, [(product, 1)], points=800)
    assert data_of(api.get("/marketing/loyalty/stats")) == {
        "enabled": True,
        "total_enrolled": 1,
        "total_points_outstanding": 730,
        "total_points_earned": 50,
        "total_points_redeemed": 800,
        "pending_registrations": 0,
    }


def test_a_programme_that_is_off_says_only_that(api, jane):
    api.put("/settings/shop/loyalty_points_enabled", {"value": False})
    assert data_of(api.get("/marketing/loyalty/stats")) == {"enabled": False}


def test_balances_are_listed_largest_first_and_found(api, inside, jane):
    amina = inside(factories.make_customer, "amina@example.com", points=2000, first_name="Amina")
    data = data_of(api.get("/marketing/loyalty/balances?limit=200"))
    assert set(data) == {"balances", "total", "limit", "offset"}
    assert [balance["customer_id"] for balance in data["balances"]] == [amina.id, jane.id]
    assert all(set(balance) == BALANCE and set(balance["customer"]) == ORDER_CUSTOMER for balance in data["balances"])
    found = data_of(api.get("/marketing/loyalty/balances?search=jane"))
    assert ([balance["points_balance"] for balance in found["balances"]], found["total"]) == ([1480], 1)
    rest = data_of(api.get("/marketing/loyalty/balances?limit=1&offset=1"))
    assert ([balance["customer_id"] for balance in rest["balances"]], rest["total"]) == ([jane.id], 2)


def test_the_balance_includes_the_registration(api, jane):
    balance = data_of(api.get(f"/marketing/loyalty/balances/{jane.id}"))["balance"]
    assert set(balance) == BALANCE | {"registration_status"}
    assert (balance["points_balance"], balance["registration_status"]) == (1480, None)


def test_points_are_given_and_taken_by_hand(api, jane):
    for points, balance in ((250, 1730), (-1730, 0)):
        data = data_of(
            api.post("/marketing/loyalty/adjust", {"customer_id": jane.id, "points": points, "note": "Sorry"})
        )
        assert set(data) == {"balance", "ledger_entry"}
        assert data["balance"] == {"points_balance": balance, "lifetime_earned": 0}
        assert set(data["ledger_entry"]) >= ENTRY
        assert (data["ledger_entry"]["points"], data["ledger_entry"]["note"]) == (points, "Sorry")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"points": -1481}, 400, "insufficient_points"),
        ({"points": 0}, 400, "invalid_request"),
        ({"points": 10**9 + 1}, 400, "invalid_request"),
        ({"points": "250"}, 400, "invalid_request"),
        ({"note": " "}, 400, "invalid_request"),
        ({"note": "\x1f"}, 400, "invalid_request"),
        ({"customer_id": 2**62}, 404, "customer_not_found"),
    ],
)
def test_an_adjustment_that_cannot_be_changes_nothing(api, jane, change, status, code):
    body = {"customer_id": jane.id, "points": 5, "note": "Sorry"} | change
    answer = api.post("/marketing/loyalty/adjust", body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert data_of(api.get(f"/customers/{jane.id}/loyalty"))["points_balance"] == 1480


def test_the_shops_ledger_can_be_narrowed(api, inside, jane):
    amina = inside(factories.make_customer, points=7)
    order = inside(factories.make_order, amina, 5000, payment_status="paid")

    def found(query):
        data = data_of(api.get(f"/marketing/loyalty/ledger?{query}"))
        assert set(data) == {"entries", "total", "limit", "offset"}
        return [(entry["customer"]["id"], entry["points"]) for entry in data["entries"]]

    assert found("") == [(amina.id, 50), (amina.id, 7), (jane.id, 1480)]
    assert found("type=earn") == [(amina.id, 50)]
    assert found(f"customer_id={jane.id}") == [(jane.id, 1480)]
    assert found("limit=1&offset=1") == [(amina.id, 7)]
    assert found("from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z") == []
    assert found("from=2020-01-01T00:00:00%2B03:00&type=earn") == [(amina.id, 50)]
    today = day_of(clock.now(), "Africa/Nairobi")  # a whole day in the shop's time zone
    yesterday = today - timedelta(days=1)
    assert len(found(f"from={today}&to={today}")) == 3
    assert found(f"from={yesterday}&to={yesterday}") == []
    assert api.get("/marketing/loyalty/ledger?from=2026-02-30").status_code == 400
    entry = data_of(api.get("/marketing/loyalty/ledger?type=earn"))["entries"][0]
    assert set(entry) >= ENTRY | ENTRY_OURS | {"customer"}
    assert entry["order_id"] == order.id


def test_a_large_change_by_a_key_is_sent_for_approval(api, inside):
    def fill():
        owner = factories.make_staff().actor
        factories.make_staff(role="manager")
        change_setting("approval_required", True, owner)
        return factories.make_customer().id

    body = {"customer_id": inside(fill), "points": 50_000, "note": "Won the draw"}
    for _ in range(2):
        answer = api.post("/marketing/loyalty/adjust", json=body, headers={"Idempotency-Key": "large-1"})
        assert (answer.status_code, answer.json["code"]) == (409, "approval_required")
    answer = api.put("/settings/shop/currency", json={"value": "USD"})
    assert (answer.status_code, answer.json["code"]) == (409, "approval_required")
    assert inside(lambda: [request.kind for request in list_requests()]) == ["settings", "adjustment"]
    assert inside(lambda: get_settings().currency) == "KES"
