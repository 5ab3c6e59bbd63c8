"""Values of a customer's fields, and their stored form."""

import pytest

from shop.domain.customers.custom_fields import parse_value
from shop.domain.customers.fields import BY_NAME, FIELDS, TYPED


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("birthday", " 1990-04-12 ", "1990-04-12"),
        ("tags", "Regular, kilimani,regular , ", ["Regular", "kilimani"]),
        ("tags", ["Wholesale", "\u200bWholesale "], ["Wholesale"]),
        ("tags", "", []),
        ("external_id", " crm-1 ", "crm-1"),
        ("metadata", {"card": "7", "gone": "", "away": None, "n": 0, "no": False}, {"card": "7", "n": 0, "no": False}),
        ("custom_fields", {"size": "m", "gone": ""}, {"size": "m"}),
        ("area", " Kilimani\u00a0West ", "Kilimani West"),
        ("first_name", "x" * 200, "x" * 200),
        ("birthday", "1900-01-01", "1900-01-01"),
        ("tags", ["x" * 40], ["x" * 40]),
        ("tags", [f"t{number}" for number in range(50)], [f"t{number}" for number in range(50)]),
        ("external_id", "x" * 100, "x" * 100),
        (
            "metadata",
            {f"k{number}": "x" * 1000 for number in range(50)},
            {f"k{number}": "x" * 1000 for number in range(50)},
        ),
        ("metadata", None, {}),
        ("email", "  ", None),
    ],
)
def test_a_field_is_stored_cleaned(name, given, stored):
    assert BY_NAME[name].value(given, "KE") == stored


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("birthday", "12/4/1990"),
        ("birthday", "19900412"),
        ("birthday", "1990-W15-4"),
        ("birthday", "1812-04-12"),
        ("birthday", "1990-02-30"),
        ("first_name", "x" * 201),
        ("tags", "x" * 41),
        ("tags", ["short", "x" * 41]),
        ("tags", [f"t{number}" for number in range(51)]),
        ("tags", ["a,b"]),
        ("tags", ["a\0b"]),
        ("external_id", "x" * 101),
        ("metadata", {"a b": "x"}),
        ("metadata", {"a": "x" * 1001}),
        ("metadata", {"a": 1.5}),
        ("custom_fields", {"a": "x" * 501}),
        ("custom_fields", {"a": 1}),
        ("metadata", {f"k{number}": "x" for number in range(51)}),
    ],
)
def test_a_field_that_cannot_be_read_is_refused(name, given):
    with pytest.raises(ValueError, match="must"):
        BY_NAME[name].value(given, "KE")


def test_people_type_every_field_but_maps():
    assert {field.name for field in FIELDS} - {field.name for field in TYPED} == {"metadata", "custom_fields"}


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", " Jamhuri ", "Jamhuri"),
        ("number", "1,245.50", "1245.5"),
        ("number", "100", "100"),
        ("date", "2026-07-31", "2026-07-31"),
        ("choice", "m", "M"),
        ("yes_no", "Ndiyo", "yes"),
        ("yes_no", "0", "no"),
        ("text", "  ", ""),
        ("text", "x" * 500, "x" * 500),
    ],
)
def test_a_value_of_a_field_of_the_shop_has_its_type(kind, typed, stored):
    assert parse_value(typed, kind, ["S", "M"], "KE") == stored


@pytest.mark.parametrize(
    ("kind", "typed"), [("number", "two"), ("date", "31.7.26"), ("choice", "XL"), ("yes_no", "?"), ("text", "x" * 501)]
)
def test_a_value_of_another_type_is_refused(kind, typed):
    with pytest.raises(ValueError, match="must"):
        parse_value(typed, kind, ["S", "M"], "KE")


def test_a_field_has_an_attribute_a_text_and_a_length():
    assert (BY_NAME["metadata"].attribute, BY_NAME["email"].attribute) == ("extra", "email")
    assert BY_NAME["tags"].text(["Regular", "VIP"]) == "Regular, VIP"
    assert (BY_NAME["area"].text("Kilimani"), BY_NAME["email"].text(None)) == ("Kilimani", "")
    lengths = {"phone": 60, "birthday": 10, "area": 200, "tags": 1000, "metadata": 0, "custom_fields": 0}
    assert {name: BY_NAME[name].length for name in lengths} == lengths
