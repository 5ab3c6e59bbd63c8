"""Tables with rows about customers are found through the models, also those that are added later."""

from sqlalchemy import select

from shop.db.session import db
from shop.models import Base, Customer, Order, ShopperSession
from shop.models.base import CUSTOMER_FIELD
from shop.services.customers.erasure.personal_data import personal_rows, personal_tables
from tests import factories

STAFF = {"staff_users", "staff_tokens"}
"""Tables with e-mail addresses of staff alone."""


def test_every_table_that_refers_to_customers_is_found():
    found = {table.model.__table__ for table in personal_tables()}
    referring = {
        table
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table in found
    }
    assert Customer.__table__ in found
    assert referring <= found
    assert ShopperSession.__table__ in found


def test_every_address_in_a_table_says_whose_it_is():
    unmarked = {
        column.table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if getattr(column.type, "length", None) == 254 and CUSTOMER_FIELD not in column.info
    }
    assert unmarked == STAFF | {"customers"}


def test_rows_are_those_of_one_customer(ctx):
    jane, joe = factories.make_customer("jane@example.com"), factories.make_customer("joe@example.com")
    product = factories.make_product(price_cents=10000)
    factories.place(joe, [(product, 1)])
    order = factories.place(jane, [(product, 1)]).order
    rows = {found.table.model: found.condition for found in personal_rows(jane)}
    assert db.session.scalars(select(Order.id).where(rows[Order])).all() == [order.id]
    assert db.session.scalars(select(Customer.id).where(rows[Customer])).all() == [jane.id]
