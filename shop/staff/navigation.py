"""The pages of the side bar, in its order, each with its icon and the permission that shows it."""

from typing import Any, Final, NamedTuple

from flask_babel import lazy_gettext


class Page(NamedTuple):
    """An entry of the side bar. A page whose endpoint does not exist in this installation is left out."""

    endpoint: str
    icon: str
    label: Any
    permission: str


class PageGroup(NamedTuple):
    """Entries below a heading; the first group has none."""

    heading: Any
    pages: tuple[Page, ...]


NAVIGATION: Final = (
    PageGroup(
        None,
        (
            Page("staff.home_show", "layout-dashboard", lazy_gettext("Overview"), "look"),
            Page("staff.order_list", "receipt", lazy_gettext("Orders"), "look"),
            Page("staff.product_list", "package", lazy_gettext("Products"), "look"),
            Page("staff.customer_list", "users", lazy_gettext("Customers"), "look"),
            Page("staff.ledger_show", "coins", lazy_gettext("Points ledger"), "look"),
            Page("staff.report_show", "chart-bar", lazy_gettext("Reports"), "reports.read"),
            Page("staff.coupon_list", "gift", lazy_gettext("Coupons"), "look"),
            Page("staff.registration_list", "ticket", lazy_gettext("Registrations"), "registrations.decide"),
            Page("staff.privacy_list", "lock", lazy_gettext("Personal data"), "privacy.manage"),
        ),
    ),
    PageGroup(
        lazy_gettext("Set up"),
        (
            Page("staff.loyalty_settings_show", "adjustments-horizontal", lazy_gettext("Loyalty rules"), "loyalty.set"),
            Page("staff.store_show", "building-store", lazy_gettext("Store"), "store.set"),
            Page("staff.delivery_show", "motorbike", lazy_gettext("Delivery"), "delivery.manage"),
            Page("staff.payment_list", "phone", lazy_gettext("Payment methods"), "payments.manage"),
            Page("staff.member_list", "user-plus", lazy_gettext("Staff"), "staff.manage"),
            Page("staff.key_list", "key", lazy_gettext("API keys"), "keys.manage"),
            Page("staff.approval_list", "check", lazy_gettext("Approvals"), "approvals.decide"),
            Page("staff.backup_list", "download", lazy_gettext("Backups"), "backups.manage"),
            Page("staff.audit_list", "shield-check", lazy_gettext("Audit log"), "audit.read"),
            Page("openapi_pages.openapi_page", "api", lazy_gettext("API"), "look"),
        ),
    ),
)
