"""A shop's settings: each change is audited."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.models import AuditEntry, ShopSetting
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotAllowed
from shop.services.shops.settings import change_setting, get_settings
from tests import factories
from tests.support.rows import snapshot

NJERI = Actor("staff", 7, "Njeri Kamau")


def changes():
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "setting.changed").order_by(AuditEntry.id)
    ).all()


def test_in_production_only_https_origins_are_allowed(ctx, app, monkeypatch):
    change_setting("allowed_origins", "http://localhost:3000 https://a.example", NJERI)
    monkeypatch.setitem(app.config, "TUZA_ENV", "production")
    for refused in ("http://a.example", "https://b.example http://a.example"):
        with pytest.raises(InvalidInput, match="https://"):
            change_setting("allowed_origins", refused, NJERI)
    change_setting("allowed_origins", "https://b.example", NJERI)


def test_settings_are_the_shops_own_over_the_defaults(ctx):
    settings = get_settings()
    assert settings.values["store_name"] == ctx.name
    assert (settings.currency, settings.country, settings.allowed_origins) == ("KES", "KE", frozenset())
    assert settings.rules.enabled


def test_a_change_holds_from_then_on_and_is_on_record(ctx):
    assert change_setting("currency", "ugx", NJERI) == "UGX"
    change_setting("currency", "TZS", NJERI)
    assert get_settings().currency == "TZS"
    assert [(c.subject, c.old_value, c.new_value, c.actor_label) for c in changes()] == [
        ("currency", "KES", "UGX", "Njeri Kamau"),
        ("currency", "UGX", "TZS", "Njeri Kamau"),
    ]


def test_setting_the_same_again_is_no_change(ctx):
    change_setting("loyalty_max_redeem_percent", "50", NJERI)
    change_setting("loyalty_max_redeem_percent", "50.0", NJERI)
    assert changes() == []


def test_a_value_out_of_range_is_refused_and_nothing_is_written(ctx):
    before = snapshot(ctx.id)
    for key, value in (("loyalty_max_redeem_percent", 101), ("store_name", "Duka\0"), ("loyalty_otp_ttl_minutes", "x")):
        with pytest.raises(InvalidInput) as refused:
            change_setting(key, value, NJERI)
        assert refused.value.errors[0].field == "value"
    assert snapshot(ctx.id) == before


@pytest.mark.parametrize("key", ["", "secret_key", "CURRENCY", "currency ", "a" * 300])
def test_a_key_that_is_not_on_the_list_is_refused(ctx, key):
    with pytest.raises(NotAllowed) as refused:
        change_setting(key, "x", NJERI)
    assert refused.value.code == "unknown_setting"


def test_another_shop_keeps_its_own(ctx):
    change_setting("currency", "UGX", NJERI)
    factories.make_shop()
    assert get_settings().currency == "KES"
    change_setting("currency", "TZS", NJERI)
    use_shop(ctx.id)
    assert get_settings().currency == "UGX"


def test_a_setting_has_one_row(ctx):
    for currency in ("UGX", "TZS", "KES"):
        change_setting("currency", currency, NJERI)
    assert len(db.session.scalars(select(ShopSetting).where(ShopSetting.key == "currency")).all()) == 1


def test_nothing_secret_is_public(ctx):
    change_setting("allowed_origins", "https://shop.example.com", NJERI)
    public = get_settings().public
    assert public["shop_name"] == ctx.name
    assert not {"allowed_origins", "loyalty_min_order_subtotal_to_earn"} & public.keys()
