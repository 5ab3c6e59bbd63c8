"""The prices or the stock of many products changed: what will happen, confirmed, and how far the worker is."""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectChoice, SelectField, ValidationError
from wtforms.validators import DataRequired

from shop.domain.catalogue.bulk import (
    HUNDRED_PERCENT,
    MAX_PERCENT,
    ROUNDINGS,
    ChangeWay,
    NumberChange,
    ProductBulkKind,
)
from shop.domain.formats import group_digits
from shop.domain.money import HUNDREDTHS, smallest_amount
from shop.queries.catalogue.bulk import BulkPreview, pack_filters, preview_change
from shop.queries.catalogue.list import ProductFilters, count_products
from shop.queries.listing.list_page import ROWS
from shop.services.bulk.product_actions import (
    LONGEST_REASON,
    get_product_bulk,
    list_product_bulk,
    start_product_bulk,
    stop_product_bulk,
)
from shop.services.errors import InvalidInput
from shop.staff import blueprint
from shop.staff.customers.bulk import STATE_NAMES
from shop.staff.list_filters import read_ids
from shop.staff.permissions import requires
from shop.staff.products.filters import read_filters
from shop.staff.session import signed_in
from shop.web.pages.formats import money, shop_settings
from shop.web.pages.forms import amount_wanted, put_errors, read_cents, read_number, text_field
from shop.web.pages.htmx import redirect_with_message, render_page_or_fragment

BULK = "/products/bulk/<id:change_id>"
KIND_NAMES: Final = {
    ProductBulkKind.PRICE: lazy_gettext("Prices changed"),
    ProductBulkKind.STOCK: lazy_gettext("Stock changed"),
}
WAYS: Final = [
    SelectChoice(ChangeWay.SET, lazy_gettext("Set to")),
    SelectChoice(ChangeWay.RAISE, lazy_gettext("Raise by")),
    SelectChoice(ChangeWay.LOWER, lazy_gettext("Lower by")),
    SelectChoice(ChangeWay.RAISE_PERCENT, lazy_gettext("Raise by a percentage")),
    SelectChoice(ChangeWay.LOWER_PERCENT, lazy_gettext("Lower by a percentage")),
]


class ChangeForm(FlaskForm):  # type: ignore[misc]
    """How prices or stock are changed; ``previewed`` names the change whose effect the page shows."""

    way = SelectField(lazy_gettext("Change"), choices=WAYS, default=ChangeWay.RAISE_PERCENT)
    amount = text_field(lazy_gettext("Amount or percentage"), 20, DataRequired(lazy_gettext("Enter a number")))
    round_to = SelectField(lazy_gettext("Round to"), coerce=int, choices=[], default=1)
    reason = text_field(lazy_gettext("Reason"), LONGEST_REASON)
    previewed = HiddenField()

    def __init__(self, kind: ProductBulkKind, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind
        currency = shop_settings().currency
        unit = smallest_amount(currency)
        self.round_to.choices = [SelectChoice(one, f"{currency} {money(one)}") for one in ROUNDINGS if one >= unit]
        if self.round_to.data == 1:
            self.round_to.data = unit

    @property
    def change(self) -> NumberChange:
        """Return the change that a valid form describes."""
        way = ChangeWay(self.way.data)
        rounded = self.round_to.data if self.kind == ProductBulkKind.PRICE and way != ChangeWay.SET else 1
        return NumberChange(self.kind, way, self._read(), rounded)

    def _read(self) -> int:
        """Return the amount in minor units, pieces or hundredths of a per cent. Raise ValueError."""
        way, typed = ChangeWay(self.way.data), self.amount.data
        if not way.is_percentage and self.kind == ProductBulkKind.PRICE:
            cents = read_cents(typed)
            if cents is None:
                raise ValueError(typed)
            return cents
        number = read_number(typed)
        scaled = number * HUNDREDTHS if way.is_percentage else number
        if scaled != scaled.to_integral_value() or not 0 <= scaled < Decimal(10) ** 15:
            raise ValueError(typed)
        return int(scaled)

    def validate_amount(self, _field: Any) -> None:
        """Refuse what is no amount of the kind that is chosen."""
        if self.way.data not in list(ChangeWay):
            return  # refused by its own field
        way = ChangeWay(self.way.data)
        try:
            amount = self._read()
        except ValueError:
            wanted = (
                _("Enter a percentage, e.g. 10")
                if way.is_percentage
                else amount_wanted()
                if self.kind == ProductBulkKind.PRICE
                else _("Enter a whole number")
            )
            raise ValidationError(wanted) from None
        if way.is_percentage and amount > (HUNDRED_PERCENT if way == ChangeWay.LOWER_PERCENT else MAX_PERCENT):
            raise ValidationError(_("Enter a smaller percentage"))

    def validate_reason(self, field: Any) -> None:
        """Stock movements have a reason."""
        if self.kind == ProductBulkKind.STOCK and not field.data:
            raise ValidationError(_("Enter a reason"))


@blueprint.get("/products/bulk")
@requires("products.write")
def product_bulk_new() -> AnyResponse:
    """The form of a change for the selected products."""
    kind = _kind(request.args.get("action"))
    return _page(ChangeForm(kind, formdata=None), request.args)


@blueprint.post("/products/bulk")
@requires("products.write")
def product_bulk_start() -> AnyResponse:
    """Show what a change will do; start it once exactly that was shown."""
    form = ChangeForm(_kind(request.form.get("action")))
    sent = MultiDict(parse_qsl(request.form.get("selection", "")[:4000], max_num_fields=200))
    if not form.validate():
        return _page(form, sent, 422)
    filters, change = _filters(sent), form.change
    if form.previewed.data != _name(change):
        form.previewed.data = _name(change)
        return _page(form, sent, preview=preview_change(filters, change))
    try:
        total = count_products(filters)
        change_id = start_product_bulk(change, form.reason.data, pack_filters(filters), total, signed_in().member.actor)
    except InvalidInput as refused:
        return _page(form, sent, 422, refusal="" if put_errors(form, refused) else str(refused.message))
    return redirect_with_message(url_for("staff.product_bulk_show", change_id=change_id), _("Started"))


@blueprint.get("/products/bulk/actions")
@requires("products.write")
def product_bulk_list() -> Response:
    """The newest changes of many products."""
    return _show("staff/products/bulk_list.html", actions=list_product_bulk())


@blueprint.get(BULK)
@requires("products.write")
def product_bulk_show(change_id: int) -> Response:
    """How far a change is; htmx asks again while it runs."""
    return _show(
        "staff/products/bulk_show.html", "staff/products/_bulk_progress.html", action=get_product_bulk(change_id)
    )


@blueprint.post(f"{BULK}/stop")
@requires("products.write")
def product_bulk_stop(change_id: int) -> AnyResponse:
    """Do no more of a change."""
    stop_product_bulk(change_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.product_bulk_show", change_id=change_id), _("Stopped"))


def _show(page: str, fragment: str = "", **context: Any) -> Response:
    return render_page_or_fragment(
        page, fragment or page, kinds=KIND_NAMES, states=STATE_NAMES, summary=summary_of, **context
    )


def summary_of(action: Any) -> str:
    """Return a change in words: ``Raise by 10 %``, ``Set to 12``."""
    change = NumberChange.from_json(action.kind, action.params)
    if change.way.is_percentage:
        amount = f"{Decimal(change.amount) / HUNDREDTHS:f}"
    elif change.kind == ProductBulkKind.PRICE:
        amount = f"{shop_settings().currency} {money(change.amount)}"
    else:
        amount = group_digits(change.amount)
    texts = {
        ChangeWay.SET: _("Set to %(amount)s", amount=amount),
        ChangeWay.RAISE: _("Raise by %(amount)s", amount=amount),
        ChangeWay.LOWER: _("Lower by %(amount)s", amount=amount),
        ChangeWay.RAISE_PERCENT: _("Raise by %(amount)s %%", amount=amount),
        ChangeWay.LOWER_PERCENT: _("Lower by %(amount)s %%", amount=amount),
    }
    return " · ".join(filter(None, (texts[change.way], action.params["reason"])))


def _kind(sent: str | None) -> ProductBulkKind:
    return ProductBulkKind.STOCK if sent == ProductBulkKind.STOCK else ProductBulkKind.PRICE


def _name(change: NumberChange) -> str:
    return f"{change.way}:{change.amount}:{change.round_to}"


def _address(sent: Any) -> dict[str, Any]:
    """Return the selection as it is in an address: the list's filters, or the ids of ticked rows."""
    if sent.get("all") == "1":
        return {"all": "1", **read_filters(sent).kept}
    return {"ids": read_ids(sent, ROWS)}


def _filters(sent: Any) -> ProductFilters:
    address = _address(sent)
    if "ids" in address:
        return ProductFilters(ids=address["ids"] or (0,))
    return read_filters(sent).filters


def _page(
    form: ChangeForm, sent: Any, status: int = 200, *, preview: BulkPreview | None = None, refusal: str = ""
) -> Response:
    page = "staff/products/bulk.html"
    return render_page_or_fragment(
        page,
        page,
        status=status,
        form=form,
        kind=form.kind,
        selection=urlencode(_address(sent), doseq=True),
        count=count_products(_filters(sent)),
        preview=preview,
        refusal=refusal,
    )
