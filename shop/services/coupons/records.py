"""Add, change, end and delete coupons, or generate many with random codes."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypedDict, Unpack

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.pricing.coupons import CouponTerms
from shop.models import Coupon, Order
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.coupons.values import LONGEST_CODE, NAMES, CouponValues, clean_code, clean_values
from shop.services.errors import Conflict, FieldError, InvalidInput, NotFound

MAX_CODES: Final = 5_000
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_LETTERS: Final = 8
"""31 ** 8 codes: too many to guess one of some thousands."""


def get_coupon(coupon_id: int) -> Coupon:
    """Return a coupon of the session's shop. Raise NotFound."""
    coupon = db.session.scalars(select(Coupon).where(Coupon.id == coupon_id)).first()
    if coupon is None:
        raise NotFound("There is no such coupon.", code="coupon_not_found")
    return coupon


def values_of(coupon: Coupon) -> CouponValues:
    """Return a coupon's own columns."""
    return CouponValues(**{name: getattr(coupon, name) for name in NAMES})


def terms_of(coupon: Coupon) -> CouponTerms:
    """Return the columns that define a coupon's discount."""
    return CouponTerms._make(getattr(coupon, name) for name in CouponTerms._fields)


def terms_of_values(values: CouponValues) -> CouponTerms:
    """Return the same of values without uses."""
    own = {name: getattr(values, name) for name in NAMES if name in CouponTerms._fields}
    return CouponTerms(id=0, usage_count=0, **own)


def create_coupon(values: CouponValues, actor: Actor) -> Coupon:
    """Add a coupon. Raise InvalidInput naming each wrong field, Conflict ``coupon_exists`` for a code in use."""
    clean = clean_values(values)
    with transaction():
        coupon = _insert(clean)
        audit_log.record(actor, "coupon.created", f"coupon:{coupon.id}", new=coupon.code)
    return coupon


def update_coupon(coupon_id: int, values: CouponValues, actor: Actor) -> Coupon:
    """Change a coupon. Raise NotFound, and as :func:`create_coupon`; InvalidInput for a limit below its uses."""
    clean = clean_values(values)
    with transaction() as session:
        coupon = _lock(coupon_id)
        if clean["usage_limit"] is not None and clean["usage_limit"] < coupon.usage_count:
            raise InvalidInput.of(
                "usage_limit", "must not be below the %(count)s uses so far", count=coupon.usage_count
            )
        changed = [name for name in NAMES if getattr(coupon, name) != clean[name]]
        old_code = coupon.code
        for name in changed:
            setattr(coupon, name, clean[name])
        if changed:
            coupon.updated_at = clock.now()
            _flush(coupon.code)
            subject = f"coupon:{coupon.id}"
            audit_log.record(actor, "coupon.changed", subject, old=old_code, new=", ".join(changed)[:200])
        session.flush()
    return coupon


def end_coupons(coupon_ids: Sequence[int], actor: Actor) -> int:
    """End coupons now; return how many were still active. Unknown ids are left out."""
    with transaction() as session:
        active = select(Coupon.id).where(Coupon.id.in_(coupon_ids), Coupon.status == "active").order_by(Coupon.id)
        found = session.scalars(active.with_for_update()).all()
        ended = update(Coupon).where(Coupon.id.in_(found)).values(status="inactive", updated_at=clock.now())
        session.execute(ended)
        for coupon_id in found:
            audit_log.record(actor, "coupon.ended", f"coupon:{coupon_id}")
    return len(found)


def delete_coupon(coupon_id: int, actor: Actor) -> bool:
    """Delete a coupon that no order used, else end it. Return whether it was deleted. Raise NotFound."""
    with transaction() as session:
        coupon = _lock(coupon_id)
        if session.scalars(select(Order.id).where(Order.coupon_id == coupon_id).limit(1)).first() is not None:
            end_coupons([coupon_id], actor)
            return False
        session.delete(coupon)
        audit_log.record(actor, "coupon.deleted", f"coupon:{coupon_id}", old=coupon.code)
        return True


def generate_coupons(prefix: str, count: int, values: CouponValues, actor: Actor) -> int:
    """Add coupons for one use each with random codes after a prefix; return how many. Raise InvalidInput."""
    prefix = clean_code(prefix, LONGEST_CODE - RANDOM_LETTERS - 1) if prefix.strip() else ""
    if not 1 <= count <= MAX_CODES:
        raise InvalidInput.of("count", "must be from 1 to %(limit)s", limit=f"{MAX_CODES:,}")
    codes: set[str] = set()
    while len(codes) < count:
        letters = "".join(secrets.choice(ALPHABET) for _place in range(RANDOM_LETTERS))
        codes.add(f"{prefix}-{letters}" if prefix else letters)
    clean = clean_values(values) | {"usage_limit": 1, "per_customer_limit": None}
    now = clock.now()
    with transaction() as session:
        session.add_all(Coupon(**clean | {"code": code}, created_at=now, updated_at=now) for code in sorted(codes))
        _flush(prefix)
        audit_log.record(actor, "coupon.generated", f"coupons:{prefix or '-'}", new=str(count))
    return count


class CouponConditions(TypedDict, total=False):
    """Columns that limit a coupon."""

    usage_limit: int | None
    per_customer_limit: int | None
    min_purchase_cents: int
    max_discount_cents: int | None
    product_ids: list[int] | None
    category_ids: list[int] | None
    combines_with_points: bool
    combines_with_discounts: bool
    start_date: datetime | None
    end_date: datetime | None


def add_coupon(code: str, type: str, value: int, **conditions: Unpack[CouponConditions]) -> Coupon:
    """Add a coupon, in the caller's transaction: ``value`` is hundredths of a per cent, or cents, by ``type``."""
    return _insert({"code": code.strip().upper(), "type": type, "value": value, **conditions})


def _insert(columns: dict[str, Any]) -> Coupon:
    now = clock.now()
    coupon = Coupon(**columns, created_at=now, updated_at=now)
    db.session.add(coupon)
    _flush(columns["code"])
    return coupon


def _flush(code: str) -> None:
    """Write the session's changes. Raise Conflict ``coupon_exists`` if another coupon has the code."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        errors = [FieldError("code", "is the code of another coupon")]
        raise Conflict("A coupon with this code already exists.", code="coupon_exists", errors=errors) from None


def _lock(coupon_id: int) -> Coupon:
    found = select(Coupon).where(Coupon.id == coupon_id).with_for_update().execution_options(populate_existing=True)
    coupon = db.session.scalars(found).first()
    return coupon or get_coupon(coupon_id)
