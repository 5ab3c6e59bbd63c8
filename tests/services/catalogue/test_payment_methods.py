"""Payment methods that customers choose from."""

import pytest

from shop.db.tenant import current_shop_id, use_shop
from shop.db.transaction import transaction
from shop.services.catalogue.payment_methods import choose_payment_method, list_methods_by_hand, list_payment_methods
from shop.services.errors import InvalidInput
from tests import factories


@pytest.fixture
def methods(ctx):
    """M-Pesa, cash, and a method that is switched off."""
    factories.make_payment("mpesa", "M-Pesa", position=2, time_limit_minutes=30)
    factories.make_payment("cod", "Cash on Delivery", position=1)
    off = factories.make_payment("till", "M-Pesa till", position=0)
    with transaction():
        off.enabled = False


def test_enabled_methods_are_listed_in_the_shops_order(methods):
    found = list_payment_methods()
    assert [(each.code, each.time_limit_minutes) for each in found] == [("cod", None), ("mpesa", 30)]


def test_staff_record_payments_by_the_methods_of_their_own_shop_and_of_a_till(methods):
    here = current_shop_id()
    use_shop(factories.make_shop().id)
    factories.make_payment("meru", "Bank of Meru")
    use_shop(here)
    found = list_methods_by_hand()
    assert [each.name for each in found] == ["M-Pesa till", "Cash on Delivery", "M-Pesa", "Cash", "Card"]


@pytest.mark.parametrize("name", ["mpesa", "M-Pesa", " m pesa ", "MPESA", "M_PESA"])
def test_a_method_is_found_by_code_or_name_in_any_spelling(methods, name):
    chosen = choose_payment_method(name)
    assert chosen is not None
    assert chosen.code == "mpesa"


@pytest.mark.parametrize("name", [None, "", "  "])
def test_nothing_chosen_is_no_method(methods, name):
    assert choose_payment_method(name) is None


@pytest.mark.parametrize("name", ["pigeon", "till", "M-Pesa till", "-"])
def test_a_method_that_is_not_offered_is_refused(methods, name):
    with pytest.raises(InvalidInput) as refused:
        choose_payment_method(name)
    assert refused.value.code == "payment_method_unknown"


def test_the_callers_list_is_used(methods):
    with pytest.raises(InvalidInput):
        choose_payment_method("mpesa", [])
