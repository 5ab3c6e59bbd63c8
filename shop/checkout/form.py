"""The checkout's form, which is sent with every step, and the order made from it."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from shop.domain.text.cleaning import CONTROL, clean_line, clean_text
from shop.schemas.shoppers.checkout import CheckoutRequest
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.records import clean_email, clean_phone
from shop.services.errors import FieldError, InvalidInput
from shop.services.orders.placement import Checkout
from shop.services.orders.pricing.quote import Quote, QuoteRequest
from shop.web.json_api.requests import read_part
from shop.web.pages.address_texts import PHONE_LINE, country_name

LONGEST = 5000
STAGES = ("", "asked", "ready")
"""Stages of redeeming points: no code requested, code sent, code verified."""
NUMBERS = {"shipping", "points", "points_max", "shown_cents", "resend_in"}


@dataclass(frozen=True, slots=True)
class Form:
    """The fields by name; a number that is missing or cannot be parsed is None."""

    email: str = ""
    name: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    notes: str = ""
    shipping: int | None = None
    coupon_code: str = ""
    stage: str = ""
    points: int | None = None
    points_max: int | None = None
    code: str = ""
    redemption_token: str = ""
    resend_in: int | None = None
    payment: str = ""
    shown_cents: int | None = None

    @classmethod
    def read(cls, sent: MultiDict[str, str]) -> Self:
        """Parse the form of a request; ``drop`` is the button that removes the coupon or the points without scripts."""
        texts = {field.name: _cleaned(field.name, sent.get(field.name, "")) for field in fields(cls)}
        values: dict[str, Any] = {name: _number(text) if name in NUMBERS else text for name, text in texts.items()}
        values["code"] = values["code"][:100]
        values["coupon_code"] = values["coupon_code"][:64]
        if sent.get("drop") == "coupon":
            values["coupon_code"] = ""
        if values["stage"] not in STAGES or (values["stage"] == "ready" and not values["redemption_token"]):
            values["stage"] = ""
        form = cls(**values)
        return form.without_points() if sent.get("drop") == "points" else form

    def quote_request(self) -> QuoteRequest:
        """Return the quote's input. Points count once they are unlocked; the maximum follows the cart."""
        ready = self.stage == "ready"
        points = (self.points or 0) if ready else 0
        most = self.points_max is None or points >= self.points_max
        return QuoteRequest(
            email=self.email,
            country=self.country,
            state=self.state,
            city=self.city,
            street=self.street,
            shipping_method_id=self.shipping,
            coupon_code=self.coupon_code,
            points=None if ready and most else points,
            redemption_token=self.redemption_token if ready else "",
        )

    def without_points(self) -> Self:
        """Return the form without points."""
        return replace(self, stage="", points=None, points_max=None, code="", redemption_token="")


def _cleaned(name: str, sent: str) -> str:
    """Return the text cleaned. Control characters are dropped, so that one field does not reject the form."""
    text = CONTROL.sub("", sent)
    return (clean_text(text) if name == "notes" else clean_line(text))[:LONGEST]


def _number(text: str) -> int | None:
    digits = text.replace(",", "").strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,15}", digits) else None


def make_checkout(form: Form, lines: tuple[CartLine, ...], quote: Quote) -> Checkout:
    """Return the order that a form makes, validated by the schema of the storefront API.

    Raise InvalidInput with each missing or invalid field of the form.
    """
    wrong = _missing(form, quote)
    if wrong:
        raise InvalidInput("Something is missing.", errors=wrong)
    first, _, last = form.name.strip().rpartition(" ")
    name = {"first_name": first or last, "last_name": last if first else ""}
    where = {"address_1": form.street, "city": form.city, "state": form.state, "postal_code": form.postal_code}
    country = country_name(form.country or quote.settings.country)
    body = {
        "customer": {"email": form.email, "phone": form.phone} | name,
        "shipping_address": where | name | {"country": country} if _needs_address(form, quote) else None,
        "billing_address": {"same_as_shipping": True},
        "items": [{"product_id": o.product_id, "variant_id": o.variant_id, "quantity": o.quantity} for o in lines],
        "shipping_method_id": quote.delivery.method.id if quote.delivery else None,
        "payment_method": form.payment or None,
        "coupon_code": form.coupon_code or None,
        "notes": form.notes.strip(),
        "loyalty_redemption": {"token": form.redemption_token, "points": quote.points} if quote.points else None,
    }
    return replace(read_part(CheckoutRequest, body).checkout(), phone_note=PHONE_LINE + form.phone.strip())


def _needs_address(form: Form, quote: Quote) -> bool:
    """Return whether the order needs an address; an order that is collected has one only if it was entered."""
    is_collected = quote.delivery is not None and quote.delivery.method.collection
    return bool(form.street.strip() or form.city.strip()) if is_collected else bool(quote.deliveries)


def _missing(form: Form, quote: Quote) -> list[FieldError]:
    """Return the errors of required fields, e-mail and phone."""
    wrong = [] if form.name.strip() else [FieldError("name", "is needed")]
    for field, clean in (("email", clean_email), ("phone", clean_phone)):
        given = getattr(form, field)
        try:
            if not given.strip():
                wrong.append(FieldError(field, "is needed"))
            else:
                clean(given, field)
        except InvalidInput as refused:
            wrong += refused.errors
    if quote.delivery and quote.delivery.method.collection:
        return [*wrong, *_missing_payment(form, quote)]
    if quote.served != frozenset():  # the shop delivers
        empty = [field for field in ("street", "city") if not getattr(form, field).strip()]
        wrong += [FieldError(field, "is needed") for field in empty]
        if not empty and not quote.deliveries:
            wrong.append(FieldError("shipping", "is not available at this address"))
    return [*wrong, *_missing_payment(form, quote)]


def _missing_payment(form: Form, quote: Quote) -> list[FieldError]:
    if quote.payments and form.payment not in {method.code for method in quote.payments}:
        return [FieldError("payment", "must be chosen")]
    return []
