"""The fields of the store's settings: labels, help, choices, and the heading each is under."""

from flask_babel import lazy_gettext

from shop.domain.text.languages import LANGUAGES

STORE_FIELDS = (
    ("store_name", lazy_gettext("Store name"), lazy_gettext("Shown in e-mails and at checkout.")),
    ("store_email", lazy_gettext("Store e-mail"), lazy_gettext("Customers’ replies go here.")),
    (
        "payment_instructions",
        lazy_gettext("How to pay"),
        lazy_gettext("Added to e-mails about unpaid orders and to the page of the order."),
    ),
    ("store_address", lazy_gettext("Address"), lazy_gettext("Street and town, shown at the bottom of e-mails.")),
    ("currency", lazy_gettext("Currency"), lazy_gettext("E.g. KES. Amounts are not converted.")),
    ("shop_country", lazy_gettext("Country"), lazy_gettext("Two letters, e.g. KE. Used for phone number format.")),
    ("shop_timezone", lazy_gettext("Time zone"), lazy_gettext("Time zone for dates and reports.")),
    (
        "customer_language",
        lazy_gettext("Language for customers"),
        lazy_gettext("Used in e-mails, at checkout and by the points button."),
    ),
    ("storefront_url", lazy_gettext("Online store URL"), lazy_gettext("e.g. https://shop.example.com")),
    (
        "hosted_shop_enabled",
        lazy_gettext("Hosted shop"),
        lazy_gettext("A shop with your products at the address below, if you have no online store of your own."),
    ),
    (
        "allowed_origins",
        lazy_gettext("Allowed origins"),
        lazy_gettext("Websites that may use the storefront API. One per line."),
    ),
    (
        "brand_color",
        lazy_gettext("Brand colour"),
        lazy_gettext("Colour of the points button and panel. Text is black or white, whichever is easier to read."),
    ),
    (
        "widget_position",
        lazy_gettext("Position of the points button"),
        lazy_gettext("The corner of your online store where the button appears."),
    ),
    (
        "delivery_without_method",
        lazy_gettext("Delivery without a chosen method"),
        lazy_gettext("For orders from programs with an address but no delivery method."),
    ),
    (
        "guest_max_quantity",
        lazy_gettext("Limit per product for guests"),
        lazy_gettext("In one unpaid order placed without an account."),
    ),
    (
        "unconfirmed_order_hours",
        lazy_gettext("Cancel unconfirmed orders after"),
        lazy_gettext(
            "Hours. Unpaid orders of guests or on delivery, unless they are sent out for delivery. 0 cancels none."
        ),
    ),
    (
        "redemption_hold_hours",
        lazy_gettext("Hold redemption after a change of e-mail or phone"),
        lazy_gettext("Hours. Applies when staff change a customer’s contact details or merge customers. 0 for none."),
    ),
    (
        "clerk_daily_points",
        lazy_gettext("Daily limit of adjustments"),
        lazy_gettext("Maximum points one person can adjust in a day, unless their role can exceed it."),
    ),
    (
        "till_sale_limit",
        lazy_gettext("Largest sale at the till"),
        lazy_gettext("For roles without permission to exceed it. 0 for no limit."),
    ),
    (
        "till_daily_limit",
        lazy_gettext("Daily sales at the till"),
        lazy_gettext("Maximum sales one person can take in a day, unless their role can exceed it. 0 for no limit."),
    ),
    (
        "till_redeem_without_code",
        lazy_gettext("Points at the till without a code, up to"),
        lazy_gettext("Maximum discount by points without a code, if a manager approves. 0 for never."),
    ),
    ("till_devices_only", lazy_gettext("Registered tills alone"),
     lazy_gettext("Managers register a device under Till, Day close, Tills. Others cannot open the till.")),
    (
        "confirm_points_above",
        lazy_gettext("Confirm adjustments above"),
        lazy_gettext("Points. Larger adjustments show their figures and need confirmation. 0 for never. Owners only."),
    ),
    (
        "confirm_rules_percent",
        lazy_gettext("Confirm rules that change the cost by more than"),
        lazy_gettext("Per cent of what the programme costs. 0 for never. Owners only."),
    ),
    (
        "approval_required",
        lazy_gettext("Approval by a second person"),
        lazy_gettext("Changes that need confirmation also need the approval of another manager or owner. Owners only."),
    ),
    (
        "attention_redemptions_per_day",
        lazy_gettext("Alert after redemptions"),
        lazy_gettext("Alert me after this many redemptions a day by one customer."),
    ),
    (
        "attention_adjustments_per_day",
        lazy_gettext("Alert after adjustments"),
        lazy_gettext("Alert me after this many adjustments a day by one staff member."),
    ),
    (
        "monthly_report",
        lazy_gettext("Monthly report"),
        lazy_gettext("An e-mail to the owners after each month: sales, orders, points and best products."),
    ),
    ("setup_checklist", lazy_gettext("Set-up checklist"), lazy_gettext("On the overview until all steps are done.")),
)  # fmt: skip
HEADINGS = {  # before the field named
    "store_name": lazy_gettext("Store details"),
    "storefront_url": lazy_gettext("Online store"),
    "delivery_without_method": lazy_gettext("Orders"),
    "redemption_hold_hours": lazy_gettext("Safeguards"),
    "attention_redemptions_per_day": lazy_gettext("Alerts"),
}
SHORT = {
    "monthly_report",
    "setup_checklist",
    "hosted_shop_enabled",
    "currency",
    "shop_country",
    "shop_timezone",
    "customer_language",
    "clerk_daily_points",
    "till_sale_limit",
    "till_daily_limit",
    "till_redeem_without_code",
    "till_devices_only",
    "redemption_hold_hours",
    "confirm_points_above",
    "confirm_rules_percent",
    "approval_required",
} | {
    "attention_redemptions_per_day",
    "attention_adjustments_per_day",
    "guest_max_quantity",
    "unconfirmed_order_hours",
}
CHOICES = {
    "monthly_report": (("false", lazy_gettext("Off")), ("true", lazy_gettext("On"))),
    "setup_checklist": (("true", lazy_gettext("Shown")), ("false", lazy_gettext("Hidden"))),
    "hosted_shop_enabled": (("false", lazy_gettext("Closed")), ("true", lazy_gettext("Open"))),
    "customer_language": tuple(LANGUAGES.items()),
    "approval_required": (("false", lazy_gettext("Not required")), ("true", lazy_gettext("Required"))),
    "till_devices_only": (("false", lazy_gettext("Any device")), ("true", lazy_gettext("Registered tills"))),
    "widget_position": (("right", lazy_gettext("Bottom right")), ("left", lazy_gettext("Bottom left"))),
    "delivery_without_method": (
        ("cheapest", lazy_gettext("The cheapest that serves the address")),
        ("refuse", lazy_gettext("Refuse the order")),
        ("free", lazy_gettext("Deliver free of charge")),
    ),
}


def field_groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the fields grouped by heading."""
    groups: list[tuple[str, list[tuple[str, str, str]]]] = []
    for field in STORE_FIELDS:
        if field[0] in HEADINGS:
            groups.append((HEADINGS[field[0]], []))
        groups[-1][1].append(field)
    return groups
