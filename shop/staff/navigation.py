"""The navigation: pages in order, each with its icon and the permission that shows it."""

from typing import Any, Final, NamedTuple

from flask_babel import lazy_gettext


class NavigationItem(NamedTuple):
    """An entry of the side bar. A page whose endpoint does not exist in this installation is left out.

    It is marked on the pages whose endpoints begin as its own does, and on those that begin with one of ``also``.
    """

    endpoint: str
    icon: str
    label: Any
    permission: str
    also: tuple[str, ...] = ()


class NavigationGroup(NamedTuple):
    """Entries below a heading; the first group has none."""

    heading: Any
    pages: tuple[NavigationItem, ...]


OF_PRODUCTS: Final = ("staff.category_", "staff.stock_", "staff.movement_", "staff.branch_")
OF_CUSTOMERS: Final = ("staff.segment_", "staff.bulk_", "staff.join_")
NAVIGATION: Final = (
    NavigationGroup(
        None,
        (
            NavigationItem("staff.home_show", "layout-dashboard", lazy_gettext("Overview"), "look"),
            NavigationItem("staff.till_show", "cash-register", lazy_gettext("Till"), "orders.pay"),
            NavigationItem("staff.order_list", "receipt", lazy_gettext("Orders"), "look"),
            NavigationItem(
                "staff.received_payment_list", "device-mobile-dollar", lazy_gettext("Payments"), "orders.pay"
            ),
            NavigationItem("staff.product_list", "package", lazy_gettext("Products"), "look", OF_PRODUCTS),
            NavigationItem("staff.customer_list", "users", lazy_gettext("Customers"), "look", OF_CUSTOMERS),
            NavigationItem("staff.ledger_show", "coins", lazy_gettext("Points ledger"), "look"),
            NavigationItem("staff.report_show", "chart-bar", lazy_gettext("Reports"), "reports.read"),
            NavigationItem("staff.cart_list", "shopping-cart", lazy_gettext("Abandoned carts"), "look"),
            NavigationItem("staff.coupon_list", "gift", lazy_gettext("Coupons"), "look"),
            NavigationItem("staff.registration_list", "ticket", lazy_gettext("Registrations"), "registrations.decide"),
            NavigationItem("staff.privacy_list", "lock", lazy_gettext("Personal data"), "privacy.manage"),
        ),
    ),
    NavigationGroup(
        lazy_gettext("Set up"),
        (
            NavigationItem(
                "staff.loyalty_settings_show", "adjustments-horizontal", lazy_gettext("Loyalty rules"), "loyalty.set"
            ),
            NavigationItem("staff.store_show", "building-store", lazy_gettext("Store"), "store.set"),
            NavigationItem("staff.delivery_show", "motorbike", lazy_gettext("Delivery"), "delivery.manage"),
            NavigationItem("staff.tax_show", "calculator", lazy_gettext("Taxes"), "store.set"),
            NavigationItem("staff.payment_list", "phone", lazy_gettext("Payment methods"), "payments.manage"),
            NavigationItem("staff.message_settings", "message", lazy_gettext("Messages"), "messages.manage"),
            NavigationItem("staff.member_list", "user-plus", lazy_gettext("Staff"), "staff.manage"),
            NavigationItem("staff.key_list", "key", lazy_gettext("API keys"), "keys.manage"),
            NavigationItem("staff.sandbox_show", "flask", lazy_gettext("Sandbox"), "keys.manage"),
            NavigationItem("staff.webhook_list", "send", lazy_gettext("Webhooks"), "webhooks.manage"),
            NavigationItem("staff.approval_list", "check", lazy_gettext("Approvals"), "approvals.decide"),
            NavigationItem("staff.backup_list", "download", lazy_gettext("Backups"), "backups.manage"),
            NavigationItem("staff.audit_list", "shield-check", lazy_gettext("Audit log"), "audit.read"),
            NavigationItem("openapi_pages.openapi_page", "api", lazy_gettext("API"), "look"),
        ),
    ),
)
