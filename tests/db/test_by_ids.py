"""Rows by a list of ids of any length."""

from sqlalchemy import select

from shop.db.by_ids import IdsQuery
from shop.db.prepared import SHOP, table
from shop.db.tenant import use_shop
from shop.models import Customer
from tests import factories

C = table(Customer).c
FIND = IdsQuery(lambda ids: select(C.id).where(C.shop_id == SHOP, C.id.in_(ids)))


def test_rows_of_the_shop_are_found_once_by_lists_of_any_length(ctx):
    mine = [factories.make_customer().id for _ in range(3)]
    strangers = list(range(10**6, 10**6 + 199))
    for ids in ([], mine[:1], mine, [*mine, *mine], [mine[0], *strangers, *mine[1:]]):
        assert sorted(row.id for row in FIND(ids)) == sorted(set(ids) & set(mine))
    use_shop(factories.make_shop().id)
    assert FIND(mine) == []
