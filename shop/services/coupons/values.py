"""Validation of a coupon's columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.money import HUNDREDTHS, minor_units
from shop.domain.pricing.coupons import CouponType
from shop.domain.text.cleaning import clean_line, clean_reference
from shop.models import Category, Product
from shop.services.errors import FieldError, InvalidInput
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings

LONGEST_CODE: Final = 64
LONGEST_DESCRIPTION: Final = 200
MAX_USES: Final = 1_000_000_000
MAX_PRODUCTS: Final = 500
MAX_CATEGORIES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponValues:
    """A coupon's own columns, as :class:`Coupon` describes them."""

    code: str
    type: str
    value: int = 0
    description: str = ""
    usage_limit: int | None = None
    per_customer_limit: int | None = None
    min_purchase_cents: int = 0
    max_discount_cents: int | None = None
    product_ids: Sequence[int] | None = None
    category_ids: Sequence[int] | None = None
    combines_with_points: bool = True
    combines_with_discounts: bool = True
    start_date: datetime | None = None
    end_date: datetime | None = None
    status: str = "active"


NAMES: Final = tuple(CouponValues.__dataclass_fields__)


def clean_values(values: CouponValues) -> dict[str, Any]:
    """Return the columns of a coupon. Raise InvalidInput naming each field that is wrong."""
    columns = {name: getattr(values, name) for name in NAMES}
    wrong = [*_wrong_numbers(values), *_wrong_dates(values)]
    try:
        columns["code"] = clean_code(values.code)
    except InvalidInput as refused:
        wrong += refused.errors
    try:
        columns["description"] = clean_line(values.description)
    except ValueError as refused:
        wrong.append(FieldError("description", str(refused)))
    if len(values.description) > LONGEST_DESCRIPTION:
        wrong.append(FieldError("description", "is too long"))
    columns["product_ids"] = sorted(set(values.product_ids)) if values.product_ids else None
    if columns["product_ids"] and not _are_products(columns["product_ids"]):
        wrong.append(FieldError("product_ids", "must be up to 500 products of this shop"))
    columns["category_ids"] = sorted(set(values.category_ids)) if values.category_ids else None
    if columns["category_ids"] and not _are_categories(columns["category_ids"]):
        wrong.append(FieldError("category_ids", "must be up to 100 categories of this shop"))
    if wrong:
        raise InvalidInput.of_errors(wrong)
    if values.type == CouponType.FREE_SHIPPING:
        columns["value"] = 0
    currency = get_settings().currency
    fixed = values.value if values.type == CouponType.FIXED else None
    check_amounts(currency, {"value": fixed, "min_purchase": values.min_purchase_cents})
    check_amounts(currency, {"max_discount": values.max_discount_cents})
    return columns


def rescale_value(values: CouponValues, given_as: str) -> CouponValues:
    """Return a coupon whose value, given as that of another type, is in the unit of its own: 10.00 stays 10.00.

    Raises InvalidInput for a percentage with more than two decimals.
    """
    value, rest = divmod(values.value * _unit(values.type), _unit(given_as))
    if rest:
        raise InvalidInput.of("value", "must have at most two decimals")
    return replace(values, value=value)


def _unit(type: str) -> int:
    return HUNDREDTHS if type == CouponType.PERCENTAGE else minor_units(get_settings().currency)


def clean_code(raw: str, longest: int = LONGEST_CODE) -> str:
    try:
        code = clean_reference(raw)
    except ValueError as refused:
        raise InvalidInput.of("code", str(refused)) from None
    if not code or len(code) > longest or any(letter.isspace() for letter in code):
        raise InvalidInput.of("code", "must be 1 to %(limit)s characters without spaces", limit=longest)
    return code


def _wrong_numbers(values: CouponValues) -> list[FieldError]:
    wrong = []
    if values.type not in list(CouponType):
        return [FieldError("type", "must be percentage, fixed or free_shipping")]
    if values.type == CouponType.PERCENTAGE and not 0 < values.value <= 10_000:
        wrong.append(FieldError("value", "must be above 0 and at most 100 per cent"))
    if values.type == CouponType.FIXED and values.value <= 0:
        wrong.append(FieldError("value", "must be above 0"))
    for name in ("usage_limit", "per_customer_limit"):
        limit = getattr(values, name)
        if limit is not None and not 1 <= limit <= MAX_USES:
            wrong.append(FieldError(name, "must be 1 or more"))
    if values.max_discount_cents is not None and values.max_discount_cents <= 0:
        wrong.append(FieldError("max_discount", "must be above 0"))
    if values.status not in ("active", "inactive"):
        wrong.append(FieldError("status", "must be active or inactive"))
    return wrong


def _wrong_dates(values: CouponValues) -> list[FieldError]:
    if values.start_date and values.end_date and values.end_date <= values.start_date:
        return [FieldError("end_date", "must be after the start")]
    return []


def _are_products(ids: Sequence[int]) -> bool:
    if len(ids) > MAX_PRODUCTS:
        return False
    return len(db.session.scalars(select(Product.id).where(Product.id.in_(ids))).all()) == len(ids)


def _are_categories(ids: Sequence[int]) -> bool:
    if len(ids) > MAX_CATEGORIES:
        return False
    return len(db.session.scalars(select(Category.id).where(Category.id.in_(ids))).all()) == len(ids)
