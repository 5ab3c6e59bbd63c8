"""The audit log for display: action, subject, and the values before and after."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.formats import signed
from shop.domain.logos import LOGO_TEXT
from shop.domain.money import parse_money
from shop.domain.settings import SETTINGS
from shop.staff.loyalty_settings.fields import FIELDS, label_of
from shop.staff.permissions import PERMISSION_NAMES, ROLE_NAMES
from shop.staff.settings.setting_places import CHOICE_NAMES, SETTING_PLACES
from shop.staff.status_names import order_status, payment_status
from shop.staff.till.forms import METHOD_NAMES
from shop.web.pages.formats import money, shop_settings

ACTIONS: Final = {
    "setting.changed": lazy_gettext("Setting changed"),
    "setting.payment": lazy_gettext("Payment method changed"),
    "setting.mail_tried": lazy_gettext("Test e-mail sent"),
    "delivery.created": lazy_gettext("Delivery added"),
    "delivery.changed": lazy_gettext("Delivery changed"),
    "delivery.deleted": lazy_gettext("Delivery deleted"),
    "coupon.created": lazy_gettext("Coupon added"),
    "coupon.changed": lazy_gettext("Coupon changed"),
    "coupon.ended": lazy_gettext("Coupon ended"),
    "coupon.deleted": lazy_gettext("Coupon deleted"),
    "coupon.generated": lazy_gettext("Coupon codes generated"),
    "staff.invited": lazy_gettext("Invited to join the staff"),
    "staff.invitation_withdrawn": lazy_gettext("Invitation withdrawn"),
    "staff.joined": lazy_gettext("Joined the staff"),
    "staff.role": lazy_gettext("Role changed"),
    "role.created": lazy_gettext("Role added"),
    "role.changed": lazy_gettext("Role edited"),
    "role.deleted": lazy_gettext("Role deleted"),
    "staff.removed": lazy_gettext("Removed from the staff"),
    "staff.second_factor_added": lazy_gettext("Second factor set up"),
    "staff.second_factor_removed": lazy_gettext("Second factor removed"),
    "staff.second_factor_reset": lazy_gettext("Second factor reset"),
    "staff.recovery_codes_replaced": lazy_gettext("Recovery codes replaced"),
    "staff.recovery_code_used": lazy_gettext("Recovery code used"),
    "api_key.created": lazy_gettext("API key created"),
    "api_key.changed": lazy_gettext("API key changed"),
    "api_key.regenerated": lazy_gettext("API secret replaced"),
    "api_key.revoked": lazy_gettext("API key revoked"),
    "message_channel.saved": lazy_gettext("Message channel set up"),
    "message_channel.deleted": lazy_gettext("Message channel removed"),
    "message_text.saved": lazy_gettext("Text of a message changed"),
    "webhook.created": lazy_gettext("Webhook endpoint added"),
    "webhook.changed": lazy_gettext("Webhook endpoint changed"),
    "webhook.deleted": lazy_gettext("Webhook endpoint deleted"),
    "webhook.rotated": lazy_gettext("Webhook secret replaced"),
    "webhook.tested": lazy_gettext("Test event sent"),
    "webhook.resent": lazy_gettext("Webhook deliveries resent"),
    "webhook.disabled": lazy_gettext("Webhook endpoint disabled"),
    "customer.changed": lazy_gettext("Customer details changed"),
    "customer.password": lazy_gettext("Customer password changed"),
    "customer.redemption_held": lazy_gettext("Redemption put on hold"),
    "customer.redemption_released": lazy_gettext("Hold on redemption ended"),
    "approval.requested": lazy_gettext("Approval requested"),
    "approval.approved": lazy_gettext("Approval given"),
    "approval.refused": lazy_gettext("Approval refused"),
    "category.created": lazy_gettext("Category added"),
    "category.changed": lazy_gettext("Category changed"),
    "category.deleted": lazy_gettext("Category deleted"),
    "custom_field.added": lazy_gettext("Customer field added"),
    "custom_field.changed": lazy_gettext("Customer field changed"),
    "custom_field.deleted": lazy_gettext("Customer field deleted"),
    "customer.merged": lazy_gettext("Customers merged"),
    "customer.merge_undone": lazy_gettext("Merge undone"),
    "customer.phone_verified": lazy_gettext("Phone verified"),
    "import.created": lazy_gettext("File to import added"),
    "import.checking": lazy_gettext("Import check started"),
    "import.applying": lazy_gettext("Import started"),
    "import.undoing": lazy_gettext("Import undo started"),
    "order.created": lazy_gettext("Order created"),
    "order.edited": lazy_gettext("Order edited"),
    "order.invoiced": lazy_gettext("Invoice issued"),
    "order.out_for_delivery": lazy_gettext("Order out for delivery"),
    "order.refund_requested": lazy_gettext("Refund requested from M-Pesa"),
    "order.refund_sent": lazy_gettext("Refund marked as sent"),
    "orders.exported": lazy_gettext("Orders exported"),
    "product.created": lazy_gettext("Product added"),
    "product.changed": lazy_gettext("Product changed"),
    "product.archived": lazy_gettext("Product archived"),
    "product.deleted": lazy_gettext("Product deleted"),
    "product.image_added": lazy_gettext("Picture added"),
    "product.image_changed": lazy_gettext("Picture changed"),
    "product.image_deleted": lazy_gettext("Picture deleted"),
    "product.images_ordered": lazy_gettext("Pictures reordered"),
    "sandbox.created": lazy_gettext("Sandbox created"),
    "sandbox.clock": lazy_gettext("Sandbox clock moved"),
    "sandbox.reset": lazy_gettext("Sandbox reset"),
    "segment.added": lazy_gettext("Segment added"),
    "segment.changed": lazy_gettext("Segment changed"),
    "segment.deleted": lazy_gettext("Segment deleted"),
    "tax_class.created": lazy_gettext("Tax class added"),
    "tax_class.changed": lazy_gettext("Tax class changed"),
    "tax_class.deleted": lazy_gettext("Tax class deleted"),
    "payment.claimed": lazy_gettext("Received payment claimed"),
    "payment.claim_undone": lazy_gettext("Claim of a payment undone"),
    "payment.statement": lazy_gettext("M-Pesa statement uploaded"),
    "payment.reversal_requested": lazy_gettext("Reversal of a payment requested"),
    "payment.returned": lazy_gettext("Payment sent back"),
    "till.opened": lazy_gettext("Till opened"),
    "till.closed": lazy_gettext("Till closed"),
    "till.redeemed_without_code": lazy_gettext("Points redeemed without a code"),
    "till.device_registered": lazy_gettext("Till registered"),
    "till.device_revoked": lazy_gettext("Till revoked"),
    "till.receipt_sent": lazy_gettext("Receipt sent"),
    "setting.sms_tried": lazy_gettext("Test SMS sent"),
    "till.undone": lazy_gettext("Till sale undone"),
    "branch.created": lazy_gettext("Branch added"),
    "branch.changed": lazy_gettext("Branch renamed"),
    "stock.transferred": lazy_gettext("Stock moved"),
    "cart.reminded": lazy_gettext("Reminder of a cart sent"),
    "cart.stopped": lazy_gettext("Reminder of a cart stopped"),
    "cart.resumed": lazy_gettext("Reminder of a cart allowed again"),
    "customer.deleted": lazy_gettext("Customer deleted"),
    "customers.add_tag": lazy_gettext("Tag given to many customers"),
    "customers.remove_tag": lazy_gettext("Tag taken from many customers"),
    "customers.adjust": lazy_gettext("Points of many customers adjusted"),
    "customers.message": lazy_gettext("Message to many customers sent"),
    "customers.bulk_stopped": lazy_gettext("Change of many customers stopped"),
    "customers.exported": lazy_gettext("Customers exported"),
    "list.read": lazy_gettext("List read"),
    "customer.read": lazy_gettext("Customer read"),
    "registration.read": lazy_gettext("Registration read"),
    "products.price": lazy_gettext("Prices of many products changed"),
    "products.stock": lazy_gettext("Stock of many products changed"),
    "products.bulk_stopped": lazy_gettext("Change of many products stopped"),
    "product.price": lazy_gettext("Price changed"),
    "points.adjusted": lazy_gettext("Points adjusted"),
    "points.exported": lazy_gettext("Ledger exported"),
    "backup.requested": lazy_gettext("Backup requested"),
    "order.status": lazy_gettext("Order status"),
    "order.payment_status": lazy_gettext("Order payment"),
    "order.refunded": lazy_gettext("Order refunded"),
    "order.payment_handled": lazy_gettext("Payment problem resolved"),
    "order.deleted": lazy_gettext("Order deleted"),
    "customer.data_exported": lazy_gettext("Personal data exported"),
    "consent.given": lazy_gettext("Consent given"),
    "consent.withdrawn": lazy_gettext("Consent withdrawn"),
    "privacy.received": lazy_gettext("Personal data request received"),
    "privacy.done": lazy_gettext("Personal data request answered"),
    "privacy.refused": lazy_gettext("Personal data request refused"),
    "privacy.affected_exported": lazy_gettext("List of affected people exported"),
    "registration.sent": lazy_gettext("Registration sent"),
    "registration.approved": lazy_gettext("Registration approved"),
    "registration.rejected": lazy_gettext("Registration rejected"),
    "registration.pending": lazy_gettext("Registration reopened"),
}
VALUES: Final[dict[str, Any]] = {
    "true": lazy_gettext("On"),
    "false": lazy_gettext("Off"),
    "approved": lazy_gettext("Approved"),
    "customers": lazy_gettext("Customers"),
    "products": lazy_gettext("Products"),
    "rejected": lazy_gettext("Rejected"),
    **ROLE_NAMES,
}
LISTS: Final = {
    "audit": lazy_gettext("Audit log"),
    "balances": lazy_gettext("Balances"),
    "carts": lazy_gettext("Abandoned carts"),
    "coupons": lazy_gettext("Coupons"),
    "customers": lazy_gettext("Customers"),
    "events": lazy_gettext("Events"),
    "imports": lazy_gettext("Imports"),
    "ledger": lazy_gettext("Points ledger"),
    "orders": lazy_gettext("Orders"),
    "overview": lazy_gettext("Overview"),
    "payments": lazy_gettext("Payments"),
    "privacy": lazy_gettext("Personal data"),
    "registrations": lazy_gettext("Registrations"),
    "reports": lazy_gettext("Reports"),
    "till": lazy_gettext("Till"),
}
AREAS = (
    ("setting", lazy_gettext("Settings")),
    ("staff", lazy_gettext("Staff")),
    ("api_key", lazy_gettext("API keys")),
    ("order", lazy_gettext("Orders")),
    ("points", lazy_gettext("Points")),
    ("tax_class", lazy_gettext("Taxes")),
    ("customer", lazy_gettext("Customers")),
    ("registration", lazy_gettext("Registrations")),
    ("privacy", lazy_gettext("Personal data")),
)
AMOUNTS: Final = ("order.edited", "order.refunded")
"""Actions whose values are amounts with a point."""
WORDED: Final = ("staff.", "setting.", "registration.", "import.")


def action_label(action: str) -> str:
    """Return ``Refund of an order`` for ``order.refunded``; an action without a label is spelled out."""
    return str(ACTIONS.get(action) or action.replace(".", ": ").replace("_", " ").capitalize())


def value(action: str, kept: str | None, subject: str = "") -> str:
    """Return a stored value for display; ``subject`` is the key of a changed setting."""
    if kept is None:
        return ""
    is_amount = action == "setting.changed" and subject in SETTINGS and SETTINGS[subject].is_money
    if is_amount or action in AMOUNTS:
        return _amount(kept)
    if action == "product.price" and kept.isdecimal():
        return money(int(kept))
    if action == "till.closed":
        return re.sub("|".join(METHOD_NAMES), lambda method: str(METHOD_NAMES[method[0]]), kept)
    if action == "setting.changed" and kept in (choices := CHOICE_NAMES.get(subject, {})):
        return str(choices[kept])
    if action == "setting.changed" and LOGO_TEXT.fullmatch(kept):
        return _("A picture")
    if action == "points.adjusted" and kept.removeprefix("-").removeprefix("+").isdecimal():
        return signed(int(kept))
    if action == "order.status":
        return order_status(kept)
    if action == "order.payment_status":
        return payment_status(kept)
    if action.startswith("role."):
        name, _colon, granted = kept.rpartition(": ")
        return f"{name}: {', '.join(str(PERMISSION_NAMES.get(one, one)) for one in granted.split(', '))}"
    return str(VALUES.get(kept, kept)) if action.startswith(WORDED) else kept


def _amount(kept: str) -> str:
    try:
        return money(parse_money(kept, shop_settings().currency))
    except ValueError:  # of a currency with more decimals, before the shop's was changed
        return kept


def place(action: str, subject: str, currency: str, names: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the name of an entry's subject, and its URL (None if it has none).

    ``names`` has the labels of settings by key, and names by subject.
    """
    kind, _colon, number = subject.partition(":")
    if subject in FIELDS:
        return label_of(subject, currency), url_for("staff.loyalty_settings_show")
    if subject in SETTING_PLACES:
        label, page = SETTING_PLACES[subject]
        return str(label), url_for(page)
    if action.startswith("setting.") and subject in names:
        return str(names[subject]), url_for("staff.store_show", _anchor=subject)
    if number.isdecimal() and kind == "order" and subject in names:
        return names[subject], url_for("staff.order_show", order_id=int(number))
    if number.isdecimal() and kind == "registration":
        return _("Open the registration"), url_for("staff.registration_show", registration_id=int(number))
    if number.isdecimal() and kind == "privacy":
        return _("Open the request"), url_for("staff.privacy_show", request_id=int(number))
    if number.isdecimal() and kind == "customer" and action != "customer.deleted":
        name = names.get(subject, _("Open the customer"))
        return name, url_for("staff.customer_show", customer_id=int(number))
    if kind == "list":
        return str(LISTS.get(number, number)), None
    return (subject, None) if action in {"setting.changed", "setting.payment"} else (names.get(subject, ""), None)
