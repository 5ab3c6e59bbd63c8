"""Products, settings, delivery and payment methods in the storefront API (``docs/contract/api.md``, section 6)."""

from decimal import Decimal

import pytest

from tests import factories
from tests.support.shapes import PRODUCT

PUBLIC = "/api/v1/storefront"
COLLECTED = {"collection", "pickup_address", "pickup_hours"}
QUOTED = {"id", "name", "cost", "type", "lead_days_min", "lead_days_max"} | COLLECTED


def data_of(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.get_json()["data"]


def test_a_product_has_the_fields_of_the_contract(client, inside):
    product = inside(factories.make_product, "Maziwa", 12000, sale_price_cents=9950, sku="MLK-500")
    shown = data_of(client.get(f"{PUBLIC}/products/{product.slug}"))["product"]
    assert set(shown) == PRODUCT
    assert (shown["id"], shown["price"], shown["sale_price"]) == (product.id, "120.00", "99.50")
    assert (shown["product_type"], shown["stock_status"], shown["images"]) == ("simple", "in_stock", [])


def test_a_product_with_variants_is_variable_and_in_stock_when_one_is(client, inside):
    product = inside(factories.make_product, stock=0)
    inside(factories.make_variant, product, "1 l", 18000, stock=0)
    shown = data_of(client.get(f"{PUBLIC}/products/{product.slug}"))["product"]
    assert (shown["product_type"], shown["stock_status"]) == ("variable", "out_of_stock")
    inside(factories.make_variant, product, "2 l", 34000, stock=3)
    shown = data_of(client.get(f"{PUBLIC}/products/{product.slug}"))["product"]
    assert shown["stock_status"] == "in_stock"
    assert [(variant["name"], variant["price"]) for variant in shown["variants"]] == [
        ("1 l", "180.00"),
        ("2 l", "340.00"),
    ]


def test_products_are_listed_searched_and_sorted(client, inside):
    for name, price in (("Chai", 500), ("Andazi", 2000), ("Maziwa", 1000)):
        inside(factories.make_product, name, price)
    inside(factories.make_product, "Draft", 1, status="hidden")

    def names(query=""):
        data = data_of(client.get(f"{PUBLIC}/products{query}"))
        assert set(data) == {"products", "total", "page", "limit"}
        return [product["name"] for product in data["products"]]

    assert names() == ["Maziwa", "Andazi", "Chai"]
    assert names("?sort=price") == ["Chai", "Maziwa", "Andazi"]
    assert names("?sort=-price") == ["Andazi", "Maziwa", "Chai"]
    assert names("?sort=name") == ["Andazi", "Chai", "Maziwa"]
    assert names("?search=AZI") == ["Maziwa", "Andazi"]
    assert names("?limit=1&page=3") == ["Chai"]
    assert data_of(client.get(f"{PUBLIC}/products?limit=1"))["total"] == 3


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", "MAC"),
        ("latest", "MAC"),
        ("-created_at", "MAC"),
        ("created_at:desc", "MAC"),
        ("oldest", "CAM"),
        ("created_at", "CAM"),
        ("price_asc", "ACM"),
        ("price-asc", "ACM"),
        ("price_desc", "MCA"),
        ("price:desc", "MCA"),
        ("name_asc", "ACM"),
        ("title-desc", "MCA"),
        ("-name", "MCA"),
    ],
)
def test_the_orders_that_storefronts_ask_for_are_known(client, inside, sort, order):
    inside(factories.make_product, "Chai", 500)
    inside(factories.make_product, "andazi", 2000, sale_price_cents=300)
    inside(factories.make_product, "Maziwa", 1000)
    found = data_of(client.get(f"{PUBLIC}/products?sort={sort}"))["products"]
    assert "".join(product["name"][0].upper() for product in found) == order


def test_the_settings_say_what_a_storefront_may_show(api, client):
    shown = data_of(client.get(f"{PUBLIC}/settings"))["settings"]
    assert shown["shop_name"] == shown["store_name"] == "Duka la Majaribio"
    assert (shown["currency"], shown["shop_timezone"], shown["addon_loyalty_enabled"]) == (
        "KES",
        "Africa/Nairobi",
        "true",
    )
    assert all(isinstance(value, str) for value in shown.values())
    api.put("/settings/shop/loyalty_points_enabled", {"value": False})
    assert data_of(client.get(f"{PUBLIC}/settings"))["settings"]["addon_loyalty_enabled"] == "false"


def test_products_by_ids_are_in_the_requested_order(client, inside):
    first, second = (inside(factories.make_product, name) for name in ("Chai", "Maziwa"))
    hidden = inside(factories.make_product, status="hidden")
    ids = f"{second.id},{first.id}, {second.id},{hidden.id},999999999999"
    found = data_of(client.get(f"{PUBLIC}/products/by-ids", query_string={"ids": ids}))
    assert [product["id"] for product in found["products"]] == [second.id, first.id]


def test_a_product_that_is_not_for_sale_is_not_found(client, inside):
    hidden = inside(factories.make_product, status="hidden")
    for slug in (hidden.slug, "nothing"):
        answer = client.get(f"{PUBLIC}/products/{slug}")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "product_not_found")


def test_public_settings_are_texts_and_hold_nothing_internal(client, shop):
    settings = data_of(client.get(f"{PUBLIC}/settings"))["settings"]
    assert all(isinstance(value, str) for value in settings.values())
    assert settings["store_name"] == settings["shop_name"] == shop.name
    assert (settings["currency"], settings["shop_timezone"]) == ("KES", "Africa/Nairobi")
    assert not {"allowed_origins", "loyalty_otp_ttl_minutes"} & set(settings)


def test_delivery_is_quoted_for_a_cart(client, inside):
    product = inside(factories.make_product, price_cents=100000)
    inside(factories.make_shipping, "Rider", 25000, free_above_cents=300000)
    inside(factories.make_shipping, "To Uganda", 90000, countries=["UG"])

    def quoted(quantity, country="KE"):
        body = {"country": country, "items": [{"product_id": product.id, "quantity": quantity}]}
        methods = data_of(client.post(f"{PUBLIC}/checkout/calculate-shipping", json=body))["methods"]
        assert all(set(method) == QUOTED for method in methods)
        return [(method["name"], method["cost"], method["type"]) for method in methods]

    assert quoted(2) == [("Rider", "250.00", "free_above")]
    assert quoted(3) == [("Rider", "0.00", "free_above")]
    assert quoted(2, "UG")[1] == ("To Uganda", "900.00", "flat_rate")


def test_ways_to_pay_are_listed_with_what_is_safe(client, inside):
    inside(factories.make_payment, "mpesa", "M-Pesa", config={"till": "123456"})
    gateways = data_of(client.get(f"{PUBLIC}/checkout/payment-gateways"))["gateways"]
    assert gateways == [{"id": "mpesa", "name": "M-Pesa", "enabled": True, "config": {"till": "123456"}}]


def test_a_coupon_is_tried_on_a_cart(client, inside):
    product = inside(factories.make_product, price_cents=15800)
    inside(factories.make_coupon, "WELCOME10")
    body = {"coupon_code": " welcome10 ", "items": [{"product_id": product.id, "quantity": 1}]}
    answer = client.post(f"{PUBLIC}/checkout/validate-coupon", json=body)
    assert data_of(answer) == {
        "valid": True,
        "code": "WELCOME10",
        "type": "percentage",
        "value": "10.00",
        "subtotal": 158,
        "discount": Decimal("15.8"),
    }
    assert '"subtotal":158,"discount":15.8}' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("NOSUCH", "coupon_unknown"), ("USEDUP", "coupon_used_up"), ("BIG", "coupon_below_minimum")],
)
def test_a_coupon_that_does_not_count_is_refused_with_its_reason(client, inside, code, refusal):
    product = inside(factories.make_product, price_cents=1000)
    inside(factories.make_coupon, "USEDUP", usage_limit=0)
    inside(factories.make_coupon, "BIG", min_purchase_cents=500000)
    body = {"coupon_code": code, "items": [{"product_id": product.id, "quantity": 1}]}
    answer = client.post(f"{PUBLIC}/checkout/validate-coupon", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, refusal)
    assert answer.get_json()["errors"][0]["field"] == "coupon_code"


def test_a_host_without_a_shop_gets_an_error(app, client):
    answer = client.get(f"{PUBLIC}/products", base_url="http://nowhere.example.test")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "shop_not_found")


def test_a_host_is_known_with_a_port_and_in_capitals(client, shop):
    for host in (f"{shop.host}:8443", shop.host.upper()):
        assert client.get(f"{PUBLIC}/settings", base_url=f"http://{host}").status_code == 200


def test_a_single_shop_answers_on_every_host(private_app):
    with private_app.app_context():
        factories.make_shop()
    answer = private_app.test_client().get(f"{PUBLIC}/settings", base_url="http://anything.example.test")
    assert answer.status_code == 200
