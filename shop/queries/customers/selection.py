"""The selection of a bulk action: its filters as JSON."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from shop.domain.customers.segments import SegmentRules
from shop.queries.customers.list import NEWEST, CustomerFilters


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
