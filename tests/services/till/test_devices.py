"""Registered tills: a name, a branch, and revoking."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import StockMovement
from shop.services.catalogue.branches import save_branch
from shop.services.errors import Conflict, InvalidInput, NotAllowed
from shop.services.orders.recording import ExternalLine
from shop.services.shops.settings import change_settings
from shop.services.till.devices import check_device, find_device, list_devices, revoke_device, save_device
from shop.services.till.sales import Sale, record_sale, undo_sale
from shop.services.till.shifts import close_shift, expect, find_open_shift, open_shift
from tests import factories
from tests.factories import TESTER

SALE = "6f1f6a5e-5d0c-4a86-9d0e-2f6f1a0c9b11"


@pytest.fixture
def branch(ctx):
    return save_branch(None, "Westlands", TESTER)


def test_a_till_is_registered_renamed_and_revoked(branch):
    token = save_device(None, "Till 1", branch.id, TESTER)
    assert save_device(token, "Counter", branch.id, TESTER) == token
    (device,) = list_devices()
    assert (device.name, device.branch_id, check_device(token).id) == ("Counter", branch.id, device.id)
    with pytest.raises(Conflict):
        save_device(None, "COUNTER", branch.id, TESTER)
    for name, where in (("", branch.id), ("x" * 61, branch.id), ("Till 2", 0)):
        with pytest.raises(InvalidInput):
            save_device(None, name, where, TESTER)
    revoke_device(device.id, TESTER)
    assert list_devices() == []
    assert find_device(token) is None
    with pytest.raises(NotAllowed) as refused:
        check_device(token)
    assert refused.value.code == "device_revoked"
    again = save_device(token, "Counter", branch.id, TESTER)
    assert (again != token, check_device(again).name) == (True, "Counter")


def test_a_shop_may_allow_registered_tills_alone(branch):
    assert check_device("unknown") is None
    change_settings({"till_devices_only": "true"}, TESTER)
    with pytest.raises(NotAllowed) as refused:
        check_device(None)
    assert refused.value.code == "device_not_registered"


def test_each_branch_is_closed_for_itself(branch):
    open_shift(0, TESTER)
    there = open_shift(100, TESTER, branch.id)
    record_sale(Sale(SALE, 5_000, "cash", phone="0712345678", branch_id=branch.id), TESTER)
    assert (expect(there)["cash"], expect(find_open_shift())["cash"]) == (5_100, 0)
    close_shift({"cash": 5_100}, "", TESTER, branch.id)
    assert find_open_shift(branch.id) is None
    assert find_open_shift() is not None


def test_stock_leaves_the_branch_of_the_sale_and_comes_back_there(branch):
    milk = factories.make_product(stock=10)
    lines = [ExternalLine(quantity=2, name="Milk", price_cents=1_000, product_id=milk.id)]
    record_sale(Sale(SALE, 2_000, "cash", phone="0712345678", lines=lines, branch_id=branch.id), TESTER)
    undo_sale(SALE, TESTER)
    moved = select(StockMovement.change, StockMovement.branch_id).where(StockMovement.order_id.is_not(None))
    assert db.session.execute(moved.order_by(StockMovement.id)).all() == [(-2, branch.id), (2, branch.id)]
