"""Rows of a file as customers: the columns, and how their cells are parsed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from shop.domain.customers.fields import TYPED
from shop.domain.customers.privacy import ConsentKind
from shop.domain.dates.days import day_of
from shop.domain.imports.cells import (
    parse_answer,
    parse_day,
    parse_lots,
    parse_points,
    restore_digits,
    split_list,
    split_name,
)
from shop.domain.imports.columns import ImportField
from shop.domain.statuses import ImportVerdict
from shop.domain.text.cleaning import clean_line
from shop.domain.text.messages import N_
from shop.domain.text.spreadsheets import without_formula_guard
from shop.services import clock
from shop.services.customers.custom_fields import list_custom_fields
from shop.services.errors import InvalidInput
from shop.services.imports.customer_snapshot import (
    delete_removed_customers,
    remove_customer,
    restore_customer,
    snapshot_by_id,
)
from shop.services.imports.customers import ImportRow, apply_customer
from shop.services.imports.kinds import Cells, ImportKind, RowContext, RowOutcome
from shop.services.loyalty.opening_balance import PointsLot
from shop.services.shops.settings import get_settings

OWN: Final = "custom_fields."
METADATA: Final = "metadata."
"""Not a column of files: for held rows of the JSON import."""
OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("e-mail address", "email address", "mail", "barua pepe"),
    "first_name": ("given name", "forename", "jina la kwanza"),
    "last_name": ("surname", "family name", "jina la mwisho", "jina la ukoo"),
    "phone": (
        "phone number",
        "phone no",
        "mobile",
        "mobile no",
        "tel no",
        "mobile number",
        "telephone",
        "tel",
        "cell",
        "simu",
        "nambari ya simu",
    ),
    "birthday": ("date of birth", "birth date", "dob", "siku ya kuzaliwa", "tarehe ya kuzaliwa"),
    "area": ("town", "city", "estate", "location", "neighbourhood", "mtaa", "eneo"),
    "tags": ("tag", "labels", "group", "lebo"),
    "external_id": ("customer id", "id", "card number", "card", "kadi", "member number"),
}
MORE: Final = (
    ImportField("name", N_("Full name"), ("full name", "customer", "customer name", "jina", "jina kamili")),
    ImportField("phone_verified", N_("Phone verified"), ("simu imethibitishwa",)),
    ImportField("loyalty_status", N_("Member of the programme"), ("loyalty", "member", "status", "mwanachama")),
    ImportField("points_balance", N_("Points balance"), ("points", "balance", "pointi", "salio la pointi")),
    ImportField("points_earned_on", N_("Points earned on"), ("earned on", "earned")),
    ImportField("points_expires_on", N_("Points valid until"), ("points expire", "expires", "expiry", "valid until")),
    ImportField("points_lots", N_("Points with expiry dates"), ("lots",)),
    ImportField("consent_marketing_email", N_("Agrees to e-mail marketing"), ("marketing", "accepts marketing")),
    ImportField("consent_marketing_sms", N_("Agrees to SMS marketing"), ("accepts sms marketing",)),
    ImportField("consent_marketing_whatsapp", N_("Agrees to WhatsApp marketing"), ()),
)
CONSENTS: Final = (ConsentKind.MARKETING_EMAIL, ConsentKind.MARKETING_SMS, ConsentKind.MARKETING_WHATSAPP)
SAMPLE: Final = {
    "email": "wanjiku@example.com",
    "first_name": "Wanjiku",
    "last_name": "Njenga",
    "phone": "0712 345 678",
    "birthday": "1990-04-12",
    "area": "Kilimani",
    "tags": "Regular; Wholesale",
    "external_id": "TZ-00418",
    "phone_verified": "yes",
    "loyalty_status": "active",
    "points_balance": "1480",
    "points_lots": "",
    "consent_marketing_sms": "yes",
}


def customer_fields() -> list[ImportField]:
    """Return the columns of customers, with the fields that the shop defines."""
    own = [ImportField(f"{OWN}{one.key}", one.name) for one in list_custom_fields()]
    return [*(ImportField(one.name, one.label, OTHER_NAMES.get(one.name, ())) for one in TYPED), *MORE, *own]


def customer_keys(cells: Cells) -> Iterable[tuple[str, str]]:
    """Return a customer's identifying fields in stored form; as written if they are invalid."""
    for name in ("external_id", "email", "phone"):
        field = next(one for one in TYPED if one.name == name)
        text = cells.get(name, "").strip()
        try:
            text = restore_digits(_clean(text))
            yield name, field.value(text, get_settings().country) if text else ""
        except ValueError:
            yield name, text


def read_row(cells: Cells, options: Mapping[str, bool]) -> ImportRow:
    """Parse the cells of a row. Raise InvalidInput naming the invalid column."""
    text = {name: found for name, cell in cells.items() if (found := _read(name, cell, _clean))}
    text |= {name: _read(name, text[name], restore_digits) for name in ("phone", "external_id") if name in text}
    fields: dict[str, Any] = {one.name: text[one.name] for one in TYPED if one.name in text}
    if "birthday" in fields:
        fields["birthday"] = _read("birthday", fields["birthday"], parse_day).isoformat()
    if "tags" in fields:
        fields["tags"] = split_list(fields["tags"], ",;")
    if "name" in text and not {"first_name", "last_name"} & set(fields):
        fields["first_name"], fields["last_name"] = split_name(text["name"])
    for prefix in (OWN, METADATA):
        if own := {name.removeprefix(prefix): cell for name, cell in text.items() if name.startswith(prefix)}:
            fields[prefix.removesuffix(".")] = own
    lots = _read_lots(text)
    return ImportRow(
        fields=fields,
        phone_verified=_answer(text, "phone_verified", options.get("phones_verified", False)) and "phone" in fields,
        loyalty_status="active" if _answer(text, "loyalty_status", False) else "",
        points_balance=sum(lot.points for lot in lots),
        lots=tuple(lots),
        consents={
            kind: _read(name, text[name], parse_answer) for kind in CONSENTS if (name := f"consent_{kind}") in text
        },
    )


def _clean(cell: str) -> str:
    return without_formula_guard(clean_line(cell))


def _read(name: str, cell: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(cell)
    except ValueError as wrong:
        raise InvalidInput.of(name, str(wrong)) from None


def _answer(text: Mapping[str, str], name: str, default: bool) -> bool:
    return bool(_read(name, text[name], parse_answer)) if name in text else default


def _read_lots(text: Mapping[str, str]) -> list[PointsLot]:
    country = get_settings().country
    lots = _read("points_lots", text.get("points_lots", ""), lambda cell: parse_lots(cell, country))
    total = _read("points_balance", text.get("points_balance", "0"), lambda cell: parse_points(cell, country))
    if lots and text.get("points_balance") and total != sum(lot.points for lot in lots):
        raise InvalidInput.of("points_lots", "must add up to the points balance")
    found = [PointsLot(lot.points, lot.earned_on, lot.expires_on) for lot in lots if lot.points]
    if not lots and total:
        days = [_day(text, name) for name in ("points_earned_on", "points_expires_on")]
        found = [PointsLot(total, *days)]
    today = day_of(clock.now(), get_settings().values["shop_timezone"])
    if any(lot.expires_on and lot.expires_on < today for lot in found):
        name = "points_lots" if lots else "points_expires_on"
        raise InvalidInput.of(name, "must not be in the past")
    return found


def _day(text: Mapping[str, str], name: str) -> date | None:
    found: date | None = _read(name, text[name], parse_day) if name in text else None
    return found


def apply_row(cells: Cells, context: RowContext) -> RowOutcome:
    """Add or change the customer of a row. Empty cells change nothing."""
    if not any(cell.strip() for cell in cells.values()):
        return RowOutcome(ImportVerdict.SKIPPED)
    return apply_customer(read_row(cells, context.options).cleaned(), context)


CUSTOMERS: Final = ImportKind(
    name="customers",
    fields=customer_fields,
    keys=customer_keys,
    apply=apply_row,
    snapshot=snapshot_by_id,
    restore=restore_customer,
    remove=remove_customer,
    sample=SAMPLE,
    delete_removed=delete_removed_customers,
)
