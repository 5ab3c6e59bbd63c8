"""The personal data of a customer: the tables of ``personal_tables`` and the audit log.

Tables and columns that are left out are listed with the reason.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, inspect, select

from shop.db.session import db
from shop.models import AuditEntry
from shop.services.customers.erasure.personal_data import personal_rows
from shop.services.customers.records import get_customer

Rows = list[dict[str, Any]]

LEFT_OUT_TABLES: Final[Mapping[str, str]] = {
    "api_keys": "programs of the shop",
    "backup_runs": "copies of the whole installation, by the label of who asked for one",
    "branches": "the shop's set-up",
    "callback_registrations": "the shop's set-up",
    "categories": "the shop's catalogue",
    "product_bulk_actions": "changes of the prices or the stock of many products, deleted after 30 days",
    "bulk_actions": "what was done to many customers at once, without names, deleted after 30 days",
    "coupons": "the shop's catalogue",
    "custom_fields": "the shop's set-up",
    "customer_spans": "counts without people",
    "import_file_parts": "a file until its rows are read, at most a day",
    "import_keys": "hashes of what rows of an import are found by",
    "imports": "the shop's files, by name",
    "delivery_reports": "providers' ids of messages and their states, without people",
    "message_channels": "the shop's credentials",
    "message_deliveries": "costs and states of messages by the message's id alone",
    "message_texts": "the shop's set-up",
    "event_counters": "the last number of the shop",
    "idempotency_records": "copies of responses for retries, deleted after a day",
    "invoice_counters": "the last number of the shop",
    "ledger_checks": "counts without people",
    "monthly_reports": "which months were reported to the owners",
    "memberships": "staff of the shop",
    "payment_methods": "the shop's set-up",
    "payment_secrets": "the shop's credentials",
    "product_categories": "the shop's catalogue",
    "product_images": "the shop's catalogue",
    "product_tags": "the shop's catalogue",
    "products": "the shop's catalogue",
    "rate_windows": "counters under keyed hashes, deleted within a day",
    "sandbox_clocks": "the shop's set-up",
    "saved_views": "searches that staff keep; erasing a person deletes those that name them",
    "segments": "the shop's set-up",
    "shipping_methods": "the shop's catalogue",
    "shipping_zones": "the shop's catalogue",
    "shop_hosts": "the shop's set-up",
    "shop_settings": "the shop's set-up",
    "shops": "the shop itself",
    "tax_classes": "the shop's set-up",
    "staff_passkeys": "staff of the shop",
    "staff_recovery_codes": "staff of the shop",
    "staff_roles": "the shop's set-up",
    "staff_sessions": "staff of the shop",
    "staff_tokens": "staff of the shop",
    "staff_totps": "staff of the shop",
    "staff_users": "staff of the shop",
    "stock_movements": "quantities of products; orders are named by their id alone",
    "till_devices": "the shop's tills, by the label of the staff who registered them",
    "till_shifts": "cash by shift, by the label of the staff who counted it",
    "variants": "the shop's catalogue",
    "webhook_endpoints": "the shop's set-up",
}
"""Tables that are not exported, and why."""

LEFT_OUT_COLUMNS: Final[Mapping[str, str]] = {
    "actor_id": "staff of the shop",
    "actor_label": "staff of the shop",
    "author": "staff of the shop",
    "author_id": "staff of the shop",
    "author_label": "staff of the shop",
    "code_hash": "secret",
    "handled_by": "staff of the shop",
    "idempotency_key": "technical",
    "nonce": "secret",
    "number_suffix": "derived from the order number",
    "password_hash": "secret",
    "payment_token_hash": "secret",
    "recorded_by": "staff of the shop",
    "search_text": "derived from name, e-mail and phone",
    "shop_id": "the same in every row",
    "sort_name": "derived from the name",
    "subject_hash": "secret",
    "token_hash": "secret",
}
"""Columns that are not exported, and why."""


def get_personal_data(customer_id: int) -> dict[str, Rows]:
    """Return all rows about a customer by table, without secrets and names of staff. Raise NotFound."""
    customer = get_customer(customer_id)
    data = {rows.table.model.__tablename__: _read(rows.table.model, rows.condition) for rows in personal_rows(customer)}
    return data | {"audit_entries": _read(AuditEntry, AuditEntry.subject == f"customer:{customer_id}")}


def _read(model: type[Any], condition: ColumnElement[bool]) -> Rows:
    attributes = [attribute for attribute in inspect(model).column_attrs if attribute.key not in LEFT_OUT_COLUMNS]
    columns = [getattr(model, attribute.key) for attribute in attributes]
    rows = db.session.execute(select(*columns).where(condition).order_by(model.id))
    return [dict(zip([column.key for column in columns], row, strict=True)) for row in rows]
