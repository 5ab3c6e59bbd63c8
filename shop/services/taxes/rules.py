"""The tax rates in force on a day, read by one statement; by none in a shop without taxes."""

from datetime import datetime

from sqlalchemy import select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.domain.dates.days import day_of
from shop.domain.pricing.taxes import TaxClassTerms, TaxPrices, TaxRate, TaxRules
from shop.models import TaxClass
from shop.services.errors import InvalidInput
from shop.services.shops.settings import ShopSettings

_T = table(TaxClass).c
_CLASSES = PreparedQuery(
    select(_T.code, _T.name, _T.rate, _T.next_rate, _T.next_rate_from, _T.is_default)
    .where(_T.shop_id == SHOP)
    .order_by(_T.code)
)


def load_tax_rules(settings: ShopSettings, moment: datetime) -> TaxRules | None:
    """Return the rules for an order at a time; None if the shop charges no taxes or has no classes."""
    prices = settings.values["tax_prices"]
    if prices == TaxPrices.OFF:
        return None
    rows = _CLASSES().all()
    default = next((row.code for row in rows if row.is_default), None)
    if default is None:
        return None
    day = day_of(moment, settings.values["shop_timezone"])
    classes = [TaxClassTerms._make(row[:-1]) for row in rows]
    rates = {one.code: TaxRate(one.code, one.name, one.rate_on(day)) for one in classes}
    return TaxRules(prices == TaxPrices.INCLUDED, rates, default)


def check_tax_class(code: str, field: str = "tax_class") -> None:
    """Raise InvalidInput unless a code is empty or a class's; a shop without classes accepts any code."""
    if not code:
        return
    codes = [row.code for row in _CLASSES().all()]
    if codes and code not in codes:
        raise InvalidInput.of(field, "must be one of %(choices)s, or empty", choices=", ".join(codes))
