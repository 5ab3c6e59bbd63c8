"""Add, change and delete tax classes; switch taxes on and off."""

import re
from datetime import date
from typing import Final

from sqlalchemy import func, select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.pricing.taxes import FULL, KRA_CLASSES, KRA_DEFAULT, TaxClassTerms, TaxPrices
from shop.domain.text.cleaning import clean_line
from shop.models import Product, ShippingMethod, TaxClass
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.errors import Conflict, FieldError, InvalidInput, NotFound
from shop.services.shops.settings import change_setting

MAX_CLASSES: Final = 30
CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def list_tax_classes() -> list[TaxClass]:
    """Return the classes of the shop, by code."""
    return list(db.session.scalars(select(TaxClass).order_by(TaxClass.code)))


def get_tax_class(class_id: int) -> TaxClass:
    """Return a class. Raise NotFound."""
    row = db.session.scalars(select(TaxClass).where(TaxClass.id == class_id)).first()
    if row is None:
        raise NotFound("There is no such tax class.", code="tax_class_not_found")
    return row


def set_tax_prices(prices: TaxPrices, actor: Actor) -> None:
    """Set how prices relate to tax. A shop without classes gets those of Kenya when taxes are enabled."""
    with transaction():
        if prices != TaxPrices.OFF and not list_tax_classes():
            add_kenyan_classes(actor)
        change_setting("tax_prices", prices, actor)


def add_kenyan_classes(actor: Actor) -> None:
    """Add the missing ones of KRA's classes A to E; band B is the default if there was none."""
    with transaction() as session:
        rows = list_tax_classes()
        codes, has_default = {row.code for row in rows}, any(row.is_default for row in rows)
        for one in KRA_CLASSES:
            if one.code not in codes:
                is_default = one.code == KRA_DEFAULT and not has_default
                session.add(TaxClass(code=one.code, name=one.name, rate=one.rate, is_default=is_default))
        session.flush()
        audit_log.record(actor, "tax_class.created", "tax_class:kra", new=", ".join(one.code for one in KRA_CLASSES))


def save_tax_class(class_id: int | None, values: TaxClassTerms, actor: Actor) -> TaxClass:
    """Change a class, whose code stays, or add one; the first is the default. Orders keep the rates they have.

    Raise NotFound, InvalidInput naming each wrong field.
    """
    with transaction() as session:
        row = get_tax_class(class_id) if class_id is not None else _new(values)
        name = clean_line(values.name)
        _check(name, values.rate, values.next_rate, values.next_rate_from)
        row.name, row.rate = name, values.rate
        row.next_rate, row.next_rate_from = values.next_rate, values.next_rate_from
        session.add(row)
        session.flush()
        action = "tax_class.created" if class_id is None else "tax_class.changed"
        audit_log.record(actor, action, f"tax_class:{row.id}", new=_words(row))
        return row


def _new(values: TaxClassTerms) -> TaxClass:
    rows = list_tax_classes()
    if not CODE.fullmatch(values.code):
        raise InvalidInput.of("code", "must have 1 to 64 letters, digits, - and _")
    if any(row.code == values.code for row in rows):
        raise InvalidInput.of("code", "is the code of another class")
    if len(rows) >= MAX_CLASSES:
        raise InvalidInput.of("code", "exceeds the limit: there are %(limit)s already", limit=MAX_CLASSES)
    return TaxClass(code=values.code, is_default=not rows)


def _check(name: str, rate: int, next_rate: int | None, next_rate_from: date | None) -> None:
    wrong = []
    if not name:
        wrong.append(FieldError("name", "is required"))
    if len(name) > 200:
        wrong.append(FieldError("name", "is too long"))
    for field, value in (("rate", rate), ("next_rate", next_rate)):
        if value is not None and not 0 <= value <= FULL:
            wrong.append(FieldError(field, "must be from 0 to 100"))
    if (next_rate is None) != (next_rate_from is None):
        wrong.append(FieldError("next_rate_from", "is required with a new rate, and only then"))
    if wrong:
        raise InvalidInput.of_errors(wrong)


def _words(row: TaxClass) -> str:
    words = f"{row.code} {row.name} {row.rate / 100:g}%"
    return words if row.next_rate is None else f"{words}, {row.next_rate / 100:g}% from {row.next_rate_from}"


def set_default_tax_class(class_id: int, actor: Actor) -> None:
    """Make a class the default for goods and deliveries without one. Raise NotFound."""
    with transaction() as session:
        row = get_tax_class(class_id)
        old = update(TaxClass).where(TaxClass.is_default, TaxClass.id != class_id).values(is_default=False)
        session.execute(old)
        row.is_default = True
        session.flush()
        audit_log.record(actor, "tax_class.changed", f"tax_class:{row.id}", new=f"{row.code}: default")


def delete_tax_class(class_id: int, actor: Actor) -> None:
    """Delete a class; orders keep their taxes. Raise NotFound, Conflict ``tax_class_in_use``."""
    with transaction() as session:
        row = get_tax_class(class_id)
        if row.is_default:
            raise Conflict("This is the default class. Make another one the default first.", code="tax_class_in_use")
        used = sum(_count(model, row.code) for model in (Product, ShippingMethod))
        if used:
            raise Conflict(
                "%(number)s products or deliveries have this class. Give them another one first.",
                code="tax_class_in_use",
                number=used,
            )
        session.delete(row)
        audit_log.record(actor, "tax_class.deleted", f"tax_class:{class_id}", old=_words(row))


def _count(model: type[Product] | type[ShippingMethod], code: str) -> int:
    return db.session.scalars(select(func.count()).select_from(model).where(model.tax_class == code)).one()
