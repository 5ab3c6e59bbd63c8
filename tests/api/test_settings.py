"""Settings over the admin API (``docs/contract/api.md``, section 3)."""

from decimal import Decimal

import pytest

from shop.db.session import db
from shop.models import AuditEntry

DEFAULTS = {
    "loyalty_award_trigger": "payment_paid",
    "loyalty_points_per_currency_unit": "1",
    "loyalty_min_order_subtotal_to_earn": "0",
    "loyalty_points_per_currency_discount": "100",
    "loyalty_max_redeem_percent": "50",
    "loyalty_min_points_to_redeem": "1",
    "loyalty_min_checkout_total": "0",
    "loyalty_otp_ttl_minutes": "10",
    "loyalty_redemption_token_ttl_minutes": "30",
    "currency": "KES",
    "shop_country": "KE",
    "shop_timezone": "Africa/Nairobi",
}


def values(api):
    settings = api.get("/settings").get_json()["data"]["settings"]
    assert all(set(setting) == {"key", "value"} and isinstance(setting["value"], str) for setting in settings)
    return {setting["key"]: setting["value"] for setting in settings}


def test_all_settings_are_listed_as_text_with_their_defaults(api):
    found = values(api)
    assert found | DEFAULTS == found
    assert found["loyalty_points_enabled"] == "true"
    assert {"store_name", "store_email", "storefront_url", "allowed_origins"} <= set(found)


@pytest.mark.parametrize(
    ("key", "sent", "kept"),
    [
        ("loyalty_points_enabled", False, "false"),
        ("loyalty_points_enabled", "TRUE", "true"),
        ("loyalty_award_trigger", "either", "either"),
        ("loyalty_points_per_currency_unit", "0.0001", "0.0001"),
        ("loyalty_points_per_currency_unit", 10000, "10000"),
        ("loyalty_points_per_currency_unit", 0.29, "0.29"),
        ("loyalty_min_order_subtotal_to_earn", "499.50", "499.50"),
        ("loyalty_points_per_currency_discount", "1000000", "1000000"),
        ("loyalty_max_redeem_percent", 12.5, "12.5"),
        ("loyalty_min_points_to_redeem", "50", "50"),
        ("loyalty_min_checkout_total", 100, "100"),
        ("loyalty_otp_ttl_minutes", 60, "60"),
        ("loyalty_redemption_token_ttl_minutes", "240", "240"),
        ("store_name", "  Duka   la Njeri ", "Duka la Njeri"),
        ("allowed_origins", "https://a.example/ https://b.example", "https://a.example https://b.example"),
    ],
)
def test_a_setting_may_come_as_such_or_as_text(api, key, sent, kept):
    answer = api.put(f"/settings/shop/{key}", {"value": sent})
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "success", "data": {"setting": {"key": key, "value": kept}}}
    assert values(api)[key] == kept


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("loyalty_points_enabled", "perhaps"),
        ("loyalty_points_enabled", 2),
        ("loyalty_award_trigger", "sometimes"),
        ("loyalty_points_per_currency_unit", -1),
        ("loyalty_points_per_currency_unit", 10001),
        ("loyalty_points_per_currency_unit", "0.00001"),
        ("loyalty_points_per_currency_unit", True),
        ("loyalty_points_per_currency_discount", 0),
        ("loyalty_points_per_currency_discount", 1000001),
        ("loyalty_max_redeem_percent", 100.5),
        ("loyalty_min_points_to_redeem", 0),
        ("loyalty_min_points_to_redeem", 1.5),
        ("loyalty_min_checkout_total", "-0.01"),
        ("loyalty_otp_ttl_minutes", 61),
        ("loyalty_otp_ttl_minutes", 0),
        ("loyalty_redemption_token_ttl_minutes", 241),
        ("currency", "shilling"),
        ("shop_country", "XX"),
        ("shop_timezone", "Nairobi"),
        ("store_name", ""),
        ("store_name", 5),
        ("store_email", "nobody"),
        ("allowed_origins", "https://a.example/path"),
        ("storefront_url", "ftp://a.example"),
        ("store_name", None),
        ("store_name", {"a": 1}),
    ],
)
def test_a_value_outside_its_range_is_refused_and_not_kept(api, key, sent):
    before = values(api)
    answer = api.put(f"/settings/shop/{key}", {"value": sent})
    assert answer.status_code == 400
    problem = answer.get_json()
    assert problem["errors"][0]["field"] == "value"
    assert problem["message"].startswith("value ")
    assert values(api) == before


@pytest.mark.parametrize("key", ["secret_key", "loyalty", "Store_Name", "__class__", "%2e%2e"])
def test_a_key_that_is_not_on_the_list_is_forbidden(api, key):
    answer = api.put(f"/settings/shop/{key}", {"value": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "unknown_setting")


def test_every_change_is_on_record(api, inside):
    for value in ("12.5", Decimal("12.5"), 60):
        api.put("/settings/shop/loyalty_max_redeem_percent", {"value": str(value)})
    changes = inside(
        lambda: [
            (entry.actor_kind, entry.subject, entry.old_value, entry.new_value)
            for entry in db.session.query(AuditEntry).filter_by(action="setting.changed").order_by(AuditEntry.id)
        ]
    )
    key = "loyalty_max_redeem_percent"
    assert changes == [("api_key", key, "50", "12.5"), ("api_key", key, "12.5", "60")]
