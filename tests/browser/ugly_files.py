"""Files of a shop's first day as old programs and spreadsheets write them, and what must be read from them.

The same at each call: every notation is chosen by the row's number, and the values are worked out here.
"""

import os
from collections.abc import Sequence
from typing import Final, NamedTuple

PRODUCTS: Final = 200
CUSTOMERS: Final = int(os.environ.get("FIRST_DAY_CUSTOMERS", "1000"))
"""5,000 take two minutes of processor more, which a run of the whole suite does not have."""
EMPTY_ROWS: Final = PRODUCTS // 50
GOODS: Final = ("Unga wa Ngano", "Café instant", "Ng’ombe Beef", "Maziwa “Lala”", "Sukari")
NAMES: Final = ("Wanjikũ", "Achieng’", "O'Brien", "José", "Mũthoni", "王芳", "None", "Anne-Marie")
WRONG_PRODUCTS: Final = (
    ("Rice of no price", "BAD-1", "", "ask", "", "", "", "", "cannot be read: ask"),
    ("Price of two readings", "BAD-2", "", "1.2.3", "", "", "", "", "cannot be read: 1.2.3"),
    ("Dollars", "BAD-3", "", "$5", "", "", "", "", "cannot be read: $5"),
    ("Half a packet", "BAD-4", "", "120", "", "1.5", "", "", "cannot be read: 1.5"),
    ("Code twice", "SKU-0001", "", "120", "", "", "", "", "row 1"),
    ("Barcode cut by Excel", "BAD-6", "6.1611E+12", "120", "", "", "", "", "has lost digits in a spreadsheet"),
)
"""Cells, and a part of the reason."""
WRONG_CUSTOMERS: Final = (
    ("Phone cut by Excel", "2.54712E+11", "", "", "", "has lost digits in a spreadsheet"),
    ("Phone too short", "071234567", "", "", "", "must be a phone number"),
    ("Nobody to reach", "", "", "10", "", "missing"),
    ("Phone of row one", "0720 000 001", "", "", "", "row 1"),
    ("Points in words", "", "words@example.com", "many", "", "whole number of points"),
    ("No such day", "", "day@example.com", "", "31/02/1990", "must be a day"),
    ("Mail of two", "", "a@example.com/b@example.com", "", "", "must be an e-mail address"),
)


class UglyProduct(NamedTuple):
    """A product as it must be after the import; amounts in cents."""

    name: str
    sku: str
    price: int
    stock: int


class UglyCustomer(NamedTuple):
    """A customer as they must be after the import."""

    first_name: str
    last_name: str
    phone: str
    email: str
    points: int


def product(number: int) -> UglyProduct:
    """Return product ``number``, from 1."""
    whole = (number * 37 % 400 + 20) * 100
    price = whole + 50 if number % 4 == 0 else whole + 120_000 if number % 4 == 1 else whole
    return UglyProduct(f"{GOODS[number % len(GOODS)]} {number} kg", f"SKU-{number:04}", price, number % 60 + 1200)


def customer(number: int) -> UglyCustomer:
    """Return customer ``number``, from 1; one in five has no e-mail, two in five have points."""
    email = f"mteja.{number}@example.com" if number % 5 else ""
    points = number * 37 % 3000 + 500 if number % 5 < 2 else 0
    return UglyCustomer(NAMES[number % len(NAMES)], f"Mteja{number}", f"+254720{number:06}", email, points)


def product_file() -> bytes:
    """Return a price list of Excel on Windows: Windows-1252, semicolons, empty lines above and in between."""
    rows = [("", "", ""), ("Item Name", " item CODE ", "Barcode ", "Selling Price (KES)", "BUYING PRICE")]
    rows[-1] += ("Qty in Stock", "Kundi", "Maoni")
    for number in range(1, PRODUCTS + 1):
        one = product(number)
        name = _pick(
            number,
            (one.name, one.name.replace(" ", "\u00a0"), f"  {one.name}\t", f"{one.name[:3]}\u00ad{one.name[3:]}"),
        )
        stock = _pick(number, (f"{one.stock}", f"{one.stock:,}", f"{one.stock}.0", f"{one.stock} pcs"))
        barcode = f"61611{number:08}" if number % 3 else "-"
        cost = _pick(number, ("", "n/a", f"{one.price // 200}.00"))
        group = _pick(number, ("Food > Dry goods", "Chakula", "–"))
        rows.append((name, one.sku, barcode, _price(number, one.price), cost, stock, group, 'haraka; "fresh"'))
        if number % (PRODUCTS // EMPTY_ROWS) == 0:
            rows.append(("",) * 8)
    rows += [cells[:-1] for cells in WRONG_PRODUCTS]
    return _written(rows).encode("cp1252")


def _price(number: int, cents: int) -> str:
    """Return an amount as people write it; half shillings have their decimals."""
    whole, rest = divmod(cents, 100)
    if rest:
        return _pick(number // 4, (f"{whole}.5", f"KES {whole:,}.50", f"{whole:,}.50"))
    return _pick(number, (f"Ksh {whole:,}/=", f"{whole:,}.00", f" KES\u00a0{whole:,}.00 ", f"{whole}", f"{whole}.0"))


def customer_file() -> bytes:
    """Return a list of customers of a web shop: UTF-8 with a mark, semicolons, headings in two languages."""
    rows: list[Sequence[str]] = [
        ("Jina kamili", "MOBILE NO.", "E-mail Address", "Pointi ", "Tarehe ya kuzaliwa", "Mtaa")
    ]
    for number in range(1, CUSTOMERS + 1):
        one = customer(number)
        name = _pick(
            number,
            (
                f"{one.first_name} {one.last_name}",
                f" {one.last_name}, {one.first_name}",
                f"{one.first_name}\u200b\u00a0{one.last_name}",
            ),
        )
        email = _pick(number, (one.email, one.email.upper(), f" {one.email}\u00a0", f"\ufeff{one.email}"))
        points = _pick(number, (f"{one.points}", f"{one.points:,}", f"{one.points}.0", f"{one.points} pts"))
        birthday = _pick(number, ("", "12/04/1990", "1990-04-12", "n/a"))
        rows.append((name, _phone(number, one.phone), email, points if one.points else "-", birthday, "Kilimani"))
    rows += [(*cells[:5], "") for cells in WRONG_CUSTOMERS]
    return _written(rows).encode("utf-8-sig")


def _phone(number: int, phone: str) -> str:
    """Return a phone as people write it, and as Excel does, which takes away the zero or shows a decimal."""
    local = phone.removeprefix("+254")
    spaced = f"0{local[:3]} {local[3:6]} {local[6:]}"
    excel = (local, f"254{local}", f"{local}.0", f"2.54{local}E+11")
    return _pick(number, (spaced, *excel, phone, spaced.replace(" ", "‑"), f"\u202a{phone}\u202c", f"Tel: {spaced}"))


def _pick(number: int, notations: Sequence[str]) -> str:
    return notations[number % len(notations)]


def _written(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as Excel writes them for Kenya with a decimal comma: semicolons, quotes where needed."""
    return "".join(";".join(map(_quoted, row)) + "\r\n" for row in rows)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(';"') else cell
