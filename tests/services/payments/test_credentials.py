"""Payment credentials: encrypted at rest, bound to their shop, and readable after a change of keys."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import PaymentSecret
from shop.services.payments.credentials import KeysLost, find_facts, find_secrets, rotate_key, save_credentials
from tests import factories

OLD, NEW = "o" * 32, "n" * 32


def keep(keys=(OLD,)):
    with transaction():
        save_credentials("mpesa", {"short_code": "174379"}, {"passkey": "very secret"}, keys)


def test_credentials_come_back_and_are_not_readable_in_the_database(ctx):
    keep()
    assert find_secrets("mpesa", (OLD,)) == {"short_code": "174379", "passkey": "very secret"}
    assert find_facts("mpesa") == {"short_code": "174379"}
    raw = db.session.scalars(select(PaymentSecret.ciphertext)).one()
    assert "secret" not in raw
    assert "passkey" not in raw


def test_a_newer_key_opens_what_an_older_one_locked(ctx):
    keep()
    assert find_secrets("mpesa", (NEW, OLD))["passkey"] == "very secret"
    with pytest.raises(KeysLost):
        find_secrets("mpesa", (NEW,))


def test_encrypting_again_makes_the_old_key_needless(private_app):
    with private_app.app_context():
        for _ in range(2):
            factories.make_shop()
            keep()
        assert rotate_key((NEW, OLD)) == 2
        db.session.rollback()
        assert find_secrets("mpesa", (NEW,))["passkey"] == "very secret"
        with pytest.raises(KeysLost):
            rotate_key((OLD,))


def test_credentials_of_another_shop_are_neither_seen_nor_of_use(ctx):
    keep()
    with transaction():
        ciphertext = db.session.scalars(select(PaymentSecret.ciphertext)).one()
    other = factories.make_shop()
    assert find_secrets("mpesa", (OLD,)) is None
    keep()
    with transaction() as session:
        session.scalars(select(PaymentSecret)).one().ciphertext = ciphertext
    with pytest.raises(KeysLost):
        find_secrets("mpesa", (OLD,))
    use_shop(other.id)


def test_entering_them_again_replaces_them(ctx):
    keep()
    keep((NEW,))
    with transaction():
        assert len(list(db.session.scalars(select(PaymentSecret)))) == 1
    assert find_secrets("mpesa", (NEW,))["passkey"] == "very secret"
