"""The form with which staff enter or edit an order: everything typed, between two requests."""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import gettext as _

from shop.domain.text.cleaning import drop_unstorable
from shop.services.errors import ShopError
from shop.services.orders.manual.editing import version_of
from shop.services.orders.repository import OrderRecord
from shop.web.i18n import sentence_case
from shop.web.pages.formats import in_field, money
from shop.web.pages.forms import amount_wanted, read_cents

LONGEST = 2000
LONGEST_BY_FIELD = {"note": 500, "coupon": 64, "email": 254}
LONGEST_TEXT = 200
"""Of every other field."""
LINE_FIELD = re.compile(r"line-(\d{1,3})-(article|name|quantity|price)", re.ASCII)
ITEM_ERROR = re.compile(r"items\[(\d+)\]")
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
ARTICLE = re.compile(r"([pvi])([0-9]{1,18})", re.ASCII)
CUSTOMER_FIELDS = ("first_name", "last_name", "phone", "email")
SECRET = ("token", "code")
"""Never saved with a draft."""


def read_text(value: str) -> str:
    """Return the text of a field as it can be stored."""
    return drop_unstorable(value)[:LONGEST].strip()


@dataclass(slots=True)
class EntryLine:
    """A line as typed.

    ``article`` is ``p`` and a product's id, ``v`` and a variant's, ``i`` and that of the edited order's line, or empty
    for a line with its own name.
    """

    article: str = ""
    name: str = ""
    quantity: str = "1"
    price: str = ""
    error: str = ""

    def id_of(self, kind: str) -> int | None:
        """Return the id of the article if it is of a kind."""
        found = ARTICLE.fullmatch(self.article)
        return int(found[2]) if found and found[1] == kind else None

    @property
    def pieces(self) -> int:
        """Return the quantity; 0 if invalid."""
        return int(self.quantity) if NUMBER.fullmatch(self.quantity) else 0


@dataclass(slots=True)
class EntryForm:
    """The fields by name, the lines, and their errors."""

    fields: dict[str, str] = field(default_factory=dict)
    lines: list[EntryLine] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    refusal: str = ""

    def __post_init__(self) -> None:
        self.fields.setdefault("request_key", str(uuid.uuid4()))

    @classmethod
    def blank(cls, customer_id: int | None = None) -> "EntryForm":
        """Return an empty form, optionally with a customer."""
        fields = {"notify": "1"}
        return cls(fields | ({"customer_id": str(customer_id)} if customer_id else {}))

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "EntryForm":
        """Parse a submitted form."""
        lines: dict[int, EntryLine] = {}
        fields = {}
        for name, value in sent.items():
            text = read_text(value)
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
        """Return a form saved by :meth:`to_save`."""
        return cls(dict(kept.get("fields", {})), [EntryLine(**line) for line in kept.get("lines", ())])

    @classmethod
    def of_order(cls, order: OrderRecord, *, edit: bool) -> "EntryForm":
        """Return a form filled from an order: to ``edit`` it, or to copy it at current prices."""
        address = next((one for one in order.addresses if one.type == "shipping"), None)
        fields = {"notify": "1", "customer_id": str(order.customer_id or "")}
        if address is not None:
            fields |= {"street": address.street, "city": address.city, "country": address.country}
        if edit:
            other = order.discount_cents - order.coupon_discount_cents - order.points_discount_cents
            fields |= {
                "shipping": "keep" if order.shipping_method or order.shipping_cents else "",
                "discount": in_field(money(other)) if other else "",
                "coupon": order.coupon_code or "",
                "points": str(order.points_redeemed - order.points_returned or ""),
                "version": version_of(order),
            }
        lines = []
        for item in order.items:
            if edit:
                lines.append(EntryLine(f"i{item.id}", item.name, str(item.quantity), in_field(money(item.price_cents))))
            elif item.product is None or item.product.status != "active":
                lines.append(EntryLine("", item.name, str(item.quantity), in_field(money(item.price_cents))))
            else:
                key = f"v{item.variant_id}" if item.variant_id else f"p{item.product_id}"
                lines.append(EntryLine(key, item.name, str(item.quantity)))
        return cls(fields, lines)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def to_save(self) -> dict[str, Any]:
        """Return the contents of a draft."""
        kept = {name: value for name, value in self.fields.items() if value and name not in (*SECRET, "csrf_token")}
        return {"fields": kept, "lines": [asdict(line) | {"error": ""} for line in self.lines]}

    def add(self, article: str, name: str, pieces: int = 1) -> None:
        """Add pieces of an article, to its existing line if there is one."""
        for line in self.lines:
            if article and line.article == article:
                line.quantity = str(line.pieces + pieces)
                return
        self.lines.append(EntryLine(article, name, str(pieces)))

    def change(self, more: Collection[str], less: Collection[str], removed: Collection[str]) -> None:
        """Add and take single pieces of lines, given by their numbers; lines left without pieces are removed."""
        gone = set(removed)
        for number in {*more, *less}:
            line = self._line(number)
            if line is not None:
                pieces = line.pieces + sum(one == number for one in more) - sum(one == number for one in less)
                line.quantity = str(pieces)
                gone |= {number} if pieces <= 0 else set()
        self.lines = [line for place, line in enumerate(self.lines) if str(place) not in gone]

    def _line(self, number: str) -> EntryLine | None:
        place = int(number) if NUMBER.fullmatch(number) else len(self.lines)
        return self.lines[place] if place < len(self.lines) else None

    def cents(self, name: str) -> int | None:
        """Return an amount; None if empty, None with an error if invalid."""
        found = read_cents(self[name])
        if found is None and self[name]:
            self.errors[name] = amount_wanted()
        return found

    def number(self, name: str) -> int:
        """Return a whole number; 0 if empty, 0 with an error if invalid."""
        typed = self[name].replace(",", "")
        if typed and not NUMBER.fullmatch(typed):
            self.errors[name] = _("Enter a whole number")
        return int(typed) if NUMBER.fullmatch(typed) else 0

    def check_lengths(self) -> None:
        """Put an error at each text that is too long to be stored."""
        for name, text in self.fields.items():
            longest = LONGEST_BY_FIELD.get(name, LONGEST_TEXT)
            if len(text) > longest and name not in (*SECRET, "csrf_token"):
                self.errors[name] = _("At most %(max)d characters", max=longest)

    def put(self, refusal: ShopError) -> None:
        """Show an error at its fields, or above the form."""
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
        """Whether there is any error."""
        return bool(self.errors or self.refusal or any(line.error for line in self.lines))


FIELD_OF = {
    "coupon_code": "coupon",
    "shipping_method_id": "shipping",
    "payment_method": "method",
    "loyalty_redemption.points": "points",
    "loyalty_redemption.token": "code",
    "name": "first_name",
}
"""The form's names of the services' fields."""
