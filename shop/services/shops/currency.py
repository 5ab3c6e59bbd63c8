"""Stored amounts when a shop's currency changes: each keeps its value (``docs/decisions/currency-digits.md``)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.domain.catalogue.bulk import ChangeWay, ProductBulkKind
from shop.domain.money import minor_units, parse_money
from shop.domain.pricing.coupons import CouponType
from shop.domain.settings import SETTINGS
from shop.models import Coupon, ProductBulkAction, ShippingMethod, TillShift
from shop.models.base import Base
from shop.services.errors import Conflict, FieldError

IN_SHILLINGS: Final = frozenset({"received_payments", "provider_requests", "payment_events"})
"""Tables whose amounts are M-Pesa's, in Kenya shillings whatever the shop's currency is."""


class DoesNotFit(Exception):
    """An amount has more decimals than amounts of the new currency are stored with."""


def convert_amounts(old: str, new: str, settings: Mapping[str, str]) -> None:
    """Store the shop's amounts in the minor units of another currency, in the caller's transaction.

    Raises Conflict ``amounts_too_fine`` if one has more decimals than the new currency. The shop has no orders.
    """
    up, down = minor_units(new), minor_units(old)
    try:
        _check_settings(settings, new)
        if up != down:
            for column in _columns():
                _convert_column(column, up, down)
            _convert_json(up, down)
    except DoesNotFit:
        raise Conflict(
            "The currency cannot be changed: some amounts have more decimals than %(currency)s.",
            code="amounts_too_fine",
            errors=[FieldError("currency", "has too few decimals for the amounts of the shop")],
            currency=new,
        ) from None


def _check_settings(values: Mapping[str, str], currency: str) -> None:
    try:
        for key, setting in SETTINGS.items():
            if setting.is_money:
                parse_money(values[key], currency)
    except ValueError:
        raise DoesNotFit from None


def _columns() -> Iterator[Any]:
    """Return the columns that hold money in the shop's currency; a coupon's value is one of some types only."""
    for table in Base.metadata.sorted_tables:
        if "shop_id" in table.c and table.name not in IN_SHILLINGS:
            yield from (column for column in table.c if column.name.endswith("_cents"))
    yield Coupon.__table__.c.value


def _convert_column(column: Any, up: int, down: int) -> None:
    table = column.table
    here = [table.c.shop_id == current_shop_id(), column.is_not(None), column != 0]
    if column.name == "value":
        here.append(table.c.type == CouponType.FIXED)
    if down > up:
        finer = select(column).where(*here, column % (down // up) != 0)
        if db.session.execute(finer.limit(1)).first() is not None:
            raise DoesNotFit
        db.session.execute(update(table).where(*here).values({column.name: column // (down // up)}))
    else:
        db.session.execute(update(table).where(*here).values({column.name: column * (up // down)}))


def _convert_json(up: int, down: int) -> None:
    def convert(cents: int) -> int:
        amount, rest = divmod(cents * up, down)
        if rest:
            raise DoesNotFit
        return amount

    for method in db.session.scalars(select(ShippingMethod)):
        money = ("cost_cents",) if method.band_by == "weight" else ("cost_cents", "up_to")
        method.bands = [_with(band, money, convert) for band in method.bands]
    for shift in db.session.scalars(select(TillShift)):
        shift.expected, shift.counted = (
            _with(sums, tuple(sums), convert) if sums else sums for sums in (shift.expected, shift.counted)
        )
    for action in db.session.scalars(select(ProductBulkAction).where(ProductBulkAction.kind == ProductBulkKind.PRICE)):
        is_share = ChangeWay(action.params["way"]).is_percentage
        action.params = _with(action.params, ("round_to",) if is_share else ("amount", "round_to"), convert)
    db.session.flush()


def _with(values: Mapping[str, Any], names: tuple[str, ...], convert: Any) -> dict[str, Any]:
    return {name: convert(value) if name in names and value is not None else value for name, value in values.items()}
