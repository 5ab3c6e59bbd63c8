"""The form by which staff enter an order or edit one: all that was typed, between two requests."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import gettext as _

from shop.domain.formats import format_amount
from shop.domain.text.cleaning import drop_unstorable
from shop.services.errors import ShopError
from shop.services.orders.manual.editing import version_of
from shop.services.orders.repository import OrderRecord
from shop.web.i18n import sentence_case
from shop.web.pages.forms import read_cents

LONGEST = 500
LINE_FIELD = re.compile(r"line-(\d{1,3})-(article|name|quantity|price)", re.ASCII)
ITEM_ERROR = re.compile(r"items\[(\d+)\]")
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
ARTICLE = re.compile(r"([pvi])([0-9]{1,18})", re.ASCII)
CUSTOMER_FIELDS = ("first_name", "last_name", "phone", "email")
SECRET = ("token", "code")
"""Never saved with a draft."""


@dataclass(slots=True)
class EntryLine:
    """A line as typed. ``article`` is ``p`` and a product's id, ``v`` and a variant's, ``i`` and that of the edited
    order's line, or empty for a line with a name of its own.
    """

    article: str = ""
    name: str = ""
    quantity: str = "1"
    price: str = ""
    error: str = ""

    def id_of(self, kind: str) -> int | None:
        """Return the id that the article names if it is of a kind."""
        found = ARTICLE.fullmatch(self.article)
        return int(found[2]) if found and found[1] == kind else None

    @property
    def pieces(self) -> int:
        """Return how many; 0 for what is no number."""
        return int(self.quantity) if NUMBER.fullmatch(self.quantity) else 0


@dataclass(slots=True)
class EntryForm:
    """The fields by their names, the lines, and what is wrong with them."""

    fields: dict[str, str] = field(default_factory=dict)
    lines: list[EntryLine] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    refusal: str = ""

    def __post_init__(self) -> None:
        self.fields.setdefault("request_key", str(uuid.uuid4()))

    @classmethod
    def blank(cls, customer_id: int | None = None) -> "EntryForm":
        """Return an empty form, perhaps with a customer."""
        fields = {"notify": "1"}
        return cls(fields | ({"customer_id": str(customer_id)} if customer_id else {}))

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "EntryForm":
        """Return the form as it was sent."""
        lines: dict[int, EntryLine] = {}
        fields = {}
        for name, value in sent.items():
            text = drop_unstorable(value)[:LONGEST].strip()
            found = LINE_FIELD.fullmatch(name)
            if found is None:
                fields[name] = text
            else:
                setattr(lines.setdefault(int(found[1]), EntryLine()), found[2], text)
        form = cls(fields, [lines[number] for number in sorted(lines)])
        try:
            uuid.UUID(form["request_key"])
        except ValueError:
            form.fields["request_key"] = str(uuid.uuid4())
        return form

    @classmethod
    def saved(cls, kept: Mapping[str, Any]) -> "EntryForm":
        """Return a form that :meth:`to_save` saved."""
        return cls(dict(kept.get("fields", {})), [EntryLine(**line) for line in kept.get("lines", ())])

    @classmethod
    def of_order(cls, order: OrderRecord, *, edit: bool) -> "EntryForm":
        """Return a form with what an order has: to ``edit`` it, or for a new order like it at today's prices."""
        address = next((one for one in order.addresses if one.type == "shipping"), None)
        fields = {"notify": "1", "customer_id": str(order.customer_id or "")}
        if address is not None:
            fields |= {"street": address.street, "city": address.city, "country": address.country}
        if edit:
            other = order.discount_cents - order.coupon_discount_cents - order.points_discount_cents
            fields |= {
                "shipping": "keep" if order.shipping_method or order.shipping_cents else "",
                "discount": format_amount(other) if other else "",
                "coupon": order.coupon_code or "",
                "points": str(order.points_redeemed - order.points_returned or ""),
                "version": version_of(order),
            }
        lines = []
        for item in order.items:
            if edit:
                lines.append(EntryLine(f"i{item.id}", item.name, str(item.quantity), format_amount(item.price_cents)))
            elif item.product is None or item.product.status != "active":
                lines.append(EntryLine("", item.name, str(item.quantity), format_amount(item.price_cents)))
            else:
                key = f"v{item.variant_id}" if item.variant_id else f"p{item.product_id}"
                lines.append(EntryLine(key, item.name, str(item.quantity)))
        return cls(fields, lines)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def to_save(self) -> dict[str, Any]:
        """Return what a draft keeps."""
        kept = {name: value for name, value in self.fields.items() if value and name not in (*SECRET, "csrf_token")}
        return {"fields": kept, "lines": [asdict(line) | {"error": ""} for line in self.lines]}

    def add(self, article: str, name: str, pieces: int = 1) -> None:
        """Add pieces of an article, to the line that it has already if it has one."""
        for line in self.lines:
            if article and line.article == article:
                line.quantity = str(line.pieces + pieces)
                return
        self.lines.append(EntryLine(article, name, str(pieces)))

    def change(self, number: str, by: int) -> None:
        """Change the quantity of a line; none are left of a line that is removed with ``by`` 0 or at 0 pieces."""
        place = int(number) if NUMBER.fullmatch(number) else -1
        if not 0 <= place < len(self.lines):
            return
        pieces = self.lines[place].pieces + by if by else 0
        if pieces <= 0:
            del self.lines[place]
        else:
            self.lines[place].quantity = str(pieces)

    def cents(self, name: str) -> int | None:
        """Return an amount; None and an error for one that cannot be read, None alone for nothing typed."""
        found = read_cents(self[name])
        if found is None and self[name]:
            self.errors[name] = _("Enter an amount such as 245.00")
        return found

    def number(self, name: str) -> int:
        """Return a whole number, 0 for nothing typed; 0 and an error for what is none."""
        typed = self[name].replace(",", "")
        if typed and not NUMBER.fullmatch(typed):
            self.errors[name] = _("Enter a whole number")
        return int(typed) if NUMBER.fullmatch(typed) else 0

    def put(self, refusal: ShopError) -> None:
        """Show a refusal at the fields that it is about, or above the form."""
        for error in refusal.errors:
            place = ITEM_ERROR.match(error.field)
            if place and int(place[1]) < len(self.lines):
                self.lines[int(place[1])].error = sentence_case(error.message)
            else:
                self.errors.setdefault(FIELD_OF.get(error.field, error.field), sentence_case(error.message))
        if not refusal.errors:
            self.refusal = self.refusal or refusal.message

    @property
    def is_wrong(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors or self.refusal or any(line.error for line in self.lines))


FIELD_OF = {
    "coupon_code": "coupon",
    "shipping_method_id": "shipping",
    "payment_method": "method",
    "loyalty_redemption.points": "points",
    "loyalty_redemption.token": "code",
    "name": "first_name",
}
"""How the form calls the fields of services."""
