"""A statement of the session that touches a shop's table without its shop is refused before it is sent."""

import pytest
from sqlalchemy import delete, exists, func, insert, literal, select, text, update
from sqlalchemy.orm import aliased

from shop.db.prepared import MissingTenantFilter, table
from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.models import Address, Customer, CustomerNote, Shop
from tests import factories

CUSTOMERS, ADDRESSES, NOTES = table(Customer), table(Address), table(CustomerNote)
OTHER = aliased(Customer)
LOOSE = {
    "a read": select(CUSTOMERS.c.id),
    "a count": select(func.count()).select_from(CUSTOMERS),
    "a change": update(CUSTOMERS).values(first_name="Asha"),
    "a removal": delete(ADDRESSES).where(ADDRESSES.c.city == "Kisumu"),
    "a table beside a model": select(Address.id).join(CUSTOMERS, CUSTOMERS.c.id == Address.customer_id),
    "a model beside a table": select(ADDRESSES.c.id).where(Customer.id == ADDRESSES.c.customer_id),
    "a table within exists": select(Address.id).where(exists().where(CUSTOMERS.c.id == Address.customer_id)),
    "a table within a removal": delete(Address).where(Address.customer_id.in_(select(CUSTOMERS.c.id))),
    "a model beside the changed one": update(Address)
    .values(city=Customer.last_name)
    .where(Customer.id == Address.customer_id),
    "rows copied": insert(NOTES).from_select(["customer_id", "content"], select(Customer.id, Customer.first_name)),
    "a text": text("SELECT id FROM customers"),
}


@pytest.mark.parametrize("name", LOOSE)
def test_what_is_not_tied_to_the_shop_is_refused(ctx, name, statements):
    with statements() as sent, transaction() as session:
        for _again in range(2):
            with pytest.raises(MissingTenantFilter):
                session.execute(LOOSE[name])
    assert not [one for one in sent if "customers" in one or "addresses" in one]


def test_without_a_shop_a_table_of_one_is_refused_too(app):
    with app.app_context():
        for loose in (LOOSE["a read"], select(exists().where(Customer.id == 1))):
            with pytest.raises(MissingTenantFilter):
                db.session.execute(loose)
        assert db.session.execute(select(Shop.id).limit(1)) is not None


def test_what_is_tied_is_sent_and_finds_the_shops_rows(ctx):
    mine = factories.make_customer().id
    owned = CUSTOMERS.c.shop_id == ctx.id
    of_both = (ADDRESSES.c.shop_id == CUSTOMERS.c.shop_id) & (ADDRESSES.c.customer_id == CUSTOMERS.c.id)
    tied = [
        select(CUSTOMERS.c.id).where(owned),
        select(CUSTOMERS.c.id).outerjoin_from(CUSTOMERS, ADDRESSES, of_both).where(owned),
        select(OTHER.id).outerjoin(ADDRESSES, (ADDRESSES.c.shop_id == OTHER.shop_id) & (ADDRESSES.c.id == 0)),
        select(literal(mine)).where(select(exists().where(Customer.id == mine)).scalar_subquery()),
        select(Customer.id).union(select(OTHER.id)),
        select(select(Customer.id).cte("all").c.id),
    ]
    for statement in tied:
        assert db.session.scalars(statement).all() == [mine], statement


def test_every_shop_can_be_meant(ctx):
    mine = factories.make_customer().id
    with all_tenants():
        assert mine in db.session.scalars(LOOSE["a read"]).all()
        assert db.session.scalar(text("SELECT count(*) FROM customers")) > 0
