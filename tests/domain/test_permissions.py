"""Permissions: presets, and what a role of the shop's own may have."""

import pytest

from shop.domain.permissions import GRANTABLE, PERMISSIONS, permissions_of


def test_an_owner_may_do_everything_and_a_clerk_the_least():
    assert permissions_of("owner") == PERMISSIONS.keys()
    assert permissions_of("clerk") < permissions_of("manager") < permissions_of("owner")


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ([], {"look"}),
        (["orders.fulfil"], {"look", "orders.fulfil"}),
        (["staff.manage", "keys.manage", "nothing.known"], {"look"}),
        (GRANTABLE, GRANTABLE | {"look"}),
    ],
)
def test_an_own_role_has_what_was_granted_and_may_be(granted, expected):
    assert permissions_of("clerk", granted) == expected


def test_no_own_role_can_give_itself_more():
    assert permissions_of("clerk", PERMISSIONS).isdisjoint({"staff.manage", "keys.manage"})
