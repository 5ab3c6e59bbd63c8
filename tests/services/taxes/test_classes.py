"""Tax classes: those of Kenya at first, one default, rates of a day; a class in use stays."""

from datetime import UTC, date, datetime

import pytest

from shop.domain.pricing.taxes import TaxClassTerms, TaxPrices
from shop.services.catalogue.products.records import update_product
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.shops.settings import get_settings
from shop.services.taxes.classes import (
    add_kenyan_classes,
    delete_tax_class,
    get_tax_class,
    list_tax_classes,
    save_tax_class,
    set_default_tax_class,
    set_tax_prices,
)
from shop.services.taxes.rules import check_tax_class, load_tax_rules
from tests.factories import TESTER, make_product, make_shop

pytestmark = pytest.mark.usefixtures("ctx")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_taxes_that_are_switched_on_are_those_of_kenya():
    assert load_tax_rules(get_settings(), NOW) is None
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    assert [(one.code, one.rate, one.is_default) for one in list_tax_classes()] == [
        ("A", 0, False),
        ("B", 1600, True),
        ("C", 0, False),
        ("D", 0, False),
        ("E", 800, False),
    ]
    rules = load_tax_rules(get_settings(), NOW)
    assert rules is not None
    assert rules.is_included
    assert [rules.rate_of(code).rate for code in ("B", "E", "", "GONE", None)] == [1600, 800, 1600, 1600, 1600]
    set_tax_prices(TaxPrices.OFF, TESTER)
    assert load_tax_rules(get_settings(), NOW) is None


def test_own_classes_are_kept_when_taxes_are_switched_on():
    save_tax_class(None, TaxClassTerms("VAT", "VAT", 1800), TESTER)
    set_tax_prices(TaxPrices.ADDED, TESTER)
    assert [(one.code, one.is_default) for one in list_tax_classes()] == [("VAT", True)]
    add_kenyan_classes(TESTER)
    assert [one.code for one in list_tax_classes() if one.is_default] == ["VAT"]


def test_a_rate_changes_on_a_day_of_the_shops_zone():
    row = save_tax_class(None, TaxClassTerms("B", "VAT", 1600, 1800, date(2027, 1, 1)), TESTER)
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    before, after = datetime(2026, 12, 31, 20, 59, tzinfo=UTC), datetime(2026, 12, 31, 21, tzinfo=UTC)
    rates = [load_tax_rules(get_settings(), moment).rate_of("B").rate for moment in (before, after)]
    assert rates == [1600, 1800]
    assert save_tax_class(row.id, TaxClassTerms("ignored", "VAT 18%", 1800), TESTER).code == "B"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (TaxClassTerms("", "VAT", 1), "code"),
        (TaxClassTerms("A B", "VAT", 1), "code"),
        (TaxClassTerms("B", "VAT", 1), "code"),
        (TaxClassTerms("X", "", 1), "name"),
        (TaxClassTerms("X", "VAT", 10_001), "rate"),
        (TaxClassTerms("X", "VAT", -1), "rate"),
        (TaxClassTerms("X", "VAT", 1, 10_001, date(2027, 1, 1)), "next_rate"),
        (TaxClassTerms("X", "VAT", 1, 5), "next_rate_from"),
    ],
)
def test_a_wrong_class_is_refused(wrong, field):
    add_kenyan_classes(TESTER)
    with pytest.raises(InvalidInput) as refused:
        save_tax_class(None, wrong, TESTER)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_class_in_use_or_the_default_one_is_not_deleted():
    add_kenyan_classes(TESTER)
    classes = {one.code: one for one in list_tax_classes()}
    product = make_product()
    update_product(product.id, {"tax_class": "E"}, TESTER)
    for code in ("B", "E"):
        with pytest.raises(Conflict):
            delete_tax_class(classes[code].id, TESTER)
    update_product(product.id, {"tax_class": ""}, TESTER)
    delete_tax_class(classes["E"].id, TESTER)
    set_default_tax_class(classes["A"].id, TESTER)
    delete_tax_class(classes["B"].id, TESTER)
    assert [(one.code, one.is_default) for one in list_tax_classes()] == [("A", True), ("C", False), ("D", False)]
    with pytest.raises(NotFound):
        get_tax_class(classes["B"].id)


def test_products_have_classes_that_exist():
    product = make_product()
    update_product(product.id, {"tax_class": "anything"}, TESTER)
    add_kenyan_classes(TESTER)
    update_product(product.id, {"name": "Tea"}, TESTER)
    with pytest.raises(InvalidInput) as refused:
        update_product(product.id, {"tax_class": "b"}, TESTER)
    assert refused.value.errors[0].field == "tax_class"
    check_tax_class("")


def test_another_shop_has_its_own_classes():
    set_tax_prices(TaxPrices.INCLUDED, TESTER)
    make_shop()
    assert list_tax_classes() == []
