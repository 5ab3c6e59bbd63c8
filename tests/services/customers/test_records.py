"""Customers: one an e-mail, found by e-mail or phone, described by staff."""

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Customer, OtpChallenge, OutboxMessage, ShopperLink, ShopperSession
from shop.queries.customers.shared_phones import list_shared_phones
from shop.services.actors import Actor
from shop.services.customers.addresses import add_address
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.notes import add_note
from shop.services.customers.records import (
    create_customer,
    find_customer,
    find_or_create_customer,
    get_customer,
    update_customer,
)
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.loyalty.redemption_tokens import token_is_good
from shop.services.passwords import password_matches
from shop.services.shoppers.links import mail_link
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER


def test_a_customer_is_kept_clean(ctx):
    jane = create_customer(
        " Jane@Example.COM", first_name="  Jane  Ann ", last_name="Doe", phone="0712 345 678", password="maziwa-na-chai"
    )
    assert (jane.email, jane.first_name, jane.phone) == ("jane@example.com", "Jane Ann", "+254712345678")
    assert "maziwa" not in jane.password_hash
    assert password_matches("maziwa-na-chai", jane.password_hash)


def test_an_email_is_there_once_a_shop(ctx):
    create_customer("jane@example.com")
    with pytest.raises(Conflict) as refused:
        create_customer("JANE@example.com ")
    assert refused.value.code == "email_taken"
    factories.make_shop()
    assert create_customer("jane@example.com").email == "jane@example.com"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"password": "12345"}, "password"),
        ({"password": "nairobi"}, "password"),
    ],
)
def test_a_customer_that_cannot_be_is_refused(ctx, details, field):
    with pytest.raises(InvalidInput) as refused:
        create_customer(**({"email": "jane@example.com"} | details))
    assert refused.value.errors[0].field == field
    assert db.session.scalars(select(func.count(Customer.id))).one() == 0


def test_a_customer_is_found_by_email_however_it_is_written_and_by_phone(ctx):
    jane = create_customer("jane@example.com", phone="0712345678")
    for who in ({"email": " JANE@example.com"}, {"phone": "+254 712 345678"}, {"phone": "0712345678"}):
        assert find_customer(**who).id == jane.id
    assert find_customer(email="nobody@example.com") is None
    assert find_customer(phone="0799999999") is None
    for bad in ({"email": "nobody"}, {"phone": "12"}, {}):
        with pytest.raises(InvalidInput):
            find_customer(**bad)


def test_a_number_is_read_with_the_shops_country(ctx):
    change_setting("shop_country", "UG", TESTER)
    assert create_customer("jane@example.com", phone="0712345678").phone == "+256712345678"


def test_a_verified_phone_belongs_to_one_customer(ctx):
    jane = create_customer("jane@example.com", first_name="Jane", phone="0712345678")
    joe = create_customer("joe@example.com")
    with pytest.raises(Conflict, match=f"Jane .customer {jane.id}.") as refused:
        create_customer("ann@example.com", phone="0712 345 678")
    assert (refused.value.code, refused.value.errors[0].field) == ("phone_taken", "phone")
    assert find_customer(email="ann@example.com") is None
    with pytest.raises(Conflict):
        change(joe, phone="+254712345678")
    assert find_customer(phone="0712345678").id == jane.id
    change(jane, phone=None)
    assert find_customer(phone="0712345678") is None
    assert change(joe, phone="0712345678").phone_verified_at is not None
    assert find_customer(phone="0712345678").id == joe.id


def test_an_unverified_phone_identifies_no_one(ctx):
    jane = create_customer("jane@example.com", phone="0712345678")
    with transaction():
        find_or_create_customer("guest@example.com", phone="0712345678")
        find_or_create_customer("other@example.com", phone="0722345678")
        find_or_create_customer("third@example.com", phone="0722345678")
    assert find_customer(phone="0712345678").id == jane.id
    assert find_customer(phone="0722345678") is None
    shared = [(found.phone, len(found.customer_ids)) for found in list_shared_phones()]
    assert shared == [("+254712345678", 2), ("+254722345678", 2)]  # verified by one of them, and by no one


def test_another_e_mail_voids_what_proved_the_old_one(ctx):
    jane = create_customer("jane@example.com")
    token = factories.make_token(jane.id)
    factories.make_session(jane.id)
    send_code(email=jane.email, phone=None, address="192.0.2.1", config=OtpConfig("k" * 32))
    with transaction():
        mail_link("reset", jane.email, "k" * 32)
    change(jane, email="new@example.com")
    assert not token_is_good(token, jane.id)
    assert db.session.scalars(select(ShopperSession)).all() == []
    assert db.session.scalars(select(OtpChallenge)).one().voided_at is not None
    assert db.session.scalars(select(ShopperLink)).one().used_at is not None
    reported = select(OutboxMessage.recipient).where(OutboxMessage.kind == "email_changed")
    assert db.session.scalars(reported).all() == ["jane@example.com"]


def change(customer, **given):
    fields = {name: getattr(customer, name) for name in ("email", "first_name", "last_name", "phone")}
    return update_customer(customer.id, TESTER, **(fields | given))


def test_the_guest_of_an_order_is_found_or_made(ctx):
    jane = create_customer("jane@example.com", first_name="Jane")
    with transaction():
        assert find_or_create_customer("JANE@example.com", first_name="Mallory").id == jane.id
        joe = find_or_create_customer("joe@example.com", first_name="Joe", phone="not a number")
    assert (factories.reload(jane).first_name, factories.reload(joe).phone) == ("Jane", None)


def test_another_shops_customer_does_not_exist(ctx):
    jane = create_customer("jane@example.com", phone="0712345678")
    factories.make_shop()
    assert find_customer(email="jane@example.com") is None
    assert find_customer(phone="0712345678") is None
    for touch in (
        lambda: get_customer(jane.id),
        lambda: add_note(jane.id, "Hello", TESTER),
        lambda: add_address(jane.id, type="shipping", address1="x", city="y"),
        lambda: delete_customer(jane.id, TESTER),
    ):
        with pytest.raises(NotFound):
            touch()
    use_shop(ctx.id)
    assert get_customer(jane.id).email == "jane@example.com"


def test_a_note_says_who_wrote_it(ctx):
    jane = create_customer("jane@example.com")
    member = factories.make_staff()
    by_staff = add_note(jane.id, " Prefers afternoons. ", member.actor)
    by_program = add_note(jane.id, "Called back.", Actor("api_key", 3, "Till 2"))
    assert (by_staff.content, by_staff.author_id, by_staff.author_label) == (
        "Prefers afternoons.",
        member.user_id,
        "Njeri Kamau",
    )
    assert (by_program.author_id, by_program.author_label) == (None, "Till 2")
    with pytest.raises(InvalidInput):
        add_note(jane.id, "  ", TESTER)
    with pytest.raises(NotFound):
        add_note(2**62, "Hello", TESTER)
