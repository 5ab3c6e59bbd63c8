"""The form of a coupon."""

import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from shop.domain.money import HUNDREDTHS, format_money, plain_decimal
from shop.domain.pricing.coupons import CouponType
from shop.queries.coupons.products import skus_of
from shop.services.catalogue.categories import list_categories
from shop.services.catalogue.products.codes import find_ids_by_codes
from shop.services.coupons.values import LONGEST_CODE, LONGEST_DESCRIPTION, MAX_USES, CouponValues
from shop.staff.coupons.presenter import KINDS
from shop.staff.edit_conflicts import EditForm
from shop.staff.privacy.forms import in_shop_zone
from shop.web.pages.formats import in_field, shop_settings
from shop.web.pages.forms import amount_wanted, read_cents, read_number, text_field

TYPED_AS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


class CouponForm(EditForm):
    """A coupon as typed; amounts are in the shop's currency, times in its time zone."""

    code = text_field(_("Code"), LONGEST_CODE, InputRequired(_("Enter a code")))
    description = text_field(_("Note for staff"), LONGEST_DESCRIPTION)
    type = SelectField(_("Kind"), choices=[SelectChoice(str(kind), label) for kind, label in KINDS.items()])
    value = text_field(_("Amount or percentage"), 40)
    max_discount = text_field(_("Maximum discount"), 40)
    min_purchase = text_field(_("Minimum order"), 40)
    products = text_field(_("Products"), 20_000, kind=TextAreaField)
    categories = SelectMultipleField(_("Categories"), coerce=int, choices=[])
    combines_with_points = BooleanField(_("Can be combined with points"))
    combines_with_discounts = BooleanField(_("Applies to sale items"))
    usage_limit = text_field(_("Uses in all"), 20)
    per_customer_limit = text_field(_("Uses for each customer"), 20)
    start_date = DateTimeLocalField(_("Starts"), [Optional()], format=TYPED_AS)
    end_date = DateTimeLocalField(_("Ends"), [Optional()], format=TYPED_AS)

    def __init__(self, coupon: CouponValues | None = None, **options: Any) -> None:
        super().__init__(data=_typed(coupon), **options)
        self.categories.choices = [SelectChoice(one.id, one.name) for one in list_categories()]

    def validate_value(self, field: Field) -> None:
        """Require a percentage or an amount; none for free delivery."""
        if self.type.data == CouponType.FREE_SHIPPING:
            return
        if self.type.data == CouponType.PERCENTAGE:
            if _hundredths(field.data) is None:
                raise ValidationError(_("Enter a percentage, e.g. 10"))
        elif read_cents(field.data) is None:
            raise ValidationError(amount_wanted())

    def validate_max_discount(self, field: Field) -> None:
        """Require an amount, or nothing."""
        if field.data and read_cents(field.data) is None:
            raise ValidationError(amount_wanted())

    validate_min_purchase = validate_max_discount

    def validate_usage_limit(self, field: Field) -> None:
        """Require a whole number, or nothing."""
        if field.data and _count(field.data) is None:
            raise ValidationError(_("Enter a whole number"))

    validate_per_customer_limit = validate_usage_limit

    def validate_products(self, field: Field) -> None:
        """Require SKUs of the shop, one a line."""
        found = find_ids_by_codes("sku", _lines(field.data))
        unknown = [sku for sku in _lines(field.data) if sku not in found]
        if unknown:
            raise ValidationError(_("No product has the SKU %(sku)s", sku=unknown[0]))

    def values(self, status: str = "active") -> CouponValues:
        """Return the coupon; of a valid form only."""
        is_share = self.type.data == CouponType.PERCENTAGE
        value = _hundredths(self.value.data) if is_share else read_cents(self.value.data)
        found = find_ids_by_codes("sku", _lines(self.products.data))
        return CouponValues(
            code=self.code.data or "",
            type=self.type.data,
            value=value or 0,
            description=self.description.data,
            usage_limit=_count(self.usage_limit.data),
            per_customer_limit=_count(self.per_customer_limit.data),
            min_purchase_cents=read_cents(self.min_purchase.data) or 0,
            max_discount_cents=read_cents(self.max_discount.data),
            product_ids=list(dict.fromkeys(found.values())) or None,
            category_ids=self.categories.data or None,
            combines_with_points=self.combines_with_points.data,
            combines_with_discounts=self.combines_with_discounts.data,
            start_date=in_shop_zone(self.start_date.data),
            end_date=in_shop_zone(self.end_date.data),
            status=status,
        )


class GenerateForm(CouponForm):
    """Terms of generated coupons for one use each."""

    code = text_field(_("Codes begin with"), 40)
    count = text_field(_("How many"), 20, InputRequired(_("Enter a whole number")))

    def validate_count(self, field: Field) -> None:
        """Require a whole number."""
        if _count(field.data) is None:
            raise ValidationError(_("Enter a whole number"))

    @property
    def number(self) -> int:
        """The number of codes; of a valid form only."""
        return _count(self.count.data) or 0


def _typed(coupon: CouponValues | None) -> dict[str, Any]:
    """Return the values of a coupon's form; defaults without a coupon."""
    if coupon is None:
        return {"combines_with_points": True, "combines_with_discounts": True}
    is_share = coupon.type == CouponType.PERCENTAGE
    amount = plain_decimal(Decimal(coupon.value) / HUNDREDTHS) if is_share else _amount(coupon.value)
    zone = ZoneInfo(shop_settings().values["shop_timezone"])
    return {
        "code": coupon.code,
        "description": coupon.description,
        "type": coupon.type,
        "value": "" if coupon.type == CouponType.FREE_SHIPPING else amount,
        "max_discount": _amount(coupon.max_discount_cents) if coupon.max_discount_cents else "",
        "min_purchase": _amount(coupon.min_purchase_cents) if coupon.min_purchase_cents else "",
        "products": "\n".join(skus_of(coupon.product_ids or ())),
        "categories": list(coupon.category_ids or ()),
        "usage_limit": coupon.usage_limit or "",
        "per_customer_limit": coupon.per_customer_limit or "",
        "start_date": coupon.start_date.astimezone(zone) if coupon.start_date else None,
        "end_date": coupon.end_date.astimezone(zone) if coupon.end_date else None,
        "combines_with_points": coupon.combines_with_points,
        "combines_with_discounts": coupon.combines_with_discounts,
    }


def _amount(cents: int) -> str:
    return in_field(format_money(cents, shop_settings().currency))


def _lines(text: str | None) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def _hundredths(typed: str | None) -> int | None:
    try:
        number = read_number(typed) * HUNDREDTHS
    except ValueError:
        return None
    return int(number) if number == int(number) and 0 < number <= 10_000 else None


def _count(typed: Any) -> int | None:
    digits = re.sub(r"[\s,]", "", str(typed or ""))
    return int(digits) if re.fullmatch("[0-9]{1,10}", digits, re.ASCII) and 0 < int(digits) <= MAX_USES else None
