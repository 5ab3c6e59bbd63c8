"""The forms of a product's page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, NumberRange, Optional, Regexp

from shop.services.catalogue.adjustments import list_branches
from shop.services.taxes.classes import list_tax_classes
from shop.staff.products.presenter import STATUS_NAMES, stock_of
from shop.web.pages.formats import in_field, money, shop_settings
from shop.web.pages.forms import amount_wanted, read_cents, text_field

MAX_STOCK: Final = 1_000_000_000
PLAIN: Final = (
    "name",
    "slug",
    "description",
    "sku",
    "barcode",
    "tax_class",
    "status",
    "track_stock",
    "low_stock_at",
    "weight_grams",
)
MONEY: Final = {"price": "price_cents", "sale_price": "sale_price_cents", "cost": "cost_cents"}
TIMES: Final = ("sale_starts_at", "sale_ends_at")


class MoneyField(StringField):  # type: ignore[misc]
    """An amount of money; ``cents`` is in minor units, None if empty."""

    @property
    def cents(self) -> int | None:
        return read_cents(self.data) if (self.data or "").strip() else None

    def pre_validate(self, form: Any) -> None:
        """Refuse an invalid amount."""
        if (self.data or "").strip() and read_cents(self.data) is None:
            raise ValidationError(amount_wanted())


def stock_field(label: Any) -> Field:
    """Return a field for a number of pieces."""
    limits = NumberRange(0, MAX_STOCK, message=_("Enter a number from 0"))
    return IntegerField(label, [Optional(), limits])


class ProductForm(FlaskForm):  # type: ignore[misc]
    """A product's fields without its variants."""

    name = text_field(_("Name"), 200, DataRequired(_("Enter a name")))
    description = text_field(_("Description"), 5000, kind=TextAreaField)
    price = MoneyField(_("Price"), [DataRequired(_("Enter a price"))])
    sale_price = MoneyField(_("Sale price"))
    sale_starts_at = DateTimeLocalField(_("Sale starts"), [Optional()])
    sale_ends_at = DateTimeLocalField(_("Sale ends"), [Optional()])
    cost = MoneyField(_("Cost"))
    sku = text_field(_("SKU"), 64)
    barcode = text_field(_("Barcode"), 64)
    track_stock = BooleanField(_("Count the stock"))
    stock_quantity = stock_field(_("In stock"))
    low_stock_at = stock_field(_("Warn at"))
    weight_grams = stock_field(_("Weight, grams"))
    status = SelectField(_("Status"), choices=[SelectChoice(*pair) for pair in STATUS_NAMES.items()])
    categories = SelectMultipleField(_("Categories"), coerce=int, choices=[])
    tags = text_field(_("Tags"), 2000)
    tax_class = text_field(_("Tax class"), 64, Regexp(r"^[A-Za-z0-9_-]*$", message=_("Only letters, digits, - and _")))
    slug = text_field(_("Address in the shop"), 200)

    @classmethod
    def of(cls, product: Any, categories: Sequence[Any]) -> "ProductForm":
        """Return the form of a product, or of a new one; submitted values come first."""
        form = cls(data=_values(product) if product else {"track_stock": True})
        form.tax_classes = list_tax_classes()
        form.categories.choices = [SelectChoice(one.id, one.name) for one in categories]
        return form

    @classmethod
    def stored(cls, product: Any) -> "ProductForm":
        """Return the form of a product as it is stored."""
        return cls(formdata=None, data=_values(product))

    @property
    def given(self) -> dict[str, Any]:
        """Return the fields as ``create_product`` and ``update_product`` take them."""
        found: dict[str, Any] = {name: self[name].data for name in PLAIN}
        found |= {column: self[name].cents for name, column in MONEY.items()}
        found |= {name: _aware(self[name].data) for name in TIMES}
        found["tags"] = (self.tags.data or "").split(",")
        found["category_ids"] = self.categories.data or []
        return found


def _values(product: Any) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(product, name) for name in PLAIN if name != "track_stock"}
    for name, column in MONEY.items():
        cents = getattr(product, column)
        found[name] = "" if cents is None else in_field(money(cents))
    for name in TIMES:
        moment = getattr(product, name)
        found[name] = moment.astimezone(_zone()).replace(tzinfo=None) if moment else None
    found["track_stock"] = stock_of(product) is not None
    found["tags"] = ", ".join(tag.tag for tag in product.tags)
    found["categories"] = [category.id for category in product.categories]
    return found


def _aware(moment: datetime | None) -> datetime | None:
    """Return a time in the shop's zone as UTC."""
    return moment.replace(tzinfo=_zone()).astimezone(UTC) if moment else None


def _zone() -> ZoneInfo:
    return ZoneInfo(shop_settings().values["shop_timezone"])


def _articles(product: Any) -> list[SelectChoice]:
    """Return the product's variants, or the product itself as 0."""
    variants = [SelectChoice(one.id, one.name) for one in product.variants]
    return variants or [SelectChoice(0, product.name)]


def _branches() -> list[SelectChoice]:
    return [SelectChoice(one.id, one.name) for one in list_branches()]


class StockForm(FlaskForm):  # type: ignore[misc]
    """A stock change: received or removed pieces, or a count."""

    article = SelectField(_("Variant"), coerce=int, choices=[])
    branch = SelectField(_("Branch"), coerce=int, choices=[])
    kind = SelectField(
        _("What happened"),
        choices=[
            SelectChoice("add", _("Received")),
            SelectChoice("remove", _("Removed")),
            SelectChoice("count", _("Counted")),
        ],
    )
    pieces = IntegerField(_("Pieces"), [NumberRange(0, MAX_STOCK, message=_("Enter a number from 0"))])
    reason = text_field(_("Reason"), 200, DataRequired(_("Enter a reason")))

    def offer(self, product: Any) -> "StockForm":
        """Set the options: the product's variants, or itself as 0, and the branches; return the form."""
        self.article.choices = _articles(product)
        self.branch.choices = _branches()
        if not self.branch.data:
            self.branch.data = self.branch.choices[0].value
        return self


class TransferForm(FlaskForm):  # type: ignore[misc]
    """Pieces to move from one branch to another."""

    article = SelectField(_("Variant"), coerce=int, choices=[])
    source = SelectField(_("From"), coerce=int, choices=[])
    target = SelectField(_("To"), coerce=int, choices=[])
    pieces = IntegerField(_("Pieces"), [NumberRange(1, MAX_STOCK, message=_("Enter a number from 1"))])
    reason = text_field(_("Reason"), 200, DataRequired(_("Enter a reason")))

    def offer(self, product: Any) -> "TransferForm":
        """Set the options, at first from the default branch to the second; return the form."""
        self.article.choices = _articles(product)
        self.source.choices = self.target.choices = _branches()
        if not self.target.data:
            self.target.data = self.target.choices[:2][-1].value
        return self


class PictureForm(FlaskForm):  # type: ignore[misc]
    """A picture to add."""

    image = FileField(_("Picture"))
    alt = text_field(_("Describe the picture"), 200)
