"""Add, change, move and delete zones and methods of delivery."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import ShippingMethod, ShippingZone
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotFound
from shop.services.shipping.values import MethodValues, ZoneValues, clean_method, clean_zone
from shop.services.taxes.rules import check_tax_class

MAX_ROWS: Final = 500
Row = ShippingMethod | ShippingZone
Stored = TypeVar("Stored", ShippingMethod, ShippingZone)
Kind = type[ShippingMethod] | type[ShippingZone]


def list_zones() -> list[ShippingZone]:
    """Return all zones in their order."""
    return list(db.session.scalars(select(ShippingZone).order_by(ShippingZone.position, ShippingZone.id)))


def list_methods() -> list[ShippingMethod]:
    """Return all methods in their order, those that are not offered too."""
    return list(db.session.scalars(select(ShippingMethod).order_by(ShippingMethod.position, ShippingMethod.id)))


def get_zone(zone_id: int) -> ShippingZone:
    """Return a zone. Raise NotFound."""
    zone = db.session.scalars(select(ShippingZone).where(ShippingZone.id == zone_id)).first()
    if zone is None:
        raise NotFound("There is no such delivery zone.", code="shipping_zone_not_found")
    return zone


def get_method(method_id: int) -> ShippingMethod:
    """Return a method. Raise NotFound."""
    method = db.session.scalars(select(ShippingMethod).where(ShippingMethod.id == method_id)).first()
    if method is None:
        raise NotFound("There is no such delivery method.", code="shipping_method_not_found")
    return method


def values_of_method(method: ShippingMethod) -> MethodValues:
    """Return a method's own columns."""
    return MethodValues(**{field.name: getattr(method, field.name) for field in fields(MethodValues)})


def save_zone(zone_id: int | None, values: ZoneValues, actor: Actor) -> ShippingZone:
    """Change a zone, or add one after the others. Raise NotFound, InvalidInput naming each wrong field."""
    columns = clean_zone(values)
    with transaction():
        zone = get_zone(zone_id) if zone_id is not None else ShippingZone(position=_next(ShippingZone))
        return _store(zone, columns, actor)


def save_method(
    method_id: int | None, values: MethodValues, actor: Actor, *, position: int | None = None
) -> ShippingMethod:
    """Change a method, or add one after the others. Raise NotFound, InvalidInput naming each wrong field."""
    columns = clean_method(values)
    with transaction():
        if values.zone_id is not None:
            get_zone(values.zone_id)
        check_tax_class(values.tax_class)
        method = get_method(method_id) if method_id is not None else ShippingMethod(position=_next(ShippingMethod))
        if position is not None:
            columns["position"] = position
        return _store(method, columns, actor)


def delete_method(method_id: int, actor: Actor) -> None:
    """Delete a method; orders keep its name. Raise NotFound."""
    with transaction() as session:
        method = get_method(method_id)
        session.delete(method)
        audit_log.record(actor, "delivery.deleted", f"delivery:{method_id}", old=method.name)


def delete_zone(zone_id: int, actor: Actor) -> None:
    """Delete a zone with its methods; orders keep their names. Raise NotFound."""
    with transaction() as session:
        zone = get_zone(zone_id)
        for method in session.scalars(select(ShippingMethod).where(ShippingMethod.zone_id == zone_id)).all():
            session.delete(method)
        session.flush()
        session.delete(zone)
        audit_log.record(actor, "delivery.deleted", f"zone:{zone_id}", old=zone.name)


def move(kind: Literal["zone", "method"], row_id: int, step: Literal[-1, 1], actor: Actor) -> None:
    """Move a zone, or a method among those of its zone, one place up (-1) or down (1). Raise NotFound."""
    with transaction():
        row: Row = get_zone(row_id) if kind == "zone" else get_method(row_id)
        rows: Sequence[Row] = list_zones() if kind == "zone" else list_methods()
        alike = [one for one in rows if getattr(one, "zone_id", None) == getattr(row, "zone_id", None)]
        place = alike.index(row)
        other = place + step
        if not 0 <= other < len(alike):
            return
        alike[place], alike[other] = alike[other], alike[place]
        for position, one in enumerate(alike):
            one.position = position
        audit_log.record(actor, "delivery.changed", f"{kind}:{row_id}", new="position")


def _next(kind: Kind) -> int:
    count, last = db.session.execute(select(func.count(kind.id), func.max(kind.position))).one()
    if count >= MAX_ROWS:
        raise InvalidInput.of("name", "exceeds the limit: there are %(limit)s already", limit=MAX_ROWS)
    return 0 if last is None else last + 1


def _store(row: Stored, columns: dict[str, Any], actor: Actor) -> Stored:
    action = "delivery.created" if row.id is None else "delivery.changed"
    for name, value in columns.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    kind = "zone" if isinstance(row, ShippingZone) else "delivery"
    audit_log.record(actor, action, f"{kind}:{row.id}", new=row.name)
    return row
