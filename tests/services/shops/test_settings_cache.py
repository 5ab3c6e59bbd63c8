"""Cached settings: used only with the version they were read with; decisions read the database."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Shop, ShopSetting
from shop.services.shops import settings_cache
from shop.services.shops.settings import change_setting, get_settings
from shop.services.shops.shops import find_shop_for_host
from tests import factories
from tests.factories import TESTER
from tests.support.rows import run_sql

PERCENT = "loyalty_max_redeem_percent"


@pytest.fixture
def arrive(ctx):
    """Begin a request as the web layer does: find the shop by its host, with its settings version."""

    def begin():
        db.session.rollback()
        shop = find_shop_for_host(ctx.host)
        use_shop(shop.id, settings_mark=shop.settings_mark)

    return begin


@pytest.fixture
def reads(monkeypatch):
    """Record which settings are read from the database."""
    seen = []
    remember = settings_cache.remember

    def counted(read, *mark):
        return remember(lambda: seen.append(1) or read(), *mark)

    monkeypatch.setattr(settings_cache, "remember", counted)
    return seen


def percent():
    return get_settings().values[PERCENT]


def test_settings_are_read_once_and_again_after_a_change(ctx, arrive, reads):
    for _ in range(3):
        arrive()
        assert percent() == "50"
    assert len(reads) == 1
    change_setting(PERCENT, "20", TESTER)
    for _ in range(3):
        arrive()
        assert percent() == "20"
    assert len(reads) == 2


def test_a_change_that_is_rolled_back_changes_nothing(ctx, arrive):
    arrive()
    assert percent() == "50"
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"DELETE FROM shop_settings WHERE shop_id = {ctx.id}")
        connection.rollback()
    arrive()
    assert percent() == "50"


def test_within_a_write_transaction_and_after_it_the_mark_is_read_from_the_database(ctx, arrive, reads):
    arrive()
    assert percent() == "50"
    change_setting(PERCENT, "40", TESTER)
    arrive()
    assert percent() == "40"
    before = len(reads)
    run_sql(f"UPDATE shop_settings SET value = '10' WHERE key = '{PERCENT}' AND shop_id = {ctx.id}")
    with transaction() as session:
        assert percent() == "10", "what decides sees what holds now"
        session.scalars(select(ShopSetting).where(ShopSetting.key == PERCENT)).one().value = "11"
        session.flush()
        assert percent() == "11"
    assert percent() == "11"
    assert len(reads) == before + 2


def test_what_a_transaction_saw_of_a_change_is_forgotten_with_it(ctx, arrive):
    arrive()
    assert percent() == "50"

    def change_and_break():
        with transaction():
            change_setting(PERCENT, "20", TESTER)
            assert percent() == "20", "what decides sees what holds now"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_break()
    assert percent() == "50"
    with transaction():
        assert percent() == "50"


def test_a_shop_is_never_given_the_settings_of_another(ctx, arrive, reads):
    arrive()
    assert percent() == "50"
    other = factories.make_shop(loyalty_max_redeem_percent="7")
    mark = db.session.scalars(select(Shop.settings_mark).where(Shop.id == ctx.id)).one()
    use_shop(other.id, settings_mark=mark)
    assert percent() == "7"


def test_the_number_of_cached_shops_is_limited(ctx, arrive, reads, monkeypatch):
    monkeypatch.setattr(settings_cache, "SHOPS_KEPT", 1)
    settings_cache._kept.pop(db.engine, None)
    arrive()
    percent()
    other = factories.make_shop()
    mark = db.session.scalars(select(Shop.settings_mark).where(Shop.id == other.id)).one()
    use_shop(other.id, settings_mark=mark)
    percent()
    arrive()
    percent()
    assert len(reads) == 3
