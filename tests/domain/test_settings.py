"""Settings: types, ranges and defaults, as in the contract's table."""

from decimal import Decimal

import pytest

from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.setting_checks import clean_origin
from shop.domain.settings import SETTINGS, rules_from_settings

DEFAULTS = {
    "loyalty_points_enabled": "false",
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


@pytest.mark.parametrize(("key", "default"), DEFAULTS.items())
def test_a_setting_starts_as_the_wire_says(key, default):
    assert SETTINGS[key].default == default


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("loyalty_points_enabled", True, "true"),
        ("loyalty_points_enabled", "FALSE", "false"),
        ("loyalty_points_enabled", 1, "true"),
        ("loyalty_award_trigger", "either", "either"),
        ("loyalty_points_per_currency_unit", 10000, "10000"),
        ("loyalty_points_per_currency_unit", "0", "0"),
        ("loyalty_points_per_currency_unit", Decimal("0.0001"), "0.0001"),
        ("loyalty_points_per_currency_unit", "1.50", "1.5"),
        ("loyalty_min_order_subtotal_to_earn", "499.50", "499.50"),
        ("loyalty_min_order_subtotal_to_earn", 500, "500"),
        ("loyalty_points_per_currency_discount", "0.0001", "0.0001"),
        ("loyalty_points_per_currency_discount", 1000000, "1000000"),
        ("loyalty_max_redeem_percent", 0, "0"),
        ("loyalty_max_redeem_percent", "100", "100"),
        ("loyalty_min_points_to_redeem", "1", "1"),
        ("loyalty_min_checkout_total", Decimal("0.01"), "0.01"),
        ("loyalty_otp_ttl_minutes", 60, "60"),
        ("loyalty_redemption_token_ttl_minutes", "240", "240"),
        ("currency", "ugx", "UGX"),
        ("shop_country", "ke", "KE"),
        ("shop_timezone", "Europe/Berlin", "Europe/Berlin"),
        ("loyalty_max_redeem_percent", "-0", "0"),
        ("store_name", "  Duka   letu ", "Duka letu"),
        ("store_email", " Shop@Example.com", "shop@example.com"),
        ("store_email", "", ""),
        ("brand_color", "#1B6A44", "#1b6a44"),
        ("brand_color", " 1b6a44", "#1b6a44"),
        ("brand_color", "#0F8", "#00ff88"),
        ("widget_position", "left", "left"),
        ("storefront_url", "https://shop.example.com/duka", "https://shop.example.com/duka"),
        ("storefront_url", "\u200bhttps://shop.example.com\u00a0", "https://shop.example.com"),
        (
            "allowed_origins",
            "https://a.example.com, http://localhost:3000/ https://a.example.com",
            "https://a.example.com http://localhost:3000",
        ),
    ],
)
def test_a_value_is_kept_as_clean_text(key, value, kept):
    assert SETTINGS[key].clean(value) == kept
    assert SETTINGS[key].clean(kept) == kept


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("loyalty_points_enabled", "perhaps"),
        ("loyalty_points_enabled", 2),
        ("loyalty_award_trigger", "payment_due"),
        ("loyalty_award_trigger", True),
        ("loyalty_points_per_currency_unit", "-1"),
        ("loyalty_points_per_currency_unit", "10000.0001"),
        ("loyalty_points_per_currency_unit", "0.00001"),
        ("loyalty_points_per_currency_unit", "NaN"),
        ("loyalty_points_per_currency_unit", True),
        ("loyalty_min_order_subtotal_to_earn", "-1"),
        ("loyalty_min_order_subtotal_to_earn", "1.005"),
        ("loyalty_min_order_subtotal_to_earn", True),
        ("loyalty_points_per_currency_discount", "0"),
        ("loyalty_points_per_currency_discount", "1000001"),
        ("loyalty_max_redeem_percent", "100.0001"),
        ("loyalty_max_redeem_percent", "-1"),
        ("loyalty_min_points_to_redeem", "0"),
        ("loyalty_min_points_to_redeem", "1.5"),
        ("loyalty_min_checkout_total", "-0.01"),
        ("loyalty_otp_ttl_minutes", "0"),
        ("loyalty_otp_ttl_minutes", "61"),
        ("loyalty_redemption_token_ttl_minutes", "241"),
        ("loyalty_redemption_token_ttl_minutes", "1.5"),
        ("currency", "SHILLING"),
        ("shop_country", "XX"),
        ("shop_timezone", "Nairobi"),
        ("shop_timezone", "localtime"),
        ("shop_timezone", "Factory"),
        ("allowed_origins", "https://a..example.com"),
        ("shop_timezone", "../../etc/passwd"),
        ("store_name", ""),
        ("store_name", 7),
        ("store_email", "nobody"),
        ("brand_color", "red"),
        ("brand_color", "#12345"),
        ("brand_color", "#000;background:url(//x)"),
        ("brand_color", ""),
        ("widget_position", "top"),
        ("storefront_url", "javascript:alert(1)"),
        ("allowed_origins", "https://a.example.com/path"),
        ("allowed_origins", "*"),
        ("allowed_origins", " ".join(f"https://{n}.example.com" for n in range(51))),
    ],
)
def test_a_value_out_of_range_is_refused_with_a_sentence(key, value):
    with pytest.raises(ValueError, match=r"^(must|is|has) "):
        SETTINGS[key].clean(value)


@pytest.mark.parametrize(
    "raw",
    [
        "example.com",
        "ftp://example.com",
        "https://",
        "https://user@example.com",
        "https://example.com?x",
        "https://a:99999",
        "https://a.example;report-uri",
        "https://a.example;sandbox",
        "https://*.example.com",
        "https://a'b.example",
        "https://a.example,b",
        "https://*.bücher.example",
        "https://jane@bücher.example",
        "https://bücher.example/duka",
        "https://bücher example",
        "https://ex\u2011ample.com",
        "https://\u0663.example",
        "https://-a.example",
        "https://[::1",
        "https://[::g]",
    ],
)
def test_an_origin_is_scheme_host_and_port_alone(raw):
    with pytest.raises(ValueError, match="must be an origin"):
        clean_origin(raw)


@pytest.mark.parametrize(
    ("raw", "origin"),
    [
        ("https://Shop.Example.com/", "https://shop.example.com"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("http://shop.example.com:80/", "http://shop.example.com"),
        ("http://shop.example.com:443", "http://shop.example.com:443"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://bu\u0308cher.example:8443/", "https://xn--bcher-kva.example:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://дукан.рф", "https://xn--80ahsn1a.xn--p1ai"),
        ("https://例え。jp", "https://xn--r8jz45g.jp"),
        ("https://faß.de", "https://xn--fa-hia.de"),
        ("\u200bhttps://shop.example\u00a0", "https://shop.example"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(raw, origin):
    assert clean_origin(raw) == origin


def test_the_defaults_make_the_default_rules():
    assert rules_from_settings({key: setting.default for key, setting in SETTINGS.items()}) == LoyaltyRules()


def test_every_default_is_a_value_its_setting_takes():
    for setting in SETTINGS.values():
        if setting.key != "store_name":  # it takes the shop's own name
            assert setting.clean(setting.default) == setting.default


def test_no_public_response_lists_the_allowed_origins():
    assert not SETTINGS["allowed_origins"].public


ORIGINS = " ".join(f"https://{number}.example.com" for number in range(50))
LONG_URL = f"https://shop.example.com/{'x' * 475}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("message_channels", "whatsapp,sms,email"),
        ("store_name", "x" * 200),
        ("store_address", ""),
        ("allowed_origins", ORIGINS),
        ("storefront_url", LONG_URL),
    ],
)
def test_the_last_value_of_a_range_is_taken(key, value):
    assert SETTINGS[key].clean(value) == value


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("message_channels", "", "must be some of email, sms, whatsapp"),
        ("message_channels", "sms,sms", "must be some of email, sms, whatsapp"),
        ("message_channels", "sms,fax", "must be some of email, sms, whatsapp"),
        ("loyalty_points_per_currency_discount", "0", "must be above 0 and at most 1,000,000"),
        ("loyalty_points_per_currency_unit", "-1", "must be from 0 to 10,000"),
        ("store_name", "x" * 201, "must have 1 to 200 characters"),
        ("store_address", "x" * 201, "must have at most 200 characters"),
        ("storefront_url", f"{LONG_URL}x", "must be a web address"),
    ],
)
def test_the_first_value_outside_is_refused_with_the_range(key, value, why):
    with pytest.raises(ValueError, match=why):
        SETTINGS[key].clean(value)
