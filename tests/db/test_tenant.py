"""The shop scope: rows of another shop do not exist."""

import pytest
from sqlalchemy import delete, func, select, update

from shop.db.session import db
from shop.db.tenant import ShopScopeMissing, all_tenants, current_shop_id, in_shop, use_shop
from shop.db.transaction import transaction
from shop.models import Base, Customer, LoyaltyAccount, ShopHost, ShopOwned
from shop.services.shops.shops import get_shop
from tests import factories
from tests.support.rows import snapshot
from tests.support.shopful import OWNED, SANDBOX, fill_shop, make_sandbox

NAMES = [model.__name__ for model in OWNED]
OF_ALL = [model for model in OWNED if model not in SANDBOX]


@pytest.fixture(scope="module")
def shops(_apps, engine_name):
    """Two shops with a row in every table, which the tests of this module share."""

    def fill(name):
        shop = factories.make_shop(name)
        fill_shop()
        return shop

    with _apps(engine_name).app_context():
        return fill("A shop"), fill("The other shop")


@pytest.fixture
def shop(shops):
    return shops[0]


@pytest.fixture
def other(shops):
    return shops[1]


def test_every_table_of_a_shop_is_tested(ctx, other):
    with in_shop(other.id):
        empty = [model.__name__ for model in OF_ALL if db.session.scalars(select(model)).first() is None]
    assert empty == []


SECOND_FACTORS = {"StaffTotp", "StaffRecoveryCode", "StaffPasskey"}


def test_every_model_but_shops_and_people_and_their_links_belongs_to_a_shop():
    free = {mapper.class_.__name__ for mapper in Base.registry.mappers if not issubclass(mapper.class_, ShopOwned)}
    assert free == {"BackupRun", "Shop", "StaffUser", "StaffSession", "StaffToken"} | SECOND_FACTORS


def ids_in(shop_id, model):
    with in_shop(shop_id):
        return db.session.scalars(select(model.id)).all()


@pytest.fixture
def sandboxes(ctx):
    """Two sandboxes with a row in each table that only a sandbox has; the session is in the first."""
    made = [make_sandbox(get_shop(ctx.slug)) for _ in range(2)]
    use_shop(made[0])
    return made


def test_rows_of_another_shop_cannot_be_read(ctx, other):
    assert_unreadable(OF_ALL, ctx.id, other.id)


def test_rows_of_another_sandbox_cannot_be_read_or_changed(sandboxes):
    mine, other = sandboxes
    assert_unreadable(SANDBOX, mine, other)
    assert_unchangeable(SANDBOX, other)


def assert_unreadable(models, mine, other):
    for model in models:
        foreign = ids_in(other, model)
        db.session.expunge_all()
        assert set(db.session.scalars(select(model.shop_id))) == {mine}, model
        assert db.session.scalars(select(model).where(model.id.in_(foreign))).all() == [], model
        assert db.session.get(model, foreign[0]) is None, model
        counted = select(func.count()).select_from(model).where(model.id.in_(foreign))
        assert db.session.scalars(counted).one() == 0, model
        beside_it = select(Customer.id).where(select(model).where(model.id == foreign[0]).exists())
        assert db.session.scalars(beside_it).all() == [], model


def test_rows_of_another_shop_cannot_be_changed_or_deleted(ctx, other):
    assert_unchangeable(OF_ALL, other.id)


def assert_unchangeable(models, other):
    before = snapshot(other)
    for model in models:
        foreign = ids_in(other, model)
        with transaction() as session:
            changed = session.execute(update(model).where(model.id.in_(foreign)).values(id=model.id))
            gone = session.execute(delete(model).where(model.id.in_(foreign)))
            assert (changed.rowcount, gone.rowcount) == (0, 0), model
    assert snapshot(other) == before


@pytest.mark.parametrize("model", OWNED, ids=NAMES)
def test_a_statement_without_a_shop_is_an_error(model, app):
    statements = (select(model), select(model.id), update(model).values(id=model.id), delete(model))
    with app.app_context():
        for statement in statements:
            with pytest.raises(ShopScopeMissing):
                db.session.execute(statement)
        with pytest.raises(ShopScopeMissing):
            db.session.get(model, 1)
        with pytest.raises(ShopScopeMissing):
            current_shop_id()


def test_joined_rows_of_another_shop_are_left_out(ctx, other):
    joined = select(Customer.id, LoyaltyAccount.shop_id).join(LoyaltyAccount, LoyaltyAccount.customer_id == Customer.id)
    assert {row.shop_id for row in db.session.execute(joined)} == {ctx.id}


def test_a_row_takes_the_shop_of_the_session(ctx):
    with transaction() as session:
        session.add(ShopHost(host=factories.unique("host")))
        session.flush()
    assert ctx.id in set(db.session.scalars(select(ShopHost.shop_id)))


def test_a_row_of_another_shop_cannot_be_added(ctx, other):
    with pytest.raises(ShopScopeMissing), transaction() as session:
        session.add(ShopHost(host=factories.unique("host"), shop_id=other.id))


def test_a_row_without_a_shop_cannot_be_added(app):
    with app.app_context(), pytest.raises(ShopScopeMissing), transaction() as session:
        session.add(ShopHost(host=factories.unique("host")))


def test_all_tenants_can_be_meant_and_ends_with_its_block(ctx, other):
    with all_tenants():
        assert {ctx.id, other.id} <= set(db.session.scalars(select(Customer.shop_id)))
    assert set(db.session.scalars(select(Customer.shop_id))) == {ctx.id}


def test_what_was_loaded_for_one_shop_is_let_go_when_another_is_chosen(ctx, other):
    mine = db.session.scalars(select(Customer)).first()
    use_shop(other.id)
    assert mine not in db.session
    assert db.session.get(Customer, mine.id) is None
