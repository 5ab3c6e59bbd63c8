"""What a member of staff needs to be allowed to call each operation of the API with a session, as on the pages."""

from typing import Final

PERMISSIONS: Final = {
    "category_change": "products.write",
    "category_create": "products.write",
    "category_delete": "products.write",
    "category_list": "look",
    "coupon_change": "coupons.manage",
    "coupon_create": "coupons.manage",
    "coupon_delete": "coupons.manage",
    "coupon_list": "look",
    "coupon_show": "look",
    "coupon_stats_show": "look",
    "coupon_usage_list": "lists.export",
    "coupon_validate": "look",
    "customer_change": "customers.edit",
    "customer_create": "customers.add",
    "customer_delete": "customers.delete",
    "customer_import": "customers.edit",
    "customer_list": "lists.export",
    "customer_loyalty_show": "look",
    "customer_merge": "customers.merge",
    "customer_merge_undo": "customers.merge",
    "customer_note_create": "notes.write",
    "customer_password_set": "customers.edit",
    "customer_show": "look",
    "customer_upsert": "customers.edit",
    "loyalty_adjust": "points.adjust",
    "loyalty_balance_list": "lists.export",
    "loyalty_balance_show": "look",
    "loyalty_config_show": "look",
    "loyalty_ledger_list": "lists.export",
    "loyalty_stats_show": "look",
    "order_batch": "orders.change",
    "order_create": "orders.change",
    "order_delete": "orders.change",
    "order_list": "lists.export",
    "order_payment_status_set": "orders.change",
    "order_refund_create": "orders.change",
    "order_show": "look",
    "order_status_set": "orders.change",
    "product_change": "products.write",
    "product_create": "products.write",
    "product_delete": "products.write",
    "product_image_create": "products.write",
    "product_image_delete": "products.write",
    "product_image_order": "products.write",
    "product_list": "look",
    "product_set": "products.write",
    "product_show": "look",
    "product_stock_adjust": "products.write",
    "registration_approve": "registrations.decide",
    "registration_decide": "registrations.decide",
    "registration_list": "registrations.decide",
    "registration_reject": "registrations.decide",
    "registration_show": "registrations.decide",
    "registration_stretch": "registrations.decide",
    "setting_list": "store.set",
    "setting_set": "store.set",
}
"""By view. A staff page shows a clerk a few customers at a time; the API's lists are whole lists to take away."""
PERSONAL_LISTS: Final = {
    "customer_list": "customers",
    "loyalty_balance_list": "balances",
    "loyalty_ledger_list": "ledger",
    "order_list": "orders",
    "registration_list": "registrations",
    "registration_stretch": "registrations",
}
"""Views that answer with personal data of many customers, and what the audit log calls it."""


def permission_of(view: str) -> str:
    """Return what a view needs; an owner's permission for one that is not listed."""
    return PERMISSIONS.get(view, "keys.manage")
