"""Password hashes: OWASP's parameters, few at once, and a short queue."""

import pytest
from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Customer, StaffUser
from shop.services import passwords
from shop.services.errors import TooOften
from shop.services.staff.accounts import sign_in
from tests import factories


def test_the_parameters_are_those_of_owasp():
    assert passwords._make_decoy(passwords.PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)).startswith(
        "$argon2id$v=19$m=19456,t=2,p=1$"
    )
    assert 1 <= passwords.HASHES_AT_ONCE <= 2


def test_a_hash_of_other_parameters_still_matches():
    old = passwords.PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash("correct horse")
    assert passwords.password_matches("correct horse", old)
    assert not passwords.password_matches("wrong horse", old)


def test_a_full_queue_is_refused_and_clears(monkeypatch):
    monkeypatch.setattr(passwords, "QUEUE_SECONDS", 0)
    for _ in range(passwords.HASHES_AT_ONCE):
        passwords._slots.acquire()
    try:
        with pytest.raises(TooOften):
            passwords.password_matches("anything", None)
        with pytest.raises(TooOften):
            passwords.hash_password("anything")
    finally:
        for _ in range(passwords.HASHES_AT_ONCE):
            passwords._slots.release()
    assert passwords.password_matches("right", passwords.hash_password("right"))


def test_a_hash_of_other_parameters_is_made_again_at_the_next_sign_in(ctx):
    member = factories.make_staff()
    old = passwords.PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(factories.PASSWORD)
    with transaction() as session:
        session.execute(update(StaffUser).values(password_hash=old).where(StaffUser.email == member.email))
    for _ in range(2):
        sign_in(member.email, factories.PASSWORD)
    kept = db.session.scalars(select(StaffUser.password_hash).where(StaffUser.email == member.email)).one()
    assert passwords.needs_rehash(old)
    assert not passwords.needs_rehash(kept)


def test_a_shoppers_hash_of_other_parameters_is_made_again_at_the_next_sign_in(client, inside):
    sign_in_as = {"email": "jane@example.com", "password": "maziwa-na-chai-9"}
    inside(factories.make_customer, "jane@example.com")
    old = passwords.PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(sign_in_as["password"])

    def keep():
        with transaction() as session:
            session.execute(update(Customer).values(password_hash=old))

    inside(keep)
    for _ in range(2):
        assert client.post("/api/v1/storefront/auth/login", json=sign_in_as).status_code == 200
    kept = inside(lambda: db.session.scalars(select(Customer.password_hash)).one())
    assert passwords.needs_rehash(old)
    assert not passwords.needs_rehash(kept)
