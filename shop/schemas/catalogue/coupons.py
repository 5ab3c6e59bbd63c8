"""Coupons (``docs/contract/api.md``, section 7)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializationInfo, WithJsonSchema, field_serializer

from shop.domain.dates.days import end_of, start_of
from shop.domain.money import format_money, format_percent
from shop.domain.pricing.coupons import AppliedCoupon, CouponState, CouponType, state_of
from shop.models import Coupon
from shop.queries.coupons.usage import CouponStats, CouponUse
from shop.schemas.envelope import Envelope
from shop.schemas.times import DayOrMomentIn
from shop.schemas.types import (
    MONEY_PATTERN,
    Count,
    Id,
    Moment,
    Money,
    MoneyIn,
    MoneyNumber,
    PageQuery,
    RequestModel,
    ResponseModel,
    SearchText,
    ShortText,
    Text,
    TimesQuery,
    currency_of,
)
from shop.services import clock

Code = Annotated[ShortText, Field(min_length=1, examples=["KARIBU100"])]
Limit = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000, examples=[100])]
Products = Annotated[list[Id], Field(max_length=500, examples=[[]])]
Categories = Annotated[list[Id], Field(max_length=100, examples=[[]])]
Status = Literal["active", "inactive"]
CouponValue = Annotated[int, WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN})]
"""Hundredths of a per cent, or minor units, by the coupon's type."""
MONEY_FIELDS = {"min_purchase": "min_purchase_cents", "max_discount": "max_discount_cents"}


def _write_value(self: Any, value: int, info: SerializationInfo) -> str:
    is_share = self.type == CouponType.PERCENTAGE
    return format_percent(value) if is_share else format_money(value, currency_of(info))


class CouponListQuery(PageQuery, TimesQuery):
    """Filter and page of coupons."""

    state: Annotated[CouponState | None, Field(examples=["active"])] = None
    search: Annotated[SearchText, Field(description="Part of a code or description.")] = ""
    sort: Annotated[
        str,
        Field(
            pattern="^-?(created_at|updated_at|code|used|ends)$",
            description="created_at, updated_at, code, used or ends; - before it for descending.",
            examples=["-created_at"],
        ),
    ] = "-created_at"


class CouponChange(RequestModel):
    """Fields of a coupon to change; those left out stay as they are. A day counts whole, in the shop's time zone."""

    code: Code | None = None
    type: Annotated[CouponType | None, Field(examples=["percentage"])] = None
    value: Annotated[
        MoneyIn | None,
        Field(
            description="A percentage, or an amount of money, by `type`; none for free_shipping.", examples=["10.00"]
        ),
    ] = None
    description: Annotated[Text | None, Field(examples=["For new customers"])] = None
    usage_limit: Limit | None = None
    per_customer_limit: Annotated[Limit | None, Field(examples=[1])] = None
    min_purchase: MoneyIn | None = None
    max_discount: Annotated[MoneyIn | None, Field(examples=["500.00"])] = None
    product_ids: Annotated[Products | None, Field(description="Products it is for; none for all.")] = None
    category_ids: Annotated[
        Categories | None,
        Field(description="Categories it is for, with those below them, besides `product_ids`; none for all."),
    ] = None
    combines_with_points: Annotated[bool | None, Field(strict=True, examples=[True])] = None
    combines_with_discounts: Annotated[
        bool | None, Field(strict=True, description="Whether goods at a reduced price count.", examples=[True])
    ] = None
    start_date: DayOrMomentIn | None = None
    end_date: Annotated[DayOrMomentIn | None, Field(examples=["2027-01-15"])] = None
    status: Annotated[Status | None, Field(description="inactive ends it.", examples=["active"])] = None

    def columns(self, timezone: str) -> dict[str, Any]:
        """Return the columns of the fields that were given."""
        given = {name: getattr(self, name) for name in self.model_fields_set if name in CouponChange.model_fields}
        columns = {MONEY_FIELDS.get(name, name): value for name, value in given.items()}
        for name, read in (("start_date", start_of), ("end_date", end_of)):
            if isinstance(columns.get(name), date) and not isinstance(columns[name], datetime):
                columns[name] = read(columns[name], timezone)
        nullable = {
            *("usage_limit", "per_customer_limit", "max_discount_cents", "product_ids", "category_ids"),
            *("start_date", "end_date"),
        }
        return {name: value for name, value in columns.items() if value is not None or name in nullable}


class NewCoupon(CouponChange):
    """A coupon to add."""

    code: Code
    type: Annotated[CouponType, Field(examples=["percentage"])]


class CouponTry(RequestModel):
    """The goods of a cart that the coupon is for."""

    cart_total: MoneyIn


class CouponOut(ResponseModel):
    """A coupon. ``value`` is a percentage or an amount, by ``type``; ``state`` is what has become of it by now."""

    id: Annotated[int, Field(examples=[3])]
    code: Annotated[str, Field(examples=["KARIBU100"])]
    type: CouponType
    value: Annotated[CouponValue, Field(examples=["100.00"])]
    _write_value = field_serializer("value")(_write_value)
    description: Annotated[str, Field(examples=["For new customers"])]
    usage_limit: int | None
    usage_count: Count
    per_customer_limit: int | None
    min_purchase: Annotated[Money, Field(examples=["800.00"])]
    max_discount: Annotated[Money | None, Field(examples=["500.00"])]
    product_ids: list[int]
    category_ids: list[int]
    combines_with_points: bool
    combines_with_discounts: bool
    start_date: Moment | None
    end_date: Moment | None
    status: Status
    state: CouponState
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, coupon: Coupon) -> Self:
        """Return a coupon."""
        same = {name: getattr(coupon, name) for name in cls.model_fields if hasattr(coupon, name)}
        return cls(
            **same | {"product_ids": coupon.product_ids or [], "category_ids": coupon.category_ids or []},
            min_purchase=coupon.min_purchase_cents,
            max_discount=coupon.max_discount_cents,
            state=state_of(coupon, clock.now()),
        )


class CouponItem(ResponseModel):
    """A coupon."""

    coupon: CouponOut


class CouponItemResponse(Envelope):
    """A coupon."""

    data: CouponItem

    @classmethod
    def of(cls, coupon: Coupon) -> Self:
        """Return the response for a coupon."""
        return cls(data=CouponItem(coupon=CouponOut.of(coupon)))


class CouponListData(ResponseModel):
    """A page of coupons."""

    coupons: list[CouponOut]
    total: Count
    page: Count
    limit: Count


class CouponListResponse(Envelope):
    """A page of coupons."""

    data: CouponListData


class CouponUseOut(ResponseModel):
    """An order that used the coupon."""

    order_id: Annotated[int, Field(examples=[42])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    customer_id: Annotated[int | None, Field(examples=[7])]
    status: Annotated[str, Field(examples=["completed"])]
    payment_status: Annotated[str, Field(examples=["paid"])]
    discount: Money
    total: Money
    used_at: Moment


class CouponUsageData(ResponseModel):
    """A page of orders that used the coupon, newest first. Cancelled ones gave the use back and are left out."""

    usage: list[CouponUseOut]
    total: Count
    page: Count
    limit: Count


class CouponUsageResponse(Envelope):
    """A page of orders that used a coupon."""

    data: CouponUsageData

    @classmethod
    def of(cls, uses: Sequence[CouponUse], total: int, query: PageQuery) -> Self:
        """Return the response for a page of uses."""
        rows = [
            CouponUseOut(
                order_id=use.order.id,
                order_number=use.order.order_number,
                customer_id=use.order.customer_id,
                status=use.order.status,
                payment_status=use.order.payment_status,
                discount=use.discount_cents,
                total=use.order.total_cents,
                used_at=use.order.order_date,
            )
            for use in uses
        ]
        return cls(data=CouponUsageData(usage=rows, total=total, page=query.page, limit=query.limit))


class CouponStatsData(ResponseModel):
    """How many coupons there are by state, how often they were used, and what they took off."""

    total: Count
    active: Count
    scheduled: Count
    ended: Count
    used_up: Count
    total_usage: Count
    total_discount: MoneyNumber
    goods_sold: Annotated[MoneyNumber, Field(description="Goods of paid orders, after discounts.")]


class CouponStatsResponse(Envelope):
    """Statistics of all coupons."""

    data: CouponStatsData

    @classmethod
    def of(cls, stats: CouponStats) -> Self:
        """Return the response for the statistics."""
        return cls(
            data=CouponStatsData(
                **{str(state): count for state, count in stats.by_state.items()},
                total=stats.total,
                total_usage=stats.usage_count,
                total_discount=stats.figures.discount_cents,
                goods_sold=stats.figures.goods_cents,
            )
        )


class CouponData(ResponseModel):
    """A coupon's discount on a cart. ``value`` is a percentage or an amount, by ``type``."""

    valid: Literal[True]
    code: Annotated[str, Field(examples=["WELCOME10"])]
    type: CouponType
    value: Annotated[CouponValue, Field(examples=["10.00"])]
    _write_value = field_serializer("value")(_write_value)
    subtotal: Annotated[MoneyNumber, Field(examples=[158])]
    discount: Annotated[MoneyNumber, Field(examples=[15.8])]


class CouponResponse(Envelope):
    """A coupon's discount on a cart."""

    data: CouponData

    @classmethod
    def of(cls, applied: AppliedCoupon, subtotal_cents: int) -> Self:
        """Return the response for a coupon applied to a cart."""
        coupon = applied.coupon
        data = CouponData(
            valid=True,
            code=coupon.code,
            type=CouponType(coupon.type),
            value=coupon.value,
            subtotal=subtotal_cents,
            discount=applied.discount_cents,
        )
        return cls(data=data)
