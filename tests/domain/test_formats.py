"""Numbers, money, points and names as people read them."""

import pytest

from shop.domain.customers.contact import full_name
from shop.domain.formats import (
    capitalise,
    format_amount,
    format_price,
    group_digits,
    initials,
    signed,
)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (240000, "2,400.00"), (-123456789, "−1,234,567.89"), (-5, "−0.05")]
)
def test_amounts_have_thousands_and_a_true_minus(cents, text):
    assert format_amount(cents, "KES") == text
    assert format_price(cents, "KES") == f"KES {text}"


@pytest.mark.parametrize(("cents", "text"), [(0, "0"), (240000, "2,400"), (-100, "−1"), (240050, "2,400.50")])
@pytest.mark.parametrize("currency", ["UGX", "RWF", "JPY", "XOF"])
def test_amounts_of_a_currency_without_cents_have_none(cents, text, currency):
    assert format_price(cents, currency) == f"{currency} {text}"


def test_changes_have_their_sign():
    assert (group_digits(-4200), signed(980), signed(-4200)) == ("−4,200", "+980", "−4,200")


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Jane", "Kamau", "j@example.com"), "Jane Kamau"),
        (("", "Kamau", "j@example.com"), "Kamau"),
        (("", "", "j@example.com"), "j@example.com"),
        ((None, None, None), ""),
    ],
)
def test_the_email_replaces_a_missing_name(parts, name):
    assert full_name(*parts) == name


@pytest.mark.parametrize(
    ("name", "letters"), [("Njeri wa Wairimu", "NW"), ("jane", "J"), ("jane doe", "JD"), (" ", "?")]
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_only_the_first_letter_is_capitalised():
    assert (capitalise("must be a KES amount"), capitalise("")) == ("Must be a KES amount", "")
