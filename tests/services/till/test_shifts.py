"""The cash drawer: float, expected by method, counted, difference."""

from uuid import uuid4

import pytest

from shop.services.audit_log import list_audit
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.refunds import refund_order
from shop.services.till.sales import Sale, record_sale, undo_sale
from shop.services.till.shifts import close_shift, expect, find_open_shift, list_closed_shifts, open_shift
from tests.factories import TESTER


def take(cents, method="cash"):
    return record_sale(Sale(str(uuid4()), cents, method, phone="0712345678"), TESTER).sale


def test_the_float_and_the_sales_since_are_expected_by_method(ctx):
    take(99_900)
    shift = open_shift(5_000, TESTER)
    take(10_000)
    take(2_500, "mpesa")
    undo_sale(take(7_000).sale_id, TESTER)
    assert expect(shift) == {"cash": 15_000, "mpesa": 2_500, "card": 0}


def test_what_was_given_back_since_the_opening_is_taken_off(ctx):
    earlier, undone = take(9_000), take(4_000)
    card = take(3_000, "card")
    shift = open_shift(50_000, TESTER)
    refund_order(earlier.order_id, 1_500, "Broken", TESTER)
    refund_order(card.order_id, 1_000, "Broken", TESTER, is_sent=False)
    undo_sale(undone.sale_id, TESTER)
    refund_order(take(2_000).order_id, None, "Broken", TESTER)
    assert expect(shift) == {"cash": 50_000 - 1_500 - 4_000, "mpesa": 0, "card": 0}


def test_a_difference_needs_a_note_and_both_sums_are_kept(ctx):
    open_shift(5_000, TESTER)
    take(10_000)
    with pytest.raises(InvalidInput) as refused:
        close_shift({"cash": 14_900}, "", TESTER)
    assert [error.field for error in refused.value.errors] == ["note"]
    closed = close_shift({"cash": 14_900}, "Change for a taxi", TESTER)
    assert (closed.expected["cash"], closed.counted["cash"], closed.differences) == (15_000, 14_900, {"cash": -100})
    assert (closed.note, closed.closed_by) == ("Change for a taxi", TESTER.label)
    assert find_open_shift() is None
    entry = list_audit(area="till").entries[0]
    assert (entry.old_value, entry.new_value) == ("cash 150.00", "cash 149.00")
    assert [each.id for each in list_closed_shifts()] == [closed.id]


def test_equal_sums_need_no_note(ctx):
    open_shift(0, TESTER)
    assert close_shift({}, "", TESTER).differences == {}


def test_a_till_is_opened_once_and_closed_once(ctx):
    open_shift(0, TESTER)
    with pytest.raises(Conflict):
        open_shift(0, TESTER)
    close_shift({}, "", TESTER)
    with pytest.raises(Conflict):
        close_shift({}, "", TESTER)
    with pytest.raises(InvalidInput):
        open_shift(-1, TESTER)
