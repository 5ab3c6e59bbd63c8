"""Shapes on the wire (``docs/contract/api.md``, section 1), to hold values against."""

import re
from typing import Any

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MONEY = re.compile(r"\d+\.\d\d")

LIST_CUSTOMER = {
    "id", "email", "first_name", "last_name", "phone", "total_orders", "total_spent", "addresses", "created_at",
    "birthday", "area", "tags", "external_id", "metadata", "custom_fields",
}  # fmt: skip
WHOLE_CUSTOMER = LIST_CUSTOMER | {"notes", "orders"}
ADDRESS = {"id", "type", "address1", "city", "state", "zip", "country"}
NOTE = {"id", "customer_id", "author_id", "content", "created_at"}
ENTRY = {"id", "type", "points", "order_id", "note"}
ENTRY_OURS = {"created_at", "balance_after", "expires_at"}
BALANCE = {"id", "customer_id", "points_balance", "lifetime_earned", "created_at", "updated_at", "customer"}
ORDER = {
    "id", "order_number", "customer_id", "status", "payment_status", "payment_method", "subtotal", "shipping", "tax",
    "discount", "total", "currency", "customer", "items_count", "items", "addresses", "notes", "transactions", "source",
    "api_label", "order_date", "created_at", "updated_at",
}  # fmt: skip
ORDER_CUSTOMER = {"id", "email", "first_name", "last_name", "phone"}
ORDER_ITEM = {
    "id", "order_id", "product_id", "variant_id", "name", "sku", "quantity", "price", "product", "variant",
    "refunded_quantity", "restocked_quantity", "tax_class", "tax",
}  # fmt: skip
ORDER_ADDRESS = {"type", "name", "street", "city", "state", "zip", "country"}
PRODUCT = {
    "id", "name", "slug", "description", "price", "sale_price", "sku", "status", "product_type", "stock_status",
    "images", "variants",
}  # fmt: skip
RULES = {
    "enabled", "award_trigger", "points_per_currency_unit", "min_order_subtotal_to_earn",
    "points_per_currency_discount", "max_redeem_percent", "min_points_to_redeem", "min_checkout_total",
    "otp_ttl_minutes", "redemption_token_ttl_minutes", "optin_required", "optin_id_required",
}  # fmt: skip


def is_time(value: Any) -> bool:
    """UTC with three decimals and ``Z``."""
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def is_money_text(value: Any) -> bool:
    """A string with two decimals: money in orders, products, coupons, shipping."""
    return isinstance(value, str) and MONEY.fullmatch(value) is not None


def is_number(value: Any) -> bool:
    """A JSON number: money in customers and previews."""
    return isinstance(value, int | float) and not isinstance(value, bool)
