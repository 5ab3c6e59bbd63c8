"""The audit log's words: a label for each action that the code records, names for what a role may do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.domain.customers.bulk import BulkKind
from shop.domain.settings import SETTINGS
from shop.domain.statuses import ImportState
from shop.staff.settings.audit_presenter import ACTIONS, place, value
from shop.staff.settings.store_fields import STORE_FIELDS

ROOT = Path(__file__).resolve().parents[3]
COMPUTED = {
    *(f"import.{state}" for state in (ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)),
    *(f"customers.{kind}" for kind in BulkKind),
    "category.created",
    "segment.added",
    "tax_class.created",
}


def _recorded() -> Iterator[str]:
    """Yield each action that a call of ``audit_log.record`` or an event's ``audit`` names."""
    for path in (ROOT / "shop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (named := _action(node)):
                yield from (part.value for part in ast.walk(named) if _is_action(part))


def _action(call: ast.Call) -> ast.expr | None:
    if ast.unparse(call.func) == "audit_log.record":
        return call.args[1] if len(call.args) > 1 else None
    is_of_event = isinstance(call.func, ast.Attribute) and call.func.attr == "audit"
    return call.args[0] if is_of_event and call.args else None


def _is_action(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(part.value)) is not None


def test_every_recorded_action_has_a_label():
    recorded = set(_recorded())
    assert {"order.created", "till.opened", "product.created"} <= recorded
    assert sorted((recorded | COMPUTED) - ACTIONS.keys()) == []


def test_every_setting_has_a_label_in_both_languages(app, inside):
    named = {key for key, _label, _help in STORE_FIELDS} | {"store_logo"}
    for language in ("en", "sw"):
        with app.test_request_context(f"/?lang={language}"):
            shown = {
                key: inside(place, "setting.changed", key, "KES", dict.fromkeys(named, "Name"))[0] for key in SETTINGS
            }
        assert [key for key, label in shown.items() if label in {"", key}] == []


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Packer: Pack and deliver orders"), ("sw", "Packer: Kufungasha")]
)
def test_a_roles_permissions_are_named(staff, language, words):
    staff.send("/staff/settings/roles/new", name="Packer", permissions="orders.fulfil")
    staff.send("/staff/account/language", language=language)
    page = staff.get("/staff/settings/audit").text
    assert words in page
    assert "orders.fulfil" not in page


def test_the_kind_of_an_import_is_named():
    assert str(value("import.created", "customers")) == "Customers"


@pytest.mark.parametrize(
    ("action", "subject", "kept", "shown"),
    [
        ("order.refunded", "order:1", "69999999.93", "69,999,999.93"),
        ("product.price", "product:1", "125000", "1,250.00"),
        ("setting.changed", "loyalty_min_checkout_total", "1000.5", "1,000.50"),
        ("setting.changed", "loyalty_min_checkout_total", "0.001", "0.001"),
        ("setting.changed", "loyalty_otp_ttl_minutes", "1000", "1000"),
        ("order.edited", "order:1", None, ""),
        ("setting.changed", "tax_prices", "included", "Prices include tax"),
        ("setting.changed", "loyalty_award_trigger", "payment_paid", "the order is paid"),
        ("till.closed", "till", "cash 1,234.00, mpesa 0.00", "Cash 1,234.00, M-Pesa 0.00"),
    ],
)
def test_amounts_are_written_as_on_other_pages(app, inside, action, subject, kept, shown):
    with app.test_request_context():
        assert inside(value, action, kept, subject) == shown
