"""The rows of variants in a product's form: read from what was submitted, or from the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext as _

from shop.domain.text.cleaning import drop_unstorable
from shop.services.catalogue.products.variants import MAX_VARIANTS, VariantInput
from shop.staff.edit_conflicts import changed_meanwhile, compare, read_seen
from shop.web.pages.formats import in_field, money
from shop.web.pages.forms import amount_wanted, read_cents

FIELDS: Final = ("id", "options", "sku", "barcode", "price", "sale_price", "stock")
LONGEST: Final = 2000


@dataclass(slots=True)
class VariantRow:
    """A row as typed; ``errors`` has messages by field."""

    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether a new row is empty."""
        return not any(self.typed[name] for name in FIELDS)

    def fields(self) -> VariantInput:
        """Return the variant; invalid fields are in ``errors``."""
        options = read_options(self.typed["options"])
        values: dict[str, Any] = {
            "options": options,
            "name": "" if options else self.typed["options"],
            "sku": self._text("sku", 64),
            "barcode": self._text("barcode", 64),
            "price_cents": self._cents("price"),
            "sale_price_cents": self._cents("sale_price"),
        }
        self._text("options", 200)
        if not self.typed["options"]:
            self.errors["options"] = _("Enter an option such as Size: 1 l")
        if values["price_cents"] is None:
            self.errors.setdefault("price", _("Enter a price"))
        if not self.typed["id"]:
            values["stock_quantity"] = self._pieces()
        return VariantInput(int(self.typed["id"]) if self.typed["id"].isdecimal() else None, values)

    def _text(self, name: str, longest: int) -> str:
        if len(self.typed[name]) > longest:
            self.errors[name] = _("At most %(max)d characters", max=longest)
        return self.typed[name]

    def _cents(self, name: str) -> int | None:
        found = read_cents(self.typed[name])
        if found is None and self.typed[name]:
            self.errors[name] = amount_wanted()
        return found

    def _pieces(self) -> int | None:
        typed = self.typed["stock"]
        if typed and not (typed.isdecimal() and typed.isascii() and len(typed) < 10):
            self.errors["stock"] = _("Enter a number from 0")
            return None
        return int(typed) if typed else None


def read_options(typed: str) -> dict[str, str]:
    """Return ``Size: 1 l; Colour: red`` as names with values; empty for a plain name."""
    pairs = [part.partition(":") for part in typed.split(";")]
    found = {name.strip(): value.strip() for name, colon, value in pairs if colon and name.strip() and value.strip()}
    return found if len(found) == len(pairs) else {}


def submitted_rows(form: Mapping[str, str]) -> list[VariantRow]:
    """Return the submitted rows without removed ones and empty new ones."""
    count = form.get("variant-count", "0")
    number = min(int(count), MAX_VARIANTS) if count.isascii() and count.isdecimal() and len(count) < 6 else 0
    rows = [
        VariantRow(
            {name: drop_unstorable(form.get(f"variant-{place}-{name}", ""))[:LONGEST].strip() for name in FIELDS}
        )
        for place in range(number)
        if not form.get(f"variant-{place}-remove")
    ]
    return [row for row in rows if not row.is_empty]


def rows_of(variants: Sequence[Any]) -> list[VariantRow]:
    """Return the rows of a product's variants."""
    return [
        VariantRow(
            {
                "id": str(one.id),
                "options": "; ".join(f"{name}: {value}" for name, value in one.options.items()) or one.name,
                "sku": one.sku,
                "barcode": one.barcode,
                "price": in_field(money(one.price_cents)),
                "sale_price": "" if one.sale_price_cents is None else in_field(money(one.sale_price_cents)),
                "stock": "" if one.stock_quantity is None else str(one.stock_quantity),
            }
        )
        for one in variants
    ]


def merge_rows(rows: list[VariantRow], stored: Sequence[VariantRow]) -> bool:
    """Take over what others changed in the rows of existing variants; return whether a field was changed twice.

    Such a field has an error that says so. Variants that others added meanwhile are added to the rows.
    """
    seen, now = read_seen(), variant_texts(stored)
    others, both = compare(variant_texts(rows), now, seen)
    by_id = {row.typed["id"]: row for row in rows}
    for key in others | both:
        _kind, number, name = key.split("-")
        if key in both:
            by_id[number].errors[name] = changed_meanwhile(now[key])
        else:
            by_id[number].typed[name] = now[key]
    rows += [row for row in stored if seen and f"variant-{row.typed['id']}-price" not in seen]
    return bool(both)


def variant_texts(rows: Sequence[VariantRow]) -> dict[str, str]:
    """Return the texts of the rows of existing variants, as a form was opened with."""
    names = [name for name in FIELDS if name not in ("id", "stock")]
    return {f"variant-{row.typed['id']}-{name}": row.typed[name] for row in rows if row.typed["id"] for name in names}


def empty_row() -> VariantRow:
    """Return a row for a new variant."""
    return VariantRow(dict.fromkeys(FIELDS, ""))
