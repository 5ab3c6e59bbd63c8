"""Members found at the till."""

import pytest

from shop.queries.till.members import find_members, get_member
from shop.services.customers.records import create_customer
from shop.services.errors import NotFound
from tests import factories


@pytest.fixture
def wanjiku(ctx):
    return create_customer(
        "wanjiku@example.com", phone="0712000118", first_name="Wanjiku", last_name="Kamau", external_id="CARD-7"
    )


@pytest.mark.parametrize("typed", ["0712000118", "+254 712 000 118", "712000118", "CARD-7", "Wanjiku@Example.com "])
def test_a_phone_a_card_or_an_email_is_certain(wanjiku, typed):
    found = find_members(typed)
    assert (found.is_certain, [member.id for member in found.members]) == (True, [wanjiku.id])


@pytest.mark.parametrize("typed", ["w", "wanj", "Wanjiku K", "kam", "kamau wan", "0712000", "2547120"])
def test_the_beginning_of_a_name_or_number_finds_without_certainty(wanjiku, typed):
    factories.make_customer(first_name="Otieno", last_name="Odhiambo")
    found = find_members(typed)
    assert (found.is_certain, found.phone, [member.full_name for member in found.members]) == (
        False,
        None,
        ["Wanjiku Kamau"],
    )


def test_an_unverified_phone_is_shown_but_never_certain(ctx):
    guest = create_customer(phone="0722000111", first_name="Guest", verified=False)
    found = find_members("0722 000 111")
    assert (found.is_certain, found.phone, [member.id for member in found.members]) == (
        False,
        "+254722000111",
        [guest.id],
    )


def test_an_unknown_complete_phone_can_join(ctx):
    assert find_members("0733000222") == ([], "+254733000222", False)
    for nothing in ("", "   ", "nobody", "%", "'"):
        assert find_members(nothing).members == []


def test_those_whose_name_begins_so_come_first_and_six_at_the_most(ctx):
    for n in range(7):
        factories.make_customer(first_name=f"Kamau {n}", last_name="Z")
    factories.make_customer(first_name="Aisha", last_name="Kamau")
    assert [member.first_name for member in find_members("kamau").members] == [f"Kamau {n}" for n in range(6)]


@pytest.mark.parametrize("typed", ["07120001", "0712 000-1", "+254 712 0001", "7120001", "254 712 0001"])
def test_those_whose_phone_begins_so_are_shown_by_phone(ctx, typed):
    for n in (5, 3, 8, 1, 9, 7, 2):
        create_customer(phone=f"071200010{n}")
    create_customer(phone="0712000200")
    found = [member.phone[-1] for member in find_members(typed).members]
    assert sorted(found) == found == list("123578")


def test_another_shop_s_members_are_not_found(wanjiku):
    factories.make_shop()
    assert find_members("0712000118").members == find_members("wanj").members == []
    with pytest.raises(NotFound):
        get_member(wanjiku.id)
