"""The selection of a bulk action: its filters as JSON, and how many customers can be e-mailed."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.customers.privacy import ConsentKind
from shop.domain.customers.segments import SegmentRules
from shop.models import Customer
from shop.queries.customers.list import NEWEST, CustomerFilters, query_customers
from shop.queries.customers.segments import consent_in_force


def pack_filters(filters: CustomerFilters) -> dict[str, Any]:
    """Return filters as JSON values, without unset ones and the sort order."""
    values = {field.name: getattr(filters, field.name) for field in fields(filters) if field.name != "sort"}
    return {name: _pack(value) for name, value in values.items() if value not in (None, "", False, ())}


def _pack(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.to_json() if isinstance(value, SegmentRules) else value


def unpack_filters(kept: Mapping[str, Any]) -> CustomerFilters:
    """Return the filters in JSON values; those unknown to this version are left out."""
    known = {field.name for field in fields(CustomerFilters)}
    values = {name: value for name, value in kept.items() if name in known}
    if "rules" in values:
        values["rules"] = SegmentRules.from_json(values["rules"])
    if "last_order_before" in values:
        values["last_order_before"] = datetime.fromisoformat(values["last_order_before"])
    return CustomerFilters(**{**values, "ids": tuple(values.get("ids", ())), "sort": NEWEST})


def count_reachable(filters: CustomerFilters) -> int:
    """Return how many matching customers have an e-mail and consented to marketing e-mails."""
    may_be_mailed = (Customer.email.is_not(None), consent_in_force(ConsentKind.MARKETING_EMAIL))
    matching = query_customers(filters).matches.conditions
    return db.session.scalars(select(func.count(Customer.id)).where(*matching, *may_be_mailed)).one()
