"""Shops: created once, found by a request's host."""

import pytest

from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import create_shop, find_shop_for_host, get_shop, list_shops
from tests import factories


def _id_at(host):
    found = find_shop_for_host(host)
    return found and found.id


def test_a_shop_is_found_by_its_host_with_or_without_port(ctx):
    assert _id_at(ctx.host) == ctx.id
    assert _id_at(f"{ctx.host.upper()}:8080") == ctx.id
    factories.make_shop()
    assert _id_at("nobody.example.test") is None


def test_a_shop_starts_with_its_settings(app):
    with app.app_context():
        made = factories.make_shop("Duka", currency="UGX")
        assert (get_settings().currency, get_settings().values["store_name"]) == ("UGX", "Duka")
        assert get_shop(made.slug).id == made.id
        assert made.id in {shop.id for shop in list_shops()}


def test_short_names_and_hosts_are_there_once(ctx):
    with pytest.raises(Conflict):
        create_shop("Another", slug=ctx.slug)
    with pytest.raises(Conflict):
        create_shop("Another", slug=factories.unique("s"), hosts=[ctx.host.upper()])
    with pytest.raises(NotFound):
        get_shop(factories.unique("s"))


@pytest.mark.parametrize(("name", "slug"), [("ሱቅ", None), ("Duka", "ሱቅ"), ("--", None)])
def test_a_short_name_has_latin_letters_or_digits(app, name, slug):
    with app.app_context(), pytest.raises(InvalidInput, match="must contain a letter from a to z"):
        create_shop(name, slug=slug)


@pytest.mark.parametrize(
    ("name", "settings"), [(" ", {}), ("x" * 201, {}), ("Duka", {"currency": "?"}), ("Duka", {"no_setting": "x"})]
)
def test_a_shop_that_cannot_be_is_refused_whole(app, name, settings):
    slug = factories.unique("s")
    with app.app_context():
        with pytest.raises(InvalidInput):
            create_shop(name, slug=slug, **settings)
        with pytest.raises(NotFound):
            get_shop(slug)


def test_the_only_shop_answers_on_every_host(private_app):
    with private_app.app_context():
        with pytest.raises(NotFound):
            get_shop(None)
        assert _id_at("anything.example.test") is None
        only = factories.make_shop()
        assert _id_at("anything.example.test") == only.id
        assert get_shop(None).id == only.id
        factories.make_shop()
        assert _id_at("anything.example.test") is None
        with pytest.raises(NotFound, match="name one"):
            get_shop(None)
