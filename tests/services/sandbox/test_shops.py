"""Sandbox shops: what they take from their live shop, and what a reset leaves."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.models import Membership
from shop.services.errors import Conflict, NotAllowed
from shop.services.sandbox.clock import advance_clock, read_clock
from shop.services.sandbox.shops import KEPT, create_sandbox, create_sandbox_of_this_shop, find_sandbox, reset_sandbox
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import get_shop
from shop.services.staff.accounts import find_member
from tests import factories
from tests.factories import TESTER
from tests.support.rows import snapshot
from tests.support.shopful import fill_shop


@pytest.fixture
def sandbox(ctx):
    """A sandbox, chosen as the session's shop; its id."""
    made = create_sandbox(get_shop(ctx.slug)).id
    with in_shop(made):
        yield made


def test_a_sandbox_has_the_set_up_of_its_live_shop(ctx):
    live = factories.make_shop(shop_timezone="Europe/Berlin", currency="EUR")
    owner = factories.make_staff()
    factories.make_payment("mpesa", "M-Pesa")
    made = create_sandbox_of_this_shop(TESTER)
    assert find_sandbox().id == made.id
    with in_shop(made.id):
        assert get_settings().values["shop_timezone"] == "Europe/Berlin"
        rows = snapshot(made.id)
        assert (len(rows["payment_methods"]), rows["payment_secrets"], rows["customers"]) == (1, [], [])
        assert owner.user_id in db.session.scalars(select(Membership.staff_user_id)).all()
        with pytest.raises(Conflict):
            create_sandbox_of_this_shop(TESTER)
    assert current_shop_id() == live.id


def test_a_shop_has_one_sandbox_of_the_usual_name(ctx):
    create_sandbox_of_this_shop(TESTER)
    with pytest.raises(Conflict, match="short name"):
        create_sandbox_of_this_shop(TESTER)


def test_a_reset_empties_every_table_but_the_set_up(sandbox):
    fill_shop()
    advance_clock(TESTER, by="P2M")
    filled = {name for name, rows in snapshot(sandbox).items() if rows}
    reset_sandbox(TESTER)
    assert {name for name, rows in snapshot(sandbox).items() if rows} == filled & KEPT
    clock = read_clock()
    assert (clock.days_ahead, clock.moved_from) == (0, None)


def test_a_reset_leaves_people_their_roles(sandbox):
    packer = factories.make_staff(permissions=["orders.fulfil"])
    reset_sandbox(TESTER)
    assert find_member(packer.user_id).permissions == {"look", "orders.fulfil"}


def test_a_live_shop_is_never_reset(ctx):
    factories.make_customer()
    before = snapshot(ctx.id)
    with pytest.raises(NotAllowed):
        reset_sandbox(TESTER)
    assert snapshot(ctx.id) == before
