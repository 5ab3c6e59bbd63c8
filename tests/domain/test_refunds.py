"""The worth of returned goods: any split ends on what was paid for them, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.refunds import money_for_goods


@pytest.mark.parametrize(
    ("goods", "subtotal", "discount", "tax", "money"),
    [
        (5000, 10000, 0, 0, 5000),
        (5000, 10000, 2000, 0, 4000),
        (10000, 10000, 2000, 0, 8000),
        (5000, 10000, 0, 1600, 5800),
        (333, 1000, 1, 0, 332),  # 332.667
        (1, 3, 1, 0, 0),  # 0.667
        (5000, 10000, 12000, 0, 0),  # the discount pays for delivery too
        (0, 0, 0, 0, 0),
    ],
)
def test_goods_give_back_their_share_of_what_was_paid(goods, subtotal, discount, tax, money):
    assert money_for_goods(goods, subtotal, discount, tax) == money


@given(prices=st.lists(st.integers(0, 10**7), min_size=1, max_size=8), discount=st.integers(0, 10**7), data=st.data())
def test_refunds_piece_by_piece_in_any_order_end_on_what_was_paid(prices, discount, data):
    subtotal = sum(prices)
    discount = min(discount, subtotal)
    back, money = 0, 0
    for price in data.draw(st.permutations(prices)):
        part = money_for_goods(back + price, subtotal, discount, 0) - money_for_goods(back, subtotal, discount, 0)
        back, money = back + price, money + part
        assert 0 <= part <= price
    assert money == subtotal - discount
