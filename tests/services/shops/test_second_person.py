"""Settings for owners only, and changes that need a second person."""

import pytest

from shop.services.actors import Actor
from shop.services.errors import Conflict, NotAllowed
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.shops.settings import change_setting, change_settings, get_settings
from tests import factories
from tests.factories import TESTER

KEY = Actor("api_key", 1, "Till")


@pytest.fixture
def owner(ctx):
    return factories.make_staff().actor


@pytest.fixture
def manager(owner):
    return factories.make_staff(role="manager").actor


@pytest.fixture
def two_people(owner, manager):
    change_setting("approval_required", True, owner)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("staff_second_factor_required", "true"),
        ("approval_required", "true"),
        ("confirm_points_above", "0"),
        ("confirm_rules_percent", "0"),
    ],
)
def test_owners_alone_set_the_safeguards(owner, manager, key, value):
    before = get_settings().values[key]
    for actor in (manager, KEY):
        with pytest.raises(NotAllowed) as refused:
            change_setting(key, value, actor)
        assert (refused.value.code, refused.value.errors[0].field) == ("owner_only", key)
        change_settings({key: before, "store_name": "Duka"}, actor)
    change_setting(key, value, owner)
    assert get_settings().values[key] == value


@pytest.mark.parametrize("points", [10_001, -10_001])
def test_a_large_adjustment_needs_a_second_person(two_people, owner, points):
    jane = factories.make_customer(points=10_000)
    adjust_points(jane.id, 10_000, "Goodwill", owner)
    for actor in (owner, KEY):
        with pytest.raises(Conflict) as refused:
            adjust_points(jane.id, points, "Goodwill", actor)
        assert refused.value.code == "approval_required"
    assert find_balance(jane.id) == 20_000
    adjust_points(jane.id, points, "Goodwill", owner, approved=True)
    assert find_balance(jane.id) == 20_000 + points


def test_without_the_setting_or_a_second_person_it_goes_through(owner):
    jane = factories.make_customer()
    adjust_points(jane.id, 50_000, "Goodwill", owner)
    change_setting("approval_required", True, owner)
    factories.make_staff(role="clerk")
    adjust_points(jane.id, 50_000, "Goodwill", owner)
    assert find_balance(jane.id) == 100_000


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("loyalty_points_per_currency_unit", "2"),
        ("loyalty_points_per_currency_discount", "1"),
        ("loyalty_points_enabled", "false"),
        ("currency", "USD"),
        ("approval_required", "false"),
        ("confirm_points_above", "10001"),
        ("confirm_points_above", "0"),
        ("confirm_rules_percent", "21"),
    ],
)
def test_a_large_change_of_settings_needs_a_second_person(two_people, owner, key, value):
    before = get_settings().values
    for change in (lambda: change_setting(key, value, owner), lambda: change_settings({key: value}, owner)):
        with pytest.raises(Conflict) as refused:
            change()
        assert refused.value.code == "approval_required"
    assert get_settings().values == before
    change_settings({key: value}, owner, approved=True)
    assert get_settings().values[key] == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("loyalty_points_per_currency_unit", "1.2"),
        ("loyalty_points_per_currency_discount", "110"),
        ("confirm_points_above", "500"),
        ("confirm_rules_percent", "5"),
        ("store_name", "Duka Jipya"),
    ],
)
def test_a_small_one_does_not(two_people, owner, key, value):
    change_setting(key, value, owner)
    assert get_settings().values[key] == value


def test_the_system_is_never_held(two_people):
    change_setting("currency", "USD", TESTER)
    assert get_settings().currency == "USD"
