"""The migration of amounts in currencies of three decimals, there and back; on both engines."""

from sqlalchemy import inspect, text

from shop.db.tenant import use_shop
from shop.services.catalogue.products.records import get_product
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from shop.services.shops.currency import IN_SHILLINGS
from shop.services.shops.settings import get_settings
from tests import factories
from tests.factories import TESTER
from tests.support.migrations import downgrade, upgrade
from tests.support.rows import raw_connection, run_sql
from tests.support.shopful import fill_shop

BELOW = "0440"


def money_of(shop_id):
    """Return every amount above 0 of a shop by table, column and row."""
    found = {}
    with raw_connection() as connection:
        for table in inspect(connection).get_table_names():
            names = [one["name"] for one in inspect(connection).get_columns(table)]
            cents = [name for name in names if name.endswith("_cents")] if "shop_id" in names else []
            if cents and table not in IN_SHILLINGS:
                rows = connection.execute(
                    text(f"SELECT id, {', '.join(cents)} FROM {table} WHERE shop_id = :shop"), {"shop": shop_id}
                )
                found |= {(table, name, row["id"]): row[name] for row in rows.mappings() for name in cents if row[name]}
    return found


def test_amounts_of_dinars_become_thousandths_and_no_others(private_app):
    with private_app.app_context():
        shillings = factories.make_shop().id
        fill_shop()
        dinars = factories.make_shop(currency="UGX").id
        fill_shop()
        rice = factories.make_product("Rice", 24900)
        order = factories.make_order(factories.make_customer(), 24900, payment_status="paid")
        kept, before = money_of(shillings), money_of(dinars)
        downgrade(BELOW)
        run_sql("UPDATE shop_settings SET value = 'KWD' WHERE shop_id = :shop AND key = 'currency'", shop=dinars)
        run_sql("UPDATE orders SET currency = 'KWD' WHERE shop_id = :shop", shop=dinars)
        upgrade()
        assert money_of(shillings) == kept
        assert money_of(dinars) == {key: 10 * cents for key, cents in before.items()}
        use_shop(dinars)
        assert get_settings().currency == "KWD"
        assert (get_product(rice.id).price_cents, get_order(order.id).points_earned) == (249000, 249)
        refunded = refund_order(order.id, 124501, "", TESTER)
        assert (refunded.refunded_cents, refunded.points_taken_back) == (124501, 124)
        downgrade(BELOW)
        now, refunded = money_of(dinars), {"orders", "customers"}
        assert [key for key, cents in before.items() if key[0] not in refunded and now[key] != cents] == []
        assert now["orders", "refunded_cents", order.id] == 12450
        assert money_of(shillings) == kept
        upgrade()
