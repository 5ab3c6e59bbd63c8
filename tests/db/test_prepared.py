"""Prepared statements are restricted to the session's shop, or cannot be defined."""

import pytest
from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update

from shop.db.prepared import SHOP, MissingTenantFilter, PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import ShopScopeMissing, use_shop
from shop.db.transaction import transaction
from shop.models import Address, Customer, CustomerNote, Shop
from shop.services import clock
from tests import factories

customers, addresses, shops = table(Customer).c, table(Address).c, table(Shop).c
aliased = table(Address).alias("aliased")
ours = select(customers.id).where(customers.shop_id == SHOP)
WHO = {"author_label": "Njeri", "pinned": False}
hits = ours.limit(5).cte("hits")

TIED = {
    "its own": ours,
    "by a join": select(customers.id, addresses.id)
    .join(table(Address), (addresses.shop_id == customers.shop_id) & (addresses.customer_id == customers.id))
    .where(customers.shop_id == SHOP),
    "an alias": select(aliased.c.id).where(aliased.c.shop_id == SHOP),
    "a change": update(table(Customer)).values(first_name="Asha").where(customers.shop_id == SHOP),
    "a removal": delete(table(Address)).where(addresses.shop_id == SHOP),
    "both halves": ours.union_all(select(addresses.id).where(addresses.shop_id == SHOP)),
    "a step before": select(hits.c.id, select(func.count()).select_from(hits).scalar_subquery()),
    "within exists": ours.where(exists().where(addresses.customer_id == customers.id, addresses.shop_id == SHOP)),
    "within exists, by the outer": ours.where(exists().where(addresses.shop_id == customers.shop_id)),
    "no shop's rows": select(shops.id),
}
LOOSE = {
    "none": select(customers.id),
    "by the model": select(Customer.id),
    "counted": select(func.count()).select_from(table(Customer)),
    "one of two": select(customers.id)
    .join(table(Address), addresses.customer_id == customers.id)
    .where(customers.shop_id == SHOP),
    "an alias beside": select(aliased.c.id, addresses.id).where(addresses.shop_id == SHOP),
    "a change": update(table(Customer)).values(first_name="Asha"),
    "a removal": delete(table(Address)).where(addresses.id == 1),
    "one half": ours.union_all(select(customers.id)),
    "a step before": select(select(customers.id).cte("all").c.id),
    "a part": select(select(addresses.id).subquery().c.id),
    "within exists": ours.where(exists().where(addresses.customer_id == customers.id)),
    "within in": ours.where(customers.id.in_(select(addresses.customer_id))),
    "within a value": update(table(Customer))
    .values(first_name=select(addresses.city).limit(1).scalar_subquery())
    .where(customers.shop_id == SHOP),
    "a table beside the changed one": update(table(Customer))
    .values(first_name=addresses.city)
    .where(customers.shop_id == SHOP, addresses.customer_id == customers.id),
    "either": select(customers.id).where(or_(customers.shop_id == SHOP, customers.id == 1)),
    "not equal": select(customers.id).where(customers.shop_id != SHOP),
    "a number": select(customers.id).where(customers.shop_id == 1),
}


@pytest.mark.parametrize("name", TIED)
def test_what_is_tied_to_the_shop_can_be_made(name):
    assert PreparedQuery(TIED[name]).statement is not None


@pytest.mark.parametrize("name", LOOSE)
def test_what_is_not_cannot(name):
    with pytest.raises(MissingTenantFilter):
        PreparedQuery(LOOSE[name])


FIND = PreparedQuery(ours.order_by(customers.id))
RENAME = PreparedQuery(
    update(table(Customer))
    .values(first_name=bindparam("name"))
    .where(customers.shop_id == SHOP)
    .returning(customers.id)
)
NOTE = PreparedQuery(
    insert(table(CustomerNote)).values(
        {name: bindparam(name) for name in ("customer_id", "content", "created_at")} | WHO
    )
)


def test_the_sessions_shop_is_the_one(ctx):
    mine = factories.make_customer().id
    use_shop(factories.make_shop().id)
    theirs = factories.make_customer().id
    assert [row.id for row in FIND()] == [theirs]
    with transaction():
        assert [row.id for row in RENAME(name="Wanjiku")] == [theirs]
    use_shop(ctx.id)
    assert [row.id for row in FIND()] == [mine]
    assert db.session.get_one(Customer, mine).first_name != "Wanjiku"


def test_what_is_added_belongs_to_the_shop(ctx):
    customer = factories.make_customer().id
    now = clock.now()
    with transaction():
        NOTE(customer_id=customer, content="one", created_at=now)
        NOTE.many([{"customer_id": customer, "content": word, "created_at": now} for word in ("two", "three")])
        NOTE.many([])
    found = db.session.execute(select(CustomerNote.content, CustomerNote.shop_id).order_by(CustomerNote.id)).all()
    assert [tuple(row) for row in found] == [("one", ctx.id), ("two", ctx.id), ("three", ctx.id)]


def test_what_the_session_has_not_written_yet_is_seen(ctx):
    with transaction() as session:
        customer = factories.make_customer()
        customer.first_name = "Not written"
        row = PreparedQuery(select(customers.first_name).where(customers.shop_id == SHOP))().one()
        assert row.first_name == "Not written"
        session.rollback()


def test_without_a_shop_nothing_is_sent(app):
    with app.app_context(), pytest.raises(ShopScopeMissing):
        FIND()
