"""The modules to mutate, with the nearest tests of each."""

from typing import Final

POINTS: Final = ("tests/domain/loyalty/test_points_table.py", "tests/domain/loyalty/test_points_properties.py")
TYPED: Final = "tests/domain/test_typed_cases.py"
LOYALTY: Final = "tests/services/loyalty"
TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "shop/domain/loyalty/points.py": POINTS,
    "shop/domain/loyalty/rounding.py": POINTS,
    "shop/domain/refunds.py": ("tests/domain/test_refunds.py",),
    "shop/domain/loyalty/rules_backtest.py": ("tests/queries/loyalty/test_rules_preview.py",),
    "shop/domain/money.py": ("tests/domain/test_money.py",),
    "shop/domain/codes.py": ("tests/domain/test_codes.py",),
    "shop/domain/dates/days.py": ("tests/domain/dates/test_days_and_curves.py",),
    "shop/domain/dates/date_ranges.py": ("tests/domain/dates/test_date_ranges_and_bars.py",),
    "shop/domain/passwords.py": ("tests/domain/test_words.py", "tests/staff/settings/test_accounts.py"),
    "shop/domain/numbers.py": (TYPED, "tests/domain/test_numbers.py", "tests/domain/imports/test_cells.py"),
    "shop/domain/text/cleaning.py": ("tests/domain/text/test_cleaning.py", TYPED),
    "shop/domain/text/spreadsheets.py": ("tests/domain/text/test_cleaning.py",),
    "shop/domain/text/hosts.py": ("tests/domain/text/test_hosts.py", "tests/domain/test_settings.py"),
    "shop/domain/customers/contact.py": ("tests/domain/customers/test_contact.py", TYPED),
    "shop/domain/imports/cells.py": ("tests/domain/imports/test_cells.py", TYPED),
    "shop/domain/pricing/allocation.py": ("tests/domain/pricing/test_allocation.py",),
    "shop/domain/pricing/coupons.py": ("tests/domain/pricing/test_coupons.py",),
    "shop/domain/pricing/shipping.py": ("tests/domain/pricing/test_shipping.py",),
    "shop/domain/pricing/taxes.py": ("tests/domain/pricing/test_taxes.py",),
    "shop/domain/catalogue/prices.py": ("tests/domain/catalogue/test_prices.py",),
    "shop/domain/loyalty/rules_change.py": ("tests/domain/loyalty/test_rules_change.py",),
    "shop/domain/settings.py": ("tests/domain/test_settings.py",),
    "shop/services/loyalty/award_rule.py": (f"{LOYALTY}/test_award_rule.py", f"{LOYALTY}/test_earning.py"),
    "shop/services/loyalty/earning.py": (
        f"{LOYALTY}/test_earning.py",
        f"{LOYALTY}/test_reversal_order.py",
        "tests/services/orders/test_undone.py",
        "tests/services/orders/test_refunds.py",
    ),
    "shop/services/loyalty/ledger.py": (
        f"{LOYALTY}/test_ledger.py",
        f"{LOYALTY}/test_adjustments.py",
        "tests/services/test_races.py",
    ),
    "shop/services/loyalty/redemption.py": ("tests/services/orders/test_placement.py", f"{LOYALTY}/test_earning.py"),
    "shop/services/loyalty/adjustments.py": (
        f"{LOYALTY}/test_adjustments.py",
        f"{LOYALTY}/test_adjustments_by_staff.py",
    ),
    "shop/services/loyalty/verification.py": (f"{LOYALTY}/test_verification.py",),
    "shop/services/loyalty/otp.py": (f"{LOYALTY}/test_otp.py",),
    "shop/services/orders/refunds.py": (
        "tests/services/orders/test_refunds.py",
        "tests/services/orders/test_refund_items.py",
    ),
}
